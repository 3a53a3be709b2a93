"""The bytes between the WebSocket and the MQTT client, both ways, with back-pressure.

Down, a pump cuts what the WebSocket brings into packets and has each handled at once:
while Home Assistant handles, nothing is read, and the broker feels it. Up, paho, inside
aiomqtt's client, writes one end of a socket pair; a pump carries that to the WebSocket.
When the broker can't keep up, paho's socket stops taking data.
"""

import asyncio
from collections.abc import Awaitable, Buffer, Callable
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
from .packets import MalformedPacket, PacketSplitter
from .websocket import WebSocket, close_websocket

# What a pipe ends with: NotMqtt may turn out only after the upgrade.
type End = ConnectionLost | NotMqtt

type Deliver = Callable[[bytes, int, float], None]
"""Handles a packet: its bytes, where its body begins, the time. May raise MalformedPacket."""

_SLICE: Final = 0.005
"""Seconds of work before everything else in the event loop has its turn."""
_HIGH: Final = 256 * 1024
_CHUNK: Final = 64 * 1024
_FINISH_SECONDS: Final = 2.0

_CONNACK: Final = 0x2
_NO_CLOSE_CODE: Final = 1005  # RFC 6455 section 7.1.5


class ClientSocket:
    """The end of the pair that paho holds: it writes there, and reads what it is fed."""

    __slots__ = ("_data", "_loop", "_position", "_socket")

    def __init__(self, sock: socket.socket) -> None:
        """Take a non-blocking socket over."""
        self._socket = sock
        self._loop = asyncio.get_running_loop()
        self._data = b""
        self._position = 0

    def feed(self, packet: bytes) -> None:
        """Give paho a packet, which it reads at once."""
        self._data = packet
        self._position = 0

    def recv(self, size: int) -> bytes:
        """Return at most ``size`` bytes; b"" at the end; BlockingIOError if none."""
        position = self._position
        piece = self._data[position : position + size]
        if not piece:
            # Nothing ever comes here but the end of the stream.
            return self._socket.recv(size)
        self._position = position + len(piece)
        return piece

    def send(self, data: Buffer) -> int:
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


class Pipe(asyncio.Protocol):
    """Carries packets from a WebSocket to ``deliver``, bytes from a client to it.

    ``ended`` gets the reason once the WebSocket or the client has gone and all that had
    arrived was handled. ``head`` is the beginning and ``tail`` the last four bytes of
    what the server sent, ``frames`` how many frames it sent.
    """

    def __init__(
        self,
        websocket: WebSocket,
        deliver: Deliver,
        give_way: Callable[[], Awaitable[None]],
        *,
        hold: bool = False,
    ) -> None:
        """Prepare; ``open`` makes it run.

        ``give_way`` is awaited after each few milliseconds of work.
        ``hold`` keeps back what comes behind CONNACK until ``release``, unread where
        possible: what is not delivered is not acknowledged.
        """
        self._websocket = websocket
        self._deliver = deliver
        self._give_way = give_way
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[End] = self._loop.create_future()
        self.head = b""
        self.tail = b""
        self.frames = 0
        self.held = False
        """Whether nothing is read, since there is enough to do: no fault of the server."""
        self._packets = PacketSplitter()
        self._worked = 0.0
        self._holding = hold
        self._released = asyncio.Event()
        self._cause: End | None = None
        self._transport: asyncio.Transport | None = None
        self._up: list[bytes] = []
        self._up_size = 0
        self._up_filled = asyncio.Event()
        self._pumps: list[asyncio.Task[None]] = []

    async def open(self) -> ClientSocket:
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
        return ClientSocket(theirs)

    def release(self) -> None:
        """Let everything through."""
        self._holding = False
        self._released.set()

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
        self._up_filled.set()
        # Without a cause it was paho that closed its end.
        malformed = ProtocolViolation(reason="malformed packet")
        self.ended.set_result(self._cause or malformed)

    # --- down: from the WebSocket to the client -----------------------------------

    async def _pump_down(self) -> None:
        receive = self._websocket.receive
        try:
            while self._cause is None:
                frame = await receive()
                self.frames += 1
                if frame.type is WSMsgType.BINARY:
                    self.held = True
                    await self._take(frame.data)
                    self.held = False
                elif frame.type is WSMsgType.PING:
                    await self._websocket.pong(frame.data)
                elif frame.type is not WSMsgType.PONG:
                    self._cause = self._explain(frame.type, frame.data, frame.extra)
        except MalformedPacket as err:
            self._cause = ProtocolViolation(reason=err)
        except (aiohttp.ClientError, OSError) as err:
            self._cause = ConnectionLost(reason=type(err).__name__)
        # The client closes its end at the end of the stream, and connection_lost tells
        # the cause.
        if self._transport is not None:
            self._transport.write_eof()

    async def _take(self, data: bytes) -> None:
        """Have the packets handled that are complete, a few milliseconds at a time."""
        if not self.head and data:
            self.head = data[:64]
            if data[0] >> 4 != _CONNACK:
                self._cause = NotMqtt(received=ascii(data[:16])[2:-1])
                return
        self.tail = data[-4:] if len(data) >= 4 else (self.tail + data)[-4:]
        clock = self._loop.time
        for packet, body in self._packets.split(data):
            now = clock()
            self._deliver(packet, body, now)
            self._worked += clock() - now
            if self._holding and packet[0] >> 4 == _CONNACK:
                await self._released.wait()
            elif self._worked > _SLICE:
                self._worked = 0.0
                await self._give_way()
            if self._transport is None:
                return

    def _explain(self, kind: WSMsgType, data: Any, extra: str | None) -> End:
        match kind:
            case WSMsgType.TEXT if not self.head:
                return NotMqtt(received=ascii(data[:16])[1:-1])
            case WSMsgType.TEXT:
                return ProtocolViolation(reason="text frame")
            case WSMsgType.CLOSE:
                return ServerClosed(
                    close=f"{data or _NO_CLOSE_CODE} {extra or ''}".strip()
                )
            case WSMsgType.ERROR:
                # What aiohttp's parser does not take is an error; a lost connection
                # is a closed one.
                if getattr(data, "code", None) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
                    return FrameTooLarge(reason=data)
                return ProtocolViolation(reason=data)
            case _:
                return HungUp()

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
