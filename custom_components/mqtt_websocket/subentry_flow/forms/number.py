"""The form of a number."""

from typing import Final

from homeassistant.components.number.const import (
    DEFAULT_MAX_VALUE,
    DEFAULT_MIN_VALUE,
    DEFAULT_STEP,
    DEVICE_CLASS_UNITS,
    NumberMode,
)
from homeassistant.const import CONF_MODE, Platform
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from ...mapping.schemas.common import PAYLOAD_NONE
from ...mapping.schemas.number import (
    CONF_MAX,
    CONF_MIN,
    CONF_PAYLOAD_RESET,
    CONF_STEP,
    MIN_STEP,
)
from ...selectors import NUMBER, TEXT, select
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
    device_class,
    unit_of_measurement,
)
from .control import BELIEF, COMMANDS

FIELDS: Final = (
    NAME,
    COMMAND_TOPIC,
    OPTIONAL_STATE_TOPIC,
    VALUE_TEMPLATE,
    Field(key=CONF_MIN, selector=NUMBER, default=DEFAULT_MIN_VALUE),
    Field(key=CONF_MAX, selector=NUMBER, default=DEFAULT_MAX_VALUE),
    Field(
        key=CONF_STEP,
        selector=NumberSelector(
            NumberSelectorConfig(min=MIN_STEP, step="any", mode=NumberSelectorMode.BOX)
        ),
        default=DEFAULT_STEP,
    ),
    device_class(Platform.NUMBER),
    unit_of_measurement(DEVICE_CLASS_UNITS),
    Field(
        key=CONF_MODE,
        selector=select(*NumberMode, key="number_mode"),
        section=SECTION_BEHAVIOR,
        default=NumberMode.AUTO.value,
    ),
    Field(
        key=CONF_PAYLOAD_RESET,
        selector=TEXT,
        section=SECTION_BEHAVIOR,
        default=PAYLOAD_NONE,
    ),
    *BELIEF,
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.NUMBER, "config", "diagnostic"),
    *COMMANDS,
)
