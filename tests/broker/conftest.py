"""Fixtures for the broker room, which knows nothing of Home Assistant."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest

from custom_components.mqtt_websocket.broker.address import parse_url
from custom_components.mqtt_websocket.broker.broker import Broker
from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.broker.settings import Settings
from custom_components.mqtt_websocket.broker.websocket import session_arguments
from tests.support.server import MqttServer


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations() -> None:
    """No Home Assistant here."""


@pytest.fixture
async def http(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session as the integration makes it."""
    async with aiohttp.ClientSession(**session_arguments()) as session:
        yield session


def settings_for(url: str, **changes: Any) -> Settings:
    """Return settings for a URL."""
    return replace(Settings(parse_url(url)[0]), **changes)


def descriptors() -> int:
    """Return how many files and sockets are open."""
    return len(list(Path("/proc/self/fd").iterdir()))


class MakeBroker(Protocol):
    """Makes a broker and starts it."""

    def __call__(self, url: str | None = None, **changes: Any) -> Awaitable[Broker]:
        """Connect to a URL, the server's by default."""


@pytest.fixture
async def make_broker(
    http: aiohttp.ClientSession, server: MqttServer
) -> AsyncIterator[MakeBroker]:
    """Return a function that starts a broker; all are stopped after the test."""
    made: list[Broker] = []

    async def make(url: str | None = None, **changes: Any) -> Broker:
        settings = settings_for(url or server.ws_url, **changes)
        broker = Broker(http, settings, name="test")
        await broker.start()
        made.append(broker)
        return broker

    yield make
    for broker in made:
        await broker.stop()


class Inbox:
    """A handler that keeps what it gets."""

    def __init__(self) -> None:
        """Start empty."""
        self.messages: list[Message] = []
        self._news = asyncio.Event()

    def __call__(self, message: Message) -> None:
        """Keep a message."""
        self.messages.append(message)
        self._news.set()

    async def collect(self, count: int, timeout: float = 5.0) -> list[Message]:
        """Return and forget the first messages; fails if there are not enough."""
        async with asyncio.timeout(timeout):
            while len(self.messages) < count:
                self._news.clear()
                await self._news.wait()
        found, self.messages = self.messages[:count], self.messages[count:]
        return found


async def state_reached(
    broker: Broker, reached: Callable[[], bool], timeout: float = 10.0
) -> None:
    """Return when the broker's state makes this true."""
    changed = asyncio.Event()
    unlisten = broker.listen(changed.set)
    try:
        async with asyncio.timeout(timeout):
            while not reached():
                changed.clear()
                await changed.wait()
    finally:
        unlisten()
