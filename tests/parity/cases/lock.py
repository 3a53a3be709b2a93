"""Locks: every key of core's."""

from typing import Any

from ..case import Announce, Announced, Before, Case, Do, Say, announce


def _lock(**config: Any) -> Announced:
    return announce(
        "lock", **{"command_topic": "it/set", "state_topic": "it", **config}
    )


_SAY = tuple(
    Say("it", said)
    for said in (
        "LOCKED", "UNLOCKING", "UNLOCKED", "OPENING", "OPEN", "LOCKING", "JAMMED",
        "locked", "", " ", "None", "LOCKED",
    )
)  # fmt: skip
_DO = (
    Do("lock"),
    Do("unlock"),
    Do("open"),
    Do("lock", code="1234"),
    Do("unlock", code="abc"),
    Do("open", code="1234"),
)

CASES = [
    Case("told", _lock(), *_SAY, *_DO),
    Case("told, with a latch", _lock(payload_open="OPEN"), *_SAY, *_DO),
    Case("not told", _lock(state_topic=...), *_DO),
    Case("not told, with a latch", _lock(state_topic=..., payload_open="OPEN"), *_DO, *_DO),
    Case("optimistic", _lock(optimistic=True, payload_open="OPEN"), *_DO, *_SAY, *_DO),
    Case(
        "payloads",
        _lock(payload_lock="1", payload_unlock="0", payload_open="2", payload_reset="?"),
        *_DO,
        Say("it", "LOCKED"),
        Say("it", "None"),
        Say("it", "?"),
    ),
    Case(
        "states",
        _lock(
            state_locked="l", state_locking="li", state_unlocked="u", state_unlocking="ui",
            state_open="o", state_opening="oi", state_jammed="j",
        ),
        *(Say("it", said) for said in ("l", "ui", "u", "oi", "o", "li", "j", "None")),
        *_SAY,
    ),
    Case(
        "equal states",
        _lock(state_locked="x", state_locking="x", state_unlocked="y", state_jammed="y"),
        Say("it", "x"),
        Say("it", "y"),
    ),
    Case("code", _lock(code_format="^\\d{4}$", command_template="{{ value }}:{{ code }}"), *_DO),
    Case(
        "code and no template", _lock(code_format="^\\d{4}$", payload_open="O"), *_DO
    ),
    Case("empty code", _lock(code_format=""), *_DO),
    Case("template without code", _lock(command_template="{{ value }}:{{ code }}"), *_DO),
    Case("value template", _lock(value_template="{{ value_json.s }}"),
         Say("it", {"s": "LOCKED"}), Say("it", {}), Say("it", "UNLOCKED")),
    Case("no name", _lock(name=...)),
    Case("quality of service", _lock(qos=1, retain=True), *_DO),
    Case("raw", _lock(encoding=""), *_SAY),
    Case(
        "attributes",
        _lock(json_attributes_topic="it/more"),
        Say("it/more", {"a": 1, "changed_by": 5, "code_format": 5}),
    ),
    Case("not restored", _lock(state_topic=...), restored=[Before("lock.device_it", "locked")]),
    Case("changes", _lock(), Say("it", "LOCKED"), Announce(_lock(icon="mdi:x"))),
    Case("no command topic", _lock(command_topic=...), refused=True),
    Case("wrong code", _lock(code_format="("), refused=True),
    Case("code that is no text", _lock(code_format=5), refused=True),
]  # fmt: skip
