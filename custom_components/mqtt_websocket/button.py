"""Buttons: one command each, and the broker's own, which connects anew."""

from collections.abc import Iterator
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.const import CONF_DEVICE_CLASS, EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .broker.broker import Broker
from .broker.errors import BrokerError
from .connection import broker_error
from .const import DOMAIN
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
    """Make the broker's own button, and those of its devices, now and later."""
    runtime = entry.runtime_data
    async_add_entities([BrokerReconnect(runtime.broker, entry.entry_id)])
    runtime.devices.add_platform(Platform.BUTTON, MqttButton, async_add_entities)


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


class BrokerReconnect(ButtonEntity):
    """Connects anew, at once: away, that ends the wait for the next attempt."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_has_entity_name = True
    _attr_should_poll = False
    _attr_translation_key = "reconnect"

    def __init__(self, broker: Broker, entry_id: str) -> None:
        """Serve a broker; its device has the config entry's id."""
        self._broker = broker
        self._attr_unique_id = f"{entry_id}_reconnect"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry_id)})

    @override
    async def async_press(self) -> None:
        """Return when it is connected; raise a translated error that says why not."""
        try:
            await self._broker.reconnect()
        except BrokerError as err:
            raise broker_error(err) from err
