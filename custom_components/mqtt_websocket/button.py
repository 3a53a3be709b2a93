"""Buttons: one command each."""

from collections.abc import Iterator
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.const import CONF_DEVICE_CLASS, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control import ControlEntity
from .entity import Reader, StateOf
from .mapping.schemas import EntityConfig
from .mapping.schemas.button import CONF_PAYLOAD_PRESS
from .mapping.schemas.common import CONF_COMMAND_TEMPLATE, CONF_COMMAND_TOPIC
from .runtime import MqttWebsocketConfigEntry

# Each command is a message of its own: the broker takes as many as it gets.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the buttons of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(
        Platform.BUTTON, MqttButton, async_add_entities
    )


class MqttButton(ControlEntity, ButtonEntity):
    """A button that commands. Its state is when Home Assistant pressed it."""

    _default_name = "MQTT Button"
    _state = StateOf()

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        self._attr_device_class = config.get(CONF_DEVICE_CLASS)

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        yield from ()

    @override
    async def async_press(self) -> None:
        """Press it. Raises a translated HomeAssistantError."""
        await self._command(
            CONF_COMMAND_TOPIC, self._config[CONF_PAYLOAD_PRESS], CONF_COMMAND_TEMPLATE
        )
