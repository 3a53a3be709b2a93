"""A connection to a server through an HTTP proxy's CONNECT (RFC 9110 section 9.3.6).

aiohttp does this for wss URLs. It sends those with ws in absolute form, as for a web
page, and no proxy upgrades that to a WebSocket.
"""

import asyncio
import ssl
from typing import TYPE_CHECKING, Final, override

import aiohttp

from .errors import ProxyRefused, ProxyUnauthorized, ProxyUnreachable
from .proxy import Proxy

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.tracing import Trace

_MAX_ANSWER: Final = 16 * 1024


class _Answer(asyncio.Protocol):
    """Collects the head of the proxy's answer."""

    def __init__(self) -> None:
        self.head: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._data = b""

    @override
    def data_received(self, data: bytes) -> None:
        self._data += data
        if b"\r\n\r\n" in self._data:
            self._end(self._data)
        elif len(self._data) > _MAX_ANSWER:
            self._end(b"")

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._end(b"")

    def _end(self, head: bytes) -> None:
        if not self.head.done():
            self.head.set_result(head)


def _check(head: bytes) -> None:
    """Raise what the proxy's answer means, unless it is 2xx."""
    words = head.split(b"\r\n", 1)[0].split(maxsplit=2)
    proper = len(words) >= 2 and words[0].startswith(b"HTTP/") and words[1].isdigit()
    status = int(words[1]) if proper else 0
    if status in (401, 407):
        raise ProxyUnauthorized
    if not 200 <= status < 300:
        raise ProxyRefused(status=status or "")


async def _open_tunnel(
    proxy: Proxy, host: str, port: int, context: ssl.SSLContext | None
) -> asyncio.Transport:
    """Return a transport to ``host`` on which nothing has been said yet."""
    loop = asyncio.get_running_loop()
    if context is None and proxy.url.scheme == "https":
        context = await loop.run_in_executor(None, ssl.create_default_context)
    try:
        transport, answer = await loop.create_connection(
            _Answer,
            proxy.host,
            proxy.port,
            ssl=context if proxy.url.scheme == "https" else None,
        )
    except OSError:
        raise ProxyUnreachable(host=proxy.host) from None
    try:
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        lines += [f"{name}: {value}" for name, value in proxy.headers.items()]
        transport.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        _check(await answer.head)
    except BaseException:
        transport.abort()
        raise
    return transport


class TunnelConnector(aiohttp.BaseConnector):
    """Connects to one server through a proxy.

    Overrides the same method as aiohttp's own connectors; it has no public name.
    """

    def __init__(self, proxy: Proxy, context: ssl.SSLContext | None) -> None:
        """``context`` is for an ``https`` proxy."""
        super().__init__(force_close=True)
        self._proxy = proxy
        self._context = context

    @override
    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> ResponseHandler:
        transport = await _open_tunnel(
            self._proxy, req.url.raw_host or "", req.url.port or 80, self._context
        )
        protocol = self._factory()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        return protocol
