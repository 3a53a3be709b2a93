"""What all steps of a device's flow work on: the device as it would be stored."""

from abc import abstractmethod
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_DEVICE, CONF_NAME, CONF_PLATFORM
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..mapping.schemas import EntityConfig
from ..mapping.schemas.device import CONF_COMPONENTS
from .fields import Problem

# Braces can't stand in texts, where they are placeholders themselves.
_EXAMPLES: Final = {
    "example_template": "{{ value_json.temperature }}",
    "example_attributes": "{{ value_json.details | tojson }}",
    "example_availability": "{{ 'online' if value_json.battery > 5 else 'offline' }}",
    "example_command": '{"power": "{{ value }}"}',
    "example_last_reset": "{{ value_json.reset_at }}",
    "example_device_url": "http://192.168.1.23/",
    "example_picture": "https://example.com/washer.png",
    "example_yaml": "mqtt:\n  sensor:\n    - name: Temperature\n"
    "      state_topic: kitchen/temperature\n      unit_of_measurement: °C",
    "example_payload": "homeassistant/sensor/kitchen/config "
    '{"name": "Temperature", "stat_t": "kitchen/temperature"}',
}
# What the texts of errors name: each has to be there, or braces are shown.
_UNKNOWN: Final = dict.fromkeys(
    (
        "field", "error", "entity", "topic", "character", "unit", "kind", "units",
        "payload", "platforms", "reason", "reason_code", "seconds",
    ),
    "?",
)  # fmt: skip


class DeviceDraft(ConfigSubentryFlow):
    """A flow that makes or changes a device. Nothing is stored before its last step."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._name = ""
        self._data: dict[str, Any] = {CONF_DEVICE: {}, CONF_COMPONENTS: {}}

    @abstractmethod
    async def async_step_menu(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what to do next."""

    @property
    def _entities(self) -> dict[str, EntityConfig]:
        entities: dict[str, EntityConfig] = self._data[CONF_COMPONENTS]
        return entities

    def _label(self, key: str) -> str:
        config = self._entities[key]
        return f"{config.get(CONF_NAME) or self._name} ({config.get(CONF_PLATFORM)})"

    def _selector(self, keys: list[str], *, multiple: bool = False) -> SelectSelector:
        return SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=key, label=self._label(key)) for key in keys
                ],
                multiple=multiple,
                mode=SelectSelectorMode.LIST,
            )
        )

    def _show(
        self,
        step_id: str,
        schema: vol.Schema,
        problem: Problem | None = None,
        **placeholders: str,
    ) -> SubentryFlowResult:
        placeholders = {
            **_EXAMPLES,
            **_UNKNOWN,
            "device": self._name,
            "now": "",
            **placeholders,
        }
        errors = {}
        if problem is not None:
            errors[problem.place] = problem.key
            placeholders |= problem.placeholders
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            errors=errors,
            description_placeholders=placeholders,
        )
