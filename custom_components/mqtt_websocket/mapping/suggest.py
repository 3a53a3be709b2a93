"""From topics that were heard to proposed devices with entity configs.

What is known of the world is in the tables of ``suggestions``. Precision comes first:
what is not sure is proposed as a plain sensor, or with no class.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
import re
from typing import Any, Final

import voluptuous as vol

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import CONF_PLATFORM, Platform

from .classify import Kind, classify, key_fits, on_off, place_words, without_unit
from .grouping import (
    Availability,
    Place,
    availability_of,
    availability_place,
    capital,
    command_topics,
    generic_object,
    generic_scalar,
    place_of,
    spoken,
)
from .heard import Named, Value, values_in, words
from .homie import Property, read_homie
from .schemas import EntityConfig, entity_config
from .suggestions import Command, Shape
from .suggestions.units import SPELLINGS
from .suggestions.words import STATE_LEAVES, VAGUE

MAX_PROPOSALS: Final = 200
"""For one device."""

_QUANTITIES: Final = ("current", "power", "voltage")
"""What a unit in a key says, and a name should too."""
_TYPE: Final = re.compile(r"[A-Z]+\d[A-Z0-9]*")
"""A chip, which has no words."""
_DISCOVERY: Final = re.compile(r"\w+(?:/[\w-]+){2,3}/config")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An entity that could be made.

    ``payload`` is what arrived (or would) on its state topic. ``sure``: its meaning is
    known, and it is what the device is for.
    """

    key: str
    config: EntityConfig
    payload: str
    sure: bool


@dataclass(slots=True, kw_only=True)
class _Candidate:
    """A value on its way to a proposal."""

    topic: str
    value: Value
    place: Place
    kind: Kind
    meta: Property | None
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedDevice:
    """A device that could be made. ``shared`` are options that its entities share."""

    key: str
    name: str
    candidates: tuple[_Candidate, ...]
    commands: Mapping[str, str]
    info: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    topics: tuple[str, ...] = ()

    @property
    def samples(self) -> list[tuple[str, str]]:
        """What its values are called, in short, and the last of each."""
        return [
            (_name(each, _shortest(each)) or self.name, str(each.value.value))
            for each in self.candidates
        ]

    def proposals(self) -> tuple[Proposal, ...]:
        """Return its entities, all of them valid; the sure ones first.

        In the event loop: the validation of templates asks Home Assistant.
        """
        set_by = [_command(each, self.commands) for each in self.candidates]
        named = _names(self.candidates, set_by)
        found: dict[str, Proposal] = {}
        for candidate, name, command in zip(
            self.candidates, named, set_by, strict=True
        ):
            if (proposal := _proposal(candidate, name, command)) is not None:
                # What two topics tell is one value.
                found.setdefault(proposal.key, proposal)
        return tuple(sorted(found.values(), key=lambda each: not each.sure))


def suggest(
    heard: Mapping[str, Sequence[str]], *, metric: bool = True
) -> list[ProposedDevice]:
    """Return the devices in what was heard: topics with their last payloads, as text.

    Takes a while for thousands of topics, and needs nothing of Home Assistant: a job
    for a thread. ``metric``: temperatures without a unit, of devices that nobody knows,
    are °C.
    """
    heard = {
        topic: [payload for payload in payloads if payload]
        for topic, payloads in heard.items()
    }
    properties, names = read_homie(heard)
    commands = command_topics(heard)
    devices: dict[str, list[_Candidate]] = {}
    present: list[Availability] = []
    for topic, payloads in sorted(heard.items()):
        if not payloads or _is_announcement(topic, payloads[-1]):
            continue
        if (availability := availability_of(topic, payloads[-1])) is not None:
            present.append(availability)
        elif (place := place_of(topic)) is not None:
            for each in _candidates(topic, payloads, place, properties, metric):
                devices.setdefault(each.place.device, []).append(each)
    # Nothing of what was heard stays behind.
    key_fits.cache_clear()
    proposed = [
        _device(key, candidates, commands, present, names)
        for key, candidates in devices.items()
    ]
    return sorted(proposed, key=lambda device: device.name.casefold())


def _is_announcement(topic: str, payload: str) -> bool:
    return bool(_DISCOVERY.fullmatch(topic)) and payload.lstrip().startswith("{")


def _candidates(
    topic: str,
    payloads: Sequence[str],
    place: Place,
    properties: Mapping[str, Property],
    metric: bool,
) -> Iterable[_Candidate]:
    values = values_in(payloads)
    if place.family is None:
        scalar = not any(value.path for value in values) or all(
            value.path == ("value",) for value in values
        )
        place = generic_scalar(topic) if scalar else generic_object(topic)
    texts = {
        place_words(value.parts): value.value
        for value in values
        if isinstance(value.value, str)
    }
    meta = properties.get(topic)
    for value in values:
        parts = place.parts + (() if value.path == ("value",) else value.parts)
        # Without any, the device's own name is all there is to go by.
        text = place_words(parts) or words(place.device.rpartition("/")[2])
        kind = classify(
            value,
            text,
            place.family,
            unit=None if meta is None else meta.unit,
            neighbours=texts,
            metric=metric,
        )
        if kind.rule is None or not kind.rule.skip:
            yield _Candidate(
                topic=topic,
                value=value,
                place=place,
                kind=kind,
                meta=meta,
                parts=parts,
            )


# --- devices -----------------------------------------------------------------------------


def _device(
    key: str,
    candidates: list[_Candidate],
    commands: Mapping[str, str],
    present: Iterable[Availability],
    names: Mapping[str, str],
) -> ProposedDevice:
    place = candidates[0].place
    candidates = candidates[:MAX_PROPOSALS]
    topics = tuple(dict.fromkeys(candidate.topic for candidate in candidates))
    title = place.title
    info: dict[str, str] = {}
    if place.family is not None:
        if place.family.manufacturer is not None:
            info["manufacturer"] = place.family.manufacturer
        if "{model}" in title:
            title = title.replace("{model}", _model(candidates)).strip()
        for base, name in names.items():
            if place.family.name == "Homie" and topics[0].startswith(f"{base}/"):
                title = name
    shared: dict[str, str] = {}
    # What a device says itself counts more than what its bridge says.
    for availability in sorted(
        present, key=lambda each: not availability_place(each.topic)[1]
    ):
        if _concerns(availability, place, topics):
            shared = availability.config
            break
    return ProposedDevice(
        key=key,
        name=title,
        candidates=tuple(candidates),
        commands=commands,
        info=info,
        shared=shared,
        topics=topics,
    )


def _model(candidates: Sequence[_Candidate]) -> str:
    """Return the model that a payload tells."""
    (found,) = {
        str(value.value)
        for value in values_in([candidates[0].value.payload])
        if value.path == ("name",)
    } or {""}
    return found


def _concerns(availability: Availability, place: Place, topics: Sequence[str]) -> bool:
    family, identity = availability_place(availability.topic)
    if family is not None:
        return (
            place.family is not None
            and place.family.name == family
            and identity in ("", place.found.get("device"))
        )
    return (place.family is None or not place.family.availability) and all(
        topic == identity or topic.startswith(f"{identity}/") for topic in topics
    )


# --- names ---------------------------------------------------------------------------------


def _names(
    candidates: Sequence[_Candidate], set_by: Sequence[dict[str, Any] | None]
) -> list[str | None]:
    """Return a name for each: as short as it can be without being another one's."""
    switches = [
        index
        for index, command in enumerate(set_by)
        if command is not None and command[CONF_PLATFORM] == Platform.SWITCH
    ]
    # What a device is for has the device's name.
    main = switches[0] if len(switches) == 1 else None
    if main is not None and not _is_main(candidates[main]):
        main = None
    lengths = [_shortest(candidate) for candidate in candidates]
    while True:
        names = [
            None if index == main else _name(candidate, length)
            for index, (candidate, length) in enumerate(
                zip(candidates, lengths, strict=True)
            )
        ]
        again = False
        for index, name in enumerate(names):
            if (
                name is not None
                and names.count(name) > 1
                and lengths[index] < len(candidates[index].parts)
            ):
                lengths[index] += 1
                again = True
                # A number alone is no beginning.
                if candidates[index].parts[-lengths[index]].isdigit() and (
                    lengths[index] < len(candidates[index].parts)
                ):
                    lengths[index] += 1
        if not again:
            break
    for index, candidate in enumerate(candidates):
        if candidate.meta is not None and candidate.meta.name:
            names[index] = candidate.meta.name
    return names


def _is_main(candidate: _Candidate) -> bool:
    named = [part for part in candidate.parts if not part.isdigit()]
    text = words(named[-1]) if named else "state"
    return text in ("state", "output", "power", "relay")


def _shortest(candidate: _Candidate) -> int:
    """Return how many of the last parts say something together."""
    parts = candidate.parts
    length = 1
    rule = candidate.kind.rule
    if rule is not None and rule.device_class == words(parts[-1] if parts else ""):
        return length
    while length < len(parts) and all(
        word in VAGUE or word.isdigit() or len(word) == 1
        for part in parts[len(parts) - length :]
        for word in words(part).split()
    ):
        length += 1
    return length


def _name(candidate: _Candidate, length: int) -> str | None:
    """Return the last parts as a name; None for a device's only value."""
    found: list[str] = []
    without = False
    for part in candidate.parts[-length:] if candidate.parts else ():
        whole = words(part)
        text = without_unit(whole, candidate.kind.unit)
        is_unit = SPELLINGS.get(whole) == candidate.kind.unit is not None
        without = without or text != whole or is_unit
        if found and (is_unit or (text != whole and len(text) == 1)):
            continue  # "V", "tC": the unit, or the quantity's letter with it
        text = part if _TYPE.fullmatch(part) else spoken(text)
        if text and (not found or found[-1] != text):
            found.append(text)
    if len(found) > 1 and found[0].isdigit():
        found = [*found[1:], found[0]]
    name = " ".join(found)
    rule = candidate.kind.rule
    quantity = None if rule is None else rule.device_class
    if without and quantity in _QUANTITIES and quantity not in name:
        name = f"{name} {quantity}"
    if rule is not None and rule.inverted:
        name = name.removesuffix(" ok")
    prefix = f"{spoken(candidate.place.title)} "
    if candidate.parts and name.startswith(prefix):
        name = name.removeprefix(prefix)
    return capital(name) or None


# --- entities ------------------------------------------------------------------------------


def _proposal(
    candidate: _Candidate, name: str | None, command: dict[str, Any] | None
) -> Proposal | None:
    value, kind, rule = candidate.value, candidate.kind, candidate.kind.rule
    payload = value.payload
    config: EntityConfig = {"name": name, "state_topic": candidate.topic}
    template = _template(candidate)
    if template is not None:
        config["value_template"] = template
    sure = rule is not None and (
        not rule.diagnostic or rule.device_class == SensorDeviceClass.BATTERY
    )
    if command is not None:
        platform = command.pop(CONF_PLATFORM)
        # Where the state is told elsewhere, it is plain, and the payload is the value.
        if (elsewhere := command.pop("state_topic", None)) is not None:
            if elsewhere != candidate.topic:
                payload = str(value.value)
                config.pop("value_template", None)
            config["state_topic"] = elsewhere
        config |= command
        sure = True
    elif kind.shape is Shape.FLAG and kind.on_off is not None:
        platform = Platform.BINARY_SENSOR
        config |= _flag(candidate)
        sure = sure or (rule is None and isinstance(value.value, str))
    else:
        platform = Platform.SENSOR
        config |= _sensor(candidate)
        sure = sure or (rule is None and kind.unit is not None)
    if rule is not None:
        if rule.device_class is not None and platform != Platform.SELECT:
            config["device_class"] = rule.device_class
        if rule.diagnostic and platform in (Platform.SENSOR, Platform.BINARY_SENSOR):
            config["entity_category"] = "diagnostic"
    if platform in (Platform.SWITCH, Platform.NUMBER):
        config.pop("device_class", None)
    config = {"platform": str(platform), **config}
    try:
        entity_config(platform, {"unique_id": "-", **config})
    except vol.Invalid:
        # A metadata's format that makes no sense, for example.
        return None
    return Proposal(
        key=f"{config['state_topic']} {config.get('value_template', '')}".strip(),
        config=config,
        payload=payload,
        sure=sure,
    )


def _template(candidate: _Candidate) -> str | None:
    value, rule = candidate.value, candidate.kind.rule
    expression = value.expression
    if value.inline:
        number = "'-?[0-9]+(?:[.][0-9]+)?'"
        expression = f"({expression} | regex_findall_index({number}))"
    if rule is not None and rule.template is not None:
        if not value.path and rule.device_class == "timestamp":
            expression = "(value | float)"
        return rule.template.replace("VALUE", expression)
    if not value.path and not value.inline:
        return None
    named = any(isinstance(step, Named) for step in value.path)
    if not value.always and not named:
        # Else Home Assistant's log would tell of each message without it.
        expression = f"{expression} | default('')"
    return f"{{{{ {expression} }}}}"


def _sensor(candidate: _Candidate) -> dict[str, Any]:
    kind, meta = candidate.kind, candidate.meta
    if meta is not None and meta.options:
        return {"device_class": "enum", "options": meta.options}
    config: dict[str, Any] = {}
    if kind.unit is not None:
        config["unit_of_measurement"] = kind.unit
    rule = kind.rule
    if rule is not None:
        if rule.options and candidate.value.value in rule.options:
            return {"device_class": "enum", "options": list(rule.options)}
        if rule.state_class is not None:
            config["state_class"] = rule.state_class
        if rule.precision is not None and kind.shape is Shape.NUMBER:
            config["suggested_display_precision"] = rule.precision
    return config


def _flag(candidate: _Candidate) -> dict[str, Any]:
    pair = candidate.kind.on_off
    assert pair is not None
    rule = candidate.kind.rule
    on, off = reversed(pair) if rule is not None and rule.inverted else pair
    config = {}
    if on != "ON":
        config["payload_on"] = on
    if off != "OFF":
        config["payload_off"] = off
    return config


def _command(
    candidate: _Candidate, commands: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return what makes the value one that can be set, or None."""
    family, meta = candidate.place.family, candidate.meta
    if meta is not None:
        return _homie_command(candidate, meta)
    if family is None:
        return _heard_command(candidate, commands)
    text = place_words(candidate.parts)
    for command in family.commands:
        if (
            (command.kind is None or command.kind == candidate.place.found.get("type"))
            and key_fits(command.keys, text)
            and (found := _family_command(candidate, command)) is not None
        ):
            return found
    return None


def _family_command(candidate: _Candidate, command: Command) -> dict[str, Any] | None:
    topic = candidate.topic
    leaf = str(candidate.value.path[-1]) if candidate.value.path else _last(topic)
    where = {
        **candidate.place.found,
        "topic": topic,
        "before": topic.rpartition("/")[0],
        "after": topic.partition("/")[2],
        "leaf": leaf,
    }
    found: dict[str, Any] = {"command_topic": command.topic.format_map(where)}
    if command.state_topic is not None:
        found["state_topic"] = command.state_topic.format_map(where)
    if command.template is not None:
        found["command_template"] = command.template.replace("LEAF", leaf)
    rule = candidate.kind.rule
    if command.shape is Shape.TEXT:
        options = () if rule is None else rule.options
        if candidate.value.value not in options:
            return None
        return {"platform": Platform.SELECT, "options": list(options), **found}
    pair = candidate.kind.on_off
    if pair is None:
        return None
    found |= _switch(command.on or pair[0], command.off or pair[1], pair)
    return found


def _switch(on: str, off: str, states: tuple[str, str]) -> dict[str, Any]:
    config: dict[str, Any] = {"platform": Platform.SWITCH}
    if on != "ON":
        config["payload_on"] = on
    if off != "OFF":
        config["payload_off"] = off
    if states != (on, off):
        config |= {"state_on": states[0], "state_off": states[1]}
    return config


def _heard_command(
    candidate: _Candidate, commands: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return the command of a value beside whose topic one was heard."""
    value, topic = candidate.value, candidate.topic
    pair = on_off(value.value)
    base = topic
    if topic not in commands and _last(topic) in STATE_LEAVES:
        base = topic.rpartition("/")[0]
    if pair is None or base not in commands:
        return None
    found: dict[str, Any] = {"command_topic": commands[base]}
    if not value.path:
        return found | _switch(*pair, pair)
    if isinstance(value.value, bool) or value.path != ("state",):
        return None
    template = '{"state": "{{ value }}"}'
    return found | {"command_template": template} | _switch(*pair, pair)


def _homie_command(candidate: _Candidate, meta: Property) -> dict[str, Any] | None:
    if not meta.settable:
        return None
    found: dict[str, Any] = {"command_topic": f"{candidate.topic}/set"}
    if meta.datatype == "boolean" and (pair := candidate.kind.on_off) is not None:
        return found | _switch(*pair, pair)
    if meta.options and candidate.value.value in meta.options:
        return {"platform": Platform.SELECT, "options": meta.options, **found}
    if meta.datatype in ("integer", "float", "percent") and meta.limits is not None:
        low, high = meta.limits
        found |= {"platform": Platform.NUMBER, "min": low, "max": high}
        if meta.datatype == "float":
            found["step"] = 0.1
        if candidate.kind.unit is not None:
            found["unit_of_measurement"] = candidate.kind.unit
        return found
    return None


def _last(topic: str) -> str:
    return topic.rpartition("/")[2]


__all__ = ["Proposal", "ProposedDevice", "suggest"]
