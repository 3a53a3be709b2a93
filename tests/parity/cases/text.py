"""Texts: every key of core's."""

from typing import Any

from ..case import Announce, Before, Case, Do, Say, announce

_TOPIC: dict[str, Any] = {"command_topic": "it/set", "state_topic": "it"}
_SAY = tuple(
    Say("it", each)
    for each in ("hello", "", " x ", "None", "ab", "abc123", "ä€", "x" * 255, "y" * 256)
)
_DO = tuple(
    Do("set_value", value=each) for each in ("hello", "", "ab", "abc123", "x" * 255)
)


def _text(**config: Any) -> dict[str, Any]:
    return announce("text", **{**_TOPIC, **config})


CASES = [
    Case("plain", _text(), *_SAY, *_DO),
    Case("no state topic", _text(state_topic=...), *_SAY, *_DO),
    Case("optimistic", _text(optimistic=True), *_SAY, *_DO),
    Case("lengths", _text(min=2, max=5), *_SAY, *_DO),
    Case("lengths as text", _text(min="2", max="5"), *_SAY),
    Case("no length", _text(min=5, max=4), refused=True),
    Case("too long", _text(max=256), refused=True),
    Case("negative length", _text(min=-1), refused=True),
    Case("pattern", _text(pattern="[a-z]+"), *_SAY, *_DO),
    Case("pattern to the end", _text(pattern="^[a-z]{2}$"), *_SAY, *_DO),
    Case("no pattern", _text(pattern="("), refused=True),
    Case("mode text", _text(mode="text"), *_SAY),
    Case("mode password", _text(mode="password"), *_SAY),
    Case("wrong mode", _text(mode="x"), refused=True),
    Case(
        "value template",
        _text(value_template="{{ value_json.v }}"),
        Say("it", {"v": "hello"}),
        Say("it", {"v": None}),
        Say("it", {"v": ""}),
        Say("it", {"w": 1}),
        Say("it", "plain"),
    ),
    Case(
        "command template",
        _text(command_template='{"text": {{ value | tojson }}}'),
        *_DO,
    ),
    Case(
        "qos, retain, expiry",
        _text(qos=1, retain=True, message_expiry_interval=100),
        *_DO,
    ),
    Case(
        "encoding",
        _text(encoding="latin-1"),
        Say("it", b"\xe4"),
        Do("set_value", value="ö"),
    ),
    Case("raw", _text(encoding=""), Say("it", "eco")),
    Case("not text", _text(), Say("it", "eco"), Say("it", b"\xff")),
    Case(
        "attributes",
        _text(json_attributes_topic="it/more"),
        Say("it/more", {"a": 1, "min": 2, "max": 3, "mode": 4, "pattern": 5}),
    ),
    Case(
        "not restored",
        _text(state_topic=...),
        restored=[Before("text.device_it", "hello")],
    ),
    Case("no command topic", _text(command_topic=...), refused=True),
    Case(
        "changes",
        _text(),
        Say("it", "hello", retain=True),
        Announce(_text(max=10)),
        Do("set_value", value="x" * 11),
        Announce(_text(mode="password", icon="mdi:x")),
    ),
    Case(
        "changes of meaning",
        _text(),
        Say("it", "hello", retain=True),
        Announce(_text(value_template="{{ value | upper }}")),
        Announce(_text(state_topic="other")),
        Say("other", "there"),
    ),
]
