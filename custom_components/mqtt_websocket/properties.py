"""MQTT 5's properties of a PUBLISH as the plain values that automations work with.

The same names and forms whether a message is published or received, so that what a
trigger gives can be handed to the publish action (MQTT 5 section 3.3.2.3).
"""

from collections.abc import Mapping
from datetime import timedelta
import math
from typing import Any, Final

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
import voluptuous as vol

from homeassistant.helpers import config_validation as cv

from .broker.errors import InvalidTopic
from .broker.message import PublishProperties
from .broker.properties import packet_properties
from .broker.topics import MAX_STRING_BYTES, forbidden_character, validate_topic
from .connection import broker_error
from .mapping.template import bytes_literal

ATTR_MESSAGE_EXPIRY_INTERVAL: Final = "message_expiry_interval"
ATTR_CONTENT_TYPE: Final = "content_type"
ATTR_RESPONSE_TOPIC: Final = "response_topic"
ATTR_CORRELATION_DATA: Final = "correlation_data"
ATTR_USER_PROPERTIES: Final = "user_properties"

_ATTRIBUTES: Final = (
    (ATTR_MESSAGE_EXPIRY_INTERVAL, "MessageExpiryInterval"),
    (ATTR_CONTENT_TYPE, "ContentType"),
    (ATTR_RESPONSE_TOPIC, "ResponseTopic"),
    (ATTR_CORRELATION_DATA, "CorrelationData"),
    (ATTR_USER_PROPERTIES, "UserProperty"),
)
_MAX_INTERVAL: Final = timedelta(seconds=0xFFFF_FFFF)


def _text(value: Any) -> str:
    """Validate a UTF-8 string of MQTT (MQTT 5 section 1.5.4).

    A broker may close the connection on what is refused here.
    """
    text = cv.string(value)
    if (code := forbidden_character(text)) is not None:
        # Control characters and surrogates come before all non-characters.
        kind = "control character" if code <= 0xDFFF else "non-character"
        raise vol.Invalid(f"the {kind} U+{code:04X} is not allowed")
    if len(text.encode()) > MAX_STRING_BYTES:
        raise vol.Invalid(f"longer than {MAX_STRING_BYTES} bytes")
    return text


def _topic(value: Any) -> str:
    topic = cv.string(value)
    try:
        return validate_topic(topic)
    except InvalidTopic as err:
        raise vol.Invalid(str(broker_error(err))) from err


def _binary(value: Any) -> bytes:
    data = bytes_literal(value if isinstance(value, bytes) else cv.string(value))
    if not isinstance(data, bytes):
        data = str(data).encode()
    if len(data) > MAX_STRING_BYTES:
        raise vol.Invalid(f"longer than {MAX_STRING_BYTES} bytes")
    return data


_USER_PROPERTY: Final = vol.Schema(
    {vol.Required("name"): _text, vol.Optional("value", default=""): _text}
)


def _user_properties(value: Any) -> list[tuple[str, str]]:
    """Validate name: value, name: [value, …], or a list of {name, value}.

    A name may come more than once, and the order counts (MQTT 5 section 3.3.2.3.7).
    """
    if isinstance(value, Mapping):
        return [
            (_text(name), _text(one))
            for name, given in value.items()
            for one in (given if isinstance(given, list) else [given])
        ]
    if not isinstance(value, list):
        raise vol.Invalid("expected names with their values")
    return [(one["name"], one["value"]) for one in map(_USER_PROPERTY, value)]


PROPERTIES_SCHEMA: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_MESSAGE_EXPIRY_INTERVAL): vol.All(
        cv.positive_time_period, vol.Range(max=_MAX_INTERVAL)
    ),
    vol.Optional(ATTR_CONTENT_TYPE): _text,
    vol.Optional(ATTR_RESPONSE_TOPIC): _topic,
    vol.Optional(ATTR_CORRELATION_DATA): _binary,
    vol.Optional(ATTR_USER_PROPERTIES): _user_properties,
}


def properties_from_data(data: Mapping[str, Any]) -> Properties | None:
    """Return the properties among validated data (PROPERTIES_SCHEMA), None without any."""
    given = {attribute: data[name] for name, attribute in _ATTRIBUTES if name in data}
    if not given:
        return None
    if (interval := given.get("MessageExpiryInterval")) is not None:
        given["MessageExpiryInterval"] = math.ceil(interval.total_seconds())
    return packet_properties(PacketTypes.PUBLISH, **given)


def properties_as_dict(properties: PublishProperties | None) -> dict[str, Any]:
    """Return the properties of a received message that mean something to people.

    Correlation data that is no text is a bytes literal, which the publish action
    understands. A user property that comes more than once is a list.
    """
    received = {} if properties is None else vars(properties)
    result = {
        name: received[attribute]
        for name, attribute in _ATTRIBUTES
        if attribute in received
    }
    if (data := result.get(ATTR_CORRELATION_DATA)) is not None:
        result[ATTR_CORRELATION_DATA] = binary_as_text(data)
    if (pairs := result.get(ATTR_USER_PROPERTIES)) is not None:
        grouped: dict[str, list[str]] = {}
        for name, value in pairs:
            grouped.setdefault(name, []).append(value)
        result[ATTR_USER_PROPERTIES] = {
            name: values[0] if len(values) == 1 else values
            for name, values in grouped.items()
        }
    return result


def binary_as_text(data: bytes) -> str:
    """Return the text that bytes are, else the literal that stands for them."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return repr(data)
    # A text that looks like a literal has to become one, to mean the same on its way back.
    return repr(data) if text.startswith(("b'", 'b"')) else text
