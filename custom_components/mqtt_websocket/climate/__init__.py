"""Climate devices: modes, temperatures and humidity, each on topics of its own."""

from collections.abc import Iterator
from functools import partial
from typing import Final, override

from homeassistant.components.climate.const import (
    FAN_LOW,
    PRESET_NONE,
    SWING_OFF,
    ClimateEntityCapabilityAttribute,
    ClimateEntityFeature,
    ClimateEntityStateAttribute,
    HVACAction,
    HVACMode,
)
from homeassistant.const import CONF_PAYLOAD_OFF, CONF_PAYLOAD_ON, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..control import Value, number, told_by
from ..entity import Reader, StateOf
from ..mapping.payload import PayloadError
from ..mapping.schemas import EntityConfig
from ..mapping.schemas.climate import (
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
    CONF_MAX_HUMIDITY,
    CONF_MIN_HUMIDITY,
    CONF_MODE_COMMAND_TEMPLATE,
    CONF_MODE_COMMAND_TOPIC,
    CONF_MODE_STATE_TEMPLATE,
    CONF_MODE_STATE_TOPIC,
    CONF_MODES,
    CONF_POWER_COMMAND_TEMPLATE,
    CONF_POWER_COMMAND_TOPIC,
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
    CONF_TEMPERATURE_COMMAND_TOPIC,
    CONF_TEMPERATURE_HIGH_COMMAND_TOPIC,
    CONF_TEMPERATURE_HIGH_STATE_TEMPLATE,
    CONF_TEMPERATURE_HIGH_STATE_TOPIC,
    CONF_TEMPERATURE_LOW_COMMAND_TOPIC,
    CONF_TEMPERATURE_LOW_STATE_TEMPLATE,
    CONF_TEMPERATURE_LOW_STATE_TOPIC,
    CONF_TEMPERATURE_STATE_TEMPLATE,
    CONF_TEMPERATURE_STATE_TOPIC,
    KEYS,
)
from ..mapping.schemas.common import CONF_OPTIMISTIC, CONF_VALUE_TEMPLATE, PAYLOAD_NONE
from ..runtime import MqttWebsocketConfigEntry
from .temperatures import ClimateTemperatures

PARALLEL_UPDATES = 0

_INITIAL: Final = {
    CONF_FAN_MODE_STATE_TOPIC: ("_attr_fan_mode", FAN_LOW),
    CONF_MODE_STATE_TOPIC: ("_attr_hvac_mode", HVACMode.OFF),
    CONF_SWING_HORIZONTAL_MODE_STATE_TOPIC: ("_attr_swing_horizontal_mode", SWING_OFF),
    CONF_SWING_MODE_STATE_TOPIC: ("_attr_swing_mode", SWING_OFF),
    # A temperature: see below.
    CONF_TEMPERATURE_HIGH_STATE_TOPIC: ("_high", None),
    CONF_TEMPERATURE_LOW_STATE_TOPIC: ("_low", None),
    CONF_TEMPERATURE_STATE_TOPIC: ("_target", None),
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


class MqttClimate(ClimateTemperatures):
    """A climate device."""

    _attr_fan_mode: str | None = None
    _attr_hvac_mode: HVACMode | None = None
    _attr_preset_mode: str | None = PRESET_NONE
    _attr_swing_horizontal_mode: str | None = None
    _attr_swing_mode: str | None = None
    _attributes_blocked = frozenset(
        {*ClimateEntityCapabilityAttribute, *ClimateEntityStateAttribute}
        - {ClimateEntityCapabilityAttribute.TARGET_HUMIDITY_STEP}
    )
    _default_name = "MQTT HVAC"
    _state = StateOf(
        "_attr_current_humidity",
        "_current",
        "_attr_fan_mode",
        "_attr_hvac_action",
        "_attr_hvac_mode",
        "_attr_preset_mode",
        "_attr_swing_horizontal_mode",
        "_attr_swing_mode",
        "_attr_target_humidity",
        "_target",
        "_high",
        "_low",
    )
    _meaning = told_by(KEYS)
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
                setattr(self, name, self._initial_temperature())
            else:
                setattr(self, name, value)
        self._initial = assumed

    @override
    def _forget_state(self) -> None:
        self._attr_current_humidity = None
        self._current = None
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
                partial(self._take_number, "_current"),
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
                partial(self._take_end, "_low"),
            ),
            (
                CONF_TEMPERATURE_HIGH_STATE_TOPIC,
                CONF_TEMPERATURE_HIGH_STATE_TEMPLATE,
                partial(self._take_end, "_high"),
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
        self._take_number("_target", value)
        if self._target is not None:
            self._park_range()

    def _take_end(self, name: str, value: Value) -> None:
        """Take one end of the range."""
        self._take_number(name, value)
        if getattr(self, name) is not None:
            self._park_temperature()

    # --- commands -----------------------------------------------------------------

    @override
    async def async_set_humidity(self, humidity: float) -> None:
        """Command a humidity. Raises a translated HomeAssistantError."""
        await self._send(
            CONF_TARGET_HUMIDITY_COMMAND_TOPIC,
            humidity,
            CONF_TARGET_HUMIDITY_COMMAND_TEMPLATE,
        )
        self._believe(
            "_attr_target_humidity", humidity, CONF_TARGET_HUMIDITY_STATE_TOPIC
        )

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
        self._believe("_attr_fan_mode", fan_mode, CONF_FAN_MODE_STATE_TOPIC)

    @override
    async def async_set_swing_mode(self, swing_mode: str) -> None:
        """Command a swing mode. Raises a translated HomeAssistantError."""
        await self._send(
            CONF_SWING_MODE_COMMAND_TOPIC, swing_mode, CONF_SWING_MODE_COMMAND_TEMPLATE
        )
        self._believe("_attr_swing_mode", swing_mode, CONF_SWING_MODE_STATE_TOPIC)

    @override
    async def async_set_swing_horizontal_mode(self, swing_horizontal_mode: str) -> None:
        """Command a horizontal swing mode. Raises a translated HomeAssistantError."""
        await self._send(
            CONF_SWING_HORIZONTAL_MODE_COMMAND_TOPIC,
            swing_horizontal_mode,
            CONF_SWING_HORIZONTAL_MODE_COMMAND_TEMPLATE,
        )
        self._believe(
            "_attr_swing_horizontal_mode",
            swing_horizontal_mode,
            CONF_SWING_HORIZONTAL_MODE_STATE_TOPIC,
        )

    @override
    async def async_set_preset_mode(self, preset_mode: str) -> None:
        """Command a preset mode. Raises a translated HomeAssistantError."""
        await self._send(
            CONF_PRESET_MODE_COMMAND_TOPIC,
            preset_mode,
            CONF_PRESET_MODE_COMMAND_TEMPLATE,
        )
        self._believe("_attr_preset_mode", preset_mode, CONF_PRESET_MODE_STATE_TOPIC)

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
