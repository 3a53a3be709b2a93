"""What the tables of suggestions are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Shape(StrEnum):
    """What a value looks like, whatever it means."""

    NUMBER = "number"
    FLAG = "flag"
    """One of two: true and false, on and off; 1 and 0 where a rule says so."""
    TIME = "time"
    """A date and time with its zone, as text."""
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a value is, if its key and its looks say so.

    ``keys`` is a regular expression for the last words of the value's place, lower case
    and with spaces: ``ENERGY.ApparentPower`` reads "energy apparent power". What
    ``units`` lists has to be the unit, where one is known; where none is, the rule
    holds only if it ``assumes`` one, or if it lists none. ``low`` and ``high`` bound
    what the value may be for that. ``beside`` is a regular expression for the last
    words of another key in the same JSON object, which has to be there.
    """

    keys: str
    shape: Shape = Shape.NUMBER
    units: tuple[str, ...] = ()
    assumes: str | None = None
    metric: bool = False
    """Assumed only where people use metric units."""
    low: float | None = None
    high: float | None = None
    whole: bool | None = None
    """Of numbers: without a fraction, or with one. Of flags: 1 and 0 too."""
    beside: str | None = None
    device_class: str | None = None
    state_class: str | None = None
    precision: int | None = None
    inverted: bool = False
    diagnostic: bool = False
    options: tuple[str, ...] = ()
    template: str | None = None
    """In place of the value alone; ``VALUE`` stands for it."""
    skip: bool = False
    """Nothing that anybody wants to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How a value is set.

    ``topic`` is filled with what the family's topic pattern found, and with ``topic``
    itself, ``before`` (without its last level), ``after`` (without its first) and
    ``leaf``, the last part of the value's place. ``template`` is a command template, in
    which LEAF stands for that; without one ``on`` and ``off`` are sent, or else what
    the state says.
    """

    keys: str
    kind: str | None = None
    """What the pattern's group ``type`` has to have found."""
    topic: str
    shape: Shape = Shape.FLAG
    template: str | None = None
    on: str | None = None
    off: str | None = None
    state_topic: str | None = None
    """Where the state is told at once, if that is not where it was heard: the payload
    there is the plain state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Several values of one JSON object that are one thing, like a light.

    ``key`` is that of the value which stands for it, as words, ``states`` what that may
    be, and ``beside`` another key that has to be there. ``parts`` is a regular
    expression for the values that need no entity of their own then. In ``config``
    TOPIC stands for the topic, and None for an option that is not wanted; ``more`` adds
    to it where all of some keys are there.
    """

    platform: str
    key: str
    states: tuple[str, ...]
    beside: str
    parts: str
    config: Mapping[str, Any]
    more: tuple[tuple[tuple[str, ...], Mapping[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of programs or devices with topics of their own.

    In a pattern ``{device}`` stands for one level, ``{device+}`` for several,
    ``{device:regex}`` for one that matches, ``+`` and ``#`` are MQTT's. What the groups
    ``device`` find tells the devices apart; the levels of ``#`` belong to the value.
    """

    name: str
    topics: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    """Topics with nothing to show."""
    availability: tuple[str, ...] = ()
    """Topics that tell whether the device is there; without ``{device}``, all of them."""
    available: str | None = None
    """A template for what they say: online or offline."""
    title: str = "{device}"
    values: tuple[Rule, ...] = ()
    units: Mapping[str, str] | None = None
    """The unit of the values whose key ends with this regular expression."""
    commands: tuple[Command, ...] = ()
    wholes: tuple[Whole, ...] = ()
    manufacturer: str | None = None
