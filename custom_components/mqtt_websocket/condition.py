"""The condition that automations can use."""

from collections.abc import Callable
from typing import Unpack, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers.condition import (
    Condition,
    ConditionCheckParams,
    ConditionConfig,
    condition_trace_set_result,
)
from homeassistant.helpers.typing import ConfigType

from .const import ATTR_CONFIG_ENTRY_ID
from .runtime import SeveralBrokers, async_find_entry
from .triggers.connection import CONNECTION_SCHEMA
from .triggers.follow import ConnectionFollower, async_is_connected, async_validated


class BrokerIsConnectedCondition(Condition):
    """Whether there is a connection to a broker now."""

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options, and that it is clear which broker is meant."""
        return async_validated(hass, CONNECTION_SCHEMA, config)

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Keep which broker is meant."""
        super().__init__(hass, config)
        self._config_entry_id: str | None = (config.options or {}).get(
            ATTR_CONFIG_ENTRY_ID
        )

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        try:
            entry = async_find_entry(self._hass, self._config_entry_id)
        except SeveralBrokers:
            condition_trace_set_result(
                False, message="there is more than one MQTT broker: choose one"
            )
            return False
        return entry is not None and async_is_connected(entry)

    @property
    @override
    def needs_polling(self) -> bool:
        """Return False: every change of the connection is told."""
        return False

    @override
    async def _async_track_changes(self, action: Callable[[], None]) -> CALLBACK_TYPE:
        return ConnectionFollower(
            self._hass, self._config_entry_id, lambda *_: action()
        ).start()


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions by their names."""
    return {"broker_is_connected": BrokerIsConnectedCondition}
