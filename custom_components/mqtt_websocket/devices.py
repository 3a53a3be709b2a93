"""The one pipeline that makes entities, whoever describes their device."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
import logging
from typing import Any, Protocol

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_UNIQUE_ID, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .admission import MAX_NAMES, Admission
from .bad_payloads import BadPayloads
from .broker.broker import Broker
from .entity import MqttEntity
from .listeners import ListenerPlan, Listeners
from .mapping.schemas import DeviceConfig, device_from_payload
from .mapping.template import TemplateScope
from .plan import EntityPlan, why_refused
from .registry import (
    NotOurs,
    async_register_device,
    async_remove_unused_device,
    async_revive_entity,
    holder_of,
    identity,
    registered_entity_id,
)

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device as its source describes it.

    ``payload`` has the form of an announcement with long keys. ``key`` is the source's
    name for it, unique among all devices of the broker. A device of a subentry is
    known by ``subentry_id``, which identifies the device and its entities, and has its
    ``name``; one of an announcement says who it is in its payload. A component that is
    announced ``alone`` need have neither a device nor a unique id.
    """

    key: str
    payload: Mapping[str, Any]
    name: str | None = None
    subentry_id: str | None = None
    alone: bool = False
    scope: TemplateScope = TemplateScope.FULL


@dataclass(slots=True, kw_only=True)
class RunningDevice:
    """A device at work. ``invalid`` says of components why they are left out.

    ``contested`` are those of them that are entities of another config entry already.
    ``device_id`` is the registry's; None for what is announced alone, without a device.
    """

    device: Device
    device_id: str | None
    config: DeviceConfig
    invalid: dict[str, str] = field(default_factory=dict)
    contested: dict[str, EntityPlan] = field(default_factory=dict)
    plans: dict[str, EntityPlan] = field(default_factory=dict)
    entities: dict[str, MqttEntity] = field(default_factory=dict)


class EntityFactory(Protocol):
    """A platform's entity class."""

    def __call__(
        self, broker: Broker, bad_payloads: BadPayloads, plan: EntityPlan
    ) -> MqttEntity:
        """Make an entity."""


@dataclass(frozen=True, slots=True)
class _Platform:
    entity_factory: EntityFactory
    async_add_entities: AddConfigEntryEntitiesCallback


class Devices:
    """The devices of one broker, and their entities."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        broker: Broker,
        bad_payloads: BadPayloads,
    ) -> None:
        """Start with none. The broker's own device must be in the registry."""
        self.running: dict[str, RunningDevice] = {}
        self.admission = Admission()
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._bad_payloads = bad_payloads
        self._platforms: dict[str, _Platform] = {}
        self._listeners = Listeners(hass, entry, broker, bad_payloads)
        self._complaints: dict[str, str] = {}  # why a subentry's device was left out
        self._owners: dict[tuple[str, str | None], str] = {}  # a unique id's device
        self._at_work: Counter[str] = Counter()  # how many devices have a device_id

    # --- platforms ----------------------------------------------------------------

    @callback
    def add_platform(
        self,
        platform: Platform,
        entity_factory: EntityFactory,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        """Let a platform make its entities: those that wait for it, and all later ones."""
        self._platforms[platform] = _Platform(entity_factory, async_add_entities)
        for running in self.running.values():
            self._add_entities(running, platform)

    def _add_entities(self, running: RunningDevice, platform_name: str) -> None:
        """Make the planned entities of a platform that are not there yet."""
        if (platform := self._platforms.get(platform_name)) is None:
            return
        new: list[MqttEntity] = []
        subentry_id = running.device.subentry_id
        for key, plan in running.plans.items():
            if plan.platform == platform_name and key not in running.entities:
                async_revive_entity(self._hass, self._entry, plan, subentry_id)
                entity = platform.entity_factory(self._broker, self._bad_payloads, plan)
                running.entities[key] = entity
                new.append(entity)
        if new:
            platform.async_add_entities(new, config_subentry_id=subentry_id)

    # --- devices ------------------------------------------------------------------

    @callback
    def set_device(self, device: Device) -> str | None:
        """Add a device, or bring it up to date: what did not change is not touched.

        Never raises: a device that makes no sense leaves what ran before as it was, a
        component that makes none is left out. Both are logged once for a subentry; what
        a stranger announces may be wrong in another way each second, so that only the
        result says why a device is left out, and ``invalid`` why components are.
        """
        old = self.running.get(device.key)
        try:
            config = device_from_payload(
                device.payload,
                identifier=device.subentry_id,
                name=device.name,
                alone=device.alone,
            )
            running = RunningDevice(
                device=device,
                device_id=None,
                config=config,
                invalid=dict(config.invalid),
                entities={} if old is None else old.entities,
            )
            if device.subentry_id is None and not self.admission.admits(
                device.key, config
            ):
                return f"the broker has announced more than {MAX_NAMES} different names"
            self._plan(running)
            running.device_id = self._register(running)
        except (vol.Invalid, NotOurs, HomeAssistantError, ValueError) as err:
            # The last two are the device registry's.
            self._complain(device, str(err))
            return str(err)
        self._complaints.pop(device.key, None)
        running.invalid |= self._listeners.update(
            device.key,
            {
                key: ListenerPlan(listener, running.device_id, device.scope)
                for key, listener in config.listeners.items()
            },
        )

        for key, reason in running.invalid.items():
            if device.subentry_id is not None and (
                old is None or old.invalid.get(key) != reason
            ):
                _LOGGER.error(
                    "The component %s of the device %s is left out: %s",
                    key,
                    config.name or device.key,
                    reason,
                )
        self.running[device.key] = running
        self._own(old, running)
        if old is None:
            self._remove_leftovers(running)
        else:
            self._update_entities(old, running)
            if old.device_id != running.device_id:
                self._move_entities(old, running)
        for platform in {plan.platform for plan in running.plans.values()}:
            self._add_entities(running, platform)
        return None

    @callback
    def remove_device(self, key: str) -> None:
        """Remove a device and its entities, also from the registries."""
        self._complaints.pop(key, None)
        if (running := self.running.pop(key, None)) is None:
            return
        self._own(running, None)
        self._listeners.update(key, {})
        for component, plan in running.plans.items():
            self._remove_entity(plan, running.entities.get(component))
        self._remove_unused_device(running.device_id)

    @callback
    def withdraw_device(self, key: str) -> None:
        """Let a device rest: its entities go, the registries keep all that they know.

        Another source may describe it anew, or its unique ids in another device.
        """
        self._complaints.pop(key, None)
        if (running := self.running.pop(key, None)) is None:
            return
        self._own(running, None)
        self._listeners.update(key, {})
        for entity in running.entities.values():
            self._withdraw_entity(entity)

    @callback
    def stop(self) -> None:
        """End what is no entity: the entry is unloaded. Entities go with platforms."""
        self._listeners.stop()

    @callback
    def has_device(self, device_id: str) -> bool:
        """Whether a device of the registry is one of those at work."""
        return device_id in self._at_work

    def _complain(self, device: Device, reason: str) -> None:
        if device.subentry_id is None or self._complaints.get(device.key) == reason:
            return
        _LOGGER.error("The device %s is left out: %s", device.name, reason)
        self._complaints[device.key] = reason

    def _register(self, running: RunningDevice) -> str | None:
        """Register a device; return its id. Raises NotOurs, and what the registry does."""
        subentry_id = running.device.subentry_id
        if subentry_id is None and not (running.plans or running.config.listeners):
            return None  # as in core, what announces nothing is no device
        registered = async_register_device(
            self._hass, self._entry, running.config, subentry_id, self.has_device
        )
        return None if registered is None else registered.id

    # --- from one version of a device to the next -------------------------------------

    def _plan(self, running: RunningDevice) -> None:
        """Plan the entities of a device that are its own to make."""
        mine: set[tuple[str, str | None]] = set()
        device_info = identity(running.config)
        for key, config in running.config.entities.items():
            plan = EntityPlan(
                config=config,
                # Home Assistant attaches only what its registry knows.
                device_info=device_info if CONF_UNIQUE_ID in config else None,
                scope=running.device.scope,
            )
            owner = self._owners.get(plan.identity, running.device.key)
            if plan.unique_id is not None and (
                plan.identity in mine or owner != running.device.key
            ):
                reason: str | None = "another component has its unique id"
            elif plan.unique_id is not None and plan.unique_id.startswith(
                self._entry.entry_id
            ):
                reason = "its unique id is one of the broker itself"
            elif (reason := why_refused(config)) is None and (
                holder := holder_of(
                    self._hass, self._entry, plan, running.device.subentry_id
                )
            ) is not None:
                reason = (
                    f"its unique id is that of {holder.entity_id}, which comes from"
                    " another source"
                )
                if holder.config_entry_id != self._entry.entry_id:
                    running.contested[key] = plan
            if reason is None:
                mine.add(plan.identity)
                running.plans[key] = plan
            else:
                running.invalid[key] = reason

    def _own(self, old: RunningDevice | None, new: RunningDevice | None) -> None:
        """Note who has which unique ids now: the first one who comes, until it goes.

        And which devices of the registry are at work.
        """
        if old is not None:
            for plan in old.plans.values():
                self._owners.pop(plan.identity, None)
            if (old_id := old.device_id) is not None:
                self._at_work[old_id] -= 1
                if not self._at_work[old_id]:
                    del self._at_work[old_id]
        if new is not None:
            for plan in new.plans.values():
                self._owners[plan.identity] = new.device.key
            if new.device_id is not None:
                self._at_work[new.device_id] += 1

    def _update_entities(self, old: RunningDevice, new: RunningDevice) -> None:
        """Remove and change entities; ``new`` has those of ``old`` to begin with."""
        for key, old_plan in old.plans.items():
            entity = new.entities.get(key)
            plan = new.plans.get(key)
            if plan is None or plan.identity != old_plan.identity:
                new.entities.pop(key, None)
                if key in new.invalid:
                    # A mistake is soon corrected: the registry keeps what it knows.
                    self._withdraw_entity(entity)
                else:
                    self._remove_entity(old_plan, entity)
            elif plan != old_plan and entity is not None:
                if entity.can_become(plan):
                    entity.async_update_config(plan)
                else:
                    # The registry keeps what it knows for the entity that is made next.
                    del new.entities[key]
                    self._withdraw_entity(entity)

    def _remove_entity(self, plan: EntityPlan, entity: MqttEntity | None) -> None:
        """Remove an entity from the registry, if it is there, and from the states."""
        entity_id = registered_entity_id(self._hass, plan)
        if entity_id is not None:
            er.async_get(self._hass).async_remove(entity_id)
        else:
            self._withdraw_entity(entity)

    def _withdraw_entity(self, entity: MqttEntity | None) -> None:
        """Remove an entity from the states; the registry keeps its entry."""
        if entity is not None and entity.live:
            self._entry.async_create_task(self._hass, entity.async_remove())

    def _move_entities(self, old: RunningDevice, new: RunningDevice) -> None:
        """Hang a device's entities on the registry's device that it is now."""
        registry = er.async_get(self._hass)
        for plan in new.plans.values():
            if entity_id := registered_entity_id(self._hass, plan):
                registry.async_update_entity(entity_id, device_id=new.device_id)
        self._remove_unused_device(old.device_id)

    def _remove_unused_device(self, device_id: str | None) -> None:
        if device_id is not None and not self.has_device(device_id):
            async_remove_unused_device(self._hass, device_id, self.has_device)

    def _remove_leftovers(self, running: RunningDevice) -> None:
        """Forget entities of a subentry that went while it was not loaded."""
        subentry_id = running.device.subentry_id
        if subentry_id is None:
            return
        known = {plan.identity for plan in running.plans.values()}
        invalid = {f"{subentry_id}_{key}" for key in running.invalid}
        registry = er.async_get(self._hass)
        for found in er.async_entries_for_config_entry(registry, self._entry.entry_id):
            if (
                found.config_subentry_id == subentry_id
                and (found.domain, found.unique_id) not in known
                and found.unique_id not in invalid
            ):
                registry.async_remove(found.entity_id)
