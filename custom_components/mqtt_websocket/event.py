"""Events: what topics say that happened."""

from collections.abc import Iterator
from typing import Any, override

from homeassistant.components.event import (
    ATTR_EVENT_TYPE,
    EventEntity,
    EventEntityCapabilityAttribute,
    EventEntityStateAttribute,
)
from homeassistant.const import CONF_DEVICE_CLASS, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .broker.message import Message
from .entity import MqttEntity, Reader, StateOf
from .mapping.payload import PayloadError, json_value, parse_json
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_ENCODING,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
    PAYLOAD_NONE,
)
from .mapping.schemas.event import CONF_EVENT_TYPES
from .runtime import MqttWebsocketConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the events of a broker's devices, now and later."""
    entry.runtime_data.devices.add_platform(
        Platform.EVENT, MqttEvent, async_add_entities
    )


class MqttEvent(MqttEntity, EventEntity):
    """What happened last: its type, when it was, and what was said about it."""

    _default_name = "MQTT Event"
    _attributes_blocked = frozenset(
        {
            EventEntityCapabilityAttribute.EVENT_TYPES,
            EventEntityStateAttribute.EVENT_TYPE,
        }
    )
    # The state itself is private to Home Assistant's class, and no two are equal.
    _state = StateOf("_happened")
    _happened = 0

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        self._attr_device_class = config.get(CONF_DEVICE_CLASS)
        self._attr_event_types = config[CONF_EVENT_TYPES]

    @override
    def _forget_state(self) -> None:
        """Keep it: what happened has happened."""

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        config = self._config
        self._value_template = self._template(config.get(CONF_VALUE_TEMPLATE))
        yield config[CONF_STATE_TOPIC], self._read_event

    def _read_event(self, message: Message) -> None:
        if message.retain:
            return  # it happened before anybody listened
        value = self._value_template.render(message, None)
        if not value or value in (PAYLOAD_NONE, "{}"):
            return  # a template's way to say: not for me
        attributes = self._parse(message, value)
        try:
            event_type = str(attributes.pop(ATTR_EVENT_TYPE))
        except KeyError:
            raise PayloadError(f"it has no {ATTR_EVENT_TYPE}") from None
        try:
            self._trigger_event(event_type, attributes)
        except ValueError:
            raise PayloadError("its type is none of the event's types") from None
        self._happened += 1

    def _parse(self, message: Message, value: str | bytes) -> dict[str, Any]:
        """Return the event as a dictionary of its own."""
        if self._config.get(CONF_VALUE_TEMPLATE) is None:
            # Whoever reads the same message shares what is parsed.
            parsed = json_value(message, self._config[CONF_ENCODING])
        else:
            parsed = parse_json(value)
        if not isinstance(parsed, dict):
            raise PayloadError("it is not a JSON object")
        return dict(parsed)
