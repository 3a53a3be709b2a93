"""The values in what was heard on a topic, and the templates that take them out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import json
import re
from typing import Any, Final

from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

from .suggestions.units import CASED, SPELLINGS

MAX_LEVELS: Final = 8
MAX_ITEMS: Final = 10
"""Of a list: longer ones are series, not values of their own."""
MAX_VALUES: Final = 200
"""Of one topic."""
MAX_TEXT: Final = 255
"""Longer texts are no state."""

_SCALED: Final = {"value", "unit", "min", "max", "timestamp", "ts", "type", "datatype"}
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?")
_WITH_UNIT: Final = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([^\d\s.:/-][^\d]{0,7}3?)")
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Jinja would find these in the object's type, or can't read them as a name.
_TAKEN: Final = frozenset(dir(dict)) | {"and", "in", "is", "not", "or", "if", "else"}
_CASED_END: Final = re.compile(r"(kWh|MWh|Wh|kW|mV|mA|hPa|kPa|kHz|MHz|dBm|dB)$")
_JOINTS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])")
_TOGETHER: Final = ((r"\bpm ?2 5\b", "pm25"), (r"\b(b?)ss id\b", r"\1ssid"))


@dataclass(frozen=True, slots=True)
class Named:
    """A step to the item of a list that has this name, for ``{"name": …, "value": …}``."""

    name: str


type Step = str | int | Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value, where it is, and the last payload that had it."""

    path: tuple[Step, ...]
    value: Any
    payload: str
    unit: str | None = None
    """As the payload says it, next to the value."""
    inline: bool = False
    """Number and unit are one text."""
    always: bool = True
    """Each payload that was heard had it."""
    beside: frozenset[str] = frozenset()
    """The words of the other keys of its object."""

    @property
    def expression(self) -> str:
        """What stands for it in a template."""
        if not self.path:
            return "value"
        found = "value_json"
        for step in self.path:
            if isinstance(step, Named):
                name = json.dumps(step.name, ensure_ascii=False)
                found = (
                    f"({found} | selectattr('name', 'eq', {name})"
                    " | map(attribute='value') | first | default(''))"
                )
            elif isinstance(step, int):
                found += f"[{step}]"
            elif _IDENTIFIER.fullmatch(step) and step not in _TAKEN:
                found += f".{step}"
            else:
                found += f"[{json.dumps(step, ensure_ascii=False)}]"
        return found

    @property
    def parts(self) -> tuple[str, ...]:
        """The names on the way to it."""
        return tuple(
            step.name if isinstance(step, Named) else str(step)
            for step in self.path
            if step != "value" or len(self.path) == 1
        )


def words(text: str) -> str:
    """Return a key or topic as words: lower case, one space between."""
    text = _CASED_END.sub(lambda found: f" {found[0].lower()}", text)
    text = _JOINTS.sub(" ", text)
    text = " ".join(re.findall(r"[0-9A-Za-zÀ-ÿµ°³%]+", text)).lower()
    for pattern, written in _TOGETHER:
        text = re.sub(pattern, written, text)
    return text


def spelled(unit: str) -> str:
    """Return a unit as Home Assistant writes it."""
    unit = unit.strip()
    return CASED.get(unit) or SPELLINGS.get(unit.lower(), unit)


def number(value: Any) -> float | None:
    """Return the number that a value is, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and len(value) < 40 and _NUMBER.fullmatch(value.strip()):
        return float(value)
    return None


def values_in(payloads: Sequence[str]) -> list[Value]:
    """Return the values of a topic; of each the last one that was heard."""
    found: dict[tuple[Step, ...], Value] = {}
    times: dict[tuple[Step, ...], int] = {}
    for payload in payloads:
        try:
            parsed: Any = json_loads(payload)
        except JSON_DECODE_EXCEPTIONS:
            parsed = payload
        if not isinstance(parsed, dict | list):
            parsed = payload.strip()
        for value in _walk(parsed, (), payload, frozenset()):
            found[value.path] = value
            times[value.path] = times.get(value.path, 0) + 1
            if len(found) >= MAX_VALUES:
                break
    return [
        Value(
            path=value.path,
            value=value.value,
            payload=value.payload,
            unit=value.unit,
            inline=value.inline,
            always=times[value.path] == len(payloads),
            beside=value.beside,
        )
        for value in found.values()
    ]


def _walk(
    value: Any, path: tuple[Step, ...], payload: str, beside: frozenset[str]
) -> Iterator[Value]:
    """Yield what lies in a value. Null and empty texts say nothing."""
    if len(path) > MAX_LEVELS:
        return
    if isinstance(value, dict):
        keys = frozenset(words(key) for key in value)
        if "value" in value and value.keys() <= _SCALED:
            unit = value.get("unit")
            for each in _walk(value["value"], (*path, "value"), payload, beside):
                yield (
                    each
                    if not isinstance(unit, str)
                    else Value(
                        path=each.path,
                        value=each.value,
                        payload=payload,
                        unit=unit,
                        beside=beside,
                    )
                )
            return
        for key, inner in value.items():
            yield from _walk(inner, (*path, key), payload, keys)
    elif isinstance(value, list):
        if value and all(
            isinstance(item, dict) and isinstance(item.get("name"), str)
            for item in value
        ):
            for item in value:
                if "value" in item:
                    step = Named(item["name"])
                    yield from _walk(item["value"], (*path, step), payload, beside)
        elif len(value) <= MAX_ITEMS:
            for index, item in enumerate(value):
                yield from _walk(item, (*path, index), payload, beside)
    elif isinstance(value, str) and (with_unit := _WITH_UNIT.fullmatch(value.strip())):
        if with_unit[2].strip() in CASED or with_unit[2].strip().lower() in SPELLINGS:
            yield Value(
                path=path,
                value=with_unit[1],
                payload=payload,
                unit=with_unit[2],
                inline=True,
                beside=beside,
            )
        else:
            yield Value(path=path, value=value, payload=payload, beside=beside)
    elif value is not None and (
        not isinstance(value, str) or 0 < len(value) <= MAX_TEXT
    ):
        yield Value(path=path, value=value, payload=payload, beside=beside)
