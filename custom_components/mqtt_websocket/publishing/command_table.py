"""Which commands the entities of each platform take, on which topics.

The topics are ``<base>/<domain>/<object_id>/set`` and, with more levels, ``…/set/<what>``.
What Home Assistant checks itself (the entity's features, ranges, options) is not
checked twice. Alarm control panels have a code for a reason and take no commands.
"""

from collections.abc import Mapping
from typing import Final

from .commands_data import (
    ON_OFF,
    Command,
    always,
    climate_range,
    date_time,
    either,
    light,
    light_color,
    light_effect,
    light_value,
    number,
    on_off,
    siren,
    text,
    words,
)

PLAIN: Final = ""
"""Stands for ``…/set`` itself."""

COMMANDS: Final[Mapping[str, Mapping[str, Command]]] = {
    "button": {PLAIN: always("press")},
    "climate": {
        PLAIN: ON_OFF,
        "mode": text("set_hvac_mode", "hvac_mode"),
        "temperature": number("set_temperature", "temperature"),
        "temperature_low": climate_range("target_temp_low"),
        "temperature_high": climate_range("target_temp_high"),
        "humidity": number("set_humidity", "humidity", whole=True),
        "fan_mode": text("set_fan_mode", "fan_mode"),
        "preset_mode": text("set_preset_mode", "preset_mode"),
        "swing_mode": text("set_swing_mode", "swing_mode"),
        "swing_horizontal_mode": text(
            "set_swing_horizontal_mode", "swing_horizontal_mode"
        ),
    },
    "cover": {
        PLAIN: words(
            {
                "OPEN": "open_cover",
                "CLOSE": "close_cover",
                "STOP": "stop_cover",
                "TOGGLE": "toggle",
            }
        ),
        "position": number("set_cover_position", "position", whole=True),
        "tilt": either(
            {"STOP": "stop_cover_tilt"},
            number("set_cover_tilt_position", "tilt_position", whole=True),
        ),
    },
    "fan": {
        PLAIN: ON_OFF,
        "percentage": number("set_percentage", "percentage", whole=True),
        "preset_mode": text("set_preset_mode", "preset_mode"),
        "oscillation": on_off("oscillate", "oscillating"),
        "direction": text("set_direction", "direction"),
    },
    "humidifier": {
        PLAIN: ON_OFF,
        "humidity": number("set_humidity", "humidity", whole=True),
        "mode": text("set_mode", "mode"),
    },
    "input_boolean": {PLAIN: ON_OFF},
    "input_button": {PLAIN: always("press")},
    "input_datetime": {PLAIN: date_time},
    "input_number": {PLAIN: number("set_value", "value")},
    "input_select": {PLAIN: text("select_option", "option")},
    "input_text": {PLAIN: text("set_value", "value")},
    "light": {
        PLAIN: light,
        "brightness": light_value("brightness"),
        "color_temp": light_value("color_temp"),
        "white": light_value("white"),
        "hs": light_color("hs_color"),
        "rgb": light_color("rgb_color"),
        "rgbw": light_color("rgbw_color"),
        "rgbww": light_color("rgbww_color"),
        "xy": light_color("xy_color"),
        "effect": light_effect,
    },
    "lock": {PLAIN: words({"LOCK": "lock", "UNLOCK": "unlock", "OPEN": "open"})},
    "media_player": {
        PLAIN: words(
            {
                "ON": "turn_on",
                "OFF": "turn_off",
                "TOGGLE": "toggle",
                "PLAY": "media_play",
                "PAUSE": "media_pause",
                "PLAY_PAUSE": "media_play_pause",
                "STOP": "media_stop",
                "NEXT": "media_next_track",
                "PREVIOUS": "media_previous_track",
                "VOLUME_UP": "volume_up",
                "VOLUME_DOWN": "volume_down",
            }
        ),
        "volume": number("volume_set", "volume_level"),
        "mute": on_off("volume_mute", "is_volume_muted"),
        "source": text("select_source", "source"),
        "sound_mode": text("select_sound_mode", "sound_mode"),
    },
    "number": {PLAIN: number("set_value", "value")},
    "scene": {PLAIN: words({"ON": "turn_on"})},
    "script": {PLAIN: ON_OFF},
    "select": {PLAIN: text("select_option", "option")},
    "siren": {PLAIN: siren},
    "switch": {PLAIN: ON_OFF},
    "text": {PLAIN: text("set_value", "value")},
    "vacuum": {
        PLAIN: words(
            {
                "START": "start",
                "PAUSE": "pause",
                "STOP": "stop",
                "RETURN_TO_BASE": "return_to_base",
                "CLEAN_SPOT": "clean_spot",
                "LOCATE": "locate",
            }
        ),
        "fan_speed": text("set_fan_speed", "fan_speed"),
    },
    "valve": {
        PLAIN: words(
            {
                "OPEN": "open_valve",
                "CLOSE": "close_valve",
                "STOP": "stop_valve",
                "TOGGLE": "toggle",
            }
        ),
        "position": number("set_valve_position", "position", whole=True),
    },
}
