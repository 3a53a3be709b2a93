"""Numbers: every key of core's."""

from typing import Any

from ..case import Announce, Before, Case, Do, Say, announce

_TOPIC: dict[str, Any] = {"command_topic": "it/set", "state_topic": "it"}
_SAY = tuple(
    Say("it", each)
    for each in (
        "5", "5.0", "5.5", " 7 ", "-3", "1e1", "100", "100.1", "", " ", "x", "None",
        "12", "٣", "²", "1_0", "0x10", "inf", "unknown", "true", "9" * 400, "reset",
    )
)  # fmt: skip
_DO = tuple(Do("set_value", value=each) for each in (7, 7.0, 7.5, "8", 1000, -1))


def _number(**config: Any) -> dict[str, Any]:
    return announce("number", **{**_TOPIC, **config})


CASES = [
    Case("plain", _number(), *_SAY, *_DO),
    Case("no state topic", _number(state_topic=...), *_SAY, *_DO),
    Case("optimistic", _number(optimistic=True), *_SAY, *_DO),
    Case("range", _number(min=-10, max=1000.5, step=0.1), *_SAY, *_DO),
    Case("range as text", _number(min="-10", max="1e3", step="0.5"), *_SAY, *_DO),
    Case("range of one", _number(min=5, max=5), *_SAY, *_DO),
    Case("no range", _number(min=6, max=5), refused=True),
    Case("range is no number", _number(min="a"), refused=True),
    Case("large range", _number(min=-1e300, max=1e300), *_SAY),
    Case("small step", _number(step=0.001), *_DO),
    Case("step too small", _number(step=0.0001), refused=True),
    Case("step zero", _number(step=0), refused=True),
    *(Case(f"mode {mode}", _number(mode=mode)) for mode in ("auto", "box", "slider")),
    Case("wrong mode", _number(mode="Box"), refused=True),
    Case("reset", _number(payload_reset="reset"), *_SAY),
    Case("reset is a number", _number(payload_reset=5), *_SAY),
    Case("unit", _number(unit_of_measurement="km"), *_SAY, *_DO),
    Case("no unit", _number(unit_of_measurement=None), *_SAY),
    Case("empty unit", _number(unit_of_measurement=""), *_SAY),
    Case("ambiguous unit", _number(unit_of_measurement="\u00b5g/m³"), *_SAY),
    Case(
        "converted",
        _number(
            device_class="temperature",
            unit_of_measurement="°F",
            name=...,
            min=-100,
            max=300,
        ),
        *_SAY,
        *_DO,
    ),
    *(
        Case(f"class {kind}", _number(device_class=kind, name=...), *_SAY)
        for kind in ("power", "Power", "battery", None)
    ),
    Case("wrong class", _number(device_class="x"), refused=True),
    Case(
        "value template",
        _number(value_template="{{ value_json.v }}"),
        Say("it", {"v": 5}),
        Say("it", {"v": 5.25}),
        Say("it", {"v": None}),
        Say("it", {"v": ""}),
        Say("it", {"w": 5}),
        Say("it", [1]),
        Say("it", "7"),
    ),
    Case(
        "value template that uses the state",
        _number(value_template="{{ (this.state | float(0)) + (value | float) }}"),
        Say("it", "5"),
        Say("it", "6"),
    ),
    Case(
        "command template",
        _number(command_template='{"v": {{ value }}, "t": "{{ value | round(1) }}"}'),
        *_DO,
    ),
    Case(
        "command template of bytes",
        _number(command_template=r"b'\x0{{ value }}'"),
        *_DO,
    ),
    Case(
        "qos, retain, expiry",
        _number(qos=1, retain=True, message_expiry_interval={"minutes": 50}),
        *_DO,
    ),
    Case("encoding", _number(encoding="utf-16"), Say("it", "5".encode("utf-16")), *_DO),
    Case("raw", _number(encoding=""), Say("it", "5")),
    Case(
        "raw with a template",
        _number(encoding="", value_template="{{ value | length }}"),
        Say("it", b"\x00\xff"),
    ),
    Case("not text", _number(), Say("it", "5"), Say("it", b"\xff")),
    Case(
        "attributes",
        _number(json_attributes_topic="it/more"),
        Say("it/more", {"a": 1, "min": 2, "max": 3, "step": 4, "mode": 5, "icon": "x"}),
    ),
    *(
        Case(
            f"restored {name}",
            _number(**config),
            restored=[
                Before(
                    "number.device_it",
                    "12",
                    extra={
                        "native_max_value": 100.0,
                        "native_min_value": 0.0,
                        "native_step": 1.0,
                        "native_unit_of_measurement": None,
                        "native_value": 12.5,
                    },
                )
            ],
        )
        for name, config in (
            ("no state topic", {"state_topic": ...}),
            ("optimistic", {"optimistic": True}),
            ("told", {}),
            (
                "converted",
                {
                    "state_topic": ...,
                    "unit_of_measurement": "°F",
                    "device_class": "temperature",
                },
            ),
            ("out of range", {"state_topic": ..., "max": 10}),
        )
    ),
    Case(
        "restored without data",
        _number(state_topic=...),
        restored=[Before("number.device_it", "12")],
    ),
    Case("no command topic", _number(command_topic=...), refused=True),
    Case(
        "changes",
        _number(),
        Say("it", "5", retain=True),
        Announce(_number(max=50, mode="box", step=5, name="That")),
        Say("it", "55"),
        *_DO,
    ),
    Case(
        "changes of unit",
        _number(),
        Announce(_number(unit_of_measurement="W")),
        Say("it", "5"),
    ),
    Case(
        "changes of meaning",
        _number(),
        Say("it", "5", retain=True),
        Announce(_number(value_template="{{ value | float * 2 }}")),
        Announce(_number(state_topic="other")),
        Say("other", "9"),
    ),
]
