"""What the actions have in common."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

import voluptuous as vol

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.json import json_dumps
from homeassistant.helpers.template import ResultWrapper
from homeassistant.util.json import (
    JSON_DECODE_EXCEPTIONS,
    JSON_ENCODE_EXCEPTIONS,
    json_loads,
)

from ..broker.broker import Broker, Payload
from ..broker.errors import BrokerError, InvalidTopic
from ..broker.message import Message
from ..connection import broker_error
from ..const import DOMAIN, PROTOCOL_311
from ..mapping.payload import PayloadError, json_value
from ..mapping.template import bytes_literal
from ..properties import binary_as_text

ATTR_TOPIC: Final = "topic"
ATTR_PAYLOAD: Final = "payload"
ATTR_EVALUATE_PAYLOAD: Final = "evaluate_payload"
ATTR_QOS: Final = "qos"
ATTR_RETAIN: Final = "retain"


PAYLOAD_SCHEMA: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_PAYLOAD, default=None): object,
    vol.Optional(ATTR_EVALUATE_PAYLOAD, default=False): cv.boolean,
}


def payload_from_data(data: Mapping[str, Any]) -> Payload:
    """Return the payload that a person means by a value.

    A list or dict is published as JSON. Where a template wrote it and its text is JSON
    already, that text counts to the letter, as it does for core's mqtt.publish.
    """
    value = data[ATTR_PAYLOAD]
    if isinstance(value, (dict, list)):
        return _json(value)
    if value is None or isinstance(value, bytes):
        return value
    text = str(value)
    return bytes_literal(text) if data[ATTR_EVALUATE_PAYLOAD] else text


def _json(value: dict[Any, Any] | list[Any]) -> str:
    if isinstance(value, ResultWrapper) and (text := value.render_result) is not None:
        try:
            json_loads(text)
        except JSON_DECODE_EXCEPTIONS:
            pass  # {{ {"on": true} }} is written as Python: {'on': True}
        else:
            return text
    try:
        return json_dumps(value)
    except JSON_ENCODE_EXCEPTIONS as err:
        raise invalid("payload_not_json", error=err) from err


def invalid(key: str, **placeholders: object) -> ServiceValidationError:
    """Return the error for what the caller did wrong."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={
            name: str(value) for name, value in placeholders.items()
        },
    )


def failed(key: str, **placeholders: object) -> HomeAssistantError:
    """Return the error for what went wrong without the caller's doing."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={
            name: str(value) for name, value in placeholders.items()
        },
    )


def action_error(err: BrokerError) -> HomeAssistantError:
    """Return the error to raise: a wrong topic is the caller's mistake."""
    if isinstance(err, InvalidTopic):
        return invalid(err.key, **err.details)
    return broker_error(err)


def require_mqtt_5(
    broker: Broker, fields: Iterable[vol.Marker], data: Mapping[str, Any]
) -> None:
    """Raise ServiceValidationError if a field is given that MQTT 3.1.1 can't carry."""
    given = [str(field) for field in fields if field in data]
    if given and broker.protocol == PROTOCOL_311:
        raise invalid("mqtt_5_required", broker=broker.name, fields=", ".join(given))


def message_as_dict(message: Message) -> dict[str, Any]:
    """Return the topic and the payload of a received message as plain data.

    Bytes that are no text are a bytes literal: ``evaluate_payload`` publishes them.
    """
    result: dict[str, Any] = {
        "topic": message.topic,
        "payload": binary_as_text(message.payload),
    }
    with suppress(PayloadError):  # without JSON there is no such key
        result["payload_json"] = json_value(message)
    return result
