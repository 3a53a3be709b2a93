"""What a server's reason codes are taken to mean, and which words of it are told."""

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.properties import packet_properties
from custom_components.mqtt_websocket.broker.reasons import (
    explain_connack,
    explain_end,
    explain_lost,
)

LOST = errors.ConnectionLost(reason="closed")


def said(packet: int, **values: str) -> Properties:
    """Return the properties that a server sends with a reason."""
    return packet_properties(packet, **values)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (128, errors.ConnackRefused),
        (132, errors.ProtocolUnsupported),
        (133, errors.ClientIdRejected),
        (134, errors.BadCredentials),
        (135, errors.NotAuthorized),
        (136, errors.ServerBusy),
        (137, errors.ServerBusy),
        (138, errors.Banned),
        (140, errors.NotAuthorized),
        (151, errors.ServerBusy),
        (156, errors.ServerMoved),
        (157, errors.ServerMoved),
        (159, errors.ServerBusy),
    ],
)
def test_refused(code: int, expected: type[errors.ConnackRefused]) -> None:
    """Each code of a CONNACK is its own error, in the words of the standard."""
    reason = ReasonCode(PacketTypes.CONNACK, identifier=code)
    found = explain_connack(reason, None)
    assert type(found) is expected
    assert found.details["reason"] == str(reason)


def test_refused_in_own_words() -> None:
    """What the server says of it is told instead of the code's name."""
    reason = ReasonCode(PacketTypes.CONNACK, identifier=135)
    properties = said(PacketTypes.CONNACK, ReasonString="come in on Mondays")
    found = explain_connack(reason, properties)
    assert found.details == {"reason": "come in on Mondays"}


def test_refused_with_a_number() -> None:
    """A bare number is a code as well, and no code at all is a refusal."""
    assert type(explain_connack(135, None)) is errors.NotAuthorized
    assert type(explain_connack(None, None)) is errors.ConnackRefused


def test_moved() -> None:
    """Where to go instead is told, if the server says it."""
    reason = ReasonCode(PacketTypes.CONNACK, identifier=157)
    properties = said(PacketTypes.CONNACK, ServerReference="other.example")
    assert explain_connack(reason, properties).details == {
        "reason": str(reason),
        "reference": "other.example",
    }
    assert explain_connack(reason, None).details["reference"] == ""


@pytest.mark.parametrize(
    "head", [b"\x48\x54\x00\x01", b"\x90\x03\x00\x02", b"\x20\x02\x00\x01\x00"]
)
def test_four_bytes_that_refuse_nothing(head: bytes) -> None:
    """Only a CONNACK of MQTT 3.1.1 has its code in the fourth byte."""
    assert type(explain_end(head, None, answered=False)) is errors.NotMqtt


def test_bytes_that_are_not_mqtt() -> None:
    """The beginning of what came is shown, readable and not all of it."""
    found = explain_end(b"SSH-2.0-OpenSSH_10.0\r\n", None, answered=False)
    assert found.details == {"received": "SSH-2.0-OpenSSH_"}
    found = explain_end(b"\x00hello\r\n", None, answered=False)
    assert found.details == {"received": r"\x00hello\r\n"}


def test_end_without_a_word() -> None:
    """A server that says nothing has neither code nor reason to tell."""
    found = explain_end(b"", None, answered=False)
    assert found.details == {"close": "1006"}


@pytest.mark.parametrize(
    ("tail", "name"),
    [
        (b"\xe0\x01\x8b", "Server shutting down"),
        (b"\x00\xe0\x02\x89\x00", "Server busy"),
    ],
)
def test_reason_in_the_last_bytes(tail: bytes, name: str) -> None:
    """The name of the code is told where paho has dropped it."""
    found = explain_lost(LOST, None, tail, 60)
    assert found.details == {"reason": name}


@pytest.mark.parametrize("tail", [b"\xe0\x02\x8b\x01", b"\xe1\x02\x8b\x00"])
def test_last_bytes_of_something_else(tail: bytes) -> None:
    """A DISCONNECT with properties, or of another form, is not read from its end."""
    assert explain_lost(LOST, None, tail, 60) is LOST


def test_disconnect_in_own_words() -> None:
    """What the server says, and where else to go, is told."""
    reason = ReasonCode(PacketTypes.DISCONNECT, identifier=0x9D)
    properties = said(PacketTypes.DISCONNECT, ServerReference="other.example")
    found = explain_lost(LOST, (reason, properties), b"", 60)
    assert found.details == {"reason": f"{reason}: other.example"}
    properties.ReasonString = "we move house"
    found = explain_lost(LOST, (reason, properties), b"", 60)
    assert found.details == {"reason": "we move house: other.example"}


def test_a_reason_that_paho_has_counts() -> None:
    """The bytes at the end are only looked at where paho has no reason."""
    reason = ReasonCode(PacketTypes.DISCONNECT, identifier=0x8B)
    found = explain_lost(LOST, (reason, None), b"\xe0\x01\x8e", 60)
    assert found.details == {"reason": "Server shutting down"}


def test_unspecified_is_no_reason() -> None:
    """The code that paho puts for one it dropped gives way to what the bytes say."""
    reason = ReasonCode(PacketTypes.DISCONNECT, identifier=0x80)
    found = explain_lost(LOST, (reason, None), b"\xe0\x01\x8b", 60)
    assert found.details == {"reason": "Server shutting down"}
    assert explain_lost(LOST, (reason, None), b"", 60) is LOST
    reason = ReasonCode(PacketTypes.DISCONNECT, identifier=0x81)
    found = explain_lost(LOST, (reason, None), b"", 60)
    assert found.details == {"reason": "Malformed packet"}


def test_silence() -> None:
    """It is one and a half keepalives that the server was silent for.

    Only where paho closed its end: the server may send this code, too, and a broken rule
    without it is a broken rule.
    """
    reason = ReasonCode(PacketTypes.DISCONNECT, identifier=141)
    closed = errors.ProtocolViolation(reason="closed")
    found = explain_lost(closed, (reason, None), b"", 61)
    assert type(found) is errors.KeepaliveLost
    assert found.details == {"seconds": "91"}
    found = explain_lost(LOST, (reason, None), b"", 61)
    assert type(found) is errors.ServerDisconnected
    assert explain_lost(closed, None, b"", 61) is closed
