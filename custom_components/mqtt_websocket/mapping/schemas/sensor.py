"""Sensors (homeassistant/components/mqtt/sensor.py)."""

from typing import Final

import voluptuous as vol

from homeassistant.components.sensor.const import (
    AMBIGUOUS_UNITS,
    CONF_STATE_CLASS,
    DEVICE_CLASS_UNITS,
    DEVICE_CLASSES_SCHEMA,
    STATE_CLASS_UNITS,
    STATE_CLASSES_SCHEMA,
    SensorDeviceClass,
    SensorStateClass,
)
from homeassistant.const import (
    CONF_DEVICE_CLASS,
    CONF_FORCE_UPDATE,
    CONF_OPTIONS,
    CONF_UNIT_OF_MEASUREMENT,
)
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_EXPIRE_AFTER,
    READ_ONLY,
    EntityConfig,
    display_precision,
    entity_schema,
    template,
)

CONF_LAST_RESET_VALUE_TEMPLATE: Final = "last_reset_value_template"
CONF_SUGGESTED_DISPLAY_PRECISION: Final = "suggested_display_precision"


def _check_last_reset(config: EntityConfig) -> EntityConfig:
    state_class = config.get(CONF_STATE_CLASS)
    if (
        CONF_LAST_RESET_VALUE_TEMPLATE in config
        and state_class != SensorStateClass.TOTAL
    ):
        raise vol.Invalid(
            f"The option `{CONF_LAST_RESET_VALUE_TEMPLATE}` cannot be used together "
            f"with state class `{state_class}`"
        )
    return config


def _drop_blank_unit(config: EntityConfig) -> EntityConfig:
    unit = config.get(CONF_UNIT_OF_MEASUREMENT)
    if unit is not None and not unit.strip():
        del config[CONF_UNIT_OF_MEASUREMENT]
    return config


def _check_options(config: EntityConfig) -> EntityConfig:
    options = config.get(CONF_OPTIONS)
    if options is None:
        return config
    if not options:
        raise vol.Invalid("An empty options list is not allowed")
    if config.get(CONF_STATE_CLASS) or config.get(CONF_UNIT_OF_MEASUREMENT):
        raise vol.Invalid(
            f"Specifying `{CONF_OPTIONS}` is not allowed together with the "
            f"`{CONF_STATE_CLASS}` or `{CONF_UNIT_OF_MEASUREMENT}` option"
        )
    device_class = config.get(CONF_DEVICE_CLASS)
    if device_class != SensorDeviceClass.ENUM:
        raise vol.Invalid(
            f"The option `{CONF_OPTIONS}` must be used together with device class "
            f"`{SensorDeviceClass.ENUM}`, got `{CONF_DEVICE_CLASS}` '{device_class}'"
        )
    return config


def _check_unit(config: EntityConfig) -> EntityConfig:
    unit = config.get(CONF_UNIT_OF_MEASUREMENT)
    state_class = config.get(CONF_STATE_CLASS)
    # Before the unit is normalised, and of a missing unit too: as core does it.
    if state_class in STATE_CLASS_UNITS and unit not in STATE_CLASS_UNITS[state_class]:
        raise vol.Invalid(
            f"The unit of measurement '{unit}' is not valid together with state class "
            f"'{state_class}'"
        )
    if unit is None:
        return config
    unit = config[CONF_UNIT_OF_MEASUREMENT] = AMBIGUOUS_UNITS.get(unit, unit)
    device_class = config.get(CONF_DEVICE_CLASS)
    if (
        device_class in DEVICE_CLASS_UNITS
        and unit not in DEVICE_CLASS_UNITS[device_class]
    ):
        raise vol.Invalid(
            f"The unit of measurement `{unit}` is not valid together with device class "
            f"`{device_class}`"
        )
    return config


SCHEMA: Final = entity_schema(
    {
        **READ_ONLY,
        vol.Optional(CONF_DEVICE_CLASS): vol.Any(DEVICE_CLASSES_SCHEMA, None),
        vol.Optional(CONF_EXPIRE_AFTER): cv.positive_int,
        vol.Optional(CONF_FORCE_UPDATE, default=False): cv.boolean,
        vol.Optional(CONF_LAST_RESET_VALUE_TEMPLATE): template,
        vol.Optional(CONF_OPTIONS): cv.ensure_list,
        vol.Optional(CONF_SUGGESTED_DISPLAY_PRECISION): display_precision,
        vol.Optional(CONF_STATE_CLASS): vol.Any(STATE_CLASSES_SCHEMA, None),
        vol.Optional(CONF_UNIT_OF_MEASUREMENT): vol.Any(cv.string, None),
    },
    _check_last_reset,
    _drop_blank_unit,
    _check_options,
    _check_unit,
)
