"""Open the WebSocket that carries MQTT (RFC 6455, MQTT 5 section 6), or say why not."""

import asyncio
from collections.abc import AsyncIterator, Callable
import contextlib
import contextvars
from ipaddress import ip_address
import re
import ssl
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
from aiohttp import hdrs
from yarl import URL

from .errors import (
    ClientCertificateRefused,
    ConnectError,
    HttpRedirect,
    WrongSubprotocol,
)
from .failure import explain
from .proxy import Proxy, find_proxy
from .second_look import explain_further
from .settings import Settings
from .tunnel import TunnelConnector

type WebSocket = aiohttp.ClientWebSocketResponse[bool]

_SUBPROTOCOL: Final = "mqtt"
_CLOSE_SECONDS: Final = 2.0
_MAX_PAGE: Final = 4096
# Credentials, a query, a fragment: what may be secret in an address.
_SECRETS: Final = re.compile(r"(?<=//)[^/?#]*@|[?#].*", re.DOTALL)


class Progress:
    """How far an attempt has come: what a timeout is told with.

    ``phase`` is one of name, connect, tls, upgrade and connack, ``proxy`` what leads to
    the server. ``error`` is why it failed, while more is being found out about that.
    """

    __slots__ = ("error", "phase", "proxy")

    def __init__(self) -> None:
        """Start at the host's name."""
        self.phase = "name"
        self.proxy: Proxy | None = None
        self.error: ConnectError | None = None


_progress: contextvars.ContextVar[Progress] = contextvars.ContextVar("progress")


def _phase(phase: str) -> Callable[..., Any]:
    async def note(
        _session: aiohttp.ClientSession, _context: SimpleNamespace, _params: object
    ) -> None:
        if (progress := _progress.get(None)) is not None:
            progress.phase = phase

    return note


async def _refuse(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Stop at a redirect: following it would carry headers and password elsewhere.

    And read the one page that tells more than its status.
    """
    response = await handler(request)
    if 300 <= response.status < 400:
        location = response.headers.get(hdrs.LOCATION, "")
        response.close()
        raise HttpRedirect(
            status=response.status,
            path=request.url.path,
            location=_SECRETS.sub("", location),
        )
    if response.status == 400 and await _wants_client_certificate(response):
        response.close()
        raise ClientCertificateRefused(reason="HTTP 400")
    return response


async def _wants_client_certificate(response: aiohttp.ClientResponse) -> bool:
    """Return whether nginx means a client certificate by its 400.

    It takes any in the handshake, or none, and says only afterwards what it thinks of it.
    """
    try:
        page = await response.content.read(_MAX_PAGE)
    except aiohttp.ClientError:
        return False
    return b"SSL certificate" in page


def session_arguments() -> dict[str, Any]:
    """Return the arguments that an aiohttp.ClientSession needs to serve this module."""
    trace = aiohttp.TraceConfig()
    trace.on_dns_resolvehost_end.append(_phase("connect"))
    trace.on_dns_cache_hit.append(_phase("connect"))
    trace.on_connection_create_end.append(_phase("upgrade"))
    return {
        # A server has no name at times: its cookies are as good.
        "cookie_jar": aiohttp.CookieJar(unsafe=True),
        "middlewares": (_refuse,),
        "trace_configs": [trace],
        # The deadline is the session's (session.py): one for all phases together.
        "timeout": aiohttp.ClientTimeout(total=None, sock_connect=None),
    }


async def open_websocket(
    http: aiohttp.ClientSession, settings: Settings, progress: Progress
) -> WebSocket:
    """Return an open WebSocket with the sub-protocol mqtt.

    ``http`` was made with ``session_arguments``. Pings are left to the caller. Raises
    ConnectError; a deadline is the caller's.
    """
    address = settings.address
    proxy = progress.proxy = find_proxy(settings.proxy, address)
    if _is_ip(address.host if proxy is None else proxy.host):
        progress.phase = "connect"
    token = _progress.set(progress)
    try:
        async with (
            _session_for(http, settings, proxy) as session,
            _watching_tls(settings, proxy, progress),
        ):
            websocket = await session.ws_connect(
                URL(address.url, encoded=True),
                protocols=(_SUBPROTOCOL,),
                headers=settings.headers,
                ssl=settings.ssl or True,
                proxy=proxy.url if proxy and address.secure else None,
                proxy_headers=proxy.headers if proxy and address.secure else None,
                autoping=False,
                compress=0,
                # aiohttp takes what is smaller than this.
                max_msg_size=settings.max_frame + 1,
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS),
            )
    except (aiohttp.ClientError, OSError, ValueError, ConnectError) as err:
        progress.error = (
            err
            if isinstance(err, ConnectError)
            else explain(err, address, proxy, progress.phase, settings.timeout)
        )
        # Not from err: aiohttp's exceptions hold headers, the query and the proxy's
        # password, and whoever logs a traceback would show them.
        raise await explain_further(http, settings, proxy, progress.error) from None
    finally:
        _progress.reset(token)
    if websocket.protocol != _SUBPROTOCOL:
        # aiohttp names the sub-protocol only where it is one that was asked for.
        headers = websocket._response.headers  # noqa: SLF001 - it gives them to nobody
        offered = headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL)
        # Some servers name none; whether they speak MQTT, their first packet tells.
        if offered:
            await close_websocket(websocket)
            raise WrongSubprotocol(offered=offered)
    return websocket


def certificate_expiry(websocket: WebSocket) -> float | None:
    """Return when the server's certificate ends, in seconds since 1970.

    None without TLS, and where certificates are not verified: then OpenSSL reads none.
    """
    certificate = websocket.get_extra_info("peercert")
    if not certificate or "notAfter" not in certificate:
        return None
    return ssl.cert_time_to_seconds(certificate["notAfter"])


async def close_websocket(websocket: WebSocket) -> None:
    """Close with a close frame; at most two seconds."""
    with contextlib.suppress(aiohttp.ClientError, OSError):
        await websocket.close()


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@contextlib.asynccontextmanager
async def _session_for(
    http: aiohttp.ClientSession, settings: Settings, proxy: Proxy | None
) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a session that gets through the proxy: for ws, one with a tunnel."""
    if proxy is None or settings.address.secure:
        yield http
        return
    session = aiohttp.ClientSession(
        connector=TunnelConnector(proxy, settings.ssl),
        **{**session_arguments(), "cookie_jar": http.cookie_jar},
    )
    try:
        yield session
    except BaseException:
        await session.close()
        raise
    # The connection goes on without it, and ends with the WebSocket.
    session.detach()


@contextlib.asynccontextmanager
async def _watching_tls(
    settings: Settings, proxy: Proxy | None, progress: Progress
) -> AsyncIterator[None]:
    """Find out whether it is TCP or TLS that takes so long: aiohttp does not tell."""
    if not settings.address.secure or proxy is not None:
        yield
        return
    task = asyncio.get_running_loop().create_task(_watch_tls(settings, progress))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _watch_tls(settings: Settings, progress: Progress) -> None:
    """After half of the deadline, see whether TCP gets through."""
    await asyncio.sleep(settings.timeout / 2)
    if progress.phase != "connect":
        return
    try:
        _, writer = await asyncio.open_connection(
            settings.address.host, settings.address.port
        )
    except OSError:
        return
    writer.close()
    if progress.phase == "connect":
        progress.phase = "tls"
