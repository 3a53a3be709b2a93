"""The temperatures of a climate device: their unit and limits, and what is asked for."""

from typing import Any, Final, override

from homeassistant.components.climate import ClimateEntity
from homeassistant.components.climate.const import (
    ATTR_HVAC_MODE,
    ATTR_TARGET_TEMP_HIGH,
    ATTR_TARGET_TEMP_LOW,
    DEFAULT_MAX_TEMP,
    DEFAULT_MIN_TEMP,
    HVACMode,
)
from homeassistant.const import (
    ATTR_TEMPERATURE,
    CONF_TEMPERATURE_UNIT,
    UnitOfTemperature,
)
from homeassistant.util.unit_conversion import TemperatureConverter

from ..control import ControlEntity
from ..mapping.schemas.climate import (
    CONF_INITIAL,
    CONF_MAX_TEMP,
    CONF_MIN_TEMP,
    CONF_PRECISION,
    CONF_TEMPERATURE_COMMAND_TEMPLATE,
    CONF_TEMPERATURE_COMMAND_TOPIC,
    CONF_TEMPERATURE_HIGH_COMMAND_TEMPLATE,
    CONF_TEMPERATURE_HIGH_COMMAND_TOPIC,
    CONF_TEMPERATURE_HIGH_STATE_TOPIC,
    CONF_TEMPERATURE_LOW_COMMAND_TEMPLATE,
    CONF_TEMPERATURE_LOW_COMMAND_TOPIC,
    CONF_TEMPERATURE_LOW_STATE_TOPIC,
    CONF_TEMPERATURE_STATE_TOPIC,
)
from ..mapping.template import Published

_INITIAL_CELSIUS: Final = 21.0

_TARGETS: Final = (
    (
        ATTR_TEMPERATURE,
        "_target",
        CONF_TEMPERATURE_COMMAND_TOPIC,
        CONF_TEMPERATURE_COMMAND_TEMPLATE,
        CONF_TEMPERATURE_STATE_TOPIC,
    ),
    (
        ATTR_TARGET_TEMP_LOW,
        "_low",
        CONF_TEMPERATURE_LOW_COMMAND_TOPIC,
        CONF_TEMPERATURE_LOW_COMMAND_TEMPLATE,
        CONF_TEMPERATURE_LOW_STATE_TOPIC,
    ),
    (
        ATTR_TARGET_TEMP_HIGH,
        "_high",
        CONF_TEMPERATURE_HIGH_COMMAND_TOPIC,
        CONF_TEMPERATURE_HIGH_COMMAND_TEMPLATE,
        CONF_TEMPERATURE_HIGH_STATE_TOPIC,
    ),
)
"""What can be asked for: how, attribute, topic and template to command it, what tells it."""


class ClimateTemperatures(ControlEntity, ClimateEntity):
    """The part of a climate device that is about temperatures.

    One that heats and cools to a range, and to one temperature in its other modes, has
    either at a time. The other is parked meanwhile, for when the mode changes back.
    """

    _current: float | None = None
    _target: float | None = None
    _high: float | None = None
    _low: float | None = None
    _parked_target: float | None = None
    _parked_range: tuple[float | None, float | None] = (None, None)
    _single_and_range = False

    # --- what Home Assistant asks -------------------------------------------------

    # From 2026.11 on it asks for what is native, and frowns on entities that have the
    # other names only; until then it knows the other names alone.

    @property
    def native_temperature_unit(self) -> str:
        """The unit of all temperatures: Home Assistant's own, unless it is said."""
        unit: str | None = self._config.get(CONF_TEMPERATURE_UNIT)
        return self.hass.config.units.temperature_unit if unit is None else unit

    @property
    def native_current_temperature(self) -> float | None:
        """What is measured."""
        return self._current

    @property
    def native_target_temperature(self) -> float | None:
        """What is asked for; None while that is a range."""
        return self._target

    @property
    def native_target_temperature_high(self) -> float | None:
        """The upper end of the range that is asked for."""
        return self._high

    @property
    def native_target_temperature_low(self) -> float | None:
        """The lower end of the range that is asked for."""
        return self._low

    temperature_unit = native_temperature_unit
    current_temperature = native_current_temperature
    target_temperature = native_target_temperature
    target_temperature_high = native_target_temperature_high
    target_temperature_low = native_target_temperature_low

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

    def _initial_temperature(self) -> float:
        """Return what is taken to be asked for at first, if nothing tells it."""
        return self._temperature(CONF_INITIAL, _INITIAL_CELSIUS)

    def _temperature(self, key: str, default_celsius: float) -> float:
        temperature: float | None = self._config.get(key)
        if temperature is not None:
            return temperature
        return TemperatureConverter.convert(
            default_celsius, UnitOfTemperature.CELSIUS, self.native_temperature_unit
        )

    @property
    @override
    def precision(self) -> float:
        """What temperatures are rounded to."""
        precision: float | None = self._config.get(CONF_PRECISION)
        return super().precision if precision is None else precision

    # --- one temperature, or a range ----------------------------------------------

    def _park_temperature(self) -> None:
        """Park the one temperature: now there is a range."""
        if self._single_and_range and self._target is not None:
            self._parked_target = self._target
            self._target = None

    def _park_range(self) -> None:
        """Park the range: now there is one temperature."""
        ends = (self._low, self._high)
        if self._single_and_range and ends != (None, None):
            self._parked_range = ends
            self._low = self._high = None

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
            elif self._target is None:
                self._target = self._parked_target
        if self._assumes(CONF_TEMPERATURE_LOW_STATE_TOPIC) and self._assumes(
            CONF_TEMPERATURE_HIGH_STATE_TOPIC
        ):
            if not to_range:
                self._park_range()
            elif self._low is None and self._high is None:
                self._low, self._high = self._parked_range

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
        for asked, name, topic, template, teller in _TARGETS:
            if (temperature := kwargs.get(asked)) is None:
                continue
            await self._send(topic, temperature, template)
            if self._assumes(teller):
                assumed = True
                setattr(self, name, temperature)
                if asked == ATTR_TEMPERATURE:
                    self._park_range()
                else:
                    self._park_temperature()
        if assumed:
            self.async_write_ha_state()
