"""A WebSocket server that does what a test says: what no real broker does."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
import ssl

from aiohttp import web
from aiohttp.test_utils import TestServer

type Script = Callable[[web.WebSocketResponse], Awaitable[None]]
type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONNACK_5 = b"\x20\x03\x00\x00\x00"
CONNACK_311 = b"\x20\x02\x00\x00"


@asynccontextmanager
async def http_server(
    answer: Answer, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[str]:
    """Answer every request with this; give the ws or wss URL."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(app, host=host)
    await server.start_server(ssl=tls, shutdown_timeout=0.1)
    shown = f"[{host}]" if ":" in host else host
    try:
        yield f"ws{'s' if tls else ''}://{shown}:{server.port}/"
    finally:
        await server.close()


@asynccontextmanager
async def websocket_server(
    script: Script,
    *,
    protocols: tuple[str, ...] = ("mqtt",),
    seen: Callable[[web.Request], object] | None = None,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
) -> AsyncIterator[str]:
    """Run the script for every WebSocket, then close it; give the URL.

    ``seen`` is called with each request.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        if seen is not None:
            seen(request)
        websocket = web.WebSocketResponse(protocols=protocols, autoping=False)
        await websocket.prepare(request)
        await script(websocket)
        await websocket.close()
        return websocket

    async with http_server(answer, tls, host) as url:
        yield url


def accepting(script: Script, connack: bytes = CONNACK_5) -> Script:
    """Answer CONNECT, then go on with the script."""

    async def run(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()
        await websocket.send_bytes(connack)
        await script(websocket)

    return run


async def until_closed(websocket: web.WebSocketResponse) -> None:
    """Say nothing for as long as the client stays."""
    async for _ in websocket:
        pass


def packets(data: bytes) -> Iterator[bytes]:
    """Split what a client has sent into MQTT packets (all shorter than 128 bytes)."""
    while data:
        end = 2 + data[1]
        yield data[:end]
        data = data[end:]


async def permitting(
    websocket: web.WebSocketResponse,
    permitted: Callable[[str], bool],
    seen: Callable[[bytes], object] | None = None,
) -> None:
    """Answer SUBSCRIBE and UNSUBSCRIBE of MQTT 5, and refuse what is not permitted.

    ``seen`` is called with each packet.
    """
    async for frame in websocket:
        for packet in packets(frame.data):
            if seen is not None:
                seen(packet)
            kind, body = packet[0] >> 4, packet[4:]
            if kind not in (8, 10):
                continue
            body = body[1 + body[0] :]  # the properties
            codes = b""
            while body:
                length = int.from_bytes(body[:2])
                topic_filter = body[2 : 2 + length].decode()
                body = body[2 + length + (kind == 8) :]
                codes += b"\x00" if permitted(topic_filter) else b"\x87"
            answer = packet[2:4] + b"\x00" + codes
            await websocket.send_bytes(bytes([(kind + 1) << 4, len(answer)]) + answer)
