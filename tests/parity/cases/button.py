"""Buttons: every key of core's."""

from ..case import Announce, Before, Case, Do, Say, announce

_TOPIC = {"command_topic": "it/set"}
_DO = (Do("press"), Do("press"))

CASES = [
    Case("plain", announce("button", **_TOPIC), *_DO),
    Case("payload", announce("button", **_TOPIC, payload_press="1"), *_DO),
    Case("empty payload", announce("button", **_TOPIC, payload_press=""), *_DO),
    Case("payload is a number", announce("button", **_TOPIC, payload_press=5), *_DO),
    Case(
        "command template",
        announce(
            "button",
            **_TOPIC,
            command_template='{"v": "{{ value }}", "n": "{{ name }}", "e": "{{ entity_id }}"}',
        ),
        *_DO,
    ),
    Case(
        "command template of bytes",
        announce("button", **_TOPIC, command_template=r"b'\x00\xff'"),
        *_DO,
    ),
    Case(
        "command template fails",
        announce("button", **_TOPIC, command_template="{{ value.x.y }}"),
        *_DO,
    ),
    *(
        Case(
            f"class {kind}",
            announce("button", **_TOPIC, device_class=kind, name=...),
            *_DO,
        )
        for kind in ("identify", "restart", "update", "Restart", None)
    ),
    Case("wrong class", announce("button", **_TOPIC, device_class="x"), refused=True),
    Case(
        "qos, retain, expiry",
        announce("button", **_TOPIC, qos=1, retain=True, message_expiry_interval=3000),
        *_DO,
    ),
    Case("qos 2", announce("button", **_TOPIC, qos="2"), *_DO),
    Case(
        "encoding",
        announce("button", **_TOPIC, encoding="utf-16", payload_press="ä"),
        *_DO,
    ),
    Case(
        "unknown keys",
        announce("button", **_TOPIC, optimistic=True, state_topic="it"),
        *_DO,
    ),
    Case("no command topic", announce("button"), refused=True),
    Case("wildcard", announce("button", command_topic="it/+"), refused=True),
    Case(
        "attributes and availability",
        announce(
            "button",
            **_TOPIC,
            availability_topic="it/there",
            json_attributes_topic="it/more",
        ),
        Say("it/more", {"a": 1}),
        Say("it/there", "online"),
        Do("press"),
        Say("it/there", "offline"),
        Do("press"),
    ),
    Case(
        "restored",
        announce("button", **_TOPIC),
        restored=[Before("button.device_it", "2026-01-01T00:00:00+00:00")],
    ),
    Case(
        "changes",
        announce("button", **_TOPIC, payload_press="1"),
        *_DO,
        Announce(
            announce("button", **_TOPIC, payload_press="2", name="That", icon="mdi:x")
        ),
        *_DO,
        Announce(
            announce(
                "button", command_topic="it/other", command_template="x{{ value }}"
            )
        ),
        *_DO,
    ),
]
