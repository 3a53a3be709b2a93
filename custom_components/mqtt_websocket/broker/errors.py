"""One exception class for each cause that a person can act on.

``key`` names the cause for texts and logs; ``details`` fill the text's placeholders.
Neither ever holds a secret: no password, header, query or proxy credential.
"""

from typing import ClassVar, override


def _text(value: object) -> str:
    """Return a value as text that can be written anywhere.

    aiohttp reads what a server sends beyond UTF-8 as surrogates, which no JSON for a
    browser can have.
    """
    return str(value).encode(errors="backslashreplace").decode()


class BrokerError(Exception):
    """Something could not be done with a broker."""

    key: ClassVar[str] = "broker_error"

    def __init__(self, **details: object) -> None:
        """Keep the details that the text of this error names."""
        self.details = {name: _text(value) for name, value in details.items()}
        super().__init__(self.key, self.details)

    @override
    def __str__(self) -> str:
        """Return the cause and its details, for a log."""
        if not self.details:
            return self.key
        return f"{self.key} ({', '.join(f'{k}={v}' for k, v in self.details.items())})"


# --- before there is a connection ------------------------------------------------


class ConnectError(BrokerError):
    """There is no connection, and this is why."""

    key = "cannot_connect"


class InvalidUrl(ConnectError):
    """The URL can't be one of an MQTT broker: its host makes no sense."""

    key = "invalid_url"


class UrlHasSpace(InvalidUrl):
    """There is a space or a control character in the URL."""

    key = "url_has_space"


class UrlHasFragment(InvalidUrl):
    """There is a fragment (#) in the URL, which no server would see."""

    key = "url_has_fragment"


class UrlWithoutHost(InvalidUrl):
    """The URL names no host."""

    key = "url_without_host"


class UnsupportedScheme(InvalidUrl):
    """The URL is neither ws nor wss. Details: ``scheme``."""

    key = "unsupported_scheme"


class InvalidPort(InvalidUrl):
    """The port is no number from 1 to 65535. Details: ``port``."""

    key = "invalid_port"


class TemplateFailed(ConnectError):
    """A template in a setting can't be rendered. Details: ``setting``, ``error``."""

    key = "template_failed"


class NameNotResolved(ConnectError):
    """No address for the host's name. Details: ``host``."""

    key = "name_not_resolved"


class Unreachable(ConnectError):
    """No way to the host. Details: ``host``, ``reason``."""

    key = "unreachable"


class ConnectionRefused(ConnectError):
    """Nothing listens on the port. Details: ``host``, ``port``."""

    key = "connection_refused"


class TimedOut(ConnectError):
    """The deadline passed. Details: ``host``, ``port``, ``seconds``."""

    key = "timed_out"


class NameTimedOut(TimedOut):
    """The name server did not answer."""

    key = "timed_out_name"


class ConnectTimedOut(TimedOut):
    """Nobody answered at this address: the host of the details may be a proxy."""

    key = "timed_out_connect"


class TlsTimedOut(TimedOut):
    """There was a connection, but no answer in TLS."""

    key = "timed_out_tls"


class UpgradeTimedOut(TimedOut):
    """There was a connection, but no answer to the request for a WebSocket."""

    key = "timed_out_upgrade"


class ConnackTimedOut(TimedOut):
    """There was a WebSocket, but no answer to CONNECT."""

    key = "timed_out_connack"


class ClosedWithoutAnswer(ConnectError):
    """The server closed the connection before it answered. Details: ``host``, ``port``."""

    key = "closed_without_answer"


class CertificateRefused(ConnectError):
    """The server's certificate does not hold. Details: ``reason``."""

    key = "certificate_refused"


class CertificateExpired(CertificateRefused):
    """The server's certificate is expired."""

    key = "certificate_expired"


class CertificateWrongHost(CertificateRefused):
    """The server's certificate names other hosts. Details: ``host``."""

    key = "certificate_wrong_host"


class CertificateUnknownIssuer(CertificateRefused):
    """The server's certificate comes from an issuer that is not trusted.

    Details: also ``issuer`` and ``fingerprint`` (SHA-256), both "?" if a second look at
    the certificate failed.
    """

    key = "certificate_unknown_issuer"


class CertificateUnusable(ConnectError):
    """An own certificate or key can't be loaded. Details: ``reason``."""

    key = "certificate_unusable"


class ClientCertificateRefused(ConnectError):
    """The server wants a client certificate, or another one. Details: ``reason``."""

    key = "client_certificate_refused"


class TlsNotSpoken(ConnectError):
    """The port answers, but not with TLS. Details: ``host``, ``port``."""

    key = "tls_not_spoken"


class TlsExpected(ConnectError):
    """The port speaks TLS, the URL does not. Details: ``host``, ``port``."""

    key = "tls_expected"


class TlsFailed(ConnectError):
    """TLS failed in another way. Details: ``reason``."""

    key = "tls_failed"


class NotHttp(ConnectError):
    """The port answers with something that is not HTTP. Details: ``host``, ``port``."""

    key = "not_http"


class UpgradeRefused(ConnectError):
    """The web server did not upgrade to a WebSocket. Details: ``status``, ``path``."""

    key = "upgrade_refused"


class HttpBadRequest(UpgradeRefused):
    """The web server does not understand the request (400): often a wrong path."""

    key = "http_bad_request"


class HttpUpgradeRequired(UpgradeRefused):
    """The request arrived without its Upgrade header (426): a proxy dropped it."""

    key = "http_upgrade_required"


class HttpUnauthorized(UpgradeRefused):
    """The web server wants credentials (401)."""

    key = "http_unauthorized"


class HttpForbidden(UpgradeRefused):
    """The web server forbids it (403)."""

    key = "http_forbidden"


class HttpNotFound(UpgradeRefused):
    """There is no WebSocket at this path (404, 405, 410)."""

    key = "http_not_found"


class HttpRedirect(UpgradeRefused):
    """The web server points elsewhere (3xx). Details: also ``location``."""

    key = "http_redirect"


class HttpTooManyRequests(UpgradeRefused):
    """The web server asks for patience (429)."""

    key = "http_too_many_requests"


class HttpServerError(UpgradeRefused):
    """The web server, or what is behind it, failed (5xx)."""

    key = "http_server_error"


class InvalidHandshake(ConnectError):
    """The answer to the upgrade breaks RFC 6455 section 4. Details: ``reason``."""

    key = "invalid_handshake"


class WrongSubprotocol(ConnectError):
    """The WebSocket does not carry MQTT. Details: ``offered``."""

    key = "wrong_subprotocol"


class ProxyUnreachable(ConnectError):
    """The HTTP proxy can't be reached. Details: ``host``."""

    key = "proxy_unreachable"


class ProxyUnauthorized(ConnectError):
    """The HTTP proxy wants other credentials (407)."""

    key = "proxy_unauthorized"


class ProxyRefused(ConnectError):
    """The HTTP proxy does not let this through. Details: ``status``, "" if it hung up."""

    key = "proxy_refused"


class ProxyUnsupported(ConnectError):
    """Only HTTP proxies can be used. Details: ``scheme``."""

    key = "proxy_unsupported"


class NotMqtt(ConnectError):
    """The WebSocket carries something else. Details: ``received``."""

    key = "not_mqtt"


class ClosedBeforeConnack(ConnectError):
    """The server hung up on CONNECT. Details: ``close``, as of ServerClosed."""

    key = "closed_before_connack"


class ConnackRefused(ConnectError):
    """The broker refused CONNECT for a reason of its own. Details: ``reason``."""

    key = "connack_refused"


class BadCredentials(ConnackRefused):
    """Wrong user name or password."""

    key = "bad_credentials"


class NotAuthorized(ConnackRefused):
    """This client may not connect."""

    key = "not_authorized"


class ClientIdRejected(ConnackRefused):
    """The broker does not take the client id."""

    key = "client_id_rejected"


class ProtocolUnsupported(ConnackRefused):
    """The broker does not speak this version of MQTT."""

    key = "protocol_unsupported"


class Banned(ConnackRefused):
    """The broker bans this client."""

    key = "banned"


class ServerBusy(ConnackRefused):
    """The broker is unavailable, busy or out of quota."""

    key = "server_busy"


class ServerMoved(ConnackRefused):
    """The broker wants clients elsewhere. Details: also ``reference``."""

    key = "server_moved"


# --- the connection was there, and is gone ---------------------------------------


class ConnectionLost(BrokerError):
    """The connection broke. Details: ``reason``."""

    key = "connection_lost"


class HungUp(ConnectionLost):
    """The other end closed the connection without a word."""

    key = "hung_up"


class ServerClosed(ConnectionLost):
    """The server closed the WebSocket.

    Details: ``close``, the code of RFC 6455 section 7.4 and what the server says of it.
    """

    key = "server_closed"


class ServerDisconnected(ConnectionLost):
    """The broker sent DISCONNECT. Details: ``reason``."""

    key = "server_disconnected"


class Renewed(ConnectionLost):
    """Somebody wanted the connection made anew."""

    key = "renewed"


class TakenOver(ConnectionLost):
    """Another client connected with the same client id."""

    key = "taken_over"


class KeepaliveLost(ConnectionLost):
    """The broker was silent for too long. Details: ``seconds``."""

    key = "keepalive_lost"


class ProtocolViolation(ConnectionLost):
    """The server broke the WebSocket's or MQTT's rules. Details: ``reason``."""

    key = "protocol_violation"


class FrameTooLarge(ConnectionLost):
    """A frame was larger than allowed. Details: ``reason``."""

    key = "frame_too_large"


# --- what was asked of a connection ----------------------------------------------


class NotConnected(BrokerError):
    """There is no connection now."""

    key = "not_connected"


class InvalidTopic(BrokerError):
    """No valid topic name or topic filter. Details, here and below: ``topic``."""

    key = "invalid_topic"


class TopicEmpty(InvalidTopic):
    """A topic has at least one character."""

    key = "topic_empty"


class TopicTooLong(InvalidTopic):
    """A topic has at most 65,535 bytes."""

    key = "topic_too_long"


class TopicHasControlCharacter(InvalidTopic):
    """A topic has a character that brokers may refuse. Details: also ``character``."""

    key = "topic_has_control_character"


class TopicHasWildcard(InvalidTopic):
    """A topic to publish to has no wildcards."""

    key = "topic_has_wildcard"


class MisplacedWildcard(InvalidTopic):
    """A wildcard is not a whole level, or ``#`` is not the last one."""

    key = "misplaced_wildcard"


class InvalidShare(InvalidTopic):
    """A shared subscription is not ``$share/<name>/<filter>``."""

    key = "invalid_share"


class PayloadNotText(BrokerError):
    """A text to publish has surrogates, for which UTF-8 has no bytes. Details: ``topic``."""

    key = "payload_not_text"


class PublishRefused(BrokerError):
    """The broker did not take a message. Details: ``topic``, ``reason``."""

    key = "publish_refused"


class PublishTimedOut(BrokerError):
    """A message was not acknowledged in time. Details: ``topic``, ``seconds``."""

    key = "publish_timed_out"


class SubscribeRefused(BrokerError):
    """The broker did not take a subscription. Details: ``topic``, ``reason``."""

    key = "subscribe_refused"


class UnsubscribeRefused(BrokerError):
    """The broker did not end a subscription. Details: ``topic``, ``reason``."""

    key = "unsubscribe_refused"


class SubscribeTimedOut(BrokerError):
    """SUBSCRIBE or UNSUBSCRIBE was not answered. Details: ``topic``, ``seconds``."""

    key = "subscribe_timed_out"
