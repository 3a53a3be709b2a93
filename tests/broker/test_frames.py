"""Frames of RFC 6455, one by one: what we send, and what servers may send or must not."""

import asyncio

import pytest

from custom_components.mqtt_websocket.broker import errors
from tests.support.raw import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Client,
    frame,
    raw_server,
)

from .conftest import Inbox, MakeBroker, state_reached

PUBLISH = b"\x30\x08\x00\x01t\x00hello"[:2] + b"\x00\x01t\x00hell"
MEGABYTE = 1024 * 1024


async def subscribed(client: Client) -> None:
    """Take CONNECT and one SUBSCRIBE, and answer both."""
    await client.accept()
    subscribe = (await client.receive()).payload
    client.send(frame(BINARY, b"\x90\x04" + subscribe[2:4] + b"\x00\x00"))


async def test_every_frame_is_masked(make_broker: MakeBroker) -> None:
    """Data, pings, pongs and the close frame; which has a code."""

    async def conversation(client: Client) -> None:
        await client.accept()
        client.send(frame(PING, b"there?"))
        seen = {}
        while CLOSE not in seen:
            got = await client.receive()
            assert got.final
            seen[got.opcode] = got.payload
            if got.opcode == PING:
                client.send(frame(PONG, got.payload))
                left.set()
        assert seen[PONG] == b"there?"
        assert PING in seen
        assert seen[BINARY][:1] == b"\xe0"  # DISCONNECT comes before the close frame
        assert seen[CLOSE] == (1000).to_bytes(2)
        client.send(frame(CLOSE, seen[CLOSE]))

    left = asyncio.Event()
    async with raw_server(conversation) as url:
        broker = await make_broker(url, ping=0.1)
        async with asyncio.timeout(5):
            await left.wait()
        await broker.stop()


async def test_a_ping_in_the_middle_of_a_large_upload(make_broker: MakeBroker) -> None:
    """It is answered between two frames, long before the upload is over."""
    size = 8 * MEGABYTE

    async def conversation(client: Client) -> None:
        await client.accept()
        upload = b""
        pong_at = None
        while len(upload) < size:
            got = await client.receive()
            if got.opcode == PONG:
                assert got.payload == b"still there?"
                pong_at = len(upload)
                continue
            assert got.opcode == BINARY
            if not upload:
                client.send(frame(PING, b"still there?"))
            upload += got.payload
        assert pong_at is not None
        assert pong_at < size
        assert upload.count(b"x") == size
        packet_id = upload[8:10]  # behind a length of four bytes and the topic
        client.send(frame(BINARY, b"\x40\x02" + packet_id))
        assert (await client.receive()).payload[:1] == b"\xe0"  # DISCONNECT

    async with raw_server(conversation) as url:
        broker = await make_broker(url)
        await broker.publish("t", b"x" * size, 1)
        assert broker.counters.connections == 1
        await broker.stop()


@pytest.mark.parametrize("size", [1, 3, 1000])
async def test_a_message_in_fragments(make_broker: MakeBroker, size: int) -> None:
    """With pings in between, and empty ones among them."""
    payload = b"x" * 5000
    packet = b"\x30\x8c\x27\x00\x01t\x00" + payload
    assert len(packet) == 3 + (0x0C | 0x27 << 7)

    async def conversation(client: Client) -> None:
        await subscribed(client)
        pieces = [packet[start : start + size] for start in range(0, len(packet), size)]
        for number, piece in enumerate(pieces):
            client.send(
                frame(
                    CONTINUATION if number else BINARY,
                    piece,
                    final=number == len(pieces) - 1,
                )
            )
            if number in (0, 1):
                client.send(frame(PING, b"%d" % number))
                if len(pieces) > number + 1:
                    client.send(frame(CONTINUATION, final=False))
        for words in (b"0", b"1"):
            assert (await client.receive()).payload == words
        done.set()

    done = asyncio.Event()
    async with raw_server(conversation) as url:
        broker = await make_broker(url)
        inbox = Inbox()
        broker.subscribe("t", inbox)
        (message,) = await inbox.collect(1)
        assert message.payload == payload
        async with asyncio.timeout(5):
            await done.wait()


async def test_the_largest_frame(make_broker: MakeBroker) -> None:
    """One of 16 MiB in one piece comes in; a larger one ends the connection."""
    largest = 16 * MEGABYTE
    length = largest - 5
    packet = b"\x30" + bytes(
        (length >> shift & 0x7F) | (0x80 if shift < 21 else 0)
        for shift in (0, 7, 14, 21)
    )
    packet += b"\x00\x01t\x00"
    packet += b"x" * (largest - len(packet))

    async def conversation(client: Client) -> None:
        await subscribed(client)
        client.send(frame(BINARY, packet))
        await received.wait()
        client.send(frame(BINARY, bytes(largest + 1)))
        close = await client.receive()
        assert (close.opcode, close.payload[:2]) == (CLOSE, (1009).to_bytes(2))

    received = asyncio.Event()
    async with raw_server(conversation) as url:
        broker = await make_broker(url)
        inbox = Inbox()
        broker.subscribe("t", inbox)
        (message,) = await inbox.collect(1, timeout=20)
        assert len(message.payload) == largest - 9
        received.set()
        await state_reached(broker, lambda: not broker.connected)
        assert type(broker.last_error) is errors.FrameTooLarge


@pytest.mark.parametrize(
    ("wrong", "error", "code"),
    [
        (b"\xc2\x01x", errors.ProtocolViolation, 1002),  # a reserved bit
        (b"\x83\x01x", errors.ProtocolViolation, 1002),  # an opcode that is none
        (frame(CONTINUATION, b"x"), errors.ProtocolViolation, 1002),
        (frame(PING, b"x" * 126), errors.ProtocolViolation, 1002),
        (frame(TEXT, b"hello"), errors.ProtocolViolation, None),
        (frame(CLOSE, (1013).to_bytes(2) + b"later"), errors.ServerClosed, 1013),
        (frame(CLOSE), errors.ServerClosed, None),
        (b"\x82\x7f" + (2**40).to_bytes(8), errors.FrameTooLarge, 1009),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", errors.ProtocolViolation, 1002),
    ],
)
async def test_what_no_server_should_send(
    make_broker: MakeBroker,
    wrong: bytes,
    error: type[errors.ConnectionLost],
    code: int | None,
) -> None:
    """It is named at once, and answered with a close frame that says why."""

    async def conversation(client: Client) -> None:
        await client.accept()
        client.send(wrong)
        close = await client.receive()
        while close.opcode != CLOSE:
            close = await client.receive()
        if code is not None and error is not errors.ServerClosed:
            assert close.payload[:2] == code.to_bytes(2)

    async with raw_server(conversation) as url:
        broker = await make_broker(url)
        await state_reached(broker, lambda: not broker.connected, timeout=5)
        assert type(broker.last_error) is error
        if error is errors.ServerClosed:
            assert broker.last_error.details["close"].split()[0] == str(code or 1005)


async def test_half_a_frame(make_broker: MakeBroker) -> None:
    """A server that falls silent within a frame is found like any other."""

    async def conversation(client: Client) -> None:
        await client.accept()
        client.send(frame(BINARY, b"x" * 1000)[:100])
        await gone.wait()

    gone = asyncio.Event()
    async with raw_server(conversation) as url:
        broker = await make_broker(url, ping=0.4, keepalive=600)
        await state_reached(broker, lambda: not broker.connected)
        gone.set()
        assert type(broker.last_error) is errors.KeepaliveLost


async def test_cut_within_a_frame(make_broker: MakeBroker) -> None:
    """The connection is gone, and that is all that is known."""

    async def conversation(client: Client) -> None:
        await client.accept()
        client.send(frame(BINARY, b"x" * 1000)[:100])
        await asyncio.sleep(0.05)
        client.cut()

    async with raw_server(conversation) as url:
        broker = await make_broker(url)
        await state_reached(broker, lambda: not broker.connected)
        assert isinstance(broker.last_error, errors.HungUp)
