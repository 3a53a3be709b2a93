"""Switches (homeassistant/components/mqtt/switch.py)."""

from typing import Final

import voluptuous as vol

from homeassistant.components.switch.const import DEVICE_CLASSES_SCHEMA
from homeassistant.const import CONF_DEVICE_CLASS, CONF_PAYLOAD_OFF, CONF_PAYLOAD_ON
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_COMMAND_TEMPLATE,
    CONF_VALUE_TEMPLATE,
    DEFAULT_PAYLOAD_OFF,
    DEFAULT_PAYLOAD_ON,
    READ_WRITE,
    entity_schema,
    template,
)

CONF_STATE_OFF: Final = "state_off"
CONF_STATE_ON: Final = "state_on"

SCHEMA: Final = entity_schema(
    {
        **READ_WRITE,
        vol.Optional(CONF_COMMAND_TEMPLATE): template,
        vol.Optional(CONF_DEVICE_CLASS): vol.Any(DEVICE_CLASSES_SCHEMA, None),
        vol.Optional(CONF_PAYLOAD_OFF, default=DEFAULT_PAYLOAD_OFF): cv.string,
        vol.Optional(CONF_PAYLOAD_ON, default=DEFAULT_PAYLOAD_ON): cv.string,
        vol.Optional(CONF_STATE_OFF): cv.string,
        vol.Optional(CONF_STATE_ON): cv.string,
        vol.Optional(CONF_VALUE_TEMPLATE): template,
    }
)
