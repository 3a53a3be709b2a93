"""Payloads as text and as JSON: decoded once per message, however many read them.

What one reader has decoded lies in ``Message.memo`` for the next. ``"text"`` and
``"json"`` are the payload read as UTF-8; other encodings have keys of their own.
"""

from collections.abc import Buffer
from typing import Any, Final

from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

from ..broker.message import Message

DEFAULT_ENCODING: Final = "utf-8"

TEXT: Final = "text"
JSON: Final = "json"

MAX_DEPTH: Final = 100
"""Levels of JSON. What becomes an attribute, an event or a variable is written again, and
Home Assistant's writer ends at 254, with all that is around it: one message deeper than
that, and no browser would get any state."""


class PayloadError(ValueError):
    """A payload can't be read as what it should be. ``reason`` is for a log.

    The reason never holds the payload itself: that may be large, or private.
    """

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        self.reason = reason
        super().__init__(reason)


class Failed:
    """What the memo holds for a payload that can't be read.

    Not the exception itself: raised once per reader it would gather a traceback each
    time, and keep their frames (and so the message) alive.
    """

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        """Keep why."""
        self.reason = reason


def text(message: Message, encoding: str = DEFAULT_ENCODING) -> str:
    """Return the payload as text. Raises PayloadError: no such encoding, not in it."""
    key = TEXT if encoding == DEFAULT_ENCODING else f"{TEXT} {encoding}"
    memo = message.memo
    if memo is not None and key in memo:
        found = memo[key]
    else:
        found = _remember(message, key, _decode(message.buffer, encoding))
    if type(found) is Failed:
        raise PayloadError(found.reason)
    return found  # type: ignore[no-any-return] # under this key lie only texts


def json_value(message: Message, encoding: str = DEFAULT_ENCODING) -> Any:
    """Return the payload's JSON value. Raises PayloadError: not text, not JSON.

    All readers share one object: whoever wants to change it copies it first. With the
    encoding ``""`` the payload is bytes, and its JSON is UTF-8 (RFC 8259 section 8.1).
    """
    found = read_json(message, encoding)
    if type(found) is Failed:
        raise PayloadError(found.reason)
    return found


def read_json(message: Message, encoding: str = DEFAULT_ENCODING) -> Any:
    """Return what ``json_value`` returns, or ``Failed`` where it raises."""
    utf8 = encoding in (DEFAULT_ENCODING, "")
    key = JSON if utf8 else f"{JSON} {encoding}"
    memo = message.memo
    if memo is not None and key in memo:
        return memo[key]
    # The parser reads UTF-8 itself, so the common case needs no decoded copy.
    source = message.payload if utf8 else _decoded(message, encoding)
    found = source if isinstance(source, Failed) else _parse(source)
    return _remember(message, key, found)


def _decoded(message: Message, encoding: str) -> str | Failed:
    try:
        return text(message, encoding)
    except PayloadError as err:
        return Failed(err.reason)


def _decode(payload: Buffer, encoding: str) -> str | Failed:
    try:
        decoded = str(payload, encoding)
        if encoding != DEFAULT_ENCODING:
            check_text(decoded)
        return decoded  # noqa: TRY300 - what check_text raises belongs to it
    except PayloadError as err:
        return Failed(err.reason)
    except LookupError:
        return Failed(f"there is no text encoding {encoding!r}")
    except ValueError as err:
        # UnicodeDecodeError, and the plain UnicodeError or ValueError of odd codecs.
        # Its text would hold a part of the payload; its position says as much.
        start = getattr(err, "start", None)
        where = "" if start is None else f" at byte {start}"
        return Failed(f"it is not {encoding}{where}")


def check_text(found: str) -> None:
    """Raise PayloadError for surrogates, which some encodings and templates make.

    No text can have them: as a state they would keep every browser from all states.
    """
    if not found.isascii():
        try:
            found.encode()
        except UnicodeEncodeError as err:
            raise PayloadError(
                f"what comes out of it is no text at character {err.start}"
            ) from None


def _parse(source: str | bytes) -> Any:
    try:
        return parse_json(source)
    except PayloadError as err:
        return Failed(err.reason)


def parse_json(source: str | bytes) -> Any:
    """Return the JSON value of a text. Raises PayloadError: none, or too deep."""
    try:
        found = json_loads(source)
    except JSON_DECODE_EXCEPTIONS as err:
        raise PayloadError(f"it is not JSON: {err}") from None
    if _may_be_deep(source) and deeper_than(found, MAX_DEPTH):
        raise PayloadError(f"its JSON has more than {MAX_DEPTH} levels")
    return found


def _may_be_deep(source: str | bytes) -> bool:
    """Whether there are brackets enough. Most payloads are too short for them."""
    if len(source) <= 2 * MAX_DEPTH:
        return False
    brackets = ("[", "{") if isinstance(source, str) else (b"[", b"{")
    return sum(map(source.count, brackets)) > MAX_DEPTH  # type: ignore[arg-type] # both str, or both bytes


def deeper_than(value: Any, levels: int) -> bool:
    """Whether dicts and lists lie in each other more than ``levels`` deep."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return False
    return not levels or any(deeper_than(each, levels - 1) for each in value)


def _remember(message: Message, key: str, found: Any) -> Any:
    if message.memo is None:
        message.memo = {}
    message.memo[key] = found
    return found
