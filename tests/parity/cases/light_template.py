"""Lights of the template schema: every key of core's, every value, every command."""

from typing import Any

from ..case import Announce, Announced, Before, Case, Say, Step, announce
from .light import _COLORS

_ON = (
    "on {{ state }} {{ brightness | d }} {{ color_temp | d }} {{ red | d }} {{ green | d }} "
    "{{ blue | d }} {{ hue | d }} {{ sat | d }} {{ effect | d }} {{ flash | d }} "
    "{{ transition | d }} {{ value }} {{ entity_id }}"
)
_OFF = "off {{ state }} {{ transition | d }} {{ flash | d }}"
_NAMES = {
    "state": "s",
    "brightness": "b",
    "color_temp": "t",
    "red": "red",
    "green": "green",
    "blue": "blue",
    "effect": "e",
}


def _light(*values: str, **config: Any) -> Announced:
    topics: dict[str, Any] = {
        "schema": "template",
        "command_topic": "it/set",
        "state_topic": "it",
        "command_on_template": _ON,
        "command_off_template": _OFF,
    }
    for value in values:
        for name in ("red", "green", "blue") if value == "color" else (value,):
            topics[f"{name}_template"] = "{{ value_json." + _NAMES[name] + " }}"
    return announce("light", **{**topics, **config})


def _say(**values: Any) -> Say:
    return Say("it", {"s": "on", **values})


_SAY: tuple[Step, ...] = (
    _say(),
    _say(b=100),
    _say(b=0),
    _say(b=""),
    _say(b="x"),
    _say(b=300),
    _say(t=250),
    _say(t="None"),
    _say(t="x"),
    _say(t=""),
    _say(red=1, green=2, blue=3),
    _say(red=0, green=0, blue=0),
    _say(red="None", green="None", blue="None"),
    _say(red=1, green="x", blue=3),
    _say(red=1, green="", blue=3),
    _say(b=10, t=200, red=255, green=0, blue=0, e="fire"),
    _say(e="ice"),
    _say(e="water"),
    _say(e=""),
    Say("it", {"s": "off"}),
    Say("it", {"s": "ON"}),
    Say("it", {"s": ""}),
    Say("it", {"s": "None"}),
    Say("it", {}),
    Say("it", "on"),
    Say("it", ""),
)

_VALUES: list[tuple[str, ...]] = [
    ("state",),
    ("state", "brightness"),
    ("state", "color_temp"),
    ("state", "color"),
    ("state", "brightness", "color"),
    ("state", "brightness", "color_temp"),
    ("state", "color_temp", "color"),
    ("state", "brightness", "color_temp", "color", "effect"),
    ("state", "red", "green"),
    ("brightness", "color"),
    (),
]

_EFFECTS: dict[str, Any] = {"effect_list": ["fire", "ice"]}
_ALL = ("state", "brightness", "color_temp", "color", "effect")

CASES = [
    *(
        Case(
            f"{' '.join(values)} {name}",
            _light(*values, **config, **_EFFECTS),
            *(_SAY if name == "told" else ()),
            *_COLORS,
            *(_SAY if name == "optimistic" else ()),
        )
        for values in _VALUES
        for name, config in (
            ("told", {}),
            ("not told", {"state_topic": ...}),
            ("optimistic", {"optimistic": True}),
        )
    ),
    Case(
        "kelvin",
        _light(*_ALL, color_temp_kelvin=True, min_kelvin=2000, max_kelvin=6000, **_EFFECTS),
        *_SAY,
        _say(t=3000),
        *_COLORS,
    ),
    Case("mireds", _light(*_ALL, min_mireds=150, max_mireds=500, **_EFFECTS), *_SAY, *_COLORS),
    Case("no effect list", _light("state", "brightness"), *_SAY, *_COLORS),
    Case("effects without a list", _light("state", "effect"), _say(), *_COLORS),
    Case("no name", _light(name=...)),
    Case("bytes", _light("state", command_on_template=r"b'\xff'"), *_COLORS),
    Case("template that fails", _light("state", command_on_template="{{ 1 / 0 }}"), *_COLORS[:2]),
    Case("quality of service", _light("state", qos=1, retain=True), *_COLORS),
    Case("raw", _light(*_ALL, encoding="", **_EFFECTS), *_SAY),
    *(
        Case(
            f"restored: {name}",
            _light(*_ALL, **config, **_EFFECTS),
            restored=[Before("light.device_it", "on", attributes)],
        )
        for name, config, attributes in (
            ("assumed hs", {"state_topic": ...}, {"brightness": 50, "hs_color": [10, 20], "effect": "fire"}),
            ("assumed", {"state_topic": ...}, {"brightness": 50, "color_temp_kelvin": 3000}),
            ("optimistic", {"optimistic": True}, {"brightness": 50, "hs_color": [10, 20]}),
            ("told", {}, {"brightness": 50, "hs_color": [10, 20]}),
        )
    ),
    Case("changes", _light("state"), _say(), Announce(_light("state", icon="mdi:x"))),
    Case("no template for on", _light(command_on_template=...), refused=True),
    Case("no template for off", _light(command_off_template=...), refused=True),
    Case("no command topic", _light(command_topic=...), refused=True),
]  # fmt: skip
