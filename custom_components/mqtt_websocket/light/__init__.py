"""Lights, in the three schemas that core has for them."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..bad_payloads import BadPayloads
from ..broker.broker import Broker
from ..mapping.schemas.light import (
    CONF_SCHEMA,
    SCHEMA_BASIC,
    SCHEMA_JSON,
    SCHEMA_TEMPLATE,
)
from ..plan import EntityPlan
from ..runtime import MqttWebsocketConfigEntry
from .base import BaseLight
from .basic import BasicLight
from .json import JsonLight
from .template import TemplateLight

PARALLEL_UPDATES = 0

_CLASSES: Final[dict[str, type[BaseLight]]] = {
    SCHEMA_BASIC: BasicLight,
    SCHEMA_JSON: JsonLight,
    SCHEMA_TEMPLATE: TemplateLight,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the lights of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(
        Platform.LIGHT, make_light, async_add_entities
    )


def make_light(
    broker: Broker, bad_payloads: BadPayloads, plan: EntityPlan
) -> BaseLight:
    """Make a light that speaks the schema of its configuration."""
    return _CLASSES[plan.config[CONF_SCHEMA]](broker, bad_payloads, plan)
