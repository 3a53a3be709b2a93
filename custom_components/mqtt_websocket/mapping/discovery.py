"""Announcements: from a message of Home Assistant's MQTT discovery to a device.

Topics, short keys and meaning are those of core's MQTT integration 2026.10
(homeassistant/components/mqtt/discovery.py). Whatever its form, what is announced
becomes a device with long keys, which is what a ``device`` subentry holds, too.

An announcement is a stranger's: everything is bounded, and nothing that was received is
changed, since other readers of the message share its JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
import re
from typing import Any, Final

from homeassistant.const import CONF_DEVICE, CONF_PLATFORM

from ..broker.message import Message
from .abbreviations import ABBREVIATIONS, DEVICE_ABBREVIATIONS, ORIGIN_ABBREVIATIONS
from .payload import PayloadError, deeper_than, json_value
from .schemas.common import CONF_AVAILABILITY, CONF_ORIGIN, CONF_TOPIC
from .schemas.device import CONF_COMPONENTS, SCHEMAS, SHARED_OPTIONS

MAX_TOPIC: Final = 1024
"""Characters of a topic."""
MAX_PAYLOAD: Final = 256 * 1024
"""Bytes of a payload: room for several hundred components."""
MAX_DEPTH: Final = 16
"""Levels of JSON. No key of any platform needs half of them, and what ends in a registry
must be less deep than what Home Assistant can write (254)."""
MAX_COMPONENTS: Final = 1000
"""Components of one announcement."""
MAX_AVAILABILITY: Final = 32
"""Topics of one availability list. Each is a subscription for each component."""
MAX_BASE: Final = 1024
"""Characters of a base topic, which two bytes of the payload can stand for."""

_BASE: Final = "~"
_MIGRATE: Final = "migrate_discovery"
_MIGRATE_SHORT: Final = "migr_discvry"

_TOPIC: Final = re.compile(
    r"(?P<component>\w{1,64})/(?:(?P<node_id>[a-zA-Z0-9_-]+)/)?"
    r"(?P<object_id>[a-zA-Z0-9_-]+)/config",
)


class AnnouncementError(ValueError):
    """A message announces nothing that could be understood. ``reason`` is for a log."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class DiscoveryTopic:
    """What the topic of an announcement says: of a component's platform, or ``device``."""

    component: str
    node_id: str | None
    object_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A device that is announced.

    ``payload`` has the form of a device announcement with long keys. Where a component
    is announced ``alone``, it is the only one, and the device and the origin are there
    only if it named them. ``unsupported`` has the platform of each component that is
    left out because there is no such platform here.
    """

    payload: dict[str, Any]
    alone: bool
    unsupported: tuple[str, ...] = ()


class Withdrawn(Enum):
    """What a topic says when it announces nothing any more."""

    REMOVED = "removed"
    """For good."""
    MIGRATING = "migrating"
    """Another topic is going to announce the same entities: the registries keep them."""


type Announcement = Announced | Withdrawn


def discovery_filters(prefix: str) -> tuple[str, ...]:
    """Return the topic filters of all announcements."""
    return f"{prefix}/+/+/config", f"{prefix}/+/+/+/config"


def discovery_topic(prefix: str, topic: str) -> DiscoveryTopic:
    """Return the parts of an announcement's topic. Raises AnnouncementError."""
    found = _TOPIC.fullmatch(topic.removeprefix(f"{prefix}/"))
    if found is None:
        raise AnnouncementError(
            "its topic has other characters than letters, digits, _ and -"
        )
    return DiscoveryTopic(**found.groupdict())


def check_size(message: Message) -> None:
    """Refuse what is too large to be worth keeping. Raises AnnouncementError."""
    if len(message.topic) > MAX_TOPIC:
        raise AnnouncementError(f"its topic has more than {MAX_TOPIC} characters")
    if len(message.buffer) > MAX_PAYLOAD:
        raise AnnouncementError(
            f"its {len(message.buffer)} bytes are more than {MAX_PAYLOAD}"
        )


def read_announcement(prefix: str, message: Message) -> Announcement:
    """Return what a message on a topic below ``prefix`` announces.

    Raises AnnouncementError. What it returns may still make no sense: schemas come
    later, since they are those of the other devices, too.
    """
    check_size(message)
    topic = discovery_topic(prefix, message.topic)
    if not message.payload:
        return Withdrawn.REMOVED
    payload = _json_object(message)
    if migrating := payload.pop(_MIGRATE_SHORT, None):
        payload[_MIGRATE] = migrating
    if payload == {_MIGRATE: True}:
        return Withdrawn.MIGRATING
    if topic.component == CONF_DEVICE:
        return _announced_device(payload)
    if not payload:
        return Withdrawn.REMOVED
    return _announced_component(topic, payload)


def _json_object(message: Message) -> dict[str, Any]:
    try:
        payload = json_value(message)
    except PayloadError as err:
        raise AnnouncementError(err.reason) from None
    if not isinstance(payload, dict):
        raise AnnouncementError("it is not a JSON object")
    if deeper_than(payload, MAX_DEPTH):
        raise AnnouncementError(f"its JSON has more than {MAX_DEPTH} levels")
    return dict(payload)


def _announced_component(topic: DiscoveryTopic, payload: dict[str, Any]) -> Announced:
    platform = topic.component
    if platform not in SCHEMAS:
        return Announced(
            payload={CONF_COMPONENTS: {}}, alone=True, unsupported=(platform,)
        )
    component = expand_keys(payload)
    whole: dict[str, Any] = {}
    for key in (CONF_DEVICE, CONF_ORIGIN):
        if key in component:
            whole[key] = component.pop(key)
    component = _with_base(component)
    component[CONF_PLATFORM] = platform
    whole[CONF_COMPONENTS] = {topic.object_id: component}
    return Announced(payload=whole, alone=True)


def _announced_device(payload: dict[str, Any]) -> Announced:
    device = expand_keys(payload)
    components = device.get(CONF_COMPONENTS)
    if not isinstance(components, dict):
        raise AnnouncementError("it has no components")
    if len(components) > MAX_COMPONENTS:
        raise AnnouncementError(
            f"its {len(components)} components are more than {MAX_COMPONENTS}"
        )
    supported: dict[str, Any] = {}
    unsupported: list[str] = []
    for key, component in components.items():
        if isinstance(component, dict):
            if (platform := _unsupported(component)) is not None:
                # With nothing but its platform a component is one that is taken back.
                if len(component) > 1:
                    unsupported.append(platform)
                continue
            if _BASE in component:
                # A base counts for what the component takes from its device, too.
                shared: dict[str, Any] = {
                    each: device[each] for each in SHARED_OPTIONS if each in device
                }
                component = _with_base({**shared, **component})
        supported[key] = component
    device[CONF_COMPONENTS] = supported
    return Announced(payload=device, alone=False, unsupported=tuple(unsupported))


def _unsupported(component: Mapping[str, Any]) -> str | None:
    """Return the platform of a component if it could be one, but not here."""
    platform = component.get(CONF_PLATFORM)
    if (
        isinstance(platform, str)
        and platform not in SCHEMAS
        and re.fullmatch(r"\w{1,64}", platform)
    ):
        return platform
    return None


# --- short keys ----------------------------------------------------------------------


def expand_keys(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an announcement's payload with long keys, also in what it holds.

    Raises AnnouncementError for a list of topics that is too long.
    """
    expanded = _expand_component(payload)
    for key, table in (
        (CONF_DEVICE, DEVICE_ABBREVIATIONS),
        (CONF_ORIGIN, ORIGIN_ABBREVIATIONS),
    ):
        if isinstance(inner := expanded.get(key), dict):
            expanded[key] = _expand(inner, table)
    if isinstance(components := expanded.get(CONF_COMPONENTS), dict):
        expanded[CONF_COMPONENTS] = {
            key: _expand_component(component)
            if isinstance(component, dict)
            else component
            for key, component in components.items()
        }
    return expanded


def _expand_component(component: Mapping[str, Any]) -> dict[str, Any]:
    expanded = _expand(component, ABBREVIATIONS)
    availability = expanded.get(CONF_AVAILABILITY)
    if isinstance(availability, dict):
        expanded[CONF_AVAILABILITY] = _expand(availability, ABBREVIATIONS)
    elif isinstance(availability, list):
        if len(availability) > MAX_AVAILABILITY:
            raise AnnouncementError(
                f"an availability of {len(availability)} topics is more than"
                f" {MAX_AVAILABILITY}"
            )
        expanded[CONF_AVAILABILITY] = [
            _expand(each, ABBREVIATIONS) if isinstance(each, dict) else each
            for each in availability
        ]
    return expanded


def _expand(given: Mapping[str, Any], table: Mapping[str, str]) -> dict[str, Any]:
    """Return the same with long keys. Where both are there, the short one counts."""
    expanded = {key: value for key, value in given.items() if key not in table}
    for key, value in given.items():
        if key in table:
            expanded[table[key]] = value
    return expanded


# --- base topic ----------------------------------------------------------------------


def _with_base(component: dict[str, Any]) -> dict[str, Any]:
    """Return a component with its base instead of each ``~`` that stands for it."""
    if _BASE not in component:
        return component
    base = str(component[_BASE])
    if len(base) > MAX_BASE:
        raise AnnouncementError(f"its base topic has more than {MAX_BASE} characters")
    replaced = {
        key: _replace_base(value, base)
        if key.endswith("topic") and isinstance(value, str)
        else value
        for key, value in component.items()
        if key != _BASE
    }
    availability = replaced.get(CONF_AVAILABILITY)
    if isinstance(availability, list):
        replaced[CONF_AVAILABILITY] = [
            _with_base_of_topic(each, base) for each in availability
        ]
    elif availability is not None:
        replaced[CONF_AVAILABILITY] = _with_base_of_topic(availability, base)
    return replaced


def _with_base_of_topic(availability: Any, base: str) -> Any:
    if not isinstance(availability, dict):
        return availability
    topic = availability.get(CONF_TOPIC)
    if not isinstance(topic, str):
        return availability
    return {**availability, CONF_TOPIC: _replace_base(topic, base)}


def _replace_base(topic: str, base: str) -> str:
    """Return a topic with the base at its start, or else at its end; never at both."""
    if topic.endswith(_BASE):
        return f"{topic[:-1]}{base}"
    if topic.startswith(_BASE):
        return f"{base}{topic[1:]}"
    return topic
