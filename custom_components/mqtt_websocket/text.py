"""Texts: to topics and from topics."""

from typing import override

from homeassistant.components.text import TextEntity, TextEntityCapabilityAttribute
from homeassistant.const import CONF_MODE, MAX_LENGTH_STATE_STATE, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control import Value
from .entity import StateOf
from .mapping.deadline import DEADLINE, TookTooLong
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_OPTIMISTIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from .mapping.schemas.text import CONF_MAX, CONF_MIN, CONF_PATTERN
from .runtime import MqttWebsocketConfigEntry
from .single import SingleControlEntity

# Each command is a message of its own: the broker takes as many as it gets.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the texts of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(Platform.TEXT, MqttText, async_add_entities)


class MqttText(SingleControlEntity, TextEntity):
    """A text that commands on one topic and listens on another.

    As in core a text that is assumed is not restored: it may be a password.
    """

    _default_name = "MQTT Text"
    _attributes_blocked = frozenset(
        {
            TextEntityCapabilityAttribute.MAX,
            TextEntityCapabilityAttribute.MIN,
            TextEntityCapabilityAttribute.MODE,
            TextEntityCapabilityAttribute.PATTERN,
        }
    )
    _attr_native_value: str | None = None
    _empty_is_a_state = True
    _state = StateOf("_attr_native_value")
    _meaning = frozenset({CONF_OPTIMISTIC, CONF_STATE_TOPIC, CONF_VALUE_TEMPLATE})

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        super()._configure_platform(config)
        self._attr_native_max = config[CONF_MAX]
        self._attr_native_min = config[CONF_MIN]
        self._attr_mode = config[CONF_MODE]
        self._attr_pattern = config.get(CONF_PATTERN)
        if self._attr_native_value is not None:
            try:
                with DEADLINE:
                    self.state  # noqa: B018 - raises for what is no state any more
            except TookTooLong, ValueError:
                self._attr_native_value = None

    @override
    def _set_state(self, state: str | None) -> None:
        self._attr_native_value = state

    @override
    def _take(self, value: Value) -> None:
        text = str(value)
        if len(text) > MAX_LENGTH_STATE_STATE:
            raise PayloadError(
                f"its {len(text)} characters are more than the"
                f" {MAX_LENGTH_STATE_STATE} of a state"
            )
        # Whether it fits the pattern shows when the state is written. That must not take
        # for ever: the pattern may be a stranger's.
        if (pattern := self.pattern_cmp) is not None:
            try:
                with DEADLINE:
                    pattern.match(text)
            except TookTooLong:
                raise PayloadError(
                    "its comparison with the pattern has no end"
                ) from None
        self._attr_native_value = text

    @override
    async def async_set_value(self, value: str) -> None:
        """Command a text. Raises a translated HomeAssistantError."""
        await self._command_state(value, value)
