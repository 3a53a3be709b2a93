"""What is under way when a connection ends, and what a server leaves unanswered."""

import asyncio
import logging
import struct
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.mqtt_websocket.broker import errors, pipe, session
from custom_components.mqtt_websocket.broker.broker import Broker, probe
from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.broker.settings import Announcement
from tests.support.peer import Peer
from tests.support.scripted import (
    CONNACK_5,
    CONNACK_311,
    accepting,
    packets,
    permitting,
    until_closed,
    websocket_server,
)
from tests.support.server import MqttServer

from .conftest import Inbox, MakeBroker, descriptors, settings_for, state_reached

SUBACK = b"\x90\x04\x00\x01\x00\x00"
PUBLISH = b"\x30\x05\x00\x01t\x00x"
DISCONNECT = b"\xe0\x02\x8b\x00"  # the server shuts down


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"will": Announcement("", "offline")}, ValueError),
        ({"keepalive": 100_000}, struct.error),  # two bytes hold less
    ],
)
async def test_settings_that_no_packet_can_hold(
    http: aiohttp.ClientSession, changes: dict[str, Any], error: type[Exception]
) -> None:
    """CONNECT can't be written: nothing of the attempt is left behind."""
    async with websocket_server(until_closed) as url:
        before = descriptors()
        with pytest.raises(error):
            await probe(http, settings_for(url, **changes))
        async with asyncio.timeout(5):
            while descriptors() > before:
                await asyncio.sleep(0.01)


@pytest.mark.usefixtures("no_attempts")
async def test_asked_for_in_the_last_moment(
    make_broker: MakeBroker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The server has left already: a publish fails, a subscription waits for the next."""
    monkeypatch.setattr(pipe, "_SLICE", 60)  # both packets in one go, on any machine
    subscribed: list[bytes] = []
    publishing: list[asyncio.Task[int | None]] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        if not subscribed:
            subscribed.append(await websocket.receive_bytes())
            await websocket.send_bytes(SUBACK + PUBLISH + DISCONNECT)
            await until_closed(websocket)
        await permitting(websocket, lambda _: True, subscribed.append)

    def handle(_message: Message) -> None:
        publishing.append(asyncio.create_task(broker.publish("late", "x", 1)))
        broker.subscribe("later/on", Inbox())

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        broker.subscribe("t", handle)
        await state_reached(broker, lambda: not broker.connected)
        with pytest.raises(errors.NotConnected):
            await publishing[0]
        assert not any(b"later/on" in packet for packet in subscribed)
        await broker.reconnect()
        await broker.settled()
        assert any(b"later/on" in packet for packet in subscribed)
        await broker.stop()
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_a_publish_that_is_never_acknowledged(
    make_broker: MakeBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends after a time, and as long as it is open its packet id is taken."""
    monkeypatch.setattr(session, "_ANSWER_SECONDS", 0.1)
    async with websocket_server(accepting(until_closed)) as url:
        broker = await make_broker(url)
        with pytest.raises(errors.PublishTimedOut) as timed_out:
            await broker.publish("t", "x", 1)
        assert timed_out.value.details == {"topic": "t", "seconds": "0.1"}
        # 65,535 messages later paho begins with the same packet ids again.
        assert broker._session is not None
        assert broker._session._client is not None
        broker._session._client._client._last_mid = 65535
        with pytest.raises(errors.PublishRefused) as refused:
            await broker.publish("u", "x", 1)
        assert refused.value.details["topic"] == "u"
        assert broker.connected
        await broker.stop()


async def test_only_filters_that_the_server_does_not_have(
    make_broker: MakeBroker,
) -> None:
    """It is not asked for them, since it would hang up; they are refused all the same."""
    no_wildcards = b"\x20\x05\x00\x00\x02\x28\x00"
    seen: list[bytes] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        await permitting(websocket, lambda _: True, seen.append)

    async with websocket_server(accepting(script, no_wildcards)) as url:
        broker = await make_broker(url)
        told: list[list[str]] = []
        unlisten = broker.listen_refused(lambda: told.append(list(broker.refused)))
        broker.subscribe("a/+", Inbox())
        await broker.settled()
        assert list(broker.refused) == ["a/+"]
        assert not seen
        unlisten()
        broker.subscribe("b/#", Inbox())
        broker.subscribe("c", Inbox())
        await broker.settled()
        assert list(broker.refused) == ["a/+", "b/#"]
        assert b"".join(seen).count(b"\x00\x01c") == 1
        await broker.stop()
    assert told == [["a/+"]]


async def test_subscriptions_while_others_are_under_way(
    make_broker: MakeBroker,
) -> None:
    """All is settled when the last is answered; a refusal that nobody needs is none."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def script(websocket: web.WebSocketResponse) -> None:
        first = await websocket.receive_bytes()
        asked.set()
        await go_on.wait()
        await websocket.send_bytes(b"\x90\x04" + first[2:4] + b"\x00\x87")
        await permitting(websocket, lambda topic_filter: topic_filter != "two")

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        leave = broker.subscribe("one", Inbox())
        async with asyncio.timeout(5):
            await asked.wait()
            leave()
            broker.subscribe("two", Inbox())
            broker.subscribe("three", Inbox())
            go_on.set()
            await broker.settled()
        assert list(broker.refused) == ["two"]
        await broker.stop()


async def test_a_handler_that_leaves_before_it_gets_what_was_kept(
    http: aiohttp.ClientSession,
) -> None:
    """Nothing is handed to it any more, nor to one of another topic."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()
        await websocket.send_bytes(b"\x20\x03\x01\x00\x00" + PUBLISH)
        await permitting(websocket, lambda _: True)

    async with websocket_server(script) as url:
        broker = Broker(http, settings_for(url, session_expiry=60), name="test")
        other, gone, inbox = Inbox(), Inbox(), Inbox()
        broker.subscribe("other", other)
        await broker.start()
        async with asyncio.timeout(5):
            while not broker.counters.received:
                await asyncio.sleep(0.01)
        broker.subscribe("another", other)
        broker.subscribe("t", gone)()
        broker.subscribe("t", inbox)
        (message,) = await inbox.collect(1)
        await broker.stop()
    assert message.payload == b"x"
    assert not gone.messages
    assert not other.messages


async def test_overlapping_filters_of_the_first_connection(
    http: aiohttp.ClientSession, server: MqttServer, peer: Peer
) -> None:
    """They are known before there is a connection: each handler is called once."""
    server.require_mqtt5()
    broker = Broker(http, settings_for(server.ws_url), name="test")
    filters = ["o/a", "o/+", "#", "apart"]
    inboxes = [Inbox() for _ in filters]
    for topic_filter, inbox in zip(filters, inboxes, strict=True):
        broker.subscribe(topic_filter, inbox)
    await broker.start()
    await broker.settled()
    await peer.publish("o/a", "x")
    await peer.publish("end", "x")
    await inboxes[2].collect(2)
    assert [len(inbox.messages) for inbox in inboxes] == [1, 1, 0, 0]
    await broker.stop()


async def test_overlapping_filters_of_3_1_1(http: aiohttp.ClientSession) -> None:
    """It has no identifiers to tell them apart with: each is asked for just once."""
    asked: list[int] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        async for frame in websocket:
            for packet in packets(frame.data):
                if packet[0] >> 4 != 8:
                    continue
                body, filters = packet[4:], 0
                while body:
                    body = body[3 + int.from_bytes(body[:2]) :]
                    filters += 1
                asked.append(filters)
                answer = packet[2:4] + bytes(filters)
                await websocket.send_bytes(bytes([0x90, len(answer)]) + answer)

    async with websocket_server(accepting(script, CONNACK_311)) as url:
        broker = Broker(http, settings_for(url, protocol="3.1.1"), name="test")
        for topic_filter in ("a/#", "a/+", "a/b"):
            broker.subscribe(topic_filter, Inbox())
        await broker.start()
        await broker.settled()
        assert asked == [3]
        broker.subscribe("a/c", Inbox())
        await broker.settled()
        assert asked == [3, 1]
        await broker.stop()


@pytest.mark.parametrize(
    "message",
    [
        b"\x34\x07\x00\x02\xff\xfe\x00\x01\x00",  # a topic that is no UTF-8
        b"\x34\x08\x00\x03a/#\x00\x01\x00",  # a topic that is a filter
    ],
)
async def test_a_message_with_qos_2_that_is_none(
    make_broker: MakeBroker, message: bytes
) -> None:
    """These go through paho and aiomqtt: what they choke on ends the connection."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.send_bytes(message)
        await websocket.receive()  # PUBREC
        await websocket.send_bytes(b"\x62\x02\x00\x01")
        await until_closed(websocket)

    async with websocket_server(accepting(script, CONNACK_5)) as url:
        broker = await make_broker(url)
        await state_reached(broker, lambda: not broker.connected)
        assert type(broker.last_error) is errors.ProtocolViolation
