"""What the exceptions of others, and the bytes of a server, are taken to mean."""

import errno
import ssl
from typing import Any
from unittest.mock import Mock

import aiohttp
from aiohttp.client_reqrep import ConnectionKey
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.address import parse_url
from custom_components.mqtt_websocket.broker.failure import explain
from custom_components.mqtt_websocket.broker.limits import ServerLimits
from custom_components.mqtt_websocket.broker.properties import packet_properties
from custom_components.mqtt_websocket.broker.proxy import find_proxy
from custom_components.mqtt_websocket.broker.reasons import explain_end, explain_lost

ADDRESS = parse_url("wss://broker.example:8084/mqtt")[0]
KEY = ConnectionKey("broker.example", 8084, True, True, None, None, None)
PROXY_KEY = ConnectionKey("proxy.example", 3128, False, True, None, None, None)


def certificate_error(code: int | None, message: str) -> ssl.SSLCertVerificationError:
    """Return OpenSSL's error for a certificate."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    if code is not None:
        error.verify_code = code
        error.verify_message = message
    return error


def tls_error(reason: str | None) -> ssl.SSLError:
    """Return OpenSSL's error for a handshake."""
    error = ssl.SSLError(1, "handshake failed")
    error.reason = reason  # type: ignore[assignment] # which can be None
    return error


def os_error(number: int) -> aiohttp.ClientConnectorError:
    """Return aiohttp's error for one of the operating system's."""
    return aiohttp.ClientConnectorError(KEY, OSError(number, "no"))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (aiohttp.InvalidUrlClientError("ws://x"), errors.InvalidUrl),
        (aiohttp.ServerTimeoutError(), errors.TimedOut),
        (aiohttp.ServerDisconnectedError(), errors.ClosedWithoutAnswer),
        (aiohttp.ClientResponseError(Mock(), ()), errors.NotHttp),
        (aiohttp.ClientError("strange"), errors.ConnectError),
        (os_error(errno.ECONNREFUSED), errors.ConnectionRefused),
        (os_error(errno.ETIMEDOUT), errors.Unreachable),
        (os_error(errno.EHOSTUNREACH), errors.Unreachable),
        (os_error(errno.EPIPE), errors.ClosedWithoutAnswer),
        (
            aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "unknown")),
            errors.NameNotResolved,
        ),
        (
            aiohttp.ClientConnectorDNSError(PROXY_KEY, OSError(-2, "unknown")),
            errors.ProxyUnreachable,
        ),
        (
            aiohttp.ClientProxyConnectionError(PROXY_KEY, OSError(111, "refused")),
            errors.ProxyUnreachable,
        ),
        (certificate_error(10, "expired"), errors.CertificateExpired),
        (certificate_error(62, "mismatch"), errors.CertificateWrongHost),
        (certificate_error(None, ""), errors.CertificateWrongHost),
        (certificate_error(18, "self-signed"), errors.CertificateUnknownIssuer),
        (certificate_error(23, "revoked"), errors.CertificateRefused),
        (
            tls_error("TLSV13_ALERT_CERTIFICATE_REQUIRED"),
            errors.ClientCertificateRefused,
        ),
        (tls_error("WRONG_VERSION_NUMBER"), errors.TlsNotSpoken),
        (tls_error("UNSUPPORTED_PROTOCOL"), errors.TlsFailed),
        (tls_error(None), errors.TlsFailed),
    ],
)
def test_errors_of_aiohttp(
    error: Exception, expected: type[errors.ConnectError]
) -> None:
    """Each has a cause that a person can act on."""
    proxy = find_proxy("http://user:secret@proxy.example:3128", ADDRESS)
    found = explain(error, ADDRESS, proxy, "connect", 10)
    assert isinstance(found, expected)
    assert "secret" not in str(found.details)


def test_reset_while_upgrading() -> None:
    """Whoever took the connection and drops the request speaks no HTTP."""
    error = aiohttp.ClientOSError(errno.EBADF, "no")
    found = explain(error, ADDRESS, None, "upgrade", 10)
    assert type(found) is errors.ClosedWithoutAnswer


def test_certificate_error_of_aiohttp() -> None:
    """It carries OpenSSL's."""
    error = aiohttp.ClientConnectorCertificateError(
        KEY, certificate_error(10, "certificate has expired")
    )
    found = explain(error, ADDRESS, None, "connect", 10)
    assert type(found) is errors.CertificateExpired
    assert found.details == {"reason": "certificate has expired"}


@pytest.mark.parametrize("word", ["proxy.example:3128", "http://proxy.example:3128"])
def test_proxy_without_scheme(word: str) -> None:
    """A proxy is an HTTP proxy unless it says otherwise."""
    proxy = find_proxy(word, ADDRESS)
    assert proxy is not None
    assert str(proxy.url) == "http://proxy.example:3128"
    assert proxy.host == "proxy.example"


def test_proxy_that_is_no_url() -> None:
    """What is wrong with it is not shown: there may be a password in it."""
    with pytest.raises(errors.ProxyUnsupported) as caught:
        find_proxy("http://user:secret@[proxy", ADDRESS)
    assert "secret" not in str(caught.value.details)


@pytest.mark.parametrize(
    ("head", "cause", "answered", "expected"),
    [
        (b"\x20\x02\x00\x01", None, False, errors.ProtocolUnsupported),
        (b"\x20\x02\x00\x02", None, False, errors.ClientIdRejected),
        (b"\x20\x02\x00\x05", None, True, errors.ClosedBeforeConnack),
        (b"HTTP", errors.NotMqtt(received="HTTP"), False, errors.NotMqtt),
        (
            b"",
            errors.ServerClosed(close="1008 no"),
            False,
            errors.ClosedBeforeConnack,
        ),
        (b"\x90\x03\x00\x00\x00", None, False, errors.NotMqtt),
        (b"", None, False, errors.ClosedBeforeConnack),
    ],
)
def test_end_before_the_connection(
    head: bytes,
    cause: errors.BrokerError | None,
    answered: bool,
    expected: type[errors.ConnectError],
) -> None:
    """The first bytes, or the WebSocket's close, tell why there was no CONNACK."""
    found = explain_end(head, cause, answered=answered)
    assert type(found) is expected


def test_reason_of_the_close_is_told() -> None:
    """A server that closes the WebSocket instead of refusing may say why."""
    cause = errors.ServerClosed(close="1008 too many connections")
    found = explain_end(b"", cause, answered=False)
    assert found.details == {"close": "1008 too many connections"}


@pytest.mark.parametrize(
    ("tail", "reason", "expected"),
    [
        (b"\x00\xe0\x01\x8e", None, errors.TakenOver),
        (b"\xe0\x02\x8e\x00", None, errors.TakenOver),
        (b"\xe0\x01\x8b", 0x80, errors.ServerDisconnected),
        (b"", 0x8B, errors.ServerDisconnected),
        (b"\xe0\x01\x7f", None, errors.ServerDisconnected),
        (b"\xe0\x00", None, errors.ConnectionLost),
        (b"\x30\x05\x00\x01", None, errors.ConnectionLost),
    ],
)
def test_reason_of_the_end(
    tail: bytes, reason: int | None, expected: type[errors.BrokerError]
) -> None:
    """A DISCONNECT counts also where paho drops its reason."""
    disconnect = (
        None
        if reason is None
        else (ReasonCode(PacketTypes.DISCONNECT, identifier=reason), None)
    )
    cause = errors.ConnectionLost(reason="closed")
    assert type(explain_lost(cause, disconnect, tail, 60)) is expected


def test_limits_without_properties() -> None:
    """MQTT 3.1.1 has none of MQTT 5's limits, and no identifiers."""
    limits = ServerLimits.of(None)
    assert limits.receive_maximum == 65535
    assert limits.maximum_packet_size is None
    assert not limits.identifiers_available


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("ReceiveMaximum", 10, "receive_maximum", 10),
        ("MaximumPacketSize", 1000, "maximum_packet_size", 1000),
        ("MaximumQoS", 1, "maximum_qos", 1),
        ("RetainAvailable", 0, "retain_available", False),
        ("SubscriptionIdentifierAvailable", 0, "identifiers_available", False),
        ("ServerKeepAlive", 30, "keepalive", 30),
    ],
)
def test_limits_of_a_server(name: str, value: int, field: str, expected: Any) -> None:
    """What CONNACK says counts; what it does not say is the standard's default."""
    unsaid = packet_properties(PacketTypes.CONNACK)
    assert getattr(ServerLimits.of(unsaid), field) != expected
    said = packet_properties(PacketTypes.CONNACK, **{name: value})
    assert getattr(ServerLimits.of(said), field) == expected
