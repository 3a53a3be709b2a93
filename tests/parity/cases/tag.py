"""Tag scanners: every key of core's."""

from typing import Any

from ...support.peer import Payload
from ..case import DEVICE, Announce, Announced, Case, Say, announce, announce_device

_PAYLOADS: tuple[Payload, ...] = (
    "E9F35959",
    "E9F35959",
    " a b ",
    "",
    " ",
    {"PN532": {"UID": "E9F35959"}},
    {"PN532": None},
    {"UID": "x"},
    "5",
    "None",
    b"\xff",
)
_SAY = tuple(Say("it", each) for each in _PAYLOADS)


def _tag(object_id: str = "it", /, **config: Any) -> Announced:
    return announce(
        "tag", object_id, **{"name": ..., "unique_id": ..., "topic": "it", **config}
    )


CASES = [
    Case("plain", _tag(), *_SAY),
    Case("no device", _tag(device=...), *_SAY),
    *(
        Case(f"value template {number}", _tag(value_template=each), *_SAY)
        for number, each in enumerate(
            (
                "{{ value_json.PN532.UID }}",
                "{{ value_json.UID }}",
                "{{ value | upper }}",
                "x",
            )
        )
    ),
    *(
        Case(
            f"value template without tags {number}",
            _tag(value_template=each),
            *_SAY,
            refused=True,
        )
        for number, each in enumerate(
            ("", "{{ this }}", "{{ value_json.a.b.c | default('d') }}")
        )
    ),
    Case("wildcard", _tag(topic="it/+"), Say("it/a", "1"), Say("it/b", "2")),
    Case("qos", _tag(qos=2), Say("it", "1", qos=2)),
    Case("encoding is ignored", _tag(encoding="utf-16"), *_SAY[:1]),
    Case("more keys", _tag(name="It", unique_id="it", icon="x"), *_SAY[:1]),
    *(
        Case(f"wrong {key}", _tag(**{key: value}), *_SAY[:1], refused=True)
        for key, value in (
            ("topic", ...),
            ("value_template", "{{"),
            ("qos", 3),
            ("device", {}),
        )
    ),
    Case("wrong filter", _tag(topic="it/#/b"), refused=True),
    Case(
        "changes",
        _tag(),
        *_SAY[:1],
        Announce(_tag(topic="other")),
        *_SAY[:1],
        Say("other", "1"),
        Announce(_tag(topic="other", value_template="{{ value_json.UID }}")),
        Say("other", {"UID": 1}),
        Announce(_tag(topic="other", device={**DEVICE, "model": "M"})),
        Say("other", "2"),
    ),
    Case(
        "two of a device",
        {**_tag(), **_tag("other", topic="other")},
        *_SAY[:1],
        Say("other", "1"),
        Announce({"tag/it": ""}),
        *_SAY[:1],
        Say("other", "1"),
    ),
    Case("retained", {}, Say("it", "1", retain=True), Announce(_tag()), *_SAY[:1]),
    Case(
        "of a device",
        announce_device(
            {
                "tag": {"platform": "tag", "topic": "it"},
                "s": {
                    "platform": "sensor",
                    "unique_id": "s",
                    "state_topic": "it",
                    "name": "S",
                },
            },
            qos=1,
        ),
        *_SAY,
    ),
    Case(
        "like Tasmota",
        {
            "tag/0AB1C2_rfid": {
                "topic": "tele/tasmota_0AB1C2/SENSOR",
                "value_template": "{{ value_json.PN532.UID }}",
                "device": {"connections": [["mac", "00:00:00:0A:B1:C2"]]},
            }
        },
        Say(
            "tele/tasmota_0AB1C2/SENSOR",
            {"Time": "2020-09-28T17:02:10", "PN532": {"UID": "E9F35959", "DATA": "x"}},
        ),
    ),
]
