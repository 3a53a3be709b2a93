"""Lets publish rules follow the entities that they name, whether at work or not."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN, SUBENTRY_PUBLISH_RULE
from .selection import EXCLUDE_PREFIX, Kind

_KEYS: Final = (Kind.ENTITIES.value, f"{EXCLUDE_PREFIX}{Kind.ENTITIES}")


@callback
def async_follow_renames(hass: HomeAssistant) -> None:
    """Rename entities in the rules of entries that are not loaded.

    Their broker can't be reached, or they are disabled. Nothing else would follow, and
    later nobody knows what an entity was called.
    """

    @callback
    def is_renamed(data: Mapping[str, Any]) -> bool:
        return "old_entity_id" in data

    @callback
    def renamed(event: Event[Any]) -> None:
        old, new = event.data["old_entity_id"], event.data["entity_id"]
        for entry in hass.config_entries.async_entries(DOMAIN):
            if entry.state is ConfigEntryState.LOADED:
                continue  # its rules at work do it
            for rule in entry.get_subentries_of_type(SUBENTRY_PUBLISH_RULE):
                rename_in_rule(hass, entry, rule, old, new)

    hass.bus.async_listen(
        er.EVENT_ENTITY_REGISTRY_UPDATED, renamed, event_filter=is_renamed
    )


@callback
def rename_in_rule(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    rule: ConfigSubentry,
    old: str,
    new: str,
) -> None:
    """Let a stored rule name an entity as it is called now, if it names it at all."""
    renamed = {
        key: list(dict.fromkeys(new if name == old else name for name in names))
        for key in _KEYS
        if old in (names := rule.data.get(key, ()))
    }
    if renamed:
        hass.config_entries.async_update_subentry(
            entry, rule, data={**rule.data, **renamed}
        )
