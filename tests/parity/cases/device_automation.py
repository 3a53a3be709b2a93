"""Device triggers: every key of core's, and the automations that people make of them."""

from typing import Any

from ..case import (
    DEVICE,
    Announce,
    Announced,
    Automate,
    Case,
    Say,
    announce,
    announce_device,
)

_PRESS: dict[str, Any] = {
    "automation_type": "trigger",
    "type": "button_short_press",
    "subtype": "button_1",
    "topic": "it",
    "payload": "press",
}
_AUTOMATE = Automate("button_short_press", "button_1")
_SAY = tuple(
    Say("it", each)
    for each in (
        "press",
        "hold",
        "",
        " press ",
        {"action": "press"},
        {"action": "hold"},
        {"a": 1},
        "[1, 2]",
        "5",
        "None",
        b"\xff",
    )
)


def _trigger(object_id: str = "it", /, **config: Any) -> Announced:
    return announce(
        "device_automation",
        object_id,
        **{"name": ..., "unique_id": ..., **_PRESS, **config},
    )


def _device(**components: dict[str, Any]) -> Announced:
    return announce_device(components)


_OF_DEVICE = {"platform": "device_automation", **_PRESS}
_SENSOR = {"platform": "sensor", "unique_id": "s", "state_topic": "it", "name": "S"}

CASES = [
    Case("plain", _trigger(), _AUTOMATE, *_SAY),
    Case("any payload", _trigger(payload=...), _AUTOMATE, *_SAY),
    Case("payload none", _trigger(payload=None), _AUTOMATE, *_SAY),
    Case("payload empty", _trigger(payload=""), _AUTOMATE, *_SAY),
    Case("payload number", _trigger(payload=5), _AUTOMATE, *_SAY),
    Case("payload template", _trigger(payload="{{ 'pre' }}ss"), _AUTOMATE, *_SAY),
    Case("payload bytes", _trigger(payload="b'press'"), _AUTOMATE, *_SAY),
    *(
        Case(
            f"value template {number}", _trigger(value_template=each), _AUTOMATE, *_SAY
        )
        for number, each in enumerate(
            (
                "{{ value_json.action }}",
                "{{ value_json.action.x.y }}",
                "{{ value | upper }}",
                "press",
                "{{ value_json.action | default('press') }}",
                "{% if value == 'hold' %}press{% endif %}",
                "",
                None,
            )
        )
    ),
    Case(
        "value template without payload",
        _trigger(payload=..., value_template="{{ value_json.action }}"),
        _AUTOMATE,
        *_SAY,
    ),
    Case("wildcard", _trigger(topic="it/+"), _AUTOMATE, Say("it/a", "press")),
    Case("qos", _trigger(qos=2), _AUTOMATE, Say("it", "press", qos=2)),
    Case("encoding is ignored", _trigger(encoding="utf-16"), _AUTOMATE, *_SAY[:2]),
    Case("more keys", _trigger(name="It", unique_id="it", icon="x", new=[1])),
    Case("origin", _trigger(origin={"name": "o"})),
    Case("numbers", _trigger(type=1, subtype=2), Automate("1", "2"), *_SAY[:2]),
    Case(
        "short keys",
        {
            "device_automation/it": {
                "atype": "trigger",
                "type": "button_short_press",
                "stype": "button_1",
                "t": "~/press",
                "~": "it",
                "pl": "press",
                "dev": {"ids": "dev"},
            }
        },
        _AUTOMATE,
        Say("it/press", "press"),
    ),
    # --- what is none ----------------------------------------------------------------
    *(
        Case(f"without {key}", _trigger(**{key: ...}), refused=True)
        for key in ("automation_type", "type", "subtype", "topic", "device")
    ),
    *(
        Case(f"wrong {key}", _trigger(**{key: value}), refused=True)
        for key, value in (
            ("automation_type", "action"),
            ("type", None),
            ("subtype", [1]),
            ("qos", 3),
            ("device", {}),
        )
    ),
    # --- several, and changes ----------------------------------------------------------
    Case(
        "two of a device",
        {**_trigger(), **_trigger("other", subtype="button_2", payload="hold")},
        _AUTOMATE,
        Automate("button_short_press", "button_2"),
        *_SAY[:2],
        Announce({"device_automation/it": ""}),
        *_SAY[:2],
    ),
    Case(
        "two of a name",
        {**_trigger(), **_trigger("other", payload="hold")},
        _AUTOMATE,
        *_SAY[:2],
    ),
    Case(
        "automation first",
        announce("sensor", state_topic="s"),
        _AUTOMATE,
        *_SAY[:1],
        Announce(_trigger()),
        *_SAY[:2],
    ),
    Case(
        "comes and goes",
        _trigger(),
        Announce(announce("sensor", state_topic="s")),
        _AUTOMATE,
        Announce({"device_automation/it": ""}),
        *_SAY[:1],
        Announce(_trigger(topic="other")),
        *_SAY[:1],
        Say("other", "press"),
    ),
    Case(
        "changes topic",
        _trigger(),
        _AUTOMATE,
        Announce(_trigger(topic="other", payload="hold")),
        *_SAY[:2],
        Say("other", "press"),
        Say("other", "hold"),
    ),
    Case(
        "changes payload",
        _trigger(),
        _AUTOMATE,
        Announce(_trigger(payload="hold")),
        *_SAY[:2],
    ),
    Case(
        "changes name",
        _trigger(),
        _AUTOMATE,
        Announce(_trigger(subtype="button_2")),
        *_SAY[:2],
    ),
    Case(
        "changes device",
        _trigger(),
        Announce(_trigger(device={**DEVICE, "model": "M", "name": "New"})),
        _AUTOMATE,
        *_SAY[:2],
    ),
    Case("same again", _trigger(), _AUTOMATE, Announce(_trigger()), *_SAY[:2]),
    Case(
        "retained",
        _trigger(),
        Say("it", "press", retain=True),
        _AUTOMATE,
        Say("it", "press"),
    ),
    # --- device announcements ----------------------------------------------------------
    Case("of a device", _device(press=_OF_DEVICE), _AUTOMATE, *_SAY[:2]),
    Case(
        "of a device with a sensor",
        _device(press=_OF_DEVICE, s=_SENSOR),
        _AUTOMATE,
        *_SAY[:2],
        Announce(_device(press={**_OF_DEVICE, "topic": "new"}, s=_SENSOR)),
        Say("new", "press"),
        Announce(_device(press={"platform": "device_automation"}, s=_SENSOR)),
        Say("new", "press"),
        Announce(_device(press=_OF_DEVICE, s=_SENSOR)),
        *_SAY[:2],
    ),
    Case(
        "migrates",
        _trigger("press"),
        _AUTOMATE,
        Announce({"device_automation/press": {"migrate_discovery": True}}),
        Announce(_device(press=_OF_DEVICE)),
        Announce({"device_automation/press": ""}),
        *_SAY[:2],
    ),
]
