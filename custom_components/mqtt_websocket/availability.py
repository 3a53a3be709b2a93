"""Whether its topics say that an entity is there, counted exactly as core counts it.

Source: ``MqttAvailabilityMixin`` in homeassistant/components/mqtt/entity.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .broker.message import Message
from .mapping.schemas.common import (
    AVAILABILITY_ALL,
    AVAILABILITY_ANY,
    AVAILABILITY_LATEST,
    CONF_AVAILABILITY,
    CONF_AVAILABILITY_TEMPLATE,
    CONF_AVAILABILITY_TOPIC,
    CONF_PAYLOAD_AVAILABLE,
    CONF_PAYLOAD_NOT_AVAILABLE,
    CONF_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from .mapping.template import ValueTemplate


@dataclass(frozen=True, slots=True)
class AvailabilityTopic:
    """One topic that says whether an entity is there."""

    topic: str
    payload_available: str
    payload_not_available: str
    template: str | None


def availability_topics(config: Mapping[str, Any]) -> list[AvailabilityTopic]:
    """Return an entity's availability topics; of two equal ones the last counts."""
    found: dict[str, AvailabilityTopic] = {}
    if (topic := config.get(CONF_AVAILABILITY_TOPIC)) is not None:
        found[topic] = AvailabilityTopic(
            topic,
            config[CONF_PAYLOAD_AVAILABLE],
            config[CONF_PAYLOAD_NOT_AVAILABLE],
            config.get(CONF_AVAILABILITY_TEMPLATE),
        )
    for single in config.get(CONF_AVAILABILITY, ()):
        found[single[CONF_TOPIC]] = AvailabilityTopic(
            single[CONF_TOPIC],
            single[CONF_PAYLOAD_AVAILABLE],
            single[CONF_PAYLOAD_NOT_AVAILABLE],
            single.get(CONF_VALUE_TEMPLATE),
        )
    return list(found.values())


class Availability:
    """What the availability topics of one entity said, summed up in ``available``.

    Without topics an entity is always there; with topics it is not before one of them
    says so. In the mode ``latest`` the last word counts, whichever topic it came on.
    """

    def __init__(self) -> None:
        """Start without topics."""
        self.available = True
        self._mode = AVAILABILITY_LATEST
        self._said: dict[str, bool] = {}
        self._latest = False

    def configure(self, mode: str, topics: Iterable[AvailabilityTopic]) -> None:
        """Take other topics or another mode; what a topic said before still counts."""
        self._mode = mode
        self._said = {each.topic: self._said.get(each.topic, False) for each in topics}
        self._sum_up()

    def say(self, topic: str, available: bool) -> None:
        """Take in what a topic says."""
        self._said[topic] = self._latest = available
        self._sum_up()

    def _sum_up(self) -> None:
        if not self._said:
            self.available = True
        elif self._mode == AVAILABILITY_ALL:
            self.available = all(self._said.values())
        elif self._mode == AVAILABILITY_ANY:
            self.available = any(self._said.values())
        else:
            self.available = self._latest


class AvailabilityReader:
    """Reads the messages of one availability topic."""

    __slots__ = ("_available", "_entity", "_not_available", "_template", "_topic")

    def __init__(
        self, entity: Availability, topic: AvailabilityTopic, template: ValueTemplate
    ) -> None:
        """Read for an entity; the template is that of the topic."""
        self._entity = entity
        self._topic = topic.topic
        self._available = topic.payload_available
        self._not_available = topic.payload_not_available
        self._template = template

    def __call__(self, message: Message) -> None:
        """Compare the value with the two payloads; any other value says nothing."""
        value = self._template.render(message)
        if value == self._available:
            self._entity.say(self._topic, True)
        elif value == self._not_available:
            self._entity.say(self._topic, False)
