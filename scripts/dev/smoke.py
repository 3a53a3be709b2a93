"""Does the integration live in the Home Assistant that runs this? A short, whole life.

`python -m scripts.dev.smoke WS_URL MQTT_PORT`, where a broker listens for both. Needs
nothing but homeassistant and what manifest.json names, so it runs on releases that the
test plugin does not know yet: add a broker through its form, hear a device announce
itself, see a state, send a command, call an action, trigger, reload, unload, remove.
Any step that fails, and any complaint of Home Assistant, ends it with a traceback.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import json
import logging
import os
from pathlib import Path
import sys
import tempfile
from typing import Any, Final, override

from aiomqtt import Client

from homeassistant import bootstrap, loader
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntries,
    ConfigEntry,
    ConfigEntryState,
)
from homeassistant.const import __version__
from homeassistant.core import (
    CoreState,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component

from .home_assistant import DOMAIN, link_integration
from .one_of_each import ANNOUNCEMENT, DISCOVERY_TOPIC, SAYS, STATES
from .processes import HOST

_TIMEOUT: Final = 15.0
_PASTED: Final = """
sensor:
  - name: Level
    unique_id: level
    state_topic: smoke/tank
    value_template: "{{ value_json.level }}"
    unit_of_measurement: "%"
"""


class SmokeError(Exception):
    """Something did not happen; the message says what."""


class _Complaints(logging.Handler):
    """Collects what Home Assistant says against us, and every error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        message = self.format(record)
        if record.levelno >= logging.ERROR or (
            DOMAIN in message and ("Detected" in message or "deprecated" in message)
        ):
            self.found.append(message)


@asynccontextmanager
async def _core(config: Path) -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant without user interface, database or integrations of its own."""
    hass = HomeAssistant(str(config))
    hass.config.skip_pip = True  # what is missing shall be noticed
    loader.async_setup(hass)
    hass.config_entries = ConfigEntries(hass, {})
    if not await bootstrap.async_load_base_functionality(hass):
        raise SmokeError("Home Assistant's own registries do not load")
    hass.set_state(CoreState.running)
    try:
        yield hass
    finally:
        await hass.async_stop(force=True)


async def _until(what: str, seen: Callable[[], bool], changed: asyncio.Event) -> None:
    """Wait until something is seen, looking again at each change."""
    try:
        async with asyncio.timeout(_TIMEOUT):
            while not seen():
                changed.clear()
                await changed.wait()
    except TimeoutError:
        raise SmokeError(f"{what}: did not happen") from None


async def _state(hass: HomeAssistant, entity_id: str, wanted: str) -> None:
    """Wait for a state."""
    changed = asyncio.Event()

    @callback
    def note(_event: Event[EventStateChangedData]) -> None:
        changed.set()

    def seen() -> bool:
        state = hass.states.get(entity_id)
        return state is not None and state.state == wanted

    stop = async_track_state_change_event(hass, entity_id, note)
    try:
        await _until(f"{entity_id} is {wanted}", seen, changed)
    finally:
        stop()
    print(f"  {entity_id} is {wanted}")


async def _add_broker(hass: HomeAssistant, url: str) -> ConfigEntry:
    """Fill in the form, as a person does."""
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"url": url, "discovery": True}
    )
    if result["type"] is not FlowResultType.CREATE_ENTRY:
        raise SmokeError(f"the form ended with {result}")
    await hass.async_block_till_done()
    entry: ConfigEntry = result["result"]
    _expect(entry, ConfigEntryState.LOADED)
    return entry


async def _paste_device(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Make a device out of YAML, through the forms of the subentry."""
    flows = hass.config_entries.subentries
    result = await flows.async_init(
        (entry.entry_id, "device"), context={"source": SOURCE_USER}
    )
    inputs: list[dict[str, Any]] = [{"next_step_id": "paste"}, {"text": _PASTED}]
    for user_input in inputs:
        result = await flows.async_configure(result["flow_id"], user_input)
    if result["type"] is FlowResultType.MENU:
        result = await flows.async_configure(
            result["flow_id"], {"next_step_id": "finish"}
        )
    if result["type"] is FlowResultType.FORM:
        result = await flows.async_configure(result["flow_id"], {"name": "Tank"})
    if result["type"] is not FlowResultType.CREATE_ENTRY:
        raise SmokeError(f"pasting a device ended with {result}")
    await hass.async_block_till_done()


def _expect(entry: ConfigEntry, state: ConfigEntryState) -> None:
    if entry.state is not state:
        raise SmokeError(f"the entry is {entry.state}, not {state}: {entry.reason}")
    print(f"  entry is {entry.state.value}")


def _entity_id(hass: HomeAssistant, platform: str, name: str) -> str:
    """Return the id of the registered entity of a platform with this name."""
    for entity in er.async_get(hass).entities.values():
        if entity.domain == platform and name in (entity.original_name or ""):
            return entity.entity_id
    raise SmokeError(f"there is no {platform} {name}")


async def _live(hass: HomeAssistant, url: str, peer: Client) -> None:
    """Live through it all; raise SmokeError where it goes wrong."""
    heard: dict[str, str] = {}
    news = asyncio.Event()

    async def listen() -> None:
        async for message in peer.messages:
            heard[message.topic.value] = bytes(message.payload).decode()
            news.set()

    await peer.subscribe([("smoke/#", 0), ("each/#", 0)])
    listening = asyncio.create_task(listen())
    try:
        entry = await _add_broker(hass, url)
        await _state(hass, _entity_id(hass, "binary_sensor", "Connected"), "on")

        await peer.publish(DISCOVERY_TOPIC, json.dumps(ANNOUNCEMENT), retain=True)
        for topic, payload in SAYS.items():
            await peer.publish(topic, payload, retain=True)
        for platform, wanted in STATES.items():
            await _state(hass, f"{platform}.each", wanted)

        await hass.services.async_call(
            "switch", "turn_on", {"entity_id": "switch.each"}, blocking=True
        )
        await _until(
            "the command arrives", lambda: heard.get("each/switch/set") == "ON", news
        )
        await peer.publish("each/switch", "ON", retain=True)
        await _state(hass, "switch.each", "on")
        await hass.services.async_call(
            "climate",
            "set_temperature",
            {"entity_id": "climate.each", "temperature": 22.5},
            blocking=True,
        )
        await _until(
            "the temperature arrives",
            lambda: heard.get("each/climate/target/set") == "22.5",
            news,
        )

        await _paste_device(hass, entry)
        await peer.publish("smoke/tank", '{"level": 40}', retain=True)
        await _state(hass, _entity_id(hass, "sensor", "Level"), "40")

        await hass.services.async_call(
            DOMAIN,
            "publish",
            {"topic": "smoke/said", "payload": "hello", "qos": "1"},
            blocking=True,
        )
        await _until(
            "the action publishes", lambda: heard.get("smoke/said") == "hello", news
        )

        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        _expect(entry, ConfigEntryState.LOADED)
        await _state(hass, "switch.each", "on")
        await hass.config_entries.async_unload(entry.entry_id)
        _expect(entry, ConfigEntryState.NOT_LOADED)
        await _state(hass, "switch.each", "unavailable")
        await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done()
        if left := list(er.async_get(hass).entities):
            raise SmokeError(f"entities are left behind: {left}")
        print("  nothing is left")
    finally:
        listening.cancel()


async def _main(url: str, mqtt_port: int) -> None:
    print(f"smoke run on Home Assistant {__version__}")
    complaints = _Complaints()
    logging.basicConfig(
        level=logging.WARNING, handlers=[complaints, logging.StreamHandler()]
    )
    with tempfile.TemporaryDirectory() as folder:
        link_integration(Path(folder))
        async with _core(Path(folder)) as hass, Client(HOST, mqtt_port) as peer:
            for needed in ("network", "homeassistant", DOMAIN):
                if not await async_setup_component(hass, needed, {}):
                    raise SmokeError(f"{needed} does not set up")
            await _live(hass, url, peer)
    if complaints.found:
        raise SmokeError("the log complains:\n" + "\n".join(complaints.found))


if __name__ == "__main__":
    os.umask(0o077)
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
