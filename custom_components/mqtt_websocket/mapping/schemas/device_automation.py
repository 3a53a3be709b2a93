"""Device triggers (homeassistant/components/mqtt/device_{automation,trigger}.py)."""

from typing import Any, Final

import voluptuous as vol

from homeassistant.const import CONF_PAYLOAD, CONF_TYPE
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_QOS,
    CONF_TOPIC,
    CONF_VALUE_TEMPLATE,
    qos_level,
    subscribe_topic,
    template,
)

CONF_AUTOMATION_TYPE: Final = "automation_type"
CONF_SUBTYPE: Final = "subtype"

_template_or_none = vol.Any(None, template)


def _name(value: Any) -> str:
    """Validate a type or a subtype: what automations know a trigger by."""
    name = cv.string(value)
    if len(name) > MAX_NAME:
        raise vol.Invalid(f"more than {MAX_NAME} characters")
    return name


MAX_NAME: Final = 255
"""Characters of a type or subtype. They end in automations, and in the editor."""

SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_AUTOMATION_TYPE): vol.In(["trigger"]),
        vol.Optional(CONF_PAYLOAD, default=None): _template_or_none,
        vol.Optional(CONF_QOS, default=0): qos_level,
        vol.Required(CONF_SUBTYPE): _name,
        vol.Required(CONF_TOPIC): subscribe_topic,
        vol.Required(CONF_TYPE): _name,
        vol.Optional(CONF_VALUE_TEMPLATE, default=None): _template_or_none,
    },
    extra=vol.REMOVE_EXTRA,
)
