"""Devices: what they share with their entities, and the announcements that hold both.

An announcement and a ``device`` subentry have one form (design, section 2): core's
device announcement (homeassistant/components/mqtt/{schemas,discovery}.py) with long
keys. Whoever takes short keys or a ``~`` base expands them first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
import sys
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import CONF_DEVICE, CONF_NAME, CONF_PLATFORM, CONF_UNIQUE_ID
from homeassistant.helpers import config_validation as cv

from . import (
    binary_sensor,
    button,
    climate,
    cover,
    device_automation,
    event,
    fan,
    light,
    lock,
    number,
    select,
    sensor,
    switch,
    tag,
    text,
    update,
)
from .common import (
    AVAILABILITY,
    CONF_AVAILABILITY,
    CONF_AVAILABILITY_MODE,
    CONF_AVAILABILITY_TEMPLATE,
    CONF_AVAILABILITY_TOPIC,
    CONF_COMMAND_TOPIC,
    CONF_ENCODING,
    CONF_IDENTIFIERS,
    CONF_MESSAGE_EXPIRY_INTERVAL,
    CONF_ORIGIN,
    CONF_PAYLOAD_AVAILABLE,
    CONF_PAYLOAD_NOT_AVAILABLE,
    CONF_QOS,
    CONF_STATE_TOPIC,
    DEVICE_INFO,
    ORIGIN_INFO,
    EntityConfig,
    message_expiry,
    publish_topic,
    qos_level,
    subscribe_topic,
)

CONF_COMPONENTS: Final = "components"

ENTITY_SCHEMAS: Final[dict[str, vol.Schema]] = {
    "binary_sensor": binary_sensor.SCHEMA,
    "button": button.SCHEMA,
    "climate": climate.SCHEMA,
    "cover": cover.SCHEMA,
    "event": event.SCHEMA,
    "fan": fan.SCHEMA,
    "light": light.SCHEMA,
    "lock": lock.SCHEMA,
    "number": number.SCHEMA,
    "select": select.SCHEMA,
    "sensor": sensor.SCHEMA,
    "switch": switch.SCHEMA,
    "text": text.SCHEMA,
    "update": update.SCHEMA,
}
"""The schema of an entity config, by platform. A new platform is one line here."""

LISTENER_SCHEMAS: Final[dict[str, vol.Schema]] = {
    "device_automation": device_automation.SCHEMA,
    "tag": tag.SCHEMA,
}
"""The schema of what listens to a topic and is no entity, by platform."""

SCHEMAS: Final = {**ENTITY_SCHEMAS, **LISTENER_SCHEMAS}
"""The schema of each component that there can be, by platform."""

SHARED_OPTIONS: Final = (
    CONF_AVAILABILITY,
    CONF_AVAILABILITY_MODE,
    CONF_AVAILABILITY_TEMPLATE,
    CONF_AVAILABILITY_TOPIC,
    CONF_COMMAND_TOPIC,
    CONF_ENCODING,
    CONF_MESSAGE_EXPIRY_INTERVAL,
    CONF_PAYLOAD_AVAILABLE,
    CONF_PAYLOAD_NOT_AVAILABLE,
    CONF_STATE_TOPIC,
    CONF_QOS,
)
"""What a component takes from its device where it does not say so itself."""

_DEVICE = vol.Schema(
    {
        **AVAILABILITY,
        vol.Required(CONF_DEVICE): DEVICE_INFO,
        vol.Required(CONF_COMPONENTS): {str: object},
        vol.Required(CONF_ORIGIN): ORIGIN_INFO,
        vol.Optional(CONF_STATE_TOPIC): subscribe_topic,
        vol.Optional(CONF_COMMAND_TOPIC): publish_topic,
        vol.Optional(CONF_MESSAGE_EXPIRY_INTERVAL): message_expiry,
        vol.Optional(CONF_QOS): qos_level,
        vol.Optional(CONF_ENCODING): cv.string,
    }
)

_ALONE = vol.Schema(
    {
        vol.Optional(CONF_DEVICE): DEVICE_INFO,
        vol.Optional(CONF_ORIGIN): ORIGIN_INFO,
        vol.Required(CONF_COMPONENTS): {str: object},
    }
)

_component = vol.Schema({vol.Required(CONF_PLATFORM): str}, extra=vol.ALLOW_EXTRA)

# What a device announces must be found again.
_UNIQUE = vol.Schema({vol.Required(CONF_UNIQUE_ID): cv.string}, extra=vol.ALLOW_EXTRA)


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """A validated device.

    ``info`` has core's device keys (``identifiers`` and ``connections`` always); it is
    empty for a component alone that belongs to no device. ``entities`` has an entity
    config per component key: what its schema gave, and ``platform``; ``device`` and
    ``origin`` are here alone, so that an entity config changes only when its entity
    does. ``listeners`` has the same of device triggers and tag scanners, which are no
    entities. ``invalid`` says of the components that are left out, why.
    """

    name: str | None
    info: dict[str, Any]
    entities: dict[str, EntityConfig]
    listeners: dict[str, EntityConfig] = field(default_factory=dict)
    invalid: dict[str, str] = field(default_factory=dict)
    origin: dict[str, Any] | None = None


def device_from_payload(
    payload: Mapping[str, Any],
    *,
    identifier: str | None = None,
    name: str | None = None,
    alone: bool = False,
) -> DeviceConfig:
    """Return the device that an announcement, or a subentry's data, describes.

    A subentry has no origin and does not identify itself: with ``identifier`` (its id)
    the device is known by that alone, has this ``name``, and a component's unique id is
    ``<identifier>_<component key>``.

    With ``alone`` it is one component that announces itself: it need not name a device,
    an origin or a unique id. Without a unique id it belongs to no device, as in core:
    the registries have no place for it.

    Raises vol.Invalid when the whole is wrong, as a wrong component alone is. A wrong
    component of a device costs only itself (in core an unknown platform or a missing
    unique id costs the device). One with nothing but its platform is one that an
    announcement takes back: it is left out.
    """
    payload = dict(payload)
    if identifier is not None:
        info = payload.get(CONF_DEVICE, {})
        if not isinstance(info, Mapping):
            raise vol.Invalid("expected a dictionary", path=[CONF_DEVICE])
        payload[CONF_DEVICE] = {**info, CONF_IDENTIFIERS: [identifier]}
        if name is not None:
            payload[CONF_DEVICE][CONF_NAME] = name
        payload.setdefault(CONF_ORIGIN, {CONF_NAME: identifier})
        payload.setdefault(CONF_COMPONENTS, {})
    device = (_ALONE if alone else _DEVICE)(payload)

    # What core hands down is what was written, not what was validated: the component's
    # schema validates it again, and no default of the device is written into it.
    shared: dict[str, Any] = {
        key: payload[key] for key in SHARED_OPTIONS if key in payload
    }
    entities: dict[str, EntityConfig] = {}
    listeners: dict[str, EntityConfig] = {}
    invalid: dict[str, str] = {}
    for key, written in device[CONF_COMPONENTS].items():
        try:
            component = _component(written)
            platform = component[CONF_PLATFORM]
            if identifier is None and len(component) == 1 and not alone:
                continue
            if platform in LISTENER_SCHEMAS:
                listeners[key] = _listener_config(
                    platform, {**shared, **component}, device
                )
                continue
            if identifier is not None:
                component[CONF_UNIQUE_ID] = f"{identifier}_{key}"
            if not alone:
                _UNIQUE(component)
            entities[key] = entity_config(platform, {**shared, **component})
        except vol.Invalid as err:
            if alone:
                raise
            invalid[key] = str(err)
    info = device.get(CONF_DEVICE, {})
    if (
        alone
        and not listeners
        and not any(CONF_UNIQUE_ID in each for each in entities.values())
    ):
        info = {}
    return DeviceConfig(
        name=info.get(CONF_NAME),
        info=info,
        entities=entities,
        listeners=listeners,
        invalid=invalid,
        origin=device.get(CONF_ORIGIN) if identifier is None else None,
    )


def _listener_config(
    platform: str, component: Mapping[str, Any], device: Mapping[str, Any]
) -> EntityConfig:
    """Return the config of a device trigger or a tag scanner, or raise vol.Invalid."""
    if platform == "device_automation" and CONF_DEVICE not in device:
        raise vol.Invalid("required key not provided", path=[CONF_DEVICE])
    validated: EntityConfig = LISTENER_SCHEMAS[platform](dict(component))
    validated[CONF_PLATFORM] = platform
    return validated


def entity_config(platform: str, config: Mapping[str, Any]) -> EntityConfig:
    """Return the entity config of one component, or raise vol.Invalid.

    It is what the platform's schema gives, with ``platform``, without the ``device``
    and ``origin`` that a component announced alone carries.
    """
    if (schema := ENTITY_SCHEMAS.get(platform)) is None:
        raise vol.Invalid(f"unsupported platform '{platform}'", path=[CONF_PLATFORM])
    validated: EntityConfig = schema(dict(config))
    _check_numbers(validated)
    validated.pop(CONF_DEVICE, None)
    validated.pop(CONF_ORIGIN, None)
    validated[CONF_PLATFORM] = platform
    return validated


def _check_numbers(config: EntityConfig) -> None:
    """Refuse infinity, and whole numbers of more than 64 bits. Raises vol.Invalid.

    Core takes them, and fails later: where a command comes, or for good, since one
    such number in the entity registry keeps all of it from being written.
    """
    for key, value in config.items():
        if (isinstance(value, int) and abs(value) > sys.maxsize) or (
            isinstance(value, float) and not isfinite(value)
        ):
            raise vol.Invalid("the number is too large", path=[key])
