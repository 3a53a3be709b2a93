"""Fields that entities have that command, with core's keys and defaults."""

from typing import Final

from ...mapping.schemas.common import (
    CONF_COMMAND_TEMPLATE,
    CONF_OPTIMISTIC,
    CONF_RETAIN,
)
from ..fields import Field
from ..selectors import BOOLEAN
from .common import (
    MESSAGE_EXPIRY,
    MESSAGES,
    SECTION_BEHAVIOR,
    SECTION_MESSAGES,
    template_field,
)

BELIEF: Final = (
    Field(
        key=CONF_OPTIMISTIC, selector=BOOLEAN, section=SECTION_BEHAVIOR, default=False
    ),
    template_field(CONF_COMMAND_TEMPLATE, SECTION_BEHAVIOR),
)
"""How commands are made, and whether they are believed."""

COMMANDS: Final = (
    Field(key=CONF_RETAIN, selector=BOOLEAN, section=SECTION_MESSAGES, default=False),
    *MESSAGES,
    MESSAGE_EXPIRY,
)
"""How commands are published."""
