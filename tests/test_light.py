"""Lights of the three schemas; that they are what core's are is for tests/parity."""

import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import mock_restore_cache

from homeassistant.components.light.const import LightEntityFeature
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.mqtt_websocket.mapping.schemas import device_from_payload

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

ENTITY = "light.boiler_lamp"
COMMAND = "lamp/set"
TOPIC = "lamp"


def lamp(*values: str, told: bool = True, **config: Any) -> dict[str, Any]:
    """Return a basic light with topics for some values, which are told or not."""
    topics: dict[str, Any] = {"command_topic": COMMAND}
    for value in values:
        topics[f"{value}_command_topic"] = f"lamp/{value}/set"
    if told:
        topics["state_topic"] = TOPIC
        for value in values:
            topics[f"{value}_state_topic"] = f"lamp/{value}"
    return {"platform": "light", "name": "Lamp", **topics, **config}


def json_lamp(*modes: str, told: bool = True, **config: Any) -> dict[str, Any]:
    """Return a light of the JSON schema."""
    found = lamp(told=told, schema="json", brightness=True, **config)
    return {**found, "supported_color_modes": list(modes)} if modes else found


def template_lamp(told: bool = True, **config: Any) -> dict[str, Any]:
    """Return a light of the template schema."""
    return lamp(
        told=told,
        schema="template",
        command_on_template="on,{{ brightness | d }},{{ red | d }},{{ color_temp | d }},"
        "{{ effect | d }},{{ transition | d }},{{ flash | d }}",
        command_off_template="off,{{ transition | d }}",
        state_template="{{ value.split(',')[0] }}",
        brightness_template="{{ value.split(',')[1] | d }}",
        color_temp_template="{{ value.split(',')[2] | d }}",
        red_template="{{ value.split(',')[3] | d }}",
        green_template="{{ value.split(',')[4] | d }}",
        blue_template="{{ value.split(',')[5] | d }}",
        effect_template="{{ value.split(',')[6] | d }}",
        effect_list=["fire", "ice"],
        **config,
    )


async def turn(house: House, action: str, **data: Any) -> None:
    """Turn the light on or off."""
    await house.hass.services.async_call(
        "light", f"turn_{action}", {"entity_id": ENTITY, **data}, blocking=True
    )


def shown(house: House, *names: str) -> list[Any]:
    """Return the state, and attributes."""
    state = house.state(ENTITY)
    return [state.state, *(state.attributes.get(name) for name in names)]


async def sent(peer: Peer) -> list[tuple[str, str]]:
    """Return all commands up to now, the topic's first part left out."""
    await peer.publish("lamp/end", "")
    found = []
    while str((message := await peer.next("lamp/#")).topic) != "lamp/end":
        assert isinstance(message.payload, bytes)
        found.append((str(message.topic)[5:], message.payload.decode()))
    return [each for each in found if each[0].endswith("set")]


# --- basic -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said", "attributes"),
    [
        (["brightness"], ("brightness", "100"), {"brightness": 100}),
        (["brightness"], ("brightness", "0"), {"brightness": None}),
        (["rgb"], ("rgb", "100,50,0"), {"rgb_color": (255, 128, 0), "brightness": 100}),
        (["rgb", "brightness"], ("rgb", "100,50,0"), {"rgb_color": (100, 50, 0)}),
        (["rgbw"], ("rgbw", "255,0,0,255"), {"rgbw_color": (255, 0, 0, 255)}),
        (["rgbww"], ("rgbww", "0,0,0,9,0"), {"rgbww_color": (0, 0, 0, 255, 0)}),
        (["hs"], ("hs", "120,50.5"), {"hs_color": (120, 50.5), "color_mode": "hs"}),
        (["xy"], ("xy", "0.3,0.6"), {"xy_color": (0.3, 0.6), "color_mode": "xy"}),
        (["color_temp"], ("color_temp", "250"), {"color_temp_kelvin": 4000}),
        (["effect"], ("effect", "fire"), {"effect": "fire", "color_mode": "onoff"}),
        (["hs", "color_temp"], ("color_temp", "250"), {"color_mode": "color_temp"}),
        (["hs", "color_temp"], ("hs", "1,2"), {"color_mode": "hs"}),
        (["hs", "rgb"], ("effect", "x"), {"color_mode": "unknown"}),
    ],
)
async def test_basic_values(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    values: list[str],
    said: tuple[str, str],
    attributes: dict[str, Any],
) -> None:
    """Each value has its topic."""
    house = await furnish(hass, add_entry, peer, lamp(*values))
    assert shown(house, "assumed_state") == [STATE_UNKNOWN, None]
    await house.say(TOPIC, "ON")
    await house.say(f"lamp/{said[0]}", said[1])
    assert shown(house, *attributes) == [STATE_ON, *attributes.values()]
    assert house.runtime.bad_payloads.count == 0
    await house.say(TOPIC, "OFF")
    assert shown(house) == [STATE_OFF]
    await house.say(TOPIC, "None")
    assert shown(house) == [STATE_UNKNOWN]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("brightness", "bright"),
        ("brightness", "inf"),
        ("brightness", "nan"),
        ("rgb", "1,2"),
        ("rgb", "1,2,3,4"),
        ("rgb", "red"),
        ("rgbw", "1,2,3"),
        ("rgbww", "1,2,3"),
        ("hs", "1"),
        ("hs", "1,2,3"),
        ("hs", "nan,1"),
        ("xy", "inf,0"),
        ("color_temp", "0"),
        ("color_temp", "warm"),
        ("color_mode", "rainbow"),
        ("color_mode", "white"),
        ("color_mode", "onoff"),
    ],
)
async def test_basic_nonsense(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, value: str, said: str
) -> None:
    """What is no value changes nothing, now or later, and is counted."""
    values = ["brightness", "rgb", "rgbw", "rgbww", "hs", "xy", "color_temp"]
    house = await furnish(
        hass,
        add_entry,
        peer,
        lamp(*values, color_mode_state_topic="lamp/color_mode"),
    )
    await house.say(TOPIC, "ON")
    await house.say("lamp/color_mode", value if value in values[1:] else "hs")
    before = house.state(ENTITY)
    await house.say(f"lamp/{value}", said)
    assert house.runtime.bad_payloads.count == 1
    assert house.state(ENTITY) is before
    await house.say(TOPIC, "half on")
    assert house.runtime.bad_payloads.count == 2
    await house.say(TOPIC, "OFF")
    await house.say(TOPIC, "ON")
    assert house.state(ENTITY).attributes == before.attributes


HUGE = "9" * 40


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("brightness", f"-{HUGE}"),
        ("rgb", f"{HUGE},0,0"),
        ("rgbw", f"0,0,0,-{HUGE}"),
        ("rgbww", f"0,0,0,0,{HUGE}"),
        ("hs", f"0,{HUGE}"),
        ("xy", f"{HUGE},0"),
        ("color_temp", HUGE),
    ],
)
async def test_numbers_that_no_browser_could_read(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, value: str, said: str
) -> None:
    """A state that is no JSON would keep every state from every browser."""
    values = ["brightness", "rgb", "rgbw", "rgbww", "hs", "xy", "color_temp"]
    number = HUGE.removeprefix("-")
    house = await furnish(
        hass,
        add_entry,
        peer,
        lamp(*values, color_temp_kelvin=True),
        json_lamp("rgb", "hs", "color_temp", state_topic="lamp/json"),
        template_lamp() | {"state_topic": "lamp/template"},
    )
    await house.say(TOPIC, "ON")
    await house.say(f"lamp/{value}", said)
    assert house.runtime.bad_payloads.count == 1
    for color in (
        {"color_mode": "rgb", "color": {"r": number, "g": 0, "b": 0}},
        {"color_mode": "hs", "color": {"h": 0, "s": number}},
        {"color_mode": "color_temp", "color_temp": 1e-30},
    ):
        await house.say("lamp/json", {"state": "ON", **color})
    assert house.runtime.bad_payloads.count == 4
    await house.say("lamp/template", f"on,{number},1,{number},0,0,fire")
    assert house.runtime.bad_payloads.count == 6
    for state in hass.states.async_all("light"):
        assert state.as_dict_json


async def test_basic_effects_may_leave_nothing_to_adjust(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A color mode that only an effect has is not shown without one."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        lamp("rgb", "effect", color_mode_state_topic="lamp/color_mode"),
    )
    await house.say(TOPIC, "ON")
    await house.say("lamp/color_mode", "onoff")
    assert shown(house, "color_mode") == [STATE_ON, "unknown"]
    await house.say("lamp/effect", "fire")
    assert shown(house, "color_mode") == [STATE_ON, "onoff"]
    await house.say("lamp/color_mode", "brightness")
    assert shown(house, "color_mode") == [STATE_ON, "brightness"]
    await house.say("lamp/effect", "off")
    assert shown(house, "color_mode") == [STATE_ON, "unknown"]
    assert house.runtime.bad_payloads.count == 0


@pytest.mark.parametrize(
    ("values", "config", "data", "commands"),
    [
        ([], {}, {}, [("set", "ON")]),
        ([], {"payload_on": "1"}, {}, [("set", "1")]),
        (
            ["brightness"],
            {"brightness_scale": 100},
            {"brightness": 128},
            [("brightness/set", "50"), ("set", "ON")],
        ),
        (
            ["brightness"],
            {"brightness_scale": 100},
            {"brightness": 1},
            [("brightness/set", "1"), ("set", "ON")],
        ),
        (
            ["brightness"],
            {"on_command_type": "first"},
            {"brightness": 9},
            [("set", "ON"), ("brightness/set", "9")],
        ),
        (
            ["brightness"],
            {"on_command_type": "brightness"},
            {},
            [("brightness/set", "255")],
        ),
        (
            ["rgb"],
            {},
            {"rgb_color": [200, 100, 0], "brightness": 51},
            [("rgb/set", "40,20,0"), ("set", "ON")],
        ),
        (
            ["rgb", "brightness"],
            {},
            {"rgb_color": [200, 100, 0], "brightness": 51},
            [("rgb/set", "200,100,0"), ("brightness/set", "51"), ("set", "ON")],
        ),
        (["rgb"], {}, {"brightness": 51}, [("rgb/set", "51,51,51"), ("set", "ON")]),
        (
            ["rgbw"],
            {},
            {"brightness": 51},
            [("rgbw/set", "51,51,51,51"), ("set", "ON")],
        ),
        (
            ["rgbww"],
            {"rgbww_command_template": "{{ cold_white }} {{ warm_white }}"},
            {"rgbww_color": [1, 2, 3, 4, 5]},
            [("rgbww/set", "4 5"), ("set", "ON")],
        ),
        (
            ["hs"],
            {"hs_command_template": "{{ hue }} {{ sat }}"},
            {"hs_color": [10, 20]},
            [("hs/set", "10.0 20.0"), ("set", "ON")],
        ),
        (["xy"], {}, {"xy_color": [0.1, 0.2]}, [("xy/set", "0.1,0.2"), ("set", "ON")]),
        (
            ["color_temp"],
            {},
            {"color_temp_kelvin": 4000},
            [("color_temp/set", "250"), ("set", "ON")],
        ),
        (
            ["color_temp"],
            {"color_temp_kelvin": True},
            {"color_temp_kelvin": 4000},
            [("color_temp/set", "4000"), ("set", "ON")],
        ),
        (
            ["effect"],
            {"effect_list": ["fire"]},
            {"effect": "fire"},
            [("effect/set", "fire"), ("set", "ON")],
        ),
        (["effect"], {"effect_list": ["fire"]}, {"effect": "x"}, [("set", "ON")]),
        (["effect"], {}, {"effect": "fire"}, [("set", "ON")]),
        (
            ["rgb", "white"],
            {"white_scale": 10},
            {"white": 255},
            [("white/set", "10"), ("set", "ON")],
        ),
    ],
)
async def test_basic_commands(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    values: list[str],
    config: dict[str, Any],
    data: dict[str, Any],
    commands: list[tuple[str, str]],
) -> None:
    """Each command has its topic; the state waits until it is told."""
    house = await furnish(hass, add_entry, peer, lamp(*values, **config))
    await peer.subscribe("lamp/#")
    await turn(house, "on", **data)
    assert await sent(peer) == commands
    assert shown(house) == [STATE_UNKNOWN]
    await house.say(TOPIC, config.get("payload_on", "ON"))
    await turn(house, "off")
    assert await sent(peer) == [("set", "OFF")]
    assert shown(house) == [STATE_ON]


async def test_basic_optimistic(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What no topic tells is believed."""
    values = ["brightness", "rgb", "hs", "color_temp", "effect", "white"]
    house = await furnish(
        hass, add_entry, peer, lamp(*values, told=False, effect_list=["fire"])
    )
    assert shown(house, "assumed_state") == [STATE_UNKNOWN, True]
    for data, attributes in (
        ({"rgb_color": (255, 0, 0), "brightness": 9}, {"color_mode": "rgb"}),
        ({"hs_color": (10, 20)}, {"color_mode": "hs", "hs_color": (10, 20)}),
        ({"color_temp_kelvin": 3000}, {"color_temp_kelvin": 3000, "brightness": 9}),
        ({"effect": "fire"}, {"effect": "fire", "color_mode": "color_temp"}),
        ({"white": 80}, {"color_mode": "white", "brightness": 80}),
    ):
        await turn(house, "on", **data)
        assert shown(house, *attributes) == [STATE_ON, *attributes.values()]
    await turn(house, "off")
    assert shown(house, "brightness") == [STATE_OFF, None]


async def test_white_needs_a_color(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Home Assistant knows no light that is white alone."""
    house = await furnish(hass, add_entry, peer, lamp("white"))
    assert hass.states.get(ENTITY) is None
    running = house.runtime.devices.running["device-1"]
    assert "white" in running.invalid["c0"]


# --- JSON ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modes", "said", "attributes"),
    [
        ([], {"brightness": 100}, {"brightness": 100, "color_mode": "brightness"}),
        ([], {"brightness": 0}, {"brightness": None}),
        (
            ["rgb", "hs"],
            {"color_mode": "rgb", "color": {"r": 1, "g": 2, "b": 3}},
            {"rgb_color": (1, 2, 3), "color_mode": "rgb"},
        ),
        (
            ["rgbw"],
            {"color_mode": "rgbw", "color": {"r": 1, "g": 2, "b": 3, "w": 4}},
            {"rgbw_color": (1, 2, 3, 4)},
        ),
        (
            ["rgbww"],
            {"color_mode": "rgbww", "color": {"r": 1, "g": 2, "b": 3, "c": 4, "w": 5}},
            {"rgbww_color": (1, 2, 3, 4, 5)},
        ),
        (
            ["rgb", "hs"],
            {"color_mode": "hs", "color": {"h": 10, "s": "20"}},
            {"hs_color": (10, 20), "color_mode": "hs"},
        ),
        (
            ["xy", "hs"],
            {"color_mode": "xy", "color": {"x": 0.1, "y": 0.2}},
            {"xy_color": (0.1, 0.2), "color_mode": "xy"},
        ),
        (
            ["color_temp", "hs"],
            {"color_mode": "color_temp", "color_temp": 250},
            {"color_temp_kelvin": 4000, "color_mode": "color_temp"},
        ),
        (["rgb", "white"], {"color_mode": "white"}, {"color_mode": "white"}),
        ([], {"effect": "fire"}, {"effect": "fire"}),
    ],
)
async def test_json_values(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    modes: list[str],
    said: dict[str, Any],
    attributes: dict[str, Any],
) -> None:
    """One object tells everything."""
    house = await furnish(
        hass, add_entry, peer, json_lamp(*modes, effect=True, effect_list=["fire"])
    )
    assert shown(house) == [STATE_UNKNOWN]
    await house.say(TOPIC, {"state": "ON", **said})
    assert shown(house, *attributes) == [STATE_ON, *attributes.values()]
    assert house.runtime.bad_payloads.count == 0
    await house.say(TOPIC, {"state": "OFF"})
    assert shown(house) == [STATE_OFF]
    await house.say(TOPIC, {"state": None})
    assert shown(house) == [STATE_UNKNOWN]


@pytest.mark.parametrize(
    "said",
    [
        {"color_mode": "nosuch"},
        {"color_mode": "rgb"},
        {"color_mode": ["hs"]},
        {"color_mode": "hs", "color": {"h": 1}},
        {"color_mode": "hs", "color": {"h": "nan", "s": 1}},
        {"color_mode": "hs", "color": {"h": "red", "s": 1}},
        {"color_mode": "hs", "color": [1, 2]},
        {"color_mode": "color_temp"},
        {"color_mode": "color_temp", "color_temp": 0},
        {"color_mode": "color_temp", "color_temp": "warm"},
        {"brightness": "bright"},
        {"brightness": [1]},
    ],
)
async def test_json_nonsense(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, said: dict[str, Any]
) -> None:
    """One value that is none leaves the others as they are."""
    house = await furnish(hass, add_entry, peer, json_lamp("hs", "color_temp"))
    await house.say(
        TOPIC,
        {
            "state": "OFF",
            "color_mode": "hs",
            "color": {"h": 1, "s": 2},
            "brightness": 3,
        },
    )
    await house.say(TOPIC, {"state": "ON", **said})
    assert house.runtime.bad_payloads.count == 1
    assert shown(house, "color_mode", "hs_color", "brightness") == [
        STATE_ON,
        "hs",
        (1, 2),
        3,
    ]


async def test_json_kelvin(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Kelvins are shown as the device tells them, and no words in their place."""
    house = await furnish(
        hass, add_entry, peer, json_lamp("color_temp", color_temp_kelvin=True)
    )
    told = {"state": "ON", "color_mode": "color_temp"}
    for color_temp in (3000, 3000.5):
        await house.say(TOPIC, {**told, "color_temp": color_temp})
        assert shown(house, "color_temp_kelvin") == [STATE_ON, color_temp]
    assert house.runtime.bad_payloads.count == 0
    await house.say(TOPIC, {**told, "color_temp": "warm"})
    assert house.runtime.bad_payloads.count == 1
    assert shown(house, "color_temp_kelvin") == [STATE_ON, 3000.5]


@pytest.mark.parametrize("said", ["", "ON", "[]", "{}", '{"brightness": 5}', b"\xff"])
async def test_json_without_a_state(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, said: str | bytes
) -> None:
    """What says nothing about the state is no message of a light."""
    house = await furnish(hass, add_entry, peer, json_lamp())
    before = house.state(ENTITY)
    await house.say(TOPIC, said)
    assert house.state(ENTITY) is before
    assert house.runtime.bad_payloads.count == 1


@pytest.mark.parametrize(
    ("modes", "config", "data", "command"),
    [
        ([], {}, {}, {}),
        ([], {}, {"brightness": 51}, {"brightness": 51}),
        ([], {"brightness_scale": 100}, {"brightness": 51}, {"brightness": 20}),
        ([], {"brightness_scale": 100}, {"brightness": 1}, {"brightness": 1}),
        ([], {}, {"transition": 2, "flash": "long"}, {"transition": 2, "flash": 10}),
        ([], {"flash_time_short": 7}, {"flash": "short"}, {"flash": 7}),
        ([], {"flash": False}, {"flash": "short"}, {}),
        (["hs"], {}, {"hs_color": [1, 2]}, {"color": {"h": 1, "s": 2}}),
        (["xy"], {}, {"xy_color": [0.1, 0.2]}, {"color": {"x": 0.1, "y": 0.2}}),
        (
            ["rgb"],
            {},
            {"rgb_color": [50, 100, 0], "brightness": 51},
            {"color": {"r": 50, "g": 100, "b": 0}, "brightness": 51},
        ),
        (
            ["rgb"],
            {"brightness": False},
            {"rgb_color": [50, 100, 0], "brightness": 51},
            {"color": {"r": 10, "g": 20, "b": 0}},
        ),
        (
            ["rgbw"],
            {},
            {"rgbw_color": [1, 2, 3, 4]},
            {"color": {"r": 1, "g": 2, "b": 3, "w": 4}},
        ),
        (
            ["rgbww"],
            {},
            {"rgbww_color": [1, 2, 3, 4, 5]},
            {"color": {"r": 1, "g": 2, "b": 3, "c": 4, "w": 5}},
        ),
        (["color_temp"], {}, {"color_temp_kelvin": 4000}, {"color_temp": 250}),
        (["rgb", "white"], {"white_scale": 10}, {"white": 255}, {"white": 10}),
        (["rgb", "white"], {"white_scale": 10}, {"white": 1}, {"white": 1}),
        ([], {"effect": True, "effect_list": ["fire"]}, {"effect": "fire"}, {"effect": "fire"}),
    ],
)  # fmt: skip
async def test_json_commands(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    modes: list[str],
    config: dict[str, Any],
    data: dict[str, Any],
    command: dict[str, Any],
) -> None:
    """One object commands everything."""
    house = await furnish(hass, add_entry, peer, {**json_lamp(*modes), **config})
    await peer.subscribe(COMMAND)
    await turn(house, "on", **data)
    ((_, payload),) = await sent_json(peer)
    assert payload == {"state": "ON", **command}
    await turn(house, "off", transition=3)
    assert (await sent_json(peer))[0][1] == {"state": "OFF", "transition": 3}
    assert shown(house) == [STATE_UNKNOWN]


async def sent_json(peer: Peer) -> list[tuple[str, Any]]:
    """Return the one command there is, as JSON."""
    message = await peer.next(COMMAND)
    assert isinstance(message.payload, bytes)
    return [(str(message.topic), json.loads(message.payload))]


async def test_json_optimistic(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What no topic tells is believed."""
    modes = ("rgb", "hs", "color_temp", "white")
    house = await furnish(
        hass,
        add_entry,
        peer,
        json_lamp(*modes, told=False, effect=True, effect_list=["fire"]),
    )
    assert shown(house, "assumed_state") == [STATE_UNKNOWN, True]
    for data, attributes in (
        ({"rgb_color": (255, 0, 0), "brightness": 9}, {"color_mode": "rgb"}),
        ({"hs_color": (10, 20)}, {"color_mode": "hs", "hs_color": (10, 20)}),
        ({"color_temp_kelvin": 3000}, {"color_temp_kelvin": 3000, "brightness": 9}),
        ({"effect": "fire"}, {"effect": "fire", "color_mode": "color_temp"}),
        ({"white": 80}, {"color_mode": "white", "brightness": 80}),
    ):
        await turn(house, "on", **data)
        assert shown(house, *attributes) == [STATE_ON, *attributes.values()]
    await turn(house, "off")
    assert shown(house) == [STATE_OFF]


# --- template -----------------------------------------------------------------------


async def test_template_values(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Each template finds its value in one payload."""
    house = await furnish(hass, add_entry, peer, template_lamp())
    names = ("brightness", "color_mode", "color_temp_kelvin", "hs_color", "effect")
    await house.say(TOPIC, "on,100,250,None,None,None,fire")
    assert shown(house, *names)[:4] == [STATE_ON, 100, "color_temp", 4000]
    assert shown(house, "effect") == [STATE_ON, "fire"]
    await house.say(TOPIC, "on,50,None,255,0,0,ice")
    assert shown(house, *names) == [STATE_ON, 50, "hs", None, (0, 100), "ice"]
    await house.say(TOPIC, ",0,,,,,")
    assert shown(house, *names) == [STATE_ON, 50, "hs", None, (0, 100), "ice"]
    assert house.runtime.bad_payloads.count == 0
    await house.say(TOPIC, "half,bright,warm,red,green,blue,water")
    assert shown(house, *names) == [STATE_ON, 50, "hs", None, (0, 100), "ice"]
    assert house.runtime.bad_payloads.count == 5
    await house.say(TOPIC, "None")
    assert shown(house) == [STATE_UNKNOWN]


async def test_template_commands(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """One template makes the command to turn on, another that to turn off."""
    house = await furnish(hass, add_entry, peer, template_lamp(told=False))
    await peer.subscribe("lamp/#")
    assert house.state(ENTITY).attributes["supported_features"] == (
        LightEntityFeature.EFFECT
        | LightEntityFeature.FLASH
        | LightEntityFeature.TRANSITION
    )
    for data, command, attributes in (
        ({}, "on,,,,,,", {}),
        ({"brightness": 9}, "on,9,,,,,", {"color_mode": "unknown"}),
        ({"hs_color": (0, 100)}, "on,,255,,,,", {"hs_color": (0, 100)}),
        ({"color_temp_kelvin": 4000}, "on,,,250,,,", {"color_mode": "color_temp"}),
        ({"effect": "fire"}, "on,,,,fire,,", {"effect": "fire"}),
        ({"transition": 2, "flash": "long"}, "on,,,,,2.0,long", {"brightness": 9}),
    ):
        await turn(house, "on", **data)
        assert await sent(peer) == [("set", command)]
        assert shown(house, *attributes) == [STATE_ON, *attributes.values()]
    await turn(house, "off", transition=3)
    assert await sent(peer) == [("set", "off,3.0")]
    assert shown(house) == [STATE_OFF]


# --- all ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda told: lamp("brightness", "hs", "color_temp", "effect", told=told, effect_list=["fire"]),
        lambda told: json_lamp("hs", "color_temp", told=told, effect=True, effect_list=["fire"]),
        template_lamp,
    ],
    ids=["basic", "json", "template"],
)  # fmt: skip
async def test_restored(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, make: Any
) -> None:
    """What is assumed outlives a restart; what will be told does not."""
    attributes = {
        "brightness": 9,
        "color_mode": "hs",
        "hs_color": (10, 20),
        "effect": "fire",
    }
    mock_restore_cache(
        hass,
        [
            State(ENTITY, STATE_ON, attributes),
            State(f"{ENTITY}_2", STATE_ON, attributes),
        ],
    )
    house = await furnish(hass, add_entry, peer, make(False), make(True))
    assert shown(house, *attributes) == [STATE_ON, *attributes.values()]
    assert house.state(f"{ENTITY}_2").state == STATE_UNKNOWN


async def test_renamed(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Under another entity id it is the same light: what was restored once is old."""
    mock_restore_cache(hass, [State("light.other", STATE_ON, {"brightness": 9})])
    house = await furnish(hass, add_entry, peer, lamp("brightness", told=False))
    await turn(house, "on", brightness=50)
    er.async_get(hass).async_update_entity(ENTITY, new_entity_id="light.other")
    await hass.async_block_till_done()
    state = house.state("light.other")
    assert state.attributes["brightness"] == 50


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Another schema makes another light of the same name; the registry keeps its entry."""
    house = await furnish(hass, add_entry, peer, lamp("brightness"))
    registered = house.registered(ENTITY).id
    await house.say(TOPIC, "ON")
    await house.say("lamp/brightness", "50")
    await house.change({"c0": lamp("brightness", icon="mdi:lamp")})
    assert shown(house, "brightness", "icon") == [STATE_ON, 50, "mdi:lamp"]
    await house.change({"c0": lamp("brightness", brightness_scale=100)})
    assert shown(house) == [STATE_UNKNOWN]

    await house.change({"c0": json_lamp("rgb", "color_temp")})
    assert house.registered(ENTITY).id == registered
    await house.say(
        TOPIC, {"state": "ON", "color_mode": "color_temp", "color_temp": 200}
    )
    assert shown(house, "color_mode") == [STATE_ON, "color_temp"]
    await house.change({"c0": json_lamp("rgb")})
    assert shown(house) == [STATE_UNKNOWN]
    await house.say(TOPIC, {"state": "ON"})
    assert shown(house, "color_mode") == [STATE_ON, "rgb"]

    await house.change({"c0": template_lamp(told=False)})
    await turn(house, "on", hs_color=[1, 2])
    await house.change({"c0": template_lamp(told=False, icon="mdi:lamp")})
    assert shown(house, "hs_color") == [STATE_ON, (1, 2)]
    assert house.registered(ENTITY).id == registered


async def test_impossible_command(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A template that fails fails the action; nothing is assumed."""
    house = await furnish(
        hass, add_entry, peer, template_lamp(told=False) | {"command_on_template": "{{ 1 / 0 }}"}
    )  # fmt: skip
    with pytest.raises(HomeAssistantError) as caught:
        await turn(house, "on")
    assert caught.value.translation_key == "command_template_error"
    assert shown(house) == [STATE_UNKNOWN]


async def test_default_names(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a name it is called after its schema, as core's are."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        *(
            {key: value for key, value in each.items() if key != "name"}
            for each in (lamp(), json_lamp(), template_lamp())
        ),
    )
    for name in ("mqtt_lightentity", "mqtt_json_light", "mqtt_template_light"):
        assert house.state(f"light.boiler_{name}")


@pytest.mark.parametrize(
    "config",
    [
        {"schema": "xml"},
        {"schema": "template"},
        {"schema": "json", "supported_color_modes": ["brightness", "rgb"]},
        {"schema": "json", "supported_color_modes": ["nosuch"]},
        {"on_command_type": "later"},
        {"brightness_scale": 0},
    ],
)
async def test_refused(hass: HomeAssistant, config: dict[str, Any]) -> None:
    """What core's schemas refuse."""
    found = device_from_payload({"components": {"c": lamp(**config)}}, identifier="x")
    assert "c" in found.invalid
