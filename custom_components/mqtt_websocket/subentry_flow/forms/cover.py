"""The form of a cover."""

from dataclasses import replace
from typing import Final

from homeassistant.components.cover.const import CoverState
from homeassistant.const import Platform

from ...broker.topics import validate_topic
from ...mapping.schemas.common import CONF_COMMAND_TOPIC, CONF_STATE_TOPIC
from ...mapping.schemas.cover import (
    CONF_PAYLOAD_CLOSE,
    CONF_PAYLOAD_OPEN,
    CONF_PAYLOAD_STOP,
    CONF_PAYLOAD_STOP_TILT,
    CONF_POSITION_CLOSED,
    CONF_POSITION_OPEN,
    CONF_POSITION_TEMPLATE,
    CONF_POSITION_TOPIC,
    CONF_SET_POSITION_TEMPLATE,
    CONF_SET_POSITION_TOPIC,
    CONF_STATE_CLOSED,
    CONF_STATE_CLOSING,
    CONF_STATE_OPEN,
    CONF_STATE_OPENING,
    CONF_STATE_STOPPED,
    CONF_TILT_CLOSED_VALUE,
    CONF_TILT_COMMAND_TEMPLATE,
    CONF_TILT_COMMAND_TOPIC,
    CONF_TILT_MAX,
    CONF_TILT_MIN,
    CONF_TILT_OPENED_VALUE,
    CONF_TILT_OPTIMISTIC,
    CONF_TILT_STATUS_TEMPLATE,
    CONF_TILT_STATUS_TOPIC,
)
from ...selectors import BOOLEAN, TEXT, WHOLE
from ..fields import Field
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    NAME,
    OPTIONAL_STATE_TOPIC,
    VALUE_TEMPLATE,
    appearance,
    device_class,
    state_field,
    template_field,
    topic_field,
)
from .control import COMMANDS, OPTIMISTIC

SECTION_POSITION: Final = "position"
SECTION_TILT: Final = "tilt"


def _command(key: str, payload: str, section: str | None = None) -> Field:
    """Return the field of a command that not all covers know."""
    return Field(
        key=key,
        selector=TEXT,
        section=section,
        default=payload,
        if_empty=None,
        clearable=True,
    )


def _number(key: str, section: str, value: int) -> Field:
    return Field(key=key, selector=WHOLE, section=section, default=value)


FIELDS: Final = (
    NAME,
    topic_field(CONF_COMMAND_TOPIC, check=validate_topic),
    OPTIONAL_STATE_TOPIC,
    _command(CONF_PAYLOAD_OPEN, "OPEN"),
    _command(CONF_PAYLOAD_CLOSE, "CLOSE"),
    _command(CONF_PAYLOAD_STOP, "STOP"),
    replace(VALUE_TEMPLATE, needs=CONF_STATE_TOPIC),
    device_class(Platform.COVER),
    state_field(CONF_STATE_OPEN, CoverState.OPEN.value),
    state_field(CONF_STATE_CLOSED, CoverState.CLOSED.value),
    state_field(CONF_STATE_OPENING, CoverState.OPENING.value),
    state_field(CONF_STATE_CLOSING, CoverState.CLOSING.value),
    state_field(CONF_STATE_STOPPED, "stopped"),
    topic_field(CONF_POSITION_TOPIC, SECTION_POSITION),
    template_field(
        CONF_POSITION_TEMPLATE,
        SECTION_POSITION,
        reads=CONF_POSITION_TOPIC,
        needs=CONF_POSITION_TOPIC,
    ),
    topic_field(
        CONF_SET_POSITION_TOPIC,
        SECTION_POSITION,
        check=validate_topic,
        needs=CONF_POSITION_TOPIC,
    ),
    template_field(
        CONF_SET_POSITION_TEMPLATE, SECTION_POSITION, needs=CONF_SET_POSITION_TOPIC
    ),
    _number(CONF_POSITION_OPEN, SECTION_POSITION, 100),
    _number(CONF_POSITION_CLOSED, SECTION_POSITION, 0),
    topic_field(CONF_TILT_COMMAND_TOPIC, SECTION_TILT, check=validate_topic),
    topic_field(CONF_TILT_STATUS_TOPIC, SECTION_TILT),
    template_field(
        CONF_TILT_STATUS_TEMPLATE,
        SECTION_TILT,
        reads=CONF_TILT_STATUS_TOPIC,
        needs=CONF_TILT_STATUS_TOPIC,
    ),
    template_field(
        CONF_TILT_COMMAND_TEMPLATE, SECTION_TILT, needs=CONF_TILT_COMMAND_TOPIC
    ),
    _number(CONF_TILT_OPENED_VALUE, SECTION_TILT, 100),
    _number(CONF_TILT_CLOSED_VALUE, SECTION_TILT, 0),
    _number(CONF_TILT_MAX, SECTION_TILT, 100),
    _number(CONF_TILT_MIN, SECTION_TILT, 0),
    _command(CONF_PAYLOAD_STOP_TILT, "STOP", SECTION_TILT),
    Field(
        key=CONF_TILT_OPTIMISTIC, selector=BOOLEAN, section=SECTION_TILT, default=False
    ),
    OPTIMISTIC,
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.COVER, "config", "diagnostic"),
    *COMMANDS,
)
