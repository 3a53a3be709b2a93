"""Core's integration and ours make the same of announcements that nobody wrote."""

from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from .case import Case, Do, Say, Step, announce
from .play import Worlds, assert_same

# Of what none has a place for time, or for what is meant to differ.
SOURCES = st.sampled_from(
    [
        "{{ value }}",
        "{{ value_json.a }}",
        "{{ value_json.a.b | default('x') }}",
        "{{ value | float(0) + 1 }}",
        "{{ value | int }}",
        "{% if value_json is defined %}{{ value_json }}{% endif %}",
        "{{ 'online' if value == 'ON' else value }}",
        '{"event_type": "press", "v": "{{ value }}"}',
        "{{ this.state }} {{ entity_id }} {{ name }}",
    ]
)
JSON = st.dictionaries(
    st.sampled_from(["a", "b", "event_type", "options", "icon", "min"]),
    st.sampled_from([None, 1, 2.5, "ON", "press", "eco", {"b": 1}, [1], True, ""]),
    max_size=3,
)
PAYLOADS = st.one_of(
    st.sampled_from(
        ["ON", "OFF", "None", "none", "", " ", "5", "5.5", "-1", "1e2", "eco", "boost",
         "press", "online", "offline", "true", "2026-01-02T03:04:05+00:00", b"\xff", "{"]
    ),
    st.text(max_size=4),
    st.integers(-200, 200),
    JSON,
)  # fmt: skip
WORDS = st.sampled_from(["ON", "OFF", "1", "0", "", "None", "eco", "x"])
NUMBERS = st.sampled_from([0, 1, 5, 100, -10, 0.5, "7"])
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "availability_mode": st.sampled_from(["all", "any", "latest"]),
    "availability_template": SOURCES,
    "availability_topic": st.sampled_from(["it", "there"]),
    "default_entity_id": st.sampled_from(["sensor.a_b", "x.Ä ö", "switch.it"]),
    "enabled_by_default": st.booleans(),
    "encoding": st.sampled_from(["utf-8", "latin-1", "ascii"]),
    "entity_picture": st.just("https://example.com/x.png"),
    "group": st.lists(st.sampled_from(["it", "other"]), max_size=2),
    "icon": st.just("mdi:x"),
    "json_attributes_template": SOURCES,
    "json_attributes_topic": st.sampled_from(["it", "more", "it/#"]),
    "name": st.sampled_from([None, "", "It", "Device", "ä €", 5, ...]),
    "payload_available": WORDS,
    "payload_not_available": WORDS,
    "qos": st.integers(0, 2),
    "unique_id": st.sampled_from(["it", "x y", 5]),
    "visible_by_default": st.booleans(),
}
TELLING: dict[str, st.SearchStrategy[Any]] = {
    **COMMON,
    "state_topic": st.sampled_from(["it", "it/+", "more"]),
    "value_template": SOURCES,
}
COMMANDING: dict[str, st.SearchStrategy[Any]] = {
    **TELLING,
    "command_template": SOURCES,
    "entity_category": st.sampled_from(["config", "diagnostic"]),
    "message_expiry_interval": st.just(1000),
    "optimistic": st.booleans(),
    "retain": st.booleans(),
}
OPTIONS = st.lists(st.sampled_from(["eco", "boost", "1", "none"]), max_size=3)

type Platform = tuple[
    dict[str, Any], dict[str, st.SearchStrategy[Any]], st.SearchStrategy[Step]
]
"""What is required, what there is to choose from, and what can be done."""

NOTHING_TO_DO = st.builds(Say, st.just("there"), PAYLOADS)
PLATFORMS: dict[str, Platform] = {
    "binary_sensor": (
        {"state_topic": "it"},
        {
            **TELLING,
            "device_class": st.sampled_from(["door", "Motion", None]),
            "force_update": st.booleans(),
            "payload_off": WORDS,
            "payload_on": WORDS,
        },
        NOTHING_TO_DO,
    ),
    "button": (
        {"command_topic": "it/set"},
        {
            **COMMANDING,
            "device_class": st.sampled_from(["restart", "Update", None]),
            "payload_press": WORDS,
        },
        st.just(Do("press")),
    ),
    "event": (
        {"state_topic": "it", "event_types": ["press"]},
        {
            **TELLING,
            "device_class": st.sampled_from(["button", "Motion"]),
            "event_types": st.lists(st.sampled_from(["press", "1", "ON"]), max_size=3),
        },
        NOTHING_TO_DO,
    ),
    "number": (
        {"command_topic": "it/set"},
        {
            **COMMANDING,
            "device_class": st.sampled_from(["temperature", "power", "Energy", None]),
            "max": NUMBERS,
            "min": NUMBERS,
            "mode": st.sampled_from(["auto", "box", "slider"]),
            "payload_reset": WORDS,
            "step": NUMBERS,
            "unit_of_measurement": st.sampled_from(
                ["W", "°C", "°F", "\u00b5V", "", None]
            ),
        },
        st.builds(lambda value: Do("set_value", value=value), NUMBERS),
    ),
    "select": (
        {"command_topic": "it/set", "options": ["eco", "boost"]},
        {**COMMANDING, "options": OPTIONS},
        st.builds(
            lambda option: Do("select_option", option=option),
            st.sampled_from(["eco", "boost", "1", "x"]),
        ),
    ),
    "sensor": (
        {"state_topic": "it"},
        {
            **TELLING,
            "device_class": st.sampled_from(
                ["temperature", "power", "timestamp", "date", "enum", "battery", None]
            ),
            "force_update": st.booleans(),
            "options": OPTIONS,
            "state_class": st.sampled_from(["measurement", "total", None]),
            "suggested_display_precision": st.integers(0, 3),
        },
        NOTHING_TO_DO,
    ),
    "switch": (
        {"command_topic": "it/set"},
        {
            **COMMANDING,
            "device_class": st.sampled_from(["outlet", "Switch", None]),
            "payload_off": WORDS,
            "payload_on": WORDS,
            "state_off": WORDS,
            "state_on": WORDS,
        },
        st.sampled_from([Do("turn_on"), Do("turn_off"), Do("toggle")]),
    ),
    "text": (
        {"command_topic": "it/set"},
        {
            **COMMANDING,
            "max": st.integers(0, 10),
            "min": st.integers(0, 10),
            "mode": st.sampled_from(["text", "password"]),
            "pattern": st.sampled_from(["[a-z]+", "^.$", ""]),
        },
        st.builds(lambda value: Do("set_value", value=value), st.text(max_size=5)),
    ),
}


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, Case]:
    """Return a platform, and a case of it."""
    platform = draw(st.sampled_from(sorted(PLATFORMS)))
    required, choice, action = PLATFORMS[platform]
    keys = draw(st.lists(st.sampled_from(sorted(choice)), max_size=5, unique=True))
    config = {**required, **{key: draw(choice[key]) for key in keys}}
    topics = [
        str(config[key]).replace("+", "a").replace("#", "b")
        for key in ("state_topic", "json_attributes_topic", "availability_topic")
        if key in config
    ]
    says = st.builds(
        Say, st.sampled_from(topics or ["it"]), PAYLOADS, retain=st.booleans()
    )
    steps = draw(st.lists(st.one_of(says, action), min_size=3, max_size=8))
    return platform, Case("generated", announce(platform, **config), *steps)


@pytest.mark.timeout(300)
@settings(
    max_examples=80,
    deadline=None,
    # Each run the same: what fails here has to fail on the machine of whoever looks.
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories())
async def test_generated(worlds: Worlds, story: tuple[str, Case]) -> None:
    """What is made of it, shown of it, and commanded by it is the same."""
    platform, case = story
    await assert_same(worlds, platform, case)
