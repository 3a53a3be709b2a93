"""What the schemas of all platforms share.

Keys, defaults and meaning are those of core's MQTT integration 2026.10
(homeassistant/components/mqtt/{config,schemas,util}.py), so that an announcement or a
YAML block written for core is taken, or refused, alike. Two things differ: templates
stay text, and nothing that is passed in is changed.
"""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import CONF_DEVICE, CONF_ICON, CONF_NAME, CONF_UNIQUE_ID
from homeassistant.core import async_get_hass_or_none
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.entity import ENTITY_CATEGORIES_SCHEMA

from ...broker.errors import InvalidTopic
from ...broker.topics import validate_filter, validate_topic
from ..limited import ensure_valid
from ..simple import simple_template

type EntityConfig = dict[str, Any]

CONF_AVAILABILITY: Final = "availability"
CONF_AVAILABILITY_MODE: Final = "availability_mode"
CONF_AVAILABILITY_TEMPLATE: Final = "availability_template"
CONF_AVAILABILITY_TOPIC: Final = "availability_topic"
CONF_COMMAND_TEMPLATE: Final = "command_template"
CONF_COMMAND_TOPIC: Final = "command_topic"
CONF_CONFIGURATION_URL: Final = "configuration_url"
CONF_CONNECTIONS: Final = "connections"
CONF_DEFAULT_ENTITY_ID: Final = "default_entity_id"
CONF_ENABLED_BY_DEFAULT: Final = "enabled_by_default"
CONF_ENCODING: Final = "encoding"
CONF_ENTITY_CATEGORY: Final = "entity_category"
CONF_ENTITY_PICTURE: Final = "entity_picture"
CONF_EXPIRE_AFTER: Final = "expire_after"
CONF_GROUP: Final = "group"
CONF_HW_VERSION: Final = "hw_version"
CONF_IDENTIFIERS: Final = "identifiers"
CONF_JSON_ATTRIBUTES_TEMPLATE: Final = "json_attributes_template"
CONF_JSON_ATTRIBUTES_TOPIC: Final = "json_attributes_topic"
CONF_MANUFACTURER: Final = "manufacturer"
CONF_MESSAGE_EXPIRY_INTERVAL: Final = "message_expiry_interval"
CONF_MODEL: Final = "model"
CONF_MODEL_ID: Final = "model_id"
CONF_OPTIMISTIC: Final = "optimistic"
CONF_ORIGIN: Final = "origin"
CONF_PAYLOAD_AVAILABLE: Final = "payload_available"
CONF_PAYLOAD_NOT_AVAILABLE: Final = "payload_not_available"
CONF_QOS: Final = "qos"
CONF_RETAIN: Final = "retain"
CONF_SERIAL_NUMBER: Final = "serial_number"
CONF_STATE_TOPIC: Final = "state_topic"
CONF_SUGGESTED_AREA: Final = "suggested_area"
CONF_SUPPORT_URL: Final = "support_url"
CONF_SW_VERSION: Final = "sw_version"
CONF_TOPIC: Final = "topic"
CONF_VALUE_TEMPLATE: Final = "value_template"
CONF_VIA_DEVICE: Final = "via_device"
CONF_VIA_HUB: Final = "via_hub"
CONF_VISIBLE_BY_DEFAULT: Final = "visible_by_default"

AVAILABILITY_ALL: Final = "all"
AVAILABILITY_ANY: Final = "any"
AVAILABILITY_LATEST: Final = "latest"

DEFAULT_PAYLOAD_AVAILABLE: Final = "online"
DEFAULT_PAYLOAD_NOT_AVAILABLE: Final = "offline"
DEFAULT_PAYLOAD_OFF: Final = "OFF"
DEFAULT_PAYLOAD_ON: Final = "ON"

MAX_TEMPLATE: Final = 32 * 1024
"""Characters of a template. Compiled ones are kept, in numbers and not by size."""

PAYLOAD_NONE: Final = "None"
"""The payload, or the result of a template, that means "unknown"."""

_LONGEST_EXPIRY: Final = 0xFFFF_FFFF


def subscribe_topic(value: Any) -> str:
    """Validate what messages are received from: a topic filter, wildcards allowed."""
    try:
        return validate_filter(cv.string(value))
    except InvalidTopic as err:
        raise _invalid_topic(err) from err


def publish_topic(value: Any) -> str:
    """Validate what messages are sent to: a topic name."""
    try:
        return validate_topic(cv.string(value))
    except InvalidTopic as err:
        raise _invalid_topic(err) from err


def _invalid_topic(err: InvalidTopic) -> vol.Invalid:
    return vol.Invalid(f"invalid topic: {err.details.get('reason', err)}")


def template(value: Any) -> str:
    """Validate a template's syntax; return its text, stripped as rendering strips it.

    One check serves both scopes: the limited environment has the same names, some of
    which raise when they are used.
    """
    if (
        not isinstance(value, (str, int, float))
        or (hass := async_get_hass_or_none()) is None
    ):
        source: str = cv.template(value).template
        return source
    source = str(value).strip()
    if len(source) > MAX_TEMPLATE:
        raise vol.Invalid(f"a template of more than {MAX_TEMPLATE} characters")
    # What could be translated is valid, and cost a fifth of what Jinja's compiler costs
    # in the event loop.
    if simple_template(source) is not None:
        return source
    try:
        # Not Home Assistant's check: it evaluates what is constant, for as long, and in
        # as much memory, as that takes.
        ensure_valid(source, hass)
    except Exception as err:
        # The compiler has errors besides its own: Python's, for brackets too deep.
        raise vol.Invalid(f"invalid template ({type(err).__name__}: {err})") from err
    return source


def message_expiry(value: Any) -> int:
    """Validate seconds, or a duration as a dictionary: 136 years at most.

    MQTT 5 section 3.3.2.3.3: four bytes.
    """
    seconds: int
    if isinstance(value, int):
        seconds = cv.positive_int(value)
    else:
        try:
            seconds = int(cv.positive_time_period_dict(value).total_seconds())
        except OverflowError as err:
            raise vol.Invalid("the duration is too long") from err
    if seconds > _LONGEST_EXPIRY:
        raise vol.Invalid("the duration is too long")
    return seconds


qos_level = vol.All(vol.Coerce(int), vol.In([0, 1, 2]))

# As browsers have it. Templates of Home Assistant would write a billion digits.
display_precision = vol.All(cv.positive_int, vol.Range(max=100))

AVAILABILITY: Final[dict[vol.Marker, Any]] = {
    # One topic, or a list of them.
    vol.Exclusive(CONF_AVAILABILITY_TOPIC, "availability"): subscribe_topic,
    vol.Optional(CONF_AVAILABILITY_TEMPLATE): template,
    vol.Optional(CONF_PAYLOAD_AVAILABLE, default=DEFAULT_PAYLOAD_AVAILABLE): cv.string,
    vol.Optional(
        CONF_PAYLOAD_NOT_AVAILABLE, default=DEFAULT_PAYLOAD_NOT_AVAILABLE
    ): cv.string,
    vol.Optional(CONF_AVAILABILITY_MODE, default=AVAILABILITY_LATEST): vol.All(
        cv.string, vol.In([AVAILABILITY_ALL, AVAILABILITY_ANY, AVAILABILITY_LATEST])
    ),
    vol.Exclusive(CONF_AVAILABILITY, "availability"): vol.All(
        cv.ensure_list,
        [
            {
                vol.Required(CONF_TOPIC): subscribe_topic,
                vol.Optional(
                    CONF_PAYLOAD_AVAILABLE, default=DEFAULT_PAYLOAD_AVAILABLE
                ): cv.string,
                vol.Optional(
                    CONF_PAYLOAD_NOT_AVAILABLE, default=DEFAULT_PAYLOAD_NOT_AVAILABLE
                ): cv.string,
                vol.Optional(CONF_VALUE_TEMPLATE): template,
            }
        ],
    ),
}


def _own_dictionary(value: Any) -> dict[Any, Any]:
    """Return a copy: what follows may rename keys."""
    if not isinstance(value, Mapping):
        raise vol.Invalid("expected a dictionary")
    return dict(value)


def _identified(info: dict[str, Any]) -> dict[str, Any]:
    if info.get(CONF_IDENTIFIERS) or info.get(CONF_CONNECTIONS):
        return info
    raise vol.Invalid(
        "Device must have at least one identifying value in 'identifiers' and/or "
        "'connections'"
    )


DEVICE_INFO = vol.All(
    _own_dictionary,
    cv.deprecated(CONF_VIA_HUB, CONF_VIA_DEVICE),
    vol.Schema(
        {
            vol.Optional(CONF_IDENTIFIERS, default=list): vol.All(
                cv.ensure_list, [cv.string]
            ),
            vol.Optional(CONF_CONNECTIONS, default=list): vol.All(
                cv.ensure_list, [vol.All(vol.Length(2), [cv.string])]
            ),
            vol.Optional(CONF_MANUFACTURER): cv.string,
            vol.Optional(CONF_MODEL): cv.string,
            vol.Optional(CONF_MODEL_ID): cv.string,
            vol.Optional(CONF_NAME): cv.string,
            vol.Optional(CONF_HW_VERSION): cv.string,
            vol.Optional(CONF_SERIAL_NUMBER): cv.string,
            vol.Optional(CONF_SW_VERSION): cv.string,
            vol.Optional(CONF_VIA_DEVICE): cv.string,
            vol.Optional(CONF_SUGGESTED_AREA): cv.string,
            vol.Optional(CONF_CONFIGURATION_URL): cv.configuration_url,
        }
    ),
    _identified,
)

ORIGIN_INFO = vol.Schema(
    {
        vol.Required(CONF_NAME): cv.string,
        vol.Optional(CONF_SW_VERSION): cv.string,
        vol.Optional(CONF_SUPPORT_URL): cv.configuration_url,
    }
)

ENTITY: Final[dict[vol.Marker, Any]] = {
    **AVAILABILITY,
    vol.Optional(CONF_QOS, default=0): qos_level,
    vol.Optional(CONF_ENCODING, default="utf-8"): cv.string,
    vol.Optional(CONF_GROUP): vol.All(cv.ensure_list, [cv.string]),
    vol.Optional(CONF_DEVICE): DEVICE_INFO,
    vol.Optional(CONF_ENTITY_PICTURE): cv.url,
    vol.Optional(CONF_ORIGIN): ORIGIN_INFO,
    vol.Optional(CONF_ENABLED_BY_DEFAULT, default=True): cv.boolean,
    vol.Optional(CONF_ENTITY_CATEGORY): ENTITY_CATEGORIES_SCHEMA,
    vol.Optional(CONF_ICON): cv.icon,
    vol.Optional(CONF_JSON_ATTRIBUTES_TOPIC): subscribe_topic,
    vol.Optional(CONF_JSON_ATTRIBUTES_TEMPLATE): template,
    vol.Optional(CONF_DEFAULT_ENTITY_ID): cv.string,
    vol.Optional(CONF_MESSAGE_EXPIRY_INTERVAL): message_expiry,
    vol.Optional(CONF_NAME): vol.Any(cv.string, None),
    vol.Optional(CONF_UNIQUE_ID): cv.string,
    vol.Optional(CONF_VISIBLE_BY_DEFAULT, default=True): cv.boolean,
}
"""The keys of every entity."""

READ_ONLY: Final[dict[vol.Marker, Any]] = {
    **ENTITY,
    vol.Required(CONF_STATE_TOPIC): subscribe_topic,
    vol.Optional(CONF_VALUE_TEMPLATE): template,
}
"""The keys of an entity that only shows: sensors."""

READ_WRITE: Final[dict[vol.Marker, Any]] = {
    **ENTITY,
    vol.Required(CONF_COMMAND_TOPIC): publish_topic,
    vol.Optional(CONF_OPTIMISTIC, default=False): cv.boolean,
    vol.Optional(CONF_RETAIN, default=False): cv.boolean,
    vol.Optional(CONF_STATE_TOPIC): subscribe_topic,
}
"""The keys of an entity that commands, and may show: switches."""


def entity_schema(keys: dict[vol.Marker, Any], *checks: vol.Schemable) -> vol.Schema:
    """Return a platform's schema: its keys (others are dropped), then its cross checks."""
    schema = vol.Schema(keys, extra=vol.REMOVE_EXTRA)
    return schema if not checks else vol.Schema(vol.All(schema, *checks))
