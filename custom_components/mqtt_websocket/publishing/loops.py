"""Whether an entity would hear what is published of it."""

from collections.abc import Iterator
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import entity_sources

from ..broker.topics import TopicTrie
from ..const import DOMAIN
from ..devices import Devices


@callback
def hears(hass: HomeAssistant, devices: Devices, entity_id: str, topic: str) -> bool:
    """Whether an entity that came from this broker has to do with a topic.

    Its state would go where it comes from, or command it: round in circles, or at
    least two who write the same topic.
    """
    source = entity_sources(hass).get(entity_id)
    if source is None or source["domain"] != DOMAIN:
        return False  # nearly all: no need to look through everything of this broker
    for running in devices.running.values():
        for key, entity in running.entities.items():
            if entity.entity_id == entity_id and key in running.plans:
                return any(
                    _matches(each, topic) for each in _topics(running.plans[key].config)
                )
    return False


def _topics(config: Any, is_topic: bool = False) -> Iterator[str]:
    if isinstance(config, str):
        if is_topic:
            yield config
    elif isinstance(config, dict):
        for key, value in config.items():
            yield from _topics(value, str(key).endswith("topic"))
    elif isinstance(config, list):
        for value in config:
            yield from _topics(value)


def _matches(topic_filter: str, topic: str) -> bool:
    trie: TopicTrie[str] = TopicTrie()
    trie.add(topic_filter, topic_filter)
    return bool(trie.match(topic))
