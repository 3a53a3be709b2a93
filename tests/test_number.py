"""Numbers command on one topic and listen on another, as core's do."""

from typing import Any

import pytest

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

ENTITY = "number.boiler_target"
COMMAND = "boiler/target/set"
TOPIC = "boiler/target"


def target(**config: Any) -> dict[str, Any]:
    """Return a component with a command topic alone."""
    return {
        "platform": "number",
        "name": "Target",
        "command_topic": COMMAND,
        **config,
    }


def told(**config: Any) -> dict[str, Any]:
    """Return a component with the topics COMMAND and TOPIC."""
    return target(state_topic=TOPIC, **config)


async def set_value(house: House, value: Any) -> None:
    """Set the number."""
    await house.hass.services.async_call(
        "number", "set_value", {"entity_id": ENTITY, "value": value}, blocking=True
    )


@pytest.mark.parametrize(
    ("config", "payload"), [({}, "None"), ({"payload_reset": "off"}, "off")]
)
async def test_reset(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    payload: str,
) -> None:
    """One payload means "unknown"."""
    house = await furnish(hass, add_entry, peer, told(**config))
    await house.say(TOPIC, "5")
    await house.say(TOPIC, payload)
    assert house.state(ENTITY).state == STATE_UNKNOWN


@pytest.mark.parametrize(
    "payload",
    ["x", " ", "100.5", "-1", "nan", "inf", "²", "0x1", "9" * 5000, b"\xff"],
)
async def test_other_payloads_change_nothing(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, payload: str | bytes
) -> None:
    """What is no number within the range is counted, and that is all."""
    house = await furnish(hass, add_entry, peer, told())
    await house.say(TOPIC, "5")
    before = house.state(ENTITY)
    await house.say(TOPIC, payload)
    assert house.state(ENTITY) is before
    assert house.runtime.bad_payloads.count == 1


async def test_nothing_is_no_mistake(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A template that yields nothing says: not for me."""
    house = await furnish(
        hass, add_entry, peer, told(value_template="{{ value_json.t | default('') }}")
    )
    await house.say(TOPIC, {"t": 5})
    await house.say(TOPIC, {"other": 6})
    assert house.state(ENTITY).state == "5"
    assert house.runtime.bad_payloads.count == 0


async def test_what_it_is(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Range, step, mode, unit and class are the configuration's."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        told(
            min=5,
            max=30.5,
            step=0.5,
            mode="box",
            unit_of_measurement="kW",
            device_class="power",
            json_attributes_topic="more",
        ),
    )
    expected = {
        "min": 5.0,
        "max": 30.5,
        "step": 0.5,
        "mode": "box",
        "unit_of_measurement": "kW",
        "device_class": "power",
        "friendly_name": "Boiler Target",
    }
    assert house.state(ENTITY).attributes == expected
    # As in core a payload can't change the range.
    await house.say("more", {"min": 0, "max": 0, "step": 0, "a": 1})
    assert house.state(ENTITY).attributes == {**expected, "a": 1}


@pytest.mark.parametrize(
    ("config", "value", "payload"),
    [
        ({}, 7, b"7"),
        ({}, 7.0, b"7"),
        ({}, 7.5, b"7.5"),
        ({"command_template": '{"t": {{ value }}}'}, 7.0, b'{"t": 7}'),
        ({"device_class": "temperature", "unit_of_measurement": "°F"}, 10, b"50"),
    ],
)
async def test_commands(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    value: float,
    payload: bytes,
) -> None:
    """Commands go out in the device's unit; the state waits for the state topic."""
    house = await furnish(hass, add_entry, peer, told(**config))
    await peer.subscribe(COMMAND)
    await set_value(house, value)
    assert (await peer.next(COMMAND)).payload == payload
    assert house.state(ENTITY).state == STATE_UNKNOWN


async def test_out_of_range(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What the device does not take is not published."""
    house = await furnish(hass, add_entry, peer, target(max=10))
    with pytest.raises(ServiceValidationError):
        await set_value(house, 11)
    assert house.state(ENTITY).state == STATE_UNKNOWN


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """An edit that leaves the meaning leaves the state."""
    house = await furnish(hass, add_entry, peer, told())
    await house.say(TOPIC, "50")
    await house.change({"c0": told(mode="box", step=2)})
    assert house.state(ENTITY).state == "50"
    assert house.state(ENTITY).attributes["step"] == 2.0
    await house.change({"c0": told(max=60)})
    assert house.state(ENTITY).state == "50"
    await house.change({"c0": told(max=10)})
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.change({"c0": target()})
    await set_value(house, 5)
    await house.change({"c0": target(icon="mdi:x")})
    assert house.state(ENTITY).state == "5"
