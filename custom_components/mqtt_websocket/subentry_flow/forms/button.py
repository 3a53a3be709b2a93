"""The form of a button."""

from typing import Final

from homeassistant.const import Platform

from ...mapping.schemas.button import CONF_PAYLOAD_PRESS, DEFAULT_PAYLOAD_PRESS
from ...mapping.schemas.common import CONF_COMMAND_TEMPLATE
from ...selectors import TEXT
from ..fields import Field
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    COMMAND_TOPIC,
    NAME,
    SECTION_BEHAVIOR,
    appearance,
    device_class,
    template_field,
)
from .control import COMMANDS

FIELDS: Final = (
    NAME,
    COMMAND_TOPIC,
    Field(key=CONF_PAYLOAD_PRESS, selector=TEXT, default=DEFAULT_PAYLOAD_PRESS),
    device_class(Platform.BUTTON),
    template_field(CONF_COMMAND_TEMPLATE, SECTION_BEHAVIOR),
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.BUTTON, "config", "diagnostic"),
    *COMMANDS,
)
