"""The form of a climate device."""

from typing import Any, Final

from homeassistant.components.climate.const import (
    DEFAULT_MAX_HUMIDITY,
    DEFAULT_MIN_HUMIDITY,
    FAN_AUTO,
    FAN_HIGH,
    FAN_LOW,
    FAN_MEDIUM,
    SWING_OFF,
    SWING_ON,
    HVACMode,
)
from homeassistant.const import (
    CONF_PAYLOAD_OFF,
    CONF_PAYLOAD_ON,
    CONF_TEMPERATURE_UNIT,
    Platform,
)
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ...broker.topics import validate_topic
from ...mapping.schemas.climate import (
    CONF_ACTION_TEMPLATE,
    CONF_ACTION_TOPIC,
    CONF_CURRENT_HUMIDITY_TEMPLATE,
    CONF_CURRENT_HUMIDITY_TOPIC,
    CONF_CURRENT_TEMPERATURE_TEMPLATE,
    CONF_CURRENT_TEMPERATURE_TOPIC,
    CONF_FAN_MODES,
    CONF_INITIAL,
    CONF_MAX_HUMIDITY,
    CONF_MAX_TEMP,
    CONF_MIN_HUMIDITY,
    CONF_MIN_TEMP,
    CONF_MODE_COMMAND_TEMPLATE,
    CONF_MODE_COMMAND_TOPIC,
    CONF_MODE_STATE_TEMPLATE,
    CONF_MODE_STATE_TOPIC,
    CONF_MODES,
    CONF_POWER_COMMAND_TEMPLATE,
    CONF_POWER_COMMAND_TOPIC,
    CONF_PRECISION,
    CONF_SWING_HORIZONTAL_MODES,
    CONF_SWING_MODES,
    CONF_TARGET_HUMIDITY_COMMAND_TEMPLATE,
    CONF_TARGET_HUMIDITY_COMMAND_TOPIC,
    CONF_TARGET_HUMIDITY_STATE_TEMPLATE,
    CONF_TARGET_HUMIDITY_STATE_TOPIC,
    CONF_TEMP_STEP,
    CONF_TEMPERATURE_COMMAND_TEMPLATE,
    CONF_TEMPERATURE_COMMAND_TOPIC,
    CONF_TEMPERATURE_STATE_TEMPLATE,
    CONF_TEMPERATURE_STATE_TOPIC,
)
from ...mapping.schemas.common import (
    CONF_VALUE_TEMPLATE,
    DEFAULT_PAYLOAD_OFF,
    DEFAULT_PAYLOAD_ON,
)
from ...selectors import NUMBER, TEXT, select, whole_number
from ..fields import Field
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    NAME,
    SECTION_BEHAVIOR,
    appearance,
    template_field,
    topic_field,
)
from .control import COMMANDS, OPTIMISTIC, channel, presets
from .lists import text_list

SECTION_TEMPERATURE: Final = "temperature"
SECTION_RANGE: Final = "temperature_range"
SECTION_ACTION: Final = "action"
SECTION_HUMIDITY: Final = "humidity"
SECTION_FAN: Final = "fan"
SECTION_PRESETS: Final = "presets"
SECTION_SWING: Final = "swing"
SECTION_SWING_HORIZONTAL: Final = "swing_horizontal"
SECTION_POWER: Final = "power"

_MODES: Final = [
    HVACMode.AUTO.value,
    HVACMode.OFF.value,
    HVACMode.COOL.value,
    HVACMode.HEAT.value,
    HVACMode.DRY.value,
    HVACMode.FAN_ONLY.value,
]


def _number(key: str, section: str, **more: Any) -> Field:
    return Field(key=key, selector=NUMBER, section=section, **more)


def _percent(key: str, value: int) -> Field:
    return Field(
        key=key,
        selector=whole_number(unit="%"),
        section=SECTION_HUMIDITY,
        show=int,
        default=value,
    )


FIELDS: Final = (
    NAME,
    topic_field(CONF_CURRENT_TEMPERATURE_TOPIC),
    template_field(
        CONF_CURRENT_TEMPERATURE_TEMPLATE, reads=CONF_CURRENT_TEMPERATURE_TOPIC
    ),
    topic_field(CONF_TEMPERATURE_COMMAND_TOPIC, check=validate_topic),
    topic_field(CONF_TEMPERATURE_STATE_TOPIC),
    template_field(CONF_TEMPERATURE_STATE_TEMPLATE, reads=CONF_TEMPERATURE_STATE_TOPIC),
    topic_field(CONF_MODE_COMMAND_TOPIC, check=validate_topic),
    topic_field(CONF_MODE_STATE_TOPIC),
    template_field(CONF_MODE_STATE_TEMPLATE, reads=CONF_MODE_STATE_TOPIC),
    Field(
        key=CONF_MODES,
        selector=select(*HVACMode, key="hvac_mode", multiple=True),
        default=_MODES,
    ),
    _number(CONF_MIN_TEMP, SECTION_TEMPERATURE),
    _number(CONF_MAX_TEMP, SECTION_TEMPERATURE),
    _number(CONF_TEMP_STEP, SECTION_TEMPERATURE, default=1.0),
    Field(
        key=CONF_TEMPERATURE_UNIT,
        selector=SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value="C", label="°C"),
                    SelectOptionDict(value="F", label="°F"),
                ],
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
        section=SECTION_TEMPERATURE,
        show=lambda unit: str(unit).upper(),
    ),
    Field(
        key=CONF_PRECISION,
        selector=select("0.1", "0.5", "1.0"),
        section=SECTION_TEMPERATURE,
        show=lambda precision: str(float(precision)),
        keep=float,
    ),
    _number(CONF_INITIAL, SECTION_TEMPERATURE),
    template_field(CONF_TEMPERATURE_COMMAND_TEMPLATE, SECTION_TEMPERATURE),
    *channel("temperature_low", SECTION_RANGE, state_template="state_template"),
    *channel("temperature_high", SECTION_RANGE, state_template="state_template"),
    topic_field(CONF_ACTION_TOPIC, SECTION_ACTION),
    template_field(CONF_ACTION_TEMPLATE, SECTION_ACTION, reads=CONF_ACTION_TOPIC),
    topic_field(CONF_CURRENT_HUMIDITY_TOPIC, SECTION_HUMIDITY),
    template_field(
        CONF_CURRENT_HUMIDITY_TEMPLATE,
        SECTION_HUMIDITY,
        reads=CONF_CURRENT_HUMIDITY_TOPIC,
    ),
    topic_field(
        CONF_TARGET_HUMIDITY_COMMAND_TOPIC, SECTION_HUMIDITY, check=validate_topic
    ),
    topic_field(
        CONF_TARGET_HUMIDITY_STATE_TOPIC,
        SECTION_HUMIDITY,
        needs=CONF_TARGET_HUMIDITY_COMMAND_TOPIC,
    ),
    template_field(
        CONF_TARGET_HUMIDITY_STATE_TEMPLATE,
        SECTION_HUMIDITY,
        reads=CONF_TARGET_HUMIDITY_STATE_TOPIC,
    ),
    template_field(CONF_TARGET_HUMIDITY_COMMAND_TEMPLATE, SECTION_HUMIDITY),
    _percent(CONF_MIN_HUMIDITY, DEFAULT_MIN_HUMIDITY),
    _percent(CONF_MAX_HUMIDITY, DEFAULT_MAX_HUMIDITY),
    *channel("fan_mode", SECTION_FAN, state_template="state_template"),
    text_list(
        CONF_FAN_MODES, SECTION_FAN, default=(FAN_AUTO, FAN_LOW, FAN_MEDIUM, FAN_HIGH)
    ),
    *presets(SECTION_PRESETS),
    *channel("swing_mode", SECTION_SWING, state_template="state_template"),
    text_list(CONF_SWING_MODES, SECTION_SWING, default=(SWING_ON, SWING_OFF)),
    *channel(
        "swing_horizontal_mode",
        SECTION_SWING_HORIZONTAL,
        state_template="state_template",
    ),
    text_list(
        CONF_SWING_HORIZONTAL_MODES,
        SECTION_SWING_HORIZONTAL,
        default=(SWING_ON, SWING_OFF),
    ),
    topic_field(CONF_POWER_COMMAND_TOPIC, SECTION_POWER, check=validate_topic),
    Field(
        key=CONF_PAYLOAD_ON,
        selector=TEXT,
        section=SECTION_POWER,
        default=DEFAULT_PAYLOAD_ON,
    ),
    Field(
        key=CONF_PAYLOAD_OFF,
        selector=TEXT,
        section=SECTION_POWER,
        default=DEFAULT_PAYLOAD_OFF,
    ),
    template_field(CONF_POWER_COMMAND_TEMPLATE, SECTION_POWER),
    OPTIMISTIC,
    template_field(CONF_MODE_COMMAND_TEMPLATE, SECTION_BEHAVIOR),
    template_field(CONF_VALUE_TEMPLATE, SECTION_BEHAVIOR),
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.CLIMATE, "config", "diagnostic"),
    *COMMANDS,
)
