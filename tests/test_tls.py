"""Certificates as people paste them."""

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .conftest import AddEntry
from .support.server import MqttServer


@pytest.mark.usefixtures("socket_enabled")
async def test_what_stands_around_a_certificate(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """Some tools write the names in it above a certificate, in any letters."""
    async with MqttServer(tls=True) as server:
        pem = f"# Aussteller: Müller & Söhne\n{server.ca_pem}"
        security = {"verify_ssl": True, "ca_certificate": pem}
        entry = await add_entry(url=server.wss_url, security=security)
        assert entry.state is ConfigEntryState.LOADED
        await hass.config_entries.async_unload(entry.entry_id)
