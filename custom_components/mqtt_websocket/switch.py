"""Switches: commands to topics, states from topics."""

from collections.abc import Iterator
import logging
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

from .broker.message import Message
from .entity import MqttEntity, Reader, StateOf
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_COMMAND_TEMPLATE,
    CONF_COMMAND_TOPIC,
    CONF_OPTIMISTIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
    PAYLOAD_NONE,
)
from .mapping.schemas.switch import CONF_STATE_OFF, CONF_STATE_ON
from .mapping.template import CommandTemplate
from .runtime import MqttWebsocketConfigEntry

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


class MqttSwitch(MqttEntity, SwitchEntity, RestoreEntity):
    """A switch that commands on one topic and listens on another."""

    _default_name = "MQTT Switch"
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
        self._attr_device_class = config.get(CONF_DEVICE_CLASS)
        # Without a topic that tells the state, the command is all there is to believe.
        self._attr_assumed_state = (
            config[CONF_OPTIMISTIC] or config.get(CONF_STATE_TOPIC) is None
        )
        self._meanings: dict[str | bytes, bool | None] = {
            config.get(CONF_STATE_ON) or config[CONF_PAYLOAD_ON]: True,
            config.get(CONF_STATE_OFF) or config[CONF_PAYLOAD_OFF]: False,
            PAYLOAD_NONE: None,
        }

    @override
    def _forget_state(self) -> None:
        if not self._attr_assumed_state:
            self._attr_is_on = None

    @override
    async def _restore(self) -> None:
        if self._attr_assumed_state and (state := await self.async_get_last_state()):
            self._attr_is_on = state.state == STATE_ON

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        config = self._config
        self._command_template = CommandTemplate(
            self.hass,
            config.get(CONF_COMMAND_TEMPLATE),
            scope=self.plan.scope,
            entity=self,
        )
        if (topic := config.get(CONF_STATE_TOPIC)) is not None:
            self._value_template = self._template(config.get(CONF_VALUE_TEMPLATE))
            yield topic, self._read_state

    def _read_state(self, message: Message) -> None:
        value = self._value_template.render(message)
        if value in self._meanings:
            self._attr_is_on = self._meanings[value]
        else:
            self._bad_payloads.add(
                message, self.entity_id, "it means neither on nor off", logging.INFO
            )

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Command it on. Raises a translated HomeAssistantError."""
        await self._command(CONF_PAYLOAD_ON, True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Command it off. Raises a translated HomeAssistantError."""
        await self._command(CONF_PAYLOAD_OFF, False)

    async def _command(self, payload: str, is_on: bool) -> None:
        config = self._config
        await self.async_publish(
            config[CONF_COMMAND_TOPIC], self._command_template.render(config[payload])
        )
        if self._attr_assumed_state:
            self._attr_is_on = is_on
            self.async_write_ha_state()
