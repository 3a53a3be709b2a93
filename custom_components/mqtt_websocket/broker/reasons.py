"""What a server's reason codes mean: why there is no connection, or none any more."""

import contextlib
from typing import Final

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from .errors import (
    BadCredentials,
    Banned,
    BrokerError,
    ClientIdRejected,
    ClosedBeforeConnack,
    ConnackRefused,
    ConnectError,
    FrameTooLarge,
    InvalidHandshake,
    KeepaliveLost,
    NotAuthorized,
    NotMqtt,
    ProtocolUnsupported,
    ProtocolViolation,
    ServerBusy,
    ServerClosed,
    ServerDisconnected,
    ServerMoved,
    TakenOver,
)

# CONNACK: reason codes of MQTT 5 (section 3.2.2.2); paho gives 3.1.1's as these.
_CONNACK_ERRORS: Final[dict[int, type[ConnackRefused]]] = {
    132: ProtocolUnsupported,
    133: ClientIdRejected,
    134: BadCredentials,
    135: NotAuthorized,
    136: ServerBusy,
    137: ServerBusy,
    138: Banned,
    140: NotAuthorized,
    151: ServerBusy,
    156: ServerMoved,
    157: ServerMoved,
    159: ServerBusy,
}
_NO_CLOSE_FRAME: Final = 1006  # RFC 6455 section 7.1.5
_CONNACK_311: Final = b"\x20\x02"
_PROTOCOL_UNSUPPORTED_311: Final = 1
_CLIENT_ID_REJECTED_311: Final = 2

_KEEPALIVE_TIMEOUT: Final = 141
_SESSION_TAKEN_OVER: Final = 142
_UNSPECIFIED: Final = 128


def explain_connack(
    reason: ReasonCode | int | None, properties: Properties | None
) -> ConnectError:
    """Return what a CONNACK that refuses means."""
    code = reason.value if isinstance(reason, ReasonCode) else int(reason or 0)
    # The server's own words if it gave any, else the code's name.
    words = getattr(properties, "ReasonString", None) or reason
    details: dict[str, object] = {"reason": words}
    cause = _CONNACK_ERRORS.get(code, ConnackRefused)
    if cause is ServerMoved:
        details["reference"] = getattr(properties, "ServerReference", "")
    return cause(**details)


def explain_end(
    head: bytes, cause: BrokerError | None, *, answered: bool
) -> ConnectError:
    """Return why a connection ended before it was one.

    ``head`` is the beginning of what the server sent, ``cause`` what the pipe knows,
    and ``answered`` whether paho took a CONNACK out of it.
    """
    if len(head) == 4 and head.startswith(_CONNACK_311) and not answered:
        # paho keeps this answer of 3.1.1 to itself.
        if head[3] == _CLIENT_ID_REJECTED_311:
            return ClientIdRejected(reason="Client identifier not valid")
        # And this one; with MQTT 5 it chokes on all others. Who answers so speaks 3.1.1
        # only, and gives its true reason when asked in that.
        return ProtocolUnsupported(reason="Unsupported protocol version")
    if isinstance(cause, NotMqtt):
        return cause
    if isinstance(cause, ServerClosed):
        return ClosedBeforeConnack(**cause.details)
    if head and not answered:
        if _refuses(head):
            return explain_connack(head[3], None)
        return NotMqtt(received=ascii(head[:16])[2:-1])
    if isinstance(cause, FrameTooLarge | ProtocolViolation):
        # No frame that could be read has come.
        return InvalidHandshake(**cause.details)
    return ClosedBeforeConnack(close=_NO_CLOSE_FRAME)


def _refuses(head: bytes) -> bool:
    """Whether this is MQTT 5's CONNACK with a refusal, one that paho does not know."""
    return (
        len(head) >= 5
        and head[0] >> 4 == PacketTypes.CONNACK
        and head[1] == len(head) - 2
        and head[2] == 0
        and head[3] >= _UNSPECIFIED
    )


def explain_lost(
    cause: BrokerError,
    disconnect: tuple[ReasonCode, Properties | None] | None,
    tail: bytes,
    keepalive: int,
) -> BrokerError:
    """Return why a connection ended.

    ``cause`` is what the pipe knows, ``disconnect`` what paho knows of a DISCONNECT,
    ``tail`` the end of what a server with MQTT 5 sent, and ``keepalive`` the one in use.
    """
    reason, properties = disconnect or (None, None)
    code = reason.value if reason is not None else 0
    if code in (0, _UNSPECIFIED):
        # paho 2.1 drops the reason of a DISCONNECT without properties, which is the
        # last packet that a server sends (MQTT 5 section 3.14.2.1).
        if tail[-3:-1] == b"\xe0\x01":
            code = tail[-1]
        elif tail[-4:-2] == b"\xe0\x02" and tail[-1] == 0:
            code = tail[-2]
        if code not in (0, _UNSPECIFIED):
            with contextlib.suppress(KeyError):
                reason = ReasonCode(PacketTypes.DISCONNECT, identifier=code)
    if code == _SESSION_TAKEN_OVER:
        return TakenOver()
    if code == _KEEPALIVE_TIMEOUT and isinstance(cause, ProtocolViolation):
        # paho closed its end, for this reason.
        return KeepaliveLost(seconds=keepalive * 3 // 2)
    if code not in (0, _UNSPECIFIED):
        words = [getattr(properties, "ReasonString", None) or reason]
        # Where else to go, from a server that has moved.
        words += [getattr(properties, "ServerReference", None)]
        return ServerDisconnected(reason=": ".join(str(word) for word in words if word))
    return cause
