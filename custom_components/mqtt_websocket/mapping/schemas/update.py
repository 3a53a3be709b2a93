"""Updates (homeassistant/components/mqtt/update.py)."""

from typing import Any, Final

import voluptuous as vol

from homeassistant.components.update import DEVICE_CLASSES_SCHEMA
from homeassistant.const import CONF_DEVICE_CLASS
from homeassistant.helpers import config_validation as cv

from .common import (
    CONF_COMMAND_TOPIC,
    CONF_RETAIN,
    READ_ONLY,
    display_precision,
    entity_schema,
    publish_topic,
    subscribe_topic,
    template,
)

CONF_DISPLAY_PRECISION: Final = "display_precision"
CONF_LATEST_VERSION_TEMPLATE: Final = "latest_version_template"
CONF_LATEST_VERSION_TOPIC: Final = "latest_version_topic"
CONF_PAYLOAD_INSTALL: Final = "payload_install"
CONF_RELEASE_SUMMARY: Final = "release_summary"
CONF_RELEASE_URL: Final = "release_url"
CONF_TITLE: Final = "title"

KEYS: Final[dict[vol.Marker, Any]] = {
    **READ_ONLY,
    vol.Optional(CONF_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_DEVICE_CLASS): vol.Any(DEVICE_CLASSES_SCHEMA, None),
    vol.Optional(CONF_DISPLAY_PRECISION, default=0): display_precision,
    vol.Optional(CONF_LATEST_VERSION_TEMPLATE): template,
    vol.Optional(CONF_LATEST_VERSION_TOPIC): subscribe_topic,
    vol.Optional(CONF_PAYLOAD_INSTALL): cv.string,
    vol.Optional(CONF_RELEASE_SUMMARY): cv.string,
    vol.Optional(CONF_RELEASE_URL): cv.string,
    vol.Optional(CONF_RETAIN, default=False): cv.boolean,
    vol.Optional(CONF_TITLE): cv.string,
}

SCHEMA: Final = entity_schema(KEYS)

TOLD: Final = vol.Schema(
    {
        vol.Optional("installed_version"): cv.string,
        vol.Optional("latest_version"): cv.string,
        vol.Optional("title"): cv.string,
        vol.Optional("release_summary"): cv.string,
        vol.Optional("release_url"): cv.url,
        vol.Optional("entity_picture"): cv.url,
        vol.Optional("in_progress"): cv.boolean,
        vol.Optional("update_percentage"): vol.Any(vol.Range(min=0, max=100), None),
    }
)
"""What the state topic tells in JSON."""
