"""Switches: commands to topics, states from topics."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import (
    CONF_DEVICE_CLASS,
    CONF_PAYLOAD_OFF,
    CONF_PAYLOAD_ON,
    STATE_ON,
    Platform,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity

from .control import Meaningless, Value
from .entity import StateOf
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_OPTIMISTIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
    PAYLOAD_NONE,
)
from .mapping.schemas.switch import CONF_STATE_OFF, CONF_STATE_ON
from .runtime import MqttWebsocketConfigEntry
from .single import SingleControlEntity

# Each command is a message of its own: the broker takes as many as it gets.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the switches of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(
        Platform.SWITCH, MqttSwitch, async_add_entities
    )


class MqttSwitch(SingleControlEntity, SwitchEntity, RestoreEntity):
    """A switch that commands on one topic and listens on another."""

    _default_name = "MQTT Switch"
    _empty_is_a_state = True  # it may be a payload like any other
    _state = StateOf("_attr_is_on")
    _meaning = frozenset(
        {
            CONF_OPTIMISTIC,
            CONF_PAYLOAD_OFF,
            CONF_PAYLOAD_ON,
            CONF_STATE_OFF,
            CONF_STATE_ON,
            CONF_STATE_TOPIC,
            CONF_VALUE_TEMPLATE,
        }
    )

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        super()._configure_platform(config)
        self._attr_device_class = config.get(CONF_DEVICE_CLASS)
        self._meanings: dict[str | bytes, bool | None] = {
            config.get(CONF_STATE_ON) or config[CONF_PAYLOAD_ON]: True,
            config.get(CONF_STATE_OFF) or config[CONF_PAYLOAD_OFF]: False,
            PAYLOAD_NONE: None,
        }

    @override
    def _set_state(self, state: bool | None) -> None:
        self._attr_is_on = state

    @override
    async def _restore(self) -> None:
        if self._attr_assumed_state and (state := await self.async_get_last_state()):
            self._attr_is_on = state.state == STATE_ON

    @override
    def _take(self, value: Value) -> None:
        if value not in self._meanings:
            raise Meaningless("it means neither on nor off")
        self._attr_is_on = self._meanings[value]

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Command it on. Raises a translated HomeAssistantError."""
        await self._command_state(self._config[CONF_PAYLOAD_ON], True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Command it off. Raises a translated HomeAssistantError."""
        await self._command_state(self._config[CONF_PAYLOAD_OFF], False)
