"""The forms of a light: a topic for each value, one JSON object, or templates."""

from typing import Final

from homeassistant.components.light.const import VALID_COLOR_MODES
from homeassistant.const import (
    CONF_BRIGHTNESS,
    CONF_EFFECT,
    CONF_STATE_TEMPLATE,
    Platform,
)

from ...broker.topics import validate_topic
from ...mapping.schemas.common import CONF_STATE_TOPIC
from ...mapping.schemas.light import (
    CONF_BLUE_TEMPLATE,
    CONF_BRIGHTNESS_SCALE,
    CONF_BRIGHTNESS_TEMPLATE,
    CONF_COLOR_MODE_STATE_TOPIC,
    CONF_COLOR_MODE_VALUE_TEMPLATE,
    CONF_COLOR_TEMP_KELVIN,
    CONF_COLOR_TEMP_TEMPLATE,
    CONF_COMMAND_OFF_TEMPLATE,
    CONF_COMMAND_ON_TEMPLATE,
    CONF_EFFECT_LIST,
    CONF_EFFECT_TEMPLATE,
    CONF_FLASH,
    CONF_FLASH_TIME_LONG,
    CONF_FLASH_TIME_SHORT,
    CONF_GREEN_TEMPLATE,
    CONF_MAX_KELVIN,
    CONF_MAX_MIREDS,
    CONF_MIN_KELVIN,
    CONF_MIN_MIREDS,
    CONF_ON_COMMAND_TYPE,
    CONF_RED_TEMPLATE,
    CONF_STATE_VALUE_TEMPLATE,
    CONF_SUPPORTED_COLOR_MODES,
    CONF_TRANSITION,
    CONF_WHITE_COMMAND_TOPIC,
    CONF_WHITE_SCALE,
    MAX_SCALE,
    ON_BRIGHTNESS,
    ON_FIRST,
    ON_LAST,
)
from ...selectors import BOOLEAN, SECONDS, select, whole_number
from ..fields import Field
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    COMMAND_TOPIC,
    NAME,
    OPTIONAL_STATE_TOPIC,
    PAYLOAD_OFF,
    PAYLOAD_ON,
    SECTION_BEHAVIOR,
    appearance,
    template_field,
    topic_field,
)
from .control import COMMANDS, OPTIMISTIC, channel
from .lists import text_list

SECTION_DIMMING: Final = "dimming"
SECTION_COLOR_TEMPERATURE: Final = "color_temperature"
SECTION_COLOR: Final = "color"
SECTION_MORE_COLORS: Final = "more_colors"
SECTION_EFFECTS: Final = "effects"


def _scale(key: str, section: str) -> Field:
    return Field(key=key, selector=whole_number(1), section=section, default=MAX_SCALE)


def _read(key: str, section: str) -> Field:
    return template_field(key, section, reads=CONF_STATE_TOPIC)


_COLOR_TEMPERATURE: Final = (
    Field(
        key=CONF_COLOR_TEMP_KELVIN,
        selector=BOOLEAN,
        section=SECTION_COLOR_TEMPERATURE,
        default=False,
    ),
    *(
        Field(
            key=key,
            selector=whole_number(unit=unit),
            section=SECTION_COLOR_TEMPERATURE,
        )
        for key, unit in (
            (CONF_MIN_KELVIN, "K"),
            (CONF_MAX_KELVIN, "K"),
            (CONF_MIN_MIREDS, None),
            (CONF_MAX_MIREDS, None),
        )
    ),
)
_END: Final = (
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.LIGHT, "config", "diagnostic"),
    *COMMANDS,
)

BASIC: Final = (
    NAME,
    COMMAND_TOPIC,
    OPTIONAL_STATE_TOPIC,
    PAYLOAD_ON,
    PAYLOAD_OFF,
    template_field(CONF_STATE_VALUE_TEMPLATE, reads=CONF_STATE_TOPIC),
    *channel("brightness", SECTION_DIMMING),
    _scale(CONF_BRIGHTNESS_SCALE, SECTION_DIMMING),
    *channel("color_temp", SECTION_COLOR_TEMPERATURE),
    *_COLOR_TEMPERATURE,
    *channel("rgb", SECTION_COLOR),
    *channel("hs", SECTION_COLOR),
    *channel("rgbw", SECTION_MORE_COLORS),
    *channel("rgbww", SECTION_MORE_COLORS),
    *channel("xy", SECTION_MORE_COLORS),
    topic_field(CONF_WHITE_COMMAND_TOPIC, SECTION_MORE_COLORS, check=validate_topic),
    _scale(CONF_WHITE_SCALE, SECTION_MORE_COLORS),
    topic_field(CONF_COLOR_MODE_STATE_TOPIC, SECTION_MORE_COLORS),
    template_field(
        CONF_COLOR_MODE_VALUE_TEMPLATE,
        SECTION_MORE_COLORS,
        reads=CONF_COLOR_MODE_STATE_TOPIC,
    ),
    *channel("effect", SECTION_EFFECTS),
    text_list(CONF_EFFECT_LIST, SECTION_EFFECTS),
    Field(
        key=CONF_ON_COMMAND_TYPE,
        selector=select(ON_LAST, ON_FIRST, ON_BRIGHTNESS, key=CONF_ON_COMMAND_TYPE),
        section=SECTION_BEHAVIOR,
        default=ON_LAST,
    ),
    OPTIMISTIC,
    *_END,
)

JSON: Final = (
    NAME,
    COMMAND_TOPIC,
    OPTIONAL_STATE_TOPIC,
    Field(key=CONF_BRIGHTNESS, selector=BOOLEAN, default=False),
    Field(
        key=CONF_SUPPORTED_COLOR_MODES,
        selector=select(*sorted(VALID_COLOR_MODES), key="color_mode", multiple=True),
        show=lambda modes: modes if isinstance(modes, list) else [modes],
    ),
    _scale(CONF_BRIGHTNESS_SCALE, SECTION_COLOR),
    _scale(CONF_WHITE_SCALE, SECTION_COLOR),
    *_COLOR_TEMPERATURE,
    Field(key=CONF_EFFECT, selector=BOOLEAN, section=SECTION_EFFECTS, default=False),
    text_list(CONF_EFFECT_LIST, SECTION_EFFECTS),
    Field(key=CONF_FLASH, selector=BOOLEAN, section=SECTION_EFFECTS, default=True),
    Field(
        key=CONF_FLASH_TIME_SHORT,
        selector=SECONDS,
        section=SECTION_EFFECTS,
        default=2,
    ),
    Field(
        key=CONF_FLASH_TIME_LONG,
        selector=SECONDS,
        section=SECTION_EFFECTS,
        default=10,
    ),
    Field(key=CONF_TRANSITION, selector=BOOLEAN, section=SECTION_EFFECTS, default=True),
    OPTIMISTIC,
    *_END,
)

TEMPLATE: Final = (
    NAME,
    COMMAND_TOPIC,
    template_field(CONF_COMMAND_ON_TEMPLATE, required=True),
    template_field(CONF_COMMAND_OFF_TEMPLATE, required=True),
    OPTIONAL_STATE_TOPIC,
    template_field(CONF_STATE_TEMPLATE, reads=CONF_STATE_TOPIC),
    template_field(CONF_BRIGHTNESS_TEMPLATE, reads=CONF_STATE_TOPIC),
    _read(CONF_RED_TEMPLATE, SECTION_COLOR),
    _read(CONF_GREEN_TEMPLATE, SECTION_COLOR),
    _read(CONF_BLUE_TEMPLATE, SECTION_COLOR),
    _read(CONF_COLOR_TEMP_TEMPLATE, SECTION_COLOR_TEMPERATURE),
    *_COLOR_TEMPERATURE,
    text_list(CONF_EFFECT_LIST, SECTION_EFFECTS),
    _read(CONF_EFFECT_TEMPLATE, SECTION_EFFECTS),
    OPTIMISTIC,
    *_END,
)
