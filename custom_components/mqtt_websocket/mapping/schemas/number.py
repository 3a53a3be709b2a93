"""Numbers (homeassistant/components/mqtt/number.py)."""

from typing import Final

import voluptuous as vol

from homeassistant.components.number.const import (
    DEFAULT_MAX_VALUE,
    DEFAULT_MIN_VALUE,
    DEFAULT_STEP,
    NumberDeviceClass,
    NumberMode,
)
from homeassistant.components.sensor.const import AMBIGUOUS_UNITS
from homeassistant.const import CONF_DEVICE_CLASS, CONF_MODE, CONF_UNIT_OF_MEASUREMENT
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_COMMAND_TEMPLATE,
    CONF_VALUE_TEMPLATE,
    PAYLOAD_NONE,
    READ_WRITE,
    EntityConfig,
    entity_schema,
    template,
)

CONF_MAX: Final = "max"
CONF_MIN: Final = "min"
CONF_PAYLOAD_RESET: Final = "payload_reset"
CONF_STEP: Final = "step"

MIN_STEP: Final = 1e-3


def _normalize_unit(config: EntityConfig) -> EntityConfig:
    unit = config.get(CONF_UNIT_OF_MEASUREMENT)
    if unit in AMBIGUOUS_UNITS:
        config[CONF_UNIT_OF_MEASUREMENT] = AMBIGUOUS_UNITS[unit]
    return config


def _check_range(config: EntityConfig) -> EntityConfig:
    if config[CONF_MIN] > config[CONF_MAX]:
        raise vol.Invalid(f"{CONF_MAX} must be >= {CONF_MIN}")
    return config


SCHEMA: Final = entity_schema(
    {
        **READ_WRITE,
        vol.Optional(CONF_COMMAND_TEMPLATE): template,
        vol.Optional(CONF_DEVICE_CLASS): vol.Any(
            vol.All(vol.Lower, vol.Coerce(NumberDeviceClass)), None
        ),
        vol.Optional(CONF_MAX, default=DEFAULT_MAX_VALUE): vol.Coerce(float),
        vol.Optional(CONF_MIN, default=DEFAULT_MIN_VALUE): vol.Coerce(float),
        vol.Optional(CONF_MODE, default=NumberMode.AUTO): vol.Coerce(NumberMode),
        vol.Optional(CONF_PAYLOAD_RESET, default=PAYLOAD_NONE): cv.string,
        vol.Optional(CONF_STEP, default=DEFAULT_STEP): vol.All(
            vol.Coerce(float), vol.Range(min=MIN_STEP)
        ),
        vol.Optional(CONF_UNIT_OF_MEASUREMENT): vol.Any(cv.string, None),
        vol.Optional(CONF_VALUE_TEMPLATE): template,
    },
    _normalize_unit,
    _check_range,
)
