"""From topics that are heard to a device, in the forms."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from typing import Any

from aiohttp import WSMsgType, web
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigSubentryData, SubentryFlowResult
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    EVENT_DATA_ENTRY_FLOW_PROGRESSED,
    FlowResultType,
)
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.subentry_flow import listener as listener_module
from custom_components.mqtt_websocket.subentry_flow.listener import Listener
from custom_components.mqtt_websocket.subentry_flow.preview import preview

from .conftest import AddEntry
from .support.devices import state_of
from .support.forms import (
    choose,
    form_values,
    made,
    options_of,
    reconfigure,
    subentry,
    submit,
)
from .support.peer import Peer
from .support.scripted import accepting, until_closed, websocket_server
from .support.server import MqttServer
from .support.waiting import until
from .test_subentry_device import SENSOR

PLUG = {"state": "ON", "power": 63.2, "energy": 12.41, "linkquality": 140}
CLIMATE = {"temperature": 21.34, "humidity": 46.0, "battery": 87}


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Open the menu for a new device."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "device"), context={"source": "user"}
    )


async def listen(
    hass: HomeAssistant, result: SubentryFlowResult, **values: Any
) -> SubentryFlowResult:
    """Listen for a second; return the step that follows."""
    result = await choose(hass, result, "listen")
    assert result["step_id"] == "listen"
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"seconds": 1, **values}
    )
    assert result["type"] is FlowResultType.SHOW_PROGRESS, result
    assert result["progress_action"] == "listening"
    await hass.async_block_till_done()
    return await hass.config_entries.subentries.async_configure(result["flow_id"])


async def publish(peer: Peer) -> None:
    """Let some devices speak, so that it stays at the broker."""
    await peer.publish("zigbee2mqtt/Desk plug", PLUG, retain=True)
    await peer.publish(
        "zigbee2mqtt/Desk plug/availability", {"state": "online"}, retain=True
    )
    await peer.publish("home/livingroom/climate", CLIMATE, retain=True)
    await peer.publish("picture", b"\xff\xd8\xff", retain=True)


def pick(result: SubentryFlowResult, *names: str) -> list[str]:
    """Return the keys of devices whose line begins so."""
    options = options_of(result, "devices")
    return [
        next(key for key, label in options.items() if label.startswith(name))
        for name in names
    ]


async def test_from_a_topic_to_a_switch(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A device is picked, reviewed and works; nobody has typed anything."""
    await publish(peer)
    entry = await add_entry()
    told: list[float] = []
    hass.bus.async_listen(
        EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
        lambda event: told.append(event.data["progress"]),
    )
    result = await listen(hass, await begin(hass, entry))
    assert told == sorted(told)
    assert told
    assert result["step_id"] == "pick"
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    # What it said itself is heard too, but the picture is not.
    assert int(placeholders["count"]) >= 3
    assert list(options_of(result, "devices").values()) == [
        "Desk plug (zigbee2mqtt/Desk plug):"
        " State ON, Power 63.2, Energy 12.41, Link quality 140",
        "Livingroom climate (home/livingroom/climate):"
        " Temperature 21.34, Humidity 46.0, Battery 87",
    ]
    result = await submit(hass, result)
    assert result["errors"] == {"devices": "nothing_chosen"}
    result = await submit(hass, result, devices=pick(result, "Desk plug"))
    assert result["step_id"] == "review"
    assert list(options_of(result, "entities").values()) == [
        "Desk plug: on (switch)",
        "Power: 63 W (sensor, power)",
        "Energy: 12.41 kWh (sensor, energy)",
        "Link quality: 140 lqi (sensor)",
    ]
    values = form_values(result["data_schema"])
    # The last one is of no interest to most.
    assert values["entities"] == list(options_of(result, "entities"))[:3]
    assert values["name"] == "Desk plug"
    result = await submit(hass, result, **{**values, "entities": []})
    assert result["errors"] == {"entities": "nothing_chosen"}
    result = await submit(hass, result, **{**values, "name": " "})
    assert result["errors"] == {"name": "name_missing"}
    result = await submit(hass, result, **{**values, "name": "Plug"})
    assert result["step_id"] == "menu"
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Plug"
    data = made(entry)
    assert data["availability_topic"] == "zigbee2mqtt/Desk plug/availability"
    assert [each["platform"] for each in data["components"]] == [
        "switch",
        "sensor",
        "sensor",
    ]

    await until(hass, lambda: state_of(hass, "switch.plug") == "on")
    assert state_of(hass, "sensor.plug_power") == "63.2"
    await peer.subscribe("zigbee2mqtt/+/set")
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.plug"}, blocking=True
    )
    message = await peer.next("zigbee2mqtt/Desk plug/set")
    assert json.loads(message.payload) == {"state": "OFF"}
    await peer.publish("zigbee2mqtt/Desk plug/availability", {"state": "offline"})
    await until(hass, lambda: state_of(hass, "switch.plug") == "unavailable")


def listening() -> list[asyncio.Task[Any]]:
    """Return what goes on listening."""
    return [
        task
        for task in asyncio.all_tasks()
        if task.get_name() == "MQTT over WebSocket listens to topics"
    ]


async def to_menu(
    hass: HomeAssistant, entry: MockConfigEntry, topic_filter: str, seconds: int
) -> SubentryFlowResult:
    """Listen until there is a menu that ends it."""
    result = await choose(hass, await begin(hass, entry), "listen")
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"topic_filter": topic_filter, "seconds": seconds}
    )
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    await hass.async_block_till_done()
    result = await hass.config_entries.subentries.async_configure(result["flow_id"])
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "heard"
    return result


@asynccontextmanager
async def told_to_ask_again(
    hass: HomeAssistant, result: SubentryFlowResult
) -> AsyncIterator[None]:
    """Wait at the end for the event at which browsers ask for a step again."""
    told = asyncio.Event()

    @callback
    def hear(event: Event[dict[str, Any]]) -> None:
        if event.data["flow_id"] == result["flow_id"]:
            told.set()

    stop = hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESSED, hear)
    yield
    async with asyncio.timeout(30):
        await told.wait()
    stop()


async def test_what_rules_publish_is_no_device(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Whoever publishes states is not offered his own entities as devices."""
    await peer.publish("home/livingroom/climate", CLIMATE, retain=True)
    hass.states.async_set("sensor.tank", "21.5", {"unit_of_measurement": "cm"})
    rule = ConfigSubentryData(
        data={"entities": ["sensor.tank"], "base": "house"},
        subentry_type="publish_rule",
        title="States",
        unique_id=None,
    )
    entry = await add_entry(subentries=[rule])
    await peer.subscribe("house/#")
    assert (await peer.next()).topic.value == "house/sensor/tank/state"
    result = await listen(hass, await begin(hass, entry))
    labels = options_of(result, "devices").values()
    assert [label.partition(" (")[0] for label in labels] == ["Livingroom climate"]
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_end_it_early(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Whoever has heard enough need not wait; the menu tells what came meanwhile."""
    await publish(peer)
    entry = await add_entry()
    result = await to_menu(hass, entry, "home/#", 300)
    assert result["menu_options"] == ["stop", "listen"]
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["count"] == "1"

    async with told_to_ask_again(hass, result):
        await peer.publish("home/porch/temperature", "4.5")
    flow_id = result["flow_id"]
    result = await hass.config_entries.subentries.async_configure(flow_id)
    assert result["step_id"] == "heard"
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["count"] == "2"

    result = await choose(hass, result, "stop")
    assert result["step_id"] == "pick"
    labels = options_of(result, "devices").values()
    assert [label.partition(" (")[0] for label in labels] == [
        "Livingroom climate",
        "Porch",
    ]
    assert not listening()
    hass.config_entries.subentries.async_abort(flow_id)


async def test_it_ends_behind_the_menu(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """When listening ends by itself, the menu gives way to what was heard."""
    await publish(peer)
    entry = await add_entry()
    result = await to_menu(hass, entry, "#", 300)
    async with told_to_ask_again(hass, result):
        await hass.config_entries.async_unload(entry.entry_id)
    result = await hass.config_entries.subentries.async_configure(result["flow_id"])
    assert result["step_id"] == "pick"
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_silence_can_be_ended(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While nothing is heard, another topic filter can be tried."""
    monkeypatch.setattr(listener_module, "_ATTENTION_SECONDS", 0)
    entry = await add_entry()
    result = await to_menu(hass, entry, "nobody/#", 300)
    assert result["menu_options"] == ["listen"]
    result = await choose(hass, result, "listen")
    assert result["step_id"] == "listen"
    assert not result["errors"]
    assert form_values(result["data_schema"])["topic_filter"] == "nobody/#"
    assert not listening()
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_several_become_one(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Of several devices each keeps its name and its own availability."""
    await publish(peer)
    entry = await add_entry()
    result = await listen(hass, await begin(hass, entry), topic_filter=" # ")
    result = await submit(hass, result, devices=pick(result, "Livingroom", "Desk plug"))
    labels = list(options_of(result, "entities").values())
    assert labels[0] == (
        "Livingroom climate Temperature: 21.3 °C (sensor, temperature)"
    )
    assert "Desk plug: on (switch)" in labels
    result = await submit(hass, result, **form_values(result["data_schema"]))
    await choose(hass, result, "finish")
    data = made(entry)
    assert "availability_topic" not in data
    by_name = {each["name"]: each for each in data["components"]}
    assert by_name.keys() >= {"Livingroom climate Temperature", "Desk plug"}
    assert "availability_topic" not in by_name["Livingroom climate Temperature"]
    assert by_name["Desk plug"]["availability_topic"].endswith("/availability")


async def test_more_for_a_device(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What a device has already is not proposed again."""
    await publish(peer)
    there = {
        "platform": "sensor",
        "name": "T",
        "state_topic": "home/livingroom/climate",
        "value_template": "{{ value_json.temperature }}",
    }
    data = {"device": {}, "components": {"a": there}}
    entry = await add_entry(subentries=[subentry(data)])
    result = await listen(
        hass, await reconfigure(hass, entry), topic_filter="home/+/climate"
    )
    result = await submit(hass, result, devices=pick(result, "Livingroom"))
    assert list(options_of(result, "entities").values()) == [
        "Humidity: 46 % (sensor, humidity)",
        "Battery: 87 % (sensor, battery)",
    ]
    schema = result["data_schema"]
    assert schema is not None
    assert "name" not in schema.schema
    result = await submit(hass, result, **form_values(schema))

    # All is there now.
    result = await listen(hass, result, topic_filter="home/+/climate")
    result = await submit(hass, result, devices=pick(result, "Livingroom"))
    assert result["errors"] == {"devices": "nothing_new"}
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_main_entity_of_another_device(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Added to a device, what had its device's name keeps that; so with who is there."""
    await publish(peer)
    data = {"device": {}, "components": {"a": {"platform": "sensor", **SENSOR}}}
    entry = await add_entry(subentries=[subentry(data)])
    result = await listen(hass, await reconfigure(hass, entry))
    result = await submit(hass, result, devices=pick(result, "Desk plug"))
    values = form_values(result["data_schema"])
    result = await submit(hass, result, **{**values, "use_availability": False})
    await choose(hass, result, "finish")
    assert [each["name"] for each in made(entry)["components"]] == [
        "Temperature",
        "Desk plug",
        "Power",
        "Energy",
    ]
    assert "availability_topic" not in json.dumps(made(entry))


async def test_not_connected(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """Without a connection there is nothing to hear, and that is said."""
    entry = await add_entry(url="ws://127.0.0.1:9/", setup=False)
    result = await choose(hass, await begin(hass, entry), "listen")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_connected"


async def test_nothing_heard(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Silence leads back to the form, with what was entered."""
    entry = await add_entry()
    result = await choose(hass, await begin(hass, entry), "listen")
    result = await submit(hass, result, topic_filter="a/#/b", seconds=1)
    assert result["errors"] == {"topic_filter": "misplaced_wildcard"}
    flow_id = result["flow_id"]
    await hass.config_entries.subentries.async_configure(
        flow_id, {"topic_filter": "nobody/#", "seconds": 1}
    )
    await hass.async_block_till_done()
    result = await hass.config_entries.subentries.async_configure(flow_id)
    assert result["step_id"] == "listen"
    assert result["errors"] == {"base": "nothing_heard"}
    assert form_values(result["data_schema"]) == {
        "topic_filter": "nobody/#",
        "seconds": 1,
    }
    assert not entry.runtime_data.broker.refused


async def test_listen_again(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What was missing is added to what was heard; with another filter all is new."""
    await publish(peer)
    entry = await add_entry()
    result = await listen(hass, await begin(hass, entry))
    flow_id = result["flow_id"]
    await peer.publish("home/livingroom/climate", "", retain=True)
    await peer.publish("garden/temperature", "4.5", retain=True)
    for topic_filter, expected in (
        ("#", ["Desk plug", "Garden", "Livingroom climate"]),
        ("garden/#", ["Garden"]),
    ):
        result = await submit(hass, result, again=True)
        assert result["step_id"] == "listen"
        await hass.config_entries.subentries.async_configure(
            flow_id, {"topic_filter": topic_filter, "seconds": 1}
        )
        await hass.async_block_till_done()
        result = await hass.config_entries.subentries.async_configure(flow_id)
        labels = options_of(result, "devices").values()
        assert [label.partition(" (")[0] for label in labels] == expected


async def test_refused(
    hass: HomeAssistant, add_entry: AddEntry, socket_enabled: None
) -> None:
    """A broker may not let anybody listen to everything: less can be asked for."""

    async def script(websocket: web.WebSocketResponse) -> None:
        while True:
            received = await websocket.receive()
            if received.type is not WSMsgType.BINARY:
                return
            if received.data[0] == 0x82:  # SUBSCRIBE: not authorized
                suback = b"\x90\x04" + received.data[2:4] + b"\x00\x87"
                await websocket.send_bytes(suback)

    async with websocket_server(accepting(script)) as url:
        entry = await add_entry(url=url, discovery=False)
        result = await listen(hass, await begin(hass, entry))
        assert result["step_id"] == "listen"
        assert result["errors"] == {"topic_filter": "subscribe_refused"}
        placeholders = result["description_placeholders"]
        assert placeholders is not None
        assert placeholders["reason"] == "Not authorized"
        # Browsers ask for a step again now and then: the error stays.
        result = await hass.config_entries.subentries.async_configure(result["flow_id"])
        assert result["errors"] == {"topic_filter": "subscribe_refused"}
        await hass.config_entries.async_unload(entry.entry_id)


async def test_no_answer(
    hass: HomeAssistant,
    add_entry: AddEntry,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A broker that says nothing to the topic filter keeps nobody waiting."""
    monkeypatch.setattr(listener_module, "_SUBSCRIBE_SECONDS", 0.1)
    async with websocket_server(accepting(until_closed)) as url:
        entry = await add_entry(url=url, discovery=False)
        result = await listen(hass, await begin(hass, entry))
        assert result["step_id"] == "listen"
        assert result["errors"] == {"base": "no_answer"}
        await hass.config_entries.async_unload(entry.entry_id)


async def test_closing_the_form_ends_it(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Nothing goes on listening, and nothing is kept."""
    entry = await add_entry()
    result = await choose(hass, await begin(hass, entry), "listen")
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"topic_filter": "#", "seconds": 100}
    )
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    tasks = listening()
    assert len(tasks) == 1
    hass.config_entries.subentries.async_abort(result["flow_id"])
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    await hass.async_block_till_done()
    assert hass.config_entries.subentries.async_progress() == []


async def test_connection_lost(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What was heard before the connection broke can still be picked."""
    await publish(peer)
    entry = await add_entry()
    result = await choose(hass, await begin(hass, entry), "listen")
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"topic_filter": "#", "seconds": 100}
    )
    heard = asyncio.Event()
    stop = entry.runtime_data.broker.subscribe("#", lambda _: heard.set())
    async with asyncio.timeout(5):
        await heard.wait()
    stop()
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    result = await hass.config_entries.subentries.async_configure(result["flow_id"])
    assert result["step_id"] == "pick"


async def test_template_is_tried(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A template that can't work on what was heard is told at its field."""
    await publish(peer)
    entry = await add_entry()
    result = await listen(hass, await begin(hass, entry))
    result = await submit(hass, result, devices=pick(result, "Livingroom"))
    result = await submit(hass, result, **form_values(result["data_schema"]))
    result = await choose(hass, result, "add_entity")
    result = await choose(hass, result, "sensor")
    wrong = {
        "name": "Sum",
        "state_topic": "home/livingroom/climate",
        "value_template": "{{ value_json.temperature / 0 }}",
    }
    result = await submit(hass, result, **wrong)
    assert result["errors"] == {"value_template": "template_fails"}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert "ZeroDivisionError" in placeholders["error"]
    assert "21.34" in placeholders["payload"]
    # Whoever knows better keeps it.
    result = await submit(hass, result, **wrong)
    assert result["step_id"] == "menu"
    result = await choose(hass, result, "edit_entity")
    key = next(
        key
        for key, label in options_of(result, "entity").items()
        if label == "Humidity (sensor)"
    )
    result = await submit(hass, result, entity=key)
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["now"].endswith("→ **46 %**")
    right = {**wrong, "value_template": "{{ value_json.temperature + 1 }}"}
    result = await submit(hass, result, **right)
    assert result["step_id"] == "menu"


async def test_change_before_it_is_taken(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A proposal is changed in its form, with its value, and the review goes on."""
    await publish(peer)
    entry = await add_entry()
    result = await listen(hass, await begin(hass, entry))
    result = await submit(hass, result, devices=pick(result, "Livingroom"))
    temperature, humidity, _ = options_of(result, "entities")
    result = await submit(
        hass,
        result,
        name="Living room",
        entities=[humidity],
        change=temperature,
    )
    assert result["step_id"] == "sensor"
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["now"].endswith("→ **21.3 °C**")
    values = form_values(result["data_schema"])
    assert values["state_topic"] == "home/livingroom/climate"
    result = await submit(
        hass,
        result,
        **{**values, "name": "Warmth", "behavior": {"suggested_display_precision": 0}},
    )
    assert result["step_id"] == "review"
    assert list(options_of(result, "entities").values()) == [
        "Warmth: 21 °C (sensor, temperature)",
        "Humidity: 46 % (sensor, humidity)",
        "Battery: 87 % (sensor, battery)",
    ]
    # What was said before is still so, and who changes something wants it.
    values = form_values(result["data_schema"])
    assert values == {"name": "Living room", "entities": [humidity, temperature]}
    result = await submit(hass, result, **values)
    assert result["step_id"] == "menu"
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["entities"] == (
        "- Humidity (sensor): **46 %**\n- Warmth (sensor): **21 °C**"
    )
    await choose(hass, result, "finish")
    assert [each["name"] for each in made(entry)["components"]] == [
        "Humidity",
        "Warmth",
    ]
    await until(hass, lambda: state_of(hass, "sensor.living_room_warmth") == "21.34")


async def test_change_for_a_device_that_is_there(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Its name and its availability are its own; a proposal can be changed as well."""
    await publish(peer)
    data = {
        "device": {},
        "availability_topic": "mine/status",
        "components": {"a": {"platform": "sensor", **SENSOR}},
    }
    entry = await add_entry(subentries=[subentry(data)])
    (before,) = entry.subentries.values()
    result = await listen(hass, await reconfigure(hass, entry))
    result = await submit(hass, result, devices=pick(result, "Desk plug"))
    values = form_values(result["data_schema"])
    assert values.keys() == {"entities"}
    _, power, *_ = options_of(result, "entities")
    result = await submit(hass, result, entities=[power], change=power)
    assert result["step_id"] == "sensor"
    values = form_values(result["data_schema"])
    result = await submit(hass, result, **{**values, "name": "Load"})
    assert result["step_id"] == "review"
    result = await submit(hass, result, **form_values(result["data_schema"]))
    await choose(hass, result, "finish")
    (after,) = entry.subentries.values()
    assert after.title == before.title
    assert [each["name"] for each in made(entry)["components"]] == [
        "Temperature",
        "Load",
    ]
    assert json.dumps(made(entry)).count("availability_topic") == 1
    assert made(entry)["availability_topic"] == "mine/status"


@pytest.fixture(name="patient")
def wait_for_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the broker as long as it takes on a slow machine."""
    monkeypatch.setattr(listener_module, "_PEEK_ANSWER_SECONDS", 30)
    monkeypatch.setattr(listener_module, "_PEEK_SECONDS", 30)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("platform", "payload", "wrong", "error", "right", "shown"),
    [
        (
            "sensor",
            "21.5 C",
            {"unit_of_measurement": "°C"},
            "result_is_no_number",
            {"value_template": "{{ value.split() | first }}"},
            "21.5 °C",
        ),
        ("sensor", "dry", {}, None, {}, "dry"),
        # No value is not a wrong one.
        (
            "binary_sensor",
            '{"open": null}',
            {"value_template": "{{ value_json.open }}"},
            None,
            {},
            "?",
        ),
        (
            "sensor",
            "wet",
            {"device_class": "enum", "behavior": {"options": ["dry"]}},
            "result_is_no_option",
            {"behavior": {"options": ["dry", "wet"]}},
            "wet",
        ),
        (
            "binary_sensor",
            "open",
            {},
            "result_is_no_state",
            {"payload_on": "open", "payload_off": "closed"},
            "on",
        ),
        (
            "cover",
            "100",
            {"command_topic": "k/set"},
            "result_is_no_state",
            {"value_template": "{{ 'open' if value == '100' else 'closed' }}"},
            "open",
        ),
        (
            "lock",
            "locked",
            {"command_topic": "k/set"},
            "result_is_no_state",
            {"value_template": "{{ value | upper }}"},
            "locked",
        ),
        (
            "number",
            "{}",
            {"command_topic": "k/set"},
            "result_is_no_number",
            {"value_template": "{{ value_json.t | default(5) }}"},
            "5",
        ),
        (
            "light_json",
            '{"state": "ON"}',
            {"command_topic": "k/set"},
            None,
            {},
            "on",
        ),
        (
            "light_template",
            "1",
            {
                "command_topic": "k/set",
                "command_on_template": "1",
                "command_off_template": "0",
                "state_template": "{{ 'on' if value_json.x.y else 'off' }}",
            },
            "template_fails",
            {"state_template": "{{ 'on' if value == '1' else 'off' }}"},
            "on",
        ),
    ],
)
async def test_what_is_written_is_tried(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    platform: str,
    payload: str,
    wrong: dict[str, Any],
    error: str | None,
    right: dict[str, Any],
    shown: str,
) -> None:
    """What the broker has kept is tried, also for those who write all by themselves."""
    await peer.publish("k", payload, retain=True)
    entry = await add_entry()
    result = await choose(hass, await begin(hass, entry), "write")
    result = await submit(hass, result, name="Kitchen")
    if platform.startswith("light"):
        result = await choose(hass, result, "light")
    result = await choose(hass, result, platform)
    entered = {"name": "Thing", "state_topic": "k", **wrong}
    result = await submit(hass, result, **entered)
    if error is not None:
        place = "state_template" if platform == "light_template" else "value_template"
        assert result["errors"] == {place: error}
        placeholders = result["description_placeholders"]
        assert placeholders is not None
        assert placeholders["payload"] == payload
        result = await submit(hass, result, **{**entered, **right})
    assert result["step_id"] == "menu", result
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["entities"].endswith(f"): **{shown}**")
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_fields_are_named_as_people_read_them(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """An error in a section says which field it means, in Home Assistant's language."""
    hass.config.language = "de"
    entry = await add_entry()
    result = await choose(hass, await begin(hass, entry), "write")
    result = await submit(hass, result, name="Kitchen")
    result = await choose(hass, result, "cover")
    result = await submit(
        hass, result, command_topic="k", position={"set_position_topic": "k/set"}
    )
    assert result["errors"] == {"position": "needs_another"}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    texts = await async_get_translations(hass, "de", "config_subentries", [DOMAIN])
    names = f"component.{DOMAIN}.config_subentries.device.step.cover.sections.position"
    for name, key in ("field", "set_position_topic"), ("needed", "position_topic"):
        assert placeholders[name] == texts[f"{names}.data.{key}"]
        assert placeholders[name] != key.replace("_", " ").capitalize()


@pytest.mark.usefixtures("patient")
async def test_each_template_is_tried(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Not only the state's: each is tried on what comes on its own topic."""
    await peer.publish("k/state", "ON", retain=True)
    await peer.publish("k/brightness", "128", retain=True)
    entry = await add_entry()
    result = await choose(hass, await begin(hass, entry), "write")
    result = await submit(hass, result, name="Kitchen")
    result = await choose(hass, await choose(hass, result, "light"), "light_basic")
    dimming = {
        "brightness_command_topic": "k/brightness/set",
        "brightness_state_topic": "k/brightness",
        "brightness_value_template": "{{ value_json.b.c }}",
    }
    entered: dict[str, Any] = {
        "state_topic": "k/state",
        "command_topic": "k/set",
        "dimming": dimming,
    }
    result = await submit(hass, result, **entered)
    assert result["errors"] == {"dimming": "template_fails"}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["field"] == "Brightness value template"
    # Who knows of other messages keeps it, and reads what it gives.
    result = await submit(hass, result, **entered)
    result = await choose(hass, result, "edit_entity")
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["now"] == (
        "\n\n`ON` → **on**\n\nBrightness value template: `128` → **?**"
    )
    dimming["brightness_value_template"] = "{{ value_json * 2 }}"
    result = await submit(hass, result, **entered)
    result = await choose(hass, result, "edit_entity")
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["now"].endswith("→ **256**")
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_units_of_home_assistant(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Where °F is usual, °C is not taken for granted."""
    hass.config.units = US_CUSTOMARY_SYSTEM
    await publish(peer)
    entry = await add_entry()
    result = await listen(hass, await begin(hass, entry))
    result = await submit(hass, result, devices=pick(result, "Livingroom"))
    assert "Temperature: 21.34 (sensor)" in options_of(result, "entities").values()


# --- bounds ------------------------------------------------------------------------------


def message(topic: str, payload: bytes) -> Message:
    """Return a message."""
    return Message(topic, payload)


async def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither topics nor payloads are kept without end."""
    monkeypatch.setattr(listener_module, "MAX_TOPICS", 3)
    listener = Listener()
    for number in range(10):
        listener.handle(message("a", b"%d" % number))
    assert listener.heard == {"a": ["6", "7", "8", "9"]}
    listener.handle(message("a", b"7"))
    assert listener.heard["a"] == ["6", "8", "9", "7"]
    listener.handle(message("b", b"x" * (listener_module.MAX_PAYLOAD + 1)))
    listener.handle(message("b", b"\xff"))
    assert listener.left_out == 2
    listener.handle(message("b", b""))
    listener.handle(message("c", b""))
    assert not listener.enough.is_set()
    listener.handle(message("d", b""))
    assert listener.enough.is_set()
    assert "d" not in listener.heard

    monkeypatch.setattr(listener_module, "MAX_BYTES", 100)
    listener = Listener()
    for number in range(20):
        listener.handle(message("a", b"%020d" % number))
    assert not listener.enough.is_set()
    for topic in "bcd":
        listener.handle(message(topic, b"x" * 20))
    assert listener.enough.is_set()


def test_previews(hass: HomeAssistant) -> None:
    """A preview is short, whatever arrived."""
    config = {"platform": "sensor", "state_topic": "a"}
    assert preview(hass, config, "x " * 100).endswith("…")
    assert (
        preview(hass, config | {"value_template": "{{ value_json.a / 0 }}"}, "{}")
        == "?"
    )
    nothing = {"value_template": "{{ none }}", "unit_of_measurement": "°C"}
    assert preview(hass, config | nothing, "{}") == "?"
    number = {"platform": "number", "payload_reset": "gone"}
    assert preview(hass, config | nothing | number, "5") == "None °C"
    assert preview(hass, config | number, "gone") == "?"
    assert preview(hass, {**config, "platform": "text"}, "None") == "None"
    assert preview(hass, {**config, "platform": "switch"}, "maybe") == "?"
    assert preview(hass, {**config, "platform": "binary_sensor"}, "OFF") == "off"
