"""A second TLS handshake after a failure, to say more about its cause.

It verifies nothing, and for that reason nothing is ever sent over it: it ends as soon as
the server has shown its certificate.
"""

import asyncio
import contextlib
from dataclasses import dataclass
import hashlib
import ssl
from typing import Final, override

import aiohttp
from cryptography import x509
from yarl import URL

from .errors import (
    CertificateUnknownIssuer,
    ClosedWithoutAnswer,
    ConnectError,
    HttpBadRequest,
    NotHttp,
    TlsExpected,
)
from .proxy import Proxy, find_proxy
from .settings import Settings

_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class _Certificate:
    issuer: str
    fingerprint: str
    expiry: float | None


def _describe(der: bytes) -> _Certificate:
    issuer, expiry = "?", None
    with contextlib.suppress(ValueError):
        certificate = x509.load_der_x509_certificate(der)
        issuer = certificate.issuer.rfc4514_string()
        expiry = certificate.not_valid_after_utc.timestamp()
    digest = hashlib.sha256(der).hexdigest().upper()
    pairs = ":".join(digest[start : start + 2] for start in range(0, len(digest), 2))
    return _Certificate(issuer, pairs, expiry)


class _Look(aiohttp.Fingerprint):
    """Keeps the certificate and refuses it: aiohttp then closes, and sends nothing."""

    def __init__(self) -> None:
        super().__init__(bytes(32))
        self.certificate: _Certificate | None = None

    @override
    def check(self, transport: asyncio.Transport) -> None:
        der = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        self.certificate = _describe(der or b"")
        raise aiohttp.ServerFingerprintMismatch(self.fingerprint, b"", "", 0)


async def explain_further(
    http: aiohttp.ClientSession,
    settings: Settings,
    proxy: Proxy | None,
    error: ConnectError,
) -> ConnectError:
    """Return the error, or a better one, within three seconds."""
    address = settings.address
    match error:
        case CertificateUnknownIssuer():
            certificate, _ = await _look(http, settings, proxy)
            if certificate is None:
                return error
            return CertificateUnknownIssuer(
                reason=error.details["reason"],
                issuer=certificate.issuer,
                fingerprint=certificate.fingerprint,
            )
        case ClosedWithoutAnswer() | HttpBadRequest() | NotHttp():
            if not address.secure and (await _look(http, settings, proxy))[1]:
                return TlsExpected(host=address.host, port=address.port)
    return error


async def certificate_expiry_now(
    http: aiohttp.ClientSession, settings: Settings
) -> float | None:
    """Return when the certificate ends that a server shows to a new connection.

    In seconds since 1970; None if there is no answer within three seconds. Nothing is
    verified: good for a hint, not for trust.
    """
    proxy = find_proxy(settings.proxy, settings.address)
    certificate, _ = await _look(http, settings, proxy)
    return None if certificate is None else certificate.expiry


async def _look(
    http: aiohttp.ClientSession, settings: Settings, proxy: Proxy | None
) -> tuple[_Certificate | None, bool]:
    """Return the server's certificate, and whether it speaks TLS at all."""
    address = settings.address
    url = URL.build(scheme="https", host=address.host, port=address.port, path="/")
    look = _Look()
    alerted = False
    try:
        async with asyncio.timeout(_SECONDS):
            # No answer ever comes: every certificate is refused.
            await http.get(
                url,
                ssl=look,
                proxy=proxy.url if proxy else None,
                proxy_headers=proxy.headers if proxy else None,
            )
    except aiohttp.ClientConnectorSSLError as err:
        # An alert is TLS as well: perhaps the server wants a client certificate.
        reason = getattr(err.__cause__, "reason", None) or ""
        alerted = isinstance(err.__cause__, ssl.SSLError) and "ALERT" in reason
    except aiohttp.ClientError, OSError, ValueError:
        # The refusal, or what went wrong with another of the host's addresses.
        pass
    return look.certificate, alerted or look.certificate is not None
