"""Where a broker says for us whether the entities that we announce are there: the will.

A connection has one will (MQTT 5 section 3.1.2.5), so that of an entry with a rule that
announces is about its status. It has to be retained: whoever comes later, or comes
back, must not take the entities of a Home Assistant that crashed for available.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..broker.settings import Announcement
from ..const import (
    CONF_BIRTH,
    CONF_DISCOVERY_PREFIX,
    CONF_WILL,
    DEFAULT_DISCOVERY_PREFIX,
    SUBENTRY_PUBLISH_RULE,
)
from ..identity import home_of
from .rule import rule_from_data

STATUS_LEVEL: Final = "status"


@dataclass(frozen=True, slots=True)
class Status:
    """A topic and what it says.

    ``is_ours``: nobody says anything there unless the rules' publisher does; else the
    birth message and the will of the entry say it.
    """

    topic: str
    online: str = "online"
    offline: str = "offline"
    is_ours: bool = True

    @property
    def will(self) -> Announcement | None:
        """The will that says so, if the entry's own does not."""
        if not self.is_ours:
            return None
        return Announcement(self.topic, self.offline, qos=1, retain=True)


@callback
def status_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Status | None:
    """Return the status that an entry needs; None if none of its rules announces."""
    for subentry in entry.subentries.values():
        if subentry.subentry_type != SUBENTRY_PUBLISH_RULE:
            continue
        try:
            rule = rule_from_data(subentry.data)
        except vol.Invalid:
            continue  # it publishes nothing
        if rule.announce:
            topic = f"{rule.base}/{STATUS_LEVEL}/{home_of(hass)}"
            return _chosen(entry.options) or Status(topic)
    return None


def _chosen(options: Mapping[str, Any]) -> Status | None:
    """Return the status that a person's birth message and will tell, if they do.

    Not on the topic that all Home Assistants share: each would speak for the others.
    """
    birth, will = options.get(CONF_BIRTH), options.get(CONF_WILL)
    prefix = options.get(CONF_DISCOVERY_PREFIX, DEFAULT_DISCOVERY_PREFIX)
    if (
        not birth
        or not will
        or birth["topic"] != will["topic"]
        or birth["payload"] == will["payload"]
        or not (birth["retain"] and will["retain"])
        or not (birth["payload"] and will["payload"])
        or will["topic"] == f"{prefix}/{STATUS_LEVEL}"
    ):
        return None
    return Status(will["topic"], birth["payload"], will["payload"], is_ours=False)
