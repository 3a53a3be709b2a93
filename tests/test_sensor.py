"""Sensors show what topics say, as core's do."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_time_changed,
    mock_restore_cache_with_extra_data,
)

from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

ENTITY = "sensor.boiler_value"
TOPIC = "boiler/value"
LONG = "x" * 256


def sensor(**config: Any) -> dict[str, Any]:
    """Return a component with the topic TOPIC and the entity id ENTITY."""
    return {"platform": "sensor", "name": "Value", "state_topic": TOPIC, **config}


@pytest.mark.parametrize(
    ("config", "payload", "state"),
    [
        ({}, "21.5", "21.5"),
        ({}, "warm", "warm"),
        ({}, "", ""),
        ({}, "None", STATE_UNKNOWN),
        ({}, "x" * 255, "x" * 255),
        ({"value_template": "{{ value_json.t }}"}, {"t": 21.5}, "21.5"),
        ({"value_template": "{{ value | int + 1 }}"}, "1", "2"),
        ({"value_template": "{{ none }}"}, "1", STATE_UNKNOWN),
        ({"value_template": "{{ entity_id }}"}, "1", ENTITY),
        ({"value_template": "{{ name }}"}, "1", "Value"),
        ({"value_template": "{{ this.state }}"}, "1", STATE_UNKNOWN),
        ({"device_class": "temperature", "unit_of_measurement": "°C"}, "21.5", "21.5"),
        ({"device_class": "temperature", "unit_of_measurement": "°F"}, "50", "10.0"),
        ({"state_class": "measurement"}, "1e3", "1e3"),
        ({"state_class": "measurement"}, "None", STATE_UNKNOWN),
        (
            {"device_class": "timestamp"},
            "2026-10-01T12:00:00+02:00",
            "2026-10-01T10:00:00+00:00",
        ),
        ({"device_class": "date"}, "2026-10-01", "2026-10-01"),
        ({"device_class": "date"}, "2026-10-01T23:00:00+00:00", "2026-10-01"),
        ({"device_class": "timestamp"}, "None", STATE_UNKNOWN),
        ({"device_class": "enum", "options": ["on", "off"]}, "off", "off"),
        ({"device_class": "enum"}, "anything", "anything"),
        ({"encoding": "latin-1"}, b"\xe4", "ä"),
    ],
)
async def test_values(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    payload: Any,
    state: str,
) -> None:
    """A payload, or what the template makes of it, is the state."""
    house = await furnish(hass, add_entry, peer, sensor(**config))
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.say(TOPIC, payload)
    assert house.state(ENTITY).state == state
    assert house.runtime.bad_payloads.count == 0


@pytest.mark.parametrize(
    ("config", "good", "bad", "reason"),
    [
        ({}, "warm", LONG, "256 characters"),
        ({}, "warm", b"\xff", "not utf-8"),
        ({"encoding": ""}, None, "warm", "the encoding is empty"),
        ({"unit_of_measurement": "W"}, "5", "five", "not a number"),
        ({"unit_of_measurement": "W"}, "5", "nan", "not a finite number"),
        ({"unit_of_measurement": "W"}, "5", "-inf", "not a finite number"),
        ({"unit_of_measurement": "W"}, "5", "1" * 256, "256 characters"),
        ({"suggested_display_precision": 1}, "5", "five", "not a number"),
        ({"device_class": "power"}, "5", "five", "not a number"),
        (
            {"device_class": "enum", "options": ["on", "off"]},
            "off",
            "broken",
            "none of the sensor's options",
        ),
        (
            {"device_class": "timestamp"},
            "2026-10-01T12:00:00+00:00",
            "2026-10-01T13:00:00",
            "no time zone",
        ),
        ({"device_class": "timestamp"}, None, "soon", "not a date and time"),
        ({"device_class": "date"}, "2026-10-01", "2026-13-01", "not a date and time"),
        (
            {"device_class": "timestamp"},
            None,
            "2026-02-30 12:00:00+00:00",
            "not a date and time",
        ),
        (
            {"value_template": "{{ value_json.a.b }}"},
            {"a": {"b": 1}},
            {"a": "c"},
            None,
        ),
        (
            {"value_template": "{{ value_json.a.b }}"},
            {"a": {"b": 1}},
            "{",
            "the value template fails on it",
        ),
        ({"value_template": "{{ 1 / value | int }}"}, "1", "0", "ZeroDivisionError"),
    ],
)
async def test_bad_payloads_change_nothing(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
    config: dict[str, Any],
    good: Any,
    bad: Any,
    reason: str | None,
) -> None:
    """A payload that makes no sense is counted and logged once; the state stays."""
    house = await furnish(hass, add_entry, peer, sensor(**config))
    if good is not None:
        await house.say(TOPIC, good)
    before = house.state(ENTITY)
    assert (before.state == STATE_UNKNOWN) is (good is None)
    events = async_capture_events(hass, EVENT_STATE_CHANGED)
    await house.say(TOPIC, bad)
    await house.say(TOPIC, bad)
    if reason is None:
        # Jinja takes the attribute of a text as empty: core shows that, too.
        assert house.state(ENTITY).state == ""
        return
    assert house.state(ENTITY) is before
    assert not events
    assert house.runtime.bad_payloads.count == 2
    assert house.runtime.bad_payloads.topics == {TOPIC: 2}
    lines = [each for each in caplog.messages if "changes nothing" in each]
    assert len(lines) == 1
    assert reason in lines[0]
    assert house.runtime.broker.counters.handler_errors == 0


async def test_empty_payload_is_no_number(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Where a number is expected an empty payload says nothing; it is not an error."""
    house = await furnish(hass, add_entry, peer, sensor(unit_of_measurement="W"))
    await house.say(TOPIC, "5")
    await house.say(TOPIC, "")
    assert house.state(ENTITY).state == "5"
    assert house.runtime.bad_payloads.count == 0


async def test_attributes_of_the_platform(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Device class, state class, unit and precision reach Home Assistant."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        sensor(
            device_class="energy",
            state_class="total",
            unit_of_measurement="kWh",
            suggested_display_precision=1,
            last_reset_value_template="{{ value_json.since }}",
            value_template="{{ value_json.used }}",
        ),
    )
    await house.say(TOPIC, {"used": 1.25, "since": "2026-10-01T00:00:00+00:00"})
    state = house.state(ENTITY)
    assert state.state == "1.25"
    assert state.attributes == {
        "device_class": "energy",
        "friendly_name": "Boiler Value",
        "last_reset": "2026-10-01T00:00:00+00:00",
        "state_class": "total",
        "unit_of_measurement": "kWh",
    }
    options = house.registered(ENTITY).options["sensor"]
    assert options["suggested_display_precision"] == 1
    # A value without its reset, and a reset that is none.
    await house.say(TOPIC, {"used": 2, "since": ""})
    await house.say(TOPIC, {"used": 3, "since": "yesterday"})
    state = house.state(ENTITY)
    assert state.state == "3"
    assert state.attributes["last_reset"] == "2026-10-01T00:00:00+00:00"
    assert house.runtime.bad_payloads.count == 1


async def test_options(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """The options of an enum are an attribute."""
    house = await furnish(
        hass, add_entry, peer, sensor(device_class="enum", options=["on", "off"])
    )
    assert house.state(ENTITY).attributes["options"] == ["on", "off"]


async def test_one_write_per_change(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The same value again is not written; state and attributes are written together."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        sensor(
            value_template="{{ value_json.value }}",
            json_attributes_topic=TOPIC,
            availability_topic=TOPIC,
            availability_template="{{ value_json.there }}",
        ),
    )
    events = async_capture_events(hass, EVENT_STATE_CHANGED)
    said = {"value": 1, "there": "online", "more": 1}
    await house.say(TOPIC, said)
    assert len(events) == 1
    assert house.state(ENTITY).state == "1"
    assert house.state(ENTITY).attributes["more"] == 1
    reported = house.state(ENTITY).last_reported
    await house.say(TOPIC, said)
    assert len(events) == 1
    assert house.state(ENTITY).last_reported == reported


async def test_force_update(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """With force_update the same value again is a change, what is wrong still is none."""
    house = await furnish(
        hass, add_entry, peer, sensor(force_update=True, unit_of_measurement="W")
    )
    events = async_capture_events(hass, EVENT_STATE_CHANGED)
    await house.say(TOPIC, "1")
    await house.say(TOPIC, "1")
    await house.say(TOPIC, "one")
    assert len(events) == 2


async def expire(hass: HomeAssistant, seconds: float) -> None:
    """Let time pass."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done()


async def test_expire_after(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A value is good for some seconds; any message renews it, even a wrong one."""
    house = await furnish(
        hass, add_entry, peer, sensor(expire_after=30, unit_of_measurement="W")
    )
    assert house.state(ENTITY).state == STATE_UNAVAILABLE
    await house.say(TOPIC, "1")
    assert house.state(ENTITY).state == "1"
    await expire(hass, 20)
    assert house.state(ENTITY).state == "1"
    await expire(hass, 31)
    assert house.state(ENTITY).state == STATE_UNAVAILABLE
    await house.say(TOPIC, "one")
    assert house.state(ENTITY).state == "1"
    await expire(hass, 31)
    assert house.state(ENTITY).state == STATE_UNAVAILABLE


async def test_expire_after_zero(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """No seconds are no limit."""
    house = await furnish(hass, add_entry, peer, sensor(expire_after=0))
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.say(TOPIC, "1")
    await expire(hass, 100000)
    assert house.state(ENTITY).state == "1"


async def test_expire_after_changes(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A new time counts from the change; a value that was there stays until then."""
    house = await furnish(hass, add_entry, peer, sensor())
    await house.say(TOPIC, "1")
    await house.change({"c0": sensor(expire_after=10)})
    assert house.state(ENTITY).state == "1"
    await house.change({"c0": sensor(expire_after=10, icon="mdi:fire")})
    await expire(hass, 11)
    assert house.state(ENTITY).state == STATE_UNAVAILABLE
    await house.change({"c0": sensor()})
    assert house.state(ENTITY).state == "1"


@pytest.mark.parametrize(
    ("stored", "age", "state"),
    [
        ({"native_value": 19, "native_unit_of_measurement": "W"}, 10, "19"),
        ({"native_value": 19, "native_unit_of_measurement": "W"}, 31, None),
        ({"native_value": 19, "native_unit_of_measurement": "kW"}, 10, None),
        ({"native_value": "x", "native_unit_of_measurement": "W"}, 10, None),
        ({}, 10, None),
    ],
)
async def test_restored_for_the_rest_of_its_time(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    freezer: FrozenDateTimeFactory,
    stored: dict[str, Any],
    age: int,
    state: str | None,
) -> None:
    """A restart is no message: what was left of the time goes on."""
    now = dt_util.utcnow()
    last = State(ENTITY, "19", last_changed=now - timedelta(seconds=age))
    mock_restore_cache_with_extra_data(hass, [(last, stored)])
    house = await furnish(
        hass, add_entry, peer, sensor(expire_after=30, unit_of_measurement="W")
    )
    assert house.state(ENTITY).state == (state or STATE_UNAVAILABLE)
    await expire(hass, 21)
    assert house.state(ENTITY).state == STATE_UNAVAILABLE


async def test_unavailable_is_not_restored(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What was not known before the restart isn't known after it."""
    last = State(ENTITY, STATE_UNAVAILABLE)
    mock_restore_cache_with_extra_data(hass, [(last, {})])
    house = await furnish(hass, add_entry, peer, sensor(expire_after=30))
    assert house.state(ENTITY).state == STATE_UNAVAILABLE


async def test_renamed_entity_goes_on(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Another entity id changes neither the value nor that it expires."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        sensor(expire_after=30, value_template="{{ value }} {{ entity_id }}"),
    )
    await house.say(TOPIC, "1")
    er.async_get(hass).async_update_entity(ENTITY, new_entity_id="sensor.other")
    await hass.async_block_till_done()
    assert hass.states.get(ENTITY) is None
    assert house.state("sensor.other").state == f"1 {ENTITY}"
    await house.say(TOPIC, "2")
    assert house.state("sensor.other").state == "2 sensor.other"
    await expire(hass, 31)
    assert house.state("sensor.other").state == STATE_UNAVAILABLE


async def test_new_precision_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Another precision and unit reach the registry without a reload."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        sensor(unit_of_measurement="W", suggested_display_precision=1),
    )
    await house.say(TOPIC, "1", retain=True)
    await house.change(
        {"c0": sensor(unit_of_measurement="kW", suggested_display_precision=2)}
    )
    registered = house.registered(ENTITY)
    assert registered.options["sensor"]["suggested_display_precision"] == 2
    assert registered.unit_of_measurement == "kW"
    # The old number was in other units; the retained one is read again.
    assert house.state(ENTITY).state == "1"
    assert house.state(ENTITY).attributes["unit_of_measurement"] == "kW"


async def test_text_becomes_a_number(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A precision makes a sensor numeric: its text is gone, a number stays."""
    house = await furnish(hass, add_entry, peer, sensor())
    await house.say(TOPIC, "warm")
    await house.change({"c0": sensor(suggested_display_precision=1)})
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.say(TOPIC, "21")
    await house.change({"c0": sensor(suggested_display_precision=2)})
    assert house.state(ENTITY).state == "21"


async def test_default_name(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a name the device class gives one, else the platform; null is the device's."""
    house: House = await furnish(
        hass,
        add_entry,
        peer,
        {"platform": "sensor", "state_topic": "a"},
        {"platform": "sensor", "state_topic": "a", "device_class": "power"},
        {"platform": "sensor", "state_topic": "a", "name": None},
    )
    names = {
        entity_id: house.state(entity_id).name
        for entity_id in hass.states.async_entity_ids("sensor")
    }
    assert names == {
        "sensor.boiler_mqtt_sensor": "Boiler MQTT Sensor",
        "sensor.boiler_power": "Boiler Power",
        "sensor.boiler": "Boiler",
    }
    # A name that goes leaves the one that follows from the device class.
    power = {"platform": "sensor", "state_topic": "a", "device_class": "power"}
    await house.change({"c1": {**power, "name": "Load"}})
    assert house.state("sensor.boiler_power").name == "Boiler Load"
    await house.change({"c1": power})
    assert house.state("sensor.boiler_power").name == "Boiler Power"


async def test_many_topics_with_bad_payloads(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A wildcard may match any number of topics: not all of them are remembered."""
    monkeypatch.setattr("custom_components.mqtt_websocket.bad_payloads.MAX_TOPICS", 2)
    house = await furnish(hass, add_entry, peer, sensor(state_topic="many/+"))
    for number in (1, 2, 3, 4, 1):
        await house.say(f"many/{number}", b"\xff")
    assert house.runtime.bad_payloads.count == 5
    assert house.runtime.bad_payloads.topics == {"many/1": 2, "many/2": 1}
    assert len([each for each in caplog.messages if "changes nothing" in each]) == 2
