"""The base of every entity that lives on topics.

Meaning and defaults of every key are core's (homeassistant/components/mqtt/entity.py).
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from operator import attrgetter
from typing import Any, ClassVar, Final, override

from paho.mqtt.properties import Properties

from homeassistant.const import CONF_ENTITY_CATEGORY, CONF_ICON, CONF_NAME
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.exceptions import HomeAssistantError, TemplateError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.group import IntegrationSpecificGroup
from homeassistant.helpers.typing import UNDEFINED, UndefinedType

from .attributes import read_attributes
from .availability import Availability, AvailabilityReader, availability_topics
from .bad_payloads import BadPayloads
from .broker.broker import Broker
from .broker.errors import BrokerError
from .broker.message import Message
from .connection import broker_error
from .const import DOMAIN, PROTOCOL_5
from .mapping.payload import PayloadError
from .mapping.schemas import EntityConfig
from .mapping.schemas.common import (
    CONF_AVAILABILITY_MODE,
    CONF_ENABLED_BY_DEFAULT,
    CONF_ENCODING,
    CONF_ENTITY_PICTURE,
    CONF_GROUP,
    CONF_JSON_ATTRIBUTES_TEMPLATE,
    CONF_JSON_ATTRIBUTES_TOPIC,
    CONF_MESSAGE_EXPIRY_INTERVAL,
    CONF_QOS,
    CONF_RETAIN,
    CONF_VISIBLE_BY_DEFAULT,
)
from .mapping.template import Published, ValueTemplate
from .plan import EntityPlan, suggested_entity_id
from .properties import ATTR_MESSAGE_EXPIRY_INTERVAL, properties_from_data

type Reader = Callable[[Message], None]
"""Takes what it needs out of a message, or raises PayloadError or TemplateError."""

_ATTRIBUTES_MEANING: Final = frozenset(
    {CONF_JSON_ATTRIBUTES_TOPIC, CONF_JSON_ATTRIBUTES_TEMPLATE}
)


class StateOf:
    """The attributes of an entity that make its state: read, compared, and put back."""

    __slots__ = ("_names", "read")

    def __init__(self, *names: str) -> None:
        """Name the platform's; availability and attributes count for every entity."""
        self._names = names
        self.read: attrgetter[tuple[Any, ...]] = attrgetter(
            "_availability.available", "_attr_extra_state_attributes", *names
        )

    def put_back(self, entity: Entity, before: tuple[Any, ...]) -> None:
        """Give an entity the platform's part of a state that ``read`` returned."""
        for name, value in zip(self._names, before[2:], strict=True):
            setattr(entity, name, value)


class MqttEntity(Entity):
    """An entity whose state, attributes and availability come from topics.

    A platform says what its state is (``_state``), takes over its own keys
    (``_configure_platform``) and reads its topics (``_state_readers``).
    """

    _attr_has_entity_name = True
    _attr_should_poll = False
    _default_name: ClassVar[str]
    _state: ClassVar[StateOf]
    _meaning: ClassVar[frozenset[str]] = frozenset()
    """The keys that decide what a state means: with others an old state says nothing."""
    _attributes_blocked: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self, broker: Broker, bad_payloads: BadPayloads, plan: EntityPlan
    ) -> None:
        """Prepare an entity; it subscribes once it is in Home Assistant."""
        self._broker: Final = broker
        self._bad_payloads: Final = bad_payloads
        self._availability: Final = Availability()
        self._subscriptions: list[CALLBACK_TYPE] = []
        self.live = False
        self._was_added = False
        self._was_connected = False
        self.plan = plan
        self._config = plan.config
        self._attr_unique_id = plan.unique_id
        self._attr_extra_state_attributes = {}
        self._configure()
        if (entity_id := suggested_entity_id(plan)) is not None:
            # Home Assistant takes it as a wish: the registry has the last word.
            self.entity_id = entity_id

    # --- configuration ------------------------------------------------------------

    def _configure(self) -> None:
        """Take over all that does not depend on messages."""
        config = self._config
        self._configure_platform(config)
        self._attr_device_info = self.plan.device_info
        self._attr_entity_category = config.get(CONF_ENTITY_CATEGORY)
        self._attr_entity_picture = config.get(CONF_ENTITY_PICTURE)
        self._attr_entity_registry_enabled_default = config[CONF_ENABLED_BY_DEFAULT]
        self._attr_entity_registry_visible_default = config[CONF_VISIBLE_BY_DEFAULT]
        self._attr_icon = config.get(CONF_ICON)
        self._configure_name(config)
        self._availability.configure(
            config[CONF_AVAILABILITY_MODE], availability_topics(config)
        )
        if (members := config.get(CONF_GROUP)) is not None:
            if isinstance(self.group, IntegrationSpecificGroup):
                self.group.member_unique_ids = members
            else:
                self.group = IntegrationSpecificGroup(self, members)

    def _configure_name(self, config: EntityConfig) -> None:
        name: str | UndefinedType | None = config.get(CONF_NAME, UNDEFINED)
        if name is not UNDEFINED:
            self._attr_name = name
        elif not self._default_to_device_class_name():
            self._attr_name = self._default_name
        elif hasattr(self, "_attr_name"):
            # Without the attribute the name follows from the device class.
            del self._attr_name

    def _configure_platform(self, config: EntityConfig) -> None:
        """Take over the platform's own keys."""
        raise NotImplementedError

    def _forget_state(self) -> None:
        """Return to "unknown": what was heard means something else now."""
        raise NotImplementedError

    def can_become(self, plan: EntityPlan) -> bool:
        """Whether this can become what another plan says, or another entity has to."""
        return True

    @callback
    def async_update_config(self, plan: EntityPlan) -> None:
        """Become what another plan says: same platform, same unique id.

        All topics are subscribed anew, so that what is retained is read once more, with
        the new templates.
        """
        old = self._config
        self.plan = plan
        self._config = new = plan.config
        self._configure()
        if _differ(old, new, self._meaning):
            self._forget_state()
        if _differ(old, new, _ATTRIBUTES_MEANING):
            self._attr_extra_state_attributes = {}
        if not self.live:
            return  # disabled: what enables it makes a new one
        self._subscribe()
        if self.registry_entry is not None:
            # The rest of the entry is brought up to date by the state's write.
            er.async_get(self.hass).async_update_entity(
                self.entity_id,
                entity_category=self.entity_category,
                original_icon=self.icon,
                unit_of_measurement=self.unit_of_measurement,
            )
        self.async_write_ha_state()

    # --- life ---------------------------------------------------------------------

    @override
    async def async_added_to_hass(self) -> None:
        """Restore, and subscribe. Comes again after each change of the entity id."""
        await super().async_added_to_hass()
        if self._was_added:
            # What was stored under its new id is older than what it knows, if it is of
            # this entity at all.
            self._return_under_new_id()
        else:
            self._was_added = True
            await self._restore()
        self.live = True
        self._was_connected = self._broker.connected
        self.async_on_remove(self._broker.listen(self._connection_changed))
        self._subscribe()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Unsubscribe."""
        self.live = False
        self._unsubscribe()
        await super().async_will_remove_from_hass()

    async def _restore(self) -> None:
        """Take back what was known before the restart."""

    def _return_under_new_id(self) -> None:
        """Go on with what is known."""

    @callback
    def _connection_changed(self) -> None:
        connected = self._broker.connected
        if connected is not self._was_connected:
            self._was_connected = connected
            if not self.hass.is_stopping:
                self.async_write_ha_state()

    @property
    @override
    def available(self) -> bool:
        """Whether there is a connection, and the topics say so.

        As in core, a connection that ends because Home Assistant stops is none that was
        lost: the last states are what is restored.
        """
        return self._availability.available and (
            self._broker.connected or self.hass.is_stopping
        )

    # --- messages -----------------------------------------------------------------

    def _template(self, source: str | None) -> ValueTemplate:
        """Return a value template in this entity's encoding and scope."""
        return ValueTemplate(
            self.hass,
            source,
            encoding=self._config[CONF_ENCODING],
            scope=self.plan.scope,
            entity=self,
        )

    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        """Yield the platform's topics with what reads them."""
        raise NotImplementedError

    def _readers(self) -> Iterator[tuple[str, Reader]]:
        config = self._config
        if (topic := config.get(CONF_JSON_ATTRIBUTES_TOPIC)) is not None:
            source = config.get(CONF_JSON_ATTRIBUTES_TEMPLATE)
            self._attributes_template = (
                None if source is None else self._template(source)
            )
            yield topic, self._read_attributes
        for each in availability_topics(config):
            yield (
                each.topic,
                AvailabilityReader(
                    self._availability, each, self._template(each.template)
                ),
            )
        yield from self._state_readers()

    def _subscribe(self) -> None:
        """Subscribe to all topics; to each of them once, whatever it is read for.

        One handler per topic makes one write per message, also where state, attributes
        and availability share a topic.
        """
        self._unsubscribe()
        readers: dict[str, list[Reader]] = {}
        for topic, reader in self._readers():
            readers.setdefault(topic, []).append(reader)
        qos = self._config[CONF_QOS]
        self._subscriptions = [
            self._broker.subscribe(topic, partial(self._receive, tuple(of_topic)), qos)
            for topic, of_topic in readers.items()
        ]

    def _unsubscribe(self) -> None:
        for unsubscribe in self._subscriptions:
            unsubscribe()
        self._subscriptions = []

    @callback
    def _receive(self, readers: tuple[Reader, ...], message: Message) -> None:
        """Read a message, and write the state if that changed it."""
        before = self._state.read(self)
        understood = False
        for reader in readers:
            try:
                reader(message)
            except (PayloadError, TemplateError) as err:
                self._bad_payloads.add(message, self.entity_id, err)
            else:
                understood = True
        if self._state.read(self) == before and not (understood and self.force_update):
            return
        try:
            if not self.available:
                # The write looks at the state only of what is available; this does, too.
                self.state  # noqa: B018
            self.async_write_ha_state()
        except (ArithmeticError, TypeError, ValueError) as err:
            # Home Assistant converts units when it writes, and no unit fits all values.
            self._bad_payloads.add(message, self.entity_id, repr(err))
            self._state.put_back(self, before)
            self.async_write_ha_state()

    def _read_attributes(self, message: Message) -> None:
        self._attr_extra_state_attributes = read_attributes(
            message,
            self._attributes_template,
            self._config[CONF_ENCODING],
            self._attributes_blocked,
        )

    # --- commands -----------------------------------------------------------------

    async def async_publish(self, topic: str, payload: Published) -> None:
        """Publish as the configuration says; return when the broker has it.

        Raises a translated HomeAssistantError.
        """
        config = self._config
        if isinstance(payload, (str, int, float)):
            payload = self._encode(payload)
        properties: Properties | None = None
        expiry = config.get(CONF_MESSAGE_EXPIRY_INTERVAL)
        if expiry is not None and self._broker.protocol == PROTOCOL_5:
            properties = properties_from_data(
                {ATTR_MESSAGE_EXPIRY_INTERVAL: timedelta(seconds=expiry)}
            )
        try:
            await self._broker.publish(
                topic, payload, config[CONF_QOS], config[CONF_RETAIN], properties
            )
        except BrokerError as err:
            raise broker_error(err) from err

    def _encode(self, payload: str | float) -> bytes:
        encoding = self._config[CONF_ENCODING]
        try:
            return str(payload).encode(encoding)
        except (LookupError, UnicodeError) as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="payload_not_encodable",
                translation_placeholders={
                    "entity_id": self.entity_id,
                    "encoding": encoding,
                },
            ) from err


def _differ(old: EntityConfig, new: EntityConfig, keys: frozenset[str]) -> bool:
    return any(old.get(key) != new.get(key) for key in keys)
