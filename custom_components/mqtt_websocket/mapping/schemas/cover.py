"""Covers (homeassistant/components/mqtt/cover.py)."""

from typing import Any, Final

import voluptuous as vol

from homeassistant.components.cover.const import DEVICE_CLASSES_SCHEMA, CoverState
from homeassistant.const import CONF_DEVICE_CLASS
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_COMMAND_TOPIC,
    CONF_OPTIMISTIC,
    CONF_RETAIN,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
    ENTITY,
    EntityConfig,
    entity_schema,
    publish_topic,
    subscribe_topic,
    template,
)

CONF_PAYLOAD_CLOSE: Final = "payload_close"
CONF_PAYLOAD_OPEN: Final = "payload_open"
CONF_PAYLOAD_STOP: Final = "payload_stop"
CONF_PAYLOAD_STOP_TILT: Final = "payload_stop_tilt"
CONF_POSITION_CLOSED: Final = "position_closed"
CONF_POSITION_OPEN: Final = "position_open"
CONF_POSITION_TEMPLATE: Final = "position_template"
CONF_POSITION_TOPIC: Final = "position_topic"
CONF_SET_POSITION_TEMPLATE: Final = "set_position_template"
CONF_SET_POSITION_TOPIC: Final = "set_position_topic"
CONF_STATE_CLOSED: Final = "state_closed"
CONF_STATE_CLOSING: Final = "state_closing"
CONF_STATE_OPEN: Final = "state_open"
CONF_STATE_OPENING: Final = "state_opening"
CONF_STATE_STOPPED: Final = "state_stopped"
CONF_TILT_CLOSED_VALUE: Final = "tilt_closed_value"
CONF_TILT_COMMAND_TEMPLATE: Final = "tilt_command_template"
CONF_TILT_COMMAND_TOPIC: Final = "tilt_command_topic"
CONF_TILT_MAX: Final = "tilt_max"
CONF_TILT_MIN: Final = "tilt_min"
CONF_TILT_OPENED_VALUE: Final = "tilt_opened_value"
CONF_TILT_OPTIMISTIC: Final = "tilt_optimistic"
CONF_TILT_STATUS_TEMPLATE: Final = "tilt_status_template"
CONF_TILT_STATUS_TOPIC: Final = "tilt_status_topic"

_TOGETHER: Final = (
    (CONF_SET_POSITION_TOPIC, CONF_POSITION_TOPIC),
    (CONF_VALUE_TEMPLATE, CONF_STATE_TOPIC),
    (CONF_POSITION_TEMPLATE, CONF_POSITION_TOPIC),
    (CONF_SET_POSITION_TEMPLATE, CONF_SET_POSITION_TOPIC),
    (CONF_TILT_COMMAND_TEMPLATE, CONF_TILT_COMMAND_TOPIC),
    (CONF_TILT_STATUS_TEMPLATE, CONF_TILT_STATUS_TOPIC),
)
"""Keys of no use without another one."""


def _check_together(config: EntityConfig) -> EntityConfig:
    for key, needed in _TOGETHER:
        if key in config and needed not in config:
            raise vol.Invalid(f"'{key}' must be set together with '{needed}'.")
    return config


_payload = vol.Any(cv.string, None)

KEYS: Final[dict[vol.Marker, Any]] = {
    **ENTITY,
    vol.Optional(CONF_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_DEVICE_CLASS): vol.Any(DEVICE_CLASSES_SCHEMA, None),
    vol.Optional(CONF_OPTIMISTIC, default=False): cv.boolean,
    vol.Optional(CONF_PAYLOAD_CLOSE, default="CLOSE"): _payload,
    vol.Optional(CONF_PAYLOAD_OPEN, default="OPEN"): _payload,
    vol.Optional(CONF_PAYLOAD_STOP, default="STOP"): _payload,
    vol.Optional(CONF_PAYLOAD_STOP_TILT, default="STOP"): _payload,
    vol.Optional(CONF_POSITION_CLOSED, default=0): int,
    vol.Optional(CONF_POSITION_OPEN, default=100): int,
    vol.Optional(CONF_POSITION_TEMPLATE): template,
    vol.Optional(CONF_POSITION_TOPIC): subscribe_topic,
    vol.Optional(CONF_RETAIN, default=False): cv.boolean,
    vol.Optional(CONF_SET_POSITION_TEMPLATE): template,
    vol.Optional(CONF_SET_POSITION_TOPIC): publish_topic,
    vol.Optional(CONF_STATE_CLOSED, default=CoverState.CLOSED.value): cv.string,
    vol.Optional(CONF_STATE_CLOSING, default=CoverState.CLOSING.value): cv.string,
    vol.Optional(CONF_STATE_OPEN, default=CoverState.OPEN.value): cv.string,
    vol.Optional(CONF_STATE_OPENING, default=CoverState.OPENING.value): cv.string,
    vol.Optional(CONF_STATE_STOPPED, default="stopped"): cv.string,
    vol.Optional(CONF_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_TILT_CLOSED_VALUE, default=0): int,
    vol.Optional(CONF_TILT_COMMAND_TEMPLATE): template,
    vol.Optional(CONF_TILT_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_TILT_MAX, default=100): int,
    vol.Optional(CONF_TILT_MIN, default=0): int,
    vol.Optional(CONF_TILT_OPENED_VALUE, default=100): int,
    vol.Optional(CONF_TILT_OPTIMISTIC, default=False): cv.boolean,
    vol.Optional(CONF_TILT_STATUS_TEMPLATE): template,
    vol.Optional(CONF_TILT_STATUS_TOPIC): subscribe_topic,
    vol.Optional(CONF_VALUE_TEMPLATE): template,
}

SCHEMA: Final = entity_schema(KEYS, _check_together)
