"""The form of an update."""

from typing import Final

from homeassistant.const import Platform

from ...broker.topics import validate_topic
from ...mapping.schemas.common import CONF_COMMAND_TOPIC
from ...mapping.schemas.update import (
    CONF_DISPLAY_PRECISION,
    CONF_LATEST_VERSION_TEMPLATE,
    CONF_LATEST_VERSION_TOPIC,
    CONF_PAYLOAD_INSTALL,
    CONF_RELEASE_SUMMARY,
    CONF_RELEASE_URL,
    CONF_TITLE,
)
from ...selectors import TEXT, whole_number
from ..fields import Field
from .common import (
    ATTRIBUTES,
    AVAILABILITY,
    NAME,
    STATE_TOPIC,
    VALUE_TEMPLATE,
    appearance,
    device_class,
    template_field,
    topic_field,
)
from .control import COMMANDS

SECTION_RELEASE: Final = "release"

FIELDS: Final = (
    NAME,
    STATE_TOPIC,
    VALUE_TEMPLATE,
    topic_field(CONF_LATEST_VERSION_TOPIC),
    template_field(CONF_LATEST_VERSION_TEMPLATE, reads=CONF_LATEST_VERSION_TOPIC),
    topic_field(CONF_COMMAND_TOPIC, check=validate_topic),
    Field(key=CONF_PAYLOAD_INSTALL, selector=TEXT),
    device_class(Platform.UPDATE),
    Field(key=CONF_TITLE, selector=TEXT, section=SECTION_RELEASE),
    Field(key=CONF_RELEASE_SUMMARY, selector=TEXT, section=SECTION_RELEASE),
    Field(key=CONF_RELEASE_URL, selector=TEXT, section=SECTION_RELEASE),
    Field(
        key=CONF_DISPLAY_PRECISION,
        selector=whole_number(),
        section=SECTION_RELEASE,
        default=0,
    ),
    *ATTRIBUTES,
    *AVAILABILITY,
    *appearance(Platform.UPDATE, "config", "diagnostic"),
    *COMMANDS,
)
