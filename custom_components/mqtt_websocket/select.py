"""Selects: options to topics and from topics."""

from typing import override

from homeassistant.components.select import (
    SelectEntity,
    SelectEntityCapabilityAttribute,
)
from homeassistant.const import CONF_OPTIONS, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity

from .control import Value
from .entity import StateOf
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_OPTIMISTIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from .runtime import MqttWebsocketConfigEntry
from .single import SingleControlEntity

# Each command is a message of its own: the broker takes as many as it gets.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the selects of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(
        Platform.SELECT, MqttSelect, async_add_entities
    )


class MqttSelect(SingleControlEntity, SelectEntity, RestoreEntity):
    """A select that commands on one topic and listens on another."""

    _default_name = "MQTT Select"
    _attributes_blocked = frozenset({SelectEntityCapabilityAttribute.OPTIONS})
    _attr_current_option: str | None = None
    _state = StateOf("_attr_current_option")
    _meaning = frozenset(
        {CONF_OPTIMISTIC, CONF_OPTIONS, CONF_STATE_TOPIC, CONF_VALUE_TEMPLATE}
    )

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        super()._configure_platform(config)
        self._attr_options = config[CONF_OPTIONS]

    @override
    def _set_state(self, state: str | None) -> None:
        self._attr_current_option = state

    @override
    async def _restore(self) -> None:
        if self._attr_assumed_state and (state := await self.async_get_last_state()):
            # What is none of the options is shown as unknown.
            self._attr_current_option = state.state

    @override
    def _take(self, value: Value) -> None:
        payload = str(value)
        if payload.lower() == "none":
            self._attr_current_option = None
        elif payload in self.options:
            self._attr_current_option = payload
        else:
            raise PayloadError("it is none of the select's options")

    @override
    async def async_select_option(self, option: str) -> None:
        """Command an option. Raises a translated HomeAssistantError."""
        await self._command_state(option, option)
