"""The form of a number."""

from typing import Final

from homeassistant.components.number.const import (
    DEFAULT_MAX_VALUE,
    DEFAULT_MIN_VALUE,
    DEFAULT_STEP,
    DEVICE_CLASS_UNITS,
    NumberMode,
)
from homeassistant.const import CONF_MODE, CONF_UNIT_OF_MEASUREMENT, Platform
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ...mapping.schemas.common import PAYLOAD_NONE
from ...mapping.schemas.number import (
    CONF_MAX,
    CONF_MIN,
    CONF_PAYLOAD_RESET,
    CONF_STEP,
    MIN_STEP,
)
from ..fields import Field
from ..selectors import NUMBER, TEXT, select
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
)
from .control import BELIEF, COMMANDS

# Whatever some device class takes; other units can be typed.
_UNITS: Final = sorted(
    {str(unit) for units in DEVICE_CLASS_UNITS.values() for unit in units if unit},
    key=str.casefold,
)

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
    Field(
        key=CONF_UNIT_OF_MEASUREMENT,
        selector=SelectSelector(
            SelectSelectorConfig(
                options=_UNITS, custom_value=True, mode=SelectSelectorMode.DROPDOWN
            )
        ),
    ),
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
