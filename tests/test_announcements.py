"""What announces itself on a broker becomes devices, and goes, changes and returns."""

import asyncio
from collections.abc import Callable
import json
import logging
import random
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from homeassistant.config_entries import ConfigFlowResult, ConfigSubentryData
from homeassistant.const import (
    EVENT_HOMEASSISTANT_STARTED,
    EVENT_STATE_CHANGED,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.util.json import json_loads

from custom_components.mqtt_websocket import (
    PLATFORMS,
    admission,
    announcements as module,
    async_remove_config_entry_device,
)
from custom_components.mqtt_websocket.announcements import Announcements
from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.broker.session import Session
from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.mqtt_websocket.mapping import payload as payloads
from custom_components.mqtt_websocket.mapping.abbreviations import ABBREVIATIONS
from custom_components.mqtt_websocket.mapping.discovery import MAX_PAYLOAD
from custom_components.mqtt_websocket.mapping.schemas import (
    ENTITY_SCHEMAS,
    LISTENER_SCHEMAS,
    SCHEMAS,
)

from .conftest import AddEntry
from .support.devices import DEVICE, House, device
from .support.home import AddHome, Home, add_home_fixture, home_fixture, info
from .support.peer import Peer
from .support.server import MqttServer
from .support.waiting import until

__all__ = ["add_home_fixture", "home_fixture"]

ORIGIN = {"name": "test"}
TEMPLATES = "homeassistant.helpers.template"


def sensor(unique_id: str = "a", **config: Any) -> dict[str, Any]:
    """Return the announcement of a sensor of a device."""
    return {
        "name": unique_id.upper(),
        "state_topic": unique_id,
        "unique_id": unique_id,
        "device": info(),
        **config,
    }


def of_device(components: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the announcement of a device."""
    return {"device": info(), "origin": ORIGIN, "components": components, **more}


def component(unique_id: str = "a", **config: Any) -> dict[str, Any]:
    """Return a sensor of a device announcement."""
    return {
        "platform": "sensor",
        "name": unique_id.upper(),
        "state_topic": unique_id,
        "unique_id": unique_id,
        **config,
    }


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged as a warning, or worse, by this integration."""
    return [
        each.message
        for each in caplog.records
        if each.levelno >= logging.WARNING
        and each.name.startswith("custom_components.")
    ]


def failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what failed, by what was logged; templates may be wrong."""
    return [
        each.getMessage()
        for each in caplog.records
        if each.exc_info
        or (
            each.levelno >= logging.ERROR
            and not each.name.startswith(("custom_components.", TEMPLATES))
        )
    ]


# --- a component by itself ---------------------------------------------------------


async def test_platforms(home: Home) -> None:
    """Each platform makes the entity that is announced, with its device."""
    await home.announce("sensor/node/a", sensor(unit_of_measurement="W"))
    await home.announce(
        "binary_sensor/node_b", sensor("b", device_class="door", payload_on="open")
    )
    await home.announce("switch/c", sensor("c", command_topic="c/set"))
    assert home.entities == ["binary_sensor.node_b", "sensor.node_a", "switch.node_c"]
    await home.say("a", "5")
    assert home.state("sensor.node_a").state == "5"
    assert home.state("sensor.node_a").attributes["unit_of_measurement"] == "W"
    await home.say("b", "open")
    assert home.state("binary_sensor.node_b").state == STATE_ON
    await home.say("c", "OFF")
    assert home.state("switch.node_c").state == STATE_OFF
    await home.peer.subscribe("c/set")
    await home.hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.node_c"}, blocking=True
    )
    assert (await home.peer.next("c/set")).payload == b"ON"
    # All of them belong to one device.
    found = home.device("node")
    assert found.name == "Node"
    assert {home.registered(each).device_id for each in home.entities} == {found.id}


async def test_announced_before(home: Home, add_home: AddHome) -> None:
    """What is retained is there after a start, with what its topic says."""
    await home.announce("sensor/a", sensor())
    await home.say("a", "5", retain=True)
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert home.state("sensor.node_a").state == STATE_UNAVAILABLE
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.settled()
    assert home.state("sensor.node_a").state == "5"


async def test_without_device(home: Home) -> None:
    """A component needs neither a device nor a unique id, as in core."""
    await home.announce("sensor/a", {"name": "Alone", "state_topic": "a"})
    await home.announce(
        "sensor/b", {"name": "Known", "state_topic": "b", "unique_id": "b"}
    )
    payload = sensor("c")
    del payload["unique_id"]
    await home.announce("sensor/c", payload)
    # Home Assistant attaches a device only to what its registry knows.
    assert home.entities == ["sensor.alone", "sensor.c", "sensor.known"]
    assert home.find_device("node") is None
    assert er.async_get(home.hass).async_get("sensor.alone") is None
    assert home.registered("sensor.known").device_id is None
    await home.say("a", "1")
    assert home.state("sensor.alone").state == "1"
    await home.announce("sensor/a", {"name": "Renamed", "state_topic": "b"})
    await home.say("b", "2")
    assert home.state("sensor.alone").name == "Renamed"
    assert home.state("sensor.alone").state == "2"
    for topic in "abc":
        await home.remove_announcement(f"sensor/{topic}")
    assert home.entities == []


async def test_device_in_parts(home: Home) -> None:
    """One announcement describes a device, the next one only names it."""
    full = info(manufacturer="Acme", via_device="bridge", suggested_area="Cellar")
    await home.announce("sensor/a", sensor("a", device=full))
    await home.announce("sensor/b", sensor("b", device={"identifiers": "node"}))
    found = home.device("node")
    assert found.name == "Node"
    assert found.manufacturer == "Acme"
    assert found.area_id == "cellar"
    assert found.via_device_id == home.device("bridge").id
    await home.announce("sensor/b", sensor("b", device=info(sw_version="2")))
    found = home.device("node")
    assert found.sw_version == "2"
    assert found.via_device_id == home.device("bridge").id
    # The device stays until the last of them goes.
    await home.remove_announcement("sensor/a")
    assert home.device("node").id == found.id
    await home.remove_announcement("sensor/b")
    assert home.find_device("node") is None
    assert home.entities == []


async def test_via_device(home: Home) -> None:
    """A bridge may announce itself later, and has its own name then."""
    await home.announce("sensor/a", sensor("a", device=info(via_device="bridge")))
    assert home.device("node").via_device_id == home.device("bridge").id
    # Until then a person sees at least what it is.
    assert home.device("bridge").name == "bridge"
    dr.async_get(home.hass).async_update_device(
        home.device("bridge").id, name_by_user="In the hall"
    )
    await home.announce("sensor/b", sensor("b", device=info("bridge")))
    assert home.device("bridge").name == "Bridge"
    assert home.device("bridge").name_by_user == "In the hall"
    assert home.device("node").via_device_id == home.device("bridge").id
    # A bridge hangs on the broker.
    broker = home.device(home.entry.entry_id)
    assert home.device("bridge").via_device_id == broker.id
    # One that nobody is reached through any more, and that never announced itself, goes.
    for identifier in ("one", "two"):
        await home.announce("sensor/a", sensor("a", device=info(via_device=identifier)))
    assert home.find_device("one") is None
    assert home.device("node").via_device_id == home.device("two").id
    assert home.device("bridge")
    await home.remove_announcement("sensor/a")
    assert home.find_device("two") is None


async def test_update_in_place(home: Home) -> None:
    """A changed announcement changes its entity; what is not in it stays."""
    await home.announce("sensor/a", sensor())
    await home.say("a", "5")
    er.async_get(home.hass).async_update_entity("sensor.node_a", icon="mdi:mine")
    topic = "homeassistant/sensor/a/config"
    (entity,) = home.runtime.devices.running[topic].entities.values()
    await home.announce("sensor/a", sensor(name="Power"))
    assert home.state("sensor.node_a").name == "Node Power"
    assert home.state("sensor.node_a").state == "5"
    await home.announce(
        "sensor/a",
        sensor(
            name="Power",
            device_class="power",
            unit_of_measurement="W",
            state_topic="other",
            device=info(name="Meter"),
        ),
    )
    assert home.state("sensor.node_a").name == "Meter Power"
    assert home.state("sensor.node_a").state == STATE_UNKNOWN
    await home.say("a", "6")
    await home.say("other", "7")
    state = home.state("sensor.node_a")
    assert state.state == "7"
    assert state.attributes["device_class"] == "power"
    assert state.attributes["icon"] == "mdi:mine"
    assert home.runtime.devices.running[topic].entities == {"a": entity}
    assert home.runtime.broker.counters.connections == 1


async def test_removal(home: Home) -> None:
    """An empty payload, or empty JSON, takes an entity and its device away."""
    for payload in (None, "{}"):
        await home.announce("sensor/a", sensor())
        assert home.entities == ["sensor.node_a"]
        await home.announce("sensor/a", payload)
        assert home.entities == []
        assert er.async_get(home.hass).async_get("sensor.node_a") is None
        assert home.find_device("node") is None
        await home.remove_announcement("sensor/a")
        assert "homeassistant/sensor/a/config" not in home.runtime.devices.running


async def test_disabled(home: Home) -> None:
    """What is disabled by its own wish is known, and goes as it came."""
    await home.announce("sensor/a", sensor(enabled_by_default=False))
    assert home.entities == []
    assert home.registered("sensor.node_a").disabled_by
    await home.remove_announcement("sensor/a")
    assert er.async_get(home.hass).async_get("sensor.node_a") is None
    assert home.find_device("node") is None


async def test_availability(home: Home) -> None:
    """Availability topics count as they are announced."""
    await home.announce(
        "sensor/a",
        sensor(
            availability=[
                {"topic": "bridge", "value_template": "{{ value_json.state }}"},
                {"t": "~/status", "pl_avail": "1", "pl_not_avail": "0"},
            ],
            availability_mode="all",
            **{"~": "node"},
        ),
    )
    await home.say("a", "5")
    assert home.state("sensor.node_a").state == STATE_UNAVAILABLE
    await home.say("bridge", {"state": "online"})
    await home.say("node/status", "1")
    assert home.state("sensor.node_a").state == "5"
    await home.say("node/status", "0")
    assert home.state("sensor.node_a").state == STATE_UNAVAILABLE


async def test_entity_options(home: Home) -> None:
    """An announcement may say where its entity belongs."""
    await home.announce(
        "sensor/a",
        sensor(
            default_entity_id="sensor.wanted",
            entity_category="diagnostic",
            json_attributes_topic="a/attributes",
            visible_by_default=False,
            device=info(configuration_url="http://node.local", serial_number="1"),
        ),
    )
    registered = home.registered("sensor.wanted")
    assert registered.entity_category == "diagnostic"
    assert registered.hidden_by == "integration"
    await home.say("a/attributes", {"signal": 7})
    assert home.state("sensor.wanted").attributes["signal"] == 7
    assert home.device("node").configuration_url == "http://node.local"


# --- devices -----------------------------------------------------------------------


async def test_device(home: Home) -> None:
    """A device announcement has components, and options that they share."""
    await home.announce(
        "device/node",
        {
            "dev": {"ids": ["node"], "name": "Node", "mf": "Acme", "cns": []},
            "o": {"name": "Firmware", "sw": "1", "url": "https://example.com"},
            "avty_t": "node/status",
            "stat_t": "node/state",
            "cmps": {
                "t": {
                    "p": "sensor",
                    "name": None,
                    "uniq_id": "t",
                    "val_tpl": "{{ value_json.t }}",
                },
                "d": {
                    "p": "binary_sensor",
                    "dev_cla": "door",
                    "uniq_id": "d",
                    "~": "node/door",
                    "stat_t": "~",
                    "avty_t": "~/status",
                },
            },
        },
    )
    assert home.entities == ["binary_sensor.node_door", "sensor.node"]
    await home.say("node/status", "online")
    await home.say("node/state", {"t": 21.5})
    assert home.state("sensor.node").state == "21.5"
    assert home.state("binary_sensor.node_door").state == STATE_UNAVAILABLE
    await home.say("node/door/status", "online")
    await home.say("node/door", "ON")
    assert home.state("binary_sensor.node_door").state == STATE_ON
    (running,) = home.runtime.devices.running.values()
    assert running.config.origin == {
        "name": "Firmware",
        "sw_version": "1",
        "support_url": "https://example.com",
    }


async def test_components_go(home: Home) -> None:
    """A component goes when it is reduced to its platform, or is not named any more."""
    three = {each: component(each) for each in "abc"}
    await home.announce("device/node", of_device(three))
    await home.say("c", "5")
    events = async_capture_events(home.hass, EVENT_STATE_CHANGED)
    await home.announce(
        "device/node", of_device({**three, "a": {"platform": "sensor"}})
    )
    assert home.entities == ["sensor.node_b", "sensor.node_c"]
    await home.announce("device/node", of_device({"c": component("c")}))
    assert home.entities == ["sensor.node_c"]
    assert er.async_get(home.hass).async_get("sensor.node_b") is None
    # The third one was never touched.
    assert "sensor.node_c" not in {each.data["entity_id"] for each in events}
    assert home.state("sensor.node_c").state == "5"
    await home.announce("device/node", of_device({**three}))
    assert len(home.entities) == 3
    await home.remove_announcement("device/node")
    assert home.entities == []
    assert home.find_device("node") is None


async def test_no_components(home: Home) -> None:
    """A device without entities is none, as in core."""
    await home.announce("device/node", of_device({}))
    assert home.find_device("node") is None
    await home.announce("device/node", of_device({"a": component()}))
    assert home.find_device("node")
    await home.announce("device/node", of_device({"a": {"platform": "sensor"}}))
    assert home.entities == []
    assert home.find_device("node") is None


async def test_wrong_component(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong component costs itself, and is logged once however often it comes."""
    for number in range(3):
        wrong = component("b", qos=3 + number)
        await home.announce("device/node", of_device({"a": component(), "b": wrong}))
    assert home.entities == ["sensor.node_a"]
    assert len(complaints(caplog)) == 1
    assert "qos" in complaints(caplog)[0]


def test_platforms_have_schemas() -> None:
    """What has a schema is announced to a platform that is there."""
    assert set(ENTITY_SCHEMAS) == set(PLATFORMS)


async def test_one_message_for_many(home: Home) -> None:
    """A message that many read is subscribed, decoded and parsed once.

    It reaches those that read its topic and no others, and only what it changes is
    written.
    """
    names = [f"s{number}" for number in range(10)]
    components = {
        name: component(
            name,
            state_topic="values",
            value_template=f"{{{{ value_json.{name} }}}}",
            json_attributes_topic="values",
            json_attributes_template="{{ value_json.about | tojson }}",
        )
        for name in names
    }
    asked: list[str] = []
    subscribe = Session.subscribe

    async def count(self: Session, filters: Any, **options: Any) -> Any:
        asked.extend(topic for topic, _ in filters)
        return await subscribe(self, filters, **options)

    with patch.object(Session, "subscribe", count):
        await home.announce("device/node", of_device(components))
    assert asked.count("values") == 1
    await home.announce("sensor/other", sensor("other", state_topic="other"))

    values: dict[str, Any] = dict.fromkeys(names, 1) | {"about": {"a": 1}}
    with patch.object(payloads, "json_loads", wraps=json_loads) as parse:
        await home.say("values", values)
        written = {name: home.state(f"sensor.node_{name}") for name in names}
        reported = {name: state.last_reported for name, state in written.items()}
        changed = async_capture_events(home.hass, EVENT_STATE_CHANGED)
        await home.say("values", values)
        assert not changed
        await home.say("values", values | {"s3": 2})
    # What their templates make of it is text, and each one's own.
    parsed = [call.args[0] for call in parse.call_args_list]
    assert len([each for each in parsed if isinstance(each, bytes)]) == 3
    assert [event.data["entity_id"] for event in changed] == ["sensor.node_s3"]
    for name, state in written.items():
        assert state.last_reported == reported[name]
    assert home.state("sensor.node_s4").attributes["a"] == 1


async def test_force_update(home: Home) -> None:
    """An unchanged value is written if that is asked for."""
    await home.announce("sensor/a", sensor(force_update=True))
    await home.say("a", "1")
    changed = async_capture_events(home.hass, EVENT_STATE_CHANGED)
    await home.say("a", "1")
    assert len(changed) == 1


# --- other forms -------------------------------------------------------------------


async def test_like_zigbee2mqtt(home: Home) -> None:
    """What Zigbee2MQTT announces works."""
    address = "0x00158d0001020304"
    base = {
        "availability": [
            {
                "topic": "zigbee2mqtt/bridge/state",
                "value_template": "{{ value_json.state }}",
            },
            {
                "topic": "zigbee2mqtt/door/availability",
                "value_template": "{{ value_json.state }}",
            },
        ],
        "availability_mode": "all",
        "device": {
            "identifiers": [f"zigbee2mqtt_{address}"],
            "manufacturer": "Aqara",
            "model": "Door and window sensor",
            "model_id": "MCCGQ11LM",
            "name": "door",
            "via_device": "zigbee2mqtt_bridge_0x1",
        },
        "origin": {
            "name": "Zigbee2MQTT",
            "sw": "2.1.1",
            "url": "https://www.zigbee2mqtt.io",
        },
        "object_id": "door_contact",
        "state_topic": "zigbee2mqtt/door",
    }
    await home.announce(
        f"binary_sensor/{address}/contact",
        {
            **base,
            "device_class": "door",
            "payload_off": True,
            "payload_on": False,
            "unique_id": f"{address}_contact_zigbee2mqtt",
            "value_template": "{{ value_json.contact }}",
        },
    )
    await home.announce(
        f"sensor/{address}/battery",
        {
            **base,
            "device_class": "battery",
            "enabled_by_default": True,
            "entity_category": "diagnostic",
            "state_class": "measurement",
            "unique_id": f"{address}_battery_zigbee2mqtt",
            "unit_of_measurement": "%",
            "value_template": "{{ value_json.battery }}",
        },
    )
    assert home.entities == ["binary_sensor.door_door", "sensor.door_battery"]
    await home.say("zigbee2mqtt/bridge/state", {"state": "online"})
    await home.say("zigbee2mqtt/door/availability", {"state": "online"})
    await home.say("zigbee2mqtt/door", {"contact": False, "battery": 97})
    assert home.state("binary_sensor.door_door").state == STATE_ON
    assert home.state("sensor.door_battery").state == "97"
    assert home.device(f"zigbee2mqtt_{address}").model_id == "MCCGQ11LM"


async def test_like_tasmota(home: Home) -> None:
    """What Tasmota announced with its SetOption19 works."""
    device_info = {
        "ids": ["A1B2C3"],
        "cns": [["mac", "AA:BB:CC:A1:B2:C3"]],
        "name": "Plug",
        "mdl": "Generic",
        "sw": "14.0",
        "mf": "Tasmota",
        "cu": "http://192.168.1.5/",
    }
    await home.announce(
        "switch/A1B2C3_RL_1",
        {
            "name": None,
            "~": "tasmota/plug/",
            "cmd_t": "~cmnd/POWER",
            "stat_t": "~tele/STATE",
            "val_tpl": "{{value_json.POWER}}",
            "pl_off": "OFF",
            "pl_on": "ON",
            "avty_t": "~tele/LWT",
            "pl_avail": "Online",
            "pl_not_avail": "Offline",
            "uniq_id": "A1B2C3_RL_1",
            "dev": device_info,
        },
    )
    await home.announce(
        "sensor/A1B2C3_status",
        {
            "name": "Status",
            "stat_t": "tasmota/plug/tele/HASS_STATE",
            "avty_t": "tasmota/plug/tele/LWT",
            "pl_avail": "Online",
            "pl_not_avail": "Offline",
            "json_attr_t": "tasmota/plug/tele/HASS_STATE",
            "unit_of_meas": "%",
            "val_tpl": "{{value_json['RSSI']}}",
            "ent_cat": "diagnostic",
            "ic": "mdi:information-outline",
            "uniq_id": "A1B2C3_status",
            "dev": {"ids": ["A1B2C3"]},
        },
    )
    assert home.entities == ["sensor.plug_status", "switch.plug"]
    await home.say("tasmota/plug/tele/LWT", "Online", retain=True)
    await home.say("tasmota/plug/tele/STATE", {"POWER": "ON"})
    await home.say("tasmota/plug/tele/HASS_STATE", {"RSSI": "72"})
    assert home.state("switch.plug").state == STATE_ON
    assert home.state("sensor.plug_status").state == "72"
    await home.peer.subscribe("tasmota/plug/cmnd/#")
    await home.hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.plug"}, blocking=True
    )
    message = await home.peer.next()
    assert str(message.topic) == "tasmota/plug/cmnd/POWER"
    assert message.payload == b"OFF"
    assert home.device("A1B2C3").connections == {("mac", "aa:bb:cc:a1:b2:c3")}


# --- platforms that are not there ---------------------------------------------------


async def test_unsupported(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """A platform that is not there is named once, and counted."""
    for topic in ("siren/a", "siren/b", "vacuum/node/c"):
        await home.announce(topic, {"name": "x", "command_topic": "x"})
    siren = {"platform": "siren", "command_topic": "x", "unique_id": "l"}
    await home.announce("device/node", of_device({"a": component(), "l": siren}))
    assert home.entities == ["sensor.node_a"]
    assert home.announcements.unsupported == {"siren": 3, "vacuum": 1}
    assert [each.rsplit(maxsplit=1)[1] for each in complaints(caplog)] == [
        "siren",
        "vacuum",
    ]
    await home.announce("siren/a", {"name": "y", "command_topic": "x"})
    await home.remove_announcement("siren/b")
    await home.remove_announcement("vacuum/node/c")
    assert home.announcements.unsupported == {"siren": 2}
    assert home.announcements.refused_count == 0
    await home.announce("siren/c", [])
    diagnostics = await async_get_config_entry_diagnostics(home.hass, home.entry)
    assert diagnostics["announcements"] == {
        "had_by_other_entries": {},
        "unsupported_platforms": {"siren": 2},
        "refused": {
            "count": 1,
            "topics": {"homeassistant/siren/c/config": "it is not a JSON object"},
        },
    }


async def test_many_unsupported(home: Home) -> None:
    """Names that nobody ever heard of are not all kept."""
    with (
        patch.object(module, "MAX_PLATFORMS", 2),
        patch.object(module, "MAX_ENTITIES", 3),
    ):
        for number in range(5):
            await home.announce(f"p{number}/a", {"name": "x"})
    assert home.announcements.unsupported == {"p0": 1, "p1": 1, "others": 1}


# --- order -------------------------------------------------------------------------


async def burst(home: Home, *announcements: tuple[str, Any]) -> None:
    """Announce all at once."""
    for topic, payload in announcements:
        await home.peer.publish(f"homeassistant/{topic}/config", payload, qos=0)
    await home.settled()


async def test_order(home: Home) -> None:
    """Of a topic's announcements the last one counts, however fast they come."""
    await burst(
        home,
        ("sensor/a", sensor()),
        ("sensor/b", sensor("b")),
        ("sensor/a", None),
        ("sensor/b", None),
        ("sensor/b", sensor("b")),
        *(
            (
                "sensor/c",
                sensor("c", name=f"C{number}", default_entity_id="sensor.node_c"),
            )
            for number in range(50)
        ),
    )
    assert home.entities == ["sensor.node_b", "sensor.node_c"]
    assert home.state("sensor.node_c").name == "Node C49"
    await home.say("b", "1")
    assert home.state("sensor.node_b").state == "1"


async def test_new_entity_id(home: Home) -> None:
    """Taken back and announced anew in one go, an entity gets the id that it wants."""
    await home.announce("sensor/a", sensor(default_entity_id="sensor.old"))
    await burst(
        home,
        ("sensor/a", None),
        ("sensor/a", sensor(default_entity_id="sensor.new")),
    )
    assert home.entities == ["sensor.new"]


async def test_identical(home: Home) -> None:
    """An announcement that says nothing new does nothing."""
    await home.announce("sensor/a", sensor())
    await home.say("a", "5")
    running = dict(home.runtime.devices.running)
    events = async_capture_events(home.hass, EVENT_STATE_CHANGED)
    await home.announce("sensor/a", sensor())
    await home.remove_announcement("sensor/b")
    assert dict(home.runtime.devices.running) == running
    assert events == []


async def test_reconnect(home: Home, server: MqttServer) -> None:
    """After a new connection all is as it was, with what was announced meanwhile."""
    await home.announce("sensor/a", sensor())
    await home.announce("sensor/b", sensor("b"))
    await home.say("a", "5", retain=True)
    running = dict(home.runtime.devices.running)
    await server.restart()
    async with Peer(server) as peer:
        home.peer = peer
        home.runtime.broker.reconnect_now()
        await until(home.hass, lambda: home.runtime.broker.counters.connections == 2)
        await home.announce("sensor/a", sensor())
        await home.announce("sensor/b", None)
        assert home.entities == ["sensor.node_a"]
        await home.say("a", "6")
        assert home.state("sensor.node_a").state == "6"
        topic = "homeassistant/sensor/a/config"
        assert home.runtime.devices.running == {topic: running[topic]}


def message(number: int, payload: Any) -> Message:
    """Return an announcement, as it is received."""
    return Message(
        f"homeassistant/sensor/s{number}/config",
        b"" if payload is None else json.dumps(payload).encode(),
    )


async def test_more_than_can_wait(home: Home) -> None:
    """What can't wait any more is done at once, in its order."""
    large = {"value_template": "x" * 1000}
    receive = home.announcements._receive
    with patch.object(module, "MAX_WAITING", 10_000):
        for number in range(40):
            receive(message(number, sensor(f"s{number}", **large)))
            assert home.announcements._queued_bytes <= 10_000
        assert len(home.runtime.devices.running) > 30
        for number in range(1, 40):
            receive(message(number, None))
    await home.settled()
    assert home.entities == ["sensor.node_s0"]
    assert home.announcements.refused_count == 0
    assert home.announcements._queued_bytes == 0


async def test_too_much_before_the_start(home: Home) -> None:
    """As long as nothing can be done, what is too much is left out."""
    announcements = Announcements(home.hass, home.entry, home.runtime.broker)
    with patch.object(module, "MAX_WAITING", 5000):
        for number in range(10):
            announcements._receive(message(number, sensor(f"s{number}")))
    assert 0 < announcements.refused_count < 10
    stop = announcements.start(home.runtime.devices)
    await announcements.settled()
    assert len(home.entities) + announcements.refused_count == 10
    stop()


async def test_unforeseen(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """A mistake of ours costs the announcement that shows it, and can be undone."""
    with patch.object(
        home.runtime.devices, "set_device", side_effect=RuntimeError("mistake")
    ):
        for name in "AB":
            await home.announce("sensor/a", sensor(name=name))
    assert len(failures(caplog)) == 1
    assert home.announcements.refused_count == 2
    caplog.clear()
    await home.announce("sensor/b", sensor("b"))
    await home.announce("sensor/a", sensor(name="B"))
    assert home.entities == ["sensor.node_b", "sensor.node_b_2"]
    await home.remove_announcement("sensor/a")
    assert home.entities == ["sensor.node_b"]


async def test_unload_while_waiting(home: Home) -> None:
    """What waits when the entry is unloaded is forgotten."""
    announcements = home.announcements
    devices = home.runtime.devices
    handle = announcements._receive
    for number in range(500):
        handle(message(number, sensor(f"s{number}")))
    await asyncio.sleep(0)
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    await announcements.settled()
    assert not announcements._queue
    assert len(devices.running) < 500


# --- migration ---------------------------------------------------------------------


async def test_migration(home: Home) -> None:
    """Entities move to a device announcement, and back, and nothing is lost."""
    await home.announce("sensor/node/a", sensor())
    await home.announce("sensor/node/b", sensor("b"))
    er.async_get(home.hass).async_update_entity("sensor.node_a", name="Mine")
    node = home.device("node")
    single = [("sensor/node/a", "a"), ("sensor/node/b", "b")]
    request = {"migrate_discovery": True}
    await burst(
        home,
        *((topic, request) for topic, _ in single),
        ("device/node", of_device({"a": component(), "b": component("b")})),
        *((topic, None) for topic, _ in single),
    )
    assert list(home.runtime.devices.running) == ["homeassistant/device/node/config"]
    assert home.entities == ["sensor.node_a", "sensor.node_b"]
    await home.say("a", "1")
    assert home.state("sensor.node_a").state == "1"
    assert home.state("sensor.node_a").name == "Mine"
    assert home.device("node").id == node.id
    # And back, step by step.
    await home.announce("device/node", {"migr_discvry": True})
    assert home.state("sensor.node_a").state == STATE_UNAVAILABLE
    for topic, unique_id in single:
        await home.announce(topic, sensor(unique_id))
    await home.remove_announcement("device/node")
    await home.say("a", "2")
    assert home.state("sensor.node_a").state == "2"
    assert home.state("sensor.node_a").name == "Mine"
    assert home.device("node").id == node.id


async def test_migration_of_the_unknown(home: Home) -> None:
    """What has not been announced has nothing to move."""
    await home.announce("sensor/a", {"migrate_discovery": True})
    await home.announce("device/a", {"migrate_discovery": True})
    assert home.entities == []
    # Nor can what the registries don't know.
    await home.announce("sensor/a", {"name": "Alone", "state_topic": "a"})
    await home.announce("sensor/a", {"migrate_discovery": True})
    assert home.entities == ["sensor.alone"]
    assert list(home.announcements.refused) == ["homeassistant/sensor/a/config"]


# --- who owns what -----------------------------------------------------------------


async def test_two_topics_for_one_entity(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """The first topic has an entity until it takes it back; then the other may."""
    await home.announce("sensor/a", sensor())
    for _ in range(2):
        await home.announce("device/node", of_device({"a": component(name="Other")}))
    assert home.state("sensor.node_a").name == "Node A"
    assert len(complaints(caplog)) == 1
    await home.remove_announcement("sensor/a")
    await home.announce("device/node", of_device({"a": component(name="Other")}))
    # The registry remembers what it was called.
    assert home.state("sensor.node_a").name == "Node Other"


async def test_device_of_a_person(
    add_home: AddHome, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody else's device or entity can be taken over."""
    mine: ConfigSubentryData = device(
        {"x": {"platform": "sensor", "name": "X", "state_topic": "x"}}
    )
    home = await add_home(subentries=(mine,))
    await home.announce("sensor/a", sensor(device=info(DEVICE)))
    await home.announce("sensor/b", sensor(f"{DEVICE}_x"))
    await home.announce("sensor/c", sensor("c", device=info(home.entry.entry_id)))
    own = [
        each
        for each in er.async_entries_for_config_entry(
            er.async_get(home.hass), home.entry.entry_id
        )
        if each.unique_id.startswith(home.entry.entry_id)
    ]
    assert own
    for each in own:
        await home.announce(f"{each.domain}/d", sensor(each.unique_id))
        await home.remove_announcement(f"{each.domain}/d")
        assert home.registered(each.entity_id) == each
    assert home.entities == ["sensor.boiler_x"]
    assert home.device(DEVICE).name == "Boiler"
    assert home.device(home.entry.entry_id).name == home.entry.title
    assert home.find_device("node") is None
    assert len(complaints(caplog)) == 3 + len({each.domain for each in own})
    assert set(home.announcements.refused) == {
        f"homeassistant/sensor/{each}/config" for each in "abc"
    }


async def test_devices_that_collide(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """A device that claims to be two others is none."""
    await home.announce("sensor/a", sensor("a", device=info("one")))
    await home.announce("sensor/b", sensor("b", device=info("two")))
    both = {"identifiers": ["one", "two"], "name": "Both"}
    await home.announce("sensor/c", sensor("c", device=both))
    assert home.entities == ["sensor.one_a", "sensor.two_b"]
    assert home.device("one").name == "One"
    assert len(complaints(caplog)) == 1
    assert not [each for each in caplog.records if each.exc_info]


async def test_limited_templates(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """A stranger's template sees no states."""
    secret = "only-for-the-owner"
    home.hass.states.async_set("sensor.secret", secret)
    template = "{{ states('sensor.secret') }}"
    await home.announce("sensor/a", sensor(value_template=template))
    await home.announce("device/b", of_device({"b": component("b", val_tpl=template)}))
    for topic in "ab":
        for _ in range(3):
            await home.say(topic, "1")
        assert home.state(f"sensor.node_{topic}").state == STATE_UNKNOWN
    assert secret not in caplog.text
    assert home.runtime.bad_payloads.topics == {"a": 3, "b": 3}
    assert len(complaints(caplog)) == 2


# --- strangers ---------------------------------------------------------------------


async def test_refused(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """What makes no sense changes nothing, is counted, and logged once per topic."""
    await home.announce("sensor/a", sensor())
    await home.say("a", "5")
    wrong: list[Any] = [
        b"\xff",
        b"{",
        [],
        b"[" * 2000,
        {"name": "without topic"},
        sensor(device=5),
        sensor(device={"name": "not identified"}),
        sensor(origin={}),
        sensor(qos=7),
        sensor(state_topic="a/#/b"),
        sensor(value_template="{{"),
        sensor(availability=5),
        sensor(device=info(connections=[["mac"]])),
        sensor(device=info(configuration_url="nonsense")),
    ]
    for payload in wrong:
        await home.announce("sensor/a", payload, retain=False)
        await home.announce("sensor/other", payload, retain=False)
    assert home.entities == ["sensor.node_a"]
    assert home.state("sensor.node_a").state == "5"
    assert home.announcements.refused_count == 2 * len(wrong)
    assert len(complaints(caplog)) == 2
    for line, topic in zip(complaints(caplog), ("a", "other"), strict=True):
        assert f"homeassistant/sensor/{topic}/config" in line
    assert not [each for each in caplog.records if each.exc_info]
    # Not through the server: Mosquitto's WebSocket takes seconds for this.
    large = Message("homeassistant/sensor/a/config", b" " * (MAX_PAYLOAD + 1))
    home.announcements._receive(large)
    assert home.announcements.refused_count == 2 * len(wrong) + 1
    assert "bytes" in home.announcements.refused[large.topic]
    # When it makes sense again that is forgotten.
    await home.announce("sensor/a", sensor(name="B"))
    assert list(home.announcements.refused) == ["homeassistant/sensor/other/config"]
    await home.remove_announcement("sensor/other")
    assert not home.announcements.refused


async def test_refused_topics(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """Topics are no announcements because they end in config, and not all are kept."""
    with patch.object(module, "MAX_REFUSED", 2):
        for topic in ("sensor/ä", "sensor/a b/c", "sensor/ü", f"sensor/{'x' * 5000}"):
            await home.announce(topic, sensor())
    assert home.entities == []
    assert home.announcements.refused_count == 4
    assert len(home.announcements.refused) == 2
    assert len(complaints(caplog)) == 2
    await home.announce(f"sensor/{'x' * 5000}", sensor())
    assert all(len(each) < 1200 for each in home.announcements.refused)


async def test_too_many(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """Entities of announcements are as many as is good for Home Assistant."""
    with patch.object(module, "MAX_ENTITIES", 3):
        await home.announce(
            "device/node", of_device({each: component(each) for each in "ab"})
        )
        await home.announce("sensor/c", sensor("c"))
        await home.announce("sensor/d", sensor("d"))
        await home.announce(
            "device/node", of_device({each: component(each) for each in "abe"})
        )
        assert home.entities == ["sensor.node_a", "sensor.node_b", "sensor.node_c"]
        assert len(complaints(caplog)) == 2
        issues = ir.async_get(home.hass).issues
        assert issues[DOMAIN, f"too_many_announced_{home.entry.entry_id}"].active
        # Room for others.
        await home.announce("device/node", of_device({"a": component()}))
        await home.announce("sensor/d", sensor("d"))
        assert home.entities == ["sensor.node_a", "sensor.node_c", "sensor.node_d"]
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert not [key for key in issues if key[0] == DOMAIN]


@pytest.mark.parametrize(
    "announced",
    [
        lambda new: sensor(new),
        lambda new: sensor(device=info(new)),
        lambda new: sensor(device=info(via_device=new)),
        lambda new: sensor(device=info(suggested_area=new)),
        lambda new: sensor(default_entity_id=f"sensor.{new}"),
        lambda new: {"state_topic": "a", "name": new},
        lambda new: {
            "automation_type": "trigger",
            "type": "a",
            "subtype": "a",
            "topic": "a",
            "device": info(new),
        },
    ],
    ids=["unique id", "device", "via", "area", "entity id", "name", "trigger"],
)
async def test_ever_new_names(
    home: Home, announced: Callable[[str], dict[str, Any]]
) -> None:
    """What is announced and taken back over and over, with new names, has an end.

    The same names may come and go as often as they like.
    """
    topic = "device_automation/x" if "topic" in announced("") else "sensor/x"
    registry = er.async_get(home.hass)

    async def come_and_go(new: str) -> None:
        await home.peer.publish(f"homeassistant/{topic}/config", announced(new))
        await home.announce(topic, None)

    with patch.object(admission, "MAX_NAMES", 8):
        for number in range(4):
            await come_and_go(f"new{number}")
        for number in range(4, 20):
            await come_and_go(f"new{number}")
        assert home.runtime.devices.admission.exhausted
        assert home.entities == []
        assert len(registry.deleted_entities) <= 8
        assert len(ar.async_get(home.hass).areas) <= 8
        assert home.find_device("new19") is None
        issues = ir.async_get(home.hass).issues
        assert issues[DOMAIN, f"too_many_names_{home.entry.entry_id}"].active
        # What is known may come back.
        await home.announce(topic, announced("new0"))
        assert home.announcements.refused == {}
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert not [key for key in issues if key[0] == DOMAIN]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["a", "~", "~/a", "a/~", "+", "a/#", "sensor", "{{ value }}", "{{"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*ABBREVIATIONS, "~"]), inner, max_size=3)
    ),
    max_leaves=6,
)
PLAUSIBLE: dict[str, list[Any]] = {
    "automation_type": ["trigger", "action", None],
    "payload": ["1", "", None, "{{ 1 / 0 }}"],
    "subtype": ["a", "", 1, "x" * 300],
    "topic": ["a", "a/#", "", "a/#/b"],
    "type": ["a", "", 1, "x" * 300],
    "name": ["A", "", None, "\n", "x" * 5000],
    "unique_id": ["a", "b", "", "x" * 5000],
    "device_class": ["power", "door", "enum", "timestamp", "outlet", None],
    "state_class": ["measurement", "total", None],
    "unit_of_measurement": ["W", "°C", " ", "x" * 300],
    "options": [["1"], ["1", 2], [[], {}]],
    "value_template": ["{{ value_json.a }}", "{{ 1 / 0 }}", "{{ states('sun.sun') }}"],
    "json_attributes_topic": ["a"],
    "availability": [[{"topic": "a"}], {"t": "~"}],
    "availability_topic": ["a", "#"],
    "availability_mode": ["all", "any"],
    "state_topic": ["#", "$share/x/a"],
    "qos": [0, "1", 2.0, True],
    "encoding": ["utf-8", "", "nonsense", "idna"],
    "default_entity_id": ["sensor.x", "é", "x.", f"sensor.{'x' * 500}"],
    "entity_category": ["config", "diagnostic", None],
    "entity_picture": ["http://x"],
    "icon": ["mdi:x"],
    "group": [["a"]],
    "expire_after": [0, 1, 10**9, 10**18],
    "off_delay": [0, 1, 10**18],
    "enabled_by_default": [False],
    "force_update": [True],
    "last_reset_value_template": ["{{ value }}"],
    "suggested_display_precision": [1, 10**18],
    "message_expiry_interval": [1, 10**18, {"hours": 10**18}],
    "min": [0, 10**18],
    "max": [5],
    "~": ["a", "#"],
}
INFO_PLAUSIBLE: dict[str, list[Any]] = {
    "automation_type": ["trigger", "action", None],
    "payload": ["1", "", None, "{{ 1 / 0 }}"],
    "subtype": ["a", "", 1, "x" * 300],
    "topic": ["a", "a/#", "", "a/#/b"],
    "type": ["a", "", 1, "x" * 300],
    "ids": ["one", "two", ["one", "two"], [""]],
    "cns": [[["mac", "1"]], [["mac", "02:00:00:00:00:01"]]],
    "name": ["A", "", "x" * 5000],
    "via_device": ["one", "three"],
    "cu": ["http://x", "http://[", "homeassistant://x"],
    "sa": ["Cellar", ""],
    "mdl": ["x"],
    "sw": [1, 1.5],
}


def some(plausible: dict[str, list[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a few keys, most of them with values that may be right."""
    return st.dictionaries(
        st.sampled_from([*plausible, *ABBREVIATIONS]), st.integers(0, 5), max_size=4
    ).flatmap(
        lambda keys: st.fixed_dictionaries(
            {
                key: JSON
                if not kind or key not in plausible
                else st.sampled_from(plausible[key])
                for key, kind in keys.items()
            }
        )
    )


INFO = st.one_of(
    some(INFO_PLAUSIBLE),
    some(INFO_PLAUSIBLE).map(lambda given: {"ids": "one", **given}),
    JSON,
)
COMPONENT = st.one_of(
    st.builds(
        lambda good, more: {**good, **more},
        st.fixed_dictionaries(
            {
                "state_topic": st.just("a"),
                "command_topic": st.just("b"),
                "options": st.just(["1"]),
                "event_types": st.just(["1"]),
            },
            optional={
                "unique_id": st.sampled_from("abc"),
                "device": INFO,
                "origin": st.just(ORIGIN) | JSON,
            },
        ),
        some(PLAUSIBLE),
    ),
    some(PLAUSIBLE),
    JSON,
)
PLATFORM = st.sampled_from([*SCHEMAS, "siren", "x y"])
DEVICES = st.builds(
    lambda device, shared: {**device, **shared},
    st.fixed_dictionaries(
        {
            "device": INFO,
            "origin": st.just(ORIGIN),
            "components": st.dictionaries(
                st.text(max_size=3),
                st.builds(
                    lambda platform, config: (
                        {"unique_id": "d", **config, "platform": platform}
                        if isinstance(config, dict)
                        else config
                    ),
                    PLATFORM,
                    COMPONENT,
                ),
                max_size=3,
            ),
        }
    ),
    st.just({}) | some(PLAUSIBLE),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    announced=st.lists(
        st.one_of(
            st.tuples(PLATFORM, st.sampled_from("ab"), COMPONENT),
            st.tuples(st.just("device"), st.sampled_from("ab"), DEVICES | JSON),
        ),
        min_size=1,
        max_size=4,
    )
)
async def test_fuzz(
    home: Home,
    caplog: pytest.LogCaptureFixture,
    announced: list[tuple[str, str, Any]],
) -> None:
    """Whatever is announced, nothing fails, and all of it can be taken back."""
    # Hypothesis seeds each example alike, and the registries make their ids by chance.
    random.seed()
    topics = [f"{platform}/{topic}" for platform, topic, _ in announced]
    await burst(
        home,
        *(
            (topic, json.dumps(payload))
            for topic, (_, _, payload) in zip(topics, announced, strict=True)
        ),
    )
    for payload in ("1", "ON", '{"a": [1]}', ""):
        await home.peer.publish("a", payload, qos=0)
    await home.settled()
    await burst(home, *((topic, None) for topic in topics))
    assert home.entities == []
    assert not home.runtime.devices.running
    assert not home.announcements._applied
    assert home.announcements._components == 0
    assert failures(caplog) == []


@pytest.mark.parametrize("platform", SCHEMAS)
async def test_odd_values(
    home: Home, caplog: pytest.LogCaptureFixture, platform: str
) -> None:
    """Each value that a key may have, by itself, in an otherwise good announcement."""
    values = [(key, value) for key in PLAUSIBLE for value in PLAUSIBLE[key]]
    values += [
        ("device", {"ids": f"d{number}", key: value})
        for number, (key, value) in enumerate(
            (key, value) for key in INFO_PLAUSIBLE for value in INFO_PLAUSIBLE[key]
        )
    ]
    announced = [
        (
            f"{platform}/{number}",
            {
                "state_topic": "a",
                "command_topic": "b",
                "options": ["1"],
                "event_types": ["1"],
                "unique_id": str(number),
                **(
                    {
                        "automation_type": "trigger",
                        "device": {"ids": "x"},
                        "subtype": "a",
                        "topic": "a",
                        "type": str(number),
                    }
                    if platform in LISTENER_SCHEMAS
                    else {}
                ),
                key: value,
            },
        )
        for number, (key, value) in enumerate(values)
    ]
    await burst(home, *announced)
    assert home.entities or platform in LISTENER_SCHEMAS
    assert home.runtime.devices.running
    for payload in ("1", "ON", '{"a": [1]}', '{"event_type": "1"}', ""):
        await home.peer.publish("a", payload, qos=0)
    await home.settled()
    await burst(home, *((topic, None) for topic, _ in announced))
    assert home.entities == []
    assert failures(caplog) == []


async def test_fuzzed_bytes(home: Home) -> None:
    """Nor does anything fail for what is not JSON at all."""
    await home.announce("sensor/not_to_be_guessed", sensor())

    @settings(max_examples=200, deadline=None, database=None)
    @given(st.binary(max_size=40), st.text(max_size=20))
    def receive(payload: bytes, topic: str) -> None:
        for name in (f"sensor/{topic}", "sensor/b", "device/c"):
            home.announcements._receive(
                Message(f"homeassistant/{name}/config", payload)
            )

    receive()
    await home.settled()
    assert home.entities == ["sensor.node_a"]
    assert home.runtime.broker.counters.handler_errors == 0


# --- birth, will, options ----------------------------------------------------------


@pytest.fixture(name="no_wait")
def no_wait_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for quiet before the birth message."""
    monkeypatch.setattr(module, "QUIET", 0.0)


@pytest.mark.usefixtures("no_wait")
async def test_birth_and_will(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Devices hear of Home Assistant when they can be heard, and when it leaves."""
    await peer.subscribe("homeassistant/status")
    home = Home(hass, await add_entry(discovery=True), peer)
    birth = await peer.next("homeassistant/status")
    assert (birth.payload, birth.retain) == (b"online", False)
    # What is announced on hearing it is heard.
    await home.announce("sensor/a", sensor(), retain=False)
    assert home.entities == ["sensor.node_a"]
    await hass.config_entries.async_unload(home.entry.entry_id)
    assert (await peer.next("homeassistant/status")).payload == b"offline"


@pytest.mark.usefixtures("no_wait")
async def test_birth_after_loss(home: Home, server: MqttServer) -> None:
    """A connection that breaks is told by the broker."""
    await server.restart()
    async with Peer(server) as peer:
        await peer.subscribe("homeassistant/status")
        home.runtime.broker.reconnect_now()
        assert (await peer.next("homeassistant/status")).payload == b"online"
        assert home.runtime.broker.settings.will is not None
        assert home.runtime.broker.settings.will.payload == "offline"


@pytest.mark.usefixtures("no_wait")
async def test_birth_after_start(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Devices hear of a Home Assistant that has started, and not before."""
    hass.set_state(CoreState.starting)
    await peer.subscribe("homeassistant/status")
    home = Home(hass, await add_entry(discovery=True), peer)
    await home.settled()
    await peer.no_message()
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    assert (await peer.next("homeassistant/status")).payload == b"online"


async def test_birth_after_what_is_retained(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a device answers is heard by the entities that it announced before."""
    monkeypatch.setattr(module, "QUIET", 1.0)
    for number in range(50):
        name = f"s{number}"
        await peer.publish(
            f"homeassistant/sensor/{name}/config", sensor(name), retain=True
        )
    await peer.subscribe("homeassistant/status")
    home = Home(hass, await add_entry(discovery=True), peer)
    await peer.next("homeassistant/status")
    for number in range(50):
        await peer.publish(f"s{number}", number)
    await home.quiet()
    assert [home.state(f"sensor.node_s{number}").state for number in range(50)] == [
        str(number) for number in range(50)
    ]


async def test_birth_without_rest(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who announces without end does not keep devices from hearing of it."""
    monkeypatch.setattr(module, "QUIET", 1000.0)
    monkeypatch.setattr(module, "LONGEST_BIRTH", 0.2)
    await peer.subscribe("homeassistant/status")
    await add_entry(discovery=True)
    assert (await peer.next("homeassistant/status")).payload == b"online"


@pytest.mark.usefixtures("no_wait")
async def test_own_prefix(add_home: AddHome, peer: Peer) -> None:
    """Another prefix is for all of it."""
    await peer.subscribe("home/one/status")
    home = await add_home(options={"discovery_prefix": "home/one"})
    assert (await peer.next("home/one/status")).payload == b"online"
    await home.announce("sensor/a", sensor(), retain=False)
    assert home.entities == []
    await home.say("home/one/sensor/a/config", sensor(), retain=True)
    await home.settled()
    assert home.entities == ["sensor.node_a"]
    # A new one begins anew.
    home.hass.config_entries.async_update_entry(
        home.entry, options={"discovery_prefix": "homeassistant"}
    )
    await home.hass.async_block_till_done()
    await home.announce("sensor/b", sensor("b"))
    assert home.state("sensor.node_a").state == STATE_UNAVAILABLE
    assert home.state("sensor.node_b").state == STATE_UNKNOWN


@pytest.mark.usefixtures("no_wait")
async def test_own_birth(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """What a person chose counts: another message, or none."""
    await peer.subscribe("#")
    birth = {"topic": "hello", "payload": "hi", "qos": 1, "retain": False}
    entry = await add_entry(discovery=True, options={"birth": birth, "will": {}})
    assert (await peer.next()).topic.value == "hello"
    await hass.config_entries.async_unload(entry.entry_id)
    await peer.no_message()


def is_enabled(form: ConfigFlowResult, name: str) -> bool:
    """Whether the form of the options shows a message as one that is sent."""
    assert form["data_schema"] is not None
    inner = form["data_schema"].schema[name].schema.schema
    (key,) = (key for key in inner if key == "enabled")
    return bool((key.description or {}).get("suggested_value", key.default()))


async def test_options(home: Home) -> None:
    """The form shows the messages that there are without any option, and ends them."""
    flow = home.hass.config_entries.options
    form = await flow.async_init(home.entry.entry_id)
    assert is_enabled(form, "birth")
    assert is_enabled(form, "will")
    entered = {
        "discovery_prefix": "homeassistant",
        "birth": {"enabled": True, "qos": "1"},
        "will": {"enabled": False},
    }
    await flow.async_configure(form["flow_id"], entered)
    await home.hass.async_block_till_done()
    birth = {"topic": "homeassistant/status", "payload": "online"}
    assert home.entry.options == {
        "discovery_prefix": "homeassistant",
        "birth": {**birth, "qos": 1, "retain": False},
        "will": {},
    }
    assert home.runtime.broker.settings.will is None
    form = await flow.async_init(home.entry.entry_id)
    assert is_enabled(form, "birth")
    assert not is_enabled(form, "will")
    flow.async_abort(form["flow_id"])


async def test_no_discovery(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a person's wish nothing is made, and nobody told."""
    await peer.subscribe("homeassistant/status")
    home = House(hass, await add_entry(), peer)
    await home.say("homeassistant/sensor/a/config", sensor(), retain=True)
    assert "sensor.node_a" not in hass.states.async_entity_ids()
    assert home.runtime.announcements is None
    await peer.no_message()


# --- what stays --------------------------------------------------------------------


async def test_stale(home: Home) -> None:
    """What is not announced any more after a restart stays until a person deletes it."""
    await home.announce("sensor/a", sensor(), retain=False)
    await home.announce("sensor/b", sensor("b", device=info("other")))
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.settled()
    assert home.state("sensor.node_a").state == STATE_UNAVAILABLE
    assert home.state("sensor.other_b").state == STATE_UNKNOWN
    for identifier, stale in (("node", True), ("other", False)):
        assert (
            await async_remove_config_entry_device(
                home.hass, home.entry, home.device(identifier)
            )
            is stale
        )
    # It may come back.
    await home.announce("sensor/a", sensor())
    assert home.state("sensor.node_a").state == STATE_UNKNOWN
