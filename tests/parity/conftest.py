"""Fixtures for the comparison with core."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
import logging

import pytest

from homeassistant.core import HomeAssistant

from .play import Worlds
from .world import core_world, our_world


@pytest.fixture
async def worlds(
    hass: HomeAssistant, socket_enabled: None, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Worlds]:
    """Return core's world and ours."""
    # Home Assistant tells each of thousands of states otherwise.
    caplog.set_level(logging.WARNING)
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(our_world(hass))
        # Core's second: its schemas take the Home Assistant that was made last.
        core = await stack.enter_async_context(core_world())
        yield core, ours
