"""Payloads are decoded and parsed once per message."""

from contextlib import nullcontext
import json
from typing import Any
from unittest.mock import patch

from hypothesis import given, strategies as st
import pytest

from homeassistant.util.json import json_loads

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.mapping import payload
from custom_components.mqtt_websocket.mapping.payload import (
    MAX_DEPTH,
    PayloadError,
    deeper_than,
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


def test_text_and_json_are_kept_side_by_side() -> None:
    """A reader of JSON makes no other reader decode again, nor the other way round."""
    message = Message("t", b'{"a": 1}')
    first = text(message)
    parsed = json_value(message)
    assert text(message) is first
    assert json_value(message) is parsed


@pytest.mark.parametrize(
    ("raw", "encoding", "position"),
    [(rb"\ud800", "unicode_escape", 0), (rb"ab\udfffc", "raw_unicode_escape", 2)],
)
def test_surrogates(raw: bytes, encoding: str, position: int) -> None:
    """Half a character comes out of some encodings; no browser could be told it."""
    reason = f"what comes out of it is no text at character {position}"
    message = Message("t", raw)
    for read in (text, json_value):
        with pytest.raises(PayloadError) as caught:
            read(message, encoding)
        assert caught.value.reason == reason


def levels(count: int, shape: str) -> str:
    """Return JSON of so many levels, without a space."""
    opening, closing = {"list": ("[", "]"), "dict": ('{"":', "}")}.get(shape, ("", ""))
    if shape == "both":
        pairs = [("[", "]"), ('{"a":', "}")]
        before = "".join(pairs[each % 2][0] for each in range(count))
        after = "".join(pairs[each % 2][1] for each in reversed(range(count)))
        return f"{before}{after}" if count % 2 else f"{before}0{after}"
    inner = "" if shape == "list" else "0"
    return f"{opening * count}{inner}{closing * count}"


@pytest.mark.parametrize("shape", ["list", "dict", "both"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_depth(shape: str, encoding: str) -> None:
    """A hundred levels are read; with one more a payload is none."""
    assert MAX_DEPTH == 100
    fine = Message("t", levels(100, shape).encode())
    assert json_value(fine, encoding) == json.loads(fine.payload)
    with pytest.raises(PayloadError, match="its JSON has more than 100 levels"):
        json_value(Message("t", levels(101, shape).encode()), encoding)


def test_many_brackets_are_not_deep() -> None:
    """A long list of lists has two levels."""
    raw = json.dumps([[each] for each in range(500)])
    assert json_value(Message("t", raw.encode())) == [[each] for each in range(500)]


def depth(value: Any) -> int:
    """Return how many dicts and lists lie in each other."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return 0
    return 1 + max(map(depth, value), default=0)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        ),
        max_leaves=12,
    ),
    st.integers(min_value=0, max_value=8),
)
def test_deeper_than(value: Any, allowed: int) -> None:
    """Levels are counted wherever they are."""
    assert deeper_than(value, allowed) is (depth(value) > allowed)
