"""How a pipe ends, whoever ends it."""

import asyncio

import aiohttp
from aiohttp import web
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.pipe import ClientSocket, Pipe
from custom_components.mqtt_websocket.broker.settings import next_turn
from tests.support.raw import BINARY, PING, Client, frame, raw_server
from tests.support.scripted import CONNACK_5, until_closed, websocket_server


def _ignore(_packet: bytes, _body: int, _now: float) -> None:
    """Take a packet."""


async def _end_of(sock: ClientSocket) -> None:
    """Return when the client has read the end of the stream."""
    readable = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sock.fileno(), readable.set)
    async with asyncio.timeout(5):
        await readable.wait()
    loop.remove_reader(sock.fileno())
    assert sock.recv(1) == b""


async def test_the_first_cause_counts(http: aiohttp.ClientSession) -> None:
    """A ping that stays without answer is none where the server has just closed."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.close(code=1012, message=b"restart")

    async with websocket_server(script) as url, http.ws_connect(url) as websocket:
        pipe = Pipe(websocket, _ignore, next_turn)
        sock = await pipe.open()
        await _end_of(sock)
        pipe.give_up(errors.KeepaliveLost(seconds="1"))
        async with asyncio.timeout(5):
            cause = await pipe.ended
        assert type(cause) is errors.ServerClosed
        pipe.give_up(errors.KeepaliveLost(seconds="1"))
        assert pipe.ended.result() is cause
        sock.close()
        await pipe.close()


async def test_a_client_that_closes_first(http: aiohttp.ClientSession) -> None:
    """What the server says afterwards changes nothing. Closing twice is once."""
    leave = asyncio.Event()

    async def script(websocket: web.WebSocketResponse) -> None:
        await leave.wait()
        await websocket.close(code=1012)

    async with websocket_server(script) as url, http.ws_connect(url) as websocket:
        pipe = Pipe(websocket, _ignore, next_turn)
        sock = await pipe.open()
        sock.close()
        sock.close()
        async with asyncio.timeout(5):
            cause = await pipe.ended
            leave.set()
            await asyncio.wait(pipe._pumps)
        assert type(cause) is errors.ProtocolViolation
        assert sock.fileno() == -1
        await pipe.close()


async def test_a_ping_of_a_server_that_is_gone(http: aiohttp.ClientSession) -> None:
    """No pong gets through: the connection is lost."""

    async def conversation(client: Client) -> None:
        client.send(frame(BINARY, b"first") + frame(PING, b"second"))

    async def until_gone() -> None:
        while True:
            await websocket.ping()
            await asyncio.sleep(0)

    async with (
        raw_server(conversation) as url,
        http.ws_connect(url, autoping=False) as websocket,
    ):
        await websocket.receive()
        async with asyncio.timeout(5):
            with pytest.raises(aiohttp.ClientConnectionResetError):
                await until_gone()
        pipe = Pipe(websocket, _ignore, next_turn)
        sock = await pipe.open()
        await _end_of(sock)
        sock.close()
        async with asyncio.timeout(5):
            cause = await pipe.ended
        assert type(cause) is errors.ConnectionLost
        await pipe.close()


async def test_a_client_that_writes_much_and_leaves(
    http: aiohttp.ClientSession,
) -> None:
    """All of it is sent, also what was still under way when it closed its end."""
    received = 0

    async def script(websocket: web.WebSocketResponse) -> None:
        nonlocal received
        async for message in websocket:
            received += len(message.data)

    async with websocket_server(script) as url, http.ws_connect(url) as websocket:
        pipe = Pipe(websocket, _ignore, next_turn)
        sock = await pipe.open()
        loop = asyncio.get_running_loop()
        data, written = bytes(2_000_000), 0
        writable = asyncio.Event()
        async with asyncio.timeout(10):
            while written < len(data):
                try:
                    written += sock.send(memoryview(data)[written:])
                except BlockingIOError:
                    writable.clear()
                    loop.add_writer(sock.fileno(), writable.set)
                    await writable.wait()
                    loop.remove_writer(sock.fileno())
            sock.close()
            await pipe.finish()
            await pipe.close()
            while received < len(data):
                await asyncio.sleep(0.01)
    assert received == len(data)


async def test_closed_before_it_was_opened(http: aiohttp.ClientSession) -> None:
    """The WebSocket ends with it."""
    async with websocket_server(until_closed) as url:
        websocket = await http.ws_connect(url)
        await Pipe(websocket, _ignore, next_turn).close()
        assert websocket.closed


async def test_what_is_held_when_the_client_leaves(http: aiohttp.ClientSession) -> None:
    """It is not delivered any more: the server keeps it for the next time."""
    delivered: list[bytes] = []
    come = asyncio.Event()

    def deliver(packet: bytes, _body: int, _now: float) -> None:
        delivered.append(packet)
        come.set()

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.send_bytes(CONNACK_5 + b"\x30\x05\x00\x01t\x00x")

    async with websocket_server(script) as url, http.ws_connect(url) as websocket:
        pipe = Pipe(websocket, deliver, next_turn, hold=True)
        sock = await pipe.open()
        async with asyncio.timeout(5):
            await come.wait()
            sock.close()
            await pipe.ended
            pipe.release()
            await asyncio.wait(pipe._pumps)
        await pipe.close()
    assert delivered == [CONNACK_5]
