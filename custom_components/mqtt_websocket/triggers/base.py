"""What all triggers share: their options, and the broker that they are about."""

from collections.abc import Mapping
import inspect
from typing import Any, ClassVar, override

import voluptuous as vol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerAction,
    TriggerActionPayloadBuilder,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType, TemplateVarsType

from ..const import ATTR_CONFIG_ENTRY_ID
from .follow import async_validated


def _trigger_variables(
    action_payload_builder: TriggerActionPayloadBuilder,
) -> Mapping[str, Any]:
    """Return the ``trigger_variables`` of the automation, and ``this``.

    Home Assistant 2026.10 hands them to old-style triggers only. From those of the new
    style they can be seen just in this function, which it made around them; where it
    doesn't any more there are none, and templates that need them say so in the log.
    """
    around: Mapping[str, Any] = (
        inspect.getclosurevars(action_payload_builder).nonlocals
        if inspect.isfunction(action_payload_builder)
        else {}
    )
    variables: TemplateVarsType = around.get("trigger_info", {}).get("variables")
    return variables or {}


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
        self._variables: Mapping[str, Any] = {}

    @override
    async def async_attach_action(
        self,
        action: TriggerAction,
        action_payload_builder: TriggerActionPayloadBuilder,
        *,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Keep the variables that topics and payloads may be made of, then attach."""
        self._variables = _trigger_variables(action_payload_builder)
        return await super().async_attach_action(
            action, action_payload_builder, did_not_trigger=did_not_trigger
        )
