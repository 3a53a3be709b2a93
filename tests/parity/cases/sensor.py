"""Sensors: every key of core's."""

from typing import Any

from ..case import Announce, Before, Case, Say, announce

_SAY = tuple(
    Say("it", each)
    for each in (
        "5", "5.50", "", " ", "x", "None", "-1", "1e3", "true", "a", "b",
        "2026-01-02", "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05", "z" * 256,
    )
)  # fmt: skip


def _sensor(**config: Any) -> dict[str, Any]:
    return announce("sensor", **{"state_topic": "it", **config})


CASES = [
    Case("plain", _sensor(), *_SAY),
    Case("unit", _sensor(unit_of_measurement="W"), *_SAY),
    Case("no unit", _sensor(unit_of_measurement=None), *_SAY),
    Case("blank unit", _sensor(unit_of_measurement=" "), *_SAY),
    Case("state class", _sensor(state_class="measurement"), *_SAY),
    Case("state class none", _sensor(state_class=None), *_SAY),
    Case("wrong state class", _sensor(state_class="x"), refused=True),
    *(
        Case(
            f"class {kind} in {unit}",
            _sensor(device_class=kind, unit_of_measurement=unit, name=...),
            *_SAY,
        )
        for kind, unit in (
            ("temperature", "°F"),
            ("temperature", "°C"),
            ("Power", "kW"),
            ("energy", "kWh"),
            ("battery", "%"),
            ("date", ...),
            ("timestamp", ...),
            ("enum", ...),
            (None, ...),
            ("pm25", "\u00b5g/m³"),
        )
    ),
    Case("class without a unit", _sensor(device_class="temperature"), *_SAY),
    Case("wrong class", _sensor(device_class="x"), refused=True),
    Case(
        "class and unit that don't fit",
        _sensor(device_class="temperature", unit_of_measurement="W"),
        refused=True,
    ),
    Case("options", _sensor(device_class="enum", options=["a", "b"]), *_SAY),
    Case("options without a class", _sensor(options=["a"]), refused=True),
    Case("no options", _sensor(device_class="enum", options=[]), refused=True),
    Case(
        "precision",
        _sensor(suggested_display_precision=1, unit_of_measurement="W"),
        *_SAY,
    ),
    Case("force update", _sensor(force_update=True), *_SAY),
    Case(
        "total",
        _sensor(
            state_class="total_increasing",
            device_class="energy",
            unit_of_measurement="kWh",
        ),
        *_SAY[:3],
    ),
    Case(
        "last reset",
        _sensor(
            state_class="total",
            value_template="{{ value_json.v }}",
            last_reset_value_template="{{ value_json.r }}",
        ),
        Say("it", {"v": 1, "r": "2026-01-02T03:04:05+00:00"}),
        Say("it", {"v": 2, "r": "x"}),
        Say("it", {"v": 3}),
    ),
    Case(
        "last reset without total", _sensor(last_reset_value_template="x"), refused=True
    ),
    Case(
        "value template",
        _sensor(value_template="{{ value_json.a.b[0] | round(1) }}"),
        Say("it", {"a": {"b": [1.25]}}),
        Say("it", {"a": {}}),
        Say("it", {"a": {"b": ["x"]}}),
        Say("it", "x"),
    ),
    Case(
        "value template with its own state",
        _sensor(
            value_template="{{ this.state ~ '/' ~ value ~ '/' ~ entity_id ~ '/' ~ name }}"
        ),
        Say("it", "1"),
        Say("it", "2"),
    ),
    Case(
        "raw with a template",
        _sensor(encoding="", value_template="{{ value | unpack('>H') }}"),
        Say("it", b"\x01\x02"),
    ),
    Case("not text", _sensor(), Say("it", "1"), Say("it", b"\xff")),
    Case(
        "restored",
        _sensor(expire_after=1000, unit_of_measurement="W"),
        restored=[
            Before(
                "sensor.device_it",
                "5",
                extra={"native_value": 5, "native_unit_of_measurement": "W"},
            )
        ],
    ),
    Case(
        "not restored",
        _sensor(),
        restored=[
            Before(
                "sensor.device_it",
                "5",
                extra={"native_value": 5, "native_unit_of_measurement": None},
            )
        ],
    ),
    Case("no state topic", _sensor(state_topic=...), refused=True),
    Case(
        "changes",
        _sensor(),
        Say("it", "5", retain=True),
        Announce(_sensor(force_update=True, name="That")),
        Say("it", "6"),
    ),
    Case(
        "changes of unit",
        _sensor(unit_of_measurement="W"),
        Announce(_sensor(unit_of_measurement="kW")),
        Say("it", "6"),
    ),
]
