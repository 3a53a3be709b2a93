"""Numbers: values to topics and from topics."""

from math import isfinite
from typing import override

from homeassistant.components.number import (
    NumberEntityCapabilityAttribute,
    RestoreNumber,
)
from homeassistant.const import (
    CONF_DEVICE_CLASS,
    CONF_MODE,
    CONF_UNIT_OF_MEASUREMENT,
    Platform,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control import Value
from .entity import StateOf
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_OPTIMISTIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from .mapping.schemas.number import CONF_MAX, CONF_MIN, CONF_PAYLOAD_RESET, CONF_STEP
from .runtime import MqttWebsocketConfigEntry
from .single import SingleControlEntity

# Each command is a message of its own: the broker takes as many as it gets.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the numbers of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(
        Platform.NUMBER, MqttNumber, async_add_entities
    )


class MqttNumber(SingleControlEntity, RestoreNumber):
    """A number that commands on one topic and listens on another."""

    _default_name = "MQTT Number"
    _attributes_blocked = frozenset(
        {
            NumberEntityCapabilityAttribute.MAX,
            NumberEntityCapabilityAttribute.MIN,
            NumberEntityCapabilityAttribute.STEP,
        }
    )
    _state = StateOf("_attr_native_value")
    _meaning = frozenset(
        {
            CONF_OPTIMISTIC,
            CONF_PAYLOAD_RESET,
            CONF_STATE_TOPIC,
            CONF_UNIT_OF_MEASUREMENT,
            CONF_VALUE_TEMPLATE,
        }
    )

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        super()._configure_platform(config)
        self._attr_device_class = config.get(CONF_DEVICE_CLASS)
        self._attr_mode = config[CONF_MODE]
        self._attr_native_max_value = config[CONF_MAX]
        self._attr_native_min_value = config[CONF_MIN]
        self._attr_native_step = config[CONF_STEP]
        self._attr_native_unit_of_measurement = config.get(CONF_UNIT_OF_MEASUREMENT)
        if self._attr_native_value is not None and not self._takes(
            self._attr_native_value
        ):
            self._attr_native_value = None

    @override
    def _set_state(self, state: float | None) -> None:
        self._attr_native_value = state

    @override
    async def _restore(self) -> None:
        if self._attr_assumed_state and (
            data := await self.async_get_last_number_data()
        ):
            self._attr_native_value = data.native_value

    @override
    def _take(self, value: Value) -> None:
        payload = str(value)
        if payload == self._config[CONF_PAYLOAD_RESET]:
            self._attr_native_value = None
            return
        number = _parse(payload)
        if not self._takes(number):
            raise PayloadError(
                f"it is not between {self.native_min_value} and {self.native_max_value}"
            )
        self._attr_native_value = number

    def _takes(self, number: float) -> bool:
        return self.native_min_value <= number <= self.native_max_value

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Command a value. Raises a translated HomeAssistantError."""
        number = int(value) if value.is_integer() else value
        await self._command_state(number, number)


def _parse(payload: str) -> float:
    """Return an integer where the payload has digits alone, as core does."""
    try:
        value = int(payload) if payload.isnumeric() else float(payload)
    except ValueError:
        raise PayloadError("it is not a number") from None
    if not isfinite(value):
        raise PayloadError("it is not a finite number")
    return value
