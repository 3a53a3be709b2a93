"""Buttons command, as core's do."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import mock_restore_cache

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, EntityCategory
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.mqtt_websocket.button import MqttButton
from custom_components.mqtt_websocket.const import DOMAIN

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer
from .support.server import MqttServer
from .support.waiting import until

ENTITY = "button.boiler_descale"
COMMAND = "boiler/descale"


def descale(**config: Any) -> dict[str, Any]:
    """Return a component."""
    return {
        "platform": "button",
        "name": "Descale",
        "command_topic": COMMAND,
        **config,
    }


async def press(house: House) -> None:
    """Press the button."""
    await house.hass.services.async_call(
        "button", "press", {"entity_id": ENTITY}, blocking=True
    )


@pytest.mark.parametrize(
    ("config", "payload"),
    [
        ({}, b"PRESS"),
        ({"payload_press": "go"}, b"go"),
        ({"payload_press": ""}, b""),
        ({"command_template": "{{ value | lower }} {{ name }}"}, b"press Descale"),
        ({"command_template": r"b'\x01'"}, b"\x01"),
        ({"payload_press": "ä", "encoding": "latin-1"}, b"\xe4"),
    ],
)
async def test_commands(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    payload: bytes,
) -> None:
    """A press is a message, and a moment that is remembered."""
    house = await furnish(hass, add_entry, peer, descale(**config))
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await peer.subscribe(COMMAND)
    await press(house)
    assert (await peer.next(COMMAND)).payload == payload
    assert house.state(ENTITY).state not in (STATE_UNKNOWN, STATE_UNAVAILABLE)


async def test_quality_of_service_and_retain(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """QoS and retain are those of the configuration."""
    house = await furnish(hass, add_entry, peer, descale(qos=1, retain=True))
    await peer.subscribe(COMMAND, 2)
    await press(house)
    assert (await peer.next(COMMAND)).qos == 1
    async with Peer(server) as late:
        await late.subscribe(COMMAND)
        assert (await late.next(COMMAND)).retain


async def test_restored(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """When it was pressed last outlives a restart."""
    mock_restore_cache(hass, [State(ENTITY, "2026-01-01T00:00:00+00:00")])
    house = await furnish(hass, add_entry, peer, descale())
    assert house.state(ENTITY).state == "2026-01-01T00:00:00+00:00"


async def test_attributes_and_availability(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A button has both, though nothing tells its state."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        descale(availability_topic="there", json_attributes_topic="more"),
    )
    assert house.state(ENTITY).state == STATE_UNAVAILABLE
    await house.say("there", "online")
    await house.say("more", {"due": "today"})
    assert house.state(ENTITY).state == STATE_UNKNOWN
    assert house.state(ENTITY).attributes["due"] == "today"


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """An edit counts from the next press, and forgets none."""
    house = await furnish(hass, add_entry, peer, descale(command_template="a"))
    await peer.subscribe(COMMAND)
    await press(house)
    before = house.state(ENTITY).state
    await house.change({"c0": descale(command_template="b", device_class="restart")})
    assert house.state(ENTITY).state == before
    assert house.state(ENTITY).attributes["device_class"] == "restart"
    await press(house)
    first, second = await peer.collect(2, COMMAND)
    assert (first.payload, second.payload) == (b"a", b"b")


async def test_refused_commands(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """A command that does not get out fails the action."""
    house = await furnish(hass, add_entry, peer, descale())
    entity = house.runtime.devices.running["device-1"].entities["c0"]
    assert isinstance(entity, MqttButton)
    await server.kill()
    await until(hass, lambda: house.state(ENTITY).state == STATE_UNAVAILABLE)
    with pytest.raises(HomeAssistantError) as caught:
        await entity.async_press()
    assert caught.value.translation_key == "not_connected"


async def test_default_names(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a name it is called after its class, else after the platform."""
    plain = {"platform": "button", "command_topic": "a"}
    house = await furnish(
        hass, add_entry, peer, plain, {**plain, "device_class": "restart"}
    )
    assert house.state("button.boiler_mqtt_button")
    assert house.state("button.boiler_restart")


# --- the broker's own ------------------------------------------------------------------


async def test_reconnect(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer, no_attempts: None
) -> None:
    """Connects anew at once, and says why it can't."""
    entry = await add_entry()
    broker = entry.runtime_data.broker
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(
        "button", DOMAIN, f"{entry.entry_id}_reconnect"
    )
    assert entity_id is not None
    registered = registry.async_get(entity_id)
    assert registered is not None
    assert registered.entity_category is EntityCategory.DIAGNOSTIC
    assert registered.original_name == "Reconnect"

    async def press_it() -> None:
        await hass.services.async_call(
            "button", "press", {"entity_id": entity_id}, blocking=True
        )

    await press_it()
    assert broker.connected
    assert broker.counters.connections == 2
    await server.stop()
    await until(hass, lambda: not broker.connected)
    with pytest.raises(HomeAssistantError) as caught:
        await press_it()
    assert caught.value.translation_key == "connection_refused"
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.state != STATE_UNAVAILABLE
    await server.start()
    await press_it()
    assert broker.connected
