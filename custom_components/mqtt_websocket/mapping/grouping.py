"""Which topics belong to one device, and what is left of them to name its values."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
import re
from typing import Final

from .classify import key_fits
from .heard import words
from .suggestions import FAMILIES, VALUES, Family
from .suggestions.words import (
    AVAILABILITY,
    AVAILABILITY_FLAGS,
    AVAILABILITY_LEAVES,
    COMMAND_LEAVES,
    OBJECT_LEAVES,
    PLACES,
    STATE_LEAVES,
    WRITTEN,
)

_GROUP: Final = re.compile(
    r"(?P<before>[^{}]*)\{(?P<name>\w+)(?P<many>\+?)(?::(?P<regex>.*))?\}(?P<after>[^{}]*)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a topic belongs. ``device`` tells devices apart, ``parts`` its values."""

    device: str
    title: str
    parts: tuple[str, ...] = ()
    family: Family | None = None
    found: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """How a device says that it is there."""

    topic: str
    available: str | None = None
    not_available: str | None = None
    template: str | None = None

    @property
    def config(self) -> dict[str, str]:
        """The same as options of a device."""
        config = {"availability_topic": self.topic}
        if self.template is not None:
            config["availability_template"] = self.template
        if self.available is not None and self.available != "online":
            config["payload_available"] = self.available
        if self.not_available is not None and self.not_available != "offline":
            config["payload_not_available"] = self.not_available
        return config


@cache
def pattern(topic: str) -> re.Pattern[str]:
    """Return the regular expression of a family's topic pattern."""
    parts = []
    for level in _levels(topic):
        if level == "+":
            parts.append(r"[^/]+")
        elif level == "#":
            parts.append(r"(?P<rest>.+)")
        elif group := _GROUP.fullmatch(level):
            inner = group["regex"] or (r".+" if group["many"] else r"[^/]+")
            parts.append(
                rf"{re.escape(group['before'])}(?P<{group['name']}>{inner})"
                rf"{re.escape(group['after'])}"
            )
        else:
            # "STATUS#" stands for all that begin so; MQTT knows no such thing.
            parts.append(re.escape(level).replace(r"\#", ".*"))
    return re.compile("/".join(parts))


def _levels(topic: str) -> list[str]:
    """Split at the slashes that are not within braces."""
    levels = [""]
    depth = 0
    for char in topic:
        depth += (char == "{") - (char == "}")
        if char == "/" and not depth:
            levels.append("")
        else:
            levels[-1] += char
    return levels


def spoken(text: str) -> str:
    """Return words as they stand in a name: "apparent power"."""
    return " ".join(WRITTEN.get(word, word) for word in words(text).split())


def capital(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def place_of(topic: str) -> Place | None:
    """Return where a topic belongs; None if there is nothing to show on it."""
    for family in FAMILIES:
        if any(pattern(each).fullmatch(topic) for each in family.availability):
            return None
        # openWB and others: what is shown is named, all else is not.
        for each in family.topics:
            if found := pattern(each).fullmatch(topic):
                if not _is_ignored(family, topic, wide=False):
                    return _place_in(family, topic, found)
                break
        if _is_ignored(family, topic, wide=True):
            return None
    return _generic(topic)


def _is_ignored(family: Family, topic: str, *, wide: bool) -> bool:
    """``wide``: also by the patterns that take whole trees, of which topics are named."""
    return any(
        pattern(each).fullmatch(topic)
        for each in family.ignored
        if wide or not re.fullmatch(r"[^/]+(?:/[^/+]+)?/#", each)
    )


def _place_in(family: Family, topic: str, found: re.Match[str]) -> Place:
    groups = {key: value for key, value in found.groupdict().items() if value}
    device = groups.get("device", groups.get("kind", ""))
    identity = "/".join(
        value for key, value in groups.items() if key not in ("rest", "region", "type")
    )
    rest = groups.get("rest", "")
    parts = tuple(part for part in rest.split("/") if part)
    kind = groups.get("kind", "")
    title = family.title.format_map(
        {
            # Zigbee2MQTT's devices have names that people gave them.
            "device": device
            if family.name == "Zigbee2MQTT"
            else capital(_title_of(device))
            if family.title == "{device}"
            else _title_of(device),
            "kind": spoken(kind) if kind != device else "",
            "model": "{model}",
        }
    )
    if family.name == "Tasmota, other topics":
        parts = ()
    elif family.name == "Tasmota":
        parts = parts if "rest" in groups else ()
    return Place(
        device=f"{family.name}/{identity}",
        title=" ".join(title.split()),
        parts=parts,
        family=family,
        found=groups,
    )


def _title_of(device: str) -> str:
    return device.replace("_", " ").replace("/", " ")


def _generic(topic: str) -> Place | None:
    levels = [level for level in topic.split("/") if level]
    if not levels or levels[0].startswith("$") or levels[-1] in COMMAND_LEAVES:
        return None
    return Place(device=topic, title=_generic_title(levels), parts=())


def generic_scalar(topic: str) -> Place:
    """Return the place of a topic that carries one value."""
    levels = [level for level in topic.split("/") if level]
    device, parts = levels[:-1], levels[-1:]
    if len(levels) > 1 and levels[-1] in STATE_LEAVES:
        # "kitchen/temperature/state" is a value of the kitchen, "relay/kitchen/state"
        # the state of a relay.
        if len(levels) > 2 and _is_known(levels[-2]):
            device, parts = levels[:-2], levels[-2:-1]
        else:
            device, parts = levels[:-1], []
    if not device:
        device, parts = levels, []
    return Place(
        device="/".join(device), title=_generic_title(device), parts=tuple(parts)
    )


def generic_object(topic: str) -> Place:
    """Return the place of a topic that carries a JSON object."""
    levels = [level for level in topic.split("/") if level]
    while len(levels) > 1 and levels[-1].lower() in OBJECT_LEAVES:
        levels = levels[:-1]
    return Place(device="/".join(levels), title=_generic_title(levels))


def _is_known(level: str) -> bool:
    text = words(level)
    return any(
        rule.keys != ".*"
        and not rule.keys.startswith("(?:.* )?")
        and key_fits(rule.keys, text)
        for rule in VALUES
    )


def _generic_title(levels: Sequence[str]) -> str:
    named = [level for level in levels if level.lower() not in PLACES] or list(levels)
    return capital(" ".join(spoken(level) for level in named[-2:]))


# --- what is not a value ---------------------------------------------------------------


def command_topics(topics: Collection[str]) -> dict[str, str]:
    """Return the topics that commands were heard on, by the topics that they are for."""
    commands: dict[str, str] = {}
    for topic in topics:
        base, _, leaf = topic.rpartition("/")
        if base and leaf in COMMAND_LEAVES:
            commands.setdefault(base, topic)
    return commands


def availability_of(topic: str, payload: str) -> Availability | None:
    """Return how this topic tells that a device is there, if it does."""
    for family in FAMILIES:
        for each in family.availability:
            if pattern(each).fullmatch(topic):
                if family.available is not None:
                    return Availability(topic=topic, template=family.available)
                return _pair(topic, payload, sure=True)
    leaf = topic.rpartition("/")[2]
    if leaf in AVAILABILITY_LEAVES and "/" in topic:
        return _pair(topic, payload, sure=leaf not in ("status", "connection"))
    return None


def _pair(topic: str, payload: str, *, sure: bool) -> Availability | None:
    text = payload.strip()
    if text in ('{"state":"online"}', '{"state": "online"}', '{"state":"offline"}'):
        return Availability(topic=topic, template="{{ value_json.state }}")
    for pair in (*AVAILABILITY, *(AVAILABILITY_FLAGS if sure else ())):
        if text in pair:
            return Availability(topic=topic, available=pair[0], not_available=pair[1])
    return None


def availability_place(topic: str) -> tuple[str | None, str]:
    """Return the devices that a topic of availability is about: family and identity.

    Without a family the identity is the start of their topics; with one, an empty
    identity stands for all of them.
    """
    for family in FAMILIES:
        for each in family.availability:
            if found := pattern(each).fullmatch(topic):
                return family.name, found.groupdict().get("device") or ""
    return None, topic.rpartition("/")[0]
