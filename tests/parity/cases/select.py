"""Selects: every key of core's."""

from typing import Any

from ..case import Announce, Before, Case, Do, Say, announce

_TOPIC: dict[str, Any] = {
    "command_topic": "it/set",
    "state_topic": "it",
    "options": ["eco", "boost", "Off"],
}
_SAY = tuple(
    Say("it", each)
    for each in ("eco", "boost", "off", "Off", "", " ", "None", "eco", "NONE", "x", "1")
)
_DO = (
    *(Do("select_option", option=each) for each in ("eco", "boost", "off", "Off")),
    Do("select_first"),
    Do("select_next"),
    Do("select_last"),
)


def _select(**config: Any) -> dict[str, Any]:
    return announce("select", **{**_TOPIC, **config})


CASES = [
    Case("plain", _select(), *_SAY, *_DO),
    Case("no state topic", _select(state_topic=...), *_SAY, *_DO),
    Case("optimistic", _select(optimistic=True), *_SAY, *_DO),
    Case("one option", _select(options="eco"), *_SAY, *_DO),
    Case("no options", _select(options=[]), *_SAY),
    Case("numbers", _select(options=[1, 2]), *_SAY),
    Case(
        "option none",
        _select(options=["none", "eco"]),
        *_SAY,
        Do("select_option", option="none"),
    ),
    Case(
        "empty option",
        _select(options=["", "eco"]),
        *_SAY,
        Do("select_option", option=""),
    ),
    Case("no options key", _select(options=...), refused=True),
    Case(
        "value template",
        _select(value_template="{{ value_json.v }}"),
        Say("it", {"v": "eco"}),
        Say("it", {"v": None}),
        Say("it", {"v": "eco"}),
        Say("it", {"w": 1}),
        Say("it", "eco"),
        Say("it", {"v": "x"}),
    ),
    Case(
        "value template maps",
        _select(value_template="{{ {'1': 'eco', '2': 'boost'}.get(value) }}"),
        *(Say("it", each) for each in ("1", "2", "3")),
    ),
    Case(
        "command template",
        _select(command_template='{"mode": "{{ value | lower }}"}'),
        *_DO,
    ),
    Case(
        "qos, retain, expiry",
        _select(qos=2, retain=True, message_expiry_interval=100),
        *_DO,
    ),
    Case(
        "encoding",
        _select(encoding="latin-1", options=["ä", "ö"]),
        Say("it", b"\xe4"),
        Do("select_option", option="ö"),
    ),
    Case("raw", _select(encoding=""), Say("it", "eco")),
    Case("not text", _select(), Say("it", "eco"), Say("it", b"\xff")),
    Case(
        "attributes",
        _select(json_attributes_topic="it/more"),
        Say("it/more", {"a": 1, "options": 2}),
    ),
    *(
        Case(
            f"restored {name}",
            _select(**config),
            restored=[Before("select.device_it", state)],
        )
        for name, state, config in (
            ("no state topic", "boost", {"state_topic": ...}),
            ("optimistic", "boost", {"optimistic": True}),
            ("told", "boost", {}),
            ("no option any more", "gone", {"state_topic": ...}),
            ("unavailable", "unavailable", {"state_topic": ...}),
        )
    ),
    Case("no command topic", _select(command_topic=...), refused=True),
    Case(
        "changes",
        _select(),
        Say("it", "eco", retain=True),
        Announce(_select(options=["boost"])),
        Announce(_select(options=["eco", "dry"])),
        Do("select_option", option="dry"),
    ),
    Case(
        "changes of meaning",
        _select(),
        Say("it", "eco"),
        Announce(_select(state_topic="other")),
        Say("other", "boost"),
    ),
]
