"""Climate devices: modes, temperatures and humidity, each on topics of its own."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final, override

from homeassistant.components.climate import ClimateEntity
from homeassistant.components.climate.const import (
    ATTR_HVAC_MODE,
    ATTR_TARGET_TEMP_HIGH,
    ATTR_TARGET_TEMP_LOW,
    DEFAULT_MAX_TEMP,
    DEFAULT_MIN_TEMP,
    FAN_LOW,
    PRESET_NONE,
    SWING_OFF,
    ClimateEntityCapabilityAttribute,
    ClimateEntityFeature,
    ClimateEntityStateAttribute,
    HVACAction,
    HVACMode,
)
from homeassistant.const import (
    ATTR_TEMPERATURE,
    CONF_PAYLOAD_OFF,
    CONF_PAYLOAD_ON,
    CONF_TEMPERATURE_UNIT,
    Platform,
    UnitOfTemperature,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.unit_conversion import TemperatureConverter

from .control import ControlEntity, Value, number, told_by
from .entity import Reader, StateOf
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.climate import (
    CONF_ACTION_TEMPLATE,
    CONF_ACTION_TOPIC,
    CONF_CURRENT_HUMIDITY_TEMPLATE,
    CONF_CURRENT_HUMIDITY_TOPIC,
    CONF_CURRENT_TEMPERATURE_TEMPLATE,
    CONF_CURRENT_TEMPERATURE_TOPIC,
    CONF_FAN_MODE_COMMAND_TEMPLATE,
    CONF_FAN_MODE_COMMAND_TOPIC,
    CONF_FAN_MODE_STATE_TEMPLATE,
    CONF_FAN_MODE_STATE_TOPIC,
    CONF_FAN_MODES,
    CONF_INITIAL,
    CONF_MAX_HUMIDITY,
    CONF_MAX_TEMP,
    CONF_MIN_HUMIDITY,
    CONF_MIN_TEMP,
    CONF_MODE_COMMAND_TEMPLATE,
    CONF_MODE_COMMAND_TOPIC,
    CONF_MODE_STATE_TEMPLATE,
    CONF_MODE_STATE_TOPIC,
    CONF_MODES,
    CONF_POWER_COMMAND_TEMPLATE,
    CONF_POWER_COMMAND_TOPIC,
    CONF_PRECISION,
    CONF_PRESET_MODE_COMMAND_TEMPLATE,
    CONF_PRESET_MODE_COMMAND_TOPIC,
    CONF_PRESET_MODE_STATE_TOPIC,
    CONF_PRESET_MODE_VALUE_TEMPLATE,
    CONF_PRESET_MODES,
    CONF_SWING_HORIZONTAL_MODE_COMMAND_TEMPLATE,
    CONF_SWING_HORIZONTAL_MODE_COMMAND_TOPIC,
    CONF_SWING_HORIZONTAL_MODE_STATE_TEMPLATE,
    CONF_SWING_HORIZONTAL_MODE_STATE_TOPIC,
    CONF_SWING_HORIZONTAL_MODES,
    CONF_SWING_MODE_COMMAND_TEMPLATE,
    CONF_SWING_MODE_COMMAND_TOPIC,
    CONF_SWING_MODE_STATE_TEMPLATE,
    CONF_SWING_MODE_STATE_TOPIC,
    CONF_SWING_MODES,
    CONF_TARGET_HUMIDITY_COMMAND_TEMPLATE,
    CONF_TARGET_HUMIDITY_COMMAND_TOPIC,
    CONF_TARGET_HUMIDITY_STATE_TEMPLATE,
    CONF_TARGET_HUMIDITY_STATE_TOPIC,
    CONF_TEMP_STEP,
    CONF_TEMPERATURE_COMMAND_TEMPLATE,
    CONF_TEMPERATURE_COMMAND_TOPIC,
    CONF_TEMPERATURE_HIGH_COMMAND_TEMPLATE,
    CONF_TEMPERATURE_HIGH_COMMAND_TOPIC,
    CONF_TEMPERATURE_HIGH_STATE_TEMPLATE,
    CONF_TEMPERATURE_HIGH_STATE_TOPIC,
    CONF_TEMPERATURE_LOW_COMMAND_TEMPLATE,
    CONF_TEMPERATURE_LOW_COMMAND_TOPIC,
    CONF_TEMPERATURE_LOW_STATE_TEMPLATE,
    CONF_TEMPERATURE_LOW_STATE_TOPIC,
    CONF_TEMPERATURE_STATE_TEMPLATE,
    CONF_TEMPERATURE_STATE_TOPIC,
    KEYS,
)
from .mapping.schemas.common import CONF_OPTIMISTIC, CONF_VALUE_TEMPLATE, PAYLOAD_NONE
from .mapping.template import Published
from .runtime import MqttWebsocketConfigEntry

PARALLEL_UPDATES = 0

_INITIAL_CELSIUS: Final = 21.0

_INITIAL: Final = {
    CONF_FAN_MODE_STATE_TOPIC: ("_attr_fan_mode", FAN_LOW),
    CONF_MODE_STATE_TOPIC: ("_attr_hvac_mode", HVACMode.OFF),
    CONF_SWING_HORIZONTAL_MODE_STATE_TOPIC: ("_attr_swing_horizontal_mode", SWING_OFF),
    CONF_SWING_MODE_STATE_TOPIC: ("_attr_swing_mode", SWING_OFF),
    # A temperature: see below.
    CONF_TEMPERATURE_HIGH_STATE_TOPIC: ("_attr_target_temperature_high", None),
    CONF_TEMPERATURE_LOW_STATE_TOPIC: ("_attr_target_temperature_low", None),
    CONF_TEMPERATURE_STATE_TOPIC: ("_attr_target_temperature", None),
}
"""What tells a value, and what it is taken to be at first if nothing does."""

_FEATURES: Final = {
    CONF_FAN_MODE_COMMAND_TOPIC: ClimateEntityFeature.FAN_MODE,
    CONF_FAN_MODE_STATE_TOPIC: ClimateEntityFeature.FAN_MODE,
    CONF_PRESET_MODE_COMMAND_TOPIC: ClimateEntityFeature.PRESET_MODE,
    CONF_SWING_HORIZONTAL_MODE_COMMAND_TOPIC: ClimateEntityFeature.SWING_HORIZONTAL_MODE,
    CONF_SWING_HORIZONTAL_MODE_STATE_TOPIC: ClimateEntityFeature.SWING_HORIZONTAL_MODE,
    CONF_SWING_MODE_COMMAND_TOPIC: ClimateEntityFeature.SWING_MODE,
    CONF_SWING_MODE_STATE_TOPIC: ClimateEntityFeature.SWING_MODE,
    CONF_TARGET_HUMIDITY_COMMAND_TOPIC: ClimateEntityFeature.TARGET_HUMIDITY,
    CONF_TEMPERATURE_COMMAND_TOPIC: ClimateEntityFeature.TARGET_TEMPERATURE,
    CONF_TEMPERATURE_HIGH_COMMAND_TOPIC: ClimateEntityFeature.TARGET_TEMPERATURE_RANGE,
    CONF_TEMPERATURE_HIGH_STATE_TOPIC: ClimateEntityFeature.TARGET_TEMPERATURE_RANGE,
    CONF_TEMPERATURE_LOW_COMMAND_TOPIC: ClimateEntityFeature.TARGET_TEMPERATURE_RANGE,
    CONF_TEMPERATURE_LOW_STATE_TOPIC: ClimateEntityFeature.TARGET_TEMPERATURE_RANGE,
    CONF_TEMPERATURE_STATE_TOPIC: ClimateEntityFeature.TARGET_TEMPERATURE,
}
"""What a device with a topic can do."""

_MODES: Final = (
    (
        CONF_MODE_STATE_TOPIC,
        CONF_MODE_STATE_TEMPLATE,
        CONF_MODES,
        "_attr_hvac_mode",
    ),
    (
        CONF_FAN_MODE_STATE_TOPIC,
        CONF_FAN_MODE_STATE_TEMPLATE,
        CONF_FAN_MODES,
        "_attr_fan_mode",
    ),
    (
        CONF_SWING_HORIZONTAL_MODE_STATE_TOPIC,
        CONF_SWING_HORIZONTAL_MODE_STATE_TEMPLATE,
        CONF_SWING_HORIZONTAL_MODES,
        "_attr_swing_horizontal_mode",
    ),
    (
        CONF_SWING_MODE_STATE_TOPIC,
        CONF_SWING_MODE_STATE_TEMPLATE,
        CONF_SWING_MODES,
        "_attr_swing_mode",
    ),
)
"""Modes that are told: topic, template, which there are, attribute."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the climate devices of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(
        Platform.CLIMATE, MqttClimate, async_add_entities
    )


class MqttClimate(ControlEntity, ClimateEntity):
    """A climate device.

    One that heats and cools to a range, and to one temperature in its other modes, has
    either at a time. The other is parked meanwhile, for when the mode changes back.
    """

    _attr_fan_mode: str | None = None
    _attr_hvac_mode: HVACMode | None = None
    _attr_preset_mode: str | None = PRESET_NONE
    _attr_swing_horizontal_mode: str | None = None
    _attr_swing_mode: str | None = None
    _attr_target_temperature_high: float | None = None
    _attr_target_temperature_low: float | None = None
    _attributes_blocked = frozenset(
        {*ClimateEntityCapabilityAttribute, *ClimateEntityStateAttribute}
        - {ClimateEntityCapabilityAttribute.TARGET_HUMIDITY_STEP}
    )
    _default_name = "MQTT HVAC"
    _state = StateOf(
        "_attr_current_humidity",
        "_attr_current_temperature",
        "_attr_fan_mode",
        "_attr_hvac_action",
        "_attr_hvac_mode",
        "_attr_preset_mode",
        "_attr_swing_horizontal_mode",
        "_attr_swing_mode",
        "_attr_target_humidity",
        "_attr_target_temperature",
        "_attr_target_temperature_high",
        "_attr_target_temperature_low",
    )
    _meaning = told_by(KEYS)
    _parked_temperature: float | None = None
    _parked_range: tuple[float | None, float | None] = (None, None)
    _initial: frozenset[str] = frozenset()

    # --- configuration ------------------------------------------------------------

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        modes = config[CONF_MODES]
        self._attr_hvac_modes = modes
        self._single_and_range = HVACMode.HEAT_COOL in modes and (
            HVACMode.HEAT in modes or HVACMode.COOL in modes
        )
        self._attr_min_humidity = config[CONF_MIN_HUMIDITY]
        self._attr_max_humidity = config[CONF_MAX_HUMIDITY]
        self._attr_fan_modes = config[CONF_FAN_MODES]
        self._attr_swing_horizontal_modes = config[CONF_SWING_HORIZONTAL_MODES]
        self._attr_swing_modes = config[CONF_SWING_MODES]
        self._attr_target_temperature_step = config[CONF_TEMP_STEP]
        presets = config[CONF_PRESET_MODES]
        self._attr_preset_modes = [PRESET_NONE, *presets] if presets else []
        if self._attr_preset_mode not in self._attr_preset_modes:
            self._attr_preset_mode = PRESET_NONE
        features = ClimateEntityFeature.TURN_ON | ClimateEntityFeature.TURN_OFF
        for topic, feature in _FEATURES.items():
            if topic in config:
                features |= feature
        self._attr_supported_features = features

    @property
    @override
    def temperature_unit(self) -> str:
        """The unit of all temperatures: Home Assistant's own, unless it is said."""
        unit: str | None = self._config.get(CONF_TEMPERATURE_UNIT)
        return self.hass.config.units.temperature_unit if unit is None else unit

    @property
    @override
    def min_temp(self) -> float:
        """The lowest temperature to ask for."""
        return self._temperature(CONF_MIN_TEMP, DEFAULT_MIN_TEMP)

    @property
    @override
    def max_temp(self) -> float:
        """The highest temperature to ask for."""
        return self._temperature(CONF_MAX_TEMP, DEFAULT_MAX_TEMP)

    def _temperature(self, key: str, default_celsius: float) -> float:
        temperature: float | None = self._config.get(key)
        if temperature is not None:
            return temperature
        return TemperatureConverter.convert(
            default_celsius, UnitOfTemperature.CELSIUS, self.temperature_unit
        )

    @property
    @override
    def precision(self) -> float:
        """What temperatures are rounded to."""
        precision: float | None = self._config.get(CONF_PRECISION)
        return super().precision if precision is None else precision

    # --- what is known without being told -----------------------------------------

    @override
    async def _restore(self) -> None:
        # Not when it was made: Home Assistant's unit was not known then.
        self._have_initial()

    def _have_initial(self) -> None:
        """Have the initial value of what is assumed, and was not before."""
        assumed = frozenset(topic for topic in _INITIAL if self._assumes(topic))
        for topic in assumed - self._initial:
            name, value = _INITIAL[topic]
            if value is None:
                setattr(self, name, self._temperature(CONF_INITIAL, _INITIAL_CELSIUS))
            else:
                setattr(self, name, value)
        self._initial = assumed

    @override
    def _forget_state(self) -> None:
        self._attr_current_humidity = None
        self._attr_current_temperature = None
        self._attr_hvac_action = None
        if not self._assumes(CONF_TARGET_HUMIDITY_STATE_TOPIC):
            self._attr_target_humidity = None
        if not self._assumes(CONF_PRESET_MODE_STATE_TOPIC):
            self._attr_preset_mode = PRESET_NONE
        for topic, (name, _) in _INITIAL.items():
            if not self._assumes(topic):
                setattr(self, name, None)
        if self.live:
            self._have_initial()

    # --- messages -----------------------------------------------------------------

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        for topic, template, modes, name in _MODES:
            yield from self._reading(
                topic,
                self._or_common(template),
                partial(self._take_mode, modes, name),
                empty=True,
            )
        for topic, template, take in (
            (CONF_ACTION_TOPIC, CONF_ACTION_TEMPLATE, self._take_action),
            (
                CONF_CURRENT_HUMIDITY_TOPIC,
                CONF_CURRENT_HUMIDITY_TEMPLATE,
                partial(self._take_number, "_attr_current_humidity"),
            ),
            (
                CONF_CURRENT_TEMPERATURE_TOPIC,
                CONF_CURRENT_TEMPERATURE_TEMPLATE,
                partial(self._take_number, "_attr_current_temperature"),
            ),
            (
                CONF_PRESET_MODE_STATE_TOPIC,
                CONF_PRESET_MODE_VALUE_TEMPLATE,
                self._take_preset_mode,
            ),
            (
                CONF_TARGET_HUMIDITY_STATE_TOPIC,
                CONF_TARGET_HUMIDITY_STATE_TEMPLATE,
                partial(self._take_number, "_attr_target_humidity"),
            ),
            (
                CONF_TEMPERATURE_STATE_TOPIC,
                CONF_TEMPERATURE_STATE_TEMPLATE,
                self._take_temperature,
            ),
            (
                CONF_TEMPERATURE_LOW_STATE_TOPIC,
                CONF_TEMPERATURE_LOW_STATE_TEMPLATE,
                partial(self._take_end, "_attr_target_temperature_low"),
            ),
            (
                CONF_TEMPERATURE_HIGH_STATE_TOPIC,
                CONF_TEMPERATURE_HIGH_STATE_TEMPLATE,
                partial(self._take_end, "_attr_target_temperature_high"),
            ),
        ):
            yield from self._reading(topic, self._or_common(template), take)

    def _or_common(self, template: str) -> str:
        """Return the key of a template; that of the one for all if there is none."""
        return template if template in self._config else CONF_VALUE_TEMPLATE

    def _take_mode(self, modes: str, name: str, value: Value) -> None:
        if value == PAYLOAD_NONE:
            setattr(self, name, None)
        elif value in self._config[modes]:
            setattr(self, name, value)
        else:
            raise PayloadError(f"it is not one of the {modes}")

    def _take_preset_mode(self, value: Value) -> None:
        if value in (PRESET_NONE, PAYLOAD_NONE):
            self._attr_preset_mode = PRESET_NONE
        elif value in (self._attr_preset_modes or ()):
            self._attr_preset_mode = str(value)
        else:
            raise PayloadError(f"it is not one of the {CONF_PRESET_MODES}")

    def _take_action(self, value: Value) -> None:
        self._attr_hvac_action = (
            None if value == PAYLOAD_NONE else HVACAction(str(value))
        )

    def _take_number(self, name: str, value: Value) -> None:
        setattr(self, name, None if value == PAYLOAD_NONE else number(value))

    def _take_temperature(self, value: Value) -> None:
        self._take_number("_attr_target_temperature", value)
        if self._attr_target_temperature is not None:
            self._park_range()

    def _take_end(self, name: str, value: Value) -> None:
        """Take one end of the range."""
        self._take_number(name, value)
        if getattr(self, name) is not None:
            self._park_temperature()

    # --- one temperature, or a range ----------------------------------------------

    def _park_temperature(self) -> None:
        """Park the one temperature: now there is a range."""
        if self._single_and_range and self._attr_target_temperature is not None:
            self._parked_temperature = self._attr_target_temperature
            self._attr_target_temperature = None

    def _park_range(self) -> None:
        """Park the range: now there is one temperature."""
        ends = (self._attr_target_temperature_low, self._attr_target_temperature_high)
        if self._single_and_range and ends != (None, None):
            self._parked_range = ends
            self._attr_target_temperature_low = None
            self._attr_target_temperature_high = None

    def _swap(self, mode: HVACMode) -> None:
        """Have what a mode needs of what nothing tells, as it was in that mode last."""
        if not self._single_and_range or mode not in (
            HVACMode.COOL,
            HVACMode.HEAT,
            HVACMode.HEAT_COOL,
        ):
            return
        to_range = mode == HVACMode.HEAT_COOL
        if self._assumes(CONF_TEMPERATURE_STATE_TOPIC):
            if to_range:
                self._park_temperature()
            elif self._attr_target_temperature is None:
                self._attr_target_temperature = self._parked_temperature
        if self._assumes(CONF_TEMPERATURE_LOW_STATE_TOPIC) and self._assumes(
            CONF_TEMPERATURE_HIGH_STATE_TOPIC
        ):
            if not to_range:
                self._park_range()
            elif (
                self._attr_target_temperature_low is None
                and self._attr_target_temperature_high is None
            ):
                (
                    self._attr_target_temperature_low,
                    self._attr_target_temperature_high,
                ) = self._parked_range

    # --- commands -----------------------------------------------------------------

    async def _send(self, topic: str, value: Published, template: str) -> None:
        """Command a value, if there is a topic for it: what is only told has none."""
        payload = self._render(template, value)
        if topic in self._config:
            await self._command(topic, payload)

    @override
    async def async_set_temperature(self, **kwargs: Any) -> None:
        """Command a mode, a temperature, a range. Raises a HomeAssistantError."""
        if (mode := kwargs.get(ATTR_HVAC_MODE)) is not None:
            await self.async_set_hvac_mode(mode)
        assumed = False
        if (temperature := kwargs.get(ATTR_TEMPERATURE)) is not None:
            await self._send(
                CONF_TEMPERATURE_COMMAND_TOPIC,
                temperature,
                CONF_TEMPERATURE_COMMAND_TEMPLATE,
            )
            if self._assumes(CONF_TEMPERATURE_STATE_TOPIC):
                assumed = True
                self._attr_target_temperature = temperature
                self._park_range()
        if (low := kwargs.get(ATTR_TARGET_TEMP_LOW)) is not None:
            await self._send(
                CONF_TEMPERATURE_LOW_COMMAND_TOPIC,
                low,
                CONF_TEMPERATURE_LOW_COMMAND_TEMPLATE,
            )
            if self._assumes(CONF_TEMPERATURE_LOW_STATE_TOPIC):
                assumed = True
                self._attr_target_temperature_low = low
                self._park_temperature()
        if (high := kwargs.get(ATTR_TARGET_TEMP_HIGH)) is not None:
            await self._send(
                CONF_TEMPERATURE_HIGH_COMMAND_TOPIC,
                high,
                CONF_TEMPERATURE_HIGH_COMMAND_TEMPLATE,
            )
            if self._assumes(CONF_TEMPERATURE_HIGH_STATE_TOPIC):
                assumed = True
                self._attr_target_temperature_high = high
                self._park_temperature()
        if assumed:
            self.async_write_ha_state()

    @override
    async def async_set_humidity(self, humidity: float) -> None:
        """Command a humidity. Raises a translated HomeAssistantError."""
        await self._send(
            CONF_TARGET_HUMIDITY_COMMAND_TOPIC,
            humidity,
            CONF_TARGET_HUMIDITY_COMMAND_TEMPLATE,
        )
        if self._assumes(CONF_TARGET_HUMIDITY_STATE_TOPIC):
            self._attr_target_humidity = humidity
            self.async_write_ha_state()

    @override
    async def async_set_hvac_mode(self, hvac_mode: HVACMode) -> None:
        """Command a mode. Raises a translated HomeAssistantError."""
        await self._send(CONF_MODE_COMMAND_TOPIC, hvac_mode, CONF_MODE_COMMAND_TEMPLATE)
        if self._assumes(CONF_MODE_STATE_TOPIC):
            self._attr_hvac_mode = hvac_mode
            self._swap(hvac_mode)
            self.async_write_ha_state()

    @override
    async def async_set_fan_mode(self, fan_mode: str) -> None:
        """Command a fan mode. Raises a translated HomeAssistantError."""
        await self._send(
            CONF_FAN_MODE_COMMAND_TOPIC, fan_mode, CONF_FAN_MODE_COMMAND_TEMPLATE
        )
        if self._assumes(CONF_FAN_MODE_STATE_TOPIC):
            self._attr_fan_mode = fan_mode
            self.async_write_ha_state()

    @override
    async def async_set_swing_mode(self, swing_mode: str) -> None:
        """Command a swing mode. Raises a translated HomeAssistantError."""
        await self._send(
            CONF_SWING_MODE_COMMAND_TOPIC, swing_mode, CONF_SWING_MODE_COMMAND_TEMPLATE
        )
        if self._assumes(CONF_SWING_MODE_STATE_TOPIC):
            self._attr_swing_mode = swing_mode
            self.async_write_ha_state()

    @override
    async def async_set_swing_horizontal_mode(self, swing_horizontal_mode: str) -> None:
        """Command a horizontal swing mode. Raises a translated HomeAssistantError."""
        await self._send(
            CONF_SWING_HORIZONTAL_MODE_COMMAND_TOPIC,
            swing_horizontal_mode,
            CONF_SWING_HORIZONTAL_MODE_COMMAND_TEMPLATE,
        )
        if self._assumes(CONF_SWING_HORIZONTAL_MODE_STATE_TOPIC):
            self._attr_swing_horizontal_mode = swing_horizontal_mode
            self.async_write_ha_state()

    @override
    async def async_set_preset_mode(self, preset_mode: str) -> None:
        """Command a preset mode. Raises a translated HomeAssistantError."""
        await self._send(
            CONF_PRESET_MODE_COMMAND_TOPIC,
            preset_mode,
            CONF_PRESET_MODE_COMMAND_TEMPLATE,
        )
        if self._assumes(CONF_PRESET_MODE_STATE_TOPIC):
            self._attr_preset_mode = preset_mode
            self.async_write_ha_state()

    @override
    async def async_turn_on(self) -> None:
        """Command it on: by its power topic, else by a mode."""
        if CONF_POWER_COMMAND_TOPIC not in self._config:
            await super().async_turn_on()
            return
        await self._send(
            CONF_POWER_COMMAND_TOPIC,
            self._config[CONF_PAYLOAD_ON],
            CONF_POWER_COMMAND_TEMPLATE,
        )

    @override
    async def async_turn_off(self) -> None:
        """Command it off: by its power topic, else by a mode."""
        if CONF_POWER_COMMAND_TOPIC not in self._config:
            await super().async_turn_off()
            return
        await self._send(
            CONF_POWER_COMMAND_TOPIC,
            self._config[CONF_PAYLOAD_OFF],
            CONF_POWER_COMMAND_TEMPLATE,
        )
        if self._config[CONF_OPTIMISTIC]:
            self._attr_hvac_mode = HVACMode.OFF
            self.async_write_ha_state()
