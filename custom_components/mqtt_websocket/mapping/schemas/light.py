"""Lights (homeassistant/components/mqtt/light/schema{,_basic,_json,_template}.py)."""

from collections.abc import Iterable
from typing import Any, Final

import voluptuous as vol

from homeassistant.components.light.const import VALID_COLOR_MODES, ColorMode
from homeassistant.components.light.helper import valid_supported_color_modes
from homeassistant.const import (
    CONF_BRIGHTNESS,
    CONF_EFFECT,
    CONF_PAYLOAD_OFF,
    CONF_PAYLOAD_ON,
    CONF_STATE_TEMPLATE,
)
from homeassistant.helpers import config_validation as cv

from .common import (
    DEFAULT_PAYLOAD_OFF,
    DEFAULT_PAYLOAD_ON,
    READ_WRITE,
    EntityConfig,
    entity_schema,
    publish_topic,
    subscribe_topic,
    template,
)

CONF_BLUE_TEMPLATE: Final = "blue_template"
CONF_BRIGHTNESS_COMMAND_TEMPLATE: Final = "brightness_command_template"
CONF_BRIGHTNESS_COMMAND_TOPIC: Final = "brightness_command_topic"
CONF_BRIGHTNESS_SCALE: Final = "brightness_scale"
CONF_BRIGHTNESS_STATE_TOPIC: Final = "brightness_state_topic"
CONF_BRIGHTNESS_TEMPLATE: Final = "brightness_template"
CONF_BRIGHTNESS_VALUE_TEMPLATE: Final = "brightness_value_template"
CONF_COLOR_MODE_STATE_TOPIC: Final = "color_mode_state_topic"
CONF_COLOR_MODE_VALUE_TEMPLATE: Final = "color_mode_value_template"
CONF_COLOR_TEMP_COMMAND_TEMPLATE: Final = "color_temp_command_template"
CONF_COLOR_TEMP_COMMAND_TOPIC: Final = "color_temp_command_topic"
CONF_COLOR_TEMP_KELVIN: Final = "color_temp_kelvin"
CONF_COLOR_TEMP_STATE_TOPIC: Final = "color_temp_state_topic"
CONF_COLOR_TEMP_TEMPLATE: Final = "color_temp_template"
CONF_COLOR_TEMP_VALUE_TEMPLATE: Final = "color_temp_value_template"
CONF_COMMAND_OFF_TEMPLATE: Final = "command_off_template"
CONF_COMMAND_ON_TEMPLATE: Final = "command_on_template"
CONF_EFFECT_COMMAND_TEMPLATE: Final = "effect_command_template"
CONF_EFFECT_COMMAND_TOPIC: Final = "effect_command_topic"
CONF_EFFECT_LIST: Final = "effect_list"
CONF_EFFECT_STATE_TOPIC: Final = "effect_state_topic"
CONF_EFFECT_TEMPLATE: Final = "effect_template"
CONF_EFFECT_VALUE_TEMPLATE: Final = "effect_value_template"
CONF_FLASH: Final = "flash"
CONF_FLASH_TIME_LONG: Final = "flash_time_long"
CONF_FLASH_TIME_SHORT: Final = "flash_time_short"
CONF_GREEN_TEMPLATE: Final = "green_template"
CONF_HS_COMMAND_TEMPLATE: Final = "hs_command_template"
CONF_HS_COMMAND_TOPIC: Final = "hs_command_topic"
CONF_HS_STATE_TOPIC: Final = "hs_state_topic"
CONF_HS_VALUE_TEMPLATE: Final = "hs_value_template"
CONF_MAX_KELVIN: Final = "max_kelvin"
CONF_MAX_MIREDS: Final = "max_mireds"
CONF_MIN_KELVIN: Final = "min_kelvin"
CONF_MIN_MIREDS: Final = "min_mireds"
CONF_ON_COMMAND_TYPE: Final = "on_command_type"
CONF_RED_TEMPLATE: Final = "red_template"
CONF_RGBWW_COMMAND_TEMPLATE: Final = "rgbww_command_template"
CONF_RGBWW_COMMAND_TOPIC: Final = "rgbww_command_topic"
CONF_RGBWW_STATE_TOPIC: Final = "rgbww_state_topic"
CONF_RGBWW_VALUE_TEMPLATE: Final = "rgbww_value_template"
CONF_RGBW_COMMAND_TEMPLATE: Final = "rgbw_command_template"
CONF_RGBW_COMMAND_TOPIC: Final = "rgbw_command_topic"
CONF_RGBW_STATE_TOPIC: Final = "rgbw_state_topic"
CONF_RGBW_VALUE_TEMPLATE: Final = "rgbw_value_template"
CONF_RGB_COMMAND_TEMPLATE: Final = "rgb_command_template"
CONF_RGB_COMMAND_TOPIC: Final = "rgb_command_topic"
CONF_RGB_STATE_TOPIC: Final = "rgb_state_topic"
CONF_RGB_VALUE_TEMPLATE: Final = "rgb_value_template"
CONF_SCHEMA: Final = "schema"
CONF_STATE_VALUE_TEMPLATE: Final = "state_value_template"
CONF_SUPPORTED_COLOR_MODES: Final = "supported_color_modes"
CONF_TRANSITION: Final = "transition"
CONF_WHITE_COMMAND_TOPIC: Final = "white_command_topic"
CONF_WHITE_SCALE: Final = "white_scale"
CONF_XY_COMMAND_TEMPLATE: Final = "xy_command_template"
CONF_XY_COMMAND_TOPIC: Final = "xy_command_topic"
CONF_XY_STATE_TOPIC: Final = "xy_state_topic"
CONF_XY_VALUE_TEMPLATE: Final = "xy_value_template"

SCHEMA_BASIC: Final = "basic"
SCHEMA_JSON: Final = "json"
SCHEMA_TEMPLATE: Final = "template"

ON_FIRST: Final = "first"
ON_LAST: Final = "last"
ON_BRIGHTNESS: Final = "brightness"

MAX_SCALE: Final = 255
"""Home Assistant's own brightness and white go from 0 to this."""

_scale = vol.All(vol.Coerce(int), vol.Range(min=1))


def _compatible(modes: Iterable[ColorMode]) -> set[ColorMode]:
    """Return color modes that a light can have together."""
    try:
        found: set[ColorMode] = valid_supported_color_modes(modes)
    except vol.Error as err:
        # Not an error of validation by itself.
        raise vol.Invalid(str(err)) from err
    return found


_WHICH: Final[dict[vol.Marker, Any]] = {
    vol.Optional(CONF_SCHEMA, default=SCHEMA_BASIC): vol.All(
        vol.Lower, vol.Any(SCHEMA_BASIC, SCHEMA_JSON, SCHEMA_TEMPLATE)
    ),
}

_ALL: Final[dict[vol.Marker, Any]] = {
    **READ_WRITE,
    **_WHICH,
    vol.Optional(CONF_COLOR_TEMP_KELVIN, default=False): cv.boolean,
    vol.Optional(CONF_EFFECT_LIST): vol.All(cv.ensure_list, [cv.string]),
    vol.Optional(CONF_MAX_KELVIN): cv.positive_int,
    vol.Optional(CONF_MAX_MIREDS): cv.positive_int,
    vol.Optional(CONF_MIN_KELVIN): cv.positive_int,
    vol.Optional(CONF_MIN_MIREDS): cv.positive_int,
}

BASIC: Final[dict[vol.Marker, Any]] = {
    **_ALL,
    vol.Optional(CONF_BRIGHTNESS_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_BRIGHTNESS_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_BRIGHTNESS_SCALE, default=MAX_SCALE): _scale,
    vol.Optional(CONF_BRIGHTNESS_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_BRIGHTNESS_VALUE_TEMPLATE): template,
    vol.Optional(CONF_COLOR_MODE_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_COLOR_MODE_VALUE_TEMPLATE): template,
    vol.Optional(CONF_COLOR_TEMP_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_COLOR_TEMP_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_COLOR_TEMP_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_COLOR_TEMP_VALUE_TEMPLATE): template,
    vol.Optional(CONF_EFFECT_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_EFFECT_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_EFFECT_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_EFFECT_VALUE_TEMPLATE): template,
    vol.Optional(CONF_HS_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_HS_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_HS_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_HS_VALUE_TEMPLATE): template,
    vol.Optional(CONF_ON_COMMAND_TYPE, default=ON_LAST): vol.In(
        [ON_FIRST, ON_LAST, ON_BRIGHTNESS]
    ),
    vol.Optional(CONF_PAYLOAD_OFF, default=DEFAULT_PAYLOAD_OFF): cv.string,
    vol.Optional(CONF_PAYLOAD_ON, default=DEFAULT_PAYLOAD_ON): cv.string,
    vol.Optional(CONF_RGB_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_RGB_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_RGB_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_RGB_VALUE_TEMPLATE): template,
    vol.Optional(CONF_RGBW_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_RGBW_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_RGBW_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_RGBW_VALUE_TEMPLATE): template,
    vol.Optional(CONF_RGBWW_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_RGBWW_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_RGBWW_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_RGBWW_VALUE_TEMPLATE): template,
    vol.Optional(CONF_STATE_VALUE_TEMPLATE): template,
    vol.Optional(CONF_WHITE_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_WHITE_SCALE, default=MAX_SCALE): _scale,
    vol.Optional(CONF_XY_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_XY_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_XY_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_XY_VALUE_TEMPLATE): template,
}
"""A topic for each value."""

JSON: Final[dict[vol.Marker, Any]] = {
    **_ALL,
    vol.Optional(CONF_BRIGHTNESS, default=False): cv.boolean,
    vol.Optional(CONF_BRIGHTNESS_SCALE, default=MAX_SCALE): _scale,
    vol.Optional(CONF_EFFECT, default=False): cv.boolean,
    vol.Optional(CONF_FLASH, default=True): cv.boolean,
    vol.Optional(CONF_FLASH_TIME_LONG, default=10): cv.positive_int,
    vol.Optional(CONF_FLASH_TIME_SHORT, default=2): cv.positive_int,
    vol.Optional(CONF_SUPPORTED_COLOR_MODES): vol.All(
        cv.ensure_list,
        [vol.In(VALID_COLOR_MODES)],
        vol.Unique(),
        _compatible,
    ),
    vol.Optional(CONF_TRANSITION, default=True): cv.boolean,
    vol.Optional(CONF_WHITE_SCALE, default=MAX_SCALE): _scale,
}
"""One JSON object for all values."""

TEMPLATE: Final[dict[vol.Marker, Any]] = {
    **_ALL,
    vol.Optional(CONF_BLUE_TEMPLATE): template,
    vol.Optional(CONF_BRIGHTNESS_TEMPLATE): template,
    vol.Optional(CONF_COLOR_TEMP_TEMPLATE): template,
    vol.Required(CONF_COMMAND_OFF_TEMPLATE): template,
    vol.Required(CONF_COMMAND_ON_TEMPLATE): template,
    vol.Optional(CONF_EFFECT_TEMPLATE): template,
    vol.Optional(CONF_GREEN_TEMPLATE): template,
    vol.Optional(CONF_RED_TEMPLATE): template,
    vol.Optional(CONF_STATE_TEMPLATE): template,
}
"""One payload for all values, with a template for each."""

_SCHEMAS: Final = {
    SCHEMA_BASIC: entity_schema(BASIC),
    SCHEMA_JSON: entity_schema(JSON),
    SCHEMA_TEMPLATE: entity_schema(TEMPLATE),
}


def _by_its_schema(config: EntityConfig) -> EntityConfig:
    validated: EntityConfig = _SCHEMAS[config[CONF_SCHEMA]](config)
    return validated


SCHEMA: Final = vol.Schema(
    vol.All(vol.Schema(_WHICH, extra=vol.ALLOW_EXTRA), _by_its_schema)
)


_MODES: Final = {
    CONF_COLOR_TEMP_COMMAND_TOPIC: ColorMode.COLOR_TEMP,
    CONF_HS_COMMAND_TOPIC: ColorMode.HS,
    CONF_RGB_COMMAND_TOPIC: ColorMode.RGB,
    CONF_RGBW_COMMAND_TOPIC: ColorMode.RGBW,
    CONF_RGBWW_COMMAND_TOPIC: ColorMode.RGBWW,
    CONF_WHITE_COMMAND_TOPIC: ColorMode.WHITE,
    CONF_XY_COMMAND_TOPIC: ColorMode.XY,
}


def basic_color_modes(config: EntityConfig) -> set[ColorMode]:
    """Return the modes that a light has topics for.

    Raises vol.Invalid for those that can't be together: Home Assistant makes no such
    light, although core's schema takes it.
    """
    modes = {mode for topic, mode in _MODES.items() if topic in config}
    if not modes:
        modes.add(
            ColorMode.BRIGHTNESS
            if CONF_BRIGHTNESS_COMMAND_TOPIC in config
            else ColorMode.ONOFF
        )
    return _compatible(modes)
