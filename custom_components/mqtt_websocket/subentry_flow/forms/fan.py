"""The form of a fan."""

from typing import Final

from homeassistant.const import Platform

from ...mapping.schemas.common import CONF_STATE_TOPIC, PAYLOAD_NONE
from ...mapping.schemas.fan import (
    CONF_PAYLOAD_OSCILLATION_OFF,
    CONF_PAYLOAD_OSCILLATION_ON,
    CONF_PAYLOAD_RESET_PERCENTAGE,
    CONF_PAYLOAD_RESET_PRESET_MODE,
    CONF_SPEED_RANGE_MAX,
    CONF_SPEED_RANGE_MIN,
    CONF_STATE_VALUE_TEMPLATE,
)
from ...selectors import TEXT, whole_number
from ..fields import Field
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    COMMAND_TOPIC,
    NAME,
    OPTIONAL_STATE_TOPIC,
    PAYLOAD_OFF,
    PAYLOAD_ON,
    appearance,
    template_field,
)
from .control import BELIEF, COMMANDS, channel, presets

SECTION_SPEED: Final = "speed"
SECTION_PRESETS: Final = "presets"
SECTION_OSCILLATION: Final = "oscillation"
SECTION_DIRECTION: Final = "direction"

FIELDS: Final = (
    NAME,
    COMMAND_TOPIC,
    OPTIONAL_STATE_TOPIC,
    PAYLOAD_ON,
    PAYLOAD_OFF,
    template_field(CONF_STATE_VALUE_TEMPLATE, reads=CONF_STATE_TOPIC),
    *channel("percentage", SECTION_SPEED),
    Field(
        key=CONF_SPEED_RANGE_MIN,
        selector=whole_number(1),
        section=SECTION_SPEED,
        default=1,
    ),
    Field(
        key=CONF_SPEED_RANGE_MAX,
        selector=whole_number(1),
        section=SECTION_SPEED,
        default=100,
    ),
    Field(
        key=CONF_PAYLOAD_RESET_PERCENTAGE,
        selector=TEXT,
        section=SECTION_SPEED,
        default=PAYLOAD_NONE,
    ),
    *presets(SECTION_PRESETS),
    Field(
        key=CONF_PAYLOAD_RESET_PRESET_MODE,
        selector=TEXT,
        section=SECTION_PRESETS,
        default=PAYLOAD_NONE,
    ),
    *channel("oscillation", SECTION_OSCILLATION),
    Field(
        key=CONF_PAYLOAD_OSCILLATION_ON,
        selector=TEXT,
        section=SECTION_OSCILLATION,
        default="oscillate_on",
    ),
    Field(
        key=CONF_PAYLOAD_OSCILLATION_OFF,
        selector=TEXT,
        section=SECTION_OSCILLATION,
        default="oscillate_off",
    ),
    *channel("direction", SECTION_DIRECTION),
    *BELIEF,
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.FAN, "config", "diagnostic"),
    *COMMANDS,
)
