"""Entities of all kinds: those of Home Assistant's own demonstration."""

from collections.abc import Iterable
from unittest.mock import patch

from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant


async def add_demo(hass: HomeAssistant, platforms: Iterable[str]) -> None:
    """Add the entities of the demonstration's platforms, and nothing that it needs."""
    for dependency in ("conversation", "group", "zone", "demo"):
        hass.config.components.add(dependency)
    entry = MockConfigEntry(domain="demo")
    entry.add_to_hass(hass)
    with patch(
        "homeassistant.components.demo.COMPONENTS_WITH_CONFIG_ENTRY_DEMO_PLATFORM",
        list(platforms),
    ):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
