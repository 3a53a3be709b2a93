"""A publish rule at work."""

from dataclasses import dataclass, field
from typing import Self

from homeassistant.core import HomeAssistant

from .announcing import Announcer
from .feed import Feed
from .payloads import Shape
from .rule import Rule
from .status import Status
from .topics import TopicTemplate


@dataclass(slots=True)
class ActiveRule:
    """A rule with what is made of it: ``feeds`` and ``problems`` by entity."""

    rule: Rule
    template: TopicTemplate
    shape: Shape
    announcer: Announcer | None = None
    feeds: dict[str, Feed] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def attributes_count(self) -> bool:
        """Whether something may have to be published when only attributes changed."""
        return self.announcer is not None or self.shape.attributes_count

    @classmethod
    def of(cls, hass: HomeAssistant, rule: Rule, status: Status | None) -> Self:
        """Return a rule that feeds nothing yet.

        Without a status it announces nothing: its entities would seem to be there for
        ever.
        """
        return cls(
            rule,
            TopicTemplate(hass, rule.topic, rule.base),
            Shape(hass, rule),
            Announcer(hass, rule, status) if rule.announce and status else None,
        )
