"""What a value is: the first rule of the tables that holds, and its unit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
import re
from typing import Any, Final

from .heard import Value, number, spelled, words
from .suggestions import VALUES, Family, Rule, Shape
from .suggestions.units import CLASSES, IN_KEYS, LETTERS_IN_KEYS, NEIGHBOURS, SPELLINGS
from .suggestions.words import DIFFERENCES, ON_OFF

_NUMBERED: Final = re.compile(r"(?: (?:\d+|l[123]|phase [abc123]|channel \d+))+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a value is. ``rule`` is None where only its looks, or its unit, say so."""

    shape: Shape
    rule: Rule | None = None
    unit: str | None = None
    on_off: tuple[str, str] | None = None
    """What it reads as, as text, for a flag."""


@lru_cache(maxsize=2048)
def _ends_with(keys: str) -> re.Pattern[str]:
    return re.compile(rf"(?:.* )?(?:{keys})")


@lru_cache(maxsize=32768)
def key_fits(keys: str, text: str) -> bool:
    """Whether words end as a rule says, a number at their end or not."""
    pattern = _ends_with(keys)
    return bool(pattern.fullmatch(text)) or bool(
        pattern.fullmatch(_NUMBERED.sub("", text))
    )


def on_off(value: Any) -> tuple[str, str] | None:
    """Return the two texts of a flag, as a template gives them, or None."""
    if isinstance(value, bool):
        return ("True", "False")
    if isinstance(value, str):
        for pair in ON_OFF:
            if value in pair:
                return pair
    return None


def _one_or_zero(value: Any) -> tuple[str, str] | None:
    """Return the same for numbers, which are flags only where a rule says so."""
    return ("1", "0") if str(value) in ("1", "0") else None


def shape_of(value: Any) -> Shape:
    """Return what a value looks like."""
    if on_off(value) is not None:
        return Shape.FLAG
    if number(value) is not None:
        return Shape.NUMBER
    if isinstance(value, str) and "T" in value and len(value) < 40:
        try:
            if datetime.fromisoformat(value).tzinfo is not None:
                return Shape.TIME
        except ValueError:
            pass
    return Shape.TEXT


def classify(
    value: Value,
    text: str,
    family: Family | None,
    *,
    unit: str | None,
    neighbours: dict[str, str],
    metric: bool,
) -> Kind:
    """Return what a value is.

    ``text`` are the words of its place, ``unit`` is what its metadata says,
    ``neighbours`` are the texts of the same payload by the words of their keys.
    """
    looks = shape_of(value.value)
    known = unit or value.unit or _from_neighbours(text, neighbours)
    if known is not None:
        known = spelled(known)
    if known is None and family is not None and looks is Shape.NUMBER:
        known = _of_family(text, family)
    own_rules = () if family is None else family.values
    readings = [
        # A family's own rules know the whole key.
        *(((text, known, False, own_rules),) if own_rules else ()),
        *(
            (*reading, rules)
            for reading in _readings(text, known)
            for rules in (own_rules, VALUES)
        ),
    ]
    for place, its_unit, needed, rules in readings:
        own = rules is own_rules
        for rule in rules:
            if (
                (not needed or its_unit in rule.units)
                and _looks_right(rule, value, looks, own=own)
                and key_fits(rule.keys, place)
                and _unit_fits(rule, value, its_unit, metric=metric)
            ):
                pair = on_off(value.value) or _one_or_zero(value.value)
                return Kind(
                    shape=rule.shape,
                    rule=rule,
                    unit=None if rule.shape is Shape.TEXT else its_unit or rule.assumes,
                    on_off=pair if rule.shape is Shape.FLAG else None,
                )
    if known is None:
        known = next(
            (unit for _, unit, needed in _readings(text, None) if not needed), None
        )
    measures = not DIFFERENCES.intersection(text.split())
    if looks is Shape.NUMBER and measures and known is not None and known in CLASSES:
        device_class, precision = CLASSES[known]
        rule = Rule(
            keys="",
            device_class=device_class,
            state_class="measurement",
            precision=precision,
        )
        return Kind(shape=looks, rule=rule, unit=known)
    return Kind(
        shape=looks,
        unit=known if looks is Shape.NUMBER else None,
        on_off=on_off(value.value),
    )


def _readings(text: str, known: str | None) -> Iterator[tuple[str, str | None, bool]]:
    """Yield the words of a place and the unit; whether a rule has to ask for that."""
    if known is None:
        for end in IN_KEYS:
            if text.endswith(f" {end}"):
                yield text.removesuffix(f" {end}"), SPELLINGS[end], False
                yield text, SPELLINGS[end], False
                return
        head, _, end = text.rpartition(" ")
        if end in LETTERS_IN_KEYS:
            yield head, SPELLINGS[end], True
    yield text, known, False


def without_unit(text: str, unit: str | None) -> str:
    """Return the words of a key without the unit at their end."""
    for end in (*IN_KEYS, *LETTERS_IN_KEYS):
        if text.endswith(f" {end}") and SPELLINGS[end] == unit:
            return text.removesuffix(f" {end}")
    return text


def _from_neighbours(text: str, neighbours: dict[str, str]) -> str | None:
    for holder, held in NEIGHBOURS.items():
        if key_fits(held, text):
            for key, unit in neighbours.items():
                if re.fullmatch(holder, key):
                    return unit
    return None


def _of_family(text: str, family: Family) -> str | None:
    for keys, unit in (family.units or {}).items():
        if key_fits(keys, text):
            return unit
    return None


def _looks_right(rule: Rule, value: Value, looks: Shape, *, own: bool) -> bool:
    if rule.shape is looks:
        return True
    if rule.shape is Shape.FLAG:
        return (own or rule.whole is True) and _one_or_zero(value.value) is not None
    # A name may say "on", and version 1.2a is no current of 1.2 amperes.
    return (
        rule.shape is Shape.TEXT
        and rule.diagnostic
        and (looks is Shape.FLAG or value.inline)
    )


def _unit_fits(rule: Rule, value: Value, unit: str | None, *, metric: bool) -> bool:
    if (
        rule.beside is not None
        and unit is None
        and not _any_fits(rule.beside, value.beside)
    ):
        return False
    if unit is not None:
        return not rule.units or unit in rule.units
    if rule.units and rule.assumes is None:
        return False
    if rule.metric and not metric:
        return False
    found = number(value.value)
    if found is None or rule.shape is Shape.FLAG:
        return True
    if rule.whole is not None and rule.whole != (
        found.is_integer() and "." not in str(value.value)
    ):
        return False
    return (rule.low is None or found >= rule.low) and (
        rule.high is None or found <= rule.high
    )


def _any_fits(keys: str, texts: Iterable[str]) -> bool:
    return any(key_fits(keys, text) for text in texts)


def place_words(parts: Iterable[str]) -> str:
    """Return the words of all parts of a place."""
    return " ".join(filter(None, (words(part) for part in parts)))
