"""Simple value templates, evaluated without Jinja and with the same results.

Nearly all value templates take one value out of a JSON payload, perhaps with a filter,
a default or a condition. Jinja needs 6 µs and more for each such message (its context,
Home Assistant's context variables, the parsing of JSON); a few look-ups do as well.

How it stays exact:

- Jinja's own parser reads the template, and only what ``allowed.py`` names is translated.
  One node that is not, and the whole template stays with Jinja.
- A translation is right for values that are there and of the expected type, and raises
  for all others: an undefined variable, a missing key, a method where a key was meant,
  a division by zero. **Any** exception means "let Jinja render this message". So errors,
  warnings and defaults are Jinja's and Home Assistant's own. That is sound because
  nothing translated has side effects.
- Filters, tests and functions are the very functions of Home Assistant's environment.
"""

from functools import lru_cache
from typing import Any

from jinja2 import nodes

from homeassistant.helpers.template import is_template_string

from ...broker.message import Message
from ..payload import JSON, Failed, read_json, text
from .allowed import SCALARS, LetJinja, NotSimple, environment
from .literals import chain
from .translator import TextReader, Translator


@lru_cache(maxsize=2048)
def simple_template(source: str) -> TextReader | None:
    """Return what renders a template for a message in UTF-8, None if Jinja must.

    What it returns is valid syntax. It gives the text, stripped, or raises: then Jinja
    must render that message.
    """
    source = source.strip()
    if not is_template_string(source):
        # Home Assistant returns such a text as it stands, without Jinja.
        return None
    if "\\u" in source.lower():
        # It may write what is no character of a text. Jinja's results are looked at.
        return None
    try:
        return _whole(environment().parse(source).body)
    except NotSimple:
        return None
    # A stranger's template can make the parser raise more than its own errors (a
    # number too long is a ValueError, brackets too deep a RecursionError). Whatever is
    # wrong with it, the schema's check says it better.
    except Exception:  # noqa: BLE001
        return None


def _whole(body: list[nodes.Node]) -> TextReader:
    """Translate a template, the commonest ones to one function without calls."""
    if len(body) == 1 and isinstance(body[0], nodes.Output):
        match body[0].nodes:
            case [nodes.Name(name="value")]:
                return lambda message: text(message).strip()
            case [nodes.Getattr() | nodes.Getitem() as node]:
                base, keys = chain(node)
                if keys and isinstance(base, nodes.Name) and base.name == "value_json":
                    return _whole_path(keys)
    part = Translator().body(body)

    def read(message: Message) -> str:
        written = part(message).strip()
        # A payload that is not UTF-8 has no value at all, even where the template did
        # not look at it. JSON that could be read is UTF-8.
        memo = message.memo
        if not memo or JSON not in memo or type(memo[JSON]) is Failed:
            text(message)
        return written

    return read


def _whole_path(keys: tuple[Any, ...]) -> TextReader:
    if len(keys) > 1:
        return _whole_deep_path(keys)
    # Nearly all have one key: a fifth is saved for each message without the loop.
    (key,) = keys

    def read(message: Message) -> str:
        memo = message.memo
        found = (memo[JSON] if memo and JSON in memo else read_json(message))[key]
        kind = type(found)
        if kind is str:
            return found.strip()  # type: ignore[no-any-return] # a text
        if kind in SCALARS:
            return str(found)
        raise LetJinja

    return read


def _whole_deep_path(keys: tuple[Any, ...]) -> TextReader:
    def read(message: Message) -> str:
        memo = message.memo
        found = memo[JSON] if memo and JSON in memo else read_json(message)
        for key in keys:
            found = found[key]
        kind = type(found)
        if kind is str:
            return found.strip()  # type: ignore[no-any-return] # a text
        if kind in SCALARS:
            return str(found)
        raise LetJinja

    return read
