"""The action that asks over MQTT and returns the answer."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
import secrets
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..broker.broker import Broker, ConnectionState
from ..broker.errors import BrokerError, NotConnected
from ..broker.message import Message
from ..broker.topics import validate_topic
from ..const import ATTR_CONFIG_ENTRY_ID, DOMAIN, PROTOCOL_311
from ..mapping.schemas.common import qos_level
from ..properties import (
    ATTR_CORRELATION_DATA,
    ATTR_RESPONSE_TOPIC,
    PROPERTIES_SCHEMA,
    properties_as_dict,
    properties_from_data,
)
from ..runtime import async_get_broker
from .common import (
    ATTR_QOS,
    ATTR_TOPIC,
    PAYLOAD_SCHEMA,
    action_error,
    failed,
    invalid,
    message_as_dict,
    payload_from_data,
    require_mqtt_5,
)

ATTR_TIMEOUT: Final = "timeout"

_SHORTEST: Final = timedelta(milliseconds=1)
_LONGEST: Final = timedelta(minutes=10)

REQUEST_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Required(ATTR_TOPIC): cv.string,
        **PAYLOAD_SCHEMA,
        vol.Optional(ATTR_QOS, default=0): qos_level,
        vol.Optional(ATTR_TIMEOUT, default=timedelta(seconds=10)): vol.All(
            cv.positive_time_period, vol.Range(min=_SHORTEST, max=_LONGEST)
        ),
        **PROPERTIES_SCHEMA,
    }
)


class _Answer:
    """Waits for the message that answers a request (MQTT 5 section 4.10).

    Many devices repeat no correlation data, or speak 3.1.1. A message without it is
    taken for the answer, unless the caller chose the data; one with other data is the
    answer to somebody else.
    """

    def __init__(self, correlation: bytes | None, *, strict: bool) -> None:
        """With ``strict``, the answer has to repeat the correlation data."""
        self._correlation = correlation
        self._strict = strict
        self._arrived: asyncio.Future[Message] = (
            asyncio.get_running_loop().create_future()
        )
        self._asked = False

    def expect(self) -> None:
        """What comes from now on may be the answer; before, nobody had asked."""
        self._asked = True

    def handle(self, message: Message) -> None:
        """Look at a message of the response topic."""
        if not self._asked or message.retain or self._arrived.done():
            return
        if self._correlation is not None:
            repeated = getattr(message.properties, "CorrelationData", None)
            if repeated is None:
                if self._strict:
                    return
            elif repeated != self._correlation:
                return
        self._arrived.set_result(message)

    def give_up(self) -> None:
        """Nothing will come any more."""
        if not self._arrived.done():
            self._arrived.set_exception(NotConnected())
            self._arrived.exception()  # retrieved: the publish may fail first

    async def wait(self) -> Message:
        """Return the answer."""
        return await self._arrived


async def async_request(call: ServiceCall) -> ServiceResponse:
    """Publish a request and return its answer.

    Raises ServiceValidationError for a call that makes no sense, and HomeAssistantError
    when the broker refuses it or no answer comes in time.
    """
    broker = async_get_broker(call.hass, call.data.get(ATTR_CONFIG_ENTRY_ID))
    data = _completed(broker, call.data)
    payload = payload_from_data(data)
    answer = _Answer(
        data.get(ATTR_CORRELATION_DATA), strict=ATTR_CORRELATION_DATA in call.data
    )

    def changed() -> None:
        if broker.state is ConnectionState.STOPPED:
            answer.give_up()

    properties = None if broker.protocol == PROTOCOL_311 else properties_from_data(data)
    response_topic: str = data[ATTR_RESPONSE_TOPIC]
    seconds: float = data[ATTR_TIMEOUT].total_seconds()
    unlisten = broker.listen(changed)
    unsubscribe = None
    asked = False
    try:
        validate_topic(data[ATTR_TOPIC])
        unsubscribe = broker.subscribe(response_topic, answer.handle, data[ATTR_QOS])
        async with asyncio.timeout(seconds):
            await broker.settled()
            if (refused := broker.refused.get(response_topic)) is not None:
                raise refused
            answer.expect()
            asked = True
            await broker.publish(
                data[ATTR_TOPIC], payload, data[ATTR_QOS], properties=properties
            )
            message = await answer.wait()
    except BrokerError as err:
        raise action_error(err) from err
    except TimeoutError as err:
        if not asked:
            raise failed(
                "subscribe_timed_out", topic=response_topic, seconds=f"{seconds:g}"
            ) from err
        raise failed(
            "request_timed_out",
            topic=data[ATTR_TOPIC],
            response_topic=response_topic,
            seconds=f"{seconds:g}",
        ) from err
    finally:
        unlisten()
        if unsubscribe is not None:
            unsubscribe()
    return {
        **message_as_dict(message),
        "qos": message.qos,
        "properties": properties_as_dict(message.properties),
    }


def _completed(broker: Broker, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data with a way for the answer to come, and to be recognized."""
    data = dict(given)
    if broker.protocol == PROTOCOL_311:
        require_mqtt_5(
            broker,
            [field for field in PROPERTIES_SCHEMA if field != ATTR_RESPONSE_TOPIC],
            given,
        )
        if ATTR_RESPONSE_TOPIC not in data:
            raise invalid("response_topic_required", broker=broker.name)
    else:
        # Nobody can guess it, so that whatever comes there is the answer.
        data.setdefault(
            ATTR_RESPONSE_TOPIC, f"{DOMAIN}/response/{secrets.token_hex(8)}"
        )
        data.setdefault(ATTR_CORRELATION_DATA, secrets.token_hex(8).encode())
    if data[ATTR_RESPONSE_TOPIC] == data[ATTR_TOPIC]:
        raise invalid("response_topic_is_topic", topic=data[ATTR_TOPIC])
    return data
