"""Who feeds the topics that the broker retains, and what is cleared when nobody does."""

from collections import defaultdict
from collections.abc import Iterable

from .feed import Feed
from .ledger import Ledger
from .outbox import Outbox
from .rule import Rule
from .status import Status
from .topics import attribute_parent, is_attribute_level

type Key = tuple[str, str]
"""A feed: its rule and its entity."""


class Retained:
    """The retained topics of all feeds of a broker."""

    def __init__(self, outbox: Outbox, ledger: Ledger) -> None:
        """Start with none fed, whatever the ledger knows of another life."""
        self._outbox = outbox
        self._ledger = ledger
        self._holders: defaultdict[str, set[Key]] = defaultdict(set)

    def __contains__(self, topic: str) -> bool:
        """Whether something is retained that is fed now."""
        return topic in self._holders

    def hold(self, key: Key, feed: Feed, topics: set[str]) -> None:
        """Make these the topics that are retained for a feed, and no others."""
        self.release(key, feed, feed.retained - topics)
        for topic in topics:
            self._holders[topic].add(key)
        feed.retained = topics

    def release(self, key: Key, feed: Feed, topics: set[str]) -> None:
        """Clear what is retained under topics, unless another entity feeds them."""
        feed.retained = feed.retained - topics
        for topic in topics:
            feed.sent.pop(topic, None)
            holders = self._holders[topic]
            holders.discard(key)
            if not holders:
                del self._holders[topic]
                self._outbox.clear(topic, self._ledger.topics.get(topic, 1))

    def clear_ghosts(
        self, feeds: Iterable[tuple[Rule, Feed]], status: Status | None
    ) -> None:
        """Clear what was retained and belongs to nothing that is published now.

        That includes another ``status`` than this one: the broker may have published
        the will of a connection that is over.
        """
        silent_topics: set[str] = set()
        silent_parents: set[str] = set()
        for rule, feed in feeds:
            if feed.silent and rule.retain:
                silent_topics.add(feed.topic)
                if rule.attribute_topics:
                    silent_parents.add(attribute_parent(feed.topic))
        for topic, qos in list(self._ledger.topics.items()):
            parent, _, name = topic.rpartition("/")
            if (
                topic not in self._holders
                and (status is None or topic != status.topic)
                and not self._outbox.has(topic)
                and topic not in silent_topics
                and not (f"{parent}/" in silent_parents and is_attribute_level(name))
            ):
                self._outbox.clear(topic, qos)
