"""MQTT over WebSocket: any number of MQTT brokers through ws:// and wss:// URLs."""

from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    ConfigEntryError,
    ConfigEntryNotReady,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.helpers.typing import ConfigType

from .actions import async_setup_actions
from .announcements import Announcements
from .bad_payloads import BadPayloads
from .broker.broker import Broker
from .broker.errors import (
    BrokerError,
    CertificateUnusable,
    HttpForbidden,
    HttpUnauthorized,
    InvalidUrl,
    ProxyUnsupported,
)
from .connection import async_make_broker, has_templates
from .const import CONF_DISCOVERY, DOMAIN
from .devices import Devices
from .identity import async_identify_home
from .issues import ConnectionIssues, async_check_configuration, async_clear_issues
from .publishing import Publishing
from .publishing.ledger import async_erase_ledger
from .publishing.renames import async_follow_renames
from .publishing.status import Status, status_of
from .registry import async_register_broker
from .removed_brokers import async_setup_removed_brokers
from .runtime import MqttWebsocketConfigEntry, Runtime
from .subentries import Subentries
from .watch import AUTH_ERRORS, ConnectionWatch

CONFIG_SCHEMA: Final = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS: Final = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CLIMATE,
    Platform.COVER,
    Platform.EVENT,
    Platform.FAN,
    Platform.LIGHT,
    Platform.LOCK,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TEXT,
    Platform.UPDATE,
]

_CONFIGURATION_ERRORS: Final = (CertificateUnusable, InvalidUrl, ProxyUnsupported)
"""Trying again would not help."""

_TOKEN_ERRORS: Final = (HttpForbidden, HttpUnauthorized)
"""Trying again helps where a template makes the token: its source may not be up yet."""


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, which are there with or without a broker."""
    await async_identify_home(hass)
    async_setup_actions(hass)
    async_setup_removed_brokers(hass)
    async_follow_renames(hass)
    return True


async def async_setup_entry(
    hass: HomeAssistant, entry: MqttWebsocketConfigEntry
) -> bool:
    """Connect to a broker and start what runs on it."""
    announcements: Announcements | None = None
    async_check_configuration(hass, entry)
    try:
        status = status_of(hass, entry)
        broker = await async_make_broker(hass, entry, status.will if status else None)
        if entry.data.get(CONF_DISCOVERY):
            announcements = Announcements(hass, entry, broker)
            announcements.listen()
        # Held: what the broker kept for us waits for those whom it concerns.
        await broker.start(hold=True)
    except AUTH_ERRORS as err:
        if has_templates(entry.data) and isinstance(err, _TOKEN_ERRORS):
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key=err.key,
                translation_placeholders=err.details,
            ) from err
        raise ConfigEntryAuthFailed(
            translation_domain=DOMAIN,
            translation_key=err.key,
            translation_placeholders=err.details,
        ) from err
    except _CONFIGURATION_ERRORS as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key=err.key,
            translation_placeholders=err.details,
        ) from err
    except BrokerError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=err.key,
            translation_placeholders=err.details,
        ) from err
    try:
        await _async_start(hass, entry, broker, announcements, status)
    except BaseException:
        await broker.stop()
        raise
    return True


async def _async_start(
    hass: HomeAssistant,
    entry: MqttWebsocketConfigEntry,
    broker: Broker,
    announcements: Announcements | None,
    status: Status | None,
) -> None:
    # First of all: the devices of subentries hang on the broker's.
    async_register_broker(hass, entry, broker)
    bad_payloads = BadPayloads(broker)
    devices = Devices(hass, entry, broker, bad_payloads)
    publishing = Publishing(hass, entry.entry_id, broker, devices, status)
    subentries = Subentries(entry, devices, publishing)
    entry.runtime_data = Runtime(
        broker=broker,
        devices=devices,
        publishing=publishing,
        subentries=subentries,
        announcements=announcements,
        bad_payloads=bad_payloads,
        data=entry.data,
        options=entry.options,
    )
    entry.async_on_unload(devices.stop)
    entry.async_on_unload(ConnectionWatch(hass, entry, broker).start())
    entry.async_on_unload(ConnectionIssues(hass, entry, broker).start())
    entry.async_on_unload(entry.add_update_listener(_async_entry_updated))
    subentries.apply()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    if announcements is not None:
        # After what a person made, which can't be taken over, and after the platforms,
        # which would make thousands of waiting entities at once.
        entry.async_on_unload(announcements.start(devices))
    publishing.start()
    broker.release()

    async def stop(_event: Event) -> None:
        publishing.stop()
        await broker.stop()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))


async def _async_entry_updated(
    hass: HomeAssistant, entry: MqttWebsocketConfigEntry
) -> None:
    """Apply a change of the entry; the connection stays unless it is about that."""
    runtime = entry.runtime_data
    if (
        entry.data != runtime.data
        or entry.options != runtime.options
        # A connection gets its will when it begins.
        or status_of(hass, entry) != runtime.publishing.status
    ):
        hass.config_entries.async_schedule_reload(entry.entry_id)
        return
    runtime.broker.name = entry.title
    async_register_broker(hass, entry, runtime.broker)
    runtime.subentries.apply()


async def async_unload_entry(
    hass: HomeAssistant, entry: MqttWebsocketConfigEntry
) -> bool:
    """Stop what runs on a broker, and disconnect."""
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    if (announcements := entry.runtime_data.announcements) is not None:
        announcements.stop()  # nothing is made for platforms that are gone
    entry.runtime_data.publishing.stop()
    await entry.runtime_data.broker.stop()
    if entry.disabled_by is not None:
        async_clear_issues(hass, entry.entry_id)
    return True


async def async_remove_entry(
    hass: HomeAssistant, entry: MqttWebsocketConfigEntry
) -> None:
    """Forget what was kept outside of an entry that is removed."""
    async_clear_issues(hass, entry.entry_id)
    await async_erase_ledger(hass, entry.entry_id)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: MqttWebsocketConfigEntry, device: AnyDeviceEntry
) -> bool:
    """Let a device go that nobody describes any more.

    The broker's own goes with its entry, that of a subentry with the subentry.
    """
    if (DOMAIN, entry.entry_id) in device.identifiers:
        return False
    if entry.state is ConfigEntryState.LOADED:
        return not entry.runtime_data.devices.has_device(device.id)
    return device.config_subentry_id not in entry.subentries
