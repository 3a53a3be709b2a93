"""Fans: every key of core's."""

from typing import Any

from ..case import Announce, Announced, Case, Do, Say, announce

_VALUES = ("percentage", "preset_mode", "oscillation", "direction")
_MODES: dict[str, Any] = {"preset_modes": ["auto", "eco", "whoosh"]}


def _fan(*values: str, told: bool = True, **config: Any) -> Announced:
    topics: dict[str, Any] = {"command_topic": "it/set"}
    if told:
        topics["state_topic"] = "it"
    for value in values:
        topics[f"{value}_command_topic"] = f"it/{value}/set"
        if told:
            topics[f"{value}_state_topic"] = f"it/{value}"
    if "preset_mode" in values:
        topics |= _MODES
    return announce("fan", **{**topics, **config})


_SAY = (
    *(Say("it", said) for said in ("ON", "OFF", "on", "", "None", "ON")),
    *(
        Say("it/percentage", said)
        for said in ("50", "0", "100", "101", "-1", "x", "", "1.5", "None", "33")
    ),
    *(Say("it/preset_mode", said) for said in ("auto", "nosuch", "", "None", "eco")),
    *(
        Say("it/oscillation", said)
        for said in ("oscillate_on", "x", "", "oscillate_off", "oscillate_on")
    ),
    *(Say("it/direction", said) for said in ("forward", "", "sideways", "reverse")),
    Say("it", "OFF"),
)
_DO = (
    Do("turn_on"),
    Do("turn_on", percentage=30),
    Do("turn_on", preset_mode="eco"),
    Do("turn_on", percentage=0),
    Do("turn_on", preset_mode="nosuch"),
    Do("turn_off"),
    Do("toggle"),
    Do("set_percentage", percentage=1),
    Do("set_percentage", percentage=50),
    Do("set_percentage", percentage=100),
    Do("increase_speed"),
    Do("decrease_speed"),
    Do("decrease_speed", percentage_step=40),
    Do("set_percentage", percentage=0),
    Do("set_preset_mode", preset_mode="auto"),
    Do("set_preset_mode", preset_mode="nosuch"),
    Do("oscillate", oscillating=True),
    Do("oscillate", oscillating=False),
    Do("set_direction", direction="reverse"),
    Do("set_direction", direction="forward"),
)

CASES = [
    *(
        Case(f"{value}: told", _fan(value), *_SAY, *_DO)
        for value in _VALUES
    ),
    *(
        Case(f"{value}: not told", _fan(value, told=False), *_DO)
        for value in _VALUES
    ),
    Case("on and off", _fan(), *_SAY, *_DO),
    Case("on and off, not told", _fan(told=False), *_DO),
    Case("all", _fan(*_VALUES), *_SAY, *_DO, *_SAY),
    Case("all: not told", _fan(*_VALUES, told=False), *_DO),
    Case("all: optimistic", _fan(*_VALUES, optimistic=True), *_DO, *_SAY, *_DO),
    *(
        Case(
            f"speeds from {low} to {high}",
            _fan("percentage", speed_range_min=low, speed_range_max=high),
            *(Say("it/percentage", f"{speed}") for speed in (low - 1, low, low + 1, high, high + 1)),
            *_DO,
        )
        for low, high in ((1, 3), (1, 255), (10, 20), (5, 6))
    ),
    Case(
        "payloads",
        _fan(
            *_VALUES,
            payload_on="1", payload_off="0",
            payload_oscillation_on="o1", payload_oscillation_off="o0",
            payload_reset_percentage="p?", payload_reset_preset_mode="m?",
        ),
        Say("it", "1"), Say("it/oscillation", "o1"), Say("it/percentage", "20"),
        Say("it/preset_mode", "eco"), Say("it/percentage", "p?"), Say("it/preset_mode", "m?"),
        Say("it/oscillation", "o0"), Say("it", "0"),
        *_SAY,
        *_DO,
    ),
    Case(
        "empty payload for reset",
        _fan(*_VALUES, payload_reset_percentage="", payload_reset_preset_mode=""),
        *_SAY,
    ),
    Case(
        "templates",
        _fan(
            *_VALUES,
            state_value_template="{{ value_json.v }}",
            percentage_value_template="{{ value_json.v }}",
            preset_mode_value_template="{{ value_json.v }}",
            oscillation_value_template="{{ value_json.v }}",
            direction_value_template="{{ value_json.v }}",
            command_template="s {{ value }}",
            percentage_command_template="p {{ value }}",
            preset_mode_command_template="m {{ value }}",
            oscillation_command_template="o {{ value }}",
            direction_command_template="d {{ value }}",
        ),
        Say("it", {"v": "ON"}),
        Say("it/percentage", {"v": 20}),
        Say("it/preset_mode", {"v": "eco"}),
        Say("it/oscillation", {"v": "oscillate_on"}),
        Say("it/direction", {"v": "reverse"}),
        *(Say(f"it/{value}", {}) for value in _VALUES),
        *_SAY,
        *_DO,
    ),
    Case("no name", _fan(name=...)),
    Case("quality of service", _fan(*_VALUES, qos=1, retain=True), *_DO),
    Case("raw", _fan(*_VALUES, encoding=""), *_SAY),
    Case(
        "attributes",
        _fan(json_attributes_topic="it/more"),
        Say("it/more", {"a": 1, "percentage": 5, "preset_modes": 5, "direction": 5}),
    ),
    Case("changes", _fan(*_VALUES), *_SAY, Announce(_fan(*_VALUES, icon="mdi:x"))),
    Case("one preset mode", _fan("preset_mode", preset_modes="auto"), *_SAY, *_DO),
    Case("no preset modes", _fan("preset_mode", preset_modes=[]), *_SAY, *_DO),
    Case("no command topic", _fan(command_topic=...), refused=True),
    Case("modes without a topic", _fan(**_MODES), refused=True),
    Case("a topic without modes", _fan("preset_mode", preset_modes=...), refused=True),
    Case("mode that resets", _fan("preset_mode", preset_modes=["None"]), refused=True),
    Case("speeds from 0", _fan(speed_range_min=0), refused=True),
    Case("no speeds", _fan(speed_range_min=5, speed_range_max=5), refused=True),
]  # fmt: skip
