"""Switches command on one topic and listen on another, as core's do."""

from typing import Any

import pytest

from homeassistant.const import STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from custom_components.mqtt_websocket.switch import MqttSwitch

from .conftest import AddEntry
from .support.devices import House, device, furnish
from .support.peer import Peer
from .support.server import MqttServer
from .support.waiting import until

ENTITY = "switch.boiler_pump"
COMMAND = "boiler/pump/set"
TOPIC = "boiler/pump"


def pump(**config: Any) -> dict[str, Any]:
    """Return a component with a state topic; without it, it is optimistic."""
    return {"platform": "switch", "name": "Pump", "command_topic": COMMAND, **config}


def told(**config: Any) -> dict[str, Any]:
    """Return a component with the topics COMMAND and TOPIC."""
    return pump(state_topic=TOPIC, **config)


async def turn(house: House, action: str) -> None:
    """Turn the switch on or off."""
    await house.hass.services.async_call(
        "switch", f"turn_{action}", {"entity_id": ENTITY}, blocking=True
    )


async def test_other_payloads_change_nothing(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What means neither on nor off is counted, and that is all."""
    house = await furnish(hass, add_entry, peer, told())
    await house.say(TOPIC, "ON")
    before = house.state(ENTITY)
    await house.say(TOPIC, "half")
    await house.say(TOPIC, b"\xff")
    assert house.state(ENTITY) is before
    assert house.runtime.bad_payloads.count == 2


@pytest.mark.parametrize(
    ("config", "on", "off"),
    [
        ({}, b"ON", b"OFF"),
        ({"payload_on": "1", "payload_off": "0"}, b"1", b"0"),
        (
            {"command_template": '{"id": "{{ entity_id }}", "to": "{{ value }}"}'},
            b'{"id": "switch.boiler_pump", "to": "ON"}',
            b'{"id": "switch.boiler_pump", "to": "OFF"}',
        ),
        ({"command_template": r"b'\xff{{ value }}'"}, b"\xffON", b"\xffOFF"),
        ({"payload_on": "ä", "encoding": "latin-1"}, b"\xe4", b"OFF"),
    ],
)
async def test_commands(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    on: bytes,
    off: bytes,
) -> None:
    """Commands go out; the state waits for the state topic."""
    house = await furnish(hass, add_entry, peer, told(**config))
    await peer.subscribe(COMMAND)
    await turn(house, "on")
    assert (await peer.next(COMMAND)).payload == on
    await turn(house, "off")
    assert (await peer.next(COMMAND)).payload == off
    assert house.state(ENTITY).state == STATE_UNKNOWN


async def test_quality_of_service_and_retain(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """QoS, retain and expiry are those of the configuration."""
    house = await furnish(
        hass, add_entry, peer, told(qos=2, retain=True, message_expiry_interval=300)
    )
    await peer.subscribe(COMMAND, 2)
    await turn(house, "on")
    message = await peer.next(COMMAND)
    assert message.qos == 2
    if server.mqtt5:
        properties: Any = message.properties
        assert 290 < properties.MessageExpiryInterval <= 300
    async with Peer(server) as late:
        await late.subscribe(COMMAND)
        assert (await late.next(COMMAND)).retain


async def test_no_expiry_without_mqtt_5(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """MQTT 3.1.1 has no properties: the command goes out without."""
    house = House(hass, await add_entry(connection={"protocol": "3.1.1"}), peer)
    await house.add(device({"c0": told(message_expiry_interval=300)}))
    await peer.subscribe(COMMAND)
    await turn(house, "on")
    assert (await peer.next(COMMAND)).payload == b"ON"


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """An assumed state outlives an edit, one that was told is told again."""
    house = await furnish(hass, add_entry, peer, pump())
    await turn(house, "on")
    await house.change({"c0": pump(payload_on="1")})
    assert house.state(ENTITY).state == STATE_ON
    await house.change({"c0": told()})
    assert house.state(ENTITY).state == STATE_UNKNOWN
    assert "assumed_state" not in house.state(ENTITY).attributes
    await house.say(TOPIC, "ON")
    await house.change({"c0": told(icon="mdi:pump")})
    assert house.state(ENTITY).state == STATE_ON
    await house.change({"c0": told(optimistic=True)})
    assert house.state(ENTITY).state == STATE_ON


async def test_refused_commands(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """A command that does not get out fails the action, and nothing is assumed."""
    house = await furnish(hass, add_entry, peer, pump())
    entity = house.runtime.devices.running["device-1"].entities["c0"]
    assert isinstance(entity, MqttSwitch)
    await server.kill()
    await until(hass, lambda: house.state(ENTITY).state == STATE_UNAVAILABLE)
    # Home Assistant spares unavailable entities; an automation may come too late.
    with pytest.raises(HomeAssistantError) as caught:
        await entity.async_turn_on()
    assert caught.value.translation_key == "not_connected"
    await server.start()
    house.runtime.broker.reconnect_now()
    await until(hass, lambda: house.state(ENTITY).state == STATE_UNKNOWN)


async def test_default_name(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a name it is called after the platform, whatever its device class."""
    plain = {"platform": "switch", "command_topic": "a"}
    house = await furnish(
        hass, add_entry, peer, plain, {**plain, "device_class": "outlet"}
    )
    assert house.state("switch.boiler_mqtt_switch")
    assert house.state("switch.boiler_mqtt_switch_2")
