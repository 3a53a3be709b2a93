"""Climate devices (homeassistant/components/mqtt/climate.py)."""

from typing import Any, Final

import voluptuous as vol

from homeassistant.components.climate.const import (
    DEFAULT_MAX_HUMIDITY,
    DEFAULT_MIN_HUMIDITY,
    FAN_AUTO,
    FAN_HIGH,
    FAN_LOW,
    FAN_MEDIUM,
    PRESET_NONE,
    SWING_OFF,
    SWING_ON,
    HVACMode,
)
from homeassistant.const import (
    CONF_PAYLOAD_OFF,
    CONF_PAYLOAD_ON,
    CONF_TEMPERATURE_UNIT,
    PRECISION_HALVES,
    PRECISION_TENTHS,
    PRECISION_WHOLE,
)
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_OPTIMISTIC,
    CONF_RETAIN,
    CONF_VALUE_TEMPLATE,
    DEFAULT_PAYLOAD_OFF,
    DEFAULT_PAYLOAD_ON,
    ENTITY,
    EntityConfig,
    entity_schema,
    publish_topic,
    subscribe_topic,
    template,
)

CONF_ACTION_TEMPLATE: Final = "action_template"
CONF_ACTION_TOPIC: Final = "action_topic"
CONF_CURRENT_HUMIDITY_TEMPLATE: Final = "current_humidity_template"
CONF_CURRENT_HUMIDITY_TOPIC: Final = "current_humidity_topic"
CONF_CURRENT_TEMPERATURE_TEMPLATE: Final = "current_temperature_template"
CONF_CURRENT_TEMPERATURE_TOPIC: Final = "current_temperature_topic"
CONF_FAN_MODES: Final = "fan_modes"
CONF_FAN_MODE_COMMAND_TEMPLATE: Final = "fan_mode_command_template"
CONF_FAN_MODE_COMMAND_TOPIC: Final = "fan_mode_command_topic"
CONF_FAN_MODE_STATE_TEMPLATE: Final = "fan_mode_state_template"
CONF_FAN_MODE_STATE_TOPIC: Final = "fan_mode_state_topic"
CONF_INITIAL: Final = "initial"
CONF_MAX_HUMIDITY: Final = "max_humidity"
CONF_MAX_TEMP: Final = "max_temp"
CONF_MIN_HUMIDITY: Final = "min_humidity"
CONF_MIN_TEMP: Final = "min_temp"
CONF_MODES: Final = "modes"
CONF_MODE_COMMAND_TEMPLATE: Final = "mode_command_template"
CONF_MODE_COMMAND_TOPIC: Final = "mode_command_topic"
CONF_MODE_STATE_TEMPLATE: Final = "mode_state_template"
CONF_MODE_STATE_TOPIC: Final = "mode_state_topic"
CONF_POWER_COMMAND_TEMPLATE: Final = "power_command_template"
CONF_POWER_COMMAND_TOPIC: Final = "power_command_topic"
CONF_PRECISION: Final = "precision"
CONF_PRESET_MODES: Final = "preset_modes"
CONF_PRESET_MODE_COMMAND_TEMPLATE: Final = "preset_mode_command_template"
CONF_PRESET_MODE_COMMAND_TOPIC: Final = "preset_mode_command_topic"
CONF_PRESET_MODE_STATE_TOPIC: Final = "preset_mode_state_topic"
CONF_PRESET_MODE_VALUE_TEMPLATE: Final = "preset_mode_value_template"
CONF_SWING_HORIZONTAL_MODES: Final = "swing_horizontal_modes"
CONF_SWING_HORIZONTAL_MODE_COMMAND_TEMPLATE: Final = (
    "swing_horizontal_mode_command_template"
)
CONF_SWING_HORIZONTAL_MODE_COMMAND_TOPIC: Final = "swing_horizontal_mode_command_topic"
CONF_SWING_HORIZONTAL_MODE_STATE_TEMPLATE: Final = (
    "swing_horizontal_mode_state_template"
)
CONF_SWING_HORIZONTAL_MODE_STATE_TOPIC: Final = "swing_horizontal_mode_state_topic"
CONF_SWING_MODES: Final = "swing_modes"
CONF_SWING_MODE_COMMAND_TEMPLATE: Final = "swing_mode_command_template"
CONF_SWING_MODE_COMMAND_TOPIC: Final = "swing_mode_command_topic"
CONF_SWING_MODE_STATE_TEMPLATE: Final = "swing_mode_state_template"
CONF_SWING_MODE_STATE_TOPIC: Final = "swing_mode_state_topic"
CONF_TARGET_HUMIDITY_COMMAND_TEMPLATE: Final = "target_humidity_command_template"
CONF_TARGET_HUMIDITY_COMMAND_TOPIC: Final = "target_humidity_command_topic"
CONF_TARGET_HUMIDITY_STATE_TEMPLATE: Final = "target_humidity_state_template"
CONF_TARGET_HUMIDITY_STATE_TOPIC: Final = "target_humidity_state_topic"
CONF_TEMPERATURE_COMMAND_TEMPLATE: Final = "temperature_command_template"
CONF_TEMPERATURE_COMMAND_TOPIC: Final = "temperature_command_topic"
CONF_TEMPERATURE_HIGH_COMMAND_TEMPLATE: Final = "temperature_high_command_template"
CONF_TEMPERATURE_HIGH_COMMAND_TOPIC: Final = "temperature_high_command_topic"
CONF_TEMPERATURE_HIGH_STATE_TEMPLATE: Final = "temperature_high_state_template"
CONF_TEMPERATURE_HIGH_STATE_TOPIC: Final = "temperature_high_state_topic"
CONF_TEMPERATURE_LOW_COMMAND_TEMPLATE: Final = "temperature_low_command_template"
CONF_TEMPERATURE_LOW_COMMAND_TOPIC: Final = "temperature_low_command_topic"
CONF_TEMPERATURE_LOW_STATE_TEMPLATE: Final = "temperature_low_state_template"
CONF_TEMPERATURE_LOW_STATE_TOPIC: Final = "temperature_low_state_topic"
CONF_TEMPERATURE_STATE_TEMPLATE: Final = "temperature_state_template"
CONF_TEMPERATURE_STATE_TOPIC: Final = "temperature_state_topic"
CONF_TEMP_STEP: Final = "temp_step"


def _check_preset_modes(config: EntityConfig) -> EntityConfig:
    if PRESET_NONE in config[CONF_PRESET_MODES]:
        raise vol.Invalid("preset_modes must not include preset mode 'none'")
    return config


def _check_humidities(config: EntityConfig) -> EntityConfig:
    if config[CONF_MIN_HUMIDITY] >= config[CONF_MAX_HUMIDITY]:
        raise vol.Invalid("target_humidity_max must be > target_humidity_min")
    if config[CONF_MAX_HUMIDITY] > 100:
        raise vol.Invalid("max_humidity must be <= 100")
    return config


def _check_humidity_topics(config: EntityConfig) -> EntityConfig:
    if (
        CONF_TARGET_HUMIDITY_STATE_TOPIC in config
        and CONF_TARGET_HUMIDITY_COMMAND_TOPIC not in config
    ):
        raise vol.Invalid(
            f"{CONF_TARGET_HUMIDITY_STATE_TOPIC} cannot be used without"
            f" {CONF_TARGET_HUMIDITY_COMMAND_TOPIC}"
        )
    return config


KEYS: Final[dict[vol.Marker, Any]] = {
    **ENTITY,
    vol.Optional(CONF_ACTION_TEMPLATE): template,
    vol.Optional(CONF_ACTION_TOPIC): subscribe_topic,
    vol.Optional(CONF_CURRENT_HUMIDITY_TEMPLATE): template,
    vol.Optional(CONF_CURRENT_HUMIDITY_TOPIC): subscribe_topic,
    vol.Optional(CONF_CURRENT_TEMPERATURE_TEMPLATE): template,
    vol.Optional(CONF_CURRENT_TEMPERATURE_TOPIC): subscribe_topic,
    vol.Optional(
        CONF_FAN_MODES, default=[FAN_AUTO, FAN_LOW, FAN_MEDIUM, FAN_HIGH]
    ): cv.ensure_list,
    vol.Optional(CONF_FAN_MODE_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_FAN_MODE_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_FAN_MODE_STATE_TEMPLATE): template,
    vol.Optional(CONF_FAN_MODE_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_INITIAL): vol.All(vol.Coerce(float)),
    vol.Optional(CONF_MAX_HUMIDITY, default=DEFAULT_MAX_HUMIDITY): cv.positive_float,
    vol.Optional(CONF_MAX_TEMP): vol.Coerce(float),
    vol.Optional(CONF_MIN_HUMIDITY, default=DEFAULT_MIN_HUMIDITY): cv.positive_float,
    vol.Optional(CONF_MIN_TEMP): vol.Coerce(float),
    vol.Optional(
        CONF_MODES,
        default=[
            HVACMode.AUTO,
            HVACMode.OFF,
            HVACMode.COOL,
            HVACMode.HEAT,
            HVACMode.DRY,
            HVACMode.FAN_ONLY,
        ],
    ): cv.ensure_list,
    vol.Optional(CONF_MODE_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_MODE_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_MODE_STATE_TEMPLATE): template,
    vol.Optional(CONF_MODE_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_OPTIMISTIC, default=False): cv.boolean,
    vol.Optional(CONF_PAYLOAD_OFF, default=DEFAULT_PAYLOAD_OFF): cv.string,
    vol.Optional(CONF_PAYLOAD_ON, default=DEFAULT_PAYLOAD_ON): cv.string,
    vol.Optional(CONF_POWER_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_POWER_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_PRECISION): vol.All(
        vol.Coerce(float),
        vol.In([PRECISION_TENTHS, PRECISION_HALVES, PRECISION_WHOLE]),
    ),
    # Of these two both, or none.
    vol.Inclusive(CONF_PRESET_MODE_COMMAND_TOPIC, "preset_modes"): publish_topic,
    vol.Inclusive(CONF_PRESET_MODES, "preset_modes", default=[]): cv.ensure_list,
    vol.Optional(CONF_PRESET_MODE_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_PRESET_MODE_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_PRESET_MODE_VALUE_TEMPLATE): template,
    vol.Optional(CONF_RETAIN, default=False): cv.boolean,
    vol.Optional(
        CONF_SWING_HORIZONTAL_MODES, default=[SWING_ON, SWING_OFF]
    ): cv.ensure_list,
    vol.Optional(CONF_SWING_HORIZONTAL_MODE_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_SWING_HORIZONTAL_MODE_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_SWING_HORIZONTAL_MODE_STATE_TEMPLATE): template,
    vol.Optional(CONF_SWING_HORIZONTAL_MODE_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_SWING_MODES, default=[SWING_ON, SWING_OFF]): cv.ensure_list,
    vol.Optional(CONF_SWING_MODE_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_SWING_MODE_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_SWING_MODE_STATE_TEMPLATE): template,
    vol.Optional(CONF_SWING_MODE_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_TARGET_HUMIDITY_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_TARGET_HUMIDITY_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_TARGET_HUMIDITY_STATE_TEMPLATE): template,
    vol.Optional(CONF_TARGET_HUMIDITY_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_TEMPERATURE_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_TEMPERATURE_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_TEMPERATURE_HIGH_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_TEMPERATURE_HIGH_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_TEMPERATURE_HIGH_STATE_TEMPLATE): template,
    vol.Optional(CONF_TEMPERATURE_HIGH_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_TEMPERATURE_LOW_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_TEMPERATURE_LOW_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_TEMPERATURE_LOW_STATE_TEMPLATE): template,
    vol.Optional(CONF_TEMPERATURE_LOW_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_TEMPERATURE_STATE_TEMPLATE): template,
    vol.Optional(CONF_TEMPERATURE_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_TEMPERATURE_UNIT): cv.temperature_unit,
    vol.Optional(CONF_TEMP_STEP, default=1.0): vol.Coerce(float),
    vol.Optional(CONF_VALUE_TEMPLATE): template,
}

SCHEMA: Final = entity_schema(
    KEYS, _check_preset_modes, _check_humidities, _check_humidity_topics
)
