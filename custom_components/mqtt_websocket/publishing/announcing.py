"""Announces published entities to others: Home Assistant's MQTT discovery.

Each entity is a device announcement of its own with one component. So it depends on
nothing but its entity, and taking it back is an empty message; those of one device share
what says which device that is. Core, this integration and others merge them by that.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import (
    CONF_DEVICE,
    CONF_ICON,
    CONF_NAME,
    CONF_PLATFORM,
    CONF_UNIQUE_ID,
    STATE_UNAVAILABLE,
    EntityCategory,
)
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)

from ..identity import copied_unique_id, home_of, is_copy
from ..mapping.schemas import entity_config
from ..mapping.schemas.common import (
    AVAILABILITY_ALL,
    CONF_AVAILABILITY,
    CONF_AVAILABILITY_MODE,
    CONF_DEFAULT_ENTITY_ID,
    CONF_ENTITY_CATEGORY,
    CONF_HW_VERSION,
    CONF_IDENTIFIERS,
    CONF_JSON_ATTRIBUTES_TEMPLATE,
    CONF_JSON_ATTRIBUTES_TOPIC,
    CONF_MANUFACTURER,
    CONF_MODEL,
    CONF_MODEL_ID,
    CONF_ORIGIN,
    CONF_PAYLOAD_AVAILABLE,
    CONF_PAYLOAD_NOT_AVAILABLE,
    CONF_QOS,
    CONF_SUGGESTED_AREA,
    CONF_SW_VERSION,
    CONF_TOPIC,
    CONF_VALUE_TEMPLATE,
)
from ..mapping.schemas.device import CONF_COMPONENTS
from .command_table import COMMANDS
from .commands import LOCK
from .component_table import PLAIN, component_of
from .components_data import Component, Place, state_or_none
from .payloads import to_json
from .rule import Payload, Rule
from .selection import area_of
from .status import Status
from .topics import ANNOUNCED_LEVEL, COMMAND_LEVEL, EVENT_LEVEL, command_root

_ORIGIN: Final = {CONF_NAME: "Home Assistant, MQTT over WebSocket"}
_INFO: Final = (
    CONF_MANUFACTURER,
    CONF_MODEL,
    CONF_MODEL_ID,
    CONF_HW_VERSION,
    CONF_SW_VERSION,
)

_ONLY_SHOWN: Final = {"binary_sensor", "sensor"}

# What says how an entity is shown here, or is told otherwise: others would show it in
# the place of what they made of that.
_NOT_TOLD: Final = frozenset(
    {
        "assumed_state",
        "attribution",
        "color_temp_kelvin",
        "device_class",
        "editable",
        "entity_picture",
        "event_types",
        "friendly_name",
        "hs_color",
        "hvac_modes",
        "icon",
        "is_closed",
        "max_color_temp_kelvin",
        "min_color_temp_kelvin",
        "percentage_step",
        "restored",
        "rgb_color",
        "rgbw_color",
        "rgbww_color",
        "state_class",
        "supported_features",
        "target_temp_step",
        "unit_of_measurement",
        "xy_color",
    }
)


@dataclass(frozen=True, slots=True)
class Announced:
    """How an entity is announced; ``keys`` are those of its component."""

    topic: str
    payload: str
    place: Place
    component: Component
    keys: frozenset[str]


class Announcer:
    """Makes the announcements of one rule, and the JSON that they refer to.

    ``status`` tells whether this Home Assistant is there.
    """

    def __init__(self, hass: HomeAssistant, rule: Rule, status: Status) -> None:
        """Prepare for a rule that announces."""
        self._hass = hass
        self._rule = rule
        self._status = status
        self._home = home_of(hass)
        self._chosen = frozenset(rule.attributes)
        self._tells_attributes = rule.attribute_topics or rule.payload is Payload.JSON

    @callback
    def announcement(self, state: State) -> Announced:
        """Return how an entity is announced."""
        entity_id = state.entity_id
        root = command_root(self._rule.base, entity_id)
        place = Place(
            state=f"{root}/{ANNOUNCED_LEVEL}",
            command=f"{root}/{COMMAND_LEVEL}",
            event=f"{root}/{EVENT_LEVEL}",
        )
        entity = er.async_get(self._hass).async_get(entity_id)
        key = entity_id.replace(".", "_") if entity is None else entity.id
        general = {
            **self._general(state, entity, place),
            CONF_UNIQUE_ID: copied_unique_id(self._home, key),
        }
        component = component_of(
            state.domain, controlled=_is_controlled(self._rule, state.domain)
        )
        config = self._config(component, general, state, place)
        if not _is_valid(config):
            # Better a plain sensor than what nobody would understand.
            component = PLAIN
            config = self._config(component, general, state, place)
        payload = {
            CONF_DEVICE: self._device(state, entity),
            CONF_ORIGIN: _ORIGIN,
            CONF_COMPONENTS: {component.platform: config},
        }
        return Announced(
            # Not the entity's name, which may change: it would be another entity then.
            # With the platform: one that becomes another is another entity.
            f"{self._rule.announce_prefix}/{CONF_DEVICE}/{self._home}"
            f"/{key}_{component.platform}/config",
            to_json(payload),
            place,
            component,
            frozenset(config),
        )

    @callback
    def payload(self, announced: Announced, state: State) -> str:
        """Return the JSON that tells a state to those who read an announcement."""
        word = state_or_none(state)
        available = state.state != STATE_UNAVAILABLE and not (
            word is None and announced.component.needs_state
        )
        values: dict[str, Any] = {
            "state": word,
            "available": available,
            **announced.component.values(state),
        }
        if self._tells_attributes:
            known = announced.keys | values.keys()
            values["attributes"] = self._attributes(state, known)
        return to_json(values)

    @callback
    def event(self, state: State) -> str:
        """Return the JSON that tells what just happened."""
        values = self._attributes(state, ()) if self._tells_attributes else {}
        return to_json({**values, "event_type": state.attributes.get("event_type")})

    def _attributes(self, state: State, known: Container[str]) -> dict[str, Any]:
        return {
            name: value
            for name, value in state.attributes.items()
            if name not in _NOT_TOLD
            and name not in known
            and (not self._chosen or name in self._chosen)
        }

    # --- what is announced ------------------------------------------------------------

    def _config(
        self,
        component: Component,
        general: dict[str, Any],
        state: State,
        place: Place,
    ) -> dict[str, Any]:
        """Return a component's keys."""
        config = {
            **general,
            CONF_DEFAULT_ENTITY_ID: f"{component.platform}.{state.object_id}",
            **component.keys(self._hass, state, place),
            CONF_PLATFORM: component.platform,
        }
        if (
            component.platform in _ONLY_SHOWN
            and general.get(CONF_ENTITY_CATEGORY) == EntityCategory.CONFIG
        ):
            # Home Assistant knows no setting that can't be set.
            del config[CONF_ENTITY_CATEGORY]
        return config

    def _general(
        self, state: State, entity: er.RegistryEntry | None, place: Place
    ) -> dict[str, Any]:
        """Return the keys that all components have."""
        status = self._status
        general: dict[str, Any] = {
            CONF_NAME: _name(self._hass, state, entity),
            CONF_QOS: self._rule.qos,
            CONF_AVAILABILITY_MODE: AVAILABILITY_ALL,
            CONF_AVAILABILITY: [
                {
                    CONF_TOPIC: status.topic,
                    CONF_PAYLOAD_AVAILABLE: status.online,
                    CONF_PAYLOAD_NOT_AVAILABLE: status.offline,
                },
                {
                    CONF_TOPIC: place.state,
                    CONF_VALUE_TEMPLATE: (
                        "{{ 'online' if value_json.available else 'offline' }}"
                    ),
                },
            ],
        }
        if self._tells_attributes:
            general[CONF_JSON_ATTRIBUTES_TOPIC] = place.state
            general[CONF_JSON_ATTRIBUTES_TEMPLATE] = (
                "{{ value_json.attributes | tojson }}"
            )
        icon = state.attributes.get(CONF_ICON)
        if isinstance(icon, str) and ":" in icon:
            general[CONF_ICON] = icon
        if entity is not None and entity.entity_category is not None:
            general[CONF_ENTITY_CATEGORY] = entity.entity_category.value
        return general

    def _device(self, state: State, entity: er.RegistryEntry | None) -> dict[str, Any]:
        """Return what says which device an entity belongs to."""
        hass = self._hass
        device = (
            None
            if entity is None or entity.device_id is None
            else dr.async_get(hass).async_get(entity.device_id)
        )
        if device is None:
            # Helpers and the like: others have no place for what has no device.
            return {
                CONF_IDENTIFIERS: [self._home],
                CONF_NAME: hass.config.location_name,
                CONF_MANUFACTURER: "Home Assistant",
            }
        # A child device has none of these.
        known = _INFO if isinstance(device, dr.DeviceEntry) else ()
        return {
            CONF_IDENTIFIERS: [f"{self._home}_{device.id}"],
            CONF_NAME: device.name_by_user or device.name or hass.config.location_name,
            **{
                key: value
                for key in known
                if (value := getattr(device, key)) is not None
            },
            **_area(hass, state.entity_id),
        }


@callback
def may_announce(hass: HomeAssistant, rule: Rule, entity_id: str) -> bool:
    """Whether a rule may announce one of its entities.

    What another Home Assistant announced must be named: they would announce it to each
    other for ever.
    """
    if entity_id in rule.selection.named:
        return True
    entity = er.async_get(hass).async_get(entity_id)
    return entity is None or not is_copy(entity.unique_id)


def announced_platform(rule: Rule, domain: str) -> str:
    """Return what a rule announces the entities of a domain as."""
    return component_of(domain, controlled=_is_controlled(rule, domain)).platform


def _is_controlled(rule: Rule, domain: str) -> bool:
    return (
        rule.commands and domain in COMMANDS and (domain != LOCK or rule.command_locks)
    )


def _is_valid(config: Mapping[str, Any]) -> bool:
    """Whether a platform takes an entity config: what integrations say is not checked."""
    try:
        entity_config(config[CONF_PLATFORM], config)
    except vol.Invalid:
        return False
    return True


def _name(
    hass: HomeAssistant, state: State, entity: er.RegistryEntry | None
) -> str | None:
    """Return an entity's name beside its device's; None if it has that one."""
    if entity is None or entity.device_id is None:
        return state.name
    return er.async_get_unprefixed_name(hass, entity) or None


def _area(hass: HomeAssistant, entity_id: str) -> dict[str, str]:
    area_id = area_of(hass, entity_id)
    area = area_id and ar.async_get(hass).async_get_area(area_id)
    return {CONF_SUGGESTED_AREA: area.name} if area else {}
