"""Every language says all that English says, with the same placeholders."""

from collections.abc import Iterator
import json
import re
from typing import Any, Final

import pytest

from .support.hassfest import INTEGRATION, TRANSLATIONS, leaves, placeholders
from .support.translations import english

_FILES: Final = sorted((INTEGRATION / "translations").glob("*.json"))
_OTHERS: Final = [path for path in _FILES if path.stem != "en"]
# Words that may be the same in another language: names and abbreviations, MQTT's own
# words, and cognates. A text of nothing else may stand as it does in English.
_WORDS: Final = """
mqtt qos url urls id ids json yaml ca pem http https tls ws wss utf utf-8 utf-16 ascii
iso html jinja home assistant mosquitto rabbitmq nats websocket homeassistant cloudflare
payload payloads topic topics broker client server proxy header headers keepalive ping
port status template online offline on off on/off action actions alarm area attribute
automation automatisch base bit button buttons code color condition configuration
connection data date description details device diagnostic diagnostics domain domains
error event expiration export filter format general host icon image index info
information initial input installation integration interval label labels latin-1 limit
maximum max message messages min minimum minute minutes mode model modes name normal
note number option options original pause pin position press publication relative retain
sensor service session sessions simple slider slug source start state stop subscription
suggestion switch system tag text texts topic-filter total trigger type unit update user
value values version versions window auto direction release rgb rgbw rgbww xy
"""
_INTERNATIONAL: Final = frozenset(_WORDS.split())
_WORD: Final = re.compile(r"[^\W\d_][\w/-]*")


def _texts(name: str) -> dict[str, str]:
    path = INTEGRATION / "translations" / name
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return dict(leaves(found))


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text that are for people, not for machines."""
    plain = re.sub(r"\{\w+\}|`[^`]*`", " ", text)
    for word in _WORD.findall(plain):
        yield word.lower()


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_texts_are_well_formed(path: Any) -> None:
    """Hassfest accepts the file: known keys, no HTML, no URL, every field described."""
    TRANSLATIONS(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("path", _OTHERS, ids=lambda path: path.stem)
def test_language_is_complete(path: Any) -> None:
    """No text is missing, and none is left over."""
    assert _texts(path.name).keys() ^ dict(leaves(english())).keys() == set()


@pytest.mark.parametrize("path", _OTHERS, ids=lambda path: path.stem)
def test_language_has_the_placeholders_of_english(path: Any) -> None:
    """A text with other placeholders is not shown: Home Assistant shows English then."""
    translated = _texts(path.name)
    assert {
        key: translated[key]
        for key, text in leaves(english())
        if key in translated and placeholders(translated[key]) != placeholders(text)
    } == {}


@pytest.mark.parametrize("path", _OTHERS, ids=lambda path: path.stem)
def test_language_is_no_copy_of_english(path: Any) -> None:
    """What stands as in English consists of words that every language uses."""
    translated = _texts(path.name)
    assert {
        key: text
        for key, text in leaves(english())
        if translated.get(key) == text and not _INTERNATIONAL.issuperset(_words(text))
    } == {}
