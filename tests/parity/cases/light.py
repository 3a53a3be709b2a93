"""Lights of the basic schema: every key of core's, every value, every command."""

from typing import Any

from ..case import Announce, Before, Case, Do, Say, announce

_TOPIC = {"command_topic": "it/set", "state_topic": "it"}
_ON = Say("it", "ON")
_OFF = Say("it", "OFF")


def _topics(*names: str, state: bool = True, **config: Any) -> dict[str, Any]:
    """Return topics (and templates that pass) for values of these names."""
    topics = {**_TOPIC}
    for name in names:
        topics[f"{name}_command_topic"] = f"it/{name}/set"
        if state:
            topics[f"{name}_state_topic"] = f"it/{name}"
    return {**topics, **config}


_COLORS = (
    Do("turn_on", rgb_color=[255, 128, 0]),
    Do("turn_on", rgb_color=[255, 128, 0], brightness=100),
    Do("turn_on", hs_color=[120, 50.5]),
    Do("turn_on", xy_color=[0.3, 0.6]),
    Do("turn_on", rgbw_color=[10, 20, 30, 40]),
    Do("turn_on", rgbww_color=[10, 20, 30, 40, 50], brightness=50),
    Do("turn_on", color_temp_kelvin=3000),
    Do("turn_on", color_name="red"),
    Do("turn_on", white=80),
    Do("turn_on", white=True),
    Do("turn_on", brightness=10),
    Do("turn_on", brightness_pct=1),
    Do("turn_on", brightness_step=20),
    Do("turn_on", brightness=0),
    Do("turn_on", effect="fire"),
    Do("turn_on", effect="water"),
    Do("turn_on", flash="short"),
    Do("turn_on", transition=2, profile="relax"),
    Do("turn_off", transition=2),
    Do("turn_off", flash="long"),
    Do("toggle"),
    Do("toggle"),
)
"""All that can be asked of a light; what it does not support is left out, or fails."""

_SAY_COLORS = (
    _ON,
    Say("it/brightness", "100"),
    Say("it/brightness", "0"),
    Say("it/brightness", "400"),
    Say("it/brightness", "12.6"),
    Say("it/brightness", ""),
    Say("it/brightness", "x"),
    Say("it/rgb", "255,128,0"),
    Say("it/rgb", "100,50,0"),
    Say("it/rgb", "0,0,0"),
    Say("it/rgb", "x"),
    Say("it/rgb", ""),
    Say("it/hs", "120.5,60"),
    Say("it/hs", "x,y"),
    Say("it/xy", "0.3,0.4"),
    Say("it/rgbw", "10,20,30,40"),
    Say("it/rgbw", "0,0,0,0"),
    Say("it/rgbww", "10,20,30,40,50"),
    Say("it/rgbww", "0,0,0,0,0"),
    Say("it/color_temp", "300"),
    Say("it/color_temp", ""),
    Say("it/effect", "fire"),
    Say("it/effect", "unheard of"),
    Say("it/effect", ""),
    Say("it/color_mode", "nosuch"),
    _OFF,
    Say("it/rgb", "1,2,3"),
    Say("it/brightness", "7"),
    _ON,
    Say("it", "None"),
)

_MODES = [
    ("on and off", []),
    ("brightness", ["brightness"]),
    ("rgb", ["rgb"]),
    ("rgb and brightness", ["rgb", "brightness"]),
    ("rgbw", ["rgbw"]),
    ("rgbw and brightness", ["rgbw", "brightness"]),
    ("rgbww", ["rgbww"]),
    ("rgbww and brightness", ["rgbww", "brightness"]),
    ("hs", ["hs"]),
    ("hs and brightness", ["hs", "brightness"]),
    ("xy", ["xy", "brightness"]),
    ("color_temp", ["color_temp"]),
    ("color_temp and brightness", ["color_temp", "brightness"]),
    ("effect", ["effect"]),
    ("color_temp and hs", ["color_temp", "hs", "brightness"]),
    (
        "all",
        [
            "brightness",
            "rgb",
            "rgbw",
            "rgbww",
            "hs",
            "xy",
            "color_temp",
            "effect",
            "white",
        ],
    ),
]
_NOT_TOLD: dict[str, Any] = {"state_topic": ...}
_EFFECTS: dict[str, Any] = {"effect_list": ["fire", "ice"]}


def _said(names: list[str]) -> tuple[Say, ...]:
    """Return what is said on the topics there are, and on ``it``."""
    topics = {"it", *(f"it/{name}" for name in names)}
    return tuple(each for each in _SAY_COLORS if each.topic in topics)


CASES = [
    *(
        Case(
            f"{name}: told",
            announce("light", **_topics(*names, **_EFFECTS)),
            *_said(names),
            *_COLORS,
        )
        for name, names in _MODES
        if names != ["white"]
    ),
    *(
        Case(
            f"{name}: nothing told",
            announce("light", **_topics(*names, state=False, state_topic=..., **_EFFECTS)),
            *_COLORS,
        )
        for name, names in _MODES
    ),
    *(
        Case(
            f"{name}: optimistic",
            announce("light", **_topics(*names, optimistic=True, **_EFFECTS)),
            _ON,
            *_COLORS,
            *_said(names),
        )
        for name, names in _MODES
    ),
    *(
        Case(
            f"on command {when}, {name}",
            announce("light", **_topics(*names, on_command_type=when, **_EFFECTS)),
            _ON,
            *_COLORS,
        )
        for when in ("first", "last", "brightness")
        for name, names in (
            ("rgb", ["rgb"]),
            ("brightness", ["brightness"]),
            ("white", ["rgb", "brightness", "white"]),
            ("nothing", []),
        )
    ),
    Case("wrong on command", announce("light", **_TOPIC, on_command_type="x"), refused=True),
    Case(
        "payloads",
        announce("light", **_TOPIC, payload_on="1", payload_off="0"),
        *(Say("it", said) for said in ("1", "ON", "0", "OFF", "1", "", "None")),
        Do("turn_on"),
        Do("turn_off"),
    ),
    Case(
        "color mode",
        announce(
            "light",
            **_topics("rgb", "hs", "color_temp", "brightness", "effect"),
            color_mode_state_topic="it/color_mode",
        ),
        _ON,
        *_SAY_COLORS,
        *(
            Say("it/color_mode", mode)
            for mode in ("rgb", "hs", "color_temp", "unknown", "", "nosuch")
        ),
        _ON,
        Do("turn_on", rgb_color=[1, 2, 3]),
        Say("it/effect", "fire"),
        Say("it/color_mode", "brightness"),
        Say("it/color_mode", "onoff"),
    ),
    Case(
        "color mode in a template",
        announce(
            "light",
            **_topics("rgb", "hs"),
            color_mode_state_topic="it/color_mode",
            color_mode_value_template="{{ value_json.mode }}",
        ),
        _ON,
        Say("it/color_mode", {"mode": "hs"}),
        Say("it/hs", "30,40"),
        Say("it/color_mode", {}),
        Say("it/color_mode", "no JSON"),
    ),
    Case(
        "scales",
        announce(
            "light",
            **_topics("brightness", "rgb", "white"),
            brightness_scale=100,
            white_scale=10,
        ),
        _ON,
        Say("it/rgb", "1,2,3"),
        Say("it/brightness", "50"),
        Say("it/brightness", "101"),
        Do("turn_on", brightness=255),
        Do("turn_on", brightness=128),
        Do("turn_on", brightness=1),
        Do("turn_on", white=255),
        Do("turn_on", white=1),
    ),
    Case("no scale", announce("light", **_TOPIC, brightness_scale=0), refused=True),
    Case(
        "kelvin",
        announce(
            "light",
            **_topics("color_temp"),
            color_temp_kelvin=True,
            min_kelvin=2000,
            max_kelvin=6000,
        ),
        _ON,
        Say("it/color_temp", "3000"),
        Say("it/color_temp", "9000"),
        Do("turn_on", color_temp_kelvin=4000),
        Do("turn_on", color_temp_kelvin=9000),
    ),
    Case(
        "mireds",
        announce("light", **_topics("color_temp"), min_mireds=150, max_mireds=500),
        _ON,
        Say("it/color_temp", "153"),
        Say("it/color_temp", "0"),
        Say("it/color_temp", "153.5"),
        Do("turn_on", color_temp_kelvin=4000),
    ),
    Case(
        "mireds win",
        announce(
            "light",
            **_topics("color_temp"),
            min_mireds=150,
            max_mireds=500,
            min_kelvin=1000,
            max_kelvin=1500,
        ),
    ),
    Case(
        "value templates",
        announce(
            "light",
            **{
                key: "it" if "state" in key else topic
                for key, topic in _topics(
                    "brightness", "rgb", "rgbw", "rgbww", "hs", "xy", "color_temp", "effect"
                ).items()
            },
            **{
                f"{name}_value_template": "{{ value_json." + name + " }}"
                for name in (
                    "brightness", "color_temp", "effect", "hs", "rgb", "rgbw", "rgbww",
                    "state", "xy",
                )
            },
            effect_list=["fire"],
        ),
        Say("it", {"state": "ON", "brightness": 50}),
        Say("it", {"state": "ON", "rgb": "255,0,0"}),
        Say("it", {"state": "ON", "hs": "100,50"}),
        Say("it", {"state": "ON", "xy": "0.1,0.5"}),
        Say("it", {"rgbw": "1,2,3,4"}),
        Say("it", {"rgbww": "1,2,3,4,5"}),
        Say("it", {"color_temp": 200}),
        Say("it", {"effect": "fire"}),
        Say("it", {"state": "OFF"}),
        Say("it", {"state": "None"}),
        Say("it", "no JSON"),
    ),
    Case(
        "value template that fails",
        announce(
            "light",
            **_topics("brightness"),
            brightness_value_template="{{ value_json.a.b }}",
            state_value_template="{{ value_json.a.b }}",
        ),
        Say("it", {}),
        Say("it/brightness", {}),
        Say("it", "ON"),
        Say("it/brightness", "50"),
        Say("it", {"a": {"b": "ON"}}),
        Say("it/brightness", {"a": {"b": 60}}),
    ),
    Case(
        "command templates",
        announce(
            "light",
            **_topics("brightness", "hs", "xy", "color_temp", "effect", "rgb", state=False),
            brightness_command_template="b{{ value }}",
            color_temp_command_template="c{{ value }}",
            effect_command_template="e{{ value }} {{ entity_id }}",
            hs_command_template="{{ hue }}/{{ sat }}/{{ value }}",
            rgb_command_template="{{ '#%02x%02x%02x' | format(red, green, blue) }}",
            xy_command_template="{{ x }} {{ y }} {{ value }}",
            effect_list=["fire"],
        ),
        *_COLORS,
    ),
    Case(
        "command templates of four and five channels",
        announce(
            "light",
            **_topics("rgbw", "rgbww"),
            rgbw_command_template="{{ red }} {{ green }} {{ blue }} {{ white }} {{ value }}",
            rgbww_command_template=(
                "{{ red }} {{ green }} {{ blue }} {{ cold_white }} {{ warm_white }}"
            ),
        ),
        *_COLORS,
    ),
    Case(
        "command template of bytes",
        announce("light", **_topics("rgb"), rgb_command_template=r"b'\xff{{ red }}'"),
        Do("turn_on", rgb_color=[1, 2, 3]),
    ),
    Case(
        "quality of service",
        announce(
            "light", **_topics("brightness"), qos=2, retain=True, message_expiry_interval=900
        ),
        Do("turn_on", brightness=50),
        Do("turn_off"),
    ),
    Case("raw command", announce("light", **_topics("brightness", "rgb"), encoding=""),
         _ON, Say("it/brightness", "50"), Say("it/rgb", "1,2,3"), Do("turn_on")),
    Case(
        "attributes",
        announce("light", **_topics("brightness"), json_attributes_topic="it/attributes"),
        _ON,
        Say("it/attributes", {"a": 1, "brightness": 5, "effect_list": [], "rgb_color": 1}),
    ),
    Case("no name", announce("light", **_TOPIC, name=...)),
    Case("no effect list", announce("light", **_topics("effect")), _ON, *_COLORS,
         Say("it/effect", "x")),
    Case("white alone", announce("light", **_topics("white")), refused=True),
    Case("white and temperature", announce("light", **_topics("white", "color_temp")),
         refused=True),
    Case("no command topic", announce("light", state_topic="it"), refused=True),
    Case("wrong schema", announce("light", **_TOPIC, schema="xml"), refused=True),
    Case("loud schema", announce("light", **_TOPIC, schema="BASIC"), _ON),
    *(
        Case(
            f"restored: {name}",
            announce(
                "light",
                **_topics(
                    "brightness", "rgb", "hs", "color_temp", "effect", "xy",
                    state=told,
                    **({} if told else _NOT_TOLD),
                ),
                effect_list=["fire"],
                optimistic=optimistic,
            ),
            _ON,
            restored=[
                Before(
                    "light.device_it",
                    "on",
                    {
                        "brightness": 50,
                        "color_mode": mode,
                        "hs_color": [10, 20],
                        "rgb_color": [10, 20, 30],
                        "xy_color": [0.1, 0.2],
                        "color_temp_kelvin": 3000,
                        "effect": "fire",
                    },
                )
            ],
        )
        for name, told, optimistic, mode in (
            ("assumed", False, False, "hs"),
            ("assumed rgb", False, False, "rgb"),
            ("optimistic", True, True, "color_temp"),
            ("told", True, False, "hs"),
        )
    ),
    Case(
        "changes",
        announce("light", **_topics("brightness")),
        _ON,
        Say("it/brightness", "50"),
        Announce(announce("light", **_topics("brightness"), icon="mdi:lamp")),
        Announce(announce("light", **_topics("brightness"), icon="mdi:lamp", name="L")),
        _OFF,
    ),
]  # fmt: skip
