"""What aiohttp's exceptions mean: why there is no WebSocket."""

import errno
import ssl
from typing import Any, Final

import aiohttp

from .address import Address
from .errors import (
    CertificateExpired,
    CertificateRefused,
    CertificateUnknownIssuer,
    CertificateWrongHost,
    ClientCertificateRefused,
    ClosedWithoutAnswer,
    ConnackTimedOut,
    ConnectError,
    ConnectionRefused,
    ConnectTimedOut,
    HttpBadRequest,
    HttpForbidden,
    HttpNotFound,
    HttpServerError,
    HttpTooManyRequests,
    HttpUnauthorized,
    HttpUpgradeRequired,
    InvalidHandshake,
    InvalidUrl,
    NameNotResolved,
    NameTimedOut,
    NotHttp,
    ProxyRefused,
    ProxyUnauthorized,
    ProxyUnreachable,
    TimedOut,
    TlsFailed,
    TlsNotSpoken,
    TlsTimedOut,
    Unreachable,
    UpgradeRefused,
    UpgradeTimedOut,
)
from .proxy import Proxy

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


_PHASES: Final[dict[str, type[TimedOut]]] = {
    "name": NameTimedOut,
    "connect": ConnectTimedOut,
    "tls": TlsTimedOut,
    "upgrade": UpgradeTimedOut,
    "connack": ConnackTimedOut,
}


def timed_out(
    address: Address, proxy: Proxy | None, phase: str, seconds: float
) -> TimedOut:
    """Return the error for an attempt that had come this far after so many seconds."""
    host, port = address.host, address.port
    if proxy is not None and phase in ("name", "connect"):
        host, port = proxy.host, proxy.port
    return _PHASES[phase](host=host, port=port, seconds=f"{seconds:g}")


def explain(
    err: Exception, address: Address, proxy: Proxy | None, phase: str, seconds: float
) -> ConnectError:
    """Return our error for one of aiohttp's. The order matters: its classes overlap.

    ``phase`` is how far the attempt had come, ``seconds`` its deadline.
    """
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
            if proxy is not None and err.host == proxy.host:
                return ProxyUnreachable(host=err.host)
            return NameNotResolved(host=err.host)
    if (tls := _tls_error(err)) is not None:
        return _explain_tls(tls, where, address.host)
    match err:
        case aiohttp.WSServerHandshakeError():
            return _explain_status(err, address.path)
        case aiohttp.ServerTimeoutError():
            return timed_out(address, proxy, phase, seconds)
        case aiohttp.ClientConnectorError() | aiohttp.ClientOSError() | OSError():
            return _explain_os_error(err, where, phase)
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
        return CertificateUnknownIssuer(reason=reason, issuer="?", fingerprint="?")
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
    err: Exception, where: dict[str, Any], phase: str
) -> ConnectError:
    number = getattr(getattr(err, "os_error", err), "errno", None)
    match number:
        case errno.ECONNREFUSED:
            return ConnectionRefused(**where)
        case errno.ETIMEDOUT:
            return Unreachable(host=where["host"], reason="ETIMEDOUT")
        case errno.ECONNRESET | errno.EPIPE:
            return ClosedWithoutAnswer(**where)
        case _ if phase == "upgrade":
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
        case 400:
            return HttpBadRequest(**details)
        case 401:
            return HttpUnauthorized(**details)
        case 403:
            return HttpForbidden(**details)
        case 404 | 405 | 410:
            return HttpNotFound(**details)
        case 407:
            return ProxyUnauthorized()
        case 426:
            return HttpUpgradeRequired(**details)
        case 429:
            return HttpTooManyRequests(**details)
        case _ if status >= 500:
            return HttpServerError(**details)
        case _:
            return UpgradeRefused(**details)
