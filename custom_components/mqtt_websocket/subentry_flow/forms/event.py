"""The form of an event."""

from typing import Final

from homeassistant.const import Platform

from ...mapping.schemas.event import CONF_EVENT_TYPES
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    MESSAGES,
    NAME,
    STATE_TOPIC,
    VALUE_TEMPLATE,
    appearance,
    device_class,
)
from .lists import text_list

FIELDS: Final = (
    NAME,
    STATE_TOPIC,
    text_list(CONF_EVENT_TYPES, required=True),
    VALUE_TEMPLATE,
    device_class(Platform.EVENT),
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.EVENT, "config", "diagnostic"),
    *MESSAGES,
)
