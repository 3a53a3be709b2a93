"""Published entities that are announced to others, who understand them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.identity import home_of

from .conftest import AddEntry
from .support.demo import add_demo
from .support.homes import core_home, our_home
from .support.rules import rule
from .support.server import MqttServer
from .test_publishing_commands import HELPERS

PLATFORMS = (
    "binary_sensor",
    "button",
    "climate",
    "cover",
    "event",
    "fan",
    "humidifier",
    "light",
    "lock",
    "number",
    "select",
    "sensor",
    "siren",
    "switch",
    "text",
    "update",
)
ALL = [*PLATFORMS, *HELPERS]
# What the entities of a platform have in common with those that they stand for.
SAME = {
    "binary_sensor": ("device_class",),
    "button": (),
    "climate": (
        "current_humidity",
        "current_temperature",
        "fan_mode",
        "fan_modes",
        "humidity",
        "hvac_action",
        "hvac_modes",
        "max_temp",
        "min_temp",
        "preset_mode",
        "swing_horizontal_mode",
        "swing_mode",
        "swing_modes",
        "target_temp_high",
        "target_temp_low",
        "temperature",
    ),
    "cover": ("current_position", "current_tilt_position", "device_class"),
    "event": ("device_class", "event_types"),
    "fan": ("direction", "oscillating", "percentage", "preset_mode"),
    "light": (
        "brightness",
        "color_mode",
        "color_temp_kelvin",
        "effect",
        "effect_list",
        "hs_color",
        "max_color_temp_kelvin",
        "min_color_temp_kelvin",
        "rgbw_color",
        "rgbww_color",
        "supported_color_modes",
        "supported_features",
    ),
    "lock": (),
    "number": ("device_class", "max", "min", "mode", "step", "unit_of_measurement"),
    "select": ("options",),
    "sensor": ("device_class", "options", "state_class", "unit_of_measurement"),
    "switch": (),
    "text": ("max", "min", "mode"),
    "update": (
        "device_class",
        "in_progress",
        "installed_version",
        "latest_version",
        "release_summary",
        "title",
        "update_percentage",
    ),
}
EXPECTED = {
    **{domain: domain for domain in SAME},
    "humidifier": "switch",
    "input_boolean": "switch",
    "input_button": "button",
    "input_datetime": "text",
    "input_number": "number",
    "input_select": "select",
    "input_text": "text",
    "scene": "button",
    "script": "button",
    "siren": "switch",
}


def announcing(*entities: str, **data: Any) -> Any:
    """Return a rule that announces, and takes commands."""
    return rule(
        *entities,
        **{"announce": True, "commands": True, "command_locks": True, **data},
    )


@dataclass
class Reader:
    """A Home Assistant that finds what another one announces on the same broker."""

    hass: HomeAssistant
    entry: MockConfigEntry

    def copy(self, origin: HomeAssistant, entity_id: str, platform: str) -> str | None:
        """Return the entity that stands here for one of another Home Assistant."""
        entity = er.async_get(origin).async_get(entity_id)
        key = entity_id.replace(".", "_") if entity is None else entity.id
        return er.async_get(self.hass).async_get_entity_id(
            platform, self.entry.domain, f"{home_of(origin)}_{key}"
        )

    def state(
        self, origin: HomeAssistant, entity_id: str, platform: str
    ) -> State | None:
        """Return the state of the entity that stands here for another."""
        copy = self.copy(origin, entity_id, platform)
        return None if copy is None else self.hass.states.get(copy)

    async def call(
        self, origin: HomeAssistant, entity_id: str, service: str, **data: Any
    ) -> None:
        """Call an action of the entity that stands here for another."""
        platform = EXPECTED[entity_id.partition(".")[0]]
        copy = self.copy(origin, entity_id, platform)
        await self.hass.services.async_call(
            platform, service, {"entity_id": copy, **data}, blocking=True
        )


@pytest.fixture(params=["core", "ours"])
async def reader(
    request: pytest.FixtureRequest, server: MqttServer, hass: HomeAssistant
) -> AsyncIterator[Reader]:
    """Return another Home Assistant, with core's integration or with ours."""
    if request.param == "core":
        async with core_home(server) as (other, entry):
            yield Reader(other, entry)
    else:
        async with our_home("other", url=server.ws_url, discovery=True) as (
            other,
            entry,
        ):
            yield Reader(other, entry)


async def become(
    expected: object, read: Callable[[], object], timeout: float = 20
) -> None:
    """Return once what is read is as expected; fail with what it is if it does not."""
    last: object = None
    try:
        async with asyncio.timeout(timeout):
            while (last := read()) != expected:
                await asyncio.sleep(0.01)
    except TimeoutError:
        assert last == expected


def differences(hass: HomeAssistant, reader: Reader, entity_id: str) -> dict[str, Any]:
    """Return what is different of an entity and of the one that stands for it."""
    domain = entity_id.partition(".")[0]
    platform = EXPECTED[domain]
    there = reader.state(hass, entity_id, platform)
    if there is None:
        return {"copy": None}
    here = hass.states.get(entity_id)
    assert here is not None
    found: dict[str, Any] = {}
    # A text can't be unknown.
    expected = (
        "unavailable" if platform == "text" and here.state == "unknown" else here.state
    )
    if platform != "button" and domain != "event" and there.state != expected:
        found["state"] = (expected, there.state)
    if domain == platform:
        for name in SAME[platform]:
            one, other = here.attributes.get(name), there.attributes.get(name)
            if _plain(one) != _plain(other):
                found[name] = (one, other)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return sorted(str(float(x)) if isinstance(x, int) else str(x) for x in value)
    return value


def announced_entities(hass: HomeAssistant) -> list[str]:
    """Return the entities that stand for something in another Home Assistant."""
    return [
        each
        for each in hass.states.async_entity_ids()
        if each.partition(".")[0] in EXPECTED
    ]


@pytest.fixture
async def everything(hass: HomeAssistant) -> None:
    """Add entities of all domains."""
    await add_demo(hass, PLATFORMS)
    for domain, config in HELPERS.items():
        assert await async_setup_component(hass, domain, {domain: config})
    await hass.async_block_till_done()


async def test_understood(
    hass: HomeAssistant,
    add_entry: AddEntry,
    everything: None,
    reader: Reader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Entities of all domains are there as what they are, with all that they can."""
    entities = announced_entities(hass)
    await add_entry(subentries=[announcing(domains=ALL)])
    assert {each.partition(".")[0] for each in entities} == EXPECTED.keys()

    def read() -> dict[str, Any]:
        return {
            entity_id: found
            for entity_id in entities
            if (found := differences(hass, reader, entity_id))
        }

    await become({}, read)
    complaints = [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and "mqtt" in record.name
    ]
    assert complaints == []


# The action of a copy, its data, and what becomes of the entity.
CONTROLS: list[tuple[str, str, dict[str, Any], Any]] = [
    ("climate.hvac", "set_temperature", {"temperature": 19.5}, ("temperature", 19.5)),
    ("climate.hvac", "set_hvac_mode", {"hvac_mode": "off"}, "off"),
    ("climate.hvac", "turn_on", {}, "heat"),
    ("climate.hvac", "set_humidity", {"humidity": 60}, ("humidity", 60)),
    ("climate.hvac", "set_fan_mode", {"fan_mode": "on_low"}, ("fan_mode", "on_low")),
    ("climate.hvac", "set_swing_mode", {"swing_mode": "auto"}, ("swing_mode", "auto")),
    (
        "climate.ecobee",
        "set_preset_mode",
        {"preset_mode": "eco"},
        ("preset_mode", "eco"),
    ),
    (
        "climate.ecobee",
        "set_temperature",
        {"target_temp_low": 25, "target_temp_high": 27},
        ("target_temp_low", 25.0),
    ),
    ("cover.garage_door", "close_cover", {}, "closed"),
    ("cover.hall_window", "set_cover_position", {"position": 90}, "opening"),
    ("cover.hall_window", "stop_cover", {}, "open"),
    ("fan.living_room_fan", "turn_on", {}, "on"),
    ("fan.living_room_fan", "set_percentage", {"percentage": 33}, ("percentage", 33)),
    ("fan.living_room_fan", "oscillate", {"oscillating": True}, ("oscillating", True)),
    (
        "fan.living_room_fan",
        "set_direction",
        {"direction": "reverse"},
        ("direction", "reverse"),
    ),
    (
        "fan.preset_only_limited_fan",
        "set_preset_mode",
        {"preset_mode": "sleep"},
        ("preset_mode", "sleep"),
    ),
    ("humidifier.hygrostat", "turn_off", {}, "off"),
    ("input_boolean.x", "turn_on", {}, "on"),
    ("input_number.x", "set_value", {"value": 7}, "7.0"),
    ("input_select.x", "select_option", {"option": "b"}, "b"),
    ("light.bed_light", "turn_on", {"brightness": 77}, ("brightness", 77)),
    (
        "light.bed_light",
        "turn_on",
        {"hs_color": (120, 50)},
        ("hs_color", (120.0, 50.0)),
    ),
    (
        "light.bed_light",
        "turn_on",
        {"color_temp_kelvin": 4000},
        ("color_temp_kelvin", 4000),
    ),
    ("light.bed_light", "turn_on", {"effect": "rainbow"}, ("effect", "rainbow")),
    (
        "light.office_rgbw_lights",
        "turn_on",
        {"rgbw_color": (1, 2, 3, 4)},
        ("rgbw_color", (1, 2, 3, 4)),
    ),
    (
        "light.living_room_rgbww_lights",
        "turn_on",
        {"rgbww_color": (1, 2, 3, 4, 5)},
        ("rgbww_color", (1, 2, 3, 4, 5)),
    ),
    ("light.bed_light", "turn_off", {}, "off"),
    ("lock.kitchen_door", "lock", {}, "locked"),
    ("lock.kitchen_door", "unlock", {}, "unlocked"),
    ("number.volume", "set_value", {"value": 17}, "17.0"),
    ("select.speed", "select_option", {"option": "light_speed"}, "light_speed"),
    ("siren.siren", "turn_off", {}, "off"),
    ("switch.ac", "turn_off", {}, "off"),
    ("text.text", "set_value", {"value": "abc"}, "abc"),
]
PRESSED = ("button.push", "input_button.x")


def value_of(hass: HomeAssistant, entity_id: str, like: Any) -> Any:
    """Return an entity's state, or the attribute that is expected."""
    state = hass.states.get(entity_id)
    assert state is not None
    if isinstance(like, tuple):
        return like[0], state.attributes.get(like[0])
    return state.state


def is_other(hass: HomeAssistant, entity_id: str, before: str) -> bool:
    """Whether a state is not what it was."""
    return bool(value_of(hass, entity_id, "") != before)


async def test_controlled(
    hass: HomeAssistant, add_entry: AddEntry, everything: None, reader: Reader
) -> None:
    """What others do with the entities that stand for ours, ours do, and tell it."""
    await add_entry(subentries=[announcing(domains=ALL)])
    controlled = dict.fromkeys([*(each[0] for each in CONTROLS), *PRESSED, "script.x"])
    await become(
        [], lambda: [each for each in controlled if differences(hass, reader, each)]
    )

    for entity_id, service, data, expected in CONTROLS:
        await reader.call(hass, entity_id, service, **data)
        await become(expected, partial(value_of, hass, entity_id, expected))
        await become({}, partial(differences, hass, reader, entity_id))

    for entity_id in PRESSED:
        before = value_of(hass, entity_id, "")
        await reader.call(hass, entity_id, "press")
        await become(True, partial(is_other, hass, entity_id, before))
    ran = async_capture_events(hass, "script_ran")
    await reader.call(hass, "script.x", "press")
    await become(1, lambda: len(ran))
