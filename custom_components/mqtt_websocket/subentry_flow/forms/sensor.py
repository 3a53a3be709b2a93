"""The form of a sensor."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.sensor import (
    CONF_STATE_CLASS,
    SensorDeviceClass,
    SensorStateClass,
)
from homeassistant.components.sensor.const import (
    AMBIGUOUS_UNITS,
    DEVICE_CLASS_UNITS,
    STATE_CLASS_UNITS,
)
from homeassistant.const import (
    CONF_DEVICE_CLASS,
    CONF_OPTIONS,
    CONF_UNIT_OF_MEASUREMENT,
    Platform,
)
from homeassistant.helpers.selector import StateClassSelector

from ...mapping.schemas.common import CONF_STATE_TOPIC
from ...mapping.schemas.sensor import (
    CONF_LAST_RESET_VALUE_TEMPLATE,
    CONF_SUGGESTED_DISPLAY_PRECISION,
)
from ...selectors import whole_number
from ..fields import Field, Problem
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    EXPIRE_AFTER,
    FORCE_UPDATE,
    MESSAGES,
    NAME,
    SECTION_BEHAVIOR,
    STATE_TOPIC,
    VALUE_TEMPLATE,
    appearance,
    device_class,
    template_field,
    unit_of_measurement,
)
from .lists import text_list

FIELDS: Final = (
    NAME,
    STATE_TOPIC,
    VALUE_TEMPLATE,
    device_class(Platform.SENSOR),
    unit_of_measurement(DEVICE_CLASS_UNITS),
    Field(key=CONF_STATE_CLASS, selector=StateClassSelector()),
    Field(
        key=CONF_SUGGESTED_DISPLAY_PRECISION,
        selector=whole_number(),
        section=SECTION_BEHAVIOR,
    ),
    EXPIRE_AFTER,
    FORCE_UPDATE,
    text_list(CONF_OPTIONS, SECTION_BEHAVIOR),
    template_field(
        CONF_LAST_RESET_VALUE_TEMPLATE, SECTION_BEHAVIOR, reads=CONF_STATE_TOPIC
    ),
    *ATTRIBUTES,
    *AVAILABILITY,
    # Home Assistant refuses sensors that are a setting.
    *appearance(Platform.SENSOR, "diagnostic"),
    *MESSAGES,
)


def contradiction(config: Mapping[str, Any]) -> Problem | None:
    """Return what does not go together, as the schema would find it too.

    The schema says it without a place and in English.
    """
    kind = config.get(CONF_DEVICE_CLASS)
    state_class = config.get(CONF_STATE_CLASS)
    unit = config.get(CONF_UNIT_OF_MEASUREMENT)
    if CONF_LAST_RESET_VALUE_TEMPLATE in config and (
        state_class != SensorStateClass.TOTAL
    ):
        return Problem(SECTION_BEHAVIOR, "last_reset_needs_total")
    if CONF_OPTIONS in config:
        if state_class or unit:
            return Problem(SECTION_BEHAVIOR, "options_exclude_numbers")
        if kind != SensorDeviceClass.ENUM:
            return Problem(SECTION_BEHAVIOR, "options_need_enum")
    if state_class in STATE_CLASS_UNITS and unit not in STATE_CLASS_UNITS[state_class]:
        return _wrong_unit(
            "unit_not_of_state_class", unit, state_class, STATE_CLASS_UNITS[state_class]
        )
    if unit is None or kind not in DEVICE_CLASS_UNITS:
        return None
    if AMBIGUOUS_UNITS.get(unit, unit) not in DEVICE_CLASS_UNITS[kind]:
        return _wrong_unit(
            "unit_not_of_device_class", unit, kind, DEVICE_CLASS_UNITS[kind]
        )
    return None


def _wrong_unit(key: str, unit: str | None, kind: str, units: set[Any]) -> Problem:
    return Problem(
        CONF_UNIT_OF_MEASUREMENT,
        key,
        {
            "unit": unit or "-",
            "kind": kind,
            "units": ", ".join(sorted(str(each) for each in units if each)) or "-",
        },
    )
