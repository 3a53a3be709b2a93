"""The topics of a rule: one for each entity's state, others that hang on it."""

import re
from typing import Final

from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers.template import Template

from ..broker.topics import validate_topic
from .selection import area_of

VARIABLES: Final = ("base", "domain", "object_id", "entity_id", "area")
STATE_LEVEL: Final = "state"
COMMAND_LEVEL: Final = "set"
ERROR_LEVEL: Final = "error"
ANNOUNCED_LEVEL: Final = "announced"
EVENT_LEVEL: Final = "event"

# Not for attributes: they mean something else beside a state.
_RESERVED: Final = {STATE_LEVEL, COMMAND_LEVEL, ERROR_LEVEL, ANNOUNCED_LEVEL}

_VARIABLE: Final = re.compile(r"\{\{\s*(" + "|".join(VARIABLES) + r")\s*\}\}")


class TopicTemplate:
    """Makes the topic of an entity's state.

    A limited template with ``base``, ``domain``, ``object_id``, ``entity_id`` and
    ``area`` (the area's ID, empty without one): a topic says which entity it is about
    and must not change with anybody's state.
    """

    def __init__(self, hass: HomeAssistant, source: str, base: str) -> None:
        """Compile a template."""
        self._hass = hass
        self._base = base
        self._template = Template(source, hass)
        # Nearly all of them put variables in places, which takes a hundredth of the
        # time without Jinja: rules may be about ten thousand entities.
        parts = _VARIABLE.split(source.strip())
        literal = "".join(parts[::2])
        is_simple = not any(mark in literal for mark in ("{{", "{%", "{#", "\n"))
        self._parts = parts if is_simple else None

    @callback
    def render(self, entity_id: str) -> str:
        """Return a topic; raises TemplateError or InvalidTopic."""
        domain, object_id = split_entity_id(entity_id)
        values = {
            "base": self._base,
            "domain": domain,
            "object_id": object_id,
            "entity_id": entity_id,
            "area": area_of(self._hass, entity_id) or "",
        }
        if self._parts is None:
            topic = self._template.async_render(
                values, parse_result=False, limited=True
            )
        else:
            topic = "".join(
                values[part] if number % 2 else part
                for number, part in enumerate(self._parts)
            ).strip()
        return validate_topic(topic)


def attribute_parent(topic: str) -> str:
    """Return what the topics of attributes begin with.

    mqtt_statestream puts them beside ``…/state``. Where the state's topic ends with
    the entity itself, they would mix with those of others there.
    """
    parent, slash, last = topic.rpartition("/")
    return f"{parent}/" if slash and last == STATE_LEVEL else f"{topic}/"


def is_attribute_level(name: str) -> bool:
    """Whether an attribute can have a topic of its own: no wildcards, no other meaning."""
    return name not in _RESERVED and not set(name) & set("+#/\0")


def command_root(base: str, entity_id: str) -> str:
    """Return what the topics of an entity's commands and errors begin with."""
    domain, object_id = split_entity_id(entity_id)
    return f"{base}/{domain}/{object_id}"
