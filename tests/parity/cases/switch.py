"""Switches: every key of core's."""

from ..case import Before, Case, Do, Say, announce

_TOPIC = {"command_topic": "it/set", "state_topic": "it"}
_SAY = (Say("it", "ON"), Say("it", "OFF"), Say("it", "None"), Say("it", "half"))
_DO = (Do("turn_on"), Do("turn_off"), Do("toggle"))

CASES = [
    Case("plain", announce("switch", **_TOPIC), *_SAY, *_DO),
    Case("no state topic", announce("switch", command_topic="it/set"), *_SAY, *_DO),
    Case("optimistic", announce("switch", **_TOPIC, optimistic=True), *_SAY, *_DO),
    Case(
        "payloads",
        announce("switch", **_TOPIC, payload_on="1", payload_off="0"),
        *_SAY,
        Say("it", "1"),
        Say("it", "0"),
        *_DO,
    ),
    Case(
        "states",
        announce("switch", **_TOPIC, state_on="yes", state_off="no"),
        Say("it", "yes"),
        *_SAY,
        Say("it", "no"),
        *_DO,
    ),
    Case(
        "value template",
        announce("switch", **_TOPIC, value_template="{{ value_json.s | upper }}"),
        Say("it", {"s": "on"}),
        Say("it", {"s": "off"}),
        Say("it", {"t": 1}),
        Say("it", "no JSON"),
        Say("it", ""),
    ),
    Case(
        "command template",
        announce("switch", **_TOPIC, command_template='{"a": "{{ value }}"}'),
        *_DO,
    ),
    Case(
        "command template of bytes",
        announce("switch", **_TOPIC, command_template=r"b'\xff{{ entity_id }}'"),
        *_DO,
    ),
    Case("class", announce("switch", **_TOPIC, device_class="outlet"), *_SAY),
    Case("class without", announce("switch", **_TOPIC, device_class=None)),
    Case(
        "qos and retain",
        announce("switch", **_TOPIC, qos=2, retain=True, message_expiry_interval=3000),
        *_DO,
    ),
    Case(
        "encoding",
        announce("switch", **_TOPIC, encoding="latin-1", payload_on="ä"),
        Say("it", b"\xe4"),
        *_DO,
    ),
    Case(
        "commands that can't be encoded: raw",
        announce("switch", command_topic="it/set", encoding=""),
        *_DO,
    ),
    Case(
        "commands that can't be encoded: ascii",
        announce("switch", **_TOPIC, encoding="ascii", payload_on="ä"),
        *_DO,
    ),
    Case(
        "raw commands",
        announce("switch", **_TOPIC, encoding="", command_template="b'{{ value }}'"),
        *_DO,
    ),
    Case(
        "restored",
        announce("switch", command_topic="it/set"),
        restored=[Before("switch.device_it", "on")],
    ),
    Case(
        "not restored",
        announce("switch", **_TOPIC),
        restored=[Before("switch.device_it", "on")],
    ),
    Case("no command topic", announce("switch", state_topic="it"), refused=True),
    Case("wrong class", announce("switch", **_TOPIC, device_class="x"), refused=True),
]
