"""Clients that cost next to nothing: packets made beforehand, written as they are."""

import asyncio
from collections.abc import Iterable
from typing import Final, Self

from custom_components.mqtt_websocket.broker.packets import PUBLISH, PacketSplitter

from ..support.server import HOST

_CONNECT: Final = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00"
_CHUNK: Final = 256 * 1024


def _remaining_length(size: int) -> bytes:
    """Encode a length, seven bits a byte (MQTT 5 section 1.5.5)."""
    encoded = bytearray()
    while True:
        size, digit = divmod(size, 128)
        encoded.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(encoded)


def publish_packet(
    topic: str,
    payload: bytes | str,
    *,
    qos: int = 0,
    retain: bool = False,
    mid: int = 1,
) -> bytes:
    """Return a PUBLISH of MQTT 3.1.1 (section 3.3)."""
    name = topic.encode()
    data = payload.encode() if isinstance(payload, str) else payload
    body = len(name).to_bytes(2) + name
    if qos:
        body += mid.to_bytes(2)
    return (
        bytes([0x30 | qos << 1 | retain])
        + _remaining_length(len(body) + len(data))
        + body
        + data
    )


class Publisher:
    """A connection over plain TCP. ``acknowledged`` counts PUBACKs."""

    def __init__(self, port: int) -> None:
        """Connect when the context is entered."""
        self._port = port
        self._mid = 0
        self._acknowledged = 0
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Connect."""
        reader, self._writer = await asyncio.open_connection(HOST, self._port)
        self._writer.write(_CONNECT)
        await reader.readexactly(4)
        self._drain = asyncio.create_task(self._read(reader))
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Disconnect."""
        self._drain.cancel()
        self._writer.transport.abort()  # a broker that reads no more holds up nobody

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Count PUBACKs: nothing else comes, and each has four bytes."""
        received = 0
        while data := await reader.read(65536):
            received += len(data)
            self._acknowledged = received // 4
            self._news.set()

    async def publish(
        self,
        messages: Iterable[tuple[str, bytes | str]],
        *,
        qos: int = 0,
        retain: bool = False,
    ) -> None:
        """Write messages as fast as the broker takes them.

        With QoS 1, return when the broker has acknowledged all of them.
        """
        waiting = bytearray()
        wanted = self._acknowledged
        for topic, payload in messages:
            self._mid = self._mid % 65535 + 1
            waiting += publish_packet(
                topic, payload, qos=qos, retain=retain, mid=self._mid
            )
            wanted += 1
            if len(waiting) > _CHUNK:
                await self._write(waiting)
        await self._write(waiting)
        while qos and self._acknowledged < wanted:
            self._news.clear()
            await self._news.wait()

    async def _write(self, waiting: bytearray) -> None:
        self._writer.write(bytes(waiting))
        waiting.clear()
        await self._writer.drain()


class Subscriber:
    """A connection over plain TCP that counts what it receives."""

    def __init__(self, port: int, topic_filter: str) -> None:
        """Connect when the context is entered."""
        self._port = port
        self._filter = topic_filter.encode()
        self._received = 0
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Connect and subscribe, with QoS 0."""
        reader, self._writer = await asyncio.open_connection(HOST, self._port)
        body = b"\x00\x01" + len(self._filter).to_bytes(2) + self._filter + b"\x00"
        self._writer.write(_CONNECT + bytes([0x82, len(body)]) + body)
        await reader.readexactly(4 + 5)
        self._task = asyncio.create_task(self._read(reader))
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Disconnect."""
        self._task.cancel()
        self._writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        packets = PacketSplitter()
        while data := await reader.read(65536):
            self._received += sum(
                packet[0] >> 4 == PUBLISH for packet, _ in packets.split(data)
            )
            self._news.set()

    async def collect(self, count: int) -> None:
        """Return when so many messages have come since the last call."""
        while self._received < count:
            self._news.clear()
            await self._news.wait()
        self._received -= count
