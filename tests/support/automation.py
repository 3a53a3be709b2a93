"""Automations with our triggers and actions, and what becomes of them.

A module that uses the fixtures imports them, and names them in ``__all__``.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import service
from homeassistant.setup import async_setup_component

from .translations import DOMAIN

type Automate = Callable[..., Awaitable[None]]


class Fired:
    """What the automations were triggered with."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Offer the action that the automations run."""
        self._calls: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

        async def handle(call: ServiceCall) -> None:
            self._calls.put_nowait(call.data["trigger"])

        hass.services.async_register("test", "fired", handle)

    async def next(self) -> dict[str, Any]:
        """Return the trigger data of the next run."""
        async with asyncio.timeout(10):
            return await self._calls.get()

    @property
    def nothing(self) -> bool:
        """Whether there is no run that was not looked at."""
        return self._calls.empty()


@pytest.fixture(name="fired")
def fired_fixture(hass: HomeAssistant) -> Fired:
    """Return the runs of the automations."""
    return Fired(hass)


@pytest.fixture(name="automate")
def automate_fixture(hass: HomeAssistant, fired: Fired) -> Automate:
    """Return a function that makes an automation with one of our triggers."""

    async def automate(trigger: str, **options: Any) -> None:
        assert await async_setup_component(
            hass,
            "automation",
            {
                "automation": {
                    "id": "test",
                    "alias": "test",
                    "mode": "parallel",
                    "triggers": {"trigger": f"{DOMAIN}.{trigger}", "options": options},
                    "actions": {
                        "action": "test.fired",
                        # Shows too that all of it is plain data.
                        "data": {"trigger": "{{ trigger }}"},
                    },
                }
            },
        )
        await settled(hass)

    return automate


async def act(hass: HomeAssistant, action: str, **data: Any) -> None:
    """Call an action as an automation does: templates are rendered before."""
    await service.async_call_from_config(
        hass, {"action": f"{DOMAIN}.{action}", "data": data}, blocking=True
    )


async def ask(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action and return its response."""
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )


async def settled(hass: HomeAssistant) -> None:
    """Return when all brokers have taken our subscriptions."""
    await hass.async_block_till_done()
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is ConfigEntryState.LOADED:
            await entry.runtime_data.broker.settled()


async def reached(entry: MockConfigEntry, connected: bool) -> None:
    """Return when the entry's broker is connected, or is not."""
    broker = entry.runtime_data.broker
    changed = asyncio.Event()
    unlisten = broker.listen(changed.set)
    async with asyncio.timeout(15):
        while broker.connected is not connected:
            await changed.wait()
            changed.clear()
    unlisten()
