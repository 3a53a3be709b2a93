"""Lights of the JSON schema: every key of core's, every value, every command."""

from typing import Any

from ..case import Announce, Announced, Before, Case, Do, Say, Step, announce
from .light import _COLORS

_EFFECTS: dict[str, Any] = {"effect": True, "effect_list": ["fire", "ice"]}


def _light(*modes: str, **config: Any) -> Announced:
    topics: dict[str, Any] = {
        "schema": "json",
        "command_topic": "it/set",
        "state_topic": "it",
    }
    if modes:
        topics["supported_color_modes"] = list(modes)
    return announce("light", **{**topics, **config})


def _say(**values: Any) -> Say:
    return Say("it", {"state": "ON", **values})


_SAY: tuple[Step, ...] = (
    _say(),
    _say(brightness=100),
    _say(brightness=0),
    _say(brightness=12.6),
    _say(brightness=None),
    _say(brightness="x"),
    _say(brightness=1000),
    _say(color_mode="rgb", color={"r": 1, "g": 2, "b": 3}),
    _say(color_mode="rgb", color={"r": 1, "g": 2}),
    _say(color_mode="rgb", color={"r": "1", "g": 2.7, "b": True}),
    _say(color_mode="rgb"),
    _say(color_mode="rgbw", color={"r": 1, "g": 2, "b": 3, "w": 4}),
    _say(color_mode="rgbww", color={"r": 1, "g": 2, "b": 3, "c": 4, "w": 5}),
    _say(color_mode="hs", color={"h": 100, "s": 50.5}),
    _say(color_mode="hs", color={"h": 100}),
    _say(color_mode="hs", color={"h": "red", "s": 1}),
    _say(color_mode="xy", color={"x": 0.3, "y": 0.4}),
    _say(color_mode="xy", color=None),
    _say(color_mode="color_temp", color_temp=300),
    _say(color_mode="color_temp", color_temp="300"),
    _say(color_mode="color_temp"),
    _say(color_mode="white", brightness=20),
    _say(color_mode="onoff"),
    _say(color_mode="brightness"),
    _say(color_mode="nosuch"),
    _say(color_mode=None),
    _say(color={"r": 1, "g": 2, "b": 3}, color_temp=200),
    _say(effect="fire"),
    _say(effect="unheard of"),
    _say(effect=None),
    Say("it", {"state": "OFF", "brightness": 3}),
    Say("it", {"state": "on"}),
    Say("it", {"state": 1}),
    Say("it", {"state": None}),
    Say("it", {"brightness": 50}),
    Say("it", "ON"),
    Say("it", ""),
    Say("it", []),
    Say("it", {"state": "ON", "unheard_of": 1}),
)

_MODES: list[tuple[str, ...]] = [
    (),
    ("onoff",),
    ("brightness",),
    ("rgb",),
    ("rgbw",),
    ("rgbww",),
    ("hs",),
    ("xy",),
    ("color_temp",),
    ("color_temp", "hs"),
    ("rgb", "white"),
    ("rgb", "rgbw", "rgbww", "hs", "xy", "color_temp", "white"),
]

CASES = [
    *(
        Case(
            f"{' '.join(modes)} {name}, brightness {brightness}",
            _light(*modes, brightness=brightness, **config, **_EFFECTS),
            *(_SAY if name == "told" else ()),
            *_COLORS,
            *(_SAY if name == "optimistic" else ()),
        )
        for modes in _MODES
        for brightness in (True, False)
        for name, config in (
            ("told", {}),
            ("not told", {"state_topic": ...}),
            ("optimistic", {"optimistic": True}),
        )
    ),
    Case(
        "scales",
        _light("rgb", "white", brightness=True, brightness_scale=100, white_scale=10),
        _say(color_mode="rgb", color={"r": 1, "g": 2, "b": 3}, brightness=50),
        _say(brightness=1),
        _say(brightness=101),
        *_COLORS,
        Do("turn_on", white=1),
    ),
    Case(
        "kelvin",
        _light("color_temp", color_temp_kelvin=True, min_kelvin=2000, max_kelvin=6000),
        _say(color_mode="color_temp", color_temp=3000),
        _say(color_mode="color_temp", color_temp=9000),
        _say(color_mode="color_temp", color_temp=None),
        *_COLORS,
    ),
    Case("mireds", _light("color_temp", min_mireds=150, max_mireds=500), *_SAY, *_COLORS),
    Case("no flash", _light("rgb", flash=False, transition=False), *_COLORS),
    Case("flash times", _light("rgb", flash_time_long=7, flash_time_short=3),
         Do("turn_on", flash="long"), Do("turn_off", flash="short")),
    Case("no effects", _light("rgb", effect=False), *_SAY, *_COLORS),
    Case("effects without a list", _light("rgb", effect=True), *_SAY, *_COLORS),
    Case("no name", _light(name=...)),
    Case("loud schema", _light(schema="JSON"), _say()),
    Case("one mode", _light(supported_color_modes="hs"), *_SAY),
    Case("quality of service", _light("rgb", qos=1, retain=True), *_COLORS),
    Case("raw", _light("rgb", encoding=""), *_SAY),
    Case("latin-1", _light(encoding="latin-1", effect=True, effect_list=["ä"]),
         Say("it", '{"state": "ON", "effect": "ä"}'.encode("latin-1")),
         Do("turn_on", effect="ä")),
    Case(
        "attributes",
        _light("hs", json_attributes_topic="it"),
        _say(color_mode="hs", color={"h": 1, "s": 2}, linkquality=50),
    ),
    *(
        Case(
            f"restored: {mode} {name}",
            _light("hs", "rgb", "color_temp", brightness=True, **config, **_EFFECTS),
            restored=[
                Before(
                    "light.device_it",
                    "on",
                    {
                        "brightness": 50,
                        "color_mode": mode,
                        "hs_color": [10, 20],
                        "rgb_color": [10, 20, 30],
                        "color_temp_kelvin": 3000,
                        "effect": "fire",
                    },
                )
            ],
        )
        for name, config in (
            ("assumed", {"state_topic": ...}),
            ("optimistic", {"optimistic": True}),
            ("told", {}),
        )
        for mode in ("hs", "color_temp", "rgb", None)
    ),
    Case("changes", _light("hs"), _say(), Announce(_light("hs", icon="mdi:x"))),
    Case("modes that exclude each other", _light("rgb", "brightness"), refused=True),
    Case("white alone", _light("white"), refused=True),
    Case("unknown mode", _light("nosuch"), refused=True),
    Case("the same mode twice", _light("hs", "hs"), refused=True),
    Case("no command topic", _light(command_topic=...), refused=True),
]  # fmt: skip
