"""The form of a select."""

from typing import Final

from homeassistant.const import CONF_OPTIONS, Platform

from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    COMMAND_TOPIC,
    NAME,
    OPTIONAL_STATE_TOPIC,
    VALUE_TEMPLATE,
    appearance,
)
from .control import BELIEF, COMMANDS
from .lists import text_list

FIELDS: Final = (
    NAME,
    COMMAND_TOPIC,
    OPTIONAL_STATE_TOPIC,
    text_list(CONF_OPTIONS, required=True),
    VALUE_TEMPLATE,
    *BELIEF,
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.SELECT, "config", "diagnostic"),
    *COMMANDS,
)
