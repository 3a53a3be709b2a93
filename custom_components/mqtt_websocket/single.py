"""Entities with one state and one command: switches, numbers, selects, texts."""

from collections.abc import Iterator
from typing import Any, override

from .control import ControlEntity, Value
from .entity import Reader
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_COMMAND_TEMPLATE,
    CONF_COMMAND_TOPIC,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from .mapping.template import Published


class SingleControlEntity(ControlEntity):
    """An entity with one state and one command, under the keys that core gives them all.

    A command that is believed is so once the broker has it. (Core believes some before
    it has published them.)
    """

    _empty_is_a_state = False

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        self._attr_assumed_state = self._assumes()

    @override
    def _forget_state(self) -> None:
        if not self._attr_assumed_state:
            self._set_state(None)

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        return self._reading(
            CONF_STATE_TOPIC,
            CONF_VALUE_TEMPLATE,
            self._take,
            empty=self._empty_is_a_state,
        )

    def _take(self, value: Value) -> None:
        """Take over the state that was told. Raises PayloadError."""
        raise NotImplementedError

    def _set_state(self, state: Any) -> None:
        """Have this state; None is "unknown"."""
        raise NotImplementedError

    async def _command_state(self, value: Published, state: Any) -> None:
        """Command a state. Raises a translated HomeAssistantError."""
        await self._command(CONF_COMMAND_TOPIC, value, CONF_COMMAND_TEMPLATE)
        if self._attr_assumed_state:
            self._set_state(state)
            self.async_write_ha_state()
