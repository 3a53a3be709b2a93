"""The form of a lock."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.helpers import config_validation as cv

from ...mapping.schemas.common import PAYLOAD_NONE
from ...mapping.schemas.lock import (
    CONF_CODE_FORMAT,
    CONF_PAYLOAD_LOCK,
    CONF_PAYLOAD_OPEN,
    CONF_PAYLOAD_RESET,
    CONF_PAYLOAD_UNLOCK,
    CONF_STATE_JAMMED,
    CONF_STATE_LOCKED,
    CONF_STATE_LOCKING,
    CONF_STATE_OPEN,
    CONF_STATE_OPENING,
    CONF_STATE_UNLOCKED,
    CONF_STATE_UNLOCKING,
)
from ...selectors import TEXT
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
    state_field,
)
from .control import BELIEF, COMMANDS

FIELDS: Final = (
    NAME,
    COMMAND_TOPIC,
    OPTIONAL_STATE_TOPIC,
    Field(key=CONF_PAYLOAD_LOCK, selector=TEXT, default="LOCK"),
    Field(key=CONF_PAYLOAD_UNLOCK, selector=TEXT, default="UNLOCK"),
    Field(key=CONF_PAYLOAD_OPEN, selector=TEXT),
    VALUE_TEMPLATE,
    state_field(CONF_STATE_LOCKED, "LOCKED"),
    state_field(CONF_STATE_UNLOCKED, "UNLOCKED"),
    state_field(CONF_STATE_LOCKING, "LOCKING"),
    state_field(CONF_STATE_UNLOCKING, "UNLOCKING"),
    state_field(CONF_STATE_OPEN, "OPEN"),
    state_field(CONF_STATE_OPENING, "OPENING"),
    state_field(CONF_STATE_JAMMED, "JAMMED"),
    state_field(CONF_PAYLOAD_RESET, PAYLOAD_NONE),
    Field(
        key=CONF_CODE_FORMAT,
        selector=TEXT,
        section=SECTION_BEHAVIOR,
        check=cv.is_regex,
    ),
    *BELIEF,
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.LOCK, "config", "diagnostic"),
    *COMMANDS,
)
