"""Fields that entities have that command, with core's keys and defaults."""

from dataclasses import replace
from typing import Final

from ...broker.topics import validate_topic
from ...mapping.schemas.common import (
    CONF_COMMAND_TEMPLATE,
    CONF_OPTIMISTIC,
    CONF_RETAIN,
)
from ...selectors import BOOLEAN
from ..fields import Field
from .common import (
    MESSAGE_EXPIRY,
    MESSAGES,
    SECTION_BEHAVIOR,
    SECTION_MESSAGES,
    template_field,
    topic_field,
)
from .lists import text_list

OPTIMISTIC: Final = Field(
    key=CONF_OPTIMISTIC, selector=BOOLEAN, section=SECTION_BEHAVIOR, default=False
)
BELIEF: Final = (
    OPTIMISTIC,
    template_field(CONF_COMMAND_TEMPLATE, SECTION_BEHAVIOR),
)
"""How commands are made, and whether they are believed."""

COMMANDS: Final = (
    Field(key=CONF_RETAIN, selector=BOOLEAN, section=SECTION_MESSAGES, default=False),
    *MESSAGES,
    MESSAGE_EXPIRY,
)
"""How commands are published."""


def channel(
    name: str, section: str, *, state_template: str = "value_template"
) -> tuple[Field, ...]:
    """Return the fields of one thing among several that an entity shows and sets."""
    return (
        topic_field(f"{name}_command_topic", section, check=validate_topic),
        topic_field(f"{name}_state_topic", section),
        template_field(
            f"{name}_{state_template}", section, reads=f"{name}_state_topic"
        ),
        template_field(f"{name}_command_template", section),
    )


def presets(section: str) -> tuple[Field, ...]:
    """Return the fields of preset modes: the topic and the modes, or neither."""
    return (
        text_list("preset_modes", section, needs="preset_mode_command_topic"),
        *(
            replace(each, needs="preset_modes")
            if each.key == "preset_mode_command_topic"
            else each
            for each in channel("preset_mode", section)
        ),
    )
