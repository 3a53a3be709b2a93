"""System information: how the brokers are, in a few numbers without any name."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .runtime import MqttWebsocketConfigEntry


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Offer the numbers."""
    register.async_register_info(
        _info, manage_url=f"/config/integrations/integration/{DOMAIN}"
    )


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the numbers; messages count since their broker was loaded."""
    entries: list[MqttWebsocketConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_disabled=False
    )
    loaded = [
        entry.runtime_data for entry in hass.config_entries.async_loaded_entries(DOMAIN)
    ]
    counters = [each.broker.counters for each in loaded]
    return {
        "brokers": len(entries),
        "brokers_connected": sum(each.broker.connected for each in loaded),
        "messages_received": sum(each.received for each in counters),
        "messages_published": sum(each.published for each in counters),
        "bad_payloads": sum(each.bad_payloads.count for each in loaded),
    }
