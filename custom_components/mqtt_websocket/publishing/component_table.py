"""What the entities of each domain are announced as.

Where they take commands as what they are, or as the nearest that others know; else as
what shows their state. Events and updates can be seen alone, anyway.
"""

from collections.abc import Mapping
from typing import Final

from .components_data import (
    CLIMATE,
    COVER,
    FAN,
    Component,
    all_of,
    binary_sensor,
    climate,
    cover,
    date_time,
    event,
    fan,
    light,
    light_values,
    lock,
    number,
    plain,
    pressed,
    select,
    sensor,
    switch,
    text,
    update,
    update_values,
)

_SWITCHED: Final = {
    "automation",
    "binary_sensor",
    "calendar",
    "fan",
    "humidifier",
    "input_boolean",
    "light",
    "remote",
    "schedule",
    "script",
    "siren",
    "switch",
}
"""Domains whose state is on or off."""

_ON_OFF: Final = Component("switch", switch)
_PRESSED: Final = Component("button", pressed)
_BINARY_SENSOR: Final = Component("binary_sensor", binary_sensor)
_SENSOR: Final = Component("sensor", sensor)

PLAIN: Final = Component("sensor", plain)
"""What everything can be announced as."""

_CONTROLLED: Final[Mapping[str, Component]] = {
    "button": _PRESSED,
    "climate": Component("climate", climate, all_of(CLIMATE)),
    "cover": Component("cover", cover, all_of(COVER)),
    "fan": Component("fan", fan, all_of(FAN)),
    "humidifier": _ON_OFF,
    "input_boolean": _ON_OFF,
    "input_button": _PRESSED,
    "input_datetime": Component("text", date_time, needs_state=True),
    "input_number": Component("number", number),
    "input_select": Component("select", select),
    "input_text": Component("text", text, needs_state=True),
    "light": Component("light", light, light_values),
    "lock": Component("lock", lock),
    "number": Component("number", number),
    "scene": _PRESSED,
    "script": _PRESSED,
    "select": Component("select", select),
    "siren": _ON_OFF,
    "switch": _ON_OFF,
    "text": Component("text", text, needs_state=True),
}

_SHOWN: Final[Mapping[str, Component]] = {
    **dict.fromkeys(_SWITCHED, _BINARY_SENSOR),
    "event": Component("event", event, has_events=True),
    "update": Component("update", update, update_values),
}


def component_of(domain: str, *, controlled: bool) -> Component:
    """Return what the entities of a domain are announced as."""
    if controlled and domain in _CONTROLLED:
        return _CONTROLLED[domain]
    return _SHOWN.get(domain, _SENSOR)
