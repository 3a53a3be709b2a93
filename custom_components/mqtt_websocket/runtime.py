"""What runs for a config entry while it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.service import async_get_config_entry

from .announcements import Announcements
from .bad_payloads import BadPayloads
from .broker.broker import Broker
from .const import DOMAIN
from .devices import Devices
from .publishing import Publishing
from .subentries import Subentries

type MqttWebsocketConfigEntry = ConfigEntry[Runtime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The parts of a loaded entry, and the ``data`` and ``options`` they were made of."""

    broker: Broker
    devices: Devices
    publishing: Publishing
    subentries: Subentries
    announcements: Announcements | None
    bad_payloads: BadPayloads
    data: Mapping[str, Any]
    options: Mapping[str, Any]


async def async_get_broker(hass: HomeAssistant, config_entry_id: str | None) -> Broker:
    """Return the broker of an entry; without an id, the only one there is.

    Raises ServiceValidationError.
    """
    if config_entry_id is None:
        entries = hass.config_entries.async_entries(
            DOMAIN, include_ignore=False, include_disabled=False
        )
        if len(entries) != 1:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="no_broker" if not entries else "which_broker",
            )
        config_entry_id = entries[0].entry_id
    known = hass.config_entries.async_get_entry(config_entry_id)
    if known is None or known.domain != DOMAIN:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="unknown_broker",
            translation_placeholders={"config_entry_id": config_entry_id},
        )
    entry: MqttWebsocketConfigEntry = async_get_config_entry(
        hass, DOMAIN, config_entry_id
    )
    if TYPE_CHECKING:
        assert entry.state is ConfigEntryState.LOADED
    return entry.runtime_data.broker
