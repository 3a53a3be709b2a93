"""The actions of MQTT over WebSocket."""

from typing import Any, Final

import voluptuous as vol

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.json import json_dumps
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.helpers.template import ResultWrapper
from homeassistant.util.json import (
    JSON_DECODE_EXCEPTIONS,
    JSON_ENCODE_EXCEPTIONS,
    json_loads,
)

from .broker.broker import Payload
from .broker.errors import BrokerError, InvalidTopic
from .connection import async_get_broker, broker_error
from .const import ATTR_CONFIG_ENTRY_ID, DOMAIN, PROTOCOL_311
from .mapping.template import bytes_literal
from .properties import PROPERTIES_SCHEMA, properties_from_data

SERVICE_PUBLISH: Final = "publish"

ATTR_TOPIC: Final = "topic"
ATTR_PAYLOAD: Final = "payload"
ATTR_EVALUATE_PAYLOAD: Final = "evaluate_payload"
ATTR_QOS: Final = "qos"
ATTR_RETAIN: Final = "retain"

PUBLISH_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Required(ATTR_TOPIC): cv.string,
        vol.Optional(ATTR_PAYLOAD, default=None): object,
        vol.Optional(ATTR_EVALUATE_PAYLOAD, default=False): cv.boolean,
        vol.Optional(ATTR_QOS, default=0): vol.All(vol.Coerce(int), vol.In((0, 1, 2))),
        vol.Optional(ATTR_RETAIN, default=False): cv.boolean,
        **PROPERTIES_SCHEMA,
    }
)


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions; they are there with or without a broker."""
    # As core's mqtt.publish: a topic can switch anything, so that people who may not
    # change Home Assistant may not publish either. Automations may.
    async_register_admin_service(
        hass, DOMAIN, SERVICE_PUBLISH, _async_publish, PUBLISH_SCHEMA
    )


async def _async_publish(call: ServiceCall) -> None:
    """Publish a message; return once the broker has it (QoS 1, 2) or it is sent (QoS 0)."""
    data = call.data
    broker = await async_get_broker(call.hass, data.get(ATTR_CONFIG_ENTRY_ID))
    properties = properties_from_data(data)
    if properties is not None and broker.protocol == PROTOCOL_311:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="mqtt_5_required",
            translation_placeholders={
                "broker": broker.name,
                "fields": ", ".join(
                    str(field) for field in PROPERTIES_SCHEMA if field in data
                ),
            },
        )
    try:
        await broker.publish(
            data[ATTR_TOPIC],
            _payload(data[ATTR_PAYLOAD], evaluate=data[ATTR_EVALUATE_PAYLOAD]),
            data[ATTR_QOS],
            data[ATTR_RETAIN],
            properties,
        )
    except BrokerError as err:
        raise _error(err) from err


def _payload(value: Any, *, evaluate: bool) -> Payload:
    """Return the payload that a person means by a value.

    A list or dict is published as JSON. Where a template wrote it and its text is JSON
    already, that text counts to the letter, as it does for core's mqtt.publish.
    """
    if isinstance(value, (dict, list)):
        return _json(value)
    if value is None or isinstance(value, bytes):
        return value
    text = str(value)
    return bytes_literal(text) if evaluate else text


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
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="payload_not_json",
            translation_placeholders={"error": str(err)},
        ) from err


def _error(err: BrokerError) -> HomeAssistantError:
    """Return the error to raise: a wrong topic is the caller's mistake."""
    if isinstance(err, InvalidTopic):
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=err.key,
            translation_placeholders=err.details,
        )
    return broker_error(err)
