"""What is announced to two brokers of ours: an entity can belong to only one of them."""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

ISSUE: Final = "announced_twice"

_COOLDOWN: Final = 1.0
"""Seconds: who removes a broker removes many entities."""

type Identity = tuple[str, str | None]
"""A platform and a unique id."""

_PAIRS: Final[HassKey[dict[frozenset[str], set[str]]]] = HassKey(
    f"{DOMAIN}_announced_twice"
)
"""Which two entries are in each other's way, and which of them say so."""


class Contested:
    """The announcements to one entry of what entities of other entries are already.

    The registry knows a unique id once, whichever broker it comes from. As a rule there
    is one broker with two entries, so that nearly everything is contested: a person gets
    one repair for each two of them. When an entity goes, ``free`` is called: what was
    left out may be announced again.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], free: Callable[[], None]
    ) -> None:
        """Start with none."""
        self._hass = hass
        self._entry = entry
        self._free = free
        self._left_out: dict[str, frozenset[Identity]] = {}  # by topic
        self._others: set[str] = set()
        self._unlisten: CALLBACK_TYPE | None = None
        self._waiting: CALLBACK_TYPE | None = None

    @callback
    def note(self, topic: str, left_out: Collection[Identity]) -> None:
        """Note what of a topic's last announcement is another entry's."""
        if not left_out:
            self._left_out.pop(topic, None)
            if not self._left_out:
                self.stop()
            return
        self._left_out[topic] = frozenset(left_out)
        if self._unlisten is None:
            self._unlisten = self._hass.bus.async_listen(
                er.EVENT_ENTITY_REGISTRY_UPDATED, self._entity_changed
            )
        for other in set(map(self._holder, left_out)) - {None} - self._others:
            assert other is not None
            self._raise(other)

    @callback
    def stop(self) -> None:
        """Forget all of them."""
        self._left_out.clear()
        for other in tuple(self._others):
            self._clear(other)
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        if self._waiting is not None:
            self._waiting()
            self._waiting = None

    @property
    def counts(self) -> dict[str, int]:
        """How many entities are left out, by the id of the entry that has them."""
        holders = (
            self._holder(identity)
            for each in self._left_out.values()
            for identity in each
        )
        return dict(Counter(each for each in holders if each is not None))

    def _holder(self, identity: Identity) -> str | None:
        """Return the id of the other entry that has an entity; None if none has it."""
        platform, unique_id = identity
        registry = er.async_get(self._hass)
        entity_id = registry.async_get_entity_id(platform, DOMAIN, str(unique_id))
        found = entity_id and registry.entities[entity_id].config_entry_id
        return None if not found or found == self._entry.entry_id else found

    # --- what becomes of them -----------------------------------------------------

    @callback
    def _entity_changed(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        if event.data["action"] == "remove" and self._waiting is None:
            self._waiting = async_call_later(
                self._hass, _COOLDOWN, HassJob(self._look, cancel_on_shutdown=True)
            )

    @callback
    def _look(self, _now: datetime) -> None:
        """Find out whether something is free now."""
        self._waiting = None
        holders = {
            self._holder(identity)
            for each in self._left_out.values()
            for identity in each
        }
        for other in self._others - holders:
            self._clear(other)
        if None in holders:
            self._free()

    # --- what a person is told ----------------------------------------------------

    def _raise(self, other: str) -> None:
        self._others.add(other)
        pair = frozenset({self._entry.entry_id, other})
        pairs = self._hass.data.setdefault(_PAIRS, {})
        pairs.setdefault(pair, set()).add(self._entry.entry_id)
        entry = self._hass.config_entries.async_get_entry(other)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            _issue_id(pair),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=ISSUE,
            translation_placeholders={
                "name": self._entry.title,
                "other": entry.title if entry else other,
            },
        )

    def _clear(self, other: str) -> None:
        self._others.discard(other)
        pair = frozenset({self._entry.entry_id, other})
        saying = self._hass.data[_PAIRS][pair]
        saying.discard(self._entry.entry_id)
        if not saying:
            del self._hass.data[_PAIRS][pair]
            ir.async_delete_issue(self._hass, DOMAIN, _issue_id(pair))


def _issue_id(pair: frozenset[str]) -> str:
    return "_".join((ISSUE, *sorted(pair)))
