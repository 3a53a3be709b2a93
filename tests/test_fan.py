"""Fans turn; how fast, how and which way; tests/parity compares them with core's."""

from typing import Any

import pytest

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

ENTITY = "fan.boiler_fan"
VALUES = ("percentage", "preset_mode", "oscillation", "direction")


def fan(told: bool = True, **config: Any) -> dict[str, Any]:
    """Return a fan that can do everything."""
    topics: dict[str, Any] = {
        "command_topic": "fan/set",
        "preset_modes": ["eco", "max"],
    }
    for value in VALUES:
        topics[f"{value}_command_topic"] = f"fan/{value}/set"
    if told:
        topics["state_topic"] = "fan"
        for value in VALUES:
            topics[f"{value}_state_topic"] = f"fan/{value}"
    return {"platform": "fan", "name": "Fan", **topics, **config}


async def do(house: House, action: str, **data: Any) -> None:
    """Do something with the fan."""
    await house.hass.services.async_call(
        "fan", action, {"entity_id": ENTITY, **data}, blocking=True
    )


def shown(house: House, *names: str) -> list[Any]:
    """Return the state, and attributes."""
    state = house.state(ENTITY)
    return [state.state, *(state.attributes[name] for name in names)]


ATTRIBUTES = ("percentage", "preset_mode", "oscillating", "direction")


async def test_values(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Each value has its topic; on is what says so, not a speed."""
    house = await furnish(hass, add_entry, peer, fan(speed_range_max=10))
    assert shown(house, *ATTRIBUTES) == [STATE_UNKNOWN, None, None, False, None]
    await house.say("fan/percentage", "5")
    await house.say("fan/preset_mode", "eco")
    await house.say("fan/oscillation", "oscillate_on")
    await house.say("fan/direction", "reverse")
    expected = [50, "eco", True, "reverse"]
    assert shown(house, *ATTRIBUTES) == [STATE_UNKNOWN, *expected]
    await house.say("fan", "ON")
    assert shown(house, *ATTRIBUTES) == [STATE_ON, *expected]
    await house.say("fan/percentage", "None")
    await house.say("fan/preset_mode", "None")
    await house.say("fan/oscillation", "oscillate_off")
    assert shown(house, *ATTRIBUTES) == [STATE_ON, None, None, False, "reverse"]
    await house.say("fan", "OFF")
    assert shown(house) == [STATE_OFF]
    await house.say("fan", "None")
    assert shown(house) == [STATE_UNKNOWN]
    assert house.runtime.bad_payloads.count == 0


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("fan", "half"),
        ("fan/percentage", "fast"),
        ("fan/percentage", "101"),
        ("fan/percentage", "-1"),
        ("fan/percentage", "1.5"),
        ("fan/preset_mode", "nosuch"),
        ("fan/oscillation", "wildly"),
        ("fan/direction", b"\xff"),
    ],
)
async def test_nonsense(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, topic: str, said: str
) -> None:
    """What is no value changes nothing; what is empty is not meant for it."""
    house = await furnish(hass, add_entry, peer, fan())
    before = house.state(ENTITY)
    await house.say(topic, said)
    await house.say(topic, "")
    assert house.state(ENTITY) is before
    assert house.runtime.bad_payloads.count == 1


COMMANDS: list[tuple[str, dict[str, Any], list[tuple[str, bytes]]]] = [
    ("turn_on", {}, [("fan/set", b"ON")]),
    ("turn_off", {}, [("fan/set", b"OFF")]),
    (
        "turn_on",
        {"percentage": 33},
        [("fan/set", b"ON"), ("fan/percentage/set", b"4")],
    ),
    (
        "turn_on",
        {"preset_mode": "eco"},
        [("fan/set", b"ON"), ("fan/preset_mode/set", b"eco")],
    ),
    ("set_percentage", {"percentage": 100}, [("fan/percentage/set", b"10")]),
    ("set_preset_mode", {"preset_mode": "max"}, [("fan/preset_mode/set", b"max")]),
    ("oscillate", {"oscillating": True}, [("fan/oscillation/set", b"oscillate_on")]),
    ("oscillate", {"oscillating": False}, [("fan/oscillation/set", b"oscillate_off")]),
    ("set_direction", {"direction": "reverse"}, [("fan/direction/set", b"reverse")]),
]


async def test_commands(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Each command has its topic; the state waits until it is told."""
    house = await furnish(hass, add_entry, peer, fan(speed_range_max=10))
    await peer.subscribe("fan/#")
    for action, data, commands in COMMANDS:
        await do(house, action, **data)
        messages = await peer.collect(len(commands))
        assert [(str(each.topic), each.payload) for each in messages] == commands
    assert shown(house, *ATTRIBUTES) == [STATE_UNKNOWN, None, None, False, None]


async def test_command_templates(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Each command has its template."""
    templates: dict[str, Any] = {
        f"{value}_command_template": f"{value} {{{{ value }}}}" for value in VALUES
    }
    house = await furnish(
        hass, add_entry, peer, fan(**templates, command_template="state {{ value }}")
    )
    await peer.subscribe("fan/#")
    for action, data, payload in (
        ("turn_on", {}, b"state ON"),
        ("turn_off", {}, b"state OFF"),
        ("set_percentage", {"percentage": 20}, b"percentage 20"),
        ("set_preset_mode", {"preset_mode": "eco"}, b"preset_mode eco"),
        ("oscillate", {"oscillating": True}, b"oscillation oscillate_on"),
        ("set_direction", {"direction": "forward"}, b"direction forward"),
    ):
        await do(house, action, **data)
        assert (await peer.next()).payload == payload


@pytest.mark.parametrize("config", [fan(told=False), fan(optimistic=True)])
async def test_optimistic(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, config: dict[str, Any]
) -> None:
    """What no topic tells, or nobody waits for, is believed."""
    house = await furnish(hass, add_entry, peer, config)
    assert house.state(ENTITY).attributes["assumed_state"]
    await do(house, "turn_on", percentage=40)
    await do(house, "oscillate", oscillating=True)
    await do(house, "set_direction", direction="reverse")
    await do(house, "set_preset_mode", preset_mode="max")
    assert shown(house, *ATTRIBUTES) == [STATE_ON, 40, "max", True, "reverse"]
    await do(house, "turn_off")
    assert shown(house) == [STATE_OFF]


async def test_what_it_can_not_do(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without topics it turns on and off, and no more."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        {"platform": "fan", "name": "Fan", "command_topic": "fan/set"},
    )
    for action, data in (
        ("set_percentage", {"percentage": 20}),
        ("oscillate", {"oscillating": True}),
        ("set_direction", {"direction": "forward"}),
    ):
        with pytest.raises(HomeAssistantError):
            await do(house, action, **data)


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What is assumed outlives an edit, what was told only one that means the same."""
    house = await furnish(hass, add_entry, peer, fan())
    await house.say("fan", "ON")
    await house.say("fan/percentage", "20")
    await house.say("fan/oscillation", "oscillate_on")
    await house.change({"c0": fan(icon="mdi:x")})
    assert shown(house, "percentage", "oscillating") == [STATE_ON, 20, True]
    await house.change({"c0": fan(speed_range_max=10)})
    assert shown(house, "percentage", "oscillating") == [STATE_UNKNOWN, None, False]
    await house.change({"c0": fan(optimistic=True)})
    await do(house, "turn_on", percentage=30)
    await house.change({"c0": fan(optimistic=True, payload_on="1")})
    assert shown(house, "percentage") == [STATE_ON, 30]


async def test_default_name(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a name it is called after the platform."""
    await furnish(hass, add_entry, peer, {"platform": "fan", "command_topic": "a"})
    assert hass.states.get("fan.boiler_mqtt_fan")
