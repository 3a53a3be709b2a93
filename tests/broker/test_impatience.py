"""A broker that is stopped at once, or that leaves questions unanswered."""

import asyncio
import logging

import aiohttp
from aiohttp import web
import pytest

from custom_components.mqtt_websocket.broker import session, subscriptions
from custom_components.mqtt_websocket.broker.broker import Broker
from tests.support.scripted import accepting, websocket_server
from tests.support.server import MqttServer

from .conftest import Inbox, MakeBroker, descriptors, settings_for

_SUBSCRIBE = 0x82
_UNSUBSCRIBE = 0xA2


async def test_stopped_in_the_same_breath(
    http: aiohttp.ClientSession, server: MqttServer
) -> None:
    """Who stops before the connection was looked after leaves none behind."""
    before = descriptors()
    broker = Broker(http, settings_for(server.ws_url), name="test")
    await broker.start()
    await broker.stop()
    assert descriptors() == before


@pytest.mark.parametrize("left", [False, True])
async def test_unanswered_subscriptions_hold_up_no_others(
    make_broker: MakeBroker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    left: bool,
) -> None:
    """Behind much that is retained an answer may take longer than anybody waits."""
    monkeypatch.setattr(session, "_ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(subscriptions, "_FILTERS_A_PACKET", 1)
    asked = asyncio.Event()

    async def never_answer(websocket: web.WebSocketResponse) -> None:
        kinds = (_SUBSCRIBE, _UNSUBSCRIBE)
        async for message in websocket:
            if message.data[0] in kinds and b"last/wish" in message.data:
                asked.set()

    async with websocket_server(accepting(never_answer)) as url:
        broker = await make_broker(url)
        leave = broker.subscribe("first", Inbox())
        if left:
            await asyncio.wait_for(broker.settled(), 5)
            leave()
        broker.subscribe("second", Inbox())
        broker.subscribe("last/wish", Inbox())
        async with asyncio.timeout(5):
            await asked.wait()
            await broker.settled()
        waited = [
            record for record in caplog.records if record.levelno == logging.WARNING
        ]
        assert len(waited) == 4 if left else 3
        await broker.stop()
