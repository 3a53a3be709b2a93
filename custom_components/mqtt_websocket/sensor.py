"""Sensors: what topics say, as states."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from math import isfinite
from typing import Final, override

from homeassistant.components.sensor import (
    CONF_STATE_CLASS,
    RestoreSensor,
    SensorDeviceClass,
    SensorEntityCapabilityAttribute,
    SensorEntityStateAttribute,
)
from homeassistant.const import (
    CONF_DEVICE_CLASS,
    CONF_FORCE_UPDATE,
    CONF_OPTIONS,
    CONF_UNIT_OF_MEASUREMENT,
    MAX_LENGTH_STATE_STATE,
    Platform,
)
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .broker.message import Message
from .entity import Reader, StateOf
from .expiry import ExpiringEntity
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import CONF_STATE_TOPIC, CONF_VALUE_TEMPLATE, PAYLOAD_NONE
from .mapping.schemas.sensor import (
    CONF_LAST_RESET_VALUE_TEMPLATE,
    CONF_SUGGESTED_DISPLAY_PRECISION,
)
from .plan import EntityPlan
from .publishing_sensors import publishing_sensors
from .runtime import MqttWebsocketConfigEntry

PARALLEL_UPDATES = 0

type Value = str | date | datetime

_DATES: Final = (SensorDeviceClass.TIMESTAMP, SensorDeviceClass.UPTIME)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the broker's own sensors, and those of its devices, now and later."""
    async_add_entities(publishing_sensors(entry.runtime_data, entry.entry_id))
    entry.runtime_data.devices.add_platform(
        Platform.SENSOR, MqttSensor, async_add_entities
    )


class MqttSensor(ExpiringEntity, RestoreSensor):
    """A sensor that shows what a topic says."""

    _default_name = "MQTT Sensor"
    _attributes_blocked = frozenset(
        {
            SensorEntityStateAttribute.LAST_RESET,
            SensorEntityCapabilityAttribute.STATE_CLASS,
        }
    )
    _state = StateOf("_attr_native_value", "_attr_last_reset", "_expired")
    _meaning = frozenset(
        {
            CONF_DEVICE_CLASS,
            CONF_LAST_RESET_VALUE_TEMPLATE,
            CONF_OPTIONS,
            CONF_STATE_CLASS,
            CONF_STATE_TOPIC,
            CONF_UNIT_OF_MEASUREMENT,
            CONF_VALUE_TEMPLATE,
        }
    )
    _attr_last_reset: datetime | None = None
    _parse: Callable[[str], Value]

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        super()._configure_platform(config)
        self._attr_device_class = config.get(CONF_DEVICE_CLASS)
        self._attr_force_update = config[CONF_FORCE_UPDATE]
        self._attr_native_unit_of_measurement = config.get(CONF_UNIT_OF_MEASUREMENT)
        self._attr_options = config.get(CONF_OPTIONS)
        self._attr_state_class = config.get(CONF_STATE_CLASS)
        self._attr_suggested_display_precision = config.get(
            CONF_SUGGESTED_DISPLAY_PRECISION
        )
        self._parse = self._parser()
        if self._is_number and isinstance(self._attr_native_value, str):
            # Be it only for a precision: no other text is a state from now on.
            try:
                _parse_number(self._attr_native_value)
            except PayloadError:
                self._attr_native_value = None

    @override
    def _forget_state(self) -> None:
        self._attr_native_value = None
        self._attr_last_reset = None

    @callback
    @override
    def async_update_config(self, plan: EntityPlan) -> None:
        """Become what another plan says."""
        super().async_update_config(plan)
        if self.live and self.registry_entry is not None:
            # The precision is kept in the registry: this is what compares the two.
            self.async_registry_entry_updated()

    @override
    async def _restore_state(self, last_state: State) -> bool:
        data = await self.async_get_last_sensor_data()
        if (
            data is None
            or data.native_unit_of_measurement != self.native_unit_of_measurement
        ):
            return False
        self._attr_native_value = data.native_value
        try:
            self.state  # noqa: B018 - raises for what is no state of this sensor any more
        except ArithmeticError, TypeError, ValueError:
            self._attr_native_value = None
            return False
        return True

    # --- messages -----------------------------------------------------------------

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        topic = self._config[CONF_STATE_TOPIC]
        self._value_template = self._template(self._config.get(CONF_VALUE_TEMPLATE))
        yield topic, self._read_state
        source = self._config.get(CONF_LAST_RESET_VALUE_TEMPLATE)
        if source is not None:
            self._last_reset_template = self._template(source)
            yield topic, self._read_last_reset

    def _read_state(self, message: Message) -> None:
        self._refresh()
        value = self._value_template.render(message, None)
        if value is None:
            raise PayloadError("the value template fails on it")
        if not isinstance(value, str):
            raise PayloadError("it is not text, the encoding is empty")
        if value == PAYLOAD_NONE:
            self._attr_native_value = None
        elif value or not self._is_number:
            self._attr_native_value = self._parse(value)

    def _read_last_reset(self, message: Message) -> None:
        if value := self._last_reset_template.render(message):
            self._attr_last_reset = _parse_datetime(str(value))

    def _parser(self) -> Callable[[str], Value]:
        """Return what makes a native value of a text, or raises PayloadError."""
        self._is_number = self._numeric_state_expected
        if self._is_number:
            return _parse_number
        if self.device_class == SensorDeviceClass.DATE:
            return _parse_date
        if self.device_class in _DATES:
            return _parse_timestamp
        if self.options:
            return self._parse_option
        return _parse_text

    def _parse_option(self, value: str) -> str:
        assert self.options is not None
        if value not in self.options:
            raise PayloadError("it is none of the sensor's options")
        return _parse_text(value)


def _parse_text(value: str) -> str:
    if len(value) > MAX_LENGTH_STATE_STATE:
        raise PayloadError(
            f"its {len(value)} characters are more than the {MAX_LENGTH_STATE_STATE}"
            " of a state"
        )
    return value


def _parse_number(value: str) -> str:
    """Check what Home Assistant checks when it writes a number: by then it is too late."""
    try:
        finite = isfinite(float(value))
    except ValueError:
        raise PayloadError("it is not a number") from None
    if not finite:
        raise PayloadError("it is not a finite number")
    return _parse_text(value)


def _parse_datetime(value: str) -> datetime:
    try:
        parsed = dt_util.parse_datetime(value)
    except ValueError:
        parsed = None
    if parsed is None:
        raise PayloadError("it is not a date and time")
    return parsed


def _parse_date(value: str) -> date:
    return _parse_datetime(value).date()


def _parse_timestamp(value: str) -> datetime:
    parsed = _parse_datetime(value)
    if parsed.tzinfo is None:
        raise PayloadError("its time has no time zone")
    return parsed
