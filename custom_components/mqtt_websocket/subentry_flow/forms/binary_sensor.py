"""The form of a binary sensor."""

from typing import Final

from homeassistant.const import Platform

from ...mapping.schemas.binary_sensor import CONF_OFF_DELAY
from ...selectors import SECONDS
from ..fields import Field
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    EXPIRE_AFTER,
    FORCE_UPDATE,
    MESSAGES,
    NAME,
    PAYLOAD_OFF,
    PAYLOAD_ON,
    SECTION_BEHAVIOR,
    STATE_TOPIC,
    VALUE_TEMPLATE,
    appearance,
    device_class,
)

FIELDS: Final = (
    NAME,
    STATE_TOPIC,
    VALUE_TEMPLATE,
    PAYLOAD_ON,
    PAYLOAD_OFF,
    device_class(Platform.BINARY_SENSOR),
    Field(key=CONF_OFF_DELAY, selector=SECONDS, section=SECTION_BEHAVIOR),
    EXPIRE_AFTER,
    FORCE_UPDATE,
    *ATTRIBUTES,
    *AVAILABILITY,
    # Home Assistant refuses sensors that are a setting.
    *appearance(Platform.BINARY_SENSOR, "diagnostic"),
    *MESSAGES,
)
