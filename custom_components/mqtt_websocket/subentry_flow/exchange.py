"""Devices as text: what was written for Home Assistant's MQTT comes in, and goes out."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
import json
import re
from typing import Any, Final

import voluptuous as vol
import yaml  # type: ignore[import-untyped] # its types would be a package more

from homeassistant.const import CONF_DEVICE, CONF_NAME, CONF_PLATFORM, CONF_UNIQUE_ID
from homeassistant.util import slugify

from ..broker.message import Message
from ..const import DEFAULT_DISCOVERY_PREFIX
from ..mapping.discovery import Announced, AnnouncementError, read_announcement
from ..mapping.schemas import (
    ENTITY_SCHEMAS,
    SHARED_OPTIONS,
    EntityConfig,
    entity_config,
)
from ..mapping.schemas.common import CONF_CONNECTIONS, CONF_IDENTIFIERS, CONF_ORIGIN
from ..mapping.schemas.device import CONF_COMPONENTS

MAX_TEXT: Final = 256 * 1024
MAX_NODES: Final = 20_000
"""Values in the text. With YAML's aliases, a few lines can stand for billions."""

_TOPIC: Final = re.compile(
    r"\s*(?P<topic>[\w~-]+(?:/[\w~-]+){2,3}/config)\s*:?\s*(?=\{)"
)
_ORIGIN_NAME: Final = "MQTT over WebSocket"
# What identifies a device or an entity elsewhere. Here a person's own does.
_FOREIGN: Final = (CONF_UNIQUE_ID, CONF_DEVICE, CONF_ORIGIN, "object_id")


class PasteError(ValueError):
    """The text can't be used. ``key`` is that of the error's text."""

    def __init__(self, key: str, **placeholders: str) -> None:
        """Keep both."""
        self.key = key
        self.placeholders = placeholders
        super().__init__(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """What was in a text: a device, as far as it says, and its entities."""

    name: str | None
    info: dict[str, Any]
    shared: dict[str, Any]
    entities: list[EntityConfig]


def read_pasted(text: str) -> Pasted:
    """Return the device in a YAML block or a discovery payload.

    A payload may stand after its topic. Raises PasteError.
    """
    if len(text) > MAX_TEXT:
        raise PasteError("paste_too_long")
    topic = f"{DEFAULT_DISCOVERY_PREFIX}/device/pasted/config"
    if found := _TOPIC.match(text):
        rest = found["topic"].partition("/")[2]
        topic = f"{DEFAULT_DISCOVERY_PREFIX}/{rest}"
        text = text[found.end() :]
    try:
        # Not Home Assistant's own loader: that one reads files and secrets.
        content: Any = yaml.load(text, Loader=yaml.CSafeLoader)
        _count(content, MAX_NODES)
    except (yaml.YAMLError, ValueError, RecursionError) as err:
        raise PasteError("paste_unreadable", error=_short(err)) from err
    if found is None and (
        isinstance(content, dict) and not {"components", "cmps"} & content.keys()
    ):
        blocks = list(_blocks(content))
        if blocks:
            return _from_yaml(blocks)
        topic = f"{DEFAULT_DISCOVERY_PREFIX}/{_platform(content)}/pasted/config"
    elif isinstance(content, list):
        return _from_yaml([*_blocks(content)])
    if not isinstance(content, dict):
        raise PasteError("paste_unknown")
    return _from_payload(topic, content)


def _count(content: Any, left: int) -> int:
    """Return how many values are still allowed. Raises ValueError."""
    if left <= 0:
        raise ValueError("it has too many values")
    left -= 1
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for each in content:
            left = _count(each, left)
    return left


def _platform(payload: Mapping[str, Any]) -> str:
    platform = payload.get(CONF_PLATFORM, payload.get("p"))
    if not isinstance(platform, str) or not re.fullmatch(r"\w+", platform):
        raise PasteError("paste_without_platform")
    return platform


def _blocks(content: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield platform and block of each entity in YAML, in any of core's forms."""
    if isinstance(content, list):
        for item in content:
            yield from _blocks(item)
    elif isinstance(content, dict):
        if "mqtt" in content:
            yield from _blocks(content["mqtt"])
            return
        for platform, blocks in content.items():
            for block in blocks if isinstance(blocks, list) else [blocks]:
                if isinstance(block, dict) and re.fullmatch(r"[a-z_]+", str(platform)):
                    if platform in (
                        CONF_DEVICE,
                        "dev",
                        CONF_ORIGIN,
                        "o",
                        "availability",
                    ):
                        continue
                    yield platform, block


def _from_yaml(blocks: list[tuple[str, Mapping[str, Any]]]) -> Pasted:
    info: Mapping[str, Any] = {}
    components: dict[str, Any] = {}
    for index, (platform, block) in enumerate(blocks):
        if isinstance(device := block.get(CONF_DEVICE), dict) and not info:
            info = device
        components[str(index)] = {**block, CONF_PLATFORM: platform}
    payload = {CONF_DEVICE: dict(info), CONF_COMPONENTS: components}
    return _from_payload(f"{DEFAULT_DISCOVERY_PREFIX}/device/pasted/config", payload)


def _from_payload(topic: str, content: Mapping[str, Any]) -> Pasted:
    try:
        # YAML knows dates, JSON does not.
        payload = json.dumps(content, default=str).encode()
        announced = read_announcement(DEFAULT_DISCOVERY_PREFIX, Message(topic, payload))
    except AnnouncementError as err:
        raise PasteError("paste_unreadable", error=err.reason) from err
    except (TypeError, ValueError, RecursionError) as err:
        # A date as a key is a TypeError, a list that contains itself a ValueError.
        raise PasteError("paste_unreadable", error=_short(err)) from err
    if not isinstance(announced, Announced):
        raise PasteError("paste_unknown")
    if announced.unsupported:
        raise PasteError(
            "paste_unsupported", platforms=", ".join(sorted(set(announced.unsupported)))
        )
    device = announced.payload
    info = device.get(CONF_DEVICE)
    info = dict(info) if isinstance(info, dict) else {}
    name = info.pop(CONF_NAME, None)
    for key in (CONF_IDENTIFIERS, CONF_CONNECTIONS, "via_device"):
        info.pop(key, None)
    shared: dict[str, Any] = {
        key: device[key] for key in SHARED_OPTIONS if key in device
    }
    return Pasted(
        name=name if isinstance(name, str) else None,
        info=info,
        shared=shared,
        entities=_entities(device.get(CONF_COMPONENTS), shared),
    )


def _entities(components: Any, shared: Mapping[str, Any]) -> list[EntityConfig]:
    entities: list[EntityConfig] = []
    for component in components.values() if isinstance(components, dict) else ():
        if not isinstance(component, dict) or (
            (platform := component.get(CONF_PLATFORM)) not in ENTITY_SCHEMAS
        ):
            raise PasteError("paste_unknown")
        config = {key: value for key, value in component.items() if key not in _FOREIGN}
        try:
            entity_config(str(platform), {CONF_UNIQUE_ID: "-", **shared, **config})
        except vol.Invalid as err:
            name = str(config.get(CONF_NAME) or platform)
            raise PasteError("paste_invalid", entity=name, error=_short(err)) from err
        entities.append(config)
    if not entities:
        raise PasteError("paste_unknown")
    return entities


def _short(err: Exception) -> str:
    return " ".join(str(err).split())[:300]


# --- out -------------------------------------------------------------------------------


def discovery_message(
    name: str, data: Mapping[str, Any], prefix: str = DEFAULT_DISCOVERY_PREFIX
) -> tuple[str, str]:
    """Return topic and payload that announce a device to any Home Assistant."""
    identity = slugify(name) or "device"
    payload: dict[str, Any] = deepcopy(dict(data))
    payload[CONF_DEVICE] = {
        CONF_IDENTIFIERS: [identity],
        CONF_NAME: name,
        **payload.get(CONF_DEVICE, {}),
    }
    payload[CONF_ORIGIN] = {CONF_NAME: _ORIGIN_NAME}
    payload[CONF_COMPONENTS] = {
        key: {CONF_UNIQUE_ID: f"{identity}_{key}", **config}
        for key, config in payload[CONF_COMPONENTS].items()
    }
    return (
        f"{prefix}/device/{identity}/config",
        json.dumps(payload, ensure_ascii=False, indent=2),
    )
