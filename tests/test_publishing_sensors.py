"""The broker's own device counts what is published."""

from datetime import timedelta

from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .conftest import AddEntry
from .support.peer import Peer
from .support.rules import expect, publishing, rule

NAMES = ("states_published", "states_dropped", "commands", "publishing_errors")


async def test_counts(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    entity_registry: er.EntityRegistry,
) -> None:
    """They are disabled at first; then they show numbers, now and then."""
    hass.states.async_set("light.a", "on")
    entry = await add_entry(subentries=[rule("light.a", topic="x")])
    sensors = {}
    for name in NAMES:
        entity_id = entity_registry.async_get_entity_id(
            "sensor", "mqtt_websocket", f"{entry.entry_id}_{name}"
        )
        assert entity_id is not None
        registered = entity_registry.async_get(entity_id)
        assert registered is not None
        assert registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
        assert registered.entity_category == "diagnostic"
        sensors[name] = entity_id
        entity_registry.async_update_entity(entity_id, disabled_by=None)
    await peer.subscribe("x")
    await expect(peer, ("x", "on"))
    # Home Assistant loads the entry again for that.
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
    await hass.async_block_till_done()
    await expect(peer, ("x", "on"))

    counters = publishing(entry).counters
    counters.dropped = 2
    counters.commands = 3
    counters.failed = 4
    counters.command_errors = 5
    hass.states.async_set("light.a", "off")
    await expect(peer, ("x", "off"))
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=70))
    await hass.async_block_till_done()
    shown = []
    for entity_id in sensors.values():
        state = hass.states.get(entity_id)
        assert state is not None
        shown.append(state.state)
    assert shown[1:] == ["2", "3", "9"]
    assert int(shown[0]) in (1, 2)  # the second may be on its way back
