"""Proposals for what was heard, on payloads as the programs and devices send them."""

import json
from pathlib import Path
import time
from typing import Any

import pytest

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.mapping.classify import key_fits
from custom_components.mqtt_websocket.mapping.grouping import pattern
from custom_components.mqtt_websocket.mapping.heard import number, values_in, words
from custom_components.mqtt_websocket.mapping.schemas import entity_config
from custom_components.mqtt_websocket.mapping.suggest import ProposedDevice, suggest
from custom_components.mqtt_websocket.mapping.suggestions import FAMILIES, VALUES
from custom_components.mqtt_websocket.mapping.template import ValueTemplate

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.json"))


def recorded(path: Path) -> dict[str, Any]:
    """Return a recording, with what is expected of it."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    # JSON payloads are written as what they are, to be read by people.
    content["heard"] = {
        topic: [
            payload
            if isinstance(payload, str)
            else json.dumps(payload, ensure_ascii=False)
            for payload in payloads
        ]
        for topic, payloads in content["heard"].items()
    }
    return content


def written(device: ProposedDevice) -> dict[str, Any]:
    """Return a proposed device as the recordings have it."""
    return {
        "name": device.name,
        "info": device.info,
        "shared": device.shared,
        "entities": [
            {**proposal.config, "sure": proposal.sure}
            for proposal in device.proposals()
        ],
    }


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_recorded(hass: HomeAssistant, path: Path) -> None:
    """Each family's topics become the devices and entities that a person would make."""
    content = recorded(path)
    assert [written(each) for each in suggest(content["heard"])] == content["expected"]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_proposals_work(hass: HomeAssistant, path: Path) -> None:
    """What is proposed is valid, and makes a value of what was heard."""
    for device in suggest(recorded(path)["heard"]):
        keys = set()
        for proposal in device.proposals():
            config = entity_config(
                proposal.config["platform"],
                {"unique_id": "-", **device.shared, **proposal.config},
            )
            template = ValueTemplate(hass, config.get("value_template"))
            message = Message(config["state_topic"], proposal.payload.encode())
            value = str(template.render(message))
            assert value, proposal
            check_value(config, value)
            keys.add(proposal.key)
        assert len(keys) == len(device.proposals())


def check_value(config: dict[str, Any], value: str) -> None:
    """Fail if an entity would not take its own value."""
    match config["platform"]:
        case "sensor" if "options" in config:
            assert value in config["options"]
        case "sensor" if "unit_of_measurement" in config:
            assert number(value) is not None
            assert config.get("device_class") is None or SensorDeviceClass(
                config["device_class"]
            )
        case "binary_sensor":
            assert value in (config["payload_on"], config["payload_off"])
            assert config.get("device_class") is None or BinarySensorDeviceClass(
                config["device_class"]
            )
        case "switch":
            states = {
                config.get("state_on", config["payload_on"]),
                config.get("state_off", config["payload_off"]),
            }
            assert value in states
        case "select":
            assert value in config["options"]
        case "cover":
            assert value in [config[f"state_{each}"] for each in ("open", "closed")]
        case "light":
            assert json.loads(value)["state"] in ("ON", "OFF")
        case "number":
            assert config["min"] <= float(value) <= config["max"]


def test_families_are_recorded() -> None:
    """No family is in the tables that no recording is tested on."""
    assert len(RECORDED) >= 15
    heard = [topic for path in RECORDED for topic in recorded(path)["heard"]]
    for family in FAMILIES:
        assert any(
            pattern(each).fullmatch(topic) for each in family.topics for topic in heard
        ), family.name


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("a/temperature", "312"),  # of an oven, or in °F
        ("a/power", "412"),  # W, or kW, or a switch
        ("a/energy", "41"),
        ("a/voltage", "3005"),
        ("a/battery", "3"),
        ("a/humidity", "0.46"),  # of 1
        ("a/soc", "0.87"),
        ("a/presence", "true"),  # somebody is home, or in the room
        ("a/pressure", "2.1"),
        ("a/current", "4.2"),
        ("a/frequency", "868.3"),
        ("a/speed", "4"),
        ("a/distance", "120"),
        ("a/gas", "4"),
        ("a/illuminance", "12000"),
        ("a/signal", "3"),
        ("a/temperature_unit", "C"),
        ("a/battery_type", "CR2032"),
        ("a/power_on_behavior", "previous"),
        ("a/phase_a", "12.1"),
        ("a/smoke", "412"),
        ("a/contact", "true"),  # closed, or open
        ("a/door", "ON"),
        ("a/timestamp", "2026-11-23T05:00:00"),  # of which zone?
    ],
)
async def test_rather_nothing_than_wrong(
    hass: HomeAssistant, topic: str, payload: str
) -> None:
    """Where a key alone does not tell, no class is given."""
    ((proposal,),) = [each.proposals() for each in suggest({topic: [payload]})]
    assert "device_class" not in proposal.config
    assert "unit_of_measurement" not in proposal.config


@pytest.mark.parametrize(
    ("topic", "payload", "unit"),
    [
        ("a/temperature_offset", "1 °C", "°C"),  # 1 °C warmer, not 34 °F
        ("a/temperature_trend", "0.4 °C", "°C"),
        ("a/water", "120 L", "L"),  # in a tank
        ("a/consumption_forecast_kwh", "12", "kWh"),
        ("a/battery_capacity_kwh", "10", "kWh"),
        ("a/efficiency", "95 %", "%"),
        ("a/height", "1.2 m", "m"),
        ("a/interval_seconds", "60", "s"),
    ],
)
async def test_a_unit_alone(
    hass: HomeAssistant, topic: str, payload: str, unit: str
) -> None:
    """A unit is shown, but does not make a class where several things have it."""
    ((proposal,),) = [each.proposals() for each in suggest({topic: [payload]})]
    assert "device_class" not in proposal.config
    assert "state_class" not in proposal.config
    assert proposal.config["unit_of_measurement"] == unit


async def test_commands_of_an_object(hass: HomeAssistant) -> None:
    """Beside a JSON object with a state, a topic for commands makes a switch."""
    heard = {
        "a/lamp": ['{"state": "OFF", "on": true}'],
        "a/lamp/set": ['{"state": "ON"}'],
    }
    (device,) = suggest(heard)
    switch, other = device.proposals()
    assert switch.config == {
        "platform": "switch",
        "name": None,
        "state_topic": "a/lamp",
        "value_template": "{{ value_json.state }}",
        "command_topic": "a/lamp/set",
        "command_template": '{"state": "{{ value }}"}',
    }
    assert other.config["platform"] == "binary_sensor"


@pytest.mark.parametrize(
    ("topic", "leaf"), [("a/fan/status", "command"), ("a/fan", "switch")]
)
async def test_command_beside_a_state(
    hass: HomeAssistant, topic: str, leaf: str
) -> None:
    """The command's topic is the state's, or that of the level above."""
    heard = {topic: ["off"], f"a/fan/{leaf}": ["on"]}
    ((proposal,),) = [each.proposals() for each in suggest(heard)]
    assert proposal.config["platform"] == "switch"
    assert proposal.config["command_topic"] == f"a/fan/{leaf}"
    assert proposal.config["payload_on"] == "on"
    assert proposal.sure


async def test_state_of_a_known_thing(hass: HomeAssistant) -> None:
    """The level before "state" may be a value of the one before, not a device."""
    heard = {"home/kitchen/temperature/state": ["20.5"], "home/kitchen/status": ["?"]}
    devices = {each.name: each.proposals() for each in suggest(heard)}
    assert devices["Kitchen"][0].config["name"] == "Temperature"


@pytest.mark.parametrize(
    ("attributes", "platform"),
    [
        ({"$datatype": "integer", "$settable": "true", "$format": "0:100"}, "number"),
        # A description that makes no sense is not worth an entity that fails.
        ({"$datatype": "integer", "$settable": "true", "$format": "9:1"}, None),
        ({"$datatype": "integer", "$settable": "true", "$format": "a"}, "sensor"),
        ({"$datatype": "integer", "$settable": "true"}, "sensor"),
        ({"$datatype": "enum", "$settable": "true", "$format": "a,b"}, "sensor"),
        ({"$datatype": "enum", "$format": "4,5"}, "sensor"),
        ({"$datatype": "boolean", "$settable": "true"}, "sensor"),
    ],
)
async def test_homie_descriptions(
    hass: HomeAssistant, attributes: dict[str, str], platform: str | None
) -> None:
    """What a Homie device says of itself is used as far as it makes sense."""
    heard = {"homie/d/n/p": ["5"]} | {
        f"homie/d/n/p/{key}": [value] for key, value in attributes.items()
    }
    (device,) = suggest(heard)
    found = [each.config["platform"] for each in device.proposals()]
    assert found == ([] if platform is None else [platform])


@pytest.mark.parametrize(
    "description",
    ["", "{", "[]", '{"name": 1}', '{"nodes": []}', '{"nodes": {"n": 1}}',
     '{"nodes": {"n": {"properties": {"p": 1}}}}',
     '{"nodes": {"n": {"properties": {"p": {"name": 1, "unit": null, "x": "y"}}}}}'],
)  # fmt: skip
async def test_odd_homie_5_descriptions(hass: HomeAssistant, description: str) -> None:
    """A description of another form is none."""
    heard = {"homie/5/d/$description": [description], "homie/5/d/n/p": ["5"]}
    (device,) = suggest(heard)
    ((proposal),) = device.proposals()
    assert proposal.config["name"] == "N p"


async def test_only_metric(hass: HomeAssistant) -> None:
    """Where people measure in °F, a temperature without unit is just a number."""
    heard = {"home/porch/temperature": ["40"]}
    ((metric,),) = [each.proposals() for each in suggest(heard)]
    assert metric.config["unit_of_measurement"] == "°C"
    ((other,),) = [each.proposals() for each in suggest(heard, metric=False)]
    assert "unit_of_measurement" not in other.config


@pytest.mark.parametrize(
    "payload",
    ["", "{", "null", "[]", "{}", '{"a": null}', "[" * 50, '"' * 300, "NaN", "\x00",
     '{"": 1}', '{"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}',
     '[{"name": "x", "value": 1}]', '{"value": {"value": 1}}', '{"{{ x }}": 1}',
     '{"a\\"]": 1}', "1e999", "-" * 40],
)  # fmt: skip
async def test_anything_may_arrive(hass: HomeAssistant, payload: str) -> None:
    """What makes no sense is left out; what is proposed, is valid and works."""
    for topic in ("a/b", "a", "/", "zigbee2mqtt/x", "homie/a/b/c", "N/1/battery/0/Soc"):
        for device in suggest({topic: [payload]}):
            for proposal in device.proposals():
                template = ValueTemplate(hass, proposal.config.get("value_template"))
                template.render(Message(topic, proposal.payload.encode()))


async def test_thousands_of_topics(hass: HomeAssistant) -> None:
    """A busy broker takes seconds of a thread, not minutes."""
    heard = {
        f"site/{number}/device{number % 300}/value_{number}": [
            json.dumps({f"key_{number}_{each}": each for each in range(5)})
        ]
        for number in range(2000)
    }
    began = time.perf_counter()
    assert len(suggest(heard)) == 2000
    assert time.perf_counter() - began < 60


def test_words() -> None:
    """Keys are read as people do."""
    assert words("ApparentPower") == "apparent power"
    assert words("temperature_C") == "temperature c"
    assert words("energy_kWh") == "energy kwh"
    assert words("PM2.5") == "pm25"
    assert words("BSSId") == "bssid"
    assert words("switch:0") == "switch 0"


def test_values() -> None:
    """Values are found in whatever they are wrapped."""
    found = values_in(['{"a": {"b-c": [1, {"items": true}]}, "n": null}'])
    assert {value.expression: value.value for value in found} == {
        'value_json.a["b-c"][0]': 1,
        'value_json.a["b-c"][1]["items"]': True,
    }
    (inline,) = values_in(["21.5 °C"])
    assert (inline.value, inline.unit) == ("21.5", "°C")
    (scaled,) = values_in(['{"value": 4, "unit": "kWh"}'])
    assert (scaled.value, scaled.unit) == (4, "kWh")
    # The latest counts, and what only some payloads have is marked.
    first, second = values_in(['{"a": 1}', '{"a": 2, "b": 3}'])
    assert (first.value, first.always) == (2, True)
    assert (second.value, second.always) == (3, False)


def test_rules_are_possible() -> None:
    """No rule asks for what can't be."""
    for rule in (*VALUES, *(rule for family in FAMILIES for rule in family.values)):
        if rule.device_class is not None and rule.shape != "flag":
            SensorDeviceClass(rule.device_class)
        if rule.device_class is not None and rule.shape == "flag":
            BinarySensorDeviceClass(rule.device_class)
        assert rule.assumes is None or not rule.units or rule.assumes in rule.units


async def test_a_device_has_two_hundred_entities_at_most(hass: HomeAssistant) -> None:
    """However many topics it has."""
    (device,) = suggest({f"home/thing/a{each}": ["5"] for each in range(250)})
    assert len(device.proposals()) == 200


def test_nothing_that_was_heard_stays_behind() -> None:
    """The words of strangers' keys are not kept."""
    suggest({"home/thing": ['{"humidity": 5}']})
    assert key_fits.cache_info().currsize == 0


async def test_empty_payloads_say_nothing(hass: HomeAssistant) -> None:
    """A retained message that was taken back makes no value one that may be missing."""
    ((proposal,),) = [
        each.proposals() for each in suggest({"home/thing": ['{"a": 5}', ""]})
    ]
    assert proposal.config["value_template"] == "{{ value_json.a }}"
    assert suggest({"home/thing": [""]}) == []


def test_announcements_are_no_values() -> None:
    """But a value may lie on a topic that looks like theirs."""
    topic = "homeassistant/sensor/thing/config"
    assert suggest({topic: [' {"name": "a"}']}) == []
    assert [each.topics for each in suggest({topic: ["5"]})] == [(topic,)]


def test_a_value_in_an_object() -> None:
    """With nothing but "value" an object is a plain value."""
    (device,) = suggest({"home/kitchen/foo": ['{"value": 5}']})
    assert device.name == "Kitchen"
    (device,) = suggest({"home/kitchen/foo": ['{"value": 5, "other": 6}']})
    assert device.name == "Kitchen foo"


def test_a_unit_that_is_none() -> None:
    """A key that should hold a unit may hold anything."""
    (device,) = suggest({"home/kitchen": ['{"temperature": 20, "temp_unit": 5}']})
    assert device.candidates[0].kind.unit == "°C"


@pytest.mark.parametrize(
    ("topic", "payload", "device_class"),
    [
        ("humidity", "50", "humidity"),
        ("home/last_seen/state", "1764000000", "timestamp"),
    ],
)
async def test_only_the_device_has_a_name(
    hass: HomeAssistant, topic: str, payload: str, device_class: str
) -> None:
    """It tells what its only value is."""
    ((proposal,),) = [each.proposals() for each in suggest({topic: [payload]})]
    assert proposal.config["device_class"] == device_class


@pytest.mark.parametrize(
    ("topic", "availability", "concerned"),
    [
        ("home/lamp", "home/lamp/online", True),
        ("home/lamp/a", "home/lamp/online", True),
        ("home/lamps", "home/lamp/online", False),
        ("home/lamp", "zigbee2mqtt/bridge/state", False),
        ("home/lamp", "homie/lamp/$state", False),
        ("zigbee2mqtt/lamp", "zigbee2mqtt/bridge/state", True),
        ("zigbee2mqtt/lamp", "zigbee2mqtt/lamp/availability", True),
        ("zigbee2mqtt/lamp", "zigbee2mqtt/other/availability", False),
        ("zigbee2mqtt/lamp", "zigbee2mqtt/online", False),
    ],
)
def test_whose_availability(topic: str, availability: str, concerned: bool) -> None:
    """It concerns what lies at or below its place, or what its family says."""
    found = suggest({topic: ['{"a": 5}'], availability: ["online"]})
    (device,) = [each for each in found if topic in each.topics]
    assert device.shared.get("availability_topic") == (
        availability if concerned else None
    )
