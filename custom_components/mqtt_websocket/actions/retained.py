"""The actions on what a broker retains: look at it, remove it."""

import asyncio
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..broker.broker import Broker
from ..broker.errors import BrokerError, NotConnected, SubscribeTimedOut
from ..broker.message import Message
from ..const import ATTR_CONFIG_ENTRY_ID
from ..runtime import async_get_broker
from .common import ATTR_TOPIC, action_error, failed, invalid, message_as_dict

ATTR_LIMIT: Final = "limit"
ATTR_DRY_RUN: Final = "dry_run"

_MAX_BYTES: Final = 4 * 1024 * 1024
"""What is read at once: it all becomes one response."""
_MAX_MESSAGES: Final = 10_000
_ANSWER_SECONDS: Final = 10.0
_QUIET_SECONDS: Final = 0.5
_LONGEST_SECONDS: Final = 30.0
_AT_ONCE: Final = 50

_FIELDS: Final = {
    vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
    vol.Required(ATTR_TOPIC): cv.string,
    vol.Optional(ATTR_LIMIT, default=100): vol.All(
        vol.Coerce(int), vol.Range(min=1, max=_MAX_MESSAGES)
    ),
}
GET_RETAINED_SCHEMA: Final = vol.Schema(_FIELDS)
REMOVE_RETAINED_SCHEMA: Final = vol.Schema(
    {**_FIELDS, vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean}
)


class _Collected:
    """The retained messages of a filter, up to what is too many or too much."""

    def __init__(self, limit: int) -> None:
        self.stopped_by: str | None = None
        self.heard = asyncio.Event()
        self._limit = limit
        self._messages: dict[str, Message] = {}
        self._bytes = 0

    def handle(self, message: Message) -> None:
        """Keep a message that was retained before we asked."""
        if not message.retain or not message.payload or self.stopped_by is not None:
            return
        if len(self._messages) == self._limit:
            self.stopped_by = ATTR_LIMIT
        elif self._bytes + len(message.buffer) > _MAX_BYTES:
            self.stopped_by = "size"
        else:
            self._bytes += len(message.buffer)
            self._messages[message.topic] = message
        self.heard.set()

    @property
    def messages(self) -> list[Message]:
        """What was heard, in the order of the topics."""
        return [self._messages[topic] for topic in sorted(self._messages)]


async def _collect(broker: Broker, topic_filter: str, limit: int) -> _Collected:
    """Read what is retained under a filter.

    MQTT does not say which retained message is the last one. They follow SUBACK at
    once, so that a short silence is the end. Raises HomeAssistantError.
    """
    if topic_filter.startswith("$share/"):
        # Section 4.8.2 of MQTT 5: nothing retained comes to a shared subscription.
        raise invalid("shared_has_no_retained", topic=topic_filter)
    if not broker.connected:
        raise action_error(NotConnected())
    collected = _Collected(limit)
    unsubscribe = None
    try:
        unsubscribe = broker.subscribe(topic_filter, collected.handle)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await broker.settled()
        except TimeoutError:
            raise SubscribeTimedOut(
                topic=topic_filter, seconds=f"{_ANSWER_SECONDS:g}"
            ) from None
        if (refused := broker.refused.get(topic_filter)) is not None:
            raise refused
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                await _silence(collected)
        except TimeoutError:
            collected.stopped_by = "time"
        if not broker.connected:
            raise NotConnected
    except BrokerError as err:
        raise action_error(err) from err
    finally:
        if unsubscribe is not None:
            unsubscribe()
    return collected


async def _silence(collected: _Collected) -> None:
    """Return when nothing has come for a short time, or nothing more is wanted."""
    while collected.stopped_by is None:
        collected.heard.clear()
        try:
            async with asyncio.timeout(_QUIET_SECONDS):
                await collected.heard.wait()
        except TimeoutError:
            return


async def async_get_retained(call: ServiceCall) -> ServiceResponse:
    """Return what a broker retains under a filter now.

    Raises ServiceValidationError for a wrong filter, HomeAssistantError for the broker.
    """
    data = call.data
    broker = async_get_broker(call.hass, data.get(ATTR_CONFIG_ENTRY_ID))
    collected = await _collect(broker, data[ATTR_TOPIC], data[ATTR_LIMIT])
    messages: list[Any] = [
        {**message_as_dict(message), "qos": message.qos}
        for message in collected.messages
    ]
    return {
        "count": len(messages),
        "complete": collected.stopped_by is None,
        "stopped_by": collected.stopped_by,
        "messages": messages,
    }


async def async_remove_retained(call: ServiceCall) -> ServiceResponse:
    """Make a broker forget what it retains under a filter, all of it or nothing.

    Raises ServiceValidationError for a wrong filter or more than the limit, and
    HomeAssistantError for the broker.
    """
    data = call.data
    broker = async_get_broker(call.hass, data.get(ATTR_CONFIG_ENTRY_ID))
    topic_filter: str = data[ATTR_TOPIC]
    collected = await _collect(broker, topic_filter, data[ATTR_LIMIT])
    if collected.stopped_by is not None:
        # A filter that is wider than was thought must not cost anything.
        raise invalid(
            "too_much_retained", topic=topic_filter, count=len(collected.messages)
        )
    topics = [message.topic for message in collected.messages]
    errors: dict[str, str] = {}
    if not data[ATTR_DRY_RUN]:
        errors = await _remove(broker, topics)
    if errors and not call.return_response:
        topic, error = next(iter(errors.items()))
        raise failed(
            "remove_retained_failed",
            failed=len(errors),
            total=len(topics),
            topic=topic,
            error=error,
        )
    return {
        "dry_run": data[ATTR_DRY_RUN],
        "count": len(topics) - len(errors),
        "topics": [topic for topic in topics if topic not in errors],
        "errors": dict(errors),
    }


async def _remove(broker: Broker, topics: list[str]) -> dict[str, str]:
    """Publish nothing, retained, to each topic; return what went wrong with which."""
    errors: dict[str, str] = {}
    slots = asyncio.Semaphore(_AT_ONCE)

    async def remove(topic: str) -> None:
        async with slots:
            try:
                await broker.publish(topic, None, qos=1, retain=True)
            except BrokerError as err:
                errors[topic] = str(action_error(err))

    await asyncio.gather(*(remove(topic) for topic in topics))
    return errors
