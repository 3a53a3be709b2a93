"""A WebSocket server down to its frames: it sends any, and lets no wrong one pass.

RFC 6455 sections 5.1 to 5.5. What a client sends has to be masked, control frames too.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
import hashlib

from .server import HOST

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


@dataclass(frozen=True)
class Frame:
    """One frame of a client."""

    opcode: int
    payload: bytes
    final: bool


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """Return a frame as a server sends it."""
    first = opcode | (0x80 if final else 0)
    size = len(payload)
    if size < 126:
        return bytes([first, size]) + payload
    if size < 1 << 16:
        return bytes([first, 126]) + size.to_bytes(2) + payload
    return bytes([first, 127]) + size.to_bytes(8) + payload


class Client:
    """The client at the other end."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take an upgraded connection."""
        self._reader = reader
        self._writer = writer

    async def receive(self) -> Frame:
        """Return the next frame. Raises AssertionError if it is not masked."""
        first, second = await self._reader.readexactly(2)
        assert second & 0x80, f"a frame without mask: opcode {first & 15}"
        assert not first & 0x70, "a reserved bit is set"
        size = second & 0x7F
        if size > 125:
            size = int.from_bytes(await self._reader.readexactly(8 if size & 1 else 2))
        mask = await self._reader.readexactly(4)
        payload = await self._reader.readexactly(size)
        whole = (mask * (size // 4 + 1))[:size]
        clear = int.from_bytes(payload) ^ int.from_bytes(whole)
        return Frame(first & 15, clear.to_bytes(size), bool(first & 0x80))

    def send(self, *frames: bytes) -> None:
        """Send bytes, made with ``frame`` or worse."""
        self._writer.writelines(frames)

    async def accept(self, connack: bytes = b"\x20\x03\x00\x00\x00") -> None:
        """Take CONNECT and answer it."""
        assert (await self.receive()).opcode == BINARY
        self.send(frame(BINARY, connack))

    def cut(self) -> None:
        """End the connection at once."""
        self._writer.transport.abort()


type Conversation = Callable[[Client], Awaitable[None]]


@asynccontextmanager
async def raw_server(conversation: Conversation) -> AsyncIterator[str]:
    """Hold this conversation with the first client; give the URL.

    What goes wrong in the conversation fails the test. Later clients are sent away.
    """
    talking: asyncio.Future[None] | None = None

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal talking
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if talking is not None:
                return
            talking = asyncio.get_running_loop().create_future()
            key = next(
                line.split(b":", 1)[1].strip()
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"sec-websocket-key:")
            )
            guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(key + guid).digest())
            writer.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            await conversation(Client(reader, writer))
            talking.set_result(None)
        except (OSError, asyncio.IncompleteReadError) as err:
            if talking is not None and not talking.done():
                talking.set_exception(err)
        except AssertionError as err:
            assert talking is not None
            talking.set_exception(err)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HOST)
    try:
        yield f"ws://{HOST}:{server.sockets[0].getsockname()[1]}/"
        assert talking is not None
        async with asyncio.timeout(10):
            await talking
    finally:
        server.close()
