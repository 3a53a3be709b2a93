"""What makes a heard value one that can be set: topics, templates and payloads."""

from collections.abc import Mapping, Sequence
import re
from typing import Any

from homeassistant.const import CONF_PLATFORM, Platform

from .candidate import Candidate
from .classify import key_fits, on_off, place_words
from .homie import Property
from .suggestions import Command, Shape, Whole
from .suggestions.words import STATE_LEAVES


def command_of(
    candidate: Candidate, commands: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return what makes the value one that can be set, or None."""
    family, meta = candidate.place.family, candidate.meta
    if (whole := whole_of(candidate)) is not None:
        return _whole_config(candidate, whole)
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


def whole_of(candidate: Candidate) -> Whole | None:
    """Return what the value stands for, together with others of its object."""
    family, value = candidate.place.family, candidate.value
    text = place_words(candidate.parts)
    for whole in () if family is None else family.wholes:
        if (
            text == whole.key
            and value.value in whole.states
            and whole.beside in value.beside
        ):
            return whole
    return None


def without_parts(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the values without those that belong to another one."""
    parts = {
        each.topic: whole.parts
        for each in candidates
        if (whole := whole_of(each)) is not None
    }
    return [
        each
        for each in candidates
        if each.topic not in parts
        or not re.fullmatch(parts[each.topic], place_words(each.parts))
    ]


def _whole_config(candidate: Candidate, whole: Whole) -> dict[str, Any]:
    config = dict(whole.config)
    for keys, more in whole.more:
        if candidate.value.beside.issuperset(keys):
            config |= more
    return {CONF_PLATFORM: whole.platform} | {
        key: value.replace("TOPIC", candidate.topic)
        if isinstance(value, str)
        else value
        for key, value in config.items()
    }


def _family_command(candidate: Candidate, command: Command) -> dict[str, Any] | None:
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
    candidate: Candidate, commands: Mapping[str, str]
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


def _homie_command(candidate: Candidate, meta: Property) -> dict[str, Any] | None:
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
