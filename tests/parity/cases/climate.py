"""Climate devices: every key of core's."""

from typing import Any

from ..case import Announce, Announced, Before, Case, Do, Say, Step, announce

_TOPICS = {
    "fan_mode": "fan_mode",
    "mode": "mode",
    "preset_mode": "preset_mode",
    "swing_horizontal_mode": "swing_horizontal_mode",
    "swing_mode": "swing_mode",
    "target_humidity": "humidity",
    "temperature": "temperature",
    "temperature_high": "high",
    "temperature_low": "low",
}
_SENSORS: dict[str, Any] = {
    "action_topic": "it/action",
    "current_humidity_topic": "it/current_humidity",
    "current_temperature_topic": "it/current_temperature",
}
_RANGE = ("mode", "temperature", "temperature_high", "temperature_low")
_RANGE_MODES = ["off", "heat", "cool", "heat_cool", "auto"]


def _climate(
    *values: str, told: bool = True, commanded: bool = True, **config: Any
) -> Announced:
    topics: dict[str, Any] = {}
    for value in values:
        if commanded:
            topics[f"{value}_command_topic"] = f"it/{_TOPICS[value]}/set"
        if told:
            topics[f"{value}_state_topic"] = f"it/{_TOPICS[value]}"
    if "preset_mode" in values and commanded:
        topics["preset_modes"] = ["eco", "away"]
    return announce("climate", **{**topics, **config})


_COMMAND_TEMPLATES: dict[str, Any] = {
    f"{value}_command_template": value + " {{ value }} {{ entity_id }}"
    for value in _TOPICS
}
_NUMBERS = ("21.5", "20", "None", "", "x", "-3", "45")


def _numbers(topic: str) -> tuple[Say, ...]:
    return tuple(Say(topic, said) for said in _NUMBERS)


_SAY: tuple[Step, ...] = (
    *(Say("it/mode", said) for said in ("heat", "cool", "nosuch", "", "None", "auto")),
    *(Say("it/fan_mode", said) for said in ("high", "nosuch", "", "None", "low")),
    *(Say("it/swing_mode", said) for said in ("on", "nosuch", "", "None", "off")),
    *(Say("it/swing_horizontal_mode", said) for said in ("on", "x", "None", "off")),
    *(Say("it/preset_mode", said) for said in ("eco", "x", "", "none", "away", "None")),
    *(Say("it/action", said) for said in ("heating", "x", "", "None", "idle")),
    *_numbers("it/current_humidity"),
    *_numbers("it/current_temperature"),
    *_numbers("it/humidity"),
    *_numbers("it/temperature"),
    *_numbers("it/low"),
    *_numbers("it/high"),
    Say("it/temperature", "19"),
)
_DO: tuple[Step, ...] = (
    Do("turn_on"),
    Do("turn_off"),
    Do("toggle"),
    Do("set_hvac_mode", hvac_mode="cool"),
    Do("set_hvac_mode", hvac_mode="heat_cool"),
    Do("set_hvac_mode", hvac_mode="off"),
    Do("set_hvac_mode", hvac_mode="nosuch"),
    Do("set_temperature", temperature=22),
    Do("set_temperature", temperature=23.5, hvac_mode="heat"),
    Do("set_temperature", temperature=100),
    Do("set_temperature", target_temp_low=18, target_temp_high=25),
    Do("set_temperature", target_temp_low=18, target_temp_high=25, hvac_mode="cool"),
    Do("set_humidity", humidity=50),
    Do("set_humidity", humidity=5),
    Do("set_fan_mode", fan_mode="high"),
    Do("set_fan_mode", fan_mode="nosuch"),
    Do("set_swing_mode", swing_mode="on"),
    Do("set_swing_horizontal_mode", swing_horizontal_mode="on"),
    Do("set_preset_mode", preset_mode="eco"),
    Do("set_preset_mode", preset_mode="nosuch"),
    Do("set_preset_mode", preset_mode="none"),
    Do("turn_on"),
)
_DO_RANGE: tuple[Step, ...] = (
    Do("set_hvac_mode", hvac_mode="heat"),
    Do("set_temperature", temperature=22),
    Do("set_hvac_mode", hvac_mode="heat_cool"),
    Do("set_temperature", target_temp_low=18, target_temp_high=25),
    Do("set_hvac_mode", hvac_mode="cool"),
    Do("set_hvac_mode", hvac_mode="heat_cool"),
    Do("set_hvac_mode", hvac_mode="off"),
    Do("set_hvac_mode", hvac_mode="auto"),
    Do("set_temperature", temperature=20),
    Do("set_hvac_mode", hvac_mode="heat_cool"),
    Do("set_temperature", target_temp_low=15, target_temp_high=30, hvac_mode="heat"),
    Do("set_temperature", temperature=20, hvac_mode="heat_cool"),
)
_SAY_RANGE: tuple[Step, ...] = (
    Say("it/mode", "heat"),
    Say("it/temperature", "20"),
    Say("it/mode", "heat_cool"),
    Say("it/low", "18"),
    Say("it/high", "25"),
    Say("it/mode", "cool"),
    Say("it/temperature", "None"),
    Say("it/temperature", "24"),
    Say("it/low", "None"),
    Say("it/high", "26"),
)

CASES = [
    *(Case(f"{value}: told", _climate(value), *_SAY, *_DO) for value in _TOPICS),
    *(Case(f"{value}: not told", _climate(value, told=False), *_DO) for value in _TOPICS),
    *(
        Case(f"{value}: not commanded", _climate(value, commanded=False), *_SAY, *_DO)
        for value in _TOPICS
        if value != "target_humidity"
    ),
    Case("all", _climate(*_TOPICS, **_SENSORS), *_SAY, *_DO, *_SAY),
    Case("all: not told", _climate(*_TOPICS, told=False), *_DO),
    Case("all: optimistic", _climate(*_TOPICS, **_SENSORS, optimistic=True), *_DO, *_SAY, *_DO),
    Case("nothing", _climate(), *_DO),
    Case("sensors", _climate(**_SENSORS), *_SAY),
    *(
        Case(
            f"range and one temperature: {name}",
            _climate(*_RANGE, modes=_RANGE_MODES, told=told, optimistic=optimistic),
            *_DO_RANGE,
            *_SAY_RANGE,
            *_DO_RANGE,
        )
        for name, told, optimistic in (
            ("told", True, False),
            ("not told", False, False),
            ("optimistic", True, True),
        )
    ),
    Case(
        "range alone",
        _climate(*_RANGE, modes=["off", "heat_cool"], told=False),
        *_DO_RANGE,
    ),
    Case(
        "range of which one end is told",
        _climate(*_RANGE, modes=_RANGE_MODES, told=False, temperature_low_state_topic="it/low"),
        *_DO_RANGE,
        *_SAY_RANGE,
        *_DO_RANGE,
    ),
    *(
        Case(
            f"power: {name}",
            _climate("mode", power_command_topic="it/power/set", optimistic=optimistic),
            Do("turn_on"),
            Do("turn_off"),
            Say("it/mode", "heat"),
            Do("toggle"),
            Do("turn_off"),
        )
        for name, optimistic in (("told", False), ("optimistic", True))
    ),
    Case(
        "power payloads",
        _climate(
            power_command_topic="it/power/set",
            payload_on="1",
            payload_off="0",
            power_command_template="p {{ value }}",
        ),
        Do("turn_on"),
        Do("turn_off"),
    ),
    Case(
        "lists",
        _climate(
            *_TOPICS,
            modes=["off", "dry"],
            fan_modes=["a", "b"],
            swing_modes=["c", "d"],
            swing_horizontal_modes=["e", "f"],
            preset_modes=["g"],
        ),
        Say("it/mode", "dry"),
        Say("it/mode", "heat"),
        Say("it/fan_mode", "b"),
        Say("it/swing_mode", "d"),
        Say("it/swing_horizontal_mode", "f"),
        Say("it/preset_mode", "g"),
        *_DO,
    ),
    Case("no modes", _climate("mode", modes=[]), Say("it/mode", "heat"), *_DO),
    Case("one mode", _climate("mode", modes="heat"), Say("it/mode", "heat"), *_DO),
    Case("no presets", _climate("preset_mode", preset_modes=[]), *_SAY),
    Case(
        "limits",
        _climate(
            "temperature", "target_humidity",
            min_temp=10, max_temp=15.5, min_humidity=20, max_humidity=70.5,
            temp_step=0.5, precision=0.5, initial=12.3, **_SENSORS,
        ),
        *_SAY,
        *_DO,
    ),
    Case("initial", _climate(*_RANGE, told=False, initial=25), *_DO_RANGE),
    *(
        Case(
            f"unit {unit}, precision {precision}",
            _climate(*_RANGE, told=told, temperature_unit=unit, precision=precision, **_SENSORS),
            *_SAY,
            *_DO,
        )
        for unit in ("F", "C")
        for precision in (0.1, 1)
        for told in (precision == 1,)
    ),
    Case(
        "one template for all",
        _climate(*_TOPICS, **_SENSORS, value_template="{{ value_json.v }}"),
        Say("it/mode", {"v": "heat"}),
        Say("it/mode", {}),
        Say("it/temperature", {"v": 21}),
        Say("it/low", {"v": 20}),
        Say("it/current_temperature", {"v": 19.5}),
        Say("it/action", {"v": "heating"}),
        Say("it/preset_mode", {"v": "eco"}),
        Say("it/preset_mode", {}),
        Say("it/fan_mode", {"v": "high"}),
        Say("it/humidity", {"v": "x"}),
    ),
    Case(
        "templates",
        _climate(
            *_TOPICS,
            **_SENSORS,
            value_template="none of these",
            action_template="{{ value_json.a }}",
            current_humidity_template="{{ value_json.b }}",
            current_temperature_template="{{ value_json.c }}",
            fan_mode_state_template="{{ value_json.d }}",
            mode_state_template="{{ value_json.e }}",
            preset_mode_value_template="{{ value_json.f }}",
            swing_mode_state_template="{{ value_json.g }}",
            swing_horizontal_mode_state_template="{{ value_json.h }}",
            target_humidity_state_template="{{ value_json.i }}",
            temperature_state_template="{{ value_json.j }}",
            temperature_high_state_template="{{ value_json.k }}",
            temperature_low_state_template="{{ value_json.l }}",
            **_COMMAND_TEMPLATES,
        ),
        *(
            Say(topic, {"a": "idle", "b": 40, "c": 20, "d": "high", "e": "cool", "f": "eco",
                        "g": "on", "h": "on", "i": 41, "j": 22, "k": 23, "l": 19})
            for topic in (*_SENSORS.values(), *(f"it/{name}" for name in _TOPICS.values()))
        ),
        *_DO,
    ),
    Case(
        "template of a command without a topic",
        _climate("temperature", commanded=False, temperature_command_template="{{ 1 / 0 }}"),
        Do("set_temperature", temperature=20),
    ),
    Case("no name", _climate(name=...)),
    Case("quality of service", _climate(*_TOPICS, qos=1, retain=True), *_DO),
    Case("raw", _climate(*_TOPICS, **_SENSORS, encoding=""), *_SAY),
    Case(
        "attributes",
        _climate("mode", json_attributes_topic="it/more"),
        Say("it/more", {"a": 1, "temperature": 5, "hvac_modes": 5, "target_humidity_step": 5}),
    ),
    Case(
        "not restored",
        _climate("mode", "temperature", told=False),
        restored=[Before("climate.device_it", "heat", {"temperature": 25})],
    ),
    Case("changes", _climate("mode"), Say("it/mode", "heat"), Announce(_climate("mode", icon="mdi:x"))),
    Case("presets without a topic", _climate(preset_modes=["a"]), refused=True),
    Case("a topic without presets", _climate("preset_mode", preset_modes=...), refused=True),
    Case("preset none", _climate("preset_mode", preset_modes=["none"]), refused=True),
    Case("humidities", _climate(min_humidity=50, max_humidity=50), refused=True),
    Case("too humid", _climate(max_humidity=101), refused=True),
    Case("humidity that is not commanded", _climate("target_humidity", commanded=False), refused=True),
    Case("wrong precision", _climate(precision=0.2), refused=True),
    Case("wrong unit", _climate(temperature_unit="K"), refused=True),
]  # fmt: skip
