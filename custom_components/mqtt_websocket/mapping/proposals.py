"""From a heard value to an entity config that is proposed."""

from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import CONF_PLATFORM, Platform

from .candidate import Candidate
from .heard import Named
from .schemas import EntityConfig, entity_config
from .suggestions import Shape


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


def proposal_of(
    candidate: Candidate, name: str | None, command: dict[str, Any] | None
) -> Proposal | None:
    """Return what is proposed for a value, None if no valid entity comes of it.

    ``command`` is what makes it one that can be set, with its platform.
    """
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
        if config.get("value_template", "") is None:
            del config["value_template"]
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


def _template(candidate: Candidate) -> str | None:
    value, rule = candidate.value, candidate.kind.rule
    expression = value.expression
    inline = value.inline and candidate.kind.shape is not Shape.TEXT
    if inline:
        number = "'-?[0-9]+(?:[.][0-9]+)?'"
        expression = f"({expression} | regex_findall_index({number}))"
    if rule is not None and rule.template is not None:
        if not value.path and rule.device_class == "timestamp":
            expression = "(value | float)"
        return rule.template.replace("VALUE", expression)
    if not value.path and not inline:
        return None
    named = any(isinstance(step, Named) for step in value.path)
    if not value.always and not named:
        # Else Home Assistant's log would tell of each message without it.
        expression = f"{expression} | default('')"
    return f"{{{{ {expression} }}}}"


def _sensor(candidate: Candidate) -> dict[str, Any]:
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


def _flag(candidate: Candidate) -> dict[str, Any]:
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
