"""A house for tests: an entry with one device, and what its topics say."""

import asyncio
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import (
    ConfigSubentry,
    ConfigSubentryData,
    ConfigSubentryDataWithId,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from custom_components.mqtt_websocket.runtime import Runtime

from .peer import Payload, Peer

DEVICE = "device-1"
BARRIER = "test/barrier"


def device(
    components: dict[str, dict[str, Any]],
    *,
    subentry_id: str = DEVICE,
    title: str = "Boiler",
    **shared: Any,
) -> ConfigSubentryDataWithId:
    """Return a device subentry with these components."""
    return ConfigSubentryDataWithId(
        subentry_id=subentry_id,
        subentry_type="device",
        title=title,
        unique_id=None,
        data={"device": {}, "components": components, **shared},
    )


@dataclass
class House:
    """A loaded entry, and a peer that speaks for its devices."""

    hass: HomeAssistant
    entry: MockConfigEntry
    peer: Peer

    @property
    def runtime(self) -> Runtime:
        """What runs for the entry."""
        runtime: Runtime = self.entry.runtime_data
        return runtime

    async def quiet(self) -> None:
        """Return when all that was published before has been handled."""
        broker = self.runtime.broker
        heard = asyncio.Event()
        unsubscribe = broker.subscribe(BARRIER, lambda _: heard.set())
        try:
            await broker.settled()
            await self.peer.publish(BARRIER, "")
            async with asyncio.timeout(5):
                await heard.wait()
        finally:
            unsubscribe()
        await self.hass.async_block_till_done()

    async def say(self, topic: str, payload: Payload, **options: Any) -> None:
        """Publish, and return when it has been handled."""
        await self.peer.publish(topic, payload, **options)
        await self.quiet()

    def state(self, entity_id: str) -> State:
        """Return a state that has to be there."""
        state = self.hass.states.get(entity_id)
        assert state is not None, self.hass.states.async_entity_ids()
        return state

    def registered(self, entity_id: str) -> er.RegistryEntry:
        """Return a registry entry that has to be there."""
        entry = er.async_get(self.hass).async_get(entity_id)
        assert entry is not None
        return entry

    async def change(
        self, components: dict[str, dict[str, Any]], **options: Any
    ) -> None:
        """Edit the device."""
        new = device(components, **options)
        self.hass.config_entries.async_update_subentry(
            self.entry,
            self.entry.subentries[new["subentry_id"]],
            data=new["data"],
            title=new["title"],
        )
        await self.hass.async_block_till_done()
        await self.quiet()

    async def add(self, new: ConfigSubentryDataWithId) -> None:
        """Add a subentry."""
        subentry = ConfigSubentry(
            data=MappingProxyType(new["data"]),
            subentry_id=new["subentry_id"],
            subentry_type=new["subentry_type"],
            title=new["title"],
            unique_id=new["unique_id"],
        )
        self.hass.config_entries.async_add_subentry(self.entry, subentry)
        await self.hass.async_block_till_done()
        await self.quiet()

    async def remove(self, subentry_id: str = DEVICE) -> None:
        """Remove a subentry."""
        self.hass.config_entries.async_remove_subentry(self.entry, subentry_id)
        await self.hass.async_block_till_done()
        await self.quiet()


def state_of(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return an entity's state; None without one."""
    state = hass.states.get(entity_id)
    return None if state is None else state.state


async def furnish(
    hass: HomeAssistant,
    add_entry: Any,
    peer: Peer,
    *components: dict[str, Any],
    subentries: tuple[ConfigSubentryData, ...] = (),
    **shared: Any,
) -> House:
    """Return a house whose device has these components (keys c0, c1 ...)."""
    if components:
        keyed = {f"c{number}": each for number, each in enumerate(components)}
        subentries = (device(keyed, **shared), *subentries)
    house = House(hass, await add_entry(subentries=subentries), peer)
    await house.quiet()
    return house
