"""The bytes between the WebSocket and the MQTT client, both ways, with back-pressure.

paho, inside aiomqtt's client, reads and writes a socket. It gets one end of a socket
pair; two pumps carry the bytes between the other end and the WebSocket. When Home
Assistant can't keep up, the pair fills, the down pump waits, the WebSocket is not read
and the broker feels it. When the broker can't keep up, paho's socket stops taking data.
"""

import asyncio
import socket
from typing import Any, Final, override

import aiohttp
from aiohttp import WSMsgType

from .errors import (
    ConnectionLost,
    FrameTooLarge,
    HungUp,
    NotMqtt,
    ProtocolViolation,
    ServerClosed,
)
from .websocket import WebSocket, close_websocket

# What a pipe ends with: NotMqtt may turn out only after the upgrade.
type End = ConnectionLost | NotMqtt

_READ: Final = 16 * 1024
"""Bytes that paho gets to work on at a time: bounds how long the loop is held."""
_HIGH: Final = 256 * 1024
_CHUNK: Final = 64 * 1024
_FINISH_SECONDS: Final = 2.0

_CONNACK: Final = 0x2
_AUTH: Final = 0xF


class ReadAheadSocket:
    """The end of the pair that paho holds.

    paho reads a packet in three to five small pieces; they come from memory. aiomqtt
    asks ``pending`` and goes on reading while there is something.
    """

    __slots__ = ("_data", "_loop", "_position", "_socket")

    def __init__(self, sock: socket.socket) -> None:
        """Take a non-blocking socket over."""
        self._socket = sock
        self._loop = asyncio.get_running_loop()
        self._data = b""
        self._position = 0

    def recv(self, size: int) -> bytes:
        """Return at most ``size`` bytes; b"" at the end; BlockingIOError if none."""
        position = self._position
        if position >= len(self._data):
            self._data = self._socket.recv(_READ)
            position = 0
        piece = self._data[position : position + size]
        self._position = position + len(piece)
        return piece

    def pending(self) -> int:
        """Return how many bytes are there without asking the socket."""
        return len(self._data) - self._position

    def send(self, data: bytes) -> int:
        """Write what fits; return how many bytes did."""
        return self._socket.send(data)

    def setblocking(self, flag: bool) -> None:
        """Stay non-blocking, as paho wants as well."""
        self._socket.setblocking(flag)

    def fileno(self) -> int:
        """Return the file descriptor, -1 once closed."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close, after the callbacks that aiomqtt has scheduled for the descriptor.

        aiomqtt registers readers and writers with ``call_soon_threadsafe``: one that is
        still under way would be registered for whatever gets this number next.
        """
        self._loop.call_soon(self._dispose)

    def _dispose(self) -> None:
        if (descriptor := self._socket.fileno()) >= 0:
            self._loop.remove_reader(descriptor)
            self._loop.remove_writer(descriptor)
            self._socket.close()


def _packet_end(data: bytes | bytearray) -> int | None:
    """Return where the first packet ends, None if that is not there yet.

    MQTT 5 section 2.1.4: the remaining length, seven bits a byte, at most four bytes.
    """
    length = 0
    for position, byte in enumerate(data[1:5]):
        length |= (byte & 0x7F) << 7 * position
        if not byte & 0x80:
            return position + 2 + length
    return len(data) if len(data) >= 5 else None


class Pipe(asyncio.Protocol):
    """Carries bytes between a WebSocket and a ``ReadAheadSocket``.

    ``ended`` gets the reason once the WebSocket or the client has gone and all that had
    arrived was handled. ``head`` is the beginning and ``tail`` the last four bytes of
    what the server sent, ``frames`` how many frames it sent.
    """

    def __init__(self, websocket: WebSocket, *, hold: bool = False) -> None:
        """Prepare; ``open`` makes it run.

        ``hold`` keeps back what comes behind CONNACK until ``release``, unread where
        possible: what the client never sees it does not acknowledge.
        """
        self._websocket = websocket
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[End] = self._loop.create_future()
        self.head = b""
        self.tail = b""
        self.frames = 0
        self._holding = hold
        self._first: bytearray | None = bytearray() if hold else None
        self._released = asyncio.Event()
        self._cause: End | None = None
        self._transport: asyncio.Transport | None = None
        self._writable: asyncio.Future[None] | None = None
        self._down: list[bytes] = []
        self._down_size = 0
        self._up: list[bytes] = []
        self._up_size = 0
        self._up_filled = asyncio.Event()
        self._pumps: list[asyncio.Task[None]] = []

    async def open(self) -> ReadAheadSocket:
        """Start the pumps and return the socket for paho."""
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        try:
            await self._loop.connect_accepted_socket(lambda: self, ours)
        except BaseException:
            ours.close()
            theirs.close()
            raise
        self._pumps = [
            self._loop.create_task(self._pump_down(), name="mqtt_websocket down"),
            self._loop.create_task(self._pump_up(), name="mqtt_websocket up"),
        ]
        return ReadAheadSocket(theirs)

    def release(self) -> None:
        """Let everything through."""
        self._holding = False
        self._released.set()

    @property
    def held(self) -> bool:
        """Whether the WebSocket is not being read, since the client can't keep up."""
        return self._writable is not None or (self._holding and self._first is None)

    async def ping(self) -> None:
        """Send a WebSocket ping."""
        await self._websocket.ping()

    def give_up(self, cause: ConnectionLost) -> None:
        """End at once, for this reason."""
        if self._cause is None:
            self._cause = cause
        if self._transport is not None:
            self._transport.abort()

    async def finish(self) -> None:
        """Return when what the client wrote before it closed its end is sent."""
        await asyncio.wait(self._pumps[1:], timeout=_FINISH_SECONDS)

    async def close(self) -> None:
        """Close the WebSocket and end the pumps, whatever is under way."""
        self.abort()
        await close_websocket(self._websocket)
        if self._pumps:
            await asyncio.wait(self._pumps)

    def abort(self) -> None:
        """Let go of everything but the WebSocket, at once."""
        for pump in self._pumps:
            pump.cancel()
        if self._transport is not None:
            self._transport.abort()

    # --- the client's side --------------------------------------------------------

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(high=_HIGH)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._up.append(data)
        self._up_size += len(data)
        self._up_filled.set()
        if self._up_size > _HIGH and self._transport is not None:
            self._transport.pause_reading()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.resume_writing()
        self._up_filled.set()
        if not self.ended.done():
            # Without a cause it was paho that closed its end.
            malformed = ProtocolViolation(reason="malformed packet")
            self.ended.set_result(self._cause or malformed)

    @override
    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    @override
    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # --- down: from the WebSocket to the client -----------------------------------

    async def _pump_down(self) -> None:
        receive = self._websocket.receive
        try:
            while self._cause is None:
                frame = await receive()
                self.frames += 1
                if frame.type is WSMsgType.BINARY:
                    if self._first is None:
                        self._take(frame.data)
                    else:
                        await self._take_connack(frame.data)
                    if self._writable is not None:
                        await self._writable
                elif frame.type is WSMsgType.PING:
                    await self._websocket.pong(frame.data)
                elif frame.type is not WSMsgType.PONG:
                    self._cause = self._explain(frame.type, frame.data, frame.extra)
        except (aiohttp.ClientError, OSError) as err:
            self._cause = ConnectionLost(reason=type(err).__name__)
        # The client reads what is still in the pair, closes its end at the end of the
        # stream, and connection_lost tells the cause.
        self._flush()
        if self._transport is not None:
            self._transport.write_eof()

    async def _take_connack(self, data: bytes) -> None:
        """Take the first packet alone, and what is behind it when released."""
        assert self._first is not None
        self._first += data
        if not self._first:
            return
        end = _packet_end(self._first)
        if self._first[0] >> 4 != _CONNACK:
            end = len(self._first)  # no MQTT, as _take finds
        if end is None or len(self._first) < end:
            return
        first, self._first = bytes(self._first), None
        self._take(first[:end])
        if self._holding and self._cause is None:
            await self._released.wait()
        if first[end:] and self._cause is None:
            self._take(first[end:])

    def _take(self, data: bytes) -> None:
        if not self.head and data:
            self.head = data[:64]
            if data[0] >> 4 not in (_CONNACK, _AUTH):
                self._cause = NotMqtt(received=ascii(data[:16])[2:-1])
                return
        self.tail = data[-4:] if len(data) >= 4 else (self.tail + data)[-4:]
        # Frames that came in one read of the WebSocket go down in one write.
        if not self._down:
            self._loop.call_soon(self._flush)
        self._down.append(data)
        self._down_size += len(data)
        if self._down_size > _HIGH:
            self._flush()

    def _flush(self) -> None:
        if not self._down:
            return
        data = self._down[0] if len(self._down) == 1 else b"".join(self._down)
        self._down.clear()
        self._down_size = 0
        if self._transport is not None:
            self._transport.write(data)

    def _explain(self, kind: WSMsgType, data: Any, extra: str | None) -> End:
        match kind:
            case WSMsgType.TEXT if not self.head:
                return NotMqtt(received=ascii(data[:16])[1:-1])
            case WSMsgType.TEXT:
                return ProtocolViolation(reason="text frame")
            case WSMsgType.CLOSE:
                return ServerClosed(code=data, reason=extra or "")
            case WSMsgType.ERROR if isinstance(data, aiohttp.WebSocketError):
                if data.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
                    return FrameTooLarge(reason=data)
                return ProtocolViolation(reason=data)
            case _:
                error = self._websocket.exception()
                # The second is what aiohttp makes of its own late close frame.
                if error is None or isinstance(
                    error, aiohttp.ClientConnectionResetError
                ):
                    return HungUp()
                return ConnectionLost(reason=type(error).__name__)

    # --- up: from the client to the WebSocket -------------------------------------

    async def _pump_up(self) -> None:
        send = self._websocket.send_bytes
        try:
            while True:
                await self._up_filled.wait()
                self._up_filled.clear()
                while self._up:
                    data = self._up[0] if len(self._up) == 1 else b"".join(self._up)
                    self._up.clear()
                    if self._up_size > _HIGH and self._transport is not None:
                        self._transport.resume_reading()
                    self._up_size = 0
                    for start in range(0, len(data), _CHUNK):
                        await send(data[start : start + _CHUNK])
                if self._transport is None:
                    return
        except aiohttp.ClientError, OSError:
            # The down pump sees the same end and knows more about it.
            return
