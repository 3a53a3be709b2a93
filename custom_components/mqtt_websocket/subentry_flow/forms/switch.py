"""The form of a switch."""

from typing import Final

from homeassistant.const import Platform

from ...mapping.schemas.switch import CONF_STATE_OFF, CONF_STATE_ON
from ...selectors import TEXT
from ..fields import Field
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    COMMAND_TOPIC,
    NAME,
    OPTIONAL_STATE_TOPIC,
    PAYLOAD_OFF,
    PAYLOAD_ON,
    SECTION_BEHAVIOR,
    VALUE_TEMPLATE,
    appearance,
    device_class,
)
from .control import BELIEF, COMMANDS

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
    *BELIEF,
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.SWITCH, "config", "diagnostic"),
    *COMMANDS,
)
