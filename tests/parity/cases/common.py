"""The keys that every entity has, whatever its platform."""

from typing import Any

from ..case import (
    DEVICE,
    Announce,
    Before,
    Case,
    Do,
    Elapse,
    Say,
    announce,
    announce_device,
)

_PLATFORMS: dict[str, dict[str, Any]] = {
    "binary_sensor": {"state_topic": "it"},
    "button": {"command_topic": "it/set"},
    "event": {"state_topic": "it", "event_types": ["press"]},
    "number": {"command_topic": "it/set", "state_topic": "it"},
    "select": {"command_topic": "it/set", "state_topic": "it", "options": ["1"]},
    "sensor": {"state_topic": "it"},
    "switch": {"command_topic": "it/set", "state_topic": "it"},
    "text": {"command_topic": "it/set", "state_topic": "it"},
}
_ICON = "mdi:test-tube"
_THERE = (
    Say("a", "online"),
    Say("b", "online"),
    Say("a", "offline"),
    Say("b", "x"),
    Say("b", "offline"),
    Say("a", "online"),
)


def _sensor(**config: Any) -> dict[str, Any]:
    return announce("sensor", **{"state_topic": "it", **config})


def _of_device(**device: Any) -> dict[str, Any]:
    return _sensor(device={**DEVICE, **device})


CASES = [
    # --- each platform --------------------------------------------------------------
    *(
        Case(f"{platform}: {name}", announce(platform, **{**keys, **config}))
        for platform, keys in _PLATFORMS.items()
        for name, config in (
            ("plain", {}),
            ("no name", {"name": ...}),
            ("name none", {"name": None}),
            ("name empty", {"name": ""}),
            ("no unique id", {"unique_id": ...}),
            ("no unique id, no device", {"unique_id": ..., "device": ...}),
            ("no device", {"device": ...}),
            ("category diagnostic", {"entity_category": "diagnostic"}),
            ("icon", {"icon": _ICON}),
            ("disabled", {"enabled_by_default": False}),
            ("hidden", {"visible_by_default": False}),
            ("entity id", {"default_entity_id": f"{platform}.somewhere_else"}),
            ("entity id of another", {"default_entity_id": "light.Some Where"}),
            ("entity id without domain", {"default_entity_id": "some_where"}),
        )
    ),
    *(
        Case(
            f"{platform}: category config",
            announce(platform, **keys, entity_category="config"),
        )
        for platform, keys in _PLATFORMS.items()
        if platform not in ("sensor", "binary_sensor")
    ),
    *(
        Case(
            f"{platform}: available",
            announce(platform, **keys, availability_topic="a"),
            *_THERE,
        )
        for platform, keys in _PLATFORMS.items()
    ),
    *(
        Case(
            f"{platform}: attributes",
            announce(platform, **keys, json_attributes_topic="more"),
            Say("more", {"a": 1, "b": {"c": [None]}, "icon": "x", "state": 1}),
            Say("more", "x"),
            Say("more", [1]),
            Say("more", {}),
        )
        for platform, keys in _PLATFORMS.items()
    ),
    # --- names and ids ----------------------------------------------------------------
    Case("device without a name", _sensor(device={"identifiers": "dev"})),
    Case("name is the device's", _sensor(name="Device")),
    Case("name begins with the device's", _sensor(name="Device It")),
    Case("name is a number", _sensor(name=5)),
    Case("unique id is a number", _sensor(unique_id=5)),
    Case("unique id is empty", _sensor(unique_id="")),
    Case(
        "two of one name", {**_sensor(), **announce("sensor", "other", state_topic="o")}
    ),
    Case("picture", _sensor(entity_picture="https://example.com/x.png")),
    Case("picture no url", _sensor(entity_picture="x"), refused=True),
    Case("icon without a colon", _sensor(icon="x"), refused=True),
    Case("wrong category", _sensor(entity_category="x"), refused=True),
    Case(
        "group",
        {
            **_sensor(group=["other", "nobody"]),
            **announce("sensor", "other", state_topic="o", name="Other"),
        },
        Say("it", "1"),
        Announce(_sensor(group=["other", "it"])),
        Say("it", "2"),
    ),
    # --- device -----------------------------------------------------------------------
    Case(
        "whole device",
        _of_device(
            manufacturer="M",
            model="Mo",
            model_id="M1",
            hw_version=1,
            sw_version="2.0",
            serial_number="S",
            configuration_url="http://192.168.1.2/",
            suggested_area="Attic",
            connections=[["mac", "02:00:00:00:00:01"]],
        ),
    ),
    Case("several identifiers", _of_device(identifiers=["a", "b"])),
    Case(
        "known by its connection",
        _sensor(device={"connections": [["mac", "02:00:00:00:00:01"]], "name": "D"}),
    ),
    Case("known by nothing", _sensor(device={"name": "D"}), refused=True),
    Case(
        "wrong configuration url", _of_device(configuration_url="ftp://x"), refused=True
    ),
    Case("unknown key of the device", _of_device(color="red"), refused=True),
    Case("via", {**_of_device(via_device="hub")}),
    Case(
        "via what is announced later",
        _of_device(via_device="hub"),
        Announce(
            announce(
                "sensor",
                "hub",
                state_topic="h",
                device={"identifiers": ["hub"], "name": "Hub"},
            )
        ),
    ),
    Case(
        "via what is announced before",
        announce(
            "sensor",
            "hub",
            state_topic="h",
            device={"identifiers": ["hub"], "name": "Hub"},
        ),
        Announce(_of_device(via_device="hub")),
    ),
    Case(
        "changes of the device",
        _of_device(sw_version="1", model="A"),
        Announce(_of_device(sw_version="2")),
        Announce(_of_device(name="Other")),
    ),
    Case(
        "origin",
        _sensor(
            origin={
                "name": "x",
                "sw_version": "1",
                "support_url": "https://example.com",
            }
        ),
    ),
    Case("origin without name", _sensor(origin={"sw_version": "1"}), refused=True),
    # --- availability ------------------------------------------------------------------
    *(
        Case(
            f"availability mode {mode}",
            _sensor(
                availability=[{"topic": "a"}, {"topic": "b"}], availability_mode=mode
            ),
            *_THERE,
        )
        for mode in ("all", "any", "latest")
    ),
    Case(
        "availability without a mode",
        _sensor(availability=[{"topic": "a"}, {"topic": "b"}]),
        *_THERE,
    ),
    Case("availability is one", _sensor(availability={"topic": "a"}), *_THERE),
    Case(
        "availability twice the same",
        _sensor(
            availability=[
                {"topic": "a"},
                {"topic": "a", "payload_available": "offline"},
            ]
        ),
        *_THERE,
    ),
    Case(
        "availability list and topic",
        _sensor(availability=[{"topic": "a"}], availability_topic="b"),
        refused=True,
    ),
    Case("wrong availability mode", _sensor(availability_mode="x"), refused=True),
    Case(
        "availability payloads",
        _sensor(availability_topic="a", payload_available="1", payload_not_available=0),
        *(Say("a", each) for each in ("online", "1", "offline", "0", "", "1")),
    ),
    Case(
        "availability template",
        _sensor(availability_topic="a", availability_template="{{ value_json.s }}"),
        Say("a", {"s": "online"}),
        Say("a", {"s": "x"}),
        Say("a", "offline"),
        Say("a", {"s": "offline"}),
    ),
    Case(
        "availability templates",
        _sensor(
            availability=[
                {"topic": "a", "value_template": "{{ value_json.s }}"},
                {
                    "topic": "b",
                    "payload_available": "on",
                    "payload_not_available": "off",
                },
            ],
            availability_mode="all",
        ),
        Say("a", {"s": "online"}),
        Say("b", "on"),
        Say("b", "off"),
    ),
    Case(
        "availability retained",
        _sensor(availability_topic="a"),
        Say("a", "online", retain=True),
        Announce(_sensor(availability_topic="a", name="That")),
        Announce(_sensor(availability_topic="b")),
        Announce(_sensor()),
    ),
    Case(
        "all on one topic",
        _sensor(
            availability_topic="it",
            availability_template="{{ value_json.there }}",
            json_attributes_topic="it",
            value_template="{{ value_json.v }}",
        ),
        Say("it", {"there": "online", "v": 1, "more": [1]}),
        Say("it", {"there": "offline", "v": 2}),
        Say("it", {"v": 3}),
        Say("it", {"there": "online"}),
    ),
    # --- attributes -----------------------------------------------------------------
    Case(
        "attributes template",
        _sensor(
            json_attributes_topic="more",
            json_attributes_template="{{ value_json.data | tojson }}",
        ),
        Say("more", {"data": {"a": 1}}),
        Say("more", {"other": 1}),
        Say("more", "x"),
    ),
    Case(
        "attributes template that is empty",
        _sensor(json_attributes_topic="it", json_attributes_template=""),
        Say("it", {"a": 1}),
        Say("it", "5"),
    ),
    Case(
        "attributes wildcard",
        _sensor(json_attributes_topic="more/#"),
        Say("more/a", {"a": 1}),
        Say("more/b", {"b": 1}),
    ),
    Case(
        "attributes raw",
        _sensor(json_attributes_topic="more", encoding=""),
        Say("more", {"a": 1}),
    ),
    Case(
        "changes of meaning: attributes",
        _sensor(json_attributes_topic="more"),
        Say("more", {"a": {"b": 1}}, retain=True),
        Announce(
            _sensor(
                json_attributes_topic="more",
                json_attributes_template="{{ value_json.a | tojson }}",
            )
        ),
    ),
    # --- messages -------------------------------------------------------------------
    Case(
        "wildcards",
        _sensor(state_topic="it/+/#"),
        Say("it/a/b", "1"),
        Say("it/c", "2"),
        Say("x", "3"),
    ),
    Case("retained before", {}, Say("it", "5", retain=True), Announce(_sensor())),
    *(
        Case(f"qos {qos!r}", _sensor(qos=qos), Say("it", "1", qos=2))
        for qos in (0, 1, 2, "1")
    ),
    Case("wrong qos", _sensor(qos=3), refused=True),
    Case(
        "encoding",
        _sensor(encoding="utf-16"),
        Say("it", "ä".encode("utf-16")),
        Say("it", b"x"),
    ),
    Case("unknown encoding", _sensor(encoding="x"), Say("it", "1")),
    # --- announcements ----------------------------------------------------------------
    Case(
        "short keys and a base",
        {
            "switch/a_b-C/it": {
                "~": "home/it",
                "name": "It",
                "uniq_id": "it",
                "cmd_t": "~/set",
                "stat_t": "state/~",
                "avty": {"t": "~/there", "pl_avail": "1", "pl_not_avail": "0"},
                "pl_on": "1",
                "pl_off": "0",
                "dev": {"ids": "dev", "mf": "M", "mdl": "X", "sw": "1", "sa": "Attic"},
                "o": {"name": "x", "sw": "1", "url": "https://example.com"},
            }
        },
        Say("home/it/there", "1"),
        Say("state/home/it", "1"),
        Do("turn_off"),
    ),
    Case("not JSON", {"sensor/it": "{"}, refused=True),
    Case("not a dictionary", {"sensor/it": [1]}, refused=True),
    Case("empty dictionary", {"sensor/it": {}}, refused=True),
    Case("wrong object id", {"sensor/i t": _sensor()["sensor/it"]}, refused=True),
    Case(
        "unknown keys", _sensor(unknown=1, platform="mqtt", object_id="x", schema="y")
    ),
    Case("wrong then right", _sensor(state_topic=...), Announce(_sensor())),
    Case(
        "right then wrong",
        _sensor(),
        Say("it", "1"),
        Announce(_sensor(state_topic="#x")),
    ),
    Case("the same again", _sensor(), Say("it", "1"), Announce(_sensor())),
    Case(
        "withdrawn and announced again",
        _sensor(),
        Say("it", "1"),
        Announce({"sensor/it": ""}),
        Announce(_sensor()),
    ),
    Case("withdrawn by an empty dictionary", _sensor(), Announce({"sensor/it": {}})),
    Case(
        "changes of all sorts",
        _sensor(),
        Announce(_sensor(name="That", icon=_ICON)),
        Announce(_sensor(entity_category="diagnostic")),
        Announce(_sensor(json_attributes_topic="more")),
        Say("more", {"a": 1}),
        Announce(_sensor(availability_topic="a")),
    ),
    Case(
        "taken over by another unique id", _sensor(), Announce(_sensor(unique_id="new"))
    ),
    Case(
        "twice one unique id",
        {
            **_sensor(),
            "sensor/other": _sensor(name="Other", state_topic="o")["sensor/it"],
        },
    ),
    # --- device announcements -----------------------------------------------------------
    Case(
        "device",
        announce_device(
            {
                "a": {
                    "platform": "sensor",
                    "unique_id": "a",
                    "name": "A",
                    "value_template": "{{ value_json.a }}",
                },
                "b": {"platform": "switch", "unique_id": "b", "name": "B"},
                "c": {"p": "button", "uniq_id": "c", "pl_prs": "go", "cmd_t": "c/set"},
            },
            state_topic="it",
            command_topic="it/set",
            qos=1,
            availability=[{"topic": "there"}],
        ),
        Say("there", "online"),
        Say("it", {"a": 5}),
        Do("turn_on", "switch.device_b"),
        Do("press", "button.device_mqtt_button"),
        Announce(
            announce_device(
                {
                    "a": {"platform": "sensor"},
                    "b": {"platform": "switch", "unique_id": "b", "name": "Other"},
                },
                state_topic="it",
                command_topic="it/set",
            )
        ),
    ),
    Case(
        "device without origin",
        {
            "device/dev": {
                "device": DEVICE,
                "components": {
                    "a": {"platform": "sensor", "unique_id": "a", "state_topic": "a"}
                },
            }
        },
        refused=True,
    ),
    Case("device with no components", announce_device({}), refused=True),
    # --- time -------------------------------------------------------------------------
    *(
        Case(
            f"{platform}: expires",
            announce(platform, state_topic="it", expire_after=10),
            Say("it", "ON" if platform == "binary_sensor" else "5"),
            Elapse(5),
            Elapse(11),
            Say("it", "OFF" if platform == "binary_sensor" else "6"),
        )
        for platform in ("sensor", "binary_sensor")
    ),
    Case("expires before anything is heard", _sensor(expire_after=10), Elapse(20)),
    Case(
        "expiry restored",
        _sensor(expire_after=1000),
        restored=[
            Before(
                "sensor.device_it",
                "5",
                extra={"native_value": "5", "native_unit_of_measurement": None},
            )
        ],
    ),
]
