"""Buttons (homeassistant/components/mqtt/button.py)."""

from typing import Final

import voluptuous as vol

from homeassistant.components.button.const import DEVICE_CLASSES_SCHEMA
from homeassistant.const import CONF_DEVICE_CLASS
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_COMMAND_TEMPLATE,
    CONF_COMMAND_TOPIC,
    CONF_RETAIN,
    ENTITY,
    entity_schema,
    publish_topic,
    template,
)

CONF_PAYLOAD_PRESS: Final = "payload_press"

DEFAULT_PAYLOAD_PRESS: Final = "PRESS"

SCHEMA: Final = entity_schema(
    {
        **ENTITY,
        vol.Optional(CONF_COMMAND_TEMPLATE): template,
        vol.Required(CONF_COMMAND_TOPIC): publish_topic,
        vol.Optional(CONF_DEVICE_CLASS): vol.Any(DEVICE_CLASSES_SCHEMA, None),
        vol.Optional(CONF_PAYLOAD_PRESS, default=DEFAULT_PAYLOAD_PRESS): cv.string,
        vol.Optional(CONF_RETAIN, default=False): cv.boolean,
    }
)
