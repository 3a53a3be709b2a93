"""The two worlds: a Home Assistant, a broker, and one of the two integrations."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import inspect
import json
import math
from typing import Any, ClassVar, override

import aiomqtt
from paho.mqtt.subscribeoptions import SubscribeOptions
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components import mqtt
from homeassistant.components.device_automation import (
    DeviceAutomationType,
    async_get_device_automations,
)
from homeassistant.components.mqtt.client import MQTT
from homeassistant.components.mqtt.models import DATA_MQTT
from homeassistant.components.tag.const import EVENT_TAG_SCANNED
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, State, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    event,
    restore_state,
    trigger,
)
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import get_scheduled_timer_handles

from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.runtime import Runtime

from ..support.homes import core_home
from ..support.peer import Payload, Peer
from ..support.server import MqttServer

PREFIX = "homeassistant"

_BARRIER_IN = "parity-barrier/in"
_BARRIER_OUT = "parity-barrier/out"
_TIMEOUT = 20.0
# Small packets one after the other: each would wait 40 ms for the last one's receipt.
_CONFIG = "set_tcp_nodelay true"

# The registry's columns that an integration decides.
_REGISTERED = (
    "capabilities",
    "disabled_by",
    "entity_category",
    "has_entity_name",
    "hidden_by",
    "object_id_base",
    "options",
    "original_device_class",
    "original_icon",
    "original_name",
    "supported_features",
    "translation_key",
    "unique_id",
    "unit_of_measurement",
)
_DEVICE = (
    "configuration_url",
    "connections",
    "entry_type",
    "hw_version",
    "manufacturer",
    "model",
    "model_id",
    "name",
    "serial_number",
    "sw_version",
)
# What an automation is told of what triggered it.
_TOLD = ("description", "payload", "payload_json", "platform", "qos", "topic")
# Domains whose state is the time at which something happened.
_MOMENTS = ("button", "event", "scene")


@dataclass(frozen=True)
class Before:
    """What was stored of an entity before a restart. ``extra``: its platform's data."""

    entity_id: str
    state: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] | None = None


@dataclass
class Record:
    """What there is after a step."""

    step: str
    entities: dict[str, Any]
    devices: dict[str, Any]
    triggers: dict[str, Any]
    commands: list[dict[str, Any]]
    happened: list[dict[str, Any]]
    error: str | None


class World:
    """One Home Assistant with one of the integrations, and a peer on its broker."""

    domain: ClassVar[str]

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry, peer: Peer) -> None:
        """Take what is set up; ``open`` comes next."""
        self.hass = hass
        self.entry = entry
        self._peer = peer
        self._heard = asyncio.Event()
        self._retained: set[str] = set()
        self._moments: dict[str, list[str]] = {}
        self._error: str | None = None
        self._happened: list[dict[str, Any]] = []
        self._automations: list[CALLBACK_TYPE] = []

    async def open(self) -> None:
        """Begin to listen on both sides."""
        assert await async_setup_component(self.hass, "tag", {})
        self.hass.bus.async_listen(EVENT_TAG_SCANNED, self._tag_scanned)
        # Everything but what the peer says itself, as it was published.
        await self._peer._client.subscribe(
            "#", options=SubscribeOptions(qos=2, noLocal=True, retainAsPublished=True)
        )
        async with asyncio.timeout(_TIMEOUT):
            await self._subscribe_barrier()
        await self.settled()
        self._peer._unread.clear()

    # --- what the integration has to offer --------------------------------------------

    async def _subscribe_barrier(self) -> None:
        raise NotImplementedError

    async def _publish_barrier(self) -> None:
        raise NotImplementedError

    async def _idle(self) -> None:
        """Return when nothing is on its way to the broker, or waits for its turn."""
        raise NotImplementedError

    # --- steps ------------------------------------------------------------------------

    async def say(
        self, topic: str, payload: Payload, *, retain: bool = False, qos: int = 1
    ) -> None:
        """Publish as a device."""
        if retain:
            self._retained.add(topic)
        if isinstance(payload, dict | list):
            payload = json.dumps(payload, ensure_ascii=False)
        await self._peer.publish(topic, payload, qos, retain)

    async def do(
        self, service: str, entity_id: str | None, data: dict[str, Any]
    ) -> None:
        """Call an action and remember what it raised."""
        if entity_id is None:
            if len(entity_ids := self._entity_ids()) != 1:
                self._error = f"it is of one of {len(entity_ids)} entities"
                return
            entity_id = entity_ids[0]
        domain, _, name = service.rpartition(".")
        try:
            await self.hass.services.async_call(
                domain or entity_id.partition(".")[0],
                name,
                {ATTR_ENTITY_ID: entity_id, **data},
                blocking=True,
            )
        except Exception as err:  # noqa: BLE001 - whatever core raises, so must we
            self._error = _kind(err)

    async def automate(self, identifier: str, kind: str, subtype: str) -> None:
        """Make an automation with a device trigger; what it is told is compared."""
        (device,) = (
            each
            for each in self._devices()
            if (self.domain, identifier) in each.identifiers
        )
        config = await trigger.async_validate_trigger_config(
            self.hass,
            [
                {
                    "platform": "device",
                    "domain": self.domain,
                    "device_id": device.id,
                    "type": kind,
                    "subtype": subtype,
                }
            ],
        )

        async def triggered(variables: dict[str, Any], *_: Any) -> None:
            told = variables["trigger"]
            self._happened.append({key: told[key] for key in _TOLD if key in told})

        remove = await trigger.async_initialize_triggers(
            self.hass, config, triggered, "test", "test", lambda *_, **__: None
        )
        assert remove is not None
        self._automations.append(remove)

    @callback
    def _tag_scanned(self, event: Event) -> None:
        device_id = event.data["device_id"]
        device = device_id and dr.async_get(self.hass).async_get(device_id)
        self._happened.append(
            {"tag": event.data["tag_id"], "device": device and _name(device)}
        )

    def elapse(self, seconds: float) -> None:
        """Fire the timers of this Home Assistant that are due by then.

        Those of its helpers, no others: both worlds, their connections and their tests
        share an event loop, and so what a test of Home Assistant usually fires.
        """
        loop = self.hass.loop
        for handle in list(get_scheduled_timer_handles(loop)):
            callback_ = handle._callback  # type: ignore[attr-defined] # asyncio's own
            if (
                not handle.cancelled()
                and handle.when() <= loop.time() + seconds
                and getattr(callback_, "__module__", "") == event.__name__
                and inspect.getclosurevars(callback_).nonlocals.get("hass") is self.hass
            ):
                handle._run()
                handle.cancel()

    def remember(self, before: tuple[Before, ...]) -> None:
        """Let states be those of before a restart."""
        known = restore_state.async_get(self.hass).last_states
        for each in before:
            state = State(each.entity_id, each.state, dict(each.attributes))
            known[each.entity_id] = restore_state.StoredState(
                state,
                None
                if each.extra is None
                else restore_state.RestoredExtraData(dict(each.extra)),
                dt_util.utcnow(),
            )

    async def withdraw(self) -> None:
        """Take back all that was announced."""
        for topic in sorted(self._retained):
            if topic.startswith(f"{PREFIX}/"):
                await self.say(topic, "", retain=True)

    async def forget(self) -> None:
        """Leave no trace for the next case."""
        while self._automations:
            self._automations.pop()()
        for topic in self._retained:
            await self._peer.publish(topic, "", retain=True)
        self._retained.clear()
        await self.settled()
        registry = er.async_get(self.hass)
        for entry in self._registered():
            registry.async_remove(entry.entity_id)
        devices = dr.async_get(self.hass)
        for device in self._devices():
            devices.async_remove_device(device.id)
        await self.settled()
        registry.deleted_entities.clear()
        devices._deleted_devices.clear()
        areas = ar.async_get(self.hass)
        for area in list(areas.async_list_areas()):
            areas.async_delete(area.id)
        restore_state.async_get(self.hass).last_states.clear()
        self._peer._unread.clear()
        self._moments.clear()

    async def settled(self) -> None:
        """Return when all that was said is handled, and all that was commanded is here.

        Twice, since what is handled may subscribe, and what is retained comes then.
        """
        async with asyncio.timeout(_TIMEOUT):
            for _ in range(2):
                self._heard.clear()
                await self._peer.publish(_BARRIER_IN, "")
                await self._heard.wait()
                await self.hass.async_block_till_done()
                await self._idle()
                await self.hass.async_block_till_done()
            await self._publish_barrier()
            await self._peer.next(_BARRIER_OUT)

    # --- what is compared -------------------------------------------------------------

    async def record(self, step: str) -> Record:
        """Return what there is now, and what was published since the last time."""
        commands = [_command(message) for message in self._peer._unread]
        self._peer._unread.clear()
        for command in commands:
            if command["retain"]:
                self._retained.add(command["topic"])
        error, self._error = self._error, None
        happened, self._happened = self._happened, []
        return Record(
            step=step,
            entities={each: self._entity(each) for each in self._all_entity_ids()},
            devices={_name(each): self._device(each) for each in self._devices()},
            triggers={
                _name(each): found
                for each in self._devices()
                if (found := await self._triggers(each))
            },
            commands=commands,
            happened=happened,
            error=error,
        )

    def _registered(self) -> list[er.RegistryEntry]:
        return [
            each
            for each in er.async_entries_for_config_entry(
                er.async_get(self.hass), self.entry.entry_id
            )
            if not each.unique_id.startswith(self.entry.entry_id)
        ]

    def _entity_ids(self) -> list[str]:
        return sorted(
            entity_id
            for platform in async_get_platforms(self.hass, self.domain)
            for entity_id, entity in platform.entities.items()
            # The broker's own are nothing that core has.
            if not str(entity.unique_id).startswith(self.entry.entry_id)
        )

    def _all_entity_ids(self) -> list[str]:
        registered = {each.entity_id for each in self._registered()}
        return sorted(registered | set(self._entity_ids()))

    def _entity(self, entity_id: str) -> dict[str, Any]:
        state = self.hass.states.get(entity_id)
        entry = er.async_get(self.hass).async_get(entity_id)
        device = None
        if entry is not None and entry.device_id is not None:
            device = dr.async_get(self.hass).async_get(entry.device_id)
        return {
            "state": state and self._state(state),
            "attributes": state and _plain(dict(state.attributes)),
            "registered": entry
            and {name: _plain(getattr(entry, name)) for name in _REGISTERED},
            "device": device and _name(device),
        }

    def _state(self, state: State) -> str:
        if state.domain not in _MOMENTS or dt_util.parse_datetime(state.state) is None:
            return state.state
        # No two worlds have the same clock; what counts is whether it is a new moment.
        seen = self._moments.setdefault(state.entity_id, [])
        if state.state not in seen:
            seen.append(state.state)
        return f"moment {seen.index(state.state)}"

    async def _triggers(self, device: dr.DeviceEntry) -> list[Any]:
        """Return what the automation editor offers of a device, but for its entities."""
        found = await async_get_device_automations(
            self.hass, DeviceAutomationType.TRIGGER, [device.id]
        )
        return sorted(
            (each["type"], each["subtype"])
            for each in found[device.id]
            if each["domain"] == self.domain
        )

    def _devices(self) -> list[dr.DeviceEntry]:
        return [
            each
            for each in dr.async_entries_for_config_entry(
                dr.async_get(self.hass), self.entry.entry_id
            )
            if (self.domain, self.entry.entry_id) not in each.identifiers
        ]

    def _device(self, device: dr.DeviceEntry) -> dict[str, Any]:
        via = None
        if device.via_device_id is not None:
            found = dr.async_get(self.hass).async_get(device.via_device_id)
            assert found is not None
            own = (self.domain, self.entry.entry_id) in found.identifiers
            via = "the broker" if own else _name(found)
        area = device.area_id and ar.async_get(self.hass).async_get_area(device.area_id)
        return {
            **{name: _plain(getattr(device, name)) for name in _DEVICE},
            "identifiers": sorted(each for _, each in device.identifiers),
            "via": via,
            "area": area and area.name,
        }


def _command(message: aiomqtt.Message) -> dict[str, Any]:
    expiry = getattr(message.properties, "MessageExpiryInterval", None)
    return {
        "topic": str(message.topic),
        "payload": message.payload,
        "qos": message.qos,
        "retain": bool(message.retain),
        # The broker counts down: to the next ten seconds.
        "expiry": expiry and math.ceil(expiry / 10) * 10,
    }


def _kind(error: Exception) -> str:
    """Return the class by which others know an error: each integration has its own."""
    return next(
        each.__name__
        for each in type(error).__mro__
        if not each.__module__.startswith(("homeassistant.components", "custom_"))
    )


def _name(device: dr.AnyDeviceEntry) -> str:
    """Return what a device is called in both worlds."""
    known_by = sorted(each for _, each in device.identifiers)
    if not known_by and isinstance(device, dr.DeviceEntry):
        known_by = sorted(f"{kind} {value}" for kind, value in device.connections)
    return ", ".join(known_by)


def _plain(value: Any) -> Any:
    """Return a value as it looks in both worlds, with its type where that counts."""
    if isinstance(value, dict):
        # What a person, or Home Assistant itself, decides has other keys.
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(map(repr, value))
    return value


class CoreWorld(World):
    """Core's integration, over TCP."""

    domain = mqtt.DOMAIN

    @property
    def _client(self) -> MQTT:
        client = self.hass.data[DATA_MQTT].client
        assert isinstance(client, MQTT)
        return client

    @override
    async def _subscribe_barrier(self) -> None:
        @callback  # or it would be called in a thread
        def heard(_message: mqtt.ReceiveMessage) -> None:
            self._heard.set()

        await mqtt.async_subscribe(self.hass, _BARRIER_IN, heard, encoding=None)
        await self._idle()

    @override
    async def _publish_barrier(self) -> None:
        await mqtt.async_publish(self.hass, _BARRIER_OUT, "")

    @override
    async def forget(self) -> None:
        await super().forget()
        # Core finds a trigger that is gone by its topic, with the device that it had.
        self.hass.data[DATA_MQTT].device_triggers.clear()

    @override
    async def _idle(self) -> None:
        client = self._client
        debouncers = (client._subscribe_debouncer, client._unsubscribe_debouncer)
        # Nothing in core's client says when all of this is over.
        while (
            not client.connected
            or client._pending_subscriptions
            or client._pending_unsubscribes
            or client._pending_operations
            or any(each._task or each._timer for each in debouncers)
        ):
            await asyncio.sleep(0.001)


class OurWorld(World):
    """Our integration, over WebSocket."""

    domain = DOMAIN

    @property
    def _runtime(self) -> Runtime:
        runtime: Runtime = self.entry.runtime_data
        return runtime

    @override
    async def _subscribe_barrier(self) -> None:
        self._runtime.broker.subscribe(_BARRIER_IN, lambda _: self._heard.set())
        await self._idle()

    @override
    async def _publish_barrier(self) -> None:
        await self._runtime.broker.publish(_BARRIER_OUT, "")

    @override
    async def _idle(self) -> None:
        announcements = self._runtime.announcements
        assert announcements is not None
        await announcements.settled()
        await self._runtime.broker.settled()


@asynccontextmanager
async def core_world() -> AsyncIterator[CoreWorld]:
    """Yield a Home Assistant with core's integration on a broker of its own."""
    async with (
        MqttServer(extra_config=_CONFIG) as server,
        Peer(server) as peer,
        core_home(server) as (hass, entry),
    ):
        world = CoreWorld(hass, entry, peer)
        await world.open()
        yield world


@asynccontextmanager
async def our_world(hass: HomeAssistant) -> AsyncIterator[OurWorld]:
    """Yield a Home Assistant with our integration on a broker of its own."""
    async with MqttServer(extra_config=_CONFIG) as server, Peer(server) as peer:
        server.require_mqtt5()
        entry = MockConfigEntry(
            domain=DOMAIN,
            data={"url": server.ws_url, "discovery": True},
            options={"birth": {}},
        )
        entry.add_to_hass(hass)
        try:
            assert await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()
            world = OurWorld(hass, entry, peer)
            await world.open()
            yield world
        finally:
            if entry.state is ConfigEntryState.LOADED:
                await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_block_till_done()
