"""Schemas of devices and of the entity configs of each platform."""

from .common import EntityConfig
from .device import (
    ENTITY_SCHEMAS,
    LISTENER_SCHEMAS,
    SCHEMAS,
    SHARED_OPTIONS,
    DeviceConfig,
    device_from_payload,
    entity_config,
)

__all__ = [
    "ENTITY_SCHEMAS",
    "LISTENER_SCHEMAS",
    "SCHEMAS",
    "SHARED_OPTIONS",
    "DeviceConfig",
    "EntityConfig",
    "device_from_payload",
    "entity_config",
]
