"""Binary sensors: every key of core's."""

from ..case import Announce, Announced, Before, Case, Elapse, Say, announce

_SAY = tuple(
    Say("it", each)
    for each in ("ON", "OFF", "on", "", " ", "None", "ON", "unknown", "1", "0", "OFF")
)


def _binary(**config: object) -> Announced:
    return announce("binary_sensor", **{"state_topic": "it", **config})


CASES = [
    Case("plain", _binary(), *_SAY),
    Case("payloads", _binary(payload_on="1", payload_off=0), *_SAY),
    Case("equal payloads", _binary(payload_on="1", payload_off="1"), *_SAY),
    Case("payload none", _binary(payload_on="None"), *_SAY),
    Case("force update", _binary(force_update=True), *_SAY),
    *(
        Case(f"class {kind}", _binary(device_class=kind, name=...), *_SAY[:2])
        for kind in ("door", "Motion", None)
    ),
    Case("wrong class", _binary(device_class="x"), refused=True),
    Case(
        "value template",
        _binary(value_template="{{ 'ON' if value_json.v else 'OFF' }}"),
        Say("it", {"v": 1}),
        Say("it", {"v": 0}),
        Say("it", "x"),
    ),
    Case(
        "value template ignores",
        _binary(
            value_template="{% if value_json.v is defined %}{{ value_json.v }}{% endif %}"
        ),
        Say("it", {"v": "ON"}),
        Say("it", {}),
        Say("it", {"v": "OFF"}),
    ),
    Case(
        "off delay",
        _binary(off_delay=30),
        Say("it", "ON"),
        Elapse(29),
        Say("it", "ON"),
        Elapse(29),
        Elapse(31),
        Say("it", "ON"),
        Say("it", "OFF"),
        Elapse(31),
    ),
    Case("raw", _binary(encoding=""), Say("it", "ON")),
    Case("not text", _binary(), Say("it", "ON"), Say("it", b"\xff")),
    Case(
        "restored",
        _binary(expire_after=1000),
        restored=[Before("binary_sensor.device_it", "on")],
    ),
    Case("not restored", _binary(), restored=[Before("binary_sensor.device_it", "on")]),
    Case("no state topic", _binary(state_topic=...), refused=True),
    Case(
        "changes",
        _binary(),
        Say("it", "ON", retain=True),
        Announce(_binary(device_class="door", name=...)),
        Announce(_binary(force_update=True)),
    ),
]
