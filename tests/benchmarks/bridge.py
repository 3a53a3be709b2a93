"""A WebSocket listener before Mosquitto's plain one, in a process of its own.

Mosquitto 2.0's own stops sending when a client's socket is full, until something else
happens on the connection, and puts one packet into each frame. This one delivers all,
and as many packets a frame as it is told.
"""

import asyncio
import contextlib
import sys
from typing import Final

from aiohttp import WSMsgType, web

from custom_components.mqtt_websocket.broker.packets import PacketSplitter

from ..support.server import HOST

_IDLE: Final = 0.02


async def _down(
    reader: asyncio.StreamReader, websocket: web.WebSocketResponse, packets: int
) -> None:
    """Carry packets to the WebSocket, so many a frame, fewer when no more come."""
    splitter = PacketSplitter()
    waiting: list[bytes] = []
    while True:
        try:
            async with asyncio.timeout(_IDLE if waiting else None):
                data = await reader.read(256 * 1024)
        except TimeoutError:
            await websocket.send_bytes(b"".join(waiting))
            waiting.clear()
            continue
        if not data:
            await websocket.close()
            return
        waiting += [packet for packet, _ in splitter.split(data)]
        while len(waiting) >= packets:
            await websocket.send_bytes(b"".join(waiting[:packets]))
            del waiting[:packets]


async def _run(mqtt_port: int, packets: int) -> None:
    async def bridge(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(protocols=("mqtt",), max_msg_size=0)
        await websocket.prepare(request)
        try:
            reader, writer = await asyncio.open_connection(HOST, mqtt_port)
        except OSError:
            await websocket.close()
            return websocket
        down = asyncio.create_task(_down(reader, websocket, packets))
        async for frame in websocket:
            if frame.type is WSMsgType.BINARY:
                writer.write(frame.data)
                await writer.drain()
        down.cancel()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return websocket

    app = web.Application()
    app.router.add_get("/", bridge)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1]), int(sys.argv[2])))
