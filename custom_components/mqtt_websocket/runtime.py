"""What runs for a config entry while it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
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


class SeveralBrokers(Exception):
    """No broker was chosen, and there is more than one."""


@callback
def async_find_entry(
    hass: HomeAssistant, config_entry_id: str | None
) -> MqttWebsocketConfigEntry | None:
    """Return the broker that is meant, loaded or not: the chosen one, or the only one.

    None if there is none (yet, or any more). Raises SeveralBrokers.
    """
    if config_entry_id is not None:
        entry = hass.config_entries.async_get_entry(config_entry_id)
        return None if entry is None or entry.domain != DOMAIN else entry
    entries = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    if len(entries) > 1:
        raise SeveralBrokers
    return entries[0] if entries else None


@callback
def async_get_entry(
    hass: HomeAssistant, config_entry_id: str | None
) -> MqttWebsocketConfigEntry:
    """Return the broker that an action is about, loaded or not.

    Raises ServiceValidationError if there is none, or several and none was chosen.
    """
    try:
        entry = async_find_entry(hass, config_entry_id)
    except SeveralBrokers as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="which_broker"
        ) from err
    if entry is not None:
        return entry
    if config_entry_id is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_broker"
        )
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="unknown_broker",
        translation_placeholders={"config_entry_id": config_entry_id},
    )


@callback
def async_get_broker(hass: HomeAssistant, config_entry_id: str | None) -> Broker:
    """Return the broker that an action is about, of an entry that is loaded.

    Raises ServiceValidationError.
    """
    entry: MqttWebsocketConfigEntry = async_get_config_entry(
        hass, DOMAIN, async_get_entry(hass, config_entry_id).entry_id
    )
    if TYPE_CHECKING:
        assert entry.state is ConfigEntryState.LOADED
    return entry.runtime_data.broker
