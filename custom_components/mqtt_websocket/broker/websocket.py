"""Open the WebSocket that carries MQTT (RFC 6455, MQTT 5 section 6), or say why not."""

from collections.abc import Callable
import contextlib
import contextvars
import errno
import ssl
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import hdrs
from yarl import URL

from .errors import (
    CertificateExpired,
    CertificateRefused,
    CertificateUnknownIssuer,
    CertificateWrongHost,
    ClientCertificateRefused,
    ClosedWithoutAnswer,
    ConnectError,
    ConnectionRefused,
    HttpForbidden,
    HttpNotFound,
    HttpRedirect,
    HttpServerError,
    HttpTooManyRequests,
    HttpUnauthorized,
    InvalidHandshake,
    InvalidUrl,
    NameNotResolved,
    NotHttp,
    ProxyNeedsTls,
    ProxyRefused,
    ProxyUnauthorized,
    ProxyUnreachable,
    TimedOut,
    TlsFailed,
    TlsNotSpoken,
    Unreachable,
    UpgradeRefused,
    WrongSubprotocol,
)
from .settings import Settings

type WebSocket = aiohttp.ClientWebSocketResponse[bool]

_SUBPROTOCOL: Final = "mqtt"
_CLOSE_SECONDS: Final = 2.0

# OpenSSL's X509_V_ERR_* numbers.
_EXPIRED: Final = frozenset({10})
_WRONG_HOST: Final = frozenset({62, 64})
_UNKNOWN_ISSUER: Final = frozenset({2, 18, 19, 20, 21})

_CLIENT_CERTIFICATE_ALERTS: Final = (
    "CERTIFICATE_REQUIRED",
    "HANDSHAKE_FAILURE",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_CERTIFICATE",
    "ALERT_UNKNOWN_CA",
    "ALERT_UNSUPPORTED_CERTIFICATE",
)
_NO_TLS_REASONS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"}
)


class Progress:
    """How far an attempt has come: what a timeout is told with."""

    __slots__ = ("phase",)

    def __init__(self) -> None:
        """Start at the host's name."""
        self.phase = "name"


_progress: contextvars.ContextVar[Progress] = contextvars.ContextVar("progress")


def _phase(phase: str) -> Callable[..., Any]:
    async def note(
        _session: aiohttp.ClientSession, _context: SimpleNamespace, _params: object
    ) -> None:
        if (progress := _progress.get(None)) is not None:
            progress.phase = phase

    return note


async def _refuse_redirect(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Stop at a redirect: following it would carry headers and password elsewhere."""
    response = await handler(request)
    if 300 <= response.status < 400:
        location = response.headers.get(hdrs.LOCATION, "")
        response.close()
        raise HttpRedirect(
            status=response.status,
            path=request.url.path,
            location=location.partition("?")[0],
        )
    return response


def session_arguments() -> dict[str, Any]:
    """Return the arguments that an aiohttp.ClientSession needs to serve this module."""
    trace = aiohttp.TraceConfig()
    trace.on_dns_resolvehost_end.append(_phase("connect"))
    trace.on_dns_cache_hit.append(_phase("connect"))
    trace.on_connection_create_end.append(_phase("upgrade"))
    return {
        "middlewares": (_refuse_redirect,),
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
    proxy, proxy_headers = _proxy(settings)
    url = URL(address.url, encoded=True)
    token = _progress.set(progress)
    try:
        websocket = await http.ws_connect(
            url,
            protocols=(_SUBPROTOCOL,),
            headers=settings.headers,
            ssl=settings.ssl or True,
            proxy=proxy,
            proxy_headers=proxy_headers,
            autoping=False,
            compress=0,
            max_msg_size=settings.max_frame,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS),
        )
    except ConnectError:
        raise
    except (aiohttp.ClientError, OSError, ValueError) as err:
        raise _explain(err, settings, progress) from err
    finally:
        _progress.reset(token)
    if websocket.protocol != _SUBPROTOCOL:
        offered = websocket._response.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL)  # noqa: SLF001
        # Some servers name none; whether they speak MQTT, their first packet tells.
        if offered:
            await close_websocket(websocket)
            raise WrongSubprotocol(offered=offered)
    return websocket


async def close_websocket(websocket: WebSocket) -> None:
    """Close with a close frame; at most two seconds."""
    with contextlib.suppress(aiohttp.ClientError, OSError):
        await websocket.close()


def _proxy(settings: Settings) -> tuple[str | None, dict[str, str] | None]:
    """Return the proxy's URL without credentials, and these as headers."""
    if settings.proxy is None:
        return None, None
    if not settings.address.secure:
        # aiohttp sends ws:// in absolute form, which proxies don't upgrade.
        raise ProxyNeedsTls
    proxy = URL(settings.proxy)
    headers: dict[str, str] | None = None
    if proxy.user is not None:
        headers = {
            str(hdrs.PROXY_AUTHORIZATION): aiohttp.encode_basic_auth(
                proxy.user, proxy.password or ""
            )
        }
    return str(proxy.with_user(None)), headers


def _explain(err: Exception, settings: Settings, progress: Progress) -> ConnectError:
    """Return our error for one of aiohttp's. The order matters: its classes overlap."""
    address = settings.address
    where = {"host": address.host, "port": address.port}
    match err:
        case aiohttp.InvalidURL():
            return InvalidUrl()
        case aiohttp.ClientConnectorCertificateError():
            return _explain_certificate(err.certificate_error, address.host)
        # Never str() of this one: it holds the proxy's URL with the password.
        case aiohttp.ClientHttpProxyError(status=401 | 407):
            return ProxyUnauthorized()
        case aiohttp.ClientHttpProxyError():
            return ProxyRefused(status=err.status)
        case aiohttp.ClientProxyConnectionError():
            return ProxyUnreachable(host=err.host)
        case aiohttp.ClientConnectorDNSError():
            if settings.proxy and err.host == urlsplit(settings.proxy).hostname:
                return ProxyUnreachable(host=err.host)
            return NameNotResolved(host=err.host)
    if (tls := _tls_error(err)) is not None:
        return _explain_tls(tls, where, address.host)
    match err:
        case aiohttp.WSServerHandshakeError():
            return _explain_status(err, address.path)
        case aiohttp.ServerTimeoutError():
            return TimedOut(phase=progress.phase, seconds=settings.timeout)
        case aiohttp.ClientConnectorError() | aiohttp.ClientOSError() | OSError():
            return _explain_os_error(err, where, progress)
        case aiohttp.ClientResponseError():
            return NotHttp(**where)
        case aiohttp.ServerDisconnectedError():
            return ClosedWithoutAnswer(**where)
        case _:
            return ConnectError(reason=type(err).__name__)


def _tls_error(err: BaseException | None) -> ssl.SSLError | None:
    """Return OpenSSL's error among the causes.

    aiohttp's own TLS errors are ``ssl.SSLError`` too, but lack its ``reason``.
    """
    seen: set[int] = set()
    while err is not None and id(err) not in seen:
        seen.add(id(err))
        for candidate in (err, getattr(err, "os_error", None)):
            if isinstance(candidate, ssl.SSLError) and not isinstance(
                candidate, aiohttp.ClientError
            ):
                return candidate
        err = err.__cause__ or err.__context__
    return None


def _explain_certificate(err: BaseException, host: str) -> ConnectError:
    code = getattr(err, "verify_code", 0)
    reason = getattr(err, "verify_message", "") or type(err).__name__
    if code in _EXPIRED:
        return CertificateExpired(reason=reason)
    if code in _WRONG_HOST or (isinstance(err, ssl.CertificateError) and not code):
        return CertificateWrongHost(host=host, reason=reason)
    if code in _UNKNOWN_ISSUER:
        return CertificateUnknownIssuer(reason=reason)
    return CertificateRefused(reason=reason)


def _explain_tls(err: ssl.SSLError, where: dict[str, Any], host: str) -> ConnectError:
    reason = err.reason or ""
    if isinstance(err, ssl.SSLCertVerificationError):
        return _explain_certificate(err, host)
    if any(alert in reason for alert in _CLIENT_CERTIFICATE_ALERTS):
        return ClientCertificateRefused(reason=reason)
    if reason in _NO_TLS_REASONS:
        return TlsNotSpoken(**where)
    return TlsFailed(reason=reason or type(err).__name__)


def _explain_os_error(
    err: Exception, where: dict[str, Any], progress: Progress
) -> ConnectError:
    number = getattr(getattr(err, "os_error", err), "errno", None)
    match number:
        case errno.ECONNREFUSED:
            return ConnectionRefused(**where)
        case errno.ETIMEDOUT:
            return Unreachable(host=where["host"], reason="ETIMEDOUT")
        case errno.ECONNRESET | errno.EPIPE:
            return ClosedWithoutAnswer(**where)
        case _ if progress.phase == "upgrade":
            return ClosedWithoutAnswer(**where)
        case _:
            name = errno.errorcode.get(number or 0, type(err).__name__)
            return Unreachable(host=where["host"], reason=name)


def _explain_status(err: aiohttp.WSServerHandshakeError, path: str) -> ConnectError:
    status = err.status
    details = {"status": status, "path": path}
    match status:
        case 101:
            return InvalidHandshake(reason=err.message)
        case 401:
            return HttpUnauthorized(**details)
        case 403:
            return HttpForbidden(**details)
        case 404 | 405 | 410:
            return HttpNotFound(**details)
        case 429:
            return HttpTooManyRequests(**details)
        case _ if status >= 500:
            return HttpServerError(**details)
        case _:
            return UpgradeRefused(**details)
