"""Sensors of the broker's own device: how much is published, and what goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.sensor import (
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.helpers.device_registry import DeviceInfo

from .const import DOMAIN
from .publishing.counters import Counters
from .runtime import Runtime


@dataclass(frozen=True, kw_only=True)
class _Description(SensorEntityDescription):
    value: Callable[[Counters], int]


_DESCRIPTIONS: Final = (
    _Description(key="states_published", value=lambda counters: counters.published),
    _Description(key="states_dropped", value=lambda counters: counters.dropped),
    _Description(key="commands", value=lambda counters: counters.commands),
    _Description(
        key="publishing_errors",
        value=lambda counters: counters.failed + counters.command_errors,
    ),
)


def publishing_sensors(runtime: Runtime, entry_id: str) -> list[SensorEntity]:
    """Return the sensors of a broker."""
    return [
        PublishingSensor(runtime.publishing.counters, entry_id, description)
        for description in _DESCRIPTIONS
    ]


class PublishingSensor(SensorEntity):
    """A number since the broker was loaded.

    It is asked for now and then: a state for each published state would double the
    work, and could be published itself.
    """

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_entity_registry_enabled_default = False
    _attr_has_entity_name = True
    _attr_state_class = SensorStateClass.TOTAL_INCREASING
    entity_description: _Description

    def __init__(
        self, counters: Counters, entry_id: str, description: _Description
    ) -> None:
        """Show one of the counters."""
        self.entity_description = description
        self._counters = counters
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry_id)})

    @property
    @override
    def native_value(self) -> int:
        """The number."""
        return self.entity_description.value(self._counters)
