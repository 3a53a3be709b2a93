"""What all steps of a device's flow work on: the device as it would be stored."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_DEVICE, CONF_NAME, CONF_PLATFORM
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..mapping.schemas import SHARED_OPTIONS, EntityConfig
from ..mapping.schemas.common import CONF_AVAILABILITY, CONF_AVAILABILITY_TOPIC
from ..mapping.schemas.device import CONF_COMPONENTS
from .examples import EXAMPLES
from .fields import Problem
from .storing import StoringSubentryFlow

# What the texts of errors name: each has to be there, or braces are shown.
_UNKNOWN: Final = dict.fromkeys(
    (
        "field", "error", "entity", "topic", "character", "unit", "kind", "units",
        "needed", "payload", "platforms", "reason", "reason_code", "result", "seconds",
    ),
    "?",
)  # fmt: skip


class DeviceDraft(StoringSubentryFlow):
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

    @property
    def _shared(self) -> dict[str, Any]:
        """What the device hands down to its entities."""
        return shared_options(self._data)

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
            **EXAMPLES,
            **_UNKNOWN,
            "device": self._name,
            "now": "",
            **placeholders,
        }
        errors = {}
        if problem is not None:
            errors[problem.place] = problem.key
            placeholders |= self._explained(step_id, problem)
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            errors=errors,
            description_placeholders=placeholders,
        )


def shared_options(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a device hands down to its entities."""
    return {key: data[key] for key in SHARED_OPTIONS if key in data}


def availability_twice(config: Mapping[str, Any]) -> bool:
    """Whether there is one topic for the availability, and a list of some, as well."""
    return CONF_AVAILABILITY in config and CONF_AVAILABILITY_TOPIC in config
