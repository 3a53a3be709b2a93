"""What is announced to two brokers of ours: an entity can belong to only one of them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .plan import EntityPlan
from .registry import registered_entity_id

ISSUE: Final = "announced_twice"

_COOLDOWN: Final = 1.0
"""Seconds: who removes a broker removes many entities."""

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
        self._left_out: dict[str, tuple[EntityPlan, ...]] = {}  # by topic
        self._others: set[str] = set()
        self._unlisten: CALLBACK_TYPE | None = None
        self._waiting: CALLBACK_TYPE | None = None

    @callback
    def note(self, topic: str, left_out: Collection[EntityPlan]) -> None:
        """Note what of a topic's last announcement is another entry's."""
        if not left_out:
            self._left_out.pop(topic, None)
            if not self._left_out:
                self.stop()
            return
        self._left_out[topic] = tuple(left_out)
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
        return dict(Counter(each for each in self._holders() if each is not None))

    def _holders(self) -> Iterator[str | None]:
        """Yield for each entity that is left out what ``_holder`` returns."""
        for plans in self._left_out.values():
            yield from map(self._holder, plans)

    def _holder(self, plan: EntityPlan) -> str | None:
        """Return the id of the other entry that has an entity; None if none has it."""
        entity_id = registered_entity_id(self._hass, plan)
        if entity_id is None:
            return None
        found = er.async_get(self._hass).entities[entity_id].config_entry_id
        return None if found == self._entry.entry_id else found

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
        holders = set(self._holders())
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
