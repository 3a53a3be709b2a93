"""Numbers that nobody means, in every place for one: an entity may be odd, never broken."""

import contextlib
from datetime import timedelta
import json
import logging
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .conftest import AddEntry
from .support.devices import furnish
from .support.home import Home, add_home_fixture, home_fixture, info
from .support.peer import Peer

__all__ = ["add_home_fixture", "home_fixture"]

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "binary_sensor": ("expire_after", "off_delay"),
    "climate": (
        "initial", "max_humidity", "max_temp", "min_humidity", "min_temp", "precision",
        "temp_step",
    ),
    "cover": (
        "position_closed", "position_open", "tilt_closed_value", "tilt_max",
        "tilt_min", "tilt_opened_value",
    ),
    "fan": ("speed_range_max", "speed_range_min"),
    "light": (
        "brightness_scale", "flash_time_long", "flash_time_short", "max_kelvin",
        "max_mireds", "min_kelvin", "min_mireds", "white_scale",
    ),
    "number": ("max", "min", "step"),
    "sensor": ("expire_after", "suggested_display_precision"),
    "switch": ("qos", "message_expiry_interval"),
    "text": ("max", "min"),
    "update": ("display_precision",),
}  # fmt: skip
VALUES: Final = (0, -1, 10**9, 10**14, 2**62, "9" * 30, 1e300, "9" * 400, "inf", "nan")
BASIC: Final[dict[str, dict[str, Any]]] = {
    "climate": {
        "modes": ["off", "heat"],
        "mode_command_topic": "set",
        "temperature_state_topic": "number",
        "temperature_command_topic": "set",
        "target_humidity_state_topic": "number",
        "target_humidity_command_topic": "set",
        "current_temperature_topic": "number",
    },
    "cover": {
        "command_topic": "set",
        "position_topic": "number",
        "set_position_topic": "set",
        "tilt_status_topic": "number",
        "tilt_command_topic": "set",
    },
    "fan": {
        "command_topic": "set",
        "percentage_state_topic": "number",
        "percentage_command_topic": "set",
    },
    "light": {
        "command_topic": "set",
        "brightness_state_topic": "number",
        "brightness_command_topic": "set",
        "color_temp_state_topic": "number",
        "color_temp_command_topic": "set",
        "white_command_topic": "set",
    },
    "number": {"command_topic": "set", "state_topic": "number"},
    "sensor": {"state_topic": "number", "unit_of_measurement": "W"},
    "binary_sensor": {"state_topic": "state"},
    "switch": {"command_topic": "set", "state_topic": "state"},
    "text": {"command_topic": "set", "state_topic": "state"},
    "update": {"state_topic": "number", "latest_version_topic": "number"},
}
JSON_LIGHT: Final = {
    "schema": "json",
    "command_topic": "set",
    "state_topic": "light",
    "brightness": True,
    "supported_color_modes": ["color_temp"],
}
COMMANDS: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("climate", "set_temperature", {"temperature": 20}),
    ("climate", "set_humidity", {"humidity": 50}),
    ("cover", "set_cover_position", {"position": 40}),
    ("cover", "set_cover_tilt_position", {"tilt_position": 40}),
    ("fan", "set_percentage", {"percentage": 40}),
    ("fan", "increase_speed", {}),
    ("light", "turn_on", {"brightness": 100}),
    ("light", "turn_on", {"color_temp_kelvin": 3000}),
    ("light", "turn_on", {"flash": "long"}),
    ("number", "set_value", {"value": 1}),
    ("switch", "turn_on", {}),
    ("text", "set_value", {"value": "x"}),
)


def components() -> dict[str, dict[str, Any]]:
    """Return an entity for each platform, key and value."""
    found: dict[str, dict[str, Any]] = {}
    for platform, keys in KEYS.items():
        kinds = [BASIC[platform]]
        if platform == "light":
            kinds.append(JSON_LIGHT)
        for basic in kinds:
            for key in keys:
                for value in VALUES:
                    name = f"x{len(found)}"
                    found[name] = {
                        "platform": platform,
                        "unique_id": name,
                        "name": f"{key} {value!s:.10}",
                        **basic,
                        key: value,
                    }
    return found


async def test_announced(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is accepted takes messages and commands; what is not says why."""
    hass = home.hass
    config = {
        "device": info(),
        "origin": {"name": "test"},
        "components": components(),
    }
    await home.announce("device/huge", config)
    assert len(home.entities) > 100
    for number in ("5", "1e18", "-3", "1e300", "9" * 400):
        await home.say("number", number)
    for state in ("ON", "OFF"):
        await home.say("state", state)
    for brightness in (5, 10**18, -3):
        light = {"state": "ON", "brightness": brightness, "color_temp": brightness}
        await home.say("light", json.dumps(light))
    for domain, service, data in COMMANDS:
        for entity_id in home.entities:
            if entity_id.startswith(f"{domain}."):
                # It may say that it does not take this, which texts do with the second.
                refusals = HomeAssistantError, *([ValueError] * (domain == "text"))
                with contextlib.suppress(*refusals):
                    await hass.services.async_call(
                        domain, service, {"entity_id": entity_id, **data}, blocking=True
                    )
    await home.settled()
    assert not [
        f"{each.name} {each.getMessage()[-300:]} {each.exc_info}"
        for each in caplog.records
        if each.levelno >= logging.ERROR or each.exc_info
    ]
    assert home.runtime.broker.counters.handler_errors == 0
    assert home.runtime.broker.connected


@pytest.mark.parametrize("expire_after", [10**14, 2**62])
@pytest.mark.parametrize("platform", ["sensor", "binary_sensor"])
async def test_restored(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    platform: str,
    expire_after: int,
) -> None:
    """What expires in a million years is restored, and stays."""
    entity_id = f"{platform}.boiler_a"
    stored = {"native_value": "on", "native_unit_of_measurement": None}
    last = State(entity_id, "on", last_changed=dt_util.utcnow() - timedelta(seconds=9))
    mock_restore_cache_with_extra_data(hass, [(last, stored)])
    config = {
        "platform": platform,
        "name": "A",
        "state_topic": "a",
        "expire_after": expire_after,
    }
    house = await furnish(hass, add_entry, peer, config)
    assert house.state(entity_id).state == "on"
    await house.say("a", "ON")
    assert house.state(entity_id).state.lower() == "on"
