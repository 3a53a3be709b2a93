"""Fields that entities of several platforms have, with core's keys and defaults."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import (
    CONF_DEVICE_CLASS,
    CONF_FORCE_UPDATE,
    CONF_ICON,
    CONF_NAME,
    CONF_PAYLOAD_OFF,
    CONF_PAYLOAD_ON,
    CONF_UNIT_OF_MEASUREMENT,
    Platform,
)
from homeassistant.core import valid_entity_id
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    DeviceClassSelector,
    DeviceClassSelectorConfig,
    IconSelector,
    ObjectSelector,
    ObjectSelectorConfig,
)

from ...broker.topics import validate_filter, validate_topic
from ...mapping.schemas.common import (
    AVAILABILITY_ALL,
    AVAILABILITY_ANY,
    AVAILABILITY_LATEST,
    CONF_AVAILABILITY,
    CONF_AVAILABILITY_MODE,
    CONF_AVAILABILITY_TEMPLATE,
    CONF_AVAILABILITY_TOPIC,
    CONF_COMMAND_TOPIC,
    CONF_DEFAULT_ENTITY_ID,
    CONF_ENABLED_BY_DEFAULT,
    CONF_ENCODING,
    CONF_ENTITY_CATEGORY,
    CONF_ENTITY_PICTURE,
    CONF_EXPIRE_AFTER,
    CONF_JSON_ATTRIBUTES_TEMPLATE,
    CONF_JSON_ATTRIBUTES_TOPIC,
    CONF_MESSAGE_EXPIRY_INTERVAL,
    CONF_PAYLOAD_AVAILABLE,
    CONF_PAYLOAD_NOT_AVAILABLE,
    CONF_QOS,
    CONF_STATE_TOPIC,
    CONF_TOPIC,
    CONF_VALUE_TEMPLATE,
    CONF_VISIBLE_BY_DEFAULT,
    DEFAULT_PAYLOAD_OFF,
    DEFAULT_PAYLOAD_ON,
)
from ...selectors import BOOLEAN, QOS, SECONDS, TEMPLATE, TEXT, select
from ..fields import Field

SECTION_BEHAVIOR: Final = "behavior"
SECTION_ATTRIBUTES: Final = "attributes"
SECTION_AVAILABILITY: Final = "availability"
SECTION_APPEARANCE: Final = "appearance"
SECTION_MESSAGES: Final = "messages"
SECTION_STATES: Final = "states"

RAW: Final = "raw"
"""Stands in a form for the encoding "": payloads are left as bytes."""

ENCODINGS: Final = ("utf-8", "ascii", "latin-1", "utf-16", RAW)


# --- checks and conversions --------------------------------------------------------


def _known_encoding(encoding: str) -> None:
    try:
        "".encode(encoding or "utf-8")
    except LookupError:
        raise vol.Invalid(f"unknown encoding {encoding}") from None


def _availability_rows(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        validate_filter(row.get(CONF_TOPIC, ""))
        cv.template(row.get(CONF_VALUE_TEMPLATE, ""))


def _filled(rows: Any) -> list[dict[str, Any]]:
    """Return the rows of a list without their empty cells."""
    return [
        {key: value for key, value in row.items() if value not in (None, "")}
        for row in ([rows] if isinstance(rows, dict) else rows)
    ]


def _seconds(interval: Any) -> int:
    """Return an interval as core takes it, seconds or a duration, as seconds."""
    if isinstance(interval, dict):
        return int(timedelta(**interval).total_seconds())
    return int(interval)


def _entity_id_of(platform: Platform) -> Callable[[str], None]:
    def check(entity_id: str) -> None:
        if not valid_entity_id(entity_id) or not entity_id.startswith(f"{platform}."):
            raise vol.Invalid(f"not an entity ID of {platform}")

    return check


def topic_field(
    key: str,
    section: str | None = None,
    *,
    required: bool = False,
    check: Callable[[str], str] = validate_filter,
    needs: str | None = None,
) -> Field:
    """Return a field for a topic filter, or for what ``check`` takes."""
    return Field(
        key=key,
        selector=TEXT,
        section=section,
        required=required,
        # Spaces are allowed in topics, but these came with copy and paste.
        keep=str.strip,
        check=check,
        needs=needs,
    )


def template_field(
    key: str,
    section: str | None = None,
    *,
    required: bool = False,
    reads: str | None = None,
    needs: str | None = None,
) -> Field:
    """Return a field for a template; ``reads`` is the topic whose payloads it is for."""
    return Field(
        key=key,
        selector=TEMPLATE,
        section=section,
        required=required,
        check=cv.template,
        error="invalid_template",
        reads=reads,
        needs=needs,
    )


# --- messages ------------------------------------------------------------------------

STATE_TOPIC: Final = topic_field(CONF_STATE_TOPIC, required=True)
OPTIONAL_STATE_TOPIC: Final = topic_field(CONF_STATE_TOPIC)
COMMAND_TOPIC: Final = topic_field(
    CONF_COMMAND_TOPIC, required=True, check=validate_topic
)
VALUE_TEMPLATE: Final = template_field(CONF_VALUE_TEMPLATE, reads=CONF_STATE_TOPIC)
PAYLOAD_ON: Final = Field(
    key=CONF_PAYLOAD_ON, selector=TEXT, default=DEFAULT_PAYLOAD_ON
)
PAYLOAD_OFF: Final = Field(
    key=CONF_PAYLOAD_OFF, selector=TEXT, default=DEFAULT_PAYLOAD_OFF
)
# The device has these as well. An entity's own value counts more, so it has no default
# here: that would hide the device's.
MESSAGES: Final = (
    Field(key=CONF_QOS, selector=QOS, section=SECTION_MESSAGES, show=str, keep=int),
    Field(
        key=CONF_ENCODING,
        selector=select(*ENCODINGS, key=CONF_ENCODING, custom=True),
        section=SECTION_MESSAGES,
        show=lambda encoding: encoding or RAW,
        keep=lambda encoding: "" if encoding == RAW else encoding,
        check=_known_encoding,
        error="unknown_encoding",
    ),
)
MESSAGE_EXPIRY: Final = Field(
    key=CONF_MESSAGE_EXPIRY_INTERVAL,
    selector=SECONDS,
    section=SECTION_MESSAGES,
    show=_seconds,
)

# --- what the entity is ----------------------------------------------------------------

# Without a name of its own an entity is its device's main one, and has its name.
NAME: Final = Field(key=CONF_NAME, selector=TEXT, if_empty=None, keep=str.strip)


def state_field(key: str, payload: str) -> Field:
    """Return the field for what a state reads as when it arrives."""
    return Field(key=key, selector=TEXT, section=SECTION_STATES, default=payload)


def device_class(platform: Platform) -> Field:
    """Return the field for a device class of this platform."""
    return Field(
        key=CONF_DEVICE_CLASS,
        selector=DeviceClassSelector(DeviceClassSelectorConfig(domain=platform)),
    )


EXPIRE_AFTER: Final = Field(
    key=CONF_EXPIRE_AFTER, selector=SECONDS, section=SECTION_BEHAVIOR
)
FORCE_UPDATE: Final = Field(
    key=CONF_FORCE_UPDATE, selector=BOOLEAN, section=SECTION_BEHAVIOR, default=False
)
ATTRIBUTES: Final = (
    topic_field(CONF_JSON_ATTRIBUTES_TOPIC, SECTION_ATTRIBUTES),
    template_field(
        CONF_JSON_ATTRIBUTES_TEMPLATE,
        SECTION_ATTRIBUTES,
        reads=CONF_JSON_ATTRIBUTES_TOPIC,
    ),
)
AVAILABILITY: Final = (
    topic_field(CONF_AVAILABILITY_TOPIC, SECTION_AVAILABILITY),
    template_field(
        CONF_AVAILABILITY_TEMPLATE, SECTION_AVAILABILITY, reads=CONF_AVAILABILITY_TOPIC
    ),
    Field(key=CONF_PAYLOAD_AVAILABLE, selector=TEXT, section=SECTION_AVAILABILITY),
    Field(key=CONF_PAYLOAD_NOT_AVAILABLE, selector=TEXT, section=SECTION_AVAILABILITY),
    Field(
        key=CONF_AVAILABILITY,
        selector=ObjectSelector(
            ObjectSelectorConfig(
                fields={
                    CONF_TOPIC: {"selector": TEXT, "required": True},
                    CONF_PAYLOAD_AVAILABLE: {"selector": TEXT},
                    CONF_PAYLOAD_NOT_AVAILABLE: {"selector": TEXT},
                    CONF_VALUE_TEMPLATE: {"selector": TEMPLATE},
                },
                multiple=True,
                label_field=CONF_TOPIC,
                translation_key=CONF_AVAILABILITY,
            )
        ),
        section=SECTION_AVAILABILITY,
        show=_filled,
        keep=_filled,
        check=_availability_rows,
        error="invalid_template",
    ),
    Field(
        key=CONF_AVAILABILITY_MODE,
        selector=select(
            AVAILABILITY_LATEST,
            AVAILABILITY_ALL,
            AVAILABILITY_ANY,
            key=CONF_AVAILABILITY_MODE,
        ),
        section=SECTION_AVAILABILITY,
    ),
)


def unit_of_measurement(of_classes: Mapping[Any, Iterable[object]]) -> Field:
    """Return the field for a unit: one that some device class takes, or another one."""
    units = {str(unit) for units in of_classes.values() for unit in units if unit}
    return Field(
        key=CONF_UNIT_OF_MEASUREMENT,
        selector=select(*sorted(units, key=str.casefold), custom=True),
    )


def appearance(platform: Platform, *categories: str) -> tuple[Field, ...]:
    """Return the fields for what an entity looks like and where it is listed."""
    return (
        Field(
            key=CONF_ICON,
            selector=IconSelector(),
            section=SECTION_APPEARANCE,
            error="invalid_icon",
        ),
        Field(
            key=CONF_ENTITY_PICTURE,
            selector=TEXT,
            section=SECTION_APPEARANCE,
            error="invalid_picture",
        ),
        Field(
            key=CONF_ENTITY_CATEGORY,
            selector=select(*categories, key=CONF_ENTITY_CATEGORY),
            section=SECTION_APPEARANCE,
        ),
        Field(
            key=CONF_DEFAULT_ENTITY_ID,
            selector=TEXT,
            section=SECTION_APPEARANCE,
            check=_entity_id_of(platform),
            error="invalid_entity_id",
        ),
        Field(
            key=CONF_ENABLED_BY_DEFAULT,
            selector=BOOLEAN,
            section=SECTION_APPEARANCE,
            default=True,
        ),
        Field(
            key=CONF_VISIBLE_BY_DEFAULT,
            selector=BOOLEAN,
            section=SECTION_APPEARANCE,
            default=True,
        ),
    )
