"""Payloads are decoded and parsed once per message."""

from contextlib import nullcontext
from unittest.mock import patch

import pytest

from homeassistant.util.json import json_loads

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.mapping import payload
from custom_components.mqtt_websocket.mapping.payload import (
    PayloadError,
    json_value,
    text,
)


@pytest.mark.parametrize(
    ("raw", "encoding", "expected"),
    [
        (b"21.5", "utf-8", "21.5"),
        (b"", "utf-8", ""),
        ("21,5 °C".encode(), "utf-8", "21,5 °C"),
        (b"\xb0C", "latin-1", "°C"),
        ("é".encode("utf-16"), "utf-16", "é"),
        (b"\xef\xbb\xbfON", "utf-8", "\ufeffON"),
        (b"\xef\xbb\xbfON", "utf-8-sig", "ON"),
        (b"a\x00b", "utf-8", "a\x00b"),
    ],
)
def test_text(raw: bytes, encoding: str, expected: str) -> None:
    """A payload is text in the encoding that its reader names."""
    assert text(Message("t", raw), encoding) == expected


@pytest.mark.parametrize(
    ("raw", "encoding", "reason"),
    [
        (b"ab\xff", "utf-8", "it is not utf-8 at byte 2"),
        (b"\x00", "utf-16", "it is not utf-16 at byte 0"),
        (b"x", "klingon", "there is no text encoding 'klingon'"),
        (b"x", "rot13", "there is no text encoding 'rot13'"),
        (b"x", "", "there is no text encoding ''"),
        (b"x", "text\0", "it is not text\0"),
        (b"\xe9", "idna", "it is not idna at byte 0"),
        (b"x", "undefined", "it is not undefined"),
    ],
)
def test_no_text(raw: bytes, encoding: str, reason: str) -> None:
    """It says why, each time it is asked, and never shows the payload."""
    message = Message("t", raw)
    for _ in range(2):
        with pytest.raises(PayloadError) as caught:
            text(message, encoding)
        assert caught.value.reason == reason
        assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("raw", "encoding", "expected"),
    [
        (
            b'{"a": [1, 2.5, null, true, "x"]}',
            "utf-8",
            {"a": [1, 2.5, None, True, "x"]},
        ),
        (b"null", "utf-8", None),
        (b"5", "", 5),
        ('"é"'.encode("latin-1"), "latin-1", "é"),
        ('{"a": 1}'.encode("utf-16"), "utf-16", {"a": 1}),
        (b" [1] \n", "utf-8", [1]),
    ],
)
def test_json(raw: bytes, encoding: str, expected: object) -> None:
    """A payload is parsed as JSON in its encoding."""
    assert json_value(Message("t", raw), encoding) == expected


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (b"", "utf-8"),
        (b"ON", "utf-8"),
        (b'{"a": NaN}', "utf-8"),
        (b'{"a": 1', "utf-8"),
        (b'"\xff"', "utf-8"),
        (b'"\xff"', ""),
        (b"\xef\xbb\xbf{}", "utf-8"),
        (b"1", "utf-16"),
        (b"1", "klingon"),
        (b"ON", "latin-1"),
    ],
)
def test_no_json(raw: bytes, encoding: str) -> None:
    """It says why, each time it is asked."""
    message = Message("t", raw)
    reasons = set()
    for _ in range(2):
        with pytest.raises(PayloadError) as caught:
            json_value(message, encoding)
        reasons.add(caught.value.reason)
    assert len(reasons) == 1


def test_null_is_not_missing() -> None:
    """A payload that is null is parsed once too."""
    message = Message("t", b"null")
    with patch.object(payload, "json_loads", wraps=json_loads) as parse:
        assert json_value(message) is None
        assert json_value(message) is None
    assert parse.call_count == 1


@pytest.mark.parametrize("raw", [b'{"a": 1}', b"ON", b"\xff"])
def test_once_per_message(raw: bytes) -> None:
    """Ten readers cost one decoding and one parsing, whether they succeed or not."""
    message = Message("t", raw)
    with patch.object(payload, "json_loads", wraps=json_loads) as parse:
        for _ in range(10):
            with nullcontext() if raw == b'{"a": 1}' else pytest.raises(PayloadError):
                json_value(message)
    assert parse.call_count == 1
    if raw != b"\xff":
        assert text(message) is text(message)


def test_encodings_do_not_mix() -> None:
    """Each encoding has its own text and JSON of the same message."""
    message = Message("t", '{"a": "é"}'.encode("latin-1"))
    assert json_value(message, "latin-1") == {"a": "é"}
    with pytest.raises(PayloadError):
        json_value(message)
    with pytest.raises(PayloadError):
        text(message)
    assert text(message, "latin-1") == '{"a": "é"}'


@pytest.mark.parametrize("encoding", ["json", "text", "json utf-8", "\0"])
def test_an_encoding_cannot_name_what_another_stored(encoding: str) -> None:
    """An announcement chooses its encoding: it reads nothing with it but text."""
    message = Message("t", b'{"a": 1}')
    json_value(message)
    text(message)
    json_value(message, "latin-1")
    with pytest.raises(PayloadError):
        text(message, encoding)
    with pytest.raises(PayloadError):
        json_value(message, encoding)
