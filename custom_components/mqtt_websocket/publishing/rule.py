"""A publish rule: which entities go to the broker, under which topics, and how."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.exceptions import TemplateError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.template import Template

from ..broker.errors import InvalidTopic
from ..broker.topics import validate_topic

CONF_ENTITIES: Final = "entities"
CONF_TOPIC: Final = "topic"
CONF_QOS: Final = "qos"
CONF_RETAIN: Final = "retain"

DEFAULT_BASE: Final = "homeassistant_states"
DEFAULT_TOPIC: Final = "{{ base }}/{{ domain }}/{{ object_id }}/state"
# A state that a subscriber gets late must not be lost on the way, and must be there
# for whoever comes later: what mqtt_statestream does as well.
DEFAULT_QOS: Final = 1
DEFAULT_RETAIN: Final = True

RULE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_ENTITIES): cv.entity_ids,
        vol.Optional(CONF_TOPIC, default=DEFAULT_TOPIC): cv.string,
        vol.Optional(CONF_QOS, default=DEFAULT_QOS): vol.All(
            vol.Coerce(int), vol.In((0, 1, 2))
        ),
        vol.Optional(CONF_RETAIN, default=DEFAULT_RETAIN): cv.boolean,
    },
    # A rule written by a newer version is still a rule after a downgrade.
    extra=vol.REMOVE_EXTRA,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A validated publish rule. ``topic`` is the source of a template."""

    entities: tuple[str, ...]
    topic: str = DEFAULT_TOPIC
    qos: int = DEFAULT_QOS
    retain: bool = DEFAULT_RETAIN


@dataclass(frozen=True, slots=True)
class Target:
    """Where the state of one entity goes."""

    topic: str
    qos: int
    retain: bool


def rule_from_data(data: Mapping[str, Any]) -> Rule:
    """Return the rule of a subentry's data, or raise vol.Invalid."""
    config = RULE_SCHEMA(dict(data))
    return Rule(
        entities=tuple(dict.fromkeys(config[CONF_ENTITIES])),
        topic=config[CONF_TOPIC],
        qos=config[CONF_QOS],
        retain=config[CONF_RETAIN],
    )


@callback
def async_resolve_targets(
    hass: HomeAssistant, rule: Rule
) -> tuple[dict[str, Target], dict[str, str]]:
    """Return where each entity of a rule goes, and why some of them can't.

    The topic is a limited template with ``base``, ``domain``, ``object_id``,
    ``entity_id`` and ``area`` (the area's ID, empty without one): a topic says which
    entity it is about and must not change with anybody's state.
    """
    template = Template(rule.topic, hass)
    targets: dict[str, Target] = {}
    problems: dict[str, str] = {}
    for entity_id in rule.entities:
        domain, object_id = split_entity_id(entity_id)
        try:
            topic = template.async_render(
                {
                    "base": DEFAULT_BASE,
                    "domain": domain,
                    "object_id": object_id,
                    "entity_id": entity_id,
                    "area": _area_id(hass, entity_id) or "",
                },
                parse_result=False,
                limited=True,
            )
            targets[entity_id] = Target(validate_topic(topic), rule.qos, rule.retain)
        except (TemplateError, InvalidTopic) as err:
            problems[entity_id] = str(err)
    return targets, problems


def _area_id(hass: HomeAssistant, entity_id: str) -> str | None:
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None:
        return None
    if entity.area_id is not None:
        return entity.area_id
    if entity.device_id is None:
        return None
    device = dr.async_get(hass).async_get(entity.device_id)
    return None if device is None else dr.async_get_effective_area_id(hass, device)
