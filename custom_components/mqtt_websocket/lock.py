"""Locks: commands to topics, states from topics."""

from collections.abc import Iterator
from typing import Any, Final, override

from homeassistant.components.lock import LockEntity
from homeassistant.components.lock.const import (
    LockEntityFeature,
    LockEntityStateAttribute,
)
from homeassistant.const import ATTR_CODE, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control import ControlEntity, Meaningless, Value, told_by
from .entity import Reader, StateOf
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_COMMAND_TEMPLATE,
    CONF_COMMAND_TOPIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from .mapping.schemas.lock import (
    CONF_CODE_FORMAT,
    CONF_PAYLOAD_LOCK,
    CONF_PAYLOAD_OPEN,
    CONF_PAYLOAD_RESET,
    CONF_PAYLOAD_UNLOCK,
    CONF_STATE_JAMMED,
    CONF_STATE_LOCKED,
    CONF_STATE_LOCKING,
    CONF_STATE_OPEN,
    CONF_STATE_OPENING,
    CONF_STATE_UNLOCKED,
    CONF_STATE_UNLOCKING,
    KEYS,
)
from .runtime import MqttWebsocketConfigEntry

PARALLEL_UPDATES = 0

_FLAGS: Final = {
    CONF_STATE_JAMMED: "_attr_is_jammed",
    CONF_STATE_LOCKED: "_attr_is_locked",
    CONF_STATE_LOCKING: "_attr_is_locking",
    CONF_STATE_OPEN: "_attr_is_open",
    CONF_STATE_OPENING: "_attr_is_opening",
    CONF_STATE_UNLOCKING: "_attr_is_unlocking",
}
"""What a state sets; unlocked is a lock of which nothing else is true."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the locks of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(Platform.LOCK, MqttLock, async_add_entities)


class MqttLock(ControlEntity, LockEntity):
    """A lock that commands on one topic and listens on another."""

    _attributes_blocked = frozenset(
        {LockEntityStateAttribute.CHANGED_BY, LockEntityStateAttribute.CODE_FORMAT}
    )
    _default_name = "MQTT Lock"
    _state = StateOf(*_FLAGS.values())
    _meaning = told_by(KEYS)

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        self._attr_assumed_state = self._assumes()
        if self._attr_assumed_state and self._attr_is_locked is None:
            self._attr_is_locked = False  # as core has it: not known is not locked
        self._attr_code_format = config.get(CONF_CODE_FORMAT)
        self._attr_supported_features = (
            LockEntityFeature.OPEN
            if CONF_PAYLOAD_OPEN in config
            else LockEntityFeature(0)
        )

    @override
    def _forget_state(self) -> None:
        if not self._attr_assumed_state:
            self._set_flags(None)

    def _set_flags(self, state: Value | None) -> None:
        """Set what a state means, or with None that nothing is known."""
        for key, name in _FLAGS.items():
            setattr(self, name, None if state is None else state == self._config[key])

    # --- messages -----------------------------------------------------------------

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        return self._reading(CONF_STATE_TOPIC, CONF_VALUE_TEMPLATE, self._take_state)

    def _take_state(self, value: Value) -> None:
        config = self._config
        if not value.strip():
            return
        if value == config[CONF_PAYLOAD_RESET]:
            self._set_flags(None)
        elif value == config[CONF_STATE_UNLOCKED] or any(
            value == config[key] for key in _FLAGS
        ):
            self._set_flags(value)
        else:
            raise Meaningless("it is not a state of the lock")

    # --- commands -----------------------------------------------------------------

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        """Command it locked. Raises a translated HomeAssistantError."""
        await self._command_flag(CONF_PAYLOAD_LOCK, kwargs, "_attr_is_locked", True)

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        """Command it unlocked. Raises a translated HomeAssistantError."""
        await self._command_flag(CONF_PAYLOAD_UNLOCK, kwargs, "_attr_is_locked", False)

    @override
    async def async_open(self, **kwargs: Any) -> None:
        """Command its latch open. Raises a translated HomeAssistantError."""
        await self._command_flag(CONF_PAYLOAD_OPEN, kwargs, "_attr_is_open", True)

    async def _command_flag(
        self, payload: str, wanted: dict[str, Any], flag: str, value: bool
    ) -> None:
        """Command a payload; believe it if nothing tells what became of it."""
        await self._command(
            CONF_COMMAND_TOPIC,
            self._config[payload],
            CONF_COMMAND_TEMPLATE,
            {ATTR_CODE: wanted.get(ATTR_CODE)},
        )
        self._believe(flag, value)
