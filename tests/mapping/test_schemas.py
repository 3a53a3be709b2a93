"""Our schemas take and refuse what core's do, and make the same of it."""

from collections.abc import Callable
from contextlib import suppress
import copy
import re
from typing import Any, Final

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
import voluptuous as vol

from homeassistant.components.mqtt import (
    binary_sensor,
    button,
    climate,
    cover,
    event,
    fan,
    light,
    lock,
    number,
    select,
    sensor,
    switch,
    text,
    update,
)
from homeassistant.components.sensor.const import (
    AMBIGUOUS_UNITS,
    DEVICE_CLASS_UNITS,
    SensorDeviceClass,
    SensorStateClass,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template

from custom_components.mqtt_websocket.mapping.schemas import (
    ENTITY_SCHEMAS,
    EntityConfig,
    entity_config,
)
from custom_components.mqtt_websocket.mapping.schemas.common import template

CORE: dict[str, Callable[[Any], dict[str, Any]]] = {
    "update": update.DISCOVERY_SCHEMA,
    "lock": lock.DISCOVERY_SCHEMA,
    "light": light.DISCOVERY_SCHEMA,
    "fan": fan.DISCOVERY_SCHEMA,
    "cover": cover.DISCOVERY_SCHEMA,
    "climate": climate.DISCOVERY_SCHEMA,
    "text": text.DISCOVERY_SCHEMA,
    "select": select.DISCOVERY_SCHEMA,
    "number": number.DISCOVERY_SCHEMA,
    "event": event.DISCOVERY_SCHEMA,
    "button": button.DISCOVERY_SCHEMA,
    "binary_sensor": binary_sensor.DISCOVERY_SCHEMA,
    "sensor": sensor.DISCOVERY_SCHEMA,
    "switch": switch.DISCOVERY_SCHEMA,
}

REFUSED = "refused"


def plain(value: Any) -> Any:
    """Return a config with its templates as text."""
    match value:
        case Template():
            return value.template
        case re.Pattern():
            return value.pattern
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
    return value


def core_config(platform: str, config: dict[str, Any]) -> Any:
    """Return what core's schema makes of a config."""
    try:
        return plain(CORE[platform](copy.deepcopy(config)))
    except vol.Error, TypeError, OverflowError, AttributeError:
        # All but the first are core's mistakes, and end the same: no entity.
        return REFUSED


def our_config(platform: str, config: dict[str, Any]) -> Any:
    """Return what our schema makes of a config, which it leaves as it is."""
    before = copy.deepcopy(config)
    try:
        return ENTITY_SCHEMAS[platform](config)
    except vol.Invalid:
        return REFUSED
    finally:
        assert config == before


_LIMITS: Final = {
    "display_precision": 100,
    "message_expiry_interval": 2**32 - 1,
    "suggested_display_precision": 100,
}
"""Beyond these core takes what does harm."""


def assert_same(platform: str, config: dict[str, Any]) -> Any:
    """Assert that core's config and ours are equal, in value and type."""
    expected = core_config(platform, config)
    ours = our_config(platform, config)
    if ours == REFUSED and any(
        isinstance(value := config.get(key), int | float) and value > most
        for key, most in _LIMITS.items()
    ):
        return ours
    assert ours == expected, config
    assert repr(_sorted(ours)) == repr(_sorted(expected)), config
    return ours


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=str)}
    return value


# --- by hand -----------------------------------------------------------------------

SENSOR = {"state_topic": "a/b"}
SWITCH = {"command_topic": "a/b/set"}
DEVICE = {"identifiers": "x"}

ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("sensor", SENSOR),
    ("binary_sensor", SENSOR),
    ("switch", SWITCH),
    ("sensor", {**SENSOR, "name": None, "device_class": None, "state_class": None}),
    ("sensor", {**SENSOR, "device_class": "Temperature", "unit_of_measurement": "°C"}),
    ("sensor", {**SENSOR, "device_class": "temperature"}),
    ("sensor", {**SENSOR, "unit_of_measurement": "  "}),
    ("sensor", {**SENSOR, "unit_of_measurement": "anything"}),
    ("sensor", {**SENSOR, "unit_of_measurement": "\u00b5g/m³", "device_class": "pm25"}),
    ("sensor", {**SENSOR, "unit_of_measurement": "\u00b5V", "device_class": "voltage"}),
    ("sensor", {**SENSOR, "state_class": "measurement_angle", "unit_of_measurement": "°"}),
    ("sensor", {**SENSOR, "state_class": "total", "last_reset_value_template": "{{ value }}"}),
    ("sensor", {**SENSOR, "device_class": "enum", "options": ["a", "b"]}),
    ("sensor", {**SENSOR, "device_class": "enum", "options": "a"}),
    ("sensor", {**SENSOR, "device_class": "enum", "options": ["a"], "unit_of_measurement": ""}),
    ("sensor", {**SENSOR, "expire_after": "30", "suggested_display_precision": 2.0}),
    ("sensor", {**SENSOR, "qos": "1", "encoding": "", "force_update": "yes"}),
    ("sensor", {**SENSOR, "state_topic": "+/b/#", "value_template": " {{ value_json.a }} "}),
    ("sensor", {**SENSOR, "state_topic": 5}),
    ("sensor", {**SENSOR, "value_template": 5}),
    ("sensor", {**SENSOR, "unknown": 1, "platform": "sensor", "object_id": "x"}),
    ("sensor", {**SENSOR, "availability_topic": "a/+", "payload_available": True}),
    ("sensor", {**SENSOR, "availability_template": "{{ value }}"}),
    ("sensor", {**SENSOR, "availability": {"topic": "a"}, "availability_mode": "all"}),
    (
        "sensor",
        {
            **SENSOR,
            "availability": [
                {"topic": "a", "value_template": "{{ value_json.state }}", "extra": 1},
                {"topic": "b", "payload_not_available": 0},
            ],
        },
    ),
    ("sensor", {**SENSOR, "availability": None}),
    ("sensor", {**SENSOR, "device": DEVICE, "origin": {"name": "x", "sw_version": 1}}),
    ("sensor", {**SENSOR, "device": {**DEVICE, "via_hub": "y"}}),
    ("sensor", {**SENSOR, "device": {**DEVICE, "via_hub": "y", "via_device": "z"}}),
    ("sensor", {**SENSOR, "device": {"connections": [["mac", "02:00"]]}}),
    ("sensor", {**SENSOR, "device": {**DEVICE, "configuration_url": "homeassistant://x"}}),
    ("sensor", {**SENSOR, "entity_category": "diagnostic", "icon": "mdi:x"}),
    ("sensor", {**SENSOR, "entity_picture": "https://example.com/x.png"}),
    ("sensor", {**SENSOR, "group": ["a", 5]}),
    ("sensor", {**SENSOR, "group": "a"}),
    ("sensor", {**SENSOR, "message_expiry_interval": 60}),
    ("sensor", {**SENSOR, "message_expiry_interval": True}),
    ("sensor", {**SENSOR, "message_expiry_interval": {"hours": 1, "minutes": 0.5}}),
    ("sensor", {**SENSOR, "json_attributes_topic": "a/#", "json_attributes_template": "x"}),
    ("sensor", {**SENSOR, "enabled_by_default": "off", "visible_by_default": 0}),
    ("sensor", {**SENSOR, "default_entity_id": "sensor.x", "unique_id": 5}),
    ("binary_sensor", {**SENSOR, "device_class": "door", "off_delay": 5, "payload_on": 1}),
    ("switch", {**SWITCH, "state_topic": "a/#", "state_on": "1", "optimistic": "true"}),
    ("switch", {**SWITCH, "retain": True, "device_class": "OUTLET", "command_template": "x"}),
    ("button", {**SWITCH, "device_class": "Restart", "payload_press": 1, "retain": "yes"}),
    ("button", {**SWITCH, "command_template": " {{ value }} ", "state_topic": "#a"}),
    ("number", {**SWITCH, "min": "1", "max": 1e9, "step": "0.001", "mode": "slider"}),
    ("number", {**SWITCH, "device_class": "POWER", "unit_of_measurement": "\u00b5V"}),
    ("number", {**SWITCH, "unit_of_measurement": None, "payload_reset": 0, "min": 5, "max": 5}),
    ("number", {**SWITCH, "max": "inf", "min": "-inf"}),
    ("number", {**SWITCH, "unit_of_measurement": ""}),
    ("select", {**SWITCH, "options": ["a", 1, None]}),
    ("select", {**SWITCH, "options": "a"}),
    ("select", {**SWITCH, "options": None}),
    ("select", {**SWITCH, "options": {"a": 1}}),
    ("text", {**SWITCH, "min": "1", "max": 255, "mode": "password", "pattern": "^a+$"}),
    ("text", {**SWITCH, "pattern": ""}),
    ("event", {**SENSOR, "event_types": "press", "device_class": "Button"}),
    ("event", {**SENSOR, "event_types": ["press", 5]}),
    ("event", {**SENSOR, "event_types": None}),
]  # fmt: skip

WRONG: list[tuple[str, dict[str, Any]]] = [
    ("sensor", {}),
    ("switch", {"state_topic": "a"}),
    ("sensor", {"state_topic": ""}),
    ("sensor", {"state_topic": None}),
    ("sensor", {"state_topic": ["a"]}),
    ("sensor", {"state_topic": "a+"}),
    ("sensor", {"state_topic": "a/#/b"}),
    ("sensor", {"state_topic": "a\0b"}),
    ("sensor", {"state_topic": "a\u0085b"}),
    ("sensor", {"state_topic": "\ufdd0"}),
    ("sensor", {"state_topic": "\U0001fffe"}),
    ("sensor", {"state_topic": "\ud800"}),
    ("sensor", {"state_topic": "a" * 65536}),
    ("switch", {"command_topic": "a/+"}),
    ("switch", {"command_topic": "#"}),
    ("sensor", {**SENSOR, "value_template": "{{ value"}),
    ("sensor", {**SENSOR, "value_template": "{{ value | nosuch }}"}),
    ("sensor", {**SENSOR, "value_template": None}),
    ("sensor", {**SENSOR, "value_template": {"a": 1}}),
    ("sensor", {**SENSOR, "device_class": "nosuch"}),
    ("sensor", {**SENSOR, "state_class": "nosuch"}),
    ("sensor", {**SENSOR, "device_class": "temperature", "unit_of_measurement": "W"}),
    ("sensor", {**SENSOR, "device_class": "monetary", "options": ["a"]}),
    ("sensor", {**SENSOR, "device_class": "enum", "options": []}),
    ("sensor", {**SENSOR, "options": ["a"]}),
    (
        "sensor",
        {**SENSOR, "device_class": "enum", "options": ["a"], "state_class": "total"},
    ),
    (
        "sensor",
        {**SENSOR, "device_class": "enum", "options": ["a"], "unit_of_measurement": "W"},
    ),
    ("sensor", {**SENSOR, "last_reset_value_template": "{{ value }}"}),
    (
        "sensor",
        {
            **SENSOR,
            "last_reset_value_template": "{{ value }}",
            "state_class": "measurement",
        },
    ),
    ("sensor", {**SENSOR, "state_class": "measurement_angle"}),
    ("sensor", {**SENSOR, "state_class": "measurement_angle", "unit_of_measurement": " "}),
    ("sensor", {**SENSOR, "expire_after": -1}),
    ("sensor", {**SENSOR, "expire_after": "soon"}),
    ("sensor", {**SENSOR, "suggested_display_precision": -1}),
    ("sensor", {**SENSOR, "force_update": "perhaps"}),
    ("sensor", {**SENSOR, "qos": 3}),
    ("sensor", {**SENSOR, "qos": None}),
    ("sensor", {**SENSOR, "encoding": None}),
    ("sensor", {**SENSOR, "availability_topic": "a", "availability": [{"topic": "b"}]}),
    ("sensor", {**SENSOR, "availability": [{}]}),
    ("sensor", {**SENSOR, "availability": "a"}),
    ("sensor", {**SENSOR, "availability_mode": "some"}),
    ("sensor", {**SENSOR, "device": {}}),
    ("sensor", {**SENSOR, "device": {**DEVICE, "extra": 1}}),
    ("sensor", {**SENSOR, "device": None}),
    ("sensor", {**SENSOR, "device": "x"}),
    ("sensor", {**SENSOR, "device": 5}),
    ("sensor", {**SENSOR, "device": {"identifiers": []}}),
    ("sensor", {**SENSOR, "device": {"connections": [["mac"]]}}),
    ("sensor", {**SENSOR, "device": {**DEVICE, "configuration_url": "ftp://x"}}),
    ("sensor", {**SENSOR, "origin": {}}),
    ("sensor", {**SENSOR, "entity_category": "system"}),
    ("sensor", {**SENSOR, "entity_category": None}),
    ("sensor", {**SENSOR, "icon": "x"}),
    ("sensor", {**SENSOR, "entity_picture": "x"}),
    ("sensor", {**SENSOR, "message_expiry_interval": -1}),
    ("sensor", {**SENSOR, "message_expiry_interval": "60"}),
    ("sensor", {**SENSOR, "message_expiry_interval": {"days": 1e30}}),
    ("sensor", {**SENSOR, "json_attributes_topic": "a/#/b"}),
    ("sensor", {**SENSOR, "unique_id": None}),
    ("switch", {**SWITCH, "device_class": "door"}),
    ("switch", {**SWITCH, "payload_on": None}),
    ("binary_sensor", {**SENSOR, "off_delay": None}),
    ("button", {}),
    ("button", {**SWITCH, "device_class": "outlet"}),
    ("number", {**SWITCH, "min": 6, "max": 5}),
    ("number", {**SWITCH, "min": "x"}),
    ("number", {**SWITCH, "step": 0.0009}),
    ("number", {**SWITCH, "mode": "Box"}),
    ("number", {**SWITCH, "device_class": "x"}),
    ("select", {**SWITCH}),
    ("text", {**SWITCH, "min": 6, "max": 5}),
    ("text", {**SWITCH, "max": 256}),
    ("text", {**SWITCH, "mode": "x"}),
    ("text", {**SWITCH, "pattern": "("}),
    ("text", {**SWITCH, "pattern": None}),
    ("event", {**SENSOR}),
    ("event", {**SENSOR, "event_types": [None]}),
    ("event", {**SENSOR, "event_types": "a", "device_class": None}),
]  # fmt: skip


async def test_accepted(hass: HomeAssistant, subtests: pytest.Subtests) -> None:
    """What core takes."""
    for platform, config in ACCEPTED:
        with subtests.test(f"{platform} {config}"):
            assert assert_same(platform, config) != REFUSED


async def test_refused(hass: HomeAssistant, subtests: pytest.Subtests) -> None:
    """What core refuses."""
    for platform, config in WRONG:
        with subtests.test(f"{platform} {config}"[:200]):
            assert assert_same(platform, config) == REFUSED


async def test_units(hass: HomeAssistant) -> None:
    """Every device class with every unit of any: taken or refused as by core."""
    units = {
        unit
        for allowed in DEVICE_CLASS_UNITS.values()
        for unit in allowed
        if isinstance(unit, str)
    }
    units |= set(filter(None, AMBIGUOUS_UNITS)) | {"nosuch"}
    for device_class in (None, *SensorDeviceClass):
        for unit in units:
            assert_same(
                "sensor",
                {**SENSOR, "device_class": device_class, "unit_of_measurement": unit},
            )
    for state_class in SensorStateClass:
        for unit in units:
            assert_same(
                "sensor",
                {**SENSOR, "state_class": state_class, "unit_of_measurement": unit},
            )


async def test_same_keys() -> None:
    """No key of core's is missing, and there are none of our own."""
    cores: dict[str, Any] = {
        "button": button.PLATFORM_SCHEMA_MODERN,
        "event": event._PLATFORM_SCHEMA_BASE,
        "number": number._PLATFORM_SCHEMA_BASE,
        "select": select.PLATFORM_SCHEMA_MODERN,
        "text": text._PLATFORM_SCHEMA_BASE,
        "climate": climate._PLATFORM_SCHEMA_BASE,
        "cover": cover._PLATFORM_SCHEMA_BASE,
        "fan": fan._PLATFORM_SCHEMA_BASE,
        "lock": lock.PLATFORM_SCHEMA_MODERN,
        "update": update.PLATFORM_SCHEMA_MODERN,
        "binary_sensor": binary_sensor.PLATFORM_SCHEMA_MODERN,
        "sensor": sensor._PLATFORM_SCHEMA_BASE,
        "switch": switch.PLATFORM_SCHEMA_MODERN,
    }
    for platform, schema in cores.items():
        ours: Any = ENTITY_SCHEMAS[platform].schema
        if not isinstance(ours, dict):
            ours = ours.validators[0].schema
        assert _keys(ours) == _keys(schema.schema), platform


def _keys(schema: dict[Any, Any]) -> dict[str, tuple[str, Any]]:
    return {
        str(key): (
            type(key).__name__,
            None if (default := getattr(key, "default", None)) is vol.UNDEFINED
            else default() if callable(default) else default,
        )
        for key in schema
    }  # fmt: skip


# --- any config --------------------------------------------------------------------

ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 3),
        st.sampled_from([10**30, -(10**30), 1e300, 0.5, float("inf")]),
        st.sampled_from(
            ["", " ", "a", "a/+", "a/#", "#b", "yes", "5", "{{ x }}", "{{", "mdi:x"]
        ),
        st.text(max_size=3),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["topic", "name", "identifiers", "days"]), inner
        ),
    ),
    max_leaves=4,
)
TOPICS = st.sampled_from(["a", "a/+/b", "a/#", "$share/g/a", "a/b+", "", "é", "a/\n"])
TEXTS = st.one_of(st.text(max_size=3), st.sampled_from(["ON", "1", "x"]))
SOURCES = st.sampled_from(
    ["{{ value }}", " {{ value_json.a | float(0) }} ", "{% if x %}1{% endif %}", "{{ value |",
     "{{ now() }}", "{{ value | nosuch }}", "static", ""]
)  # fmt: skip
BOOLEANS = st.sampled_from([True, False, "yes", "off", 1, 0, "perhaps", None])
NUMBERS = st.sampled_from([0, 1, 30, -1, "5", 2.5, None, "x"])
USUAL: dict[str, st.SearchStrategy[Any]] = {
    "availability": st.lists(
        st.fixed_dictionaries(
            {"topic": TOPICS},
            optional={
                "payload_available": TEXTS,
                "payload_not_available": TEXTS,
                "value_template": SOURCES,
            },
        ),
        max_size=2,
    ),
    "availability_mode": st.sampled_from(["all", "any", "latest", "none"]),
    "availability_template": SOURCES,
    "availability_topic": TOPICS,
    "command_template": SOURCES,
    "command_topic": TOPICS,
    "default_entity_id": TEXTS,
    "device": st.fixed_dictionaries(
        {},
        optional={
            "identifiers": st.one_of(TEXTS, st.lists(TEXTS, max_size=2)),
            "connections": st.lists(st.lists(TEXTS, max_size=3), max_size=2),
            "name": TEXTS,
            "via_hub": TEXTS,
            "via_device": TEXTS,
            "configuration_url": st.sampled_from(
                ["http://a", "homeassistant://b", "c"]
            ),
        },
    ),
    "device_class": st.sampled_from(
        [None, "door", "outlet", "switch", "enum", "temperature", "power", "date", "x"]
    ),
    "enabled_by_default": BOOLEANS,
    "encoding": st.sampled_from(["", "utf-8", "latin-1", "klingon", None]),
    "entity_category": st.sampled_from(["config", "diagnostic", "x", None]),
    "entity_picture": st.sampled_from(["http://a/b", "x"]),
    "event_types": st.one_of(TEXTS, st.lists(TEXTS, max_size=2)),
    "expire_after": NUMBERS,
    "force_update": BOOLEANS,
    "group": st.one_of(TEXTS, st.lists(TEXTS, max_size=2)),
    "icon": st.sampled_from(["mdi:x", "x"]),
    "json_attributes_template": SOURCES,
    "json_attributes_topic": TOPICS,
    "last_reset_value_template": SOURCES,
    "max": NUMBERS,
    "message_expiry_interval": st.sampled_from(
        [0, 60, -1, {"minutes": 1}, {"x": 1}, "1"]
    ),
    "min": NUMBERS,
    "mode": st.sampled_from(["auto", "box", "slider", "text", "password", "x", None]),
    "name": st.one_of(st.none(), TEXTS),
    "off_delay": NUMBERS,
    "optimistic": BOOLEANS,
    "options": st.one_of(TEXTS, st.lists(TEXTS, max_size=2)),
    "origin": st.fixed_dictionaries({}, optional={"name": TEXTS, "support_url": TEXTS}),
    "payload_available": TEXTS,
    "payload_not_available": TEXTS,
    "payload_off": TEXTS,
    "payload_on": TEXTS,
    "payload_press": TEXTS,
    "payload_reset": TEXTS,
    "pattern": st.sampled_from(["", "a+", "(", None]),
    "qos": st.sampled_from([0, 1, 2, 3, "1", None]),
    "retain": BOOLEANS,
    "state_class": st.sampled_from([None, *SensorStateClass, "total", "x"]),
    "state_off": TEXTS,
    "state_on": TEXTS,
    "state_topic": TOPICS,
    "step": NUMBERS,
    "suggested_display_precision": NUMBERS,
    "unique_id": TEXTS,
    "unit_of_measurement": st.sampled_from(
        [None, "", " ", "W", "°C", "°", "\u00b5V", "\u03bcV", "x"]
    ),
    "value_template": SOURCES,
    "visible_by_default": BOOLEANS,
}
# Few keys at a time: of many, one is always wrong.
CONFIGS = st.one_of(
    st.lists(st.sampled_from(sorted(USUAL)), max_size=3, unique=True).flatmap(
        lambda keys: st.fixed_dictionaries({key: USUAL[key] for key in keys})
    ),
    st.fixed_dictionaries(
        {},
        optional={
            key: USUAL[key]
            for key in (
                "device_class",
                "last_reset_value_template",
                "options",
                "state_class",
                "unit_of_measurement",
            )
        },
    ),
    st.dictionaries(st.sampled_from([*sorted(USUAL), "other"]), ANYTHING, max_size=2),
)


@settings(
    max_examples=600,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    platform=st.sampled_from(sorted(CORE)),
    config=CONFIGS,
    topics=st.sampled_from(
        [
            {"state_topic": "a", "command_topic": "a"},
            {
                "state_topic": "a",
                "command_topic": "a",
                "event_types": ["a"],
                "options": ["a"],
            },
            {},
        ]
    ),
)
def test_any_config(
    hass: HomeAssistant, platform: str, config: dict[str, Any], topics: dict[str, Any]
) -> None:
    """Both take it, with the same result, or both refuse it."""
    if "$share" in str(config):
        # Core knows no shared subscriptions; a filter of one is a plain filter to it.
        our_config(platform, topics | config)
        return
    assert_same(platform, topics | config)


# --- our own -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "valid"),
    [
        ("$share/group/a/+", True),
        ("$share/group", False),
        ("$share//a", False),
        ("$share/g+/a", False),
    ],
)
async def test_shared_subscriptions(topic: str, valid: bool) -> None:
    """A state topic may be a shared subscription (MQTT 5 section 4.8.2)."""
    config = our_config("sensor", {"state_topic": topic})
    assert (config != REFUSED) is valid


async def test_entity_config(hass: HomeAssistant) -> None:
    """An entity config knows its platform; its device and origin are told elsewhere."""
    config = entity_config(
        "sensor",
        {
            **SENSOR,
            "device": DEVICE,
            "origin": {"name": "x"},
            "platform": "other",
            "x": 1,
        },
    )
    expected: EntityConfig = {
        "availability_mode": "latest",
        "enabled_by_default": True,
        "encoding": "utf-8",
        "force_update": False,
        "payload_available": "online",
        "payload_not_available": "offline",
        "platform": "sensor",
        "qos": 0,
        "state_topic": "a/b",
        "visible_by_default": True,
    }
    assert config == expected
    # What a subentry stores, validated again, is the same.
    assert entity_config("sensor", config) == expected
    with pytest.raises(vol.Invalid, match="unsupported platform 'teapot'"):
        entity_config("teapot", SENSOR)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", id="brackets"),
        pytest.param("{{ 9" + "9" * 5000 + " }}", id="digits"),
        pytest.param("{{ value" + "[0]" * 3000 + " }}", id="path"),
        pytest.param("{{ value" + "[::2]" * 3000 + " }}", id="slices"),
        pytest.param("{{ " + "-" * 3000 + "1 }}", id="signs"),
        pytest.param("{{ value" + " ~ value | list" * 3000 + " }}", id="concatenation"),
        pytest.param("{% if a %}" * 1000, id="unclosed"),
        pytest.param("{% if a %}" * 200 + "{% endif %}" * 200, id="nested"),
        pytest.param("{{ '\ud800' }}{{ x | tojson }}", id="surrogate"),
        pytest.param("{{ x | tojson }}\0", id="null"),
    ],
)
async def test_hostile_templates(hass: HomeAssistant, source: str) -> None:
    """What breaks the compiler is an invalid template, and nothing worse."""
    with suppress(vol.Invalid):
        template(source)
