"""The form of a text."""

from typing import Final

from homeassistant.components.text import TextMode
from homeassistant.const import CONF_MODE, MAX_LENGTH_STATE_STATE, Platform
from homeassistant.helpers import config_validation as cv

from ...mapping.schemas.text import CONF_MAX, CONF_MIN, CONF_PATTERN
from ...selectors import TEXT, select, whole_number
from ..fields import Field
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    COMMAND_TOPIC,
    NAME,
    OPTIONAL_STATE_TOPIC,
    SECTION_BEHAVIOR,
    VALUE_TEMPLATE,
    appearance,
)
from .control import BELIEF, COMMANDS

FIELDS: Final = (
    NAME,
    COMMAND_TOPIC,
    OPTIONAL_STATE_TOPIC,
    VALUE_TEMPLATE,
    Field(
        key=CONF_MODE,
        selector=select(TextMode.TEXT, TextMode.PASSWORD, key="text_mode"),
        default=TextMode.TEXT.value,
    ),
    Field(key=CONF_MIN, selector=whole_number(), section=SECTION_BEHAVIOR, default=0),
    Field(
        key=CONF_MAX,
        selector=whole_number(),
        section=SECTION_BEHAVIOR,
        default=MAX_LENGTH_STATE_STATE,
    ),
    Field(key=CONF_PATTERN, selector=TEXT, section=SECTION_BEHAVIOR, check=cv.is_regex),
    *BELIEF,
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.TEXT, "config", "diagnostic"),
    *COMMANDS,
)
