"""What a rule would do, before there is one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.exceptions import TemplateError

from ..broker.errors import InvalidTopic
from ..devices import Devices
from .announcing import announced_platform, may_announce
from .loops import hears
from .payloads import Shape
from .rule import Rule
from .topics import (
    ANNOUNCED_LEVEL,
    COMMAND_LEVEL,
    ERROR_LEVEL,
    EVENT_LEVEL,
    TopicTemplate,
    command_root,
)

SAMPLES: Final = 5
"""So many topics are shown."""


@dataclass(slots=True)
class Preview:
    """The entities of a rule, their topics, and what is wrong with them."""

    topics: dict[str, str] = field(default_factory=dict)  # by entity
    problems: dict[str, str] = field(default_factory=dict)  # by entity
    shared: tuple[str, str, str] | None = None
    """Two entities that would overwrite each other, and their topic."""
    occupied: tuple[str, str] | None = None
    """An entity whose state would be published where something else of it is."""
    looped: tuple[str, str] | None = None
    """An entity of this broker that would hear itself, and the topic."""
    payload_problem: tuple[str, str] | None = None
    """An entity whose payload can't be made, and why."""
    samples: list[tuple[str, str]] = field(default_factory=list)
    """The first topics with their payloads, of entities that have a state."""
    announced: Counter[str] = field(default_factory=Counter)
    """How many entities are announced, by platform."""

    def of_domain(self, domain: str) -> list[str]:
        """Return the entities of a domain."""
        return [each for each in self.topics if each.startswith(f"{domain}.")]


@callback
def async_preview(
    hass: HomeAssistant, rule: Rule, entry_id: str, devices: Devices | None
) -> Preview:
    """Return what a rule of a config entry would publish now.

    ``devices`` are those of the entry, None while it is not loaded.
    """
    preview = Preview()
    template = TopicTemplate(hass, rule.topic, rule.base)
    first: dict[str, str] = {}
    for entity_id in rule.selection.all_matching(hass, entry_id):
        try:
            topic = template.render(entity_id)
        except (TemplateError, InvalidTopic) as err:
            preview.problems[entity_id] = str(err)
            continue
        preview.topics[entity_id] = topic
        if (other := first.setdefault(topic, entity_id)) != entity_id:
            preview.shared = preview.shared or (other, entity_id, topic)
        if devices is not None and hears(hass, devices, entity_id, topic):
            preview.looped = preview.looped or (entity_id, topic)
        if rule.announce and may_announce(hass, rule, entity_id):
            domain = split_entity_id(entity_id)[0]
            preview.announced[announced_platform(rule, domain)] += 1
        if _is_taken(rule, entity_id, topic):
            preview.occupied = preview.occupied or (entity_id, topic)
    try:
        preview.samples = list(islice(_samples(hass, rule, preview), SAMPLES))
    except _Unmakeable as err:
        preview.payload_problem = err.entity_id, str(err)
    return preview


def _is_taken(rule: Rule, entity_id: str, topic: str) -> bool:
    root = command_root(rule.base, entity_id)
    return (
        rule.commands
        and (
            topic == f"{root}/{ERROR_LEVEL}"
            or f"{topic}/".startswith(f"{root}/{COMMAND_LEVEL}/")
        )
    ) or (
        rule.announce
        and topic in (f"{root}/{ANNOUNCED_LEVEL}", f"{root}/{EVENT_LEVEL}")
    )


class _Unmakeable(Exception):
    def __init__(self, entity_id: str, err: TemplateError) -> None:
        super().__init__(str(err))
        self.entity_id = entity_id


def _samples(
    hass: HomeAssistant, rule: Rule, preview: Preview
) -> Iterator[tuple[str, str]]:
    shape = Shape(hass, rule)
    for entity_id, topic in preview.topics.items():
        if (state := hass.states.get(entity_id)) is None:
            continue
        try:
            messages = shape.messages(state, topic)
        except TemplateError as err:
            raise _Unmakeable(entity_id, err) from err
        if messages is not None:
            # What the rule is about comes first, then what hangs on it.
            yield topic, messages.pop(topic)
            yield from messages.items()
