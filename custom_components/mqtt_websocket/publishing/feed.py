"""One entity of one rule: what goes out of its states, and what the broker keeps of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.core import State

from .announcing import Announced
from .rule import Rule
from .topics import attribute_parent


@dataclass(slots=True)
class Feed:
    """What is known of what was published. ``topic`` is that of the state."""

    topic: str
    sent: dict[str, int] = field(default_factory=dict)
    """The hash of the last payload by topic: what is the same does not go out again."""
    retained: set[str] = field(default_factory=set)
    """The topics that would be ghosts without this feed."""
    state: str | None = None
    """The last published state."""
    not_before: float = 0
    timer: asyncio.TimerHandle | None = None
    complained: bool = False
    silent: bool = False
    """Whether it chose to say nothing: what the broker retains of it stays as it is."""
    announced: Announced | None = None
    """How it is announced, if it is."""
    described: Mapping[str, Any] | None = None
    """The attributes that ``announced`` was made of; None if it has to be made anew."""

    copies: frozenset[str] = frozenset()
    """The topics of the announcement, and of the JSON that it refers to."""
    moment: str | None = None
    """When something happened last, of what tells events; None if nobody knows yet."""

    def renew(self) -> None:
        """Let the next state go out, whatever was published before."""
        self.sent.clear()
        self.described = None
        self.state = None
        self.not_before = 0

    def stop(self) -> None:
        """Wait for nothing any more."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def owns(self, topic: str) -> bool:
        """Whether a topic is one of this entity's."""
        return topic == self.topic or topic.startswith(attribute_parent(self.topic))

    def is_small_change(self, rule: Rule, state: State) -> bool:
        """Whether a number moved by less than what counts."""
        if not rule.threshold or self.state is None or state.state == self.state:
            return False
        try:
            return abs(float(state.state) - float(self.state)) < rule.threshold
        except ValueError:
            return False
