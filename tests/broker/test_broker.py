"""A broker: messages in and out, and a connection that comes back."""

import asyncio
from collections.abc import Buffer
from contextlib import suppress
import logging
from string import ascii_letters
import time

import aiohttp
from aiohttp import web
from paho.mqtt.packettypes import PacketTypes
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.broker import ConnectionState
from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.broker.pipe import ClientSocket
from custom_components.mqtt_websocket.broker.properties import packet_properties
from custom_components.mqtt_websocket.broker.settings import Announcement
from tests.support.peer import Peer
from tests.support.scripted import (
    accepting,
    packets,
    permitting,
    until_closed,
    websocket_server,
)
from tests.support.server import MqttServer

from .conftest import Inbox, MakeBroker, state_reached

BOTH = pytest.mark.parametrize("protocol", ["5", "3.1.1"])


def require(server: MqttServer, protocol: str) -> None:
    """Skip a version of MQTT that the server lacks."""
    if protocol == "5":
        server.require_mqtt5()


# --- messages -------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_messages_in(
    make_broker: MakeBroker, server: MqttServer, peer: Peer, protocol: str, qos: int
) -> None:
    """A message comes with its topic, payload, QoS and retained flag."""
    require(server, protocol)
    broker = await make_broker(protocol=protocol)
    inbox = Inbox()
    broker.subscribe("in/+", inbox, qos)
    await broker.settled()
    await peer.publish("in/a", b"\x00\xff", qos=qos)
    await peer.publish("out/a", "no", qos=qos)
    await peer.publish("in/b", "", qos=qos)
    first, second = await inbox.collect(2)
    assert (first.topic, first.payload, first.qos) == ("in/a", b"\x00\xff", qos)
    assert (second.topic, second.payload, second.retain) == ("in/b", b"", False)
    assert broker.counters.received == 2
    assert broker.counters.bytes_received == 2


@BOTH
@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_messages_out(
    make_broker: MakeBroker, server: MqttServer, peer: Peer, protocol: str, qos: int
) -> None:
    """Text, bytes, numbers and nothing are published."""
    require(server, protocol)
    server.require_mosquitto("delivers with the subscription's QoS")
    broker = await make_broker(protocol=protocol)
    await peer.subscribe("out", 2)
    for payload in ("grün", b"\x00", 21.5, 3, None):
        await broker.publish("out", payload, qos)
    messages = await peer.collect(5)
    assert [message.payload for message in messages] == [
        "grün".encode(),
        b"\x00",
        b"21.5",
        b"3",
        b"",
    ]
    assert {message.qos for message in messages} == {qos}
    assert broker.counters.published == 5


async def test_retained(
    make_broker: MakeBroker, server: MqttServer, peer: Peer
) -> None:
    """A retained message reaches each handler once, however many share its topic."""
    server.require_mosquitto("sends a message once for each subscription")
    broker = await make_broker()
    await broker.publish("kept/a", "1", 1, True)
    first, second, third = Inbox(), Inbox(), Inbox()
    broker.subscribe("kept/a", first)
    await broker.settled()
    (message,) = await first.collect(1)
    assert message.retain
    broker.subscribe("kept/a", second)
    broker.subscribe("kept/#", third)
    await broker.settled()
    await second.collect(1)
    await third.collect(1)
    await peer.publish("kept/a", "2", retain=True)
    for inbox in (first, second, third):
        (message,) = await inbox.collect(1)
        assert (message.payload, message.retain) == (b"2", False)
    assert not (first.messages or second.messages or third.messages)


@BOTH
async def test_overlapping_filters(
    make_broker: MakeBroker, server: MqttServer, peer: Peer, protocol: str
) -> None:
    """A handler is called once, however many filters match."""
    require(server, protocol)
    server.require_mosquitto("sends a message once for each subscription")
    broker = await make_broker(protocol=protocol)
    filters = ["o/a", "o/+", "+/a", "o/#", "#", "o/b", "other/a"]
    inboxes = [Inbox() for _ in filters]
    for topic_filter, inbox in zip(filters, inboxes, strict=True):
        broker.subscribe(topic_filter, inbox)
        await broker.settled()
    for _ in range(2):
        await peer.publish("o/a", "x")
        await peer.publish("end", "x")
        await inboxes[4].collect(2)
        counts = [len(inbox.messages) for inbox in inboxes]
        assert counts == [1, 1, 1, 1, 0, 0, 0]
        for inbox in inboxes:
            inbox.messages.clear()
        broker.subscribe("o/+/x", inboxes[5])
        await broker.settled()


async def test_unsubscribe(make_broker: MakeBroker, peer: Peer) -> None:
    """The last handler of a filter takes the subscription with it."""
    broker = await make_broker()
    first, second = Inbox(), Inbox()
    gone = broker.subscribe("u/#", first)
    also_gone = broker.subscribe("u/#", second)
    await broker.settled()
    gone()
    gone()
    await peer.publish("u/1", "x")
    await second.collect(1)
    also_gone()
    await broker.settled()
    await peer.publish("u/2", "x")
    back = Inbox()
    broker.subscribe("u/#", back)
    await broker.settled()
    await peer.publish("u/3", "x")
    (message,) = await back.collect(1)
    assert message.topic == "u/3"
    assert not first.messages
    assert not second.messages


async def test_a_filter_that_leaves_and_returns_at_once_stays(
    make_broker: MakeBroker, peer: Peer
) -> None:
    """UNSUBSCRIBE does not overtake the SUBSCRIBE that came after it."""
    broker = await make_broker()
    broker.subscribe("u/#", Inbox())()
    inbox = Inbox()
    broker.subscribe("u/#", inbox)
    await broker.settled()
    await peer.publish("u/1", "x")
    await inbox.collect(1)


async def test_a_failing_handler_harms_nobody(
    make_broker: MakeBroker, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged once and counted; the others get their message."""
    broker = await make_broker()

    def fail(message: Message) -> None:
        raise ZeroDivisionError

    inbox = Inbox()
    broker.subscribe("f", fail)
    broker.subscribe("f", inbox)
    await broker.settled()
    for _ in range(3):
        await peer.publish("f", "x")
    await inbox.collect(3)
    assert broker.counters.handler_errors == 3
    assert caplog.text.count("a handler of f failed") == 1


@pytest.mark.parametrize("size", [100_000, 1_000_000, 5_000_000])
async def test_large_messages_out(
    make_broker: MakeBroker, peer: Peer, size: int
) -> None:
    """Whatever the size, it arrives, and what follows arrives behind it."""
    broker = await make_broker()
    await peer.subscribe("large/#")
    await broker.publish("large/1", b"x" * size, 1)
    await broker.publish("large/2", "y", 1)
    first, second = await peer.collect(2, timeout=15)
    assert isinstance(first.payload, bytes)
    assert len(first.payload) == size
    assert second.payload == b"y"


async def test_many_at_once(make_broker: MakeBroker, peer: Peer) -> None:
    """More than fits in flight: all arrive, in order."""
    broker = await make_broker()
    inbox = Inbox()
    broker.subscribe("many", inbox, 1)
    await broker.settled()
    await asyncio.gather(*(broker.publish("many", n, 1) for n in range(2000)))
    messages = await inbox.collect(2000, timeout=15)
    assert [int(message.payload) for message in messages] == list(range(2000))


async def test_many_subscriptions(make_broker: MakeBroker, peer: Peer) -> None:
    """They go out in batches, and every one of them stands."""
    broker = await make_broker()
    inbox = Inbox()
    for number in range(2500):
        broker.subscribe(f"s/{number}", inbox)
    await broker.settled()
    for number in (0, 499, 500, 2499):
        await peer.publish(f"s/{number}", "x")
    topics = [message.topic for message in await inbox.collect(4)]
    assert topics == ["s/0", "s/499", "s/500", "s/2499"]


async def test_properties(
    make_broker: MakeBroker, server: MqttServer, peer: Peer
) -> None:
    """MQTT 5's properties come and go with a message."""
    server.require_mqtt5()
    broker = await make_broker()
    inbox = Inbox()
    broker.subscribe("p", inbox)
    await broker.settled()
    properties = packet_properties(PacketTypes.PUBLISH, ContentType="text/plain")
    await broker.publish("p", "x", 1, properties=properties)
    (message,) = await inbox.collect(1)
    assert getattr(message.properties, "ContentType", None) == "text/plain"


async def test_invalid_topics_are_refused(make_broker: MakeBroker) -> None:
    """They never reach the broker, which would end the connection."""
    broker = await make_broker()
    with pytest.raises(errors.TopicHasWildcard):
        await broker.publish("a/#", "x")
    with pytest.raises(errors.MisplacedWildcard):
        broker.subscribe("a/#/b", Inbox())


async def test_a_refused_publish_is_told(make_broker: MakeBroker) -> None:
    """PUBACK with a reason code is no success."""

    async def script(websocket: web.WebSocketResponse) -> None:
        publish = await websocket.receive_bytes()
        packet_id = publish[4 + publish[3] : 6 + publish[3]]
        await websocket.send_bytes(b"\x40\x03" + packet_id + b"\x87")
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        with pytest.raises(errors.PublishRefused) as caught:
            await broker.publish("t", "x", 1)
        assert caught.value.details == {"topic": "t", "reason": "Not authorized"}


async def test_a_refused_subscription_is_told(
    make_broker: MakeBroker, caplog: pytest.LogCaptureFixture
) -> None:
    """SUBACK with a reason code is noted for its filter, and logged."""

    async def script(websocket: web.WebSocketResponse) -> None:
        subscribe = await websocket.receive_bytes()
        await websocket.send_bytes(b"\x90\x05" + subscribe[2:4] + b"\x00\x00\x87")
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        broker.subscribe("good", Inbox())
        broker.subscribe("bad", Inbox())
        await broker.settled()
        assert list(broker.refused) == ["bad"]
        assert "bad" in caplog.text


# --- the connection -------------------------------------------------------------------


async def test_comes_back(
    make_broker: MakeBroker, server: MqttServer, caplog: pytest.LogCaptureFixture
) -> None:
    """After a restart of the server all subscriptions stand again."""
    caplog.set_level(logging.WARNING)
    broker = await make_broker()
    inbox = Inbox()
    broker.subscribe("a/+", inbox, 1)
    broker.subscribe("b", inbox, 1)
    await broker.settled()
    states = [broker.state]
    broker.listen(lambda: states.append(broker.state))
    for _ in range(3):
        states.clear()
        await server.restart()
        await state_reached(broker, lambda: broker.connected)
        assert states[0] is ConnectionState.DISCONNECTED
        assert states[-2:] == [ConnectionState.CONNECTING, ConnectionState.CONNECTED]
        await broker.settled()
        await broker.publish("a/1", "x", 1)
        await broker.publish("b", "x", 1)
        topics = [message.topic for message in await inbox.collect(2)]
        assert topics == ["a/1", "b"]
    assert broker.counters.connections == 4
    assert broker.last_error is None
    # Not asyncio's, which complains of a slow machine.
    assert not [each for each in caplog.records if each.name != "asyncio"]


async def test_while_away(make_broker: MakeBroker, server: MqttServer) -> None:
    """Publishing fails at once; subscribing and unsubscribing wait for the next time."""
    broker = await make_broker()
    old, new = Inbox(), Inbox()
    gone = broker.subscribe("w/old", old)
    await broker.settled()
    await server.kill()
    await state_reached(broker, lambda: not broker.connected)
    assert isinstance(broker.last_error, errors.ConnectionLost)
    with pytest.raises(errors.NotConnected):
        await broker.publish("w/new", "x")
    gone()
    broker.subscribe("w/new", new)
    await broker.settled()
    await server.start()
    broker.reconnect_now()
    await state_reached(broker, lambda: broker.connected)
    await broker.settled()
    await broker.publish("w/old", "x", 1)
    await broker.publish("w/new", "x", 1)
    await new.collect(1)
    assert not old.messages


async def test_a_publish_under_way_fails_with_the_connection(
    make_broker: MakeBroker, server: MqttServer
) -> None:
    """Whoever waits for an acknowledgement hears that the connection is gone."""
    broker = await make_broker()
    server.freeze()
    publishing = asyncio.create_task(broker.publish("t", "x", 1))
    await asyncio.sleep(0)
    await server.kill()
    with pytest.raises(errors.BrokerError):
        await publishing


async def test_a_frozen_server_is_noticed(
    make_broker: MakeBroker, server: MqttServer
) -> None:
    """A half-open connection is found within 1.5 keepalives, and replaced."""
    broker = await make_broker(keepalive=2, timeout=1.0)
    server.freeze()
    started = asyncio.get_running_loop().time()
    await state_reached(broker, lambda: not broker.connected, timeout=8)
    # paho looks once a second.
    assert asyncio.get_running_loop().time() - started < 3 + 2
    assert isinstance(broker.last_error, errors.KeepaliveLost)
    server.thaw()
    await state_reached(broker, lambda: broker.connected, timeout=15)


@pytest.mark.parametrize(
    ("goodbye", "error"),
    [
        (b"\xe0\x01\x8e", errors.TakenOver),
        (b"\xe0\x02\x8e\x00", errors.TakenOver),
        (b"\xe0\x02\x8b\x00", errors.ServerDisconnected),
        (b"\xe0\x01\x8b", errors.ServerDisconnected),
        (b"\xf0\x00\x01\x02", errors.ProtocolViolation),
        (b"\x30\x05\x00\x02\xff\xfe\x00", errors.ProtocolViolation),
    ],
)
async def test_what_the_server_says_last(
    make_broker: MakeBroker, goodbye: bytes, error: type[errors.ConnectionLost]
) -> None:
    """A DISCONNECT tells why; a server that breaks MQTT's rules is left."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.send_bytes(goodbye)
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        await state_reached(broker, lambda: not broker.connected)
        assert type(broker.last_error) is error


async def test_a_server_that_moves(make_broker: MakeBroker) -> None:
    """It may say where to, in words of its own."""
    properties = b"\x1f\x00\x04soon\x1c\x00\x07example"
    packet = bytes([0xE0, len(properties) + 2, 0x9D, len(properties)]) + properties

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.send_bytes(packet)
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        await state_reached(broker, lambda: not broker.connected)
        assert type(broker.last_error) is errors.ServerDisconnected
        assert broker.last_error.details == {"reason": "soon: example"}


async def test_close_code(make_broker: MakeBroker) -> None:
    """A WebSocket's close code and reason are told."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.close(code=1012, message=b"restart")

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        await state_reached(broker, lambda: not broker.connected)
        assert type(broker.last_error) is errors.ServerClosed
        assert broker.last_error.details == {"close": "1012 restart"}


async def test_ping_is_answered(make_broker: MakeBroker) -> None:
    """A WebSocket ping gets its pong, with the same words."""
    answers: asyncio.Queue[aiohttp.WSMessage] = asyncio.Queue()

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.ping(b"there?")
        async for message in websocket:
            answers.put_nowait(message)

    async with websocket_server(accepting(script)) as url:
        await make_broker(url)
        async with asyncio.timeout(5):
            answer = await answers.get()
        assert answer.type is aiohttp.WSMsgType.PONG
        assert bytes(answer.data) == b"there?"


@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
async def test_frames_need_not_be_packets(make_broker: MakeBroker, size: int) -> None:
    """Packets come in pieces and in heaps (MQTT 5 section 6: MQTT-6.0.0-4)."""
    packets = b"".join(
        b"\x30\x07\x00\x01t\x00" + f"{number:03}".encode() for number in range(500)
    )

    async def script(websocket: web.WebSocketResponse) -> None:
        subscribe = await websocket.receive_bytes()
        stream = b"\x90\x04" + subscribe[2:4] + b"\x00\x00" + packets
        for start in range(0, len(stream), size):
            await websocket.send_bytes(stream[start : start + size])
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        inbox = Inbox()
        broker.subscribe("t", inbox)
        messages = await inbox.collect(500)
        assert [int(message.payload) for message in messages] == list(range(500))


async def test_back_pressure(make_broker: MakeBroker) -> None:
    """A server that does not read makes publishers wait; memory stays bounded."""
    reading = asyncio.Event()
    received = 0

    async def script(websocket: web.WebSocketResponse) -> None:
        nonlocal received
        await reading.wait()
        async for frame in websocket:
            received += len(frame.data)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        written = 0

        async def publish() -> None:
            nonlocal written
            for _ in range(400):
                await broker.publish("t", b"x" * 100_000)
                written += 1

        publishing = asyncio.create_task(publish())
        previous = -1
        while previous != written:
            previous = written
            await asyncio.sleep(0.2)
        assert written < 200
        reading.set()
        await publishing
        await broker.stop()
        assert received > 400 * 100_000


async def test_others_have_their_turn(make_broker: MakeBroker) -> None:
    """Many messages at once don't hold the event loop until all are handled."""
    packets = b"".join(
        b"\x30\x07\x00\x01t\x00" + f"{number:03}".encode() for number in range(100)
    )

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()  # SUBSCRIBE
        await websocket.send_bytes(b"\x90\x04\x00\x01\x00\x00" + packets)
        await until_closed(websocket)

    turns = 0
    seen: list[int] = []
    done = asyncio.Event()

    def slow(message: Message) -> None:
        time.sleep(0.002)
        seen.append(turns)
        if message.payload == b"099":
            done.set()

    async def others() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1
            await asyncio.sleep(0)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        broker.subscribe("t", slow)
        async with asyncio.timeout(30):
            await others()
        # 200 ms of work: a turn after some messages each, far from one after each.
        assert len(set(seen)) >= 10
        await broker.stop()


async def test_what_is_acknowledged_was_handled(make_broker: MakeBroker) -> None:
    """PUBACK goes out behind the handler, in the order of the messages."""
    story: list[str] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()  # SUBSCRIBE
        await websocket.send_bytes(b"\x90\x04\x00\x01\x00\x01")
        for number in (1, 2, 3):
            await websocket.send_bytes(
                b"\x32\x07\x00\x01t" + number.to_bytes(2) + b"\x00%d" % number
            )
        acknowledged = b""
        while len(acknowledged) < 12:
            acknowledged += (await websocket.receive()).data
        story.extend(f"acknowledged {acknowledged[at + 3]}" for at in (0, 4, 8))
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        broker.subscribe("t", lambda message: story.append(message.payload.decode()), 1)
        async with asyncio.timeout(10):
            while len(story) < 6:
                await asyncio.sleep(0.01)
        assert story == ["1", "2", "3", *(f"acknowledged {each}" for each in (1, 2, 3))]
        await broker.stop()


async def test_acknowledgements_go_out_together(
    make_broker: MakeBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While other threads are busy, each write waits for them: it holds up everything."""
    identifiers = [number.to_bytes(2) for number in range(1, 201)]
    acknowledged = bytearray()
    written: list[int] = []
    send = ClientSocket.send

    def note(sock: ClientSocket, data: Buffer) -> int:
        written.append(size := send(sock, data))
        return size

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()  # SUBSCRIBE
        written.clear()
        answer = b"\x90\x04\x00\x01\x00\x01"
        messages = (b"\x32\x06\x00\x01t%b\x00" % each for each in identifiers)
        await websocket.send_bytes(answer + b"".join(messages))
        async for frame in websocket:
            acknowledged.extend(frame.data)

    monkeypatch.setattr(ClientSocket, "send", note)
    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        broker.subscribe("t", lambda _: None, 1)
        async with asyncio.timeout(10):
            while len(acknowledged) < 4 * len(identifiers):
                await asyncio.sleep(0.01)
        assert acknowledged == b"".join(b"\x40\x02" + each for each in identifiers)
        assert len(written) <= len(identifiers) / 4
        await broker.stop()


async def test_a_malformed_message_ends_the_connection(make_broker: MakeBroker) -> None:
    """A topic that is not UTF-8 is no topic, and is told."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.send_bytes(b"\x30\x05\x00\x02\xff\xfe\x00")
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        await state_reached(broker, lambda: broker.last_error is not None)
        assert isinstance(broker.last_error, errors.ProtocolViolation)
        await broker.stop()


# --- birth and will -------------------------------------------------------------------


async def test_birth_and_will(
    make_broker: MakeBroker, server: MqttServer, peer: Peer
) -> None:
    """Born after the subscriptions; the will is said on good-byes and on crashes."""
    server.require_mosquitto("lets two clients have one id")
    await peer.subscribe("status")
    broker = await make_broker(
        birth=Announcement("status", "online", 1, True),
        will=Announcement("status", "offline", 1, True),
    )
    assert (await peer.next("status")).payload == b"online"
    await broker.stop()
    assert (await peer.next("status")).payload == b"offline"
    await broker.start()
    assert (await peer.next("status")).payload == b"online"
    async with Peer(server, client_id=broker.client_id):
        assert (await peer.next("status")).payload == b"offline"


# --- what a server allows -------------------------------------------------------------


def connack(properties: bytes) -> bytes:
    """Return a CONNACK of MQTT 5 with these properties."""
    return bytes([0x20, 3 + len(properties), 0, 0, len(properties)]) + properties


async def test_receive_maximum(make_broker: MakeBroker) -> None:
    """No more messages are under way than the server takes."""
    under_way = most = 0

    async def script(websocket: web.WebSocketResponse) -> None:
        nonlocal under_way, most
        stream = b""
        waiting: list[bytes] = []
        while len(waiting) < 30:
            try:
                stream += await websocket.receive_bytes(timeout=0.1)
            except TimeoutError:
                # Nothing more comes: acknowledge one of those under way.
                under_way -= 1
                packet_id = waiting[-under_way - 1]
                await websocket.send_bytes(b"\x40\x02" + packet_id)
                continue
            while stream:
                packet, stream = stream[: 2 + stream[1]], stream[2 + stream[1] :]
                waiting.append(packet[5:7])
                under_way += 1
                most = max(most, under_way)
        for packet_id in waiting[-under_way:]:
            await websocket.send_bytes(b"\x40\x02" + packet_id)
        await until_closed(websocket)

    limited = accepting(script, connack(b"\x21\x00\x05"))
    async with websocket_server(limited) as url:
        broker = await make_broker(url)
        async with asyncio.timeout(9):
            await asyncio.gather(*(broker.publish("t", "x", 1) for _ in range(30)))
    assert most == 5


async def test_server_keepalive(make_broker: MakeBroker) -> None:
    """A server that wants to hear from us more often does."""
    pinged = asyncio.Event()

    async def script(websocket: web.WebSocketResponse) -> None:
        async for frame in websocket:
            if frame.data == b"\xc0\x00":
                pinged.set()

    impatient = accepting(script, connack(b"\x13\x00\x02"))
    async with websocket_server(impatient) as url:
        await make_broker(url, keepalive=600)
        async with asyncio.timeout(4):
            await pinged.wait()


@pytest.mark.parametrize(
    ("properties", "retain", "reason"),
    [
        (b"\x27\x00\x00\x00\x64", False, "Packet too large"),
        (b"\x25\x00", True, "Retain not supported"),
    ],
)
async def test_what_a_server_does_not_take(
    make_broker: MakeBroker, properties: bytes, retain: bool, reason: str
) -> None:
    """It would end the connection, so it is not sent."""
    limited = accepting(until_closed, connack(properties))
    async with websocket_server(limited) as url:
        broker = await make_broker(url)
        with pytest.raises(errors.PublishRefused) as caught:
            await broker.publish("t", "x" * 100, 0, retain)
        assert caught.value.details == {"topic": "t", "reason": reason}
        await broker.publish("t", "x")
        assert broker.connected


async def test_maximum_qos(make_broker: MakeBroker) -> None:
    """A server without QoS 2 and 1 gets QoS 0."""
    received: asyncio.Queue[bytes] = asyncio.Queue()

    async def script(websocket: web.WebSocketResponse) -> None:
        received.put_nowait(await websocket.receive_bytes())
        await until_closed(websocket)

    limited = accepting(script, connack(b"\x24\x00"))
    async with websocket_server(limited) as url:
        broker = await make_broker(url)
        await broker.publish("t", "x", 2)
        async with asyncio.timeout(5):
            assert (await received.get())[0] == 0x30


@pytest.mark.parametrize(
    ("properties", "topic_filter", "reason"),
    [
        (b"\x28\x00", "a/+", "Wildcard subscription not supported"),
        (b"\x28\x00", "a/#", "Wildcard subscription not supported"),
        (b"\x2a\x00", "$share/g/a", "Shared subscription not supported"),
    ],
)
async def test_filters_that_a_server_has_not(
    make_broker: MakeBroker, properties: bytes, topic_filter: str, reason: str
) -> None:
    """Asking for them would end the connection, so they are refused unasked."""
    asked: list[str] = []

    def note(name: str) -> bool:
        asked.append(name)
        return True

    async def script(websocket: web.WebSocketResponse) -> None:
        await permitting(websocket, note)

    limited = accepting(script, connack(properties))
    async with websocket_server(limited) as url:
        broker = await make_broker(url)
        broker.subscribe("first", Inbox())
        broker.subscribe(topic_filter, Inbox())
        broker.subscribe("last", Inbox())
        await broker.settled()
        assert asked == ["first", "last"]
        (refused,) = broker.refused.values()
        assert refused.details == {"topic": topic_filter, "reason": reason}


async def test_small_packets(make_broker: MakeBroker) -> None:
    """SUBSCRIBE and UNSUBSCRIBE keep to what a server takes at once."""
    sizes: list[int] = []
    granted: list[str] = []

    def note(name: str) -> bool:
        granted.append(name)
        return True

    async def script(websocket: web.WebSocketResponse) -> None:
        await permitting(websocket, note, lambda packet: sizes.append(len(packet)))

    limited = accepting(script, connack(b"\x27\x00\x00\x00\x64"))
    async with websocket_server(limited) as url:
        broker = await make_broker(url)
        leaving = [broker.subscribe(f"topic/{number}", Inbox()) for number in range(50)]
        await broker.settled()
        assert len(granted) == 50
        for leave in leaving:
            leave()
        await broker.settled()
        assert len(granted) == 100
        assert max(sizes) <= 100
        assert len(sizes) < 40


async def test_a_server_that_takes_few_filters_at_once(
    make_broker: MakeBroker, no_attempts: None
) -> None:
    """It hangs up on more, as AWS IoT Core does: the next connection asks for less."""
    granted: list[str] = []

    class TooMany(Exception):
        pass

    def check(packet: bytes) -> None:
        if packet[0] >> 4 == 8 and len(packet) > 5 + 8 * 4:
            raise TooMany

    def note(name: str) -> bool:
        granted.append(name)
        return True

    async def script(websocket: web.WebSocketResponse) -> None:
        with suppress(TooMany):
            await permitting(websocket, note, check)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        names = ascii_letters[:30]
        for name in names:
            broker.subscribe(name, Inbox())
        await state_reached(broker, lambda: not broker.connected)
        await broker.reconnect()
        await broker.settled()
        assert sorted(granted) == sorted(names)
        assert broker.counters.connections == 2


async def test_assigned_client_id(make_broker: MakeBroker) -> None:
    """A server may have another idea of it, which counts from then on."""
    connects: list[bytes] = []
    assigned = connack(b"\x12\x00\x06theirs")

    async def script(websocket: web.WebSocketResponse) -> None:
        connects.append(await websocket.receive_bytes())
        await websocket.send_bytes(assigned)
        await until_closed(websocket)

    async with websocket_server(script) as url:
        broker = await make_broker(url, client_id="ours")
        assert broker.client_id == "theirs"
        await broker.reconnect()
        assert b"\x00\x04ours" in connects[0]
        assert b"\x00\x06theirs" in connects[1]


# --- answers --------------------------------------------------------------------------


async def test_unsuback_reasons(
    make_broker: MakeBroker, caplog: pytest.LogCaptureFixture
) -> None:
    """A broker that does not let go of a subscription is named with its topic."""
    permitted = True

    async def script(websocket: web.WebSocketResponse) -> None:
        await permitting(websocket, lambda _: permitted)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        leave = broker.subscribe("stays", Inbox())
        await broker.settled()
        permitted = False
        leave()
        await broker.settled()
        err = "unsubscribe_refused (topic=stays, reason=Not authorized)"
        assert err in caplog.text


async def test_pubrec_reasons(make_broker: MakeBroker) -> None:
    """With QoS 2 a refusal comes in PUBREC, and ends the exchange (section 4.3.3)."""
    received: list[int] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        async for frame in websocket:
            for packet in packets(frame.data):
                received.append(packet[0])
                if packet[0] >> 4 == 3:
                    packet_id = packet[5:7]
                    code = b"\x97" if b"no" in packet else b"\x00"
                    await websocket.send_bytes(b"\x50\x03" + packet_id + code)
                elif packet[0] == 0x62:
                    await websocket.send_bytes(b"\x70\x02" + packet[2:4])

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        with pytest.raises(errors.PublishRefused) as caught:
            await broker.publish("t", "no", 2)
        assert caught.value.details == {"topic": "t", "reason": "Quota exceeded"}
        assert await broker.publish("t", "yes", 2) == 0
        assert received == [0x34, 0x34, 0x62]
        # Nothing is left of the first one.
        assert broker._session is not None
        assert not broker._session._inner._out_messages


async def test_reconnect(
    make_broker: MakeBroker, server: MqttServer, no_attempts: None
) -> None:
    """On demand: while connected, while away, and with what keeps it from that."""
    broker = await make_broker()
    inbox = Inbox()
    broker.subscribe("t", inbox)
    await broker.reconnect()
    await broker.settled()
    await broker.publish("t", "x", 1)
    await inbox.collect(1)
    assert broker.counters.connections == 2
    await server.stop()
    await state_reached(broker, lambda: not broker.connected)
    with pytest.raises(errors.ConnectionRefused):
        await broker.reconnect()
    await server.start()
    await asyncio.gather(broker.reconnect(), broker.reconnect())
    assert broker.connected
    reconnecting = asyncio.create_task(broker.reconnect())
    await asyncio.sleep(0)
    await broker.stop()
    with pytest.raises(errors.NotConnected):
        await reconnecting
    with pytest.raises(errors.NotConnected):
        await broker.reconnect()
