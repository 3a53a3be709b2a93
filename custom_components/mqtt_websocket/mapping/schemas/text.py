"""Texts (homeassistant/components/mqtt/text.py)."""

from typing import Any, Final

import voluptuous as vol

from homeassistant.components.text import TextMode
from homeassistant.const import CONF_MODE, MAX_LENGTH_STATE_STATE
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_COMMAND_TEMPLATE,
    CONF_VALUE_TEMPLATE,
    READ_WRITE,
    EntityConfig,
    entity_schema,
    template,
)

CONF_MAX: Final = "max"
CONF_MIN: Final = "min"
CONF_PATTERN: Final = "pattern"


def _pattern(value: Any) -> str:
    """Validate a regular expression; return its text."""
    pattern: str = cv.is_regex(value).pattern
    return pattern


def _check_lengths(config: EntityConfig) -> EntityConfig:
    if config[CONF_MIN] > config[CONF_MAX]:
        raise vol.Invalid("text length min must be <= max")
    if config[CONF_MAX] > MAX_LENGTH_STATE_STATE:
        raise vol.Invalid(f"max text length must be <= {MAX_LENGTH_STATE_STATE}")
    return config


SCHEMA: Final = entity_schema(
    {
        **READ_WRITE,
        vol.Optional(CONF_COMMAND_TEMPLATE): template,
        vol.Optional(CONF_MAX, default=MAX_LENGTH_STATE_STATE): cv.positive_int,
        vol.Optional(CONF_MIN, default=0): cv.positive_int,
        vol.Optional(CONF_MODE, default=TextMode.TEXT): vol.In(
            [TextMode.TEXT, TextMode.PASSWORD]
        ),
        vol.Optional(CONF_PATTERN): _pattern,
        vol.Optional(CONF_VALUE_TEMPLATE): template,
    },
    _check_lengths,
)
