"""Fans: speed, preset modes, oscillation and direction, each on topics of its own."""

from collections.abc import Iterator
import math
from typing import Any, override

from homeassistant.components.fan import FanEntity
from homeassistant.components.fan.const import (
    FanEntityCapabilityAttribute,
    FanEntityFeature,
    FanEntityStateAttribute,
)
from homeassistant.const import CONF_PAYLOAD_OFF, CONF_PAYLOAD_ON, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.percentage import (
    percentage_to_ranged_value,
    ranged_value_to_percentage,
)
from homeassistant.util.scaling import int_states_in_range

from .control import ControlEntity, Meaningless, Value, is_on, told_by
from .entity import Reader, StateOf
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_COMMAND_TEMPLATE,
    CONF_COMMAND_TOPIC,
    CONF_STATE_TOPIC,
)
from .mapping.schemas.fan import (
    CONF_DIRECTION_COMMAND_TEMPLATE,
    CONF_DIRECTION_COMMAND_TOPIC,
    CONF_DIRECTION_STATE_TOPIC,
    CONF_DIRECTION_VALUE_TEMPLATE,
    CONF_OSCILLATION_COMMAND_TEMPLATE,
    CONF_OSCILLATION_COMMAND_TOPIC,
    CONF_OSCILLATION_STATE_TOPIC,
    CONF_OSCILLATION_VALUE_TEMPLATE,
    CONF_PAYLOAD_OSCILLATION_OFF,
    CONF_PAYLOAD_OSCILLATION_ON,
    CONF_PAYLOAD_RESET_PERCENTAGE,
    CONF_PAYLOAD_RESET_PRESET_MODE,
    CONF_PERCENTAGE_COMMAND_TEMPLATE,
    CONF_PERCENTAGE_COMMAND_TOPIC,
    CONF_PERCENTAGE_STATE_TOPIC,
    CONF_PERCENTAGE_VALUE_TEMPLATE,
    CONF_PRESET_MODE_COMMAND_TEMPLATE,
    CONF_PRESET_MODE_COMMAND_TOPIC,
    CONF_PRESET_MODE_STATE_TOPIC,
    CONF_PRESET_MODE_VALUE_TEMPLATE,
    CONF_PRESET_MODES,
    CONF_SPEED_RANGE_MAX,
    CONF_SPEED_RANGE_MIN,
    CONF_STATE_VALUE_TEMPLATE,
    KEYS,
)
from .runtime import MqttWebsocketConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the fans of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(Platform.FAN, MqttFan, async_add_entities)


class MqttFan(ControlEntity, FanEntity):
    """A fan."""

    _attr_percentage: int | None = None
    _attr_preset_mode: str | None = None
    _attributes_blocked = frozenset(
        {*FanEntityCapabilityAttribute, *FanEntityStateAttribute}
    )
    _default_name = "MQTT Fan"
    _state = StateOf(
        "_attr_current_direction",
        "_attr_is_on",
        "_attr_oscillating",
        "_attr_percentage",
        "_attr_preset_mode",
    )
    _meaning = told_by(KEYS)

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        self._attr_assumed_state = self._assumes()
        self._speeds = (config[CONF_SPEED_RANGE_MIN], config[CONF_SPEED_RANGE_MAX])
        self._attr_speed_count = 100
        features = FanEntityFeature.TURN_OFF | FanEntityFeature.TURN_ON
        if CONF_OSCILLATION_COMMAND_TOPIC in config:
            features |= FanEntityFeature.OSCILLATE
        if CONF_DIRECTION_COMMAND_TOPIC in config:
            features |= FanEntityFeature.DIRECTION
        if CONF_PERCENTAGE_COMMAND_TOPIC in config:
            features |= FanEntityFeature.SET_SPEED
            self._attr_speed_count = min(int_states_in_range(self._speeds), 100)
        if CONF_PRESET_MODE_COMMAND_TOPIC in config:
            features |= FanEntityFeature.PRESET_MODE
        self._attr_supported_features = features
        # Without the topic there are none, either.
        self._attr_preset_modes = config[CONF_PRESET_MODES]
        if self._attr_oscillating is None and CONF_OSCILLATION_STATE_TOPIC in config:
            self._attr_oscillating = False  # as core has it, until it is told

    @override
    def _forget_state(self) -> None:
        if not self._attr_assumed_state:
            self._attr_is_on = None
        if not self._assumes(CONF_PERCENTAGE_STATE_TOPIC):
            self._attr_percentage = None
        if not self._assumes(CONF_PRESET_MODE_STATE_TOPIC):
            self._attr_preset_mode = None
        if not self._assumes(CONF_OSCILLATION_STATE_TOPIC):
            self._attr_oscillating = False
        if not self._assumes(CONF_DIRECTION_STATE_TOPIC):
            self._attr_current_direction = None

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it is on, as it is told: no matter how fast it would be."""
        return self._attr_is_on

    # --- messages -----------------------------------------------------------------

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        yield from self._reading(
            CONF_STATE_TOPIC, CONF_STATE_VALUE_TEMPLATE, self._take_state
        )
        yield from self._reading(
            CONF_PERCENTAGE_STATE_TOPIC,
            CONF_PERCENTAGE_VALUE_TEMPLATE,
            self._take_percentage,
        )
        yield from self._reading(
            CONF_PRESET_MODE_STATE_TOPIC,
            CONF_PRESET_MODE_VALUE_TEMPLATE,
            self._take_preset_mode,
            empty=True,
        )
        yield from self._reading(
            CONF_OSCILLATION_STATE_TOPIC,
            CONF_OSCILLATION_VALUE_TEMPLATE,
            self._take_oscillation,
        )
        yield from self._reading(
            CONF_DIRECTION_STATE_TOPIC,
            CONF_DIRECTION_VALUE_TEMPLATE,
            self._take_direction,
        )

    def _take_state(self, value: Value) -> None:
        self._attr_is_on = is_on(value, self._config)

    def _take_percentage(self, value: Value) -> None:
        if value == self._config[CONF_PAYLOAD_RESET_PERCENTAGE]:
            self._attr_percentage = None
            return
        percentage = ranged_value_to_percentage(self._speeds, int(value))
        if not 0 <= percentage <= 100:
            raise PayloadError("it is not within the range of speeds")
        self._attr_percentage = percentage

    def _take_preset_mode(self, value: Value) -> None:
        mode = str(value)
        if mode == self._config[CONF_PAYLOAD_RESET_PRESET_MODE]:
            self._attr_preset_mode = None
        elif mode:
            if mode not in self._config[CONF_PRESET_MODES]:
                raise PayloadError("it is not one of the preset modes")
            self._attr_preset_mode = mode

    def _take_oscillation(self, value: Value) -> None:
        if value == self._config[CONF_PAYLOAD_OSCILLATION_ON]:
            self._attr_oscillating = True
        elif value == self._config[CONF_PAYLOAD_OSCILLATION_OFF]:
            self._attr_oscillating = False
        else:
            raise Meaningless("it says nothing of the oscillation")

    def _take_direction(self, value: Value) -> None:
        self._attr_current_direction = str(value)

    # --- commands -----------------------------------------------------------------

    @override
    async def async_turn_on(
        self,
        percentage: int | None = None,
        preset_mode: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Command it on, and how. Raises a translated HomeAssistantError."""
        await self._command(
            CONF_COMMAND_TOPIC, self._config[CONF_PAYLOAD_ON], CONF_COMMAND_TEMPLATE
        )
        if percentage:
            await self.async_set_percentage(percentage)
        if preset_mode:
            await self.async_set_preset_mode(preset_mode)
        self._believe("_attr_is_on", True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Command it off. Raises a translated HomeAssistantError."""
        await self._command(
            CONF_COMMAND_TOPIC, self._config[CONF_PAYLOAD_OFF], CONF_COMMAND_TEMPLATE
        )
        self._believe("_attr_is_on", False)

    @override
    async def async_set_percentage(self, percentage: int) -> None:
        """Command a speed. Raises a translated HomeAssistantError."""
        await self._command(
            CONF_PERCENTAGE_COMMAND_TOPIC,
            math.ceil(percentage_to_ranged_value(self._speeds, percentage)),
            CONF_PERCENTAGE_COMMAND_TEMPLATE,
        )
        self._believe("_attr_percentage", percentage, CONF_PERCENTAGE_STATE_TOPIC)

    @override
    async def async_set_preset_mode(self, preset_mode: str) -> None:
        """Command a preset mode. Raises a translated HomeAssistantError."""
        await self._command(
            CONF_PRESET_MODE_COMMAND_TOPIC,
            preset_mode,
            CONF_PRESET_MODE_COMMAND_TEMPLATE,
        )
        self._believe("_attr_preset_mode", preset_mode, CONF_PRESET_MODE_STATE_TOPIC)

    @override
    async def async_oscillate(self, oscillating: bool) -> None:
        """Command an oscillation. Raises a translated HomeAssistantError."""
        await self._command(
            CONF_OSCILLATION_COMMAND_TOPIC,
            self._config[
                CONF_PAYLOAD_OSCILLATION_ON
                if oscillating
                else CONF_PAYLOAD_OSCILLATION_OFF
            ],
            CONF_OSCILLATION_COMMAND_TEMPLATE,
        )
        self._believe("_attr_oscillating", oscillating, CONF_OSCILLATION_STATE_TOPIC)

    @override
    async def async_set_direction(self, direction: str) -> None:
        """Command a direction. Raises a translated HomeAssistantError."""
        await self._command(
            CONF_DIRECTION_COMMAND_TOPIC, direction, CONF_DIRECTION_COMMAND_TEMPLATE
        )
        self._believe("_attr_current_direction", direction, CONF_DIRECTION_STATE_TOPIC)
