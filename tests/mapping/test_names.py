"""What proposed entities are called: which is the device itself, and how much is said."""

import json
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.mapping.suggest import suggest


def names(heard: dict[str, Any]) -> list[str | None]:
    """Return the names of all that is proposed, in the order of what was heard."""
    found = suggest(
        {
            topic: [payload if isinstance(payload, str) else json.dumps(payload)]
            for topic, payload in heard.items()
        }
    )
    proposals = [each for device in found for each in device.proposals()]
    # The sure ones stand first; here the order of the topics and keys is easier read.
    topics = list(heard)
    proposals.sort(key=lambda each: topics.index(each.config["state_topic"]))
    return [each.config["name"] for each in proposals]


def settable(path: str, value: str, **attributes: str) -> dict[str, str]:
    """Return what is heard of a Homie property that can be set."""
    attributes = {"settable": "true"} | attributes
    return {f"homie/boiler/{path}": value} | {
        f"homie/boiler/{path}/${key}": each for key, each in attributes.items()
    }


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("relay/power", None),
        ("relay/state", None),
        ("relay/output", None),
        ("relay/relay", None),
        ("relay/relay_2", "Relay 2"),
        ("relay/heater", "Heater"),
    ],
)
async def test_the_only_switch(
    hass: HomeAssistant, node: str, expected: str | None
) -> None:
    """It is what the device is for, whatever numbers can be set beside it."""
    heard = settable(node, "true", datatype="boolean")
    assert names(heard) == [expected]
    number = settable("limit/target", "5", datatype="integer", format="1:9")
    assert names(heard | number)[0] == expected


async def test_two_switches(hass: HomeAssistant) -> None:
    """None of two is what the device is for."""
    heard = settable("a/power", "true", datatype="boolean")
    heard |= settable("b/power", "true", datatype="boolean")
    assert names(heard) == ["A power", "B power"]


@pytest.mark.parametrize(
    ("topic", "expected"),
    [("relays/0", None), ("relays/heater", "Heater"), ("relays/output", None)],
)
async def test_a_switch_that_has_a_number(
    hass: HomeAssistant, topic: str, expected: str | None
) -> None:
    """A number says nothing about what is switched."""
    assert names({topic: "ON", f"{topic}/set": "OFF"}) == [expected]


async def test_a_name_that_the_device_tells(hass: HomeAssistant) -> None:
    """It counts more than what its topic says."""
    told = settable("n/p", "5", name="Warmth of the room", settable="false")
    assert names(told) == ["Warmth of the room"]
    assert names(settable("n/p", "5", unit="%", settable="false")) == ["N p"]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        # The word before is said only where one alone says nothing, or not enough.
        ({"outside": {"temp": 5}}, ["Temperature"]),
        ({"inside": {"temp": 5}, "outside": {"temp": 6}},
         ["Inside temperature", "Outside temperature"]),
        ({"sensor": {"12": 5}}, ["Sensor 12"]),
        ({"tank": {"level": 5}}, ["Tank level"]),
        ({"x": 5}, ["X"]),
        ({"sensor": {"x": 5}}, ["Sensor x"]),
        # A number is no beginning of a name.
        ({"a": {"b": {"1": {"foo": 5}}, "c": {"1": {"foo": 6}}}},
         ["B 1 foo", "C 1 foo"]),
        ({"1": {"foo": 5}, "2": {"foo": 6}}, ["Foo 1", "Foo 2"]),
        # Units are not said, nor a letter that goes with one.
        ({"inside": {"temp_c": 5}, "outside": {"temp_c": 6}},
         ["Inside temperature", "Outside temperature"]),
        ({"temperature": {"tC": 5}}, ["Temperature"]),
        ({"inside": {"temperature": {"tC": 5}}, "outside": {"temperature": {"tC": 6}}},
         ["Inside temperature", "Outside temperature"]),
        # But the quantity is, where the unit alone said it.
        ({"phase1_v": {"average": "230 V"}}, ["Phase1 average voltage"]),
        ({"pump": {"V": {"max": "231 V"}}}, ["Pump max voltage"]),
        ({"l1_watts": 500}, ["L1 power"]),
        ({"voltage_v": 230}, ["Voltage"]),
        ({"outside_celsius": 5}, ["Outside"]),
        # Nothing is said twice, and what has no words is not said at all.
        ({"a": {"power": {"power": "1 W"}}, "b": {"power": {"power": "2 W"}}},
         ["A power", "B power"]),
        ({"-": {"foo": 1}, "b": {"foo": 2}}, ["Foo", "B foo"]),
        ({"-": 1}, [None]),
        # A chip's name stays as it is.
        ({"BME280": {"Temperature": 5}, "DS18B20": {"Temperature": 6}},
         ["BME280 temperature", "DS18B20 temperature"]),
        # "ok" is said unless what is shown is its contrary.
        ({"battery_ok": True}, ["Battery"]),
        ({"self_test_ok": True}, ["Self test ok"]),
        ({"backup_ok": "2026-11-23T05:00:00+00:00"}, ["Backup ok"]),
        # The device's own name stands before all of them.
        ({"thing_speed": 5}, ["Speed"]),
        ({"things_speed": 5}, ["Things speed"]),
        ({"thing": 5}, ["Thing"]),
    ],
)  # fmt: skip
async def test_names(
    hass: HomeAssistant, payload: dict[str, Any], expected: list[str | None]
) -> None:
    """A name is as short as it can be without being another one's."""
    assert names({"home/thing": payload}) == expected


async def test_a_device_with_one_value(hass: HomeAssistant) -> None:
    """It has the device's name, and so shows it where names are listed in short."""
    (device,) = suggest({"kitchen/lamp/state": ["ON"], "kitchen/lamp/set": ["OFF"]})
    assert names({"kitchen/lamp/state": "ON"}) == [None]
    assert device.samples == [("Kitchen lamp", "ON")]
    (device,) = suggest({"kitchen/lamp": ['{"power": {"state": "on"}, "w": 4}']})
    assert device.samples == [("Power state", "on"), ("W", "4")]
