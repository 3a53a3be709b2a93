"""Locks (homeassistant/components/mqtt/lock.py)."""

from typing import Any, Final

import voluptuous as vol

from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_COMMAND_TEMPLATE,
    CONF_VALUE_TEMPLATE,
    READ_WRITE,
    entity_schema,
    template,
)

CONF_CODE_FORMAT: Final = "code_format"
CONF_PAYLOAD_LOCK: Final = "payload_lock"
CONF_PAYLOAD_OPEN: Final = "payload_open"
CONF_PAYLOAD_RESET: Final = "payload_reset"
CONF_PAYLOAD_UNLOCK: Final = "payload_unlock"
CONF_STATE_JAMMED: Final = "state_jammed"
CONF_STATE_LOCKED: Final = "state_locked"
CONF_STATE_LOCKING: Final = "state_locking"
CONF_STATE_OPEN: Final = "state_open"
CONF_STATE_OPENING: Final = "state_opening"
CONF_STATE_UNLOCKED: Final = "state_unlocked"
CONF_STATE_UNLOCKING: Final = "state_unlocking"


def _regular_expression(value: Any) -> str:
    """Validate a regular expression; return its text, like that of a template."""
    source: str = cv.is_regex(value).pattern
    return source


KEYS: Final[dict[vol.Marker, Any]] = {
    **READ_WRITE,
    vol.Optional(CONF_CODE_FORMAT): _regular_expression,
    vol.Optional(CONF_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_PAYLOAD_LOCK, default="LOCK"): cv.string,
    vol.Optional(CONF_PAYLOAD_OPEN): cv.string,
    vol.Optional(CONF_PAYLOAD_RESET, default="None"): cv.string,
    vol.Optional(CONF_PAYLOAD_UNLOCK, default="UNLOCK"): cv.string,
    vol.Optional(CONF_STATE_JAMMED, default="JAMMED"): cv.string,
    vol.Optional(CONF_STATE_LOCKED, default="LOCKED"): cv.string,
    vol.Optional(CONF_STATE_LOCKING, default="LOCKING"): cv.string,
    vol.Optional(CONF_STATE_OPEN, default="OPEN"): cv.string,
    vol.Optional(CONF_STATE_OPENING, default="OPENING"): cv.string,
    vol.Optional(CONF_STATE_UNLOCKED, default="UNLOCKED"): cv.string,
    vol.Optional(CONF_STATE_UNLOCKING, default="UNLOCKING"): cv.string,
    vol.Optional(CONF_VALUE_TEMPLATE): template,
}

SCHEMA: Final = entity_schema(KEYS)
