"""Binary sensors: what topics say, and whether the broker is there."""

from collections.abc import Iterator, Mapping
from datetime import datetime
import logging
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import (
    CONF_DEVICE_CLASS,
    CONF_FORCE_UPDATE,
    CONF_PAYLOAD_OFF,
    CONF_PAYLOAD_ON,
    STATE_ON,
    EntityCategory,
    Platform,
)
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, State, callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .broker.broker import Broker
from .broker.message import Message
from .const import DOMAIN
from .entity import Reader, StateOf
from .expiry import ExpiringEntity
from .mapping.schemas import EntityConfig
from .mapping.schemas.binary_sensor import CONF_OFF_DELAY
from .mapping.schemas.common import CONF_STATE_TOPIC, CONF_VALUE_TEMPLATE, PAYLOAD_NONE
from .runtime import MqttWebsocketConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the broker's own sensor, and those of its devices, now and later."""
    runtime = entry.runtime_data
    async_add_entities([BrokerConnected(runtime.broker, entry.entry_id)])
    runtime.devices.add_platform(
        Platform.BINARY_SENSOR, MqttBinarySensor, async_add_entities
    )


class MqttBinarySensor(ExpiringEntity, BinarySensorEntity):
    """A binary sensor that shows what a topic says."""

    _default_name = "MQTT Binary sensor"
    _state = StateOf("_attr_is_on", "_expired")
    _meaning = frozenset(
        {CONF_PAYLOAD_OFF, CONF_PAYLOAD_ON, CONF_STATE_TOPIC, CONF_VALUE_TEMPLATE}
    )
    _cancel_off: CALLBACK_TYPE | None = None

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        super()._configure_platform(config)
        self._attr_device_class = config.get(CONF_DEVICE_CLASS)
        self._attr_force_update = config[CONF_FORCE_UPDATE]
        self._off_delay: int | None = config.get(CONF_OFF_DELAY)
        self._off_job = HassJob(self._off, cancel_on_shutdown=True)
        # Of equal ones the first counts.
        self._meanings: dict[str | bytes, bool | None] = {
            PAYLOAD_NONE: None,
            config[CONF_PAYLOAD_OFF]: False,
            config[CONF_PAYLOAD_ON]: True,
        }

    @override
    def _forget_state(self) -> None:
        self._stop_off_delay()
        self._attr_is_on = None

    @override
    async def _restore_state(self, last_state: State) -> bool:
        self._attr_is_on = last_state.state == STATE_ON
        return True

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Let no time run for an entity that is gone."""
        self._stop_off_delay()
        await super().async_will_remove_from_hass()

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        self._value_template = self._template(self._config.get(CONF_VALUE_TEMPLATE))
        yield self._config[CONF_STATE_TOPIC], self._read_state

    def _read_state(self, message: Message) -> None:
        self._refresh()
        value = self._value_template.render(message)
        if not value.strip():
            return  # a template's way to say: not for me
        if value not in self._meanings:
            self._bad_payloads.add(
                message, self.entity_id, "it means neither on nor off", logging.INFO
            )
            return
        self._attr_is_on = self._meanings[value]
        self._stop_off_delay()
        if self._attr_is_on and self._off_delay is not None:
            self._cancel_off = async_call_later(
                self.hass, self._off_delay, self._off_job
            )

    def _stop_off_delay(self) -> None:
        if self._cancel_off is not None:
            self._cancel_off()
            self._cancel_off = None

    @callback
    def _off(self, _now: datetime) -> None:
        self._cancel_off = None
        self._attr_is_on = False
        self.async_write_ha_state()


class BrokerConnected(BinarySensorEntity):
    """Whether there is a connection to the broker. Never unavailable: it knows."""

    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_has_entity_name = True
    _attr_should_poll = False
    _attr_translation_key = "connected"
    _unrecorded_attributes = frozenset({"last_error_details"})

    def __init__(self, broker: Broker, entry_id: str) -> None:
        """Watch a broker; its device has the config entry's id."""
        self._broker = broker
        self._attr_unique_id = f"{entry_id}_connected"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry_id)})

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the connection."""
        self.async_on_remove(self._broker.listen(self._connection_changed))

    @callback
    def _connection_changed(self) -> None:
        if not self.hass.is_stopping:
            self.async_write_ha_state()

    @property
    @override
    def is_on(self) -> bool:
        """Whether there is a connection."""
        return self._broker.connected

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """The version of MQTT, and why there is no connection. No secrets, no payloads."""
        error = None if self._broker.connected else self._broker.last_error
        return {
            "protocol": self._broker.protocol,
            "last_error": error and error.key,
            "last_error_details": error and error.details,
        }
