"""Waits for what comes, without guessing how long it takes."""

import asyncio
from collections.abc import Callable

from homeassistant.const import MATCH_ALL
from homeassistant.core import Event, HomeAssistant, callback


async def until(
    hass: HomeAssistant, condition: Callable[[], object], timeout: float = 10
) -> None:
    """Return once the condition is true after an event of Home Assistant's, or fail."""
    changed = asyncio.Event()

    @callback
    def listen(_event: Event) -> None:
        changed.set()

    unsubscribe = hass.bus.async_listen(MATCH_ALL, listen)
    try:
        async with asyncio.timeout(timeout):
            while not condition():
                await changed.wait()
                changed.clear()
    finally:
        unsubscribe()
