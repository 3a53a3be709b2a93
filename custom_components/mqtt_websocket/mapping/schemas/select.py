"""Selects (homeassistant/components/mqtt/select.py)."""

from typing import Final

import voluptuous as vol

from homeassistant.const import CONF_OPTIONS
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_COMMAND_TEMPLATE,
    CONF_VALUE_TEMPLATE,
    READ_WRITE,
    entity_schema,
    template,
)

SCHEMA: Final = entity_schema(
    {
        **READ_WRITE,
        vol.Optional(CONF_COMMAND_TEMPLATE): template,
        vol.Required(CONF_OPTIONS): cv.ensure_list,
        vol.Optional(CONF_VALUE_TEMPLATE): template,
    }
)
