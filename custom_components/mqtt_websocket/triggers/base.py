"""What all triggers share: their options, and the broker that they are about."""

from typing import Any, ClassVar, override

import voluptuous as vol

from homeassistant.core import HomeAssistant
from homeassistant.helpers.trigger import Trigger, TriggerConfig
from homeassistant.helpers.typing import ConfigType

from ..const import ATTR_CONFIG_ENTRY_ID
from .follow import async_validated


class BrokerTrigger(Trigger):
    """A trigger about one broker: the chosen one, or the only one there is."""

    _schema: ClassVar[vol.Schema]

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options, and that it is clear which broker is meant."""
        return async_validated(hass, cls._schema, config)

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Keep the validated options."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}
        self._config_entry_id: str | None = self._options.get(ATTR_CONFIG_ENTRY_ID)
