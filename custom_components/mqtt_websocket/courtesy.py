"""Floods of messages leave room for Home Assistant's other work."""

import asyncio
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE

from .broker.settings import next_turn

_BACKLOG: Final = 2_000
_PAUSE: Final = 0.01
_PATIENCE: Final = 0.1


async def async_give_way(hass: HomeAssistant) -> None:
    """Return when all that waits in the event loop has run, and the recorder keeps up.

    The recorder writes in a thread of its own, more slowly than messages are read, and
    stops for good when it is 65,000 states behind. Until it gets on nothing is read, but
    only while it does: a database that is locked is no reason to hear nothing.
    """
    await next_turn()
    if (recorder := hass.data.get(DATA_INSTANCE)) is None:
        return
    least = recorder.backlog
    patience = _PATIENCE
    while least > _BACKLOG and patience > 0:
        await asyncio.sleep(_PAUSE)
        patience -= _PAUSE
        if (backlog := recorder.backlog) < least:
            least = backlog
            patience = _PATIENCE
