"""Devices: from announcements and subentries to entity configs."""

from collections.abc import Mapping
import copy
import json
from types import MappingProxyType
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
import voluptuous as vol

from homeassistant.components.mqtt import schemas as core_schemas
from homeassistant.components.mqtt.discovery import (
    MQTTDiscoveryPayload,
    _merge_common_device_options,
)
from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.mapping.schemas import (
    ENTITY_SCHEMAS,
    SHARED_OPTIONS,
    DeviceConfig,
    device_from_payload,
)

from .test_schemas import ANYTHING, CORE, USUAL, plain

ANNOUNCEMENT: dict[str, Any] = {
    "device": {
        "identifiers": ["0x0c4314fffe"],
        "name": "Plug",
        "manufacturer": "Maker",
        "model": "P1",
        "sw_version": 12,
    },
    "origin": {
        "name": "Bridge",
        "sw_version": "2.1",
        "support_url": "https://example.com",
    },
    "state_topic": "bridge/plug",
    "availability": [
        {"topic": "bridge/state", "value_template": "{{ value_json.state }}"}
    ],
    "availability_mode": "all",
    "qos": 1,
    "components": {
        "power": {
            "platform": "sensor",
            "unique_id": "plug_power",
            "device_class": "power",
            "unit_of_measurement": "W",
            "value_template": "{{ value_json.power }}",
        },
        "state": {
            "platform": "switch",
            "unique_id": "plug_switch",
            "command_topic": "bridge/plug/set",
            "value_template": "{{ value_json.state }}",
            "qos": 2,
        },
        "gone": {"platform": "sensor"},
    },
}


def announcement(**changes: Any) -> dict[str, Any]:
    """Return the announcement with other keys; those that are None are left out."""
    changed = copy.deepcopy(ANNOUNCEMENT) | changes
    return {key: value for key, value in changed.items() if value is not None}


async def test_announcement(hass: HomeAssistant) -> None:
    """A device, its entities, and what they share."""
    device = device_from_payload(ANNOUNCEMENT)
    assert device == DeviceConfig(
        name="Plug",
        info={
            "identifiers": ["0x0c4314fffe"],
            "connections": [],
            "name": "Plug",
            "manufacturer": "Maker",
            "model": "P1",
            "sw_version": "12",
        },
        entities={
            "power": {
                "availability": [
                    {
                        "payload_available": "online",
                        "payload_not_available": "offline",
                        "topic": "bridge/state",
                        "value_template": "{{ value_json.state }}",
                    }
                ],
                "availability_mode": "all",
                "device_class": "power",
                "enabled_by_default": True,
                "encoding": "utf-8",
                "force_update": False,
                "payload_available": "online",
                "payload_not_available": "offline",
                "platform": "sensor",
                "qos": 1,
                "state_topic": "bridge/plug",
                "unique_id": "plug_power",
                "unit_of_measurement": "W",
                "value_template": "{{ value_json.power }}",
                "visible_by_default": True,
            },
            "state": {
                "availability": [
                    {
                        "payload_available": "online",
                        "payload_not_available": "offline",
                        "topic": "bridge/state",
                        "value_template": "{{ value_json.state }}",
                    }
                ],
                "availability_mode": "all",
                "command_topic": "bridge/plug/set",
                "enabled_by_default": True,
                "encoding": "utf-8",
                "optimistic": False,
                "payload_available": "online",
                "payload_not_available": "offline",
                "payload_off": "OFF",
                "payload_on": "ON",
                "platform": "switch",
                "qos": 2,
                "retain": False,
                "state_topic": "bridge/plug",
                "unique_id": "plug_switch",
                "value_template": "{{ value_json.state }}",
                "visible_by_default": True,
            },
        },
        invalid={},
        origin={
            "name": "Bridge",
            "sw_version": "2.1",
            "support_url": "https://example.com",
        },
    )
    # All of it can be stored, and told in diagnostics.
    json.dumps(device.entities)


async def test_a_wrong_component_costs_only_itself(hass: HomeAssistant) -> None:
    """The others live, and it is told what is wrong with it."""
    device = device_from_payload(
        announcement(
            components={
                "good": {"platform": "sensor", "unique_id": "good"},
                "teapot": {"platform": "teapot", "unique_id": "teapot"},
                "vacuum": {"platform": "vacuum", "unique_id": "vacuum"},
                "number": {"platform": 5, "unique_id": "number"},
                "nothing": {},
                "text": "sensor",
                "anonymous": {"platform": "sensor", "name": "x"},
                "null": {"platform": "sensor", "unique_id": None},
                "switch": {"platform": "switch", "unique_id": "switch"},
                "unit": {
                    "platform": "sensor",
                    "unique_id": "unit",
                    "device_class": "power",
                    "unit_of_measurement": "°C",
                },
                "template": {
                    "platform": "sensor",
                    "unique_id": "template",
                    "value_template": "{{ value",
                },
                "overflow": {
                    "platform": "sensor",
                    "unique_id": "overflow",
                    "message_expiry_interval": {"days": 10**30},
                },
            }
        )
    )
    assert list(device.entities) == ["good"]
    assert device.invalid == {
        "teapot": "unsupported platform 'teapot' at 'platform'",
        "vacuum": "unsupported platform 'vacuum' at 'platform'",
        "number": "expected str at 'platform'",
        "nothing": "required key not provided at 'platform'",
        "text": "expected a mapping",
        "anonymous": "required key not provided at 'unique_id'",
        "null": "string value is None at 'unique_id'",
        "switch": "required key not provided at 'command_topic'",
        "unit": (
            "The unit of measurement `°C` is not valid together with device class `power`"
        ),
        "template": device.invalid["template"],
        "overflow": "the duration is too long at 'message_expiry_interval'",
    }
    assert "invalid template" in device.invalid["template"]


@pytest.mark.parametrize(
    "changes",
    [
        {"device": None},
        {"device": {}},
        {"device": {"name": "no identifiers"}},
        {"device": "x"},
        {"origin": None},
        {"origin": {}},
        {"components": None},
        {"components": []},
        {"components": {5: {}}},
        {"state_topic": "a+"},
        {"command_topic": "a/#"},
        {"qos": 3},
        {"message_expiry_interval": "x"},
        {"availability_topic": "a"},
        {"availability_mode": "some"},
        {"encoding": ["x"]},
        {"nosuch": 1},
        {"~": "base"},
    ],
)
async def test_wrong_as_a_whole(hass: HomeAssistant, changes: dict[str, Any]) -> None:
    """What core refuses as a whole."""
    payload = announcement(**changes)
    with pytest.raises(vol.Invalid):
        core_schemas.DEVICE_DISCOVERY_SCHEMA(copy.deepcopy(payload))
    with pytest.raises(vol.Invalid):
        device_from_payload(payload)


def test_shared_options() -> None:
    """What components inherit is what they inherit in core."""
    assert set(SHARED_OPTIONS) == set(core_schemas.SHARED_OPTIONS)


# --- subentries --------------------------------------------------------------------

SUBENTRY: Mapping[str, Any] = MappingProxyType(
    {
        "device": {"manufacturer": "Me", "sw_version": "1"},
        "availability_topic": "me/state",
        "payload_available": "here",
        "components": {
            "01H": {"platform": "sensor", "name": "Power", "state_topic": "me/power"},
            "01J": {"platform": "sensor", "name": "Broken"},
        },
    }
)


async def test_subentry(hass: HomeAssistant) -> None:
    """A person's device has neither identifiers nor origin, and its entities no ids."""
    before = copy.deepcopy(dict(SUBENTRY))
    device = device_from_payload(SUBENTRY, identifier="subentry", name="Mine")
    assert device.name == "Mine"
    assert device.info == {
        "identifiers": ["subentry"],
        "connections": [],
        "name": "Mine",
        "manufacturer": "Me",
        "sw_version": "1",
    }
    assert device.origin is None
    assert device.invalid == {"01J": "required key not provided at 'state_topic'"}
    config = device.entities["01H"]
    assert config["unique_id"] == "subentry_01H"
    assert config["availability_topic"] == "me/state"
    assert config["payload_available"] == "here"
    assert config["payload_not_available"] == "offline"
    assert dict(SUBENTRY) == before


@pytest.mark.parametrize("data", [{}, {"device": {}}, {"components": {}}])
async def test_empty_subentry(hass: HomeAssistant, data: dict[str, Any]) -> None:
    """A device may have no entities yet."""
    device = device_from_payload(data, identifier="subentry", name="Mine")
    assert device.entities == {}
    assert device.invalid == {}


async def test_subentry_takes_what_an_announcement_was(hass: HomeAssistant) -> None:
    """Whatever identified it before, a subentry's device is known by the subentry."""
    device = device_from_payload(
        announcement(origin=None), identifier="subentry", name="Copy"
    )
    assert device.info["identifiers"] == ["subentry"]
    assert device.entities["power"]["unique_id"] == "subentry_power"
    # Nothing is taken back from a subentry: this one has its device's topic.
    assert device.entities.keys() == {"power", "state", "gone"}


async def test_subentry_device_is_wrong(hass: HomeAssistant) -> None:
    """A subentry can be wrong too."""
    with pytest.raises(vol.Invalid):
        device_from_payload({"device": []}, identifier="subentry")


# --- as core hands them down -------------------------------------------------------


def core_entities(payload: dict[str, Any]) -> dict[str, Any] | None:
    """Return core's entity configs (homeassistant/components/mqtt/discovery.py)."""
    device = MQTTDiscoveryPayload(copy.deepcopy(payload))
    try:
        core_schemas.DEVICE_DISCOVERY_SCHEMA(device)
    except vol.Invalid, TypeError, OverflowError, AttributeError:
        return None
    entities = {}
    for key, config in device["components"].items():
        platform = config.pop("platform")
        if not config:
            continue
        component = MQTTDiscoveryPayload(config)
        component["device"] = device["device"]
        component["origin"] = device["origin"]
        _merge_common_device_options(component, device)
        try:
            entity = plain(CORE[platform](component))
        except vol.Invalid, TypeError, OverflowError, AttributeError:
            continue
        del entity["device"], entity["origin"]
        entities[key] = entity | {"platform": platform}
    return entities


OPTIONS = st.lists(
    st.sampled_from([*SHARED_OPTIONS, "availability", "state_topic"]), max_size=3
).flatmap(
    lambda keys: st.fixed_dictionaries(
        {key: st.one_of(USUAL[key], USUAL[key], ANYTHING) for key in keys}
    )
)
COMPONENTS = st.builds(
    lambda platform, own, shared: {
        "platform": platform,
        "unique_id": "u",
        **own,
        **shared,
    },
    st.sampled_from(sorted(ENTITY_SCHEMAS)),
    st.sampled_from(
        [
            {"state_topic": "a", "command_topic": "a"},
            {"command_topic": "b"},
            {"value_template": "{{ value_json.a }}"},
            {"device_class": "power", "unit_of_measurement": "W"},
        ]
    ),
    OPTIONS,
)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    shared=OPTIONS,
    components=st.dictionaries(
        st.sampled_from(["a", "b", ""]),
        st.one_of(COMPONENTS, COMPONENTS, st.builds(dict, platform=st.just("sensor"))),
        max_size=3,
    ),
)
def test_as_core(
    hass: HomeAssistant, shared: dict[str, Any], components: dict[str, Any]
) -> None:
    """The same announcements become the same entities."""
    payload = {
        "device": {"identifiers": "x"},
        "origin": {"name": "o"},
        "components": components,
        **shared,
    }
    if "$share" in str(payload):
        return
    before = copy.deepcopy(payload)
    expected = core_entities(payload)
    try:
        entities: dict[str, Any] | None = device_from_payload(payload).entities
    except vol.Invalid:
        entities = None
    assert entities == expected
    assert payload == before


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    payload=st.dictionaries(
        st.sampled_from(["device", "origin", "components", "qos", "availability"]),
        ANYTHING,
    ),
    components=st.dictionaries(st.text(max_size=2), ANYTHING, max_size=3),
    identifier=st.sampled_from([None, "subentry"]),
)
def test_nothing_but_invalid(
    hass: HomeAssistant,
    payload: dict[str, Any],
    components: dict[str, Any],
    identifier: str | None,
) -> None:
    """Whatever a stranger announces, it is a device or it is invalid."""
    for written in (payload, {"device": {"identifiers": 1}, "origin": {"name": 1}}):
        try:
            device_from_payload(
                {"components": components, **written}, identifier=identifier
            )
        except vol.Invalid:
            continue
