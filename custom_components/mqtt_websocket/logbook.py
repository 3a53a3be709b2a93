"""What the logbook says of commands that came over a broker."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.components.logbook.models import LazyEventPartialState
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback

from .const import ATTR_CONFIG_ENTRY_ID, ATTR_TOPIC, DOMAIN, EVENT_COMMAND


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[
        [str, str, Callable[[LazyEventPartialState], dict[str, Any]]], None
    ],
) -> None:
    """Describe the events that are the cause of what commands change."""

    @callback
    def describe(event: LazyEventPartialState) -> dict[str, Any]:
        entry = hass.config_entries.async_get_entry(event.data[ATTR_CONFIG_ENTRY_ID])
        return {
            LOGBOOK_ENTRY_NAME: "MQTT" if entry is None else entry.title,
            LOGBOOK_ENTRY_MESSAGE: f"passed on a command from {event.data[ATTR_TOPIC]}",
            LOGBOOK_ENTRY_ENTITY_ID: event.data[ATTR_ENTITY_ID],
        }

    async_describe_event(DOMAIN, EVENT_COMMAND, describe)
