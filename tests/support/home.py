"""A house whose devices announce themselves.

A module that uses the fixtures imports them, and names them in ``__all__``.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.mqtt_websocket.announcements import Announcements
from custom_components.mqtt_websocket.const import DOMAIN

from .devices import House
from .peer import Peer


class Home(House):
    """A house whose devices announce themselves."""

    @property
    def announcements(self) -> Announcements:
        """What is announced."""
        found = self.runtime.announcements
        assert found is not None
        return found

    async def settled(self) -> None:
        """Return when all that was announced and said before has been handled."""
        await self.quiet()
        await self.announcements.settled()
        # What is retained on the topics of new entities comes after they subscribe.
        await self.quiet()

    async def announce(self, topic: str, payload: Any, retain: bool = True) -> None:
        """Announce something, and return when it is there."""
        await self.peer.publish(f"homeassistant/{topic}/config", payload, retain=retain)
        await self.settled()

    async def remove_announcement(self, topic: str) -> None:
        """Take an announcement back, as devices do."""
        await self.announce(topic, None)

    @property
    def entities(self) -> list[str]:
        """The ids of all entities with a state, but for those of the broker itself."""
        registry = er.async_get(self.hass)
        return sorted(
            entity_id
            for entity_id in self.hass.states.async_entity_ids()
            if (found := registry.async_get(entity_id)) is None
            or not found.unique_id.startswith(self.entry.entry_id)
        )

    def find_device(self, identifier: str) -> dr.DeviceEntry | None:
        """Return a device of the registry."""
        return dr.async_get(self.hass).async_get_device_by_identifier(
            (DOMAIN, identifier), self.entry.entry_id
        )

    def device(self, identifier: str) -> dr.DeviceEntry:
        """Return a device that has to be in the registry."""
        found = self.find_device(identifier)
        assert found is not None
        return found


type AddHome = Callable[..., Awaitable[Home]]


@pytest.fixture(name="add_home")
def add_home_fixture(hass: HomeAssistant, add_entry: Any, peer: Peer) -> AddHome:
    """Return what makes a house; its arguments are those of an entry."""

    async def add(**arguments: Any) -> Home:
        home = Home(hass, await add_entry(discovery=True, **arguments), peer)
        await home.settled()
        return home

    return add


@pytest.fixture(name="home")
async def home_fixture(add_home: AddHome) -> Home:
    """Return a house in which nothing has announced itself yet."""
    return await add_home()


def info(identifier: str = "node", **more: Any) -> dict[str, Any]:
    """Return what an announcement says of a device."""
    return {"identifiers": [identifier], "name": identifier.title(), **more}
