"""Fans (homeassistant/components/mqtt/fan.py)."""

from typing import Any, Final

import voluptuous as vol

from homeassistant.const import CONF_PAYLOAD_OFF, CONF_PAYLOAD_ON
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_COMMAND_TEMPLATE,
    DEFAULT_PAYLOAD_OFF,
    DEFAULT_PAYLOAD_ON,
    READ_WRITE,
    EntityConfig,
    entity_schema,
    publish_topic,
    subscribe_topic,
    template,
)

CONF_DIRECTION_COMMAND_TEMPLATE: Final = "direction_command_template"
CONF_DIRECTION_COMMAND_TOPIC: Final = "direction_command_topic"
CONF_DIRECTION_STATE_TOPIC: Final = "direction_state_topic"
CONF_DIRECTION_VALUE_TEMPLATE: Final = "direction_value_template"
CONF_OSCILLATION_COMMAND_TEMPLATE: Final = "oscillation_command_template"
CONF_OSCILLATION_COMMAND_TOPIC: Final = "oscillation_command_topic"
CONF_OSCILLATION_STATE_TOPIC: Final = "oscillation_state_topic"
CONF_OSCILLATION_VALUE_TEMPLATE: Final = "oscillation_value_template"
CONF_PAYLOAD_OSCILLATION_OFF: Final = "payload_oscillation_off"
CONF_PAYLOAD_OSCILLATION_ON: Final = "payload_oscillation_on"
CONF_PAYLOAD_RESET_PERCENTAGE: Final = "payload_reset_percentage"
CONF_PAYLOAD_RESET_PRESET_MODE: Final = "payload_reset_preset_mode"
CONF_PERCENTAGE_COMMAND_TEMPLATE: Final = "percentage_command_template"
CONF_PERCENTAGE_COMMAND_TOPIC: Final = "percentage_command_topic"
CONF_PERCENTAGE_STATE_TOPIC: Final = "percentage_state_topic"
CONF_PERCENTAGE_VALUE_TEMPLATE: Final = "percentage_value_template"
CONF_PRESET_MODES: Final = "preset_modes"
CONF_PRESET_MODE_COMMAND_TEMPLATE: Final = "preset_mode_command_template"
CONF_PRESET_MODE_COMMAND_TOPIC: Final = "preset_mode_command_topic"
CONF_PRESET_MODE_STATE_TOPIC: Final = "preset_mode_state_topic"
CONF_PRESET_MODE_VALUE_TEMPLATE: Final = "preset_mode_value_template"
CONF_SPEED_RANGE_MAX: Final = "speed_range_max"
CONF_SPEED_RANGE_MIN: Final = "speed_range_min"
CONF_STATE_VALUE_TEMPLATE: Final = "state_value_template"


def _check_speed_range(config: EntityConfig) -> EntityConfig:
    if config[CONF_SPEED_RANGE_MIN] == 0:
        raise vol.Invalid("speed_range_min must be > 0")
    if config[CONF_SPEED_RANGE_MIN] >= config[CONF_SPEED_RANGE_MAX]:
        raise vol.Invalid("speed_range_max must be > speed_range_min")
    return config


def _check_preset_modes(config: EntityConfig) -> EntityConfig:
    if config[CONF_PAYLOAD_RESET_PRESET_MODE] in config[CONF_PRESET_MODES]:
        raise vol.Invalid("preset_modes must not contain payload_reset_preset_mode")
    return config


KEYS: Final[dict[vol.Marker, Any]] = {
    **READ_WRITE,
    vol.Optional(CONF_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_DIRECTION_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_DIRECTION_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_DIRECTION_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_DIRECTION_VALUE_TEMPLATE): template,
    vol.Optional(CONF_OSCILLATION_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_OSCILLATION_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_OSCILLATION_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_OSCILLATION_VALUE_TEMPLATE): template,
    vol.Optional(CONF_PAYLOAD_OFF, default=DEFAULT_PAYLOAD_OFF): cv.string,
    vol.Optional(CONF_PAYLOAD_ON, default=DEFAULT_PAYLOAD_ON): cv.string,
    vol.Optional(CONF_PAYLOAD_OSCILLATION_OFF, default="oscillate_off"): cv.string,
    vol.Optional(CONF_PAYLOAD_OSCILLATION_ON, default="oscillate_on"): cv.string,
    vol.Optional(CONF_PAYLOAD_RESET_PERCENTAGE, default="None"): cv.string,
    vol.Optional(CONF_PAYLOAD_RESET_PRESET_MODE, default="None"): cv.string,
    vol.Optional(CONF_PERCENTAGE_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_PERCENTAGE_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_PERCENTAGE_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_PERCENTAGE_VALUE_TEMPLATE): template,
    # Of these two both, or none.
    vol.Inclusive(CONF_PRESET_MODE_COMMAND_TOPIC, "preset_modes"): publish_topic,
    vol.Inclusive(CONF_PRESET_MODES, "preset_modes", default=[]): cv.ensure_list,
    vol.Optional(CONF_PRESET_MODE_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_PRESET_MODE_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_PRESET_MODE_VALUE_TEMPLATE): template,
    vol.Optional(CONF_SPEED_RANGE_MAX, default=100): cv.positive_int,
    vol.Optional(CONF_SPEED_RANGE_MIN, default=1): cv.positive_int,
    vol.Optional(CONF_STATE_VALUE_TEMPLATE): template,
}

SCHEMA: Final = entity_schema(KEYS, _check_speed_range, _check_preset_modes)
