"""What Homie devices say of their properties (Homie 3, 4 and 5).

Homie 3 and 4 have a topic for each attribute (``…/$unit``), Homie 5 one JSON object for
the device (``homie/5/<device>/$description``). https://homieiot.github.io
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

_ATTRIBUTES: Final = {"$unit", "$datatype", "$settable", "$format", "$name"}


@dataclass(slots=True)
class Property:
    """The attributes of a property."""

    name: str | None = None
    datatype: str = "string"
    unit: str | None = None
    format: str | None = None
    settable: bool = False

    @property
    def options(self) -> list[str]:
        """The values that an enum can have."""
        if self.datatype != "enum" or not self.format:
            return []
        return [option.strip() for option in self.format.split(",") if option.strip()]

    @property
    def limits(self) -> tuple[float, float] | None:
        """The least and the greatest value of a number, if both are told."""
        low, _, rest = (self.format or "").partition(":")
        high = rest.partition(":")[0]
        try:
            return float(low), float(high)
        except ValueError:
            return None


def read_homie(
    heard: Mapping[str, Sequence[str]],
) -> tuple[dict[str, Property], dict[str, str]]:
    """Return the properties by their topics, and the devices' names by theirs."""
    properties: dict[str, Property] = {}
    names: dict[str, str] = {}
    for topic, payloads in heard.items():
        base, _, attribute = topic.rpartition("/")
        if not topic.startswith("homie/") or not payloads:
            continue
        levels = base.count("/")
        if attribute == "$description":
            _describe(base, payloads[-1], properties, names)
        elif attribute == "$name" and levels == 1:
            names[base] = payloads[-1]
        elif attribute in _ATTRIBUTES and levels == 3:
            known = properties.setdefault(base, Property())
            _set(known, attribute.removeprefix("$"), payloads[-1])
    return properties, names


def _describe(
    base: str, payload: str, properties: dict[str, Property], names: dict[str, str]
) -> None:
    try:
        device: Any = json_loads(payload)
    except JSON_DECODE_EXCEPTIONS:
        return
    if not isinstance(device, dict):
        return
    if isinstance(name := device.get("name"), str):
        names[base] = name
    for node_id, node in _items(device.get("nodes")):
        for property_id, attributes in _items(node.get("properties")):
            known = properties.setdefault(f"{base}/{node_id}/{property_id}", Property())
            for key, value in attributes.items():
                _set(known, key, value)


def _items(value: Any) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(value, dict):
        return []
    return [(key, each) for key, each in value.items() if isinstance(each, dict)]


def _set(known: Property, key: str, value: Any) -> None:
    if key == "settable":
        known.settable = value in (True, "true")
    elif isinstance(value, str) and value:
        if key == "name":
            known.name = value
        elif key == "datatype":
            known.datatype = value
        elif key == "unit":
            known.unit = value
        elif key == "format":
            known.format = value
