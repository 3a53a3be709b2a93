"""Climate devices: modes and temperatures; tests/parity compares them with core's."""

from typing import Any

import pytest

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

ENTITY = "climate.boiler_room"
VALUES = (
    "mode",
    "temperature",
    "temperature_low",
    "temperature_high",
    "target_humidity",
    "fan_mode",
    "swing_mode",
    "swing_horizontal_mode",
    "preset_mode",
)
SENSORS: dict[str, Any] = {
    "action_topic": "room/action",
    "current_temperature_topic": "room/current_temperature",
    "current_humidity_topic": "room/current_humidity",
}


def room(*values: str, told: bool = True, **config: Any) -> dict[str, Any]:
    """Return a climate device with topics for some values."""
    topics: dict[str, Any] = {}
    for value in values:
        topics[f"{value}_command_topic"] = f"room/{value}/set"
        if told:
            topics[f"{value}_state_topic"] = f"room/{value}"
    if "preset_mode" in values:
        topics["preset_modes"] = ["eco", "away"]
    return {"platform": "climate", "name": "Room", **topics, **config}


async def do(house: House, action: str, **data: Any) -> None:
    """Do something with the device."""
    await house.hass.services.async_call(
        "climate", action, {"entity_id": ENTITY, **data}, blocking=True
    )


def shown(house: House, *names: str) -> list[Any]:
    """Return the state, and attributes."""
    state = house.state(ENTITY)
    return [state.state, *(state.attributes.get(name) for name in names)]


@pytest.mark.parametrize(
    ("topic", "said", "attribute", "value"),
    [
        ("action", "heating", "hvac_action", "heating"),
        ("current_temperature", "20.5", "current_temperature", 20.5),
        ("current_humidity", "40", "current_humidity", 40),
        ("temperature", "21.5", "temperature", 21.5),
        ("temperature_low", "18", "target_temp_low", 18),
        ("temperature_high", "25", "target_temp_high", 25),
        ("target_humidity", "50", "humidity", 50),
        ("fan_mode", "high", "fan_mode", "high"),
        ("swing_mode", "on", "swing_mode", "on"),
        ("swing_horizontal_mode", "on", "swing_horizontal_mode", "on"),
        ("preset_mode", "eco", "preset_mode", "eco"),
    ],
)
async def test_values(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    topic: str,
    said: str,
    attribute: str,
    value: Any,
) -> None:
    """Each value has its topic; what is none of its kind changes nothing."""
    house = await furnish(hass, add_entry, peer, room(*VALUES, **SENSORS))
    assert shown(house) == [STATE_UNKNOWN]
    await house.say("room/mode", "heat")
    await house.say(f"room/{topic}", said)
    assert shown(house, attribute) == ["heat", value]
    before = house.state(ENTITY)
    await house.say(f"room/{topic}", "nosuch")
    await house.say(f"room/{topic}", b"\xff")
    assert house.runtime.bad_payloads.count == 2
    await house.say(f"room/{topic}", "nan")
    assert house.state(ENTITY) is before
    await house.say(f"room/{topic}", "None")
    expected = "none" if topic == "preset_mode" else None
    assert shown(house, attribute) == ["heat", expected]
    assert house.runtime.bad_payloads.count == 3


async def test_a_mode_that_home_assistant_does_not_have(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A device may announce it; it can't be shown."""
    house = await furnish(hass, add_entry, peer, room("mode", modes=["heat", "turbo"]))
    await house.say("room/mode", "heat")
    await house.say("room/mode", "turbo")
    assert shown(house) == ["heat"]
    assert house.runtime.bad_payloads.count == 1


async def test_one_template_for_all(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """``value_template`` is for what has none of its own."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        room(
            "mode",
            "temperature",
            value_template="{{ value_json.v }}",
            temperature_state_template="{{ value_json.t }}",
        ),
    )
    await house.say("room/mode", {"v": "heat"})
    await house.say("room/temperature", {"v": 1, "t": 19})
    assert shown(house, "temperature") == ["heat", 19]


COMMANDS: list[tuple[str, dict[str, Any], dict[str, bytes]]] = [
    ("set_hvac_mode", {"hvac_mode": "heat"}, {"mode": b"heat"}),
    ("set_temperature", {"temperature": 21.5}, {"temperature": b"21.5"}),
    (
        "set_temperature",
        {"temperature": 22, "hvac_mode": "cool"},
        {"mode": b"cool", "temperature": b"22.0"},
    ),
    (
        "set_temperature",
        {"target_temp_low": 18, "target_temp_high": 25},
        {"temperature_low": b"18.0", "temperature_high": b"25.0"},
    ),
    ("set_humidity", {"humidity": 50}, {"target_humidity": b"50"}),
    ("set_fan_mode", {"fan_mode": "high"}, {"fan_mode": b"high"}),
    ("set_swing_mode", {"swing_mode": "on"}, {"swing_mode": b"on"}),
    (
        "set_swing_horizontal_mode",
        {"swing_horizontal_mode": "on"},
        {"swing_horizontal_mode": b"on"},
    ),
    ("set_preset_mode", {"preset_mode": "eco"}, {"preset_mode": b"eco"}),
    ("turn_off", {}, {"mode": b"off"}),
]


async def test_commands(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Each command has its topic; the state waits until it is told."""
    house = await furnish(hass, add_entry, peer, room(*VALUES))
    await peer.subscribe("room/#")
    before = house.state(ENTITY)
    for action, data, commands in COMMANDS:
        await do(house, action, **data)
        messages = await peer.collect(len(commands))
        assert {str(each.topic): each.payload for each in messages} == {
            f"room/{value}/set": payload for value, payload in commands.items()
        }
    assert house.state(ENTITY) is before


async def test_command_templates(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Each command has its template."""
    templates: dict[str, Any] = {
        f"{value}_command_template": f"{value}={{{{ value }}}}" for value in VALUES
    }
    house = await furnish(hass, add_entry, peer, room(*VALUES, **templates))
    await peer.subscribe("room/#")
    for action, data, commands in COMMANDS:
        await do(house, action, **data)
        messages = await peer.collect(len(commands))
        assert [each.payload for each in messages] == [
            f"{value}={payload.decode()}".encode()
            for value, payload in commands.items()
        ]


@pytest.mark.parametrize("told", [False, True])
async def test_optimistic(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, told: bool
) -> None:
    """What no topic tells, or nobody waits for, is believed, from the start."""
    house = await furnish(
        hass, add_entry, peer, room(*VALUES, told=told, optimistic=told, initial=20)
    )
    names = (
        *("temperature", "target_temp_low", "target_temp_high", "humidity"),
        *("fan_mode", "swing_mode", "swing_horizontal_mode", "preset_mode"),
    )
    assert shown(house, *names) == [
        "off",
        20,
        20,
        20,
        None,
        "low",
        "off",
        "off",
        "none",
    ]
    for action, data, _ in COMMANDS[:-1]:
        await do(house, action, **data)
    assert shown(house, *names) == ["cool", 22, 18, 25, 50, "high", "on", "on", "eco"]
    await do(house, "turn_off")
    assert shown(house) == ["off"]


async def test_range_or_one_temperature(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Each mode has either; the other is there again when the mode changes back."""
    modes = ["off", "heat", "heat_cool"]
    house = await furnish(
        hass,
        add_entry,
        peer,
        room(*VALUES[:4], told=False, modes=modes, initial=20),
    )
    names = ("temperature", "target_temp_low", "target_temp_high")
    await do(house, "set_temperature", temperature=22, hvac_mode="heat")
    assert shown(house, *names) == ["heat", 22, None, None]
    await do(
        house,
        "set_temperature",
        target_temp_low=18,
        target_temp_high=25,
        hvac_mode="heat_cool",
    )
    assert shown(house, *names) == ["heat_cool", None, 18, 25]
    await do(house, "set_hvac_mode", hvac_mode="heat")
    assert shown(house, *names) == ["heat", 22, None, None]
    await do(house, "set_hvac_mode", hvac_mode="heat_cool")
    assert shown(house, *names) == ["heat_cool", None, 18, 25]


async def test_power(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """A topic for power is what turns it on and off."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        room(
            "mode", power_command_topic="room/power", payload_off="0", optimistic=True
        ),
    )
    await do(house, "set_hvac_mode", hvac_mode="heat")
    await peer.subscribe("room/#")
    await do(house, "turn_on")
    assert (await peer.next()).payload == b"ON"
    assert shown(house) == ["heat"]
    await do(house, "turn_off")
    assert (await peer.next()).payload == b"0"
    assert shown(house) == ["off"]


async def test_limits(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Limits, steps and precision are the configuration's; what is beyond is refused."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        room(
            "temperature",
            "target_humidity",
            min_temp=10,
            max_temp=20,
            min_humidity=40,
            max_humidity=60,
            temp_step=0.5,
            precision=0.5,
            current_temperature_topic="room/current",
        ),
    )
    await house.say("room/current", "15.3")
    attributes = ("min_temp", "max_temp", "min_humidity", "max_humidity")
    assert shown(house, *attributes, "target_temp_step", "current_temperature")[1:] == [
        *(10, 20, 40, 60, 0.5, 15.5)
    ]
    for action, data in (
        ("set_temperature", {"temperature": 21}),
        ("set_humidity", {"humidity": 61}),
    ):
        with pytest.raises(HomeAssistantError):
            await do(house, action, **data)


@pytest.mark.parametrize(
    ("unit", "minimum", "initial"),
    [("F", 45, 70), ("C", 45, 70), (None, 45, 70)],
)
async def test_units(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    unit: str | None,
    minimum: float,
    initial: float,
) -> None:
    """Defaults are in Home Assistant's unit; what is told is in the device's."""
    hass.config.units = US_CUSTOMARY_SYSTEM
    config = {} if unit is None else {"temperature_unit": unit}
    house = await furnish(
        hass,
        add_entry,
        peer,
        room("temperature", told=False, **SENSORS | config),
    )
    assert shown(house, "min_temp", "temperature")[1:] == [minimum, initial]
    await house.say("room/current_temperature", "20")
    assert shown(house, "current_temperature")[1:] == [68 if unit == "C" else 20]


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What is assumed outlives an edit, what was told only one that means the same."""
    house = await furnish(
        hass, add_entry, peer, room("mode", "temperature", "preset_mode")
    )
    await house.say("room/mode", "heat")
    await house.say("room/temperature", "19")
    await house.say("room/preset_mode", "eco")
    names = ("temperature", "preset_mode")
    await house.change({"c0": room("mode", "temperature", "preset_mode", icon="mdi:x")})
    assert shown(house, *names) == ["heat", 19, "eco"]
    await house.change(
        {"c0": room("mode", "temperature", "preset_mode", value_template="{{ value }}")}
    )
    assert shown(house, *names) == [STATE_UNKNOWN, None, "none"]
    await house.change({"c0": room("mode", "temperature", told=False)})
    assert shown(house, *names) == ["off", 21, None]
    await do(house, "set_temperature", temperature=25, hvac_mode="heat")
    await house.change({"c0": room("mode", "temperature", told=False, initial=10)})
    assert shown(house, *names) == ["heat", 25, None]


async def test_default_name(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a name it is called after the platform."""
    await furnish(hass, add_entry, peer, {"platform": "climate"})
    assert hass.states.get("climate.boiler_mqtt_hvac")
