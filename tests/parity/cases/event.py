"""Events: every key of core's."""

from typing import Any

from ..case import Announce, Before, Case, Say, announce

_TOPIC: dict[str, Any] = {"state_topic": "it", "event_types": ["press", "hold"]}
_SAY = tuple(
    Say("it", each)
    for each in (
        {"event_type": "press"},
        {"event_type": "press", "by": "me", "n": 1},
        {"event_type": "press", "by": "me", "n": 1},
        {"event_type": "hold"},
        {"event_type": "other"},
        {"type": "press"},
        {},
        [],
        ["press"],
        "press",
        "",
        " ",
        "None",
        "null",
        "{}",
        {"event_type": None},
        {"event_type": 1},
        {"event_type": "press", "event_types": [], "device_class": "x", "icon": "y"},
    )
)


def _event(**config: Any) -> dict[str, Any]:
    return announce("event", **{**_TOPIC, **config})


CASES = [
    Case("plain", _event(), *_SAY),
    Case("one type", _event(event_types="press"), *_SAY),
    Case("numbers", _event(event_types=[1, "press"]), *_SAY),
    Case("no types", _event(event_types=[]), *_SAY),
    Case("no types key", _event(event_types=...), refused=True),
    *(
        Case(f"class {kind}", _event(device_class=kind, name=...), *_SAY[:2])
        for kind in ("button", "Motion", "doorbell")
    ),
    Case("class none", _event(device_class=None), refused=True),
    Case("wrong class", _event(device_class="x"), refused=True),
    Case(
        "retained",
        _event(),
        Say("it", {"event_type": "press"}, retain=True),
        Announce(_event(name="That")),
        Announce(_event(qos=1)),
        Say("it", {"event_type": "press"}),
    ),
    Case(
        "value template",
        _event(
            value_template='{ {% for key in value_json %}{% if key == "b" %}"event_type": "{{ value_json[key] }}"{% endif %}{% endfor %} }'
        ),
        Say("it", {"b": "press"}),
        Say("it", {"b": "other"}),
        Say("it", {"a": "press"}),
    ),
    Case(
        "value template of text",
        _event(
            value_template='{"event_type": "{{ value }}", "length": {{ value | length }}}'
        ),
        Say("it", "press"),
        Say("it", "hold"),
        Say("it", "x"),
    ),
    Case(
        "value template fails",
        _event(value_template="{{ value_json.a.b }}"),
        Say("it", {"event_type": "press"}),
        Say("it", {"a": {"b": {"event_type": "press"}}}),
        Say("it", "x"),
    ),
    Case(
        "encoding",
        _event(encoding="utf-16"),
        Say("it", '{"event_type": "press"}'.encode("utf-16")),
    ),
    Case("raw", _event(encoding=""), *_SAY),
    Case("not text", _event(), Say("it", b"\xff")),
    Case(
        "attributes",
        _event(json_attributes_topic="it/more"),
        Say("it/more", {"a": 1, "event_type": 2, "event_types": 3}),
        *_SAY[:2],
    ),
    Case(
        "same topic for all",
        _event(
            json_attributes_topic="it",
            availability_topic="it",
            availability_template="{{ 'online' if value_json.event_type is defined else 'offline' }}",
        ),
        *_SAY[:6],
    ),
    Case(
        "restored",
        _event(),
        restored=[
            Before(
                "event.device_it",
                "2026-01-01T00:00:00.000+00:00",
                {"event_type": "press"},
                {"last_event_type": "press", "last_event_attributes": {"by": "me"}},
            )
        ],
    ),
    Case("no state topic", _event(state_topic=...), refused=True),
    Case(
        "changes",
        _event(),
        *_SAY[:2],
        Announce(_event(event_types=["hold", "other"])),
        *_SAY[:5],
        Announce(_event(state_topic="other")),
        Say("other", {"event_type": "hold"}),
    ),
]
