"""Tag scanners (homeassistant/components/mqtt/tag.py)."""

from typing import Final

import voluptuous as vol

from .common import (
    CONF_QOS,
    CONF_TOPIC,
    CONF_VALUE_TEMPLATE,
    qos_level,
    subscribe_topic,
    template,
)

SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_QOS, default=0): qos_level,
        vol.Required(CONF_TOPIC): subscribe_topic,
        vol.Optional(CONF_VALUE_TEMPLATE): template,
    },
    extra=vol.REMOVE_EXTRA,
)
