"""The form of a switch."""

from typing import Final

from homeassistant.const import Platform

from ...mapping.schemas.common import (
    CONF_COMMAND_TEMPLATE,
    CONF_OPTIMISTIC,
    CONF_RETAIN,
)
from ...mapping.schemas.switch import CONF_STATE_OFF, CONF_STATE_ON
from ..fields import Field
from ..selectors import BOOLEAN, TEXT
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    COMMAND_TOPIC,
    MESSAGE_EXPIRY,
    MESSAGES,
    NAME,
    OPTIONAL_STATE_TOPIC,
    PAYLOAD_OFF,
    PAYLOAD_ON,
    SECTION_BEHAVIOR,
    SECTION_MESSAGES,
    VALUE_TEMPLATE,
    appearance,
    device_class,
    template_field,
)

FIELDS: Final = (
    NAME,
    COMMAND_TOPIC,
    OPTIONAL_STATE_TOPIC,
    PAYLOAD_ON,
    PAYLOAD_OFF,
    VALUE_TEMPLATE,
    device_class(Platform.SWITCH),
    Field(key=CONF_STATE_ON, selector=TEXT, section=SECTION_BEHAVIOR),
    Field(key=CONF_STATE_OFF, selector=TEXT, section=SECTION_BEHAVIOR),
    Field(
        key=CONF_OPTIMISTIC, selector=BOOLEAN, section=SECTION_BEHAVIOR, default=False
    ),
    template_field(CONF_COMMAND_TEMPLATE, SECTION_BEHAVIOR),
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.SWITCH, "config", "diagnostic"),
    Field(key=CONF_RETAIN, selector=BOOLEAN, section=SECTION_MESSAGES, default=False),
    *MESSAGES,
    MESSAGE_EXPIRY,
)
