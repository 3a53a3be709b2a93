"""Events (homeassistant/components/mqtt/event.py)."""

from typing import Final

import voluptuous as vol

from homeassistant.components.event import EventDeviceClass
from homeassistant.const import CONF_DEVICE_CLASS
from homeassistant.helpers import config_validation as cv

from .common import READ_ONLY, entity_schema

CONF_EVENT_TYPES: Final = "event_types"

SCHEMA: Final = entity_schema(
    {
        **READ_ONLY,
        vol.Optional(CONF_DEVICE_CLASS): vol.All(
            vol.Lower, vol.Coerce(EventDeviceClass)
        ),
        vol.Required(CONF_EVENT_TYPES): vol.All(cv.ensure_list, [cv.string]),
    }
)
