"""Other Home Assistants beside the one under test, in the same event loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from homeassistant import loader
from homeassistant.components import mqtt
from homeassistant.components.mqtt.const import (
    CONFIG_ENTRY_MINOR_VERSION,
    CONFIG_ENTRY_VERSION,
)
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.const import DOMAIN

from .server import HOST, MqttServer


@asynccontextmanager
async def core_home(
    server: MqttServer,
) -> AsyncIterator[tuple[HomeAssistant, MockConfigEntry]]:
    """Yield a Home Assistant with core's own integration, over TCP."""
    client = "homeassistant.components.mqtt.client"
    server.require_mqtt5()
    with (
        # What they save on a large installation is waiting here.
        patch(f"{client}.INITIAL_SUBSCRIBE_COOLDOWN", 0),
        patch(f"{client}.SUBSCRIBE_COOLDOWN", 0),
        patch(f"{client}.UNSUBSCRIBE_COOLDOWN", 0),
        patch("homeassistant.config.load_yaml_config_file", return_value={}),
    ):
        async with async_test_home_assistant() as hass:
            entry = MockConfigEntry(
                domain=mqtt.DOMAIN,
                version=CONFIG_ENTRY_VERSION,
                minor_version=CONFIG_ENTRY_MINOR_VERSION,
                data={"broker": HOST, "port": server.port, "protocol": "5"},
                options={"birth_message": {}, "discovery": True},
            )
            entry.add_to_hass(hass)
            try:
                assert await hass.config_entries.async_setup(entry.entry_id)
                await hass.async_block_till_done()
                yield hass, entry
            finally:
                if entry.state is ConfigEntryState.LOADED:
                    await hass.config_entries.async_unload(entry.entry_id)
                await hass.async_stop(force=True)


@asynccontextmanager
async def our_home(
    name: str, *subentries: ConfigSubentryData, **data: Any
) -> AsyncIterator[tuple[HomeAssistant, MockConfigEntry]]:
    """Yield another Home Assistant with our integration; its name makes it another."""
    async with async_test_home_assistant() as hass:
        hass.config.location_name = name
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)  # or it would find none
        entry = MockConfigEntry(
            domain=DOMAIN, title=name, data=data, subentries_data=subentries
        )
        entry.add_to_hass(hass)
        try:
            # All share the storage of the test, and with it the id.
            with patch(
                "homeassistant.helpers.instance_id.async_get", return_value=name
            ):
                assert await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()
            yield hass, entry
        finally:
            if entry.state is ConfigEntryState.LOADED:
                await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_stop(force=True)
