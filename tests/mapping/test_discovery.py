"""Announcements are read as core reads them, and nothing that is announced does harm."""

from contextlib import suppress
import copy
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from homeassistant.components.mqtt import abbreviations as core_abbreviations
from homeassistant.components.mqtt.discovery import (
    TOPIC_MATCHER,
    MQTTDiscoveryPayload,
    _merge_common_device_options,
    _replace_all_abbreviations,
    _replace_topic_base,
)

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.mapping import abbreviations, discovery
from custom_components.mqtt_websocket.mapping.discovery import (
    MAX_AVAILABILITY,
    MAX_BASE,
    MAX_COMPONENTS,
    MAX_DEPTH,
    MAX_PAYLOAD,
    MAX_TOPIC,
    Announced,
    AnnouncementError,
    DiscoveryTopic,
    Withdrawn,
    discovery_filters,
    discovery_topic,
    expand_keys,
    read_announcement,
)

PREFIX = "homeassistant"


def read(topic: str, payload: Any) -> discovery.Announcement:
    """Read an announcement on a topic below the prefix."""
    if not isinstance(payload, bytes):
        payload = json.dumps(payload).encode()
    return read_announcement(PREFIX, Message(f"{PREFIX}/{topic}", payload))


def announced(topic: str, payload: Any) -> Announced:
    """Read one that announces something."""
    found = read(topic, payload)
    assert isinstance(found, Announced)
    return found


def component(payload: Any) -> dict[str, Any]:
    """Return the component of an announcement of a sensor alone."""
    components: dict[str, dict[str, Any]]
    components = announced("sensor/a/config", payload).payload["components"]
    (found,) = components.values()
    assert found.pop("platform") == "sensor"
    return found


def test_abbreviations() -> None:
    """The short keys are core's."""
    for name in ("ABBREVIATIONS", "DEVICE_ABBREVIATIONS", "ORIGIN_ABBREVIATIONS"):
        assert getattr(abbreviations, name) == getattr(core_abbreviations, name)


# --- topics ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("sensor/a/config", DiscoveryTopic("sensor", None, "a")),
        ("sensor/a-1/B_2/config", DiscoveryTopic("sensor", "a-1", "B_2")),
        ("device/0x00/config", DiscoveryTopic("device", None, "0x00")),
        ("device/node/0x00/config", DiscoveryTopic("device", "node", "0x00")),
    ],
)
def test_topic(topic: str, expected: DiscoveryTopic) -> None:
    """A topic says what is announced."""
    assert discovery_topic("homeassistant", f"homeassistant/{topic}") == expected
    assert discovery_topic("a/b", f"a/b/{topic}") == expected


@pytest.mark.parametrize(
    "topic",
    [
        "sensor/a b/config",
        "sensor/ä/config",
        "sensor//config",
        "sensor/a/b c/config",
        "sen.sor/a/config",
        "sensor/a/state",
        "sensor/a/b/c/config",
        "sensor/a/config\n",
        f"{'s' * 65}/a/config",
    ],
)
def test_wrong_topic(topic: str) -> None:
    """A topic of another form announces nothing."""
    with pytest.raises(AnnouncementError, match="topic"):
        discovery_topic(PREFIX, f"{PREFIX}/{topic}")


level = st.one_of(
    st.sampled_from(["sensor", "device", "a", "a-b", "_", "config", "", "a b", "ä"]),
    st.text(max_size=3).filter(lambda text: "/" not in text),
)


@given(st.lists(level, min_size=2, max_size=3))
def test_topics_of_core(levels: list[str]) -> None:
    """What matches the filters is taken, or refused, as in core."""
    topic = f"{'/'.join(levels)}/config"
    match = TOPIC_MATCHER.fullmatch(topic)
    try:
        found = discovery_topic(PREFIX, f"{PREFIX}/{topic}")
    except AnnouncementError:
        assert match is None
    else:
        assert match is not None
        assert (found.component, found.node_id, found.object_id) == match.groups()


# --- short keys and the base topic ----------------------------------------------------

KEYS = st.sampled_from(
    [
        *(
            "name",
            "stat_t",
            "state_topic",
            "cmd_t",
            "command_topic",
            "avty_t",
            "uniq_id",
        ),
        *(
            "p",
            "platform",
            "dev_cla",
            "json_attr_t",
            "t",
            "topic",
            "pl_avail",
            "e",
            "qos",
        ),
        *("ids", "identifiers", "cns", "mf", "sw", "sw_version", "url", "sa", "x"),
    ]
)
TOPICS = st.sampled_from(["~", "~/a", "a/~", "~/a/~", "~~", "a~b", "a", "", "/"])
# What JSON holds: larger ones come out of it as floats.
INTEGERS = st.integers(-(2**63), 2**64 - 1)
SCALARS = st.one_of(TOPICS, INTEGERS, st.booleans(), st.none(), st.text())
FLAT = st.dictionaries(KEYS, SCALARS, max_size=4)
AVAILABILITY = st.one_of(
    SCALARS,
    FLAT,
    st.dictionaries(st.sampled_from(["t", "topic"]), TOPICS, max_size=2),
    st.lists(st.one_of(SCALARS, FLAT), max_size=3),
)
SHORT_OR_LONG = {
    short: st.sampled_from([short, long])
    for short, long in (
        ("avty", "availability"),
        ("dev", "device"),
        ("o", "origin"),
        ("cmps", "components"),
    )
}


@st.composite
def with_options(
    draw: st.DrawFn, more: dict[str, st.SearchStrategy[Any]]
) -> dict[str, Any]:
    """Draw a payload: simple keys, and some of the structured ones."""
    payload = draw(FLAT)
    for short, values in more.items():
        if draw(st.booleans()):
            payload[draw(SHORT_OR_LONG[short])] = draw(values)
    return payload


COMPONENTS = with_options({"avty": AVAILABILITY})
PAYLOADS = with_options(
    {
        "avty": AVAILABILITY,
        "dev": st.one_of(FLAT, SCALARS),
        "o": st.one_of(FLAT, SCALARS),
        "cmps": st.one_of(SCALARS, st.dictionaries(st.text(), COMPONENTS, max_size=3)),
    }
)


@given(PAYLOADS)
def test_long_keys_of_core(payload: dict[str, Any]) -> None:
    """Keys become what core makes of them, and what was given stays as it was."""
    expected = copy.deepcopy(payload)
    _replace_all_abbreviations(expected)
    before = copy.deepcopy(payload)
    assert expand_keys(payload) == expected
    assert payload == before


@given(PAYLOADS, st.one_of(st.text(), INTEGERS, st.none(), FLAT))
def test_base_of_core(payload: dict[str, Any], base: Any) -> None:
    """A component alone has topics as core's."""
    payload["~"] = base
    expected = MQTTDiscoveryPayload(copy.deepcopy(payload))
    _replace_all_abbreviations(expected)
    _replace_topic_base(expected)
    for key in ("device", "origin", "platform"):
        expected.pop(key, None)
    assert component(payload) == expected


@given(PAYLOADS, COMPONENTS, st.sampled_from(["base", "a/b"]))
def test_base_of_core_in_a_device(
    payload: dict[str, Any], comp: dict[str, Any], base: str
) -> None:
    """A base counts in its component, also for what that takes from its device."""
    comp = {**comp, "p": "sensor", "~": base}
    payload.pop("components", None)
    payload["cmps"] = {"a": comp, "b": {"platform": "sensor", "name": "B"}}
    expected = copy.deepcopy(payload)
    _replace_all_abbreviations(expected)
    core = MQTTDiscoveryPayload(expected["components"]["a"])
    _merge_common_device_options(core, copy.deepcopy(expected))
    _replace_topic_base(core)
    found = announced("device/a/config", payload).payload
    assert found["components"] == {"a": core, "b": {"platform": "sensor", "name": "B"}}
    del expected["components"], found["components"]
    assert found == expected


def test_json_is_shared() -> None:
    """What other readers of a message see is not touched."""
    payload = {
        "~": "base",
        "avty": [{"t": "~/status"}],
        "dev": {"ids": "a"},
        "o": {"sw": "1"},
        "stat_t": "~/a",
    }
    message = Message(f"{PREFIX}/sensor/a/config", json.dumps(payload).encode())
    first = read_announcement(PREFIX, message)
    assert message.memo is not None
    assert message.memo["json"] == payload
    assert read_announcement(PREFIX, message) == first


# --- forms -------------------------------------------------------------------------


def test_component_alone() -> None:
    """A component alone is a device with one component."""
    found = announced(
        "binary_sensor/node/motion/config",
        {
            "~": "zigbee/motion",
            "stat_t": "~",
            "uniq_id": "m1",
            "dev": {"ids": ["m"], "mdl": "M1"},
            "o": {"name": "bridge", "sw": "1"},
            "platform": "mqtt",
        },
    )
    assert found == Announced(
        payload={
            "device": {"identifiers": ["m"], "model": "M1"},
            "origin": {"name": "bridge", "sw_version": "1"},
            "components": {
                "motion": {
                    "platform": "binary_sensor",
                    "state_topic": "zigbee/motion",
                    "unique_id": "m1",
                }
            },
        },
        alone=True,
    )


def test_device() -> None:
    """A device is read with its components; those without a platform here are named."""
    found = announced(
        "device/a/config",
        {
            "dev": {"ids": "a"},
            "o": {"name": "x"},
            "avty_t": "a/status",
            "cmps": {
                "t": {"p": "sensor", "stat_t": "a/t", "uniq_id": "t"},
                "l": {"p": "siren", "cmd_t": "a/l", "uniq_id": "l"},
                "gone": {"p": "siren"},
                "odd": {"p": "no such thing", "name": "x"},
                "none": 5,
            },
        },
    )
    assert found == Announced(
        payload={
            "device": {"identifiers": "a"},
            "origin": {"name": "x"},
            "availability_topic": "a/status",
            "components": {
                "t": {"platform": "sensor", "state_topic": "a/t", "unique_id": "t"},
                "odd": {"platform": "no such thing", "name": "x"},
                "none": 5,
            },
        },
        alone=False,
        unsupported=("siren",),
    )


def test_unsupported_platform() -> None:
    """What has no platform here is named, whatever it says."""
    found = announced("siren/a/config", {"command_topic": 5})
    assert found == Announced(
        payload={"components": {}}, alone=True, unsupported=("siren",)
    )


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("sensor/a/config", b"", Withdrawn.REMOVED),
        ("device/a/config", b"", Withdrawn.REMOVED),
        ("siren/a/config", b"", Withdrawn.REMOVED),
        ("sensor/a/config", b"{}", Withdrawn.REMOVED),
        ("sensor/a/config", {"migrate_discovery": True}, Withdrawn.MIGRATING),
        ("sensor/a/config", {"migr_discvry": True}, Withdrawn.MIGRATING),
        ("device/a/config", {"migr_discvry": True}, Withdrawn.MIGRATING),
    ],
)
def test_withdrawn(topic: str, payload: Any, expected: Withdrawn) -> None:
    """A topic can take back what it announced."""
    assert read(topic, payload) is expected


def test_no_migration() -> None:
    """With anything else in it the request is a key like any other, as in core."""
    assert component({"migrate_discovery": True, "name": "A"})["name"] == "A"
    assert component({"migrate_discovery": False}) == {"migrate_discovery": False}
    found = announced("device/a/config", {"migrate_discovery": 5, "cmps": {}})
    assert found.payload == {"migrate_discovery": 5, "components": {}}


# --- strangers ---------------------------------------------------------------------


def nested(levels: int) -> Any:
    """Return JSON that is this deep, itself included."""
    value: Any = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("sensor/a/config", b"\xff", "not JSON"),
        ("sensor/a/config", b"{", "not JSON"),
        ("sensor/a/config", b'{"a": NaN}', "not JSON"),
        ("sensor/a/config", b"[" * 100_000, "not JSON"),
        ("sensor/a/config", [], "not a JSON object"),
        ("sensor/a/config", "text", "not a JSON object"),
        ("sensor/a/config", None, "not a JSON object"),
        ("device/a/config", 5, "not a JSON object"),
        ("device/a/config", {}, "no components"),
        ("device/a/config", {"cmps": 5}, "no components"),
        ("device/a/config", {"cmps": None}, "no components"),
        ("device/a/config", nested(MAX_DEPTH + 1), "levels"),
        ("sensor/a/config", b" " * (MAX_PAYLOAD + 1), "bytes are more"),
        (f"sensor/{'a' * MAX_TOPIC}/config", {}, "characters"),
        ("sensor/ä/config", {}, "characters"),
        ("sensor/a/config", {"~": "a" * (MAX_BASE + 1)}, "base topic"),
        (
            "sensor/a/config",
            {"avty": [{"t": "a"}] * (MAX_AVAILABILITY + 1)},
            "availability",
        ),
        (
            "device/a/config",
            {"cmps": {str(number): {} for number in range(MAX_COMPONENTS + 1)}},
            "components",
        ),
    ],
)
def test_refused(topic: str, payload: Any, reason: str) -> None:
    """What can't be an announcement is refused with a reason."""
    with pytest.raises(AnnouncementError, match=reason) as caught:
        read(topic, payload)
    assert len(caught.value.reason) < 200


def test_limits() -> None:
    """What is just small enough is taken."""
    assert component(nested(MAX_DEPTH))
    at_most = {str(number): {"p": "sensor"} for number in range(MAX_COMPONENTS)}
    found = announced("device/a/config", {"cmps": at_most})
    assert len(found.payload["components"]) == MAX_COMPONENTS
    assert component({"~": "a" * MAX_BASE, "stat_t": "~"})
    assert component({"avty": [{"t": "a"}] * MAX_AVAILABILITY})


JSON = st.recursive(
    SCALARS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*abbreviations.ABBREVIATIONS, "~", "components", "device"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(
    st.sampled_from(["sensor", "device", "siren", "a b"]),
    st.one_of(
        st.binary(), JSON.map(lambda value: json.dumps(value).encode()), PAYLOADS
    ),
)
def test_nothing_else_raises(platform: str, payload: Any) -> None:
    """Whatever is announced is read or refused."""
    with suppress(AnnouncementError):
        assert isinstance(read(f"{platform}/a/config", payload), Announced | Withdrawn)


def test_topics_to_listen_on() -> None:
    """With and without a node's level; both end at config."""
    assert discovery_filters("a/b") == ("a/b/+/+/config", "a/b/+/+/+/config")


def test_limits_in_numbers() -> None:
    """What is just small enough is taken; the limits are those that docs may tell."""
    assert (MAX_TOPIC, MAX_PAYLOAD, MAX_DEPTH) == (1024, 262_144, 16)
    assert (MAX_COMPONENTS, MAX_AVAILABILITY, MAX_BASE) == (1000, 32, 1024)
    prefix = len(f"{PREFIX}/sensor//config")
    assert read(f"sensor/{'a' * (MAX_TOPIC - prefix)}/config", {"name": "A"})
    with pytest.raises(AnnouncementError, match="more than 1024 characters"):
        read(f"sensor/{'a' * (MAX_TOPIC - prefix + 1)}/config", {"name": "A"})
    padded = b'{"name": "A"}'.ljust(MAX_PAYLOAD)
    assert read("sensor/a/config", padded) == read("sensor/a/config", {"name": "A"})


def test_components_that_name_no_platform() -> None:
    """They are left for the schema to refuse, all but those of other platforms."""
    components = {
        "number": {"p": 5, "name": "x"},
        "list": {"p": ["sensor"], "name": "x"},
        "none": {"name": "x"},
        "siren": {"p": "siren", "name": "x"},
        "taken back": {"p": "siren"},
    }
    found = announced("device/a/config", {"cmps": components})
    assert set(found.payload["components"]) == {"number", "list", "none"}
    assert found.unsupported == ("siren",)
    assert announced("sensor/a/config", {"name": "A"}).unsupported == ()


def test_base_topic() -> None:
    """It stands for the one at the start or at the end of each topic."""
    found = component(
        {
            "~": "base",
            "stat_t": "~/state",
            "cmd_t": "cmd/~",
            "json_attr_t": "a/~/b",
            "pl_on": "~/on",
            "avty": [{"t": "~/a"}, {"t": "b/~"}, {"t": 5}, "~"],
        }
    )
    assert found == {
        "state_topic": "base/state",
        "command_topic": "cmd/base",
        "json_attributes_topic": "a/~/b",
        "payload_on": "~/on",
        "availability": [{"topic": "base/a"}, {"topic": "b/base"}, {"topic": 5}, "~"],
    }
    found = component({"~": "base", "avty": {"t": "~/a"}})
    assert found == {"availability": {"topic": "base/a"}}
