"""Covers: blinds, garage doors, awnings; with a position and a tilt, or without."""

from collections.abc import Iterator
from typing import Any, Final, override

from homeassistant.components.cover import CoverEntity
from homeassistant.components.cover.const import (
    ATTR_POSITION,
    ATTR_TILT_POSITION,
    CoverEntityFeature,
    CoverEntityStateAttribute,
    CoverState,
)
from homeassistant.const import CONF_DEVICE_CLASS, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.json import json_loads
from homeassistant.util.percentage import (
    percentage_to_ranged_value,
    ranged_value_to_percentage,
)

from .control import ControlEntity, Value, number, told_by
from .entity import Reader, StateOf
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_COMMAND_TOPIC,
    CONF_OPTIMISTIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
    PAYLOAD_NONE,
)
from .mapping.schemas.cover import (
    CONF_PAYLOAD_CLOSE,
    CONF_PAYLOAD_OPEN,
    CONF_PAYLOAD_STOP,
    CONF_PAYLOAD_STOP_TILT,
    CONF_POSITION_CLOSED,
    CONF_POSITION_OPEN,
    CONF_POSITION_TEMPLATE,
    CONF_POSITION_TOPIC,
    CONF_SET_POSITION_TEMPLATE,
    CONF_SET_POSITION_TOPIC,
    CONF_STATE_CLOSED,
    CONF_STATE_CLOSING,
    CONF_STATE_OPEN,
    CONF_STATE_OPENING,
    CONF_STATE_STOPPED,
    CONF_TILT_CLOSED_VALUE,
    CONF_TILT_COMMAND_TEMPLATE,
    CONF_TILT_COMMAND_TOPIC,
    CONF_TILT_MAX,
    CONF_TILT_MIN,
    CONF_TILT_OPENED_VALUE,
    CONF_TILT_OPTIMISTIC,
    CONF_TILT_STATUS_TEMPLATE,
    CONF_TILT_STATUS_TOPIC,
    KEYS,
)
from .runtime import MqttWebsocketConfigEntry

PARALLEL_UPDATES = 0

_COMMANDS: Final = (
    (CONF_PAYLOAD_OPEN, CoverEntityFeature.OPEN),
    (CONF_PAYLOAD_CLOSE, CoverEntityFeature.CLOSE),
    (CONF_PAYLOAD_STOP, CoverEntityFeature.STOP),
)

_TILT: Final = (
    CoverEntityFeature.OPEN_TILT
    | CoverEntityFeature.CLOSE_TILT
    | CoverEntityFeature.STOP_TILT
    | CoverEntityFeature.SET_TILT_POSITION
)

_TOPICS: Final = (
    (CONF_SET_POSITION_TOPIC, CONF_POSITION_TOPIC),
    (CONF_COMMAND_TOPIC, CONF_STATE_TOPIC),
    (CONF_TILT_COMMAND_TOPIC, CONF_TILT_STATUS_TOPIC),
)
"""What commands a value, and what tells it."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the covers of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(
        Platform.COVER, MqttCover, async_add_entities
    )


class MqttCover(ControlEntity, CoverEntity):
    """A cover."""

    _attr_is_closed: bool | None = None
    _attributes_blocked = frozenset(
        {
            CoverEntityStateAttribute.CURRENT_POSITION,
            CoverEntityStateAttribute.CURRENT_TILT_POSITION,
        }
    )
    _default_name = "MQTT Cover"
    _state = StateOf(
        "_attr_current_cover_position",
        "_attr_current_cover_tilt_position",
        "_attr_is_closed",
        "_attr_is_closing",
        "_attr_is_opening",
    )
    _meaning = told_by(KEYS)

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        self._attr_device_class = config.get(CONF_DEVICE_CLASS)
        # A closed cover is at 0 %, which is not one of the positions in between.
        self._positions = (config[CONF_POSITION_CLOSED] + 1, config[CONF_POSITION_OPEN])
        self._tilts = (config[CONF_TILT_MIN] + 1, config[CONF_TILT_MAX])
        self._tilt_closed = ranged_value_to_percentage(
            self._tilts, config[CONF_TILT_CLOSED_VALUE]
        )
        self._tilt_opened = ranged_value_to_percentage(
            self._tilts, config[CONF_TILT_OPENED_VALUE]
        )
        # One topic that tells something, and the commands are not believed.
        self._attr_assumed_state = config[CONF_OPTIMISTIC] or not any(
            teller in config for _, teller in _TOPICS
        )
        self._tilt_assumed = (
            config[CONF_TILT_OPTIMISTIC] or CONF_TILT_STATUS_TOPIC not in config
        )
        self._variables = {
            CONF_POSITION_OPEN: config[CONF_POSITION_OPEN],
            CONF_POSITION_CLOSED: config[CONF_POSITION_CLOSED],
            CONF_TILT_MIN: config[CONF_TILT_MIN],
            CONF_TILT_MAX: config[CONF_TILT_MAX],
        }
        self._states: dict[Value, CoverState | None] = {
            # Of equal ones the last counts.
            PAYLOAD_NONE: None,
            config[CONF_STATE_CLOSED]: CoverState.CLOSED,
            config[CONF_STATE_OPEN]: CoverState.OPEN,
            config[CONF_STATE_CLOSING]: CoverState.CLOSING,
            config[CONF_STATE_OPENING]: CoverState.OPENING,
        }
        features = CoverEntityFeature(0)
        if CONF_COMMAND_TOPIC in config:
            for payload, feature in _COMMANDS:
                if config[payload] is not None:
                    features |= feature
        if CONF_SET_POSITION_TOPIC in config:
            features |= CoverEntityFeature.SET_POSITION
        if CONF_TILT_COMMAND_TOPIC in config:
            features |= _TILT
        self._attr_supported_features = features

    @override
    def _forget_state(self) -> None:
        if not self._attr_assumed_state:
            self._set_state(None)
            self._attr_current_cover_position = None
        if not self._tilt_assumed:
            self._attr_current_cover_tilt_position = None

    # --- messages -----------------------------------------------------------------

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        yield from self._reading(
            CONF_POSITION_TOPIC,
            CONF_POSITION_TEMPLATE,
            self._take_position,
            variables=self._variables,
        )
        yield from self._reading(
            CONF_STATE_TOPIC, CONF_VALUE_TEMPLATE, self._take_state
        )
        yield from self._reading(
            CONF_TILT_STATUS_TOPIC,
            CONF_TILT_STATUS_TEMPLATE,
            self._take_tilt,
            variables=self._variables,
        )

    def _set_state(self, state: CoverState | None) -> None:
        self._attr_is_closed = None if state is None else state == CoverState.CLOSED
        self._attr_is_opening = state == CoverState.OPENING
        self._attr_is_closing = state == CoverState.CLOSING

    def _take_state(self, value: Value) -> None:
        if value == self._config[CONF_STATE_STOPPED]:
            self._set_state(
                CoverState.CLOSED if self._stopped_closed() else CoverState.OPEN
            )
        elif value in self._states:
            self._set_state(self._states[value])
        else:
            raise PayloadError("it is not a state of the cover")

    def _stopped_closed(self) -> bool:
        """Whether it is closed now that it has stopped."""
        if CONF_POSITION_TOPIC in self._config:
            return self._attr_current_cover_position == 0
        return self.state in (CoverState.CLOSED, CoverState.CLOSING)

    def _take_position(self, value: Value) -> None:
        """Take a position: a number, or a JSON object that may have the tilt, too."""
        try:
            found = json_loads(value)
        except ValueError:
            found = None
        if not found or not isinstance(found, dict):
            self._take_position_alone(value)
            return
        if "position" not in found:
            raise PayloadError("it has no position")
        try:
            if "tilt_position" in found:
                # Now that it is told it need not be believed.
                self._tilt_assumed = self._config[CONF_TILT_OPTIMISTIC]
                self._take_tilt(found["tilt_position"])
        finally:
            self._take_position_alone(found["position"])

    def _take_position_alone(self, value: Any) -> None:
        percentage = ranged_value_to_percentage(self._positions, number(value))
        self._attr_current_cover_position = min(100, max(0, percentage))
        if CONF_STATE_TOPIC not in self._config:
            self._set_state(
                CoverState.CLOSED
                if self._attr_current_cover_position == 0
                else CoverState.OPEN
            )

    def _take_tilt(self, value: Any) -> None:
        tilt = round(number(value))
        ends = (self._config[CONF_TILT_MIN], self._config[CONF_TILT_MAX])
        if not min(ends) <= tilt <= max(ends):
            raise PayloadError("it is out of the range of the tilt")
        self._attr_current_cover_tilt_position = ranged_value_to_percentage(
            self._tilts, tilt
        )

    # --- commands -----------------------------------------------------------------

    @override
    async def async_open_cover(self, **kwargs: Any) -> None:
        """Command it open. Raises a translated HomeAssistantError."""
        await self._command(CONF_COMMAND_TOPIC, self._config[CONF_PAYLOAD_OPEN])
        self._assume(CoverState.OPEN, 100 if self._has_position else None)

    @override
    async def async_close_cover(self, **kwargs: Any) -> None:
        """Command it closed. Raises a translated HomeAssistantError."""
        await self._command(CONF_COMMAND_TOPIC, self._config[CONF_PAYLOAD_CLOSE])
        self._assume(CoverState.CLOSED, 0 if self._has_position else None)

    @override
    async def async_stop_cover(self, **kwargs: Any) -> None:
        """Command it to stop. Raises a translated HomeAssistantError."""
        await self._command(CONF_COMMAND_TOPIC, self._config[CONF_PAYLOAD_STOP])

    @override
    async def async_set_cover_position(self, **kwargs: Any) -> None:
        """Command a position. Raises a translated HomeAssistantError."""
        percentage = kwargs[ATTR_POSITION]
        await self._command(
            CONF_SET_POSITION_TOPIC,
            round(percentage_to_ranged_value(self._positions, percentage)),
            CONF_SET_POSITION_TEMPLATE,
            {**self._variables, "position": percentage},
        )
        self._assume(
            # Core compares a percentage with a position: so do we.
            CoverState.CLOSED
            if percentage <= self._config[CONF_POSITION_CLOSED]
            else CoverState.OPEN,
            percentage,
        )

    @property
    def _has_position(self) -> bool:
        return CONF_POSITION_TOPIC in self._config

    def _assume(self, state: CoverState, position: int | None) -> None:
        """Believe a command, if nothing tells what became of it."""
        if self._attr_assumed_state:
            self._set_state(state)
            if position is not None:
                self._attr_current_cover_position = position
            self.async_write_ha_state()

    @override
    async def async_open_cover_tilt(self, **kwargs: Any) -> None:
        """Command the tilt open. Raises a translated HomeAssistantError."""
        tilt = self._config[CONF_TILT_OPENED_VALUE]
        await self._command_tilt(tilt, tilt, self._tilt_opened)

    @override
    async def async_close_cover_tilt(self, **kwargs: Any) -> None:
        """Command the tilt closed. Raises a translated HomeAssistantError."""
        tilt = self._config[CONF_TILT_CLOSED_VALUE]
        await self._command_tilt(tilt, tilt, self._tilt_closed)

    @override
    async def async_set_cover_tilt_position(self, **kwargs: Any) -> None:
        """Command a tilt. Raises a translated HomeAssistantError."""
        percentage = kwargs[ATTR_TILT_POSITION]
        tilt = round(percentage_to_ranged_value(self._tilts, percentage))
        await self._command_tilt(tilt, percentage, percentage)

    async def _command_tilt(self, tilt: int, shown: int, percentage: int) -> None:
        """Command a tilt; ``shown`` is what the template sees as ``tilt_position``."""
        await self._command(
            CONF_TILT_COMMAND_TOPIC,
            tilt,
            CONF_TILT_COMMAND_TEMPLATE,
            {**self._variables, "tilt_position": shown},
        )
        if self._tilt_assumed:
            self._attr_current_cover_tilt_position = percentage
            self.async_write_ha_state()

    @override
    async def async_stop_cover_tilt(self, **kwargs: Any) -> None:
        """Command the tilt to stop. Raises a translated HomeAssistantError."""
        await self._command(
            CONF_TILT_COMMAND_TOPIC, self._config[CONF_PAYLOAD_STOP_TILT]
        )

    @override
    async def async_toggle_tilt(self, **kwargs: Any) -> None:
        """Command the tilt open if it is closed, else closed."""
        tilt = self.current_cover_tilt_position
        if tilt is not None and tilt <= self._tilt_closed:
            await self.async_open_cover_tilt(**kwargs)
        else:
            await self.async_close_cover_tilt(**kwargs)
