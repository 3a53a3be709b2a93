"""WebSocket pings of our own."""

import asyncio
import time

from aiohttp import WSMsgType, web
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.message import Message
from tests.support.scripted import accepting, until_closed, websocket_server
from tests.support.server import MOSQUITTO, MqttServer

from .conftest import MakeBroker, state_reached

# What the broker in Python does in such cases says nothing about us.
pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="needs Mosquitto")


async def test_pings_go_out(make_broker: MakeBroker) -> None:
    """After a silence, and answers keep the connection."""
    pinged = asyncio.Event()
    count = 0

    async def script(websocket: web.WebSocketResponse) -> None:
        nonlocal count
        async for frame in websocket:
            if frame.type is WSMsgType.PING:
                await websocket.pong(frame.data)
                count += 1
                if count == 5:
                    pinged.set()

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url, ping=0.1)
        async with asyncio.timeout(10):
            await pinged.wait()
        assert broker.connected
        assert broker.counters.connections == 1


async def test_no_answer(make_broker: MakeBroker) -> None:
    """A server that is gone is found within 1.5 intervals."""
    async with websocket_server(accepting(until_closed)) as url:
        broker = await make_broker(url, ping=0.4)
        await state_reached(broker, lambda: not broker.connected)
        assert type(broker.last_error) is errors.KeepaliveLost
        assert broker.last_error.details == {"seconds": "0.6"}


async def test_a_frozen_server(make_broker: MakeBroker, server: MqttServer) -> None:
    """A real one that does not answer any more."""
    broker = await make_broker(ping=0.4, keepalive=600, timeout=1.0)
    server.freeze()
    await state_reached(broker, lambda: not broker.connected)
    assert type(broker.last_error) is errors.KeepaliveLost
    server.thaw()
    broker.reconnect_now()
    await state_reached(broker, lambda: broker.connected, timeout=15)


async def test_our_own_stalls_are_nobodys_fault(
    make_broker: MakeBroker, server: MqttServer
) -> None:
    """The event loop held for longer than a ping may take drops no healthy link."""
    broker = await make_broker(ping=0.2)
    for pause in (0.0, 0.05, 0.1, 0.15, 0.21, 0.25):
        await asyncio.sleep(pause + 0.2)
        time.sleep(0.5)  # noqa: ASYNC251 - that is the point
    await asyncio.sleep(0.5)
    assert broker.counters.connections == 1
    assert broker.connected


async def test_back_pressure_is_nobodys_fault(make_broker: MakeBroker) -> None:
    """While Home Assistant can't keep up, nothing is read: no pong either."""
    publish = b"\x30\xa4\x9c\x01\x00\x01t\x00" + b"x" * 20_000

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()  # SUBSCRIBE
        for _ in range(100):
            await websocket.send_bytes(publish)
        async for frame in websocket:
            if frame.type is WSMsgType.PING:
                await websocket.pong(frame.data)

    received = 0
    everything = asyncio.Event()

    def slow(message: Message) -> None:
        nonlocal received
        received += 1
        time.sleep(0.02)
        if received == 100:
            everything.set()

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url, ping=0.2)
        broker.subscribe("t", slow)
        async with asyncio.timeout(30):
            await everything.wait()
        await asyncio.sleep(0.6)
        assert broker.counters.connections == 1
        assert broker.connected


async def test_silence_after_traffic(make_broker: MakeBroker) -> None:
    """What comes puts the next ping off; it does not end them."""

    async def script(websocket: web.WebSocketResponse) -> None:
        for _ in range(3):
            await websocket.ping()
            await asyncio.sleep(0.1)
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url, ping=1.0)
        await state_reached(broker, lambda: not broker.connected)
        assert type(broker.last_error) is errors.KeepaliveLost
        assert broker.last_error.details == {"seconds": "1.5"}
