"""Binary sensors (homeassistant/components/mqtt/binary_sensor.py)."""

from typing import Final

import voluptuous as vol

from homeassistant.components.binary_sensor.const import DEVICE_CLASSES_SCHEMA
from homeassistant.const import (
    CONF_DEVICE_CLASS,
    CONF_FORCE_UPDATE,
    CONF_PAYLOAD_OFF,
    CONF_PAYLOAD_ON,
)
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_EXPIRE_AFTER,
    DEFAULT_PAYLOAD_OFF,
    DEFAULT_PAYLOAD_ON,
    READ_ONLY,
    entity_schema,
)

CONF_OFF_DELAY: Final = "off_delay"

SCHEMA: Final = entity_schema(
    {
        **READ_ONLY,
        vol.Optional(CONF_DEVICE_CLASS): vol.Any(DEVICE_CLASSES_SCHEMA, None),
        vol.Optional(CONF_EXPIRE_AFTER): cv.positive_int,
        vol.Optional(CONF_FORCE_UPDATE, default=False): cv.boolean,
        vol.Optional(CONF_OFF_DELAY): cv.positive_int,
        vol.Optional(CONF_PAYLOAD_OFF, default=DEFAULT_PAYLOAD_OFF): cv.string,
        vol.Optional(CONF_PAYLOAD_ON, default=DEFAULT_PAYLOAD_ON): cv.string,
    }
)
