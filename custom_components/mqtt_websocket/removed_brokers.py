"""Tells people which of their automations and scripts name a broker that is gone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.const import ATTR_DEVICE_ID, ATTR_RESTORED
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_component import EntityComponent
from homeassistant.helpers.event import (
    TrackStates,
    async_call_later,
    async_track_state_change_filtered,
)
from homeassistant.helpers.start import async_at_started

from .const import ATTR_CONFIG_ENTRY_ID, DOMAIN

ISSUE: Final = "removed_broker"

_DOMAINS: Final = ("automation", "script")
_KINDS: Final = ("trigger", "platform", "condition", "action", "service")
_PLACES: Final = ("options", "data", "target")
_COOLDOWN: Final = 0.5


@callback
def async_setup_removed_brokers(hass: HomeAssistant) -> None:
    """Look once Home Assistant has started, and at every change that may matter."""
    look = _Look(hass)

    @callback
    def entry_changed(change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN and change is not ConfigEntryChange.UPDATED:
            look.titles[entry.entry_id] = entry.title
            look.soon()

    @callback
    def state_changed(event: Event[EventStateChangedData]) -> None:
        # Whoever edits an automation or script puts a new entity in the place of the
        # old, which leaves a state that waits to be restored. All else is its work.
        states = (event.data["old_state"], event.data["new_state"])
        if any(state is None or ATTR_RESTORED in state.attributes for state in states):
            look.soon()

    @callback
    def started(_hass: HomeAssistant) -> None:
        look.soon()

    async_at_started(hass, started)
    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, entry_changed)
    async_track_state_change_filtered(
        hass, TrackStates(False, set(), set(_DOMAINS)), state_changed
    )


class _Look:
    """Raises an issue for each automation that names a broker that is gone."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.titles: dict[str, str] = {}
        """What brokers were called: nobody knows their ids."""
        self._hass = hass
        self._raised: set[str] = set()
        self._waiting = False

    @callback
    def soon(self) -> None:
        """Look once for all that changes together, as at a reload."""
        if self._waiting or not self._hass.is_running:
            return
        self._waiting = True
        async_call_later(
            self._hass, _COOLDOWN, HassJob(self._look, cancel_on_shutdown=True)
        )

    @callback
    def _look(self, _now: datetime) -> None:
        """Raise issues, and clear those whose cause is gone."""
        self._waiting = False
        raised = set()
        for domain in _DOMAINS:
            component = self._hass.data.get(domain)
            if not isinstance(component, EntityComponent):
                continue
            for entity in component.entities:
                gone = self._gone(getattr(entity, "raw_config", None))
                if gone:
                    raised.add(self._raise(domain, entity, gone))
        for issue_id in self._raised - raised:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._raised = raised

    def _raise(self, domain: str, entity: Entity, gone: list[str]) -> str:
        issue_id = f"{ISSUE}_{entity.entity_id}"
        # What is written in YAML has no page of its own.
        page = "dashboard" if entity.unique_id is None else f"edit/{entity.unique_id}"
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=ISSUE,
            translation_placeholders={
                "name": str(entity.name or entity.entity_id),
                "entity_id": entity.entity_id,
                "brokers": ", ".join(self.titles.get(one, one) for one in gone),
                "edit": f"/config/{domain}/{page}",
            },
        )
        return issue_id

    def _gone(self, config: object) -> list[str]:
        """Return the ids in a configuration that were brokers once, or their devices."""
        entries = self._hass.config_entries
        devices = dr.async_get(self._hass)
        found: dict[str, None] = {}
        for fields in _our_fields(config):
            for entry_id in _ids(fields.get(ATTR_CONFIG_ENTRY_ID)):
                if entries.async_get_entry(entry_id) is None:
                    found[entry_id] = None
            for device_id in _ids(fields.get(ATTR_DEVICE_ID)):
                if devices.async_get(device_id) is None:
                    found[device_id] = None
        return list(found)


def _our_fields(config: object) -> Iterator[Mapping[str, Any]]:
    """Return the fields of our triggers, conditions and actions, however deep."""
    if isinstance(config, Mapping):
        kinds = (config.get(key) for key in _KINDS)
        if any(
            isinstance(kind, str) and kind.startswith(f"{DOMAIN}.") for kind in kinds
        ):
            for place in _PLACES:
                if isinstance(fields := config.get(place), Mapping):
                    yield fields
        for value in config.values():
            yield from _our_fields(value)
    elif isinstance(config, list):
        for value in config:
            yield from _our_fields(value)


def _ids(value: object) -> Iterator[str]:
    """Return the ids that a field names. What a template will say is not known."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and "{" not in one:
            yield one
