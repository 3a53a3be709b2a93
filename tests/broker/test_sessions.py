"""Sessions that outlive a connection: what the broker acknowledged is not lost."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.mqtt_websocket.broker.broker import Broker, probe
from tests.support.peer import Peer
from tests.support.scripted import CONNACK_5, until_closed, websocket_server
from tests.support.server import MOSQUITTO, MqttServer

from .conftest import Inbox, MakeBroker, settings_for, state_reached

# The broker in Python keeps no sessions.
pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="needs Mosquitto")

BOTH = pytest.mark.parametrize("protocol", ["5", "3.1.1"])


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[MqttServer]:
    """Return a server that keeps sessions, also over its own restart."""
    async with MqttServer(persistent=True) as running:
        yield running


def _lasting(server: MqttServer, protocol: str) -> dict[str, Any]:
    return {
        "url": server.ws_url,
        "protocol": protocol,
        "client_id": "home",
        "session_expiry": 600,
    }


@BOTH
async def test_over_a_lost_connection(
    make_broker: MakeBroker, server: MqttServer, peer: Peer, protocol: str
) -> None:
    """What came with QoS 1 and 2 while we were away comes afterwards, in order."""
    broker = await make_broker(**_lasting(server, protocol))
    inbox, wide = Inbox(), Inbox()
    broker.subscribe("a/b", inbox, 2)
    broker.subscribe("a/#", wide, 2)
    await broker.settled()
    session: Any = broker._session
    session._pipe.abort()
    await session._tear_down()
    await state_reached(broker, lambda: not broker.connected)
    for number in range(20):
        await peer.publish("a/b", number, qos=1 + number % 2)
    broker.reconnect_now()
    await state_reached(broker, lambda: broker.connected)
    await inbox.collect(20)
    await peer.publish("a/b", "end", qos=1)
    await inbox.collect(1)
    if protocol == "5":
        # Each copy is for the subscription that it names.
        payloads = {message.payload.decode() for message in await wide.collect(21)}
        assert payloads == {*map(str, range(20)), "end"}
    else:
        # One copy or two, each for both.
        assert {int(each.payload) for each in wide.messages[:-1]} == set(range(20))


@BOTH
async def test_over_a_restart(
    http: aiohttp.ClientSession, server: MqttServer, peer: Peer, protocol: str
) -> None:
    """Nothing is acknowledged before its handler is there."""
    settings = settings_for(**_lasting(server, protocol))
    first = Broker(http, settings, name="first")
    await first.start(hold=True)
    for topic_filter in ("r/a", "r/+", "r/#"):
        first.subscribe(topic_filter, Inbox(), 1)
    await first.settled()
    first.release()
    await first.stop()
    for number in range(20):
        await peer.publish("r/a", number, qos=1)
    # A form that tries the same client id takes nothing away.
    assert await probe(http, settings) == protocol
    second = Broker(http, settings, name="second")
    await second.start(hold=True)
    await asyncio.sleep(0.1)
    assert second.counters.received == 0
    inbox = Inbox()
    second.subscribe("r/#", inbox, 1)
    second.release()
    messages = await inbox.collect(20)
    assert {int(message.payload) for message in messages} == set(range(20))
    await second.settled()
    await second.stop()


async def test_a_handler_that_comes_late(
    http: aiohttp.ClientSession, server: MqttServer, peer: Peer
) -> None:
    """That of an announced device exists only after its announcement has come again."""
    settings = settings_for(**_lasting(server, "5"))
    first = Broker(http, settings, name="first")
    await first.start()
    first.subscribe("late/#", Inbox(), 1)
    await first.settled()
    await first.stop()
    await peer.publish("late/1", "x")
    second = Broker(http, settings, name="second")
    await second.start()
    async with asyncio.timeout(5):
        while not second.counters.received:
            await asyncio.sleep(0.01)
    inbox = Inbox()
    second.subscribe("late/#", inbox, 1)
    (message,) = await inbox.collect(1)
    assert message.payload == b"x"
    await second.stop()


async def test_the_server_restarts(make_broker: MakeBroker, server: MqttServer) -> None:
    """A server that keeps sessions has ours, and retained messages tell the truth."""
    broker = await make_broker(**_lasting(server, "5"))
    inbox = Inbox()
    broker.subscribe("k", inbox, 1)
    await broker.settled()
    await broker.publish("k", "1", 1, True)
    await inbox.collect(1)
    await server.stop()
    await state_reached(broker, lambda: not broker.connected)
    await server.start()
    broker.reconnect_now()
    await state_reached(broker, lambda: broker.connected)
    assert broker._session is not None
    assert broker._session.session_present
    (message,) = await inbox.collect(1)
    # Not news: triggers pass over what is retained.
    assert (message.payload, message.retain) == (b"1", True)


async def test_without_expiry_each_connection_starts_afresh(
    make_broker: MakeBroker, server: MqttServer, peer: Peer
) -> None:
    """The default: nothing is left on the broker."""
    broker = await make_broker(client_id="home")
    broker.subscribe("f", Inbox(), 1)
    await broker.settled()
    await broker.stop()
    await peer.publish("f", "lost")
    await broker.start()
    assert broker._session is not None
    assert not broker._session.session_present


async def test_a_made_up_client_id_leaves_nothing_behind(
    make_broker: MakeBroker, server: MqttServer
) -> None:
    """Its session ends with the good-bye, since nobody will know the id any more."""
    broker = await make_broker(session_expiry=600)
    broker.subscribe("f", Inbox(), 1)
    await broker.settled()
    client_id = broker.client_id
    await broker.stop()
    later = await make_broker(session_expiry=600, client_id=client_id)
    assert later._session is not None
    assert not later._session.session_present


async def test_unsubscribed_while_away(
    make_broker: MakeBroker, server: MqttServer, peer: Peer
) -> None:
    """The broker still has the subscription, and must hear that it is over."""
    broker = await make_broker(**_lasting(server, "5"))
    inbox, gone = Inbox(), Inbox()
    broker.subscribe("u/1", inbox, 1)
    leave = broker.subscribe("u/2", gone, 1)
    await broker.settled()
    await server.stop()
    await state_reached(broker, lambda: not broker.connected)
    leave()
    await server.start()
    broker.reconnect_now()
    await state_reached(broker, lambda: broker.connected)
    await broker.settled()
    received = broker.counters.received
    async with Peer(server) as other:
        await other.publish("u/2", "x")
        await other.publish("u/1", "x")
    await inbox.collect(1)
    assert broker.counters.received == received + 1
    assert not gone.messages


@pytest.mark.parametrize("cut", [1, 3, 5, 6, 9, 14])
async def test_hold_splits_what_comes_with_connack(
    http: aiohttp.ClientSession, cut: int
) -> None:
    """CONNACK passes, and what is in the same frame or a later one waits."""
    present = b"\x20\x03\x01\x00\x00"
    stream = present + b"\x32\x06\x00\x01t\x00\x07\x00" + b"\x30\x04\x00\x01t\x00"
    acknowledged: asyncio.Queue[bytes] = asyncio.Queue()

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()
        await websocket.send_bytes(stream[:cut])
        await websocket.send_bytes(stream[cut:])
        async for frame in websocket:
            acknowledged.put_nowait(frame.data)

    async with websocket_server(script) as url:
        settings = settings_for(url, session_expiry=60, client_id="home")
        broker = Broker(http, settings, name="test")
        await broker.start(hold=True)
        await asyncio.sleep(0.05)
        assert acknowledged.empty()
        assert broker.counters.received == 0
        broker.release()
        async with asyncio.timeout(5):
            assert (await acknowledged.get())[:4] == b"\x40\x02\x00\x07"
            while broker.counters.received < 2:
                await asyncio.sleep(0.01)
        await broker.stop()


async def test_hold_ends_by_itself(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who forgets to release, or fails before, does not block the connection."""
    monkeypatch.setattr(
        "custom_components.mqtt_websocket.broker.broker._LONGEST_HOLD", 0.1
    )

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()
        await websocket.send_bytes(b"\x20\x03\x01\x00\x00\x30\x04\x00\x01t\x00")
        await until_closed(websocket)

    async with websocket_server(script) as url:
        broker = Broker(http, settings_for(url, session_expiry=60), name="test")
        await broker.start(hold=True)
        async with asyncio.timeout(5):
            while not broker.counters.received:
                await asyncio.sleep(0.01)
        await broker.stop()


async def test_hold_needs_a_kept_session(http: aiohttp.ClientSession) -> None:
    """Without one there is nothing to keep back, and subscriptions settle at once."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()
        await websocket.send_bytes(CONNACK_5)
        subscribe = await websocket.receive_bytes()
        await websocket.send_bytes(b"\x90\x04" + subscribe[2:4] + b"\x00\x00")
        await until_closed(websocket)

    async with websocket_server(script) as url:
        broker = Broker(http, settings_for(url, session_expiry=60), name="test")
        await broker.start(hold=True)
        broker.subscribe("t", Inbox())
        async with asyncio.timeout(5):
            await broker.settled()
        await broker.stop()


async def test_what_waits_for_handlers_is_bounded(http: aiohttp.ClientSession) -> None:
    """A handler that comes later gets the newest messages, 16 MiB of them."""
    publish = b"\x30\x84\x80\x40\x00\x01t\x00" + bytes(1024 * 1024)

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()
        await websocket.send_bytes(b"\x20\x03\x01\x00\x00")
        for number in range(20):
            await websocket.send_bytes(publish[:-1] + bytes([number]))
        subscribe = await websocket.receive_bytes()
        await websocket.send_bytes(b"\x90\x04" + subscribe[2:4] + b"\x00\x00")
        await until_closed(websocket)

    async with websocket_server(script) as url:
        broker = Broker(http, settings_for(url, session_expiry=60), name="test")
        await broker.start()
        async with asyncio.timeout(10):
            while broker.counters.received < 20:
                await asyncio.sleep(0.01)
        inbox = Inbox()
        broker.subscribe("t", inbox)
        await broker.settled()
        kept = [message.payload[-1] for message in inbox.messages]
        await broker.stop()
    assert kept == list(range(4, 20))
