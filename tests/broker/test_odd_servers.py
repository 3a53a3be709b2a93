"""Frames and answers that no good server sends, and proxies that are none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
from aiohttp import web
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.broker import Broker
from custom_components.mqtt_websocket.broker.heartbeat import keep_pinging
from custom_components.mqtt_websocket.broker.pipe import Pipe
from custom_components.mqtt_websocket.broker.settings import next_turn
from tests.support.scripted import CONNACK_5, Script, accepting, websocket_server
from tests.support.server import HOST

from .conftest import Inbox, MakeBroker, settings_for, state_reached
from .test_connect import refusal


@asynccontextmanager
async def saying(
    *parts: bytes, after: bytes = b"\r\n\r\n", pause: float = 0
) -> AsyncIterator[str]:
    """Answer what ends so with these bytes, one write each; give the address.

    After a pause in seconds each, so that they are not read together.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(after)
            for part in parts:
                if pause:
                    await asyncio.sleep(pause)
                writer.write(part)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HOST)
    try:
        yield f"{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ([], errors.ProxyRefused),
        ([b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], errors.ProxyRefused),
        ([b"HTTP/1.1 502 Bad Gateway\r\n\r\n"], errors.ProxyRefused),
        ([b"HTTP/1.1 407 Who?\r\n\r\n"], errors.ProxyUnauthorized),
        ([b"x" * 20_000, b"x" * 200_000], errors.ProxyRefused),
    ],
)
async def test_tunnel_that_is_none(
    http: aiohttp.ClientSession, parts: list[bytes], error: type[errors.ConnectError]
) -> None:
    """What is no good answer to CONNECT ends the attempt, however long it is."""
    async with saying(*parts) as proxy:
        found = await refusal(http, "ws://broker.example/", proxy=f"http://{proxy}")
    assert type(found) is error


async def test_tunnel_that_answers_in_pieces(http: aiohttp.ClientSession) -> None:
    """The whole head counts, however it arrives."""
    parts = b"HTTP/1.1 4", b"07 Who?\r\n", b"\r\n"
    async with saying(*parts, pause=0.01) as proxy:
        found = await refusal(http, "ws://broker.example/", proxy=f"http://{proxy}")
    assert type(found) is errors.ProxyUnauthorized


async def test_proxy_without_encryption(http: aiohttp.ClientSession) -> None:
    """An https proxy that speaks no TLS is not reached."""
    hello = b"\x16\x03\x01"  # how TLS begins
    async with saying(b"HTTP/1.1 400 Bad Request\r\n\r\n", after=hello) as proxy:
        found = await refusal(http, "ws://broker.example/", proxy=f"https://{proxy}")
    assert type(found) is errors.ProxyUnreachable


async def _text_frame(websocket: web.WebSocketResponse) -> None:
    await websocket.send_str("hello")
    await websocket.receive()


async def _large_frame(websocket: web.WebSocketResponse) -> None:
    await websocket.send_bytes(b"\x30" + b"x" * 5000)
    await websocket.receive()


async def _reserved_bits(websocket: web.WebSocketResponse) -> None:
    assert websocket._req is not None
    assert websocket._req.transport is not None
    websocket._req.transport.write(b"\xf2\x00")
    await websocket.receive()


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (_text_frame, errors.ProtocolViolation),
        (_large_frame, errors.FrameTooLarge),
        (_reserved_bits, errors.ProtocolViolation),
    ],
)
async def test_frames_that_end_the_connection(
    make_broker: MakeBroker, script: Script, error: type[errors.BrokerError]
) -> None:
    """A frame that MQTT does not allow, or that is too large, is told as such."""
    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url, max_frame=1000)
        await state_reached(broker, lambda: broker.last_error is not None)
        assert type(broker.last_error) is error


@pytest.mark.parametrize(("said", "told"), [(b"", "1001"), (b"bye", "1001 bye")])
async def test_closed_by_the_server(
    make_broker: MakeBroker, said: bytes, told: str
) -> None:
    """With the code of its close frame, and its words if it has any."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.close(code=1001, message=said)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        await state_reached(broker, lambda: broker.last_error is not None)
        assert type(broker.last_error) is errors.ServerClosed
        assert broker.last_error.details == {"close": told}


async def test_hold_with_connack_in_pieces(http: aiohttp.ClientSession) -> None:
    """What waits until it is released begins where a long CONNACK ends."""
    reason = b"\x1f\x00\xc8" + b"r" * 200  # a reason string (MQTT 5 section 3.2.2.3.9)
    length = len(reason)
    properties = bytes([length & 0x7F | 0x80, length >> 7]) + reason
    remaining = 2 + len(properties)
    head = [0x20, remaining & 0x7F | 0x80, remaining >> 7, 1, 0]  # session present
    connack = bytes(head) + properties
    message = b"\x30\x05\x00\x01t\x00x"

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()
        await websocket.send_bytes(b"")
        await websocket.send_bytes(connack[:1])
        await websocket.send_bytes(connack[1:50])
        await websocket.send_bytes(connack[50:] + message)
        async for _ in websocket:
            pass

    inbox = Inbox()
    async with websocket_server(script) as url:
        settings = settings_for(url, client_id="kept", session_expiry=60)
        broker = Broker(http, settings, name="test")
        broker.subscribe("t", inbox)
        await broker.start(hold=True)
        try:
            assert inbox.messages == []
            broker.release()
            (found,) = await inbox.collect(1)
            assert (found.topic, found.payload) == ("t", b"x")
        finally:
            await broker.stop()


async def test_certificate_of_a_server_that_is_gone(
    http: aiohttp.ClientSession,
) -> None:
    """The second look finds nobody any more: the first answer stands."""
    async with saying(b"\x15\x03\x01\x00\x02\x02\x28\r\n\r\n") as place:
        found = await refusal(http, f"ws://{place}/")
    assert isinstance(found, errors.ConnectError)


async def test_a_ping_that_does_not_get_through(make_broker: MakeBroker) -> None:
    """A server that reads nothing is found, though not even the ping can be sent."""
    stay = asyncio.Event()

    async def script(websocket: web.WebSocketResponse) -> None:
        await stay.wait()

    async with websocket_server(accepting(script, CONNACK_5)) as url:
        broker = await make_broker(url, ping=0.3)
        payload = b"x" * 30_000_000
        sending = asyncio.create_task(broker.publish("t", payload, 0, False))
        await state_reached(broker, lambda: not broker.connected)
        assert type(broker.last_error) is errors.KeepaliveLost
        with suppress(errors.BrokerError):
            await sending
        stay.set()


async def test_a_heartbeat_ends_with_its_connection(
    http: aiohttp.ClientSession,
) -> None:
    """It has nothing to say where the WebSocket is closed already."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()

    async with websocket_server(script) as url, http.ws_connect(url) as websocket:
        pipe = Pipe(websocket, lambda _packet, _body, _now: None, next_turn)
        await websocket.close()
        async with asyncio.timeout(5):
            await keep_pinging(pipe, 0.05)
        assert not pipe.ended.done()


async def test_a_page_that_breaks_off(http: aiohttp.ClientSession) -> None:
    """A refusal counts even if the page that explains it does not arrive."""
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n"
    async with saying(head) as place:
        found = await refusal(http, f"ws://{place}/mqtt")
    assert type(found) is errors.HttpBadRequest
