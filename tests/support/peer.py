"""An independent MQTT client: the other side of a conversation under test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
import json
from typing import Any, Self

import aiomqtt
from aiomqtt import ProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from custom_components.mqtt_websocket.broker.properties import packet_properties

from .server import HOST, MqttServer

type Payload = str | bytes | int | float | dict[str, Any] | list[Any] | None


def _properties(values: dict[str, Any]) -> Properties | None:
    """Turn ``content_type="text/plain"`` into the properties of a PUBLISH."""
    if not values:
        return None
    paho_names = {key.title().replace("_", ""): each for key, each in values.items()}
    return packet_properties(PacketTypes.PUBLISH, **paho_names)


class Peer:
    """A client over plain TCP: it shares no WebSocket code with what is tested.

    Received messages wait in order until a test asks for them. Use it as an
    asynchronous context manager.

    Args:
        server: Where to connect.
        protocol: MQTT 5 by default, where the server speaks it.
        client_id: Made up by default.
        username: For a server with users.
        password: For a server with users.
        will: Published by the server when this client is lost.
    """

    def __init__(
        self,
        server: MqttServer,
        *,
        protocol: ProtocolVersion | None = None,
        client_id: str | None = None,
        username: str | None = None,
        password: str | None = None,
        will: aiomqtt.Will | None = None,
    ) -> None:
        """Prepare the client; it connects when its context is entered."""
        if protocol is None:
            protocol = ProtocolVersion.V5 if server.mqtt5 else ProtocolVersion.V311
        elif protocol is ProtocolVersion.V5:
            server.require_mqtt5()
        self._server = server
        self._protocol = protocol
        self._client = aiomqtt.Client(
            HOST,
            server.port,
            protocol=protocol,
            identifier=client_id,
            username=username,
            password=password,
            will=will,
            timeout=5,
        )
        self._stack = AsyncExitStack()
        self._unread: list[aiomqtt.Message] = []
        self._news = asyncio.Event()
        self._lost: aiomqtt.MqttError | None = None

    async def __aenter__(self) -> Self:
        """Connect."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._connected())
            await stack.enter_async_context(self._receiving())
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Disconnect, also when the server is gone already."""
        await self._stack.aclose()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        await self._client.__aenter__()
        yield
        with suppress(aiomqtt.MqttError):
            await self._client.__aexit__(None, None, None)

    @asynccontextmanager
    async def _receiving(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._receive())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _receive(self) -> None:
        try:
            async for message in self._client.messages:
                self._unread.append(message)
                self._news.set()
        except aiomqtt.MqttError as err:
            self._lost = err
            self._news.set()

    async def publish(
        self,
        topic: str,
        payload: Payload = None,
        qos: int = 1,
        retain: bool = False,
        **properties: Any,
    ) -> None:
        """Publish, and return when the server has acknowledged it (QoS 1 and 2).

        Dicts and lists go as JSON. Properties are those of MQTT 5 in snake case:
        ``content_type``, ``response_topic``, ``correlation_data`` (bytes),
        ``user_property`` (list of pairs), ``message_expiry_interval`` (seconds) ...
        """
        if properties:
            assert self._protocol is ProtocolVersion.V5, "properties need MQTT 5"
        if isinstance(payload, dict | list):
            payload = json.dumps(payload)
        await self._client.publish(
            topic, payload, qos, retain, properties=_properties(properties)
        )

    async def subscribe(self, topic_filter: str, qos: int = 1) -> None:
        """Subscribe, and return when the server has granted it.

        Raises AssertionError if the server refuses.
        """
        (granted,) = await self._client.subscribe(topic_filter, qos)
        code = granted if isinstance(granted, int) else granted.value
        assert code < 0x80, f"subscription to {topic_filter} refused: {granted}"

    async def unsubscribe(self, topic_filter: str) -> None:
        """Unsubscribe, and return when the server has confirmed it."""
        await self._client.unsubscribe(topic_filter)

    async def next(
        self, topic_filter: str | None = None, timeout: float = 5.0
    ) -> aiomqtt.Message:
        """Return the oldest unread message, of those that match the filter.

        Raises AssertionError if none comes within ``timeout`` seconds.
        """
        (message,) = await self.collect(1, topic_filter, timeout)
        return message

    async def collect(
        self, count: int, topic_filter: str | None = None, timeout: float = 5.0
    ) -> list[aiomqtt.Message]:
        """Return the oldest ``count`` unread messages that match the filter."""

        def matches() -> list[aiomqtt.Message]:
            return [
                message
                for message in self._unread
                if topic_filter is None or message.topic.matches(topic_filter)
            ][:count]

        if not await self._wait(lambda: len(matches()) == count, timeout):
            what = f"messages of {topic_filter}" if topic_filter else "messages"
            unread = [str(message.topic) for message in self._unread]
            raise AssertionError(
                f"{len(matches())} of {count} {what} came within {timeout} s; "
                f"unread: {unread[:20]}; connection: {self._lost or 'alive'}"
            )
        found = matches()
        self._unread = [message for message in self._unread if message not in found]
        return found

    async def no_message(
        self, seconds: float = 0.2, topic_filter: str | None = None
    ) -> None:
        """Fail if an unread message matches the filter now or within ``seconds``."""

        def matches() -> list[str]:
            return [
                f"{message.topic}: {message.payload!r}"
                for message in self._unread
                if topic_filter is None or message.topic.matches(topic_filter)
            ]

        assert not await self._wait(lambda: bool(matches()), seconds), matches()[:20]

    async def _wait(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Return whether the condition becomes true in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        return condition()
