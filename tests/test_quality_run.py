"""A whole run, looked at as Home Assistant's reviewers do: registries, log, what is left."""

from collections.abc import Mapping
import json
from types import MappingProxyType
from typing import Any

import pytest

from homeassistant import block_async_io
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentry,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.mqtt_websocket import PLATFORMS
from custom_components.mqtt_websocket.diagnostics import (
    async_get_config_entry_diagnostics,
)
from scripts.dev.one_of_each import (
    ANNOUNCEMENT,
    COMPONENTS,
    DISCOVERY_TOPIC,
    SAYS,
    STATES,
)

from .support.devices import device
from .support.hassfest import DOMAIN, read_json
from .support.peer import Peer
from .support.server import MqttServer
from .support.translations import english
from .support.waiting import until


@pytest.fixture
def watched_loop(monkeypatch: pytest.MonkeyPatch, disable_block_async_io: None) -> None:
    """Have Home Assistant report all that blocks the event loop, as outside of tests."""
    monkeypatch.setattr(block_async_io, "_IN_TESTS", False)
    block_async_io.enable()


async def _add_broker(hass: HomeAssistant, server: MqttServer) -> ConfigEntry:
    """Add a broker through its form, with encryption and a CA of its own."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"],
        {
            "url": server.wss_url,
            "discovery": True,
            "security": {"verify_ssl": True, "ca_certificate": server.ca_pem},
        },
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    entry: ConfigEntry = result["result"]
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    return entry


def _add_subentry(
    hass: HomeAssistant, entry: ConfigEntry, kind: str, data: Mapping[str, Any]
) -> None:
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(data),
            subentry_id=f"{kind}-1",
            subentry_type=kind,
            title=kind,
            unique_id=None,
        ),
    )


def _shows_all(hass: HomeAssistant) -> bool:
    return all(
        (state := hass.states.get(f"{platform}.each")) is not None
        and state.state == wanted
        for platform, wanted in STATES.items()
    )


async def _announce(hass: HomeAssistant, server: MqttServer) -> None:
    """Let a device announce one entity of each platform, and say what they show."""
    async with Peer(server) as peer:
        await peer.publish(DISCOVERY_TOPIC, json.dumps(ANNOUNCEMENT), retain=True)
        for topic, payload in SAYS.items():
            await peer.publish(topic, payload, retain=True)
        await until(hass, lambda: _shows_all(hass))


async def test_announced_platforms_are_all() -> None:
    """The device of these runs has an entity of every platform that there is."""
    assert COMPONENTS.keys() == set(PLATFORMS)


async def test_nothing_blocks_and_nothing_is_deprecated(
    hass: HomeAssistant,
    socket_enabled: None,
    watched_loop: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """From the form to the removal Home Assistant has nothing to complain about."""
    async with MqttServer(tls=True) as server:
        entry = await _add_broker(hass, server)
        await _announce(hass, server)
        _add_subentry(
            hass,
            entry,
            "device",
            device({"level": {"platform": "sensor", "state_topic": "tank"}})["data"],
        )
        _add_subentry(
            hass, entry, "publish_rule", {"entities": ["sensor.each"], "topic": "out"}
        )
        await hass.async_block_till_done()
        await hass.services.async_call(
            "switch", "turn_on", {"entity_id": "switch.each"}, blocking=True
        )
        await hass.services.async_call(
            DOMAIN, "publish", {"topic": "said", "payload": "hello"}, blocking=True
        )
        await async_get_config_entry_diagnostics(hass, entry)
        await hass.config_entries.async_reload(entry.entry_id)
        await until(hass, lambda: _shows_all(hass))
        assert await hass.config_entries.async_unload(entry.entry_id)
        await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done()
    complaints = [
        message
        for record in caplog.records
        if DOMAIN in (message := record.getMessage())
        and ("Detected" in message or "deprecated" in message)
    ]
    assert complaints == []


async def test_blocking_is_noticed(
    hass: HomeAssistant, watched_loop: None, caplog: pytest.LogCaptureFixture
) -> None:
    """The watch that the test above relies on is awake."""
    assert block_async_io._BLOCKED_CALLS.calls
    read_json.cache_clear()
    read_json("manifest.json")
    assert "Detected blocking call to" in caplog.text
    caplog.clear()  # no complaint about us


async def test_entities_are_registered_named_and_translated(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    """Each entity has a unique id and a device; our own have a name and an icon."""
    async with MqttServer() as server:
        result = await hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": SOURCE_USER},
            data={"url": server.ws_url, "discovery": True},
        )
        entry = result["result"]
        await hass.async_block_till_done()
        _add_subentry(
            hass, entry, "publish_rule", {"entities": ["sun.sun"], "topic": "out"}
        )
        await hass.async_block_till_done()
        await _announce(hass, server)
        registry = er.async_get(hass)
        entities = er.async_entries_for_config_entry(registry, entry.entry_id)
        for entity in entities:
            assert entity.unique_id
            assert entity.has_entity_name, entity.entity_id
            assert entity.device_id, entity.entity_id
        # Every state is that of an entity which people can rename and disable.
        for state in hass.states.async_all(PLATFORMS):
            assert registry.async_get(state.entity_id), state.entity_id

        ours = [entity for entity in entities if entity.translation_key]
        assert {entity.domain for entity in ours} == {
            "binary_sensor",
            "button",
            "sensor",
        }
        icons = read_json("icons.json")["entity"]
        for entity in ours:
            key = entity.translation_key
            assert key in english()["entity"][entity.domain]
            assert entity.original_device_class or key in icons[entity.domain]
            assert entity.entity_category in (
                EntityCategory.CONFIG,
                EntityCategory.DIAGNOSTIC,
            )
        # What a person looks for at once is on, counters are off.
        on = {entity.domain for entity in ours if not entity.disabled}
        assert on == {"binary_sensor", "button"}

        devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        (broker,) = (d for d in devices if d.entry_type is dr.DeviceEntryType.SERVICE)
        assert all(d.via_device_id == broker.id for d in devices if d is not broker)
        await hass.config_entries.async_unload(entry.entry_id)
