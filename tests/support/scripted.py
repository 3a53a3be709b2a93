"""A WebSocket server that does what a test says: what no real broker does."""

from collections.abc import AsyncIterator, Awaitable, Callable
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
    answer: Answer, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Answer every request with this; give the ws or wss URL."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(app)
    await server.start_server(ssl=tls, shutdown_timeout=0.1)
    try:
        yield f"ws{'s' if tls else ''}://127.0.0.1:{server.port}/"
    finally:
        await server.close()


@asynccontextmanager
async def websocket_server(
    script: Script,
    *,
    protocols: tuple[str, ...] = ("mqtt",),
    seen: Callable[[web.Request], object] | None = None,
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

    async with http_server(answer) as url:
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
