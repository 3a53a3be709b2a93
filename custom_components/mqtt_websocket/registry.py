"""What Home Assistant's registries know of a broker's devices and entities."""

from collections.abc import Callable
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.typing import UNDEFINED

from .broker.broker import Broker
from .const import DOMAIN
from .mapping.schemas import DeviceConfig
from .mapping.schemas.common import (
    CONF_CONFIGURATION_URL,
    CONF_CONNECTIONS,
    CONF_ENABLED_BY_DEFAULT,
    CONF_HW_VERSION,
    CONF_IDENTIFIERS,
    CONF_MANUFACTURER,
    CONF_MODEL,
    CONF_MODEL_ID,
    CONF_SERIAL_NUMBER,
    CONF_SUGGESTED_AREA,
    CONF_SW_VERSION,
    CONF_VIA_DEVICE,
    CONF_VISIBLE_BY_DEFAULT,
)
from .plan import EntityPlan, suggested_entity_id

type IsAtWork = Callable[[str], bool]
"""Whether something is described of a device: it need not have entities, but triggers."""


class NotOurs(Exception):
    """Something in the registries belongs to another source; it is left alone."""


@callback
def async_register_broker(
    hass: HomeAssistant, entry: ConfigEntry[Any], broker: Broker
) -> dr.DeviceEntry:
    """Register the broker itself; all its devices hang on it."""
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=None,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=dr.DeviceEntryType.SERVICE,
        name=entry.title,
        model=None if broker.protocol is None else f"MQTT {broker.protocol}",
    )


def identity(config: DeviceConfig) -> DeviceInfo | None:
    """Return what a device is found by; None if there is none: entities announced alone."""
    if not config.info:
        return None
    return DeviceInfo(
        identifiers={(DOMAIN, each) for each in config.info[CONF_IDENTIFIERS]},
        connections={(kind, each) for kind, each in config.info[CONF_CONNECTIONS]},
    )


@callback
def async_register_device(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    config: DeviceConfig,
    subentry_id: str | None,
    is_at_work: IsAtWork,
) -> dr.DeviceEntry | None:
    """Register a device, if there is one, or bring its registry entry up to date.

    Raises NotOurs when another source has a device with the same identity: a stranger's
    announcement must not rename, or move, what a person made; HomeAssistantError or
    ValueError when the registry takes no such device.
    """
    registry = dr.async_get(hass)
    if (found_by := identity(config)) is None:
        return None
    known = registry.async_get_devices(
        identifiers=found_by["identifiers"],
        connections=found_by["connections"],
        config_entry_id=entry.entry_id,
    )
    for device in known:
        if (
            device.config_subentry_id != subentry_id
            or device.entry_type is dr.DeviceEntryType.SERVICE
        ):
            raise NotOurs(f"the device {device.name} is not from this source")
    info = config.info
    # What a person does not say any more is taken back. Announcements share a device, and
    # as a rule only one of them says all about it: there nothing means nothing, as in core.
    unsaid = UNDEFINED if subentry_id is None else None
    registered = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=subentry_id,
        identifiers=found_by["identifiers"],
        connections=found_by["connections"],
        name=info.get(CONF_NAME, unsaid),
        configuration_url=info.get(CONF_CONFIGURATION_URL, unsaid),
        hw_version=info.get(CONF_HW_VERSION, unsaid),
        manufacturer=info.get(CONF_MANUFACTURER, unsaid),
        model=info.get(CONF_MODEL, unsaid),
        model_id=info.get(CONF_MODEL_ID, unsaid),
        serial_number=info.get(CONF_SERIAL_NUMBER, unsaid),
        suggested_area=info.get(CONF_SUGGESTED_AREA, unsaid),
        sw_version=info.get(CONF_SW_VERSION, unsaid),
        via_device_id=UNDEFINED
        if known and unsaid is UNDEFINED and CONF_VIA_DEVICE not in info
        else _via(
            registry,
            entry,
            (DOMAIN, info.get(CONF_VIA_DEVICE, entry.entry_id)),
            found_by["identifiers"],
        ),
    )
    for device in known:
        if device.via_device_id not in (None, registered.via_device_id):
            _remove_unused_via(hass, device.via_device_id, is_at_work)
    return registered


def _via(
    registry: dr.DeviceRegistry,
    entry: ConfigEntry[Any],
    identifier: tuple[str, str],
    own: set[tuple[str, str]],
) -> str | None:
    """Return the device that a device says it is reached through, else the broker's.

    It may announce itself later, and its name: until then a device stands for it that is
    called what it is found by.
    """
    if identifier in own:
        return None
    via = registry.async_get_device_by_identifier(identifier, entry.entry_id)
    if via is None:
        via = registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=None,
            identifiers={identifier},
            # Home Assistant would call it what the config entry is called.
            name=identifier[1],
            via_device_id=_via(registry, entry, (DOMAIN, entry.entry_id), {identifier}),
        )
    return via.id


@callback
def registered_entity_id(hass: HomeAssistant, plan: EntityPlan) -> str | None:
    """Return what the entity registry calls an entity; None if it does not know it."""
    if plan.unique_id is None:
        return None
    return er.async_get(hass).async_get_entity_id(plan.platform, DOMAIN, plan.unique_id)


@callback
def async_remove_unused_device(
    hass: HomeAssistant, device_id: str, is_at_work: IsAtWork
) -> None:
    """Remove a device from the registry, unless it still has entities."""
    registry = dr.async_get(hass)
    device = registry.async_get(device_id, include_child_devices=False)
    if device is not None and not _has_entities(hass, device_id):
        registry.async_remove_device(device_id)
        if device.via_device_id is not None:
            _remove_unused_via(hass, device.via_device_id, is_at_work)


def _remove_unused_via(
    hass: HomeAssistant, device_id: str, is_at_work: IsAtWork
) -> None:
    """Remove what only stood for a device that others were reached through.

    Otherwise each name that a stranger thinks of would stay in the registry.
    """
    registry = dr.async_get(hass)
    device = registry.async_get(device_id, include_child_devices=False)
    if (
        device is None
        or device.entry_type is dr.DeviceEntryType.SERVICE
        or device.config_subentry_id is not None
        or is_at_work(device_id)
        or _has_entities(hass, device_id)
        or any(
            each.via_device_id == device_id
            for each in dr.async_entries_for_config_entry(
                registry, device.config_entry_id
            )
        )
    ):
        return
    registry.async_remove_device(device_id)


def _has_entities(hass: HomeAssistant, device_id: str) -> bool:
    return bool(
        er.async_entries_for_device(
            er.async_get(hass), device_id, include_disabled_entities=True
        )
    )


@callback
def holder_of(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    plan: EntityPlan,
    subentry_id: str | None,
) -> er.RegistryEntry | None:
    """Return the entity of another source that has a unique id; None if none has it."""
    entity_id = registered_entity_id(hass, plan)
    if entity_id is None:
        return None
    found = er.async_get(hass).entities[entity_id]
    if (found.config_entry_id, found.config_subentry_id) == (
        entry.entry_id,
        subentry_id,
    ):
        return None
    return found


@callback
def async_revive_entity(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    plan: EntityPlan,
    subentry_id: str | None,
) -> None:
    """Let the defaults of an entity count that was removed once and comes back.

    The registry remembers how it was called, disabled and hidden. As in core a new
    ``default_entity_id`` wins over that, and what only its defaults had disabled or
    hidden follows its defaults. What a person decided stays.
    """
    if plan.unique_id is None:
        return
    registry = er.async_get(hass)
    deleted = registry.deleted_entities.get((plan.platform, DOMAIN, plan.unique_id))
    if deleted is None:
        return
    enable = (
        plan.config[CONF_ENABLED_BY_DEFAULT]
        and deleted.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    )
    show = (
        plan.config[CONF_VISIBLE_BY_DEFAULT]
        and deleted.hidden_by is er.RegistryEntryHider.INTEGRATION
    )
    entity_id = suggested_entity_id(plan)
    rename = entity_id not in (None, deleted.entity_id)
    if not (enable or show or rename):
        return
    revived = registry.async_get_or_create(
        plan.platform,
        DOMAIN,
        plan.unique_id,
        config_entry=entry,
        config_subentry_id=subentry_id,
    )
    registry.async_update_entity(
        revived.entity_id,
        disabled_by=None if enable else UNDEFINED,
        hidden_by=None if show else UNDEFINED,
        new_entity_id=entity_id
        if entity_id is not None and _is_free(hass, entity_id)
        else UNDEFINED,
    )


def _is_free(hass: HomeAssistant, entity_id: str) -> bool:
    return hass.states.async_available(entity_id) and not er.async_get(
        hass
    ).async_is_registered(entity_id)
