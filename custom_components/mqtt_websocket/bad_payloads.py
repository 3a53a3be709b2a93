"""Messages that an entity can't use: counted, and logged once per topic.

A device that talks nonsense does so every second, and a topic may feed ten entities.
"""

import logging
from typing import Final

from homeassistant.core import callback

from .broker.broker import Broker
from .broker.message import Message

_LOGGER = logging.getLogger(__name__)

MAX_TOPICS: Final = 1000
"""A wildcard may match any number of topics; beyond this many they are only counted."""


class BadPayloads:
    """The messages of one broker that changed nothing because nobody understood them."""

    def __init__(self, broker: Broker) -> None:
        """Start from none."""
        self.count = 0
        self.topics: dict[str, int] = {}
        self._broker = broker
        self._logged: dict[str, int] = {}  # the highest level, per topic

    @callback
    def add(
        self,
        message: Message,
        reader: str,
        reason: object,
        level: int = logging.WARNING,
    ) -> None:
        """Count a message that changed nothing in its reader, an entity's id or the like.

        The reason must not hold its payload.
        """
        self.count += 1
        topic = message.topic
        if topic not in self.topics and len(self.topics) >= MAX_TOPICS:
            return
        self.topics[topic] = self.topics.get(topic, 0) + 1
        if self._logged.get(topic, logging.NOTSET) < level:
            self._logged[topic] = level
            _LOGGER.log(
                level,
                "A message on the topic %s of %s changes nothing in %s: %s",
                topic,
                self._broker.name,
                reader,
                reason,
            )
