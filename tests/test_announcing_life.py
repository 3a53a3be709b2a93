"""What is announced, when, and what becomes of it."""

import asyncio
from collections.abc import Callable
import json
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.identity import home_of

from .conftest import AddEntry
from .support.automation import reached
from .support.devices import House
from .support.peer import Peer
from .support.rules import (
    BASE,
    change,
    expect,
    longest_pause,
    publishing,
    remove,
    retained,
    rule,
)
from .support.server import MqttServer
from .test_announcing import announcing

CONFIGS = "homeassistant/device/+/+/config"


@pytest.fixture
async def configs(peer: Peer) -> Peer:
    """Return a peer that hears what is announced."""
    await peer.subscribe(CONFIGS)
    return peer


async def announced(peer: Peer) -> tuple[str, dict[str, Any]]:
    """Return the next announcement: its topic, and what it says."""
    message = await peer.next(CONFIGS)
    assert message.payload, f"{message.topic} was taken back"
    return str(message.topic), json.loads(message.payload)


async def kept(peer: Peer, beginning: str = BASE) -> dict[str, str]:
    """Return what the broker retains under topics that begin so."""
    found = await retained(peer)
    return {key: found[key] for key in found if key.startswith(beginning)}


async def kept_at_last(
    peer: Peer, is_right: Callable[[dict[str, str]], object], beginning: str = BASE
) -> dict[str, str]:
    """Return what the broker retains once that is right; fail if it does not become so."""
    found: dict[str, str] = {}
    try:
        async with asyncio.timeout(15):
            while not is_right(found := await kept(peer, beginning)):
                pass
    except TimeoutError:
        pytest.fail(f"it retains {found}")
    return found


async def component(peer: Peer) -> tuple[str, dict[str, Any]]:
    """Return the component of the next announcement: its platform, and its keys."""
    _, payload = await announced(peer)
    ((platform, config),) = payload["components"].items()
    assert config["platform"] == platform
    return platform, config


def add_lamp(hass: HomeAssistant) -> er.RegistryEntry:
    """Add a light of a device in an area, as an integration does."""
    area = ar.async_get(hass).async_create("Kitchen")
    other = MockConfigEntry(domain="test")
    other.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id,
        identifiers={("test", "1")},
        name="Stove",
        manufacturer="Maker",
        model="X1",
        sw_version="2",
        serial_number="secret",
    )
    dr.async_get(hass).async_update_device(device.id, area_id=area.id)
    entity = er.async_get(hass).async_get_or_create(
        "light",
        "test",
        "1",
        suggested_object_id="lamp",
        device_id=device.id,
        config_entry=other,
        original_name="Lamp",
        has_entity_name=True,
        original_icon="mdi:lamp",
    )
    hass.states.async_set(
        entity.entity_id,
        "on",
        {
            "brightness": 10,
            "color_mode": "brightness",
            "supported_color_modes": ["brightness"],
            "icon": "mdi:lamp",
        },
    )
    return entity


async def test_announcement(
    hass: HomeAssistant, add_entry: AddEntry, configs: Peer
) -> None:
    """It says all that others need to know, and nothing that is not theirs."""
    entity = add_lamp(hass)
    await add_entry(subentries=[announcing("light.lamp", qos=0)])
    home = home_of(hass)
    topic, payload = await announced(configs)
    assert topic == f"homeassistant/device/{home}/{entity.id}_light/config"
    assert payload == {
        "device": {
            "identifiers": [f"{home}_{entity.device_id}"],
            "name": "Stove",
            "manufacturer": "Maker",
            "model": "X1",
            "sw_version": "2",
            "suggested_area": "Kitchen",
        },
        "origin": {"name": "Home Assistant, MQTT over WebSocket"},
        "components": {
            "light": {
                "platform": "light",
                "name": "Lamp",
                "unique_id": f"{home}_{entity.id}",
                "default_entity_id": "light.lamp",
                "icon": "mdi:lamp",
                "qos": 0,
                "schema": "json",
                "state_topic": f"{BASE}/light/lamp/announced",
                "command_topic": f"{BASE}/light/lamp/set",
                "brightness": True,
                "supported_color_modes": ["brightness"],
                "flash": False,
                "transition": False,
                "availability_mode": "all",
                "availability": [
                    {
                        "topic": f"{BASE}/status/{home}",
                        "payload_available": "online",
                        "payload_not_available": "offline",
                    },
                    {
                        "topic": f"{BASE}/light/lamp/announced",
                        "value_template": (
                            "{{ 'online' if value_json.available else 'offline' }}"
                        ),
                    },
                ],
            }
        },
    }
    found = await kept_at_last(configs, lambda found: len(found) == 3)
    assert json.loads(found.pop(f"{BASE}/light/lamp/announced")) == {
        "state": "ON",
        "available": True,
        "brightness": 10,
        "color_mode": "brightness",
    }
    assert found == {
        f"{BASE}/light/lamp/state": "on",
        f"{BASE}/status/{home}": "online",
    }


async def test_child_device(
    hass: HomeAssistant, add_entry: AddEntry, configs: Peer
) -> None:
    """A part of a device has a name, and none of what the whole one has."""
    devices = dr.async_get(hass)
    parent = add_lamp(hass).device_id
    assert parent is not None
    device = devices.async_get(parent)
    assert isinstance(device, dr.DeviceEntry)
    child = devices.async_get_or_create_child(
        config_entry_id=device.config_entry_id,
        identifiers={("test", "1-1")},
        name="Oven",
        parent_device_id=parent,
    )
    er.async_get(hass).async_update_entity("light.lamp", device_id=child.id)
    await add_entry(subentries=[announcing("light.lamp")])
    _, payload = await announced(configs)
    told = payload["device"]
    assert told["name"] == "Oven"
    assert told["identifiers"] == [f"{home_of(hass)}_{child.id}"]
    assert "manufacturer" not in told


async def test_whatever_the_shape(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The rule's payload, retain and policies are no matter of those who are told."""
    add_lamp(hass)
    await add_entry(
        subentries=[
            announcing(
                "light.lamp",
                payload="template",
                payload_template="{{ '' }}",
                retain=False,
                unavailable="keep",
                topic="x",
            )
        ]
    )
    await peer.subscribe("#")
    seen = [await peer.next(f"{BASE}/light/lamp/announced")]
    hass.states.async_set("light.lamp", "unavailable")
    seen.append(await peer.next(f"{BASE}/light/lamp/announced"))
    assert [json.loads(each.payload)["available"] for each in seen] == [True, False]
    assert "x" not in await retained(peer)


async def test_taken_back_in_silence(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A state that the rule keeps stays; what others were told of it does not."""
    hass.states.async_set("sensor.a", "1")
    announce = announcing("sensor.a", unavailable="keep")
    entry = await add_entry(subentries=[announce, announcing("sensor.b")])
    await kept_at_last(peer, lambda found: f"{BASE}/sensor/a/state" in found)
    hass.states.async_set("sensor.a", "unavailable")
    change(hass, entry, announce=False)
    left = {
        f"{BASE}/sensor/a/state": "1",
        f"{BASE}/status/{home_of(hass)}": "online",
    }
    await kept_at_last(peer, lambda found: found == left)


@pytest.mark.parametrize(
    ("entity_id", "state", "expected", "keys"),
    [
        ("light.a", "on", "binary_sensor", {"payload_on": "on"}),
        ("cover.a", "opening", "sensor", {}),
        ("lock.a", "locked", "sensor", {}),
        ("button.a", "unknown", "sensor", {"device_class": "timestamp"}),
        ("input_select.a", "x", "sensor", {"device_class": "enum", "options": ["x"]}),
        ("person.a", "home", "sensor", {}),
        ("update.a", "on", "update", {}),
    ],
)
async def test_without_commands(
    hass: HomeAssistant,
    add_entry: AddEntry,
    configs: Peer,
    entity_id: str,
    state: str,
    expected: str,
    keys: dict[str, Any],
) -> None:
    """What takes no commands is announced as something that shows."""
    attributes = {"options": ["x"]} if entity_id.startswith("input_select") else {}
    hass.states.async_set(entity_id, state, attributes)
    await add_entry(subentries=[announcing(entity_id, commands=False)])
    platform, config = await component(configs)
    assert platform == expected
    assert "command_topic" not in config
    assert config.items() >= keys.items()


async def test_locks(hass: HomeAssistant, add_entry: AddEntry, configs: Peer) -> None:
    """A lock is one only where the rule lets others open it."""
    hass.states.async_set("lock.a", "locked", {"supported_features": 1})
    entry = await add_entry(subentries=[announcing("lock.a", command_locks=False)])
    assert (await component(configs))[0] == "sensor"
    change(hass, entry, command_locks=True)
    old, new = await configs.collect(2)
    if not new.payload:
        old, new = new, old
    assert not old.payload
    assert json.loads(new.payload)["components"]["lock"]["payload_open"] == "OPEN"


async def test_broken_entity(
    hass: HomeAssistant, add_entry: AddEntry, configs: Peer
) -> None:
    """What no platform would take is announced as a plain sensor."""
    broken = {"device_class": "nonsense", "icon": "nothing"}
    hass.states.async_set("sensor.a", "1", broken)
    await add_entry(subentries=[announcing("sensor.a")])
    platform, config = await component(configs)
    assert platform == "sensor"
    assert "device_class" not in config


async def test_events(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry, configs: Peer
) -> None:
    """What happens is told once, when it happens, and never again."""
    bell = {"event_types": ["ring"], "event_type": "ring", "volume": 3}
    hass.states.async_set("event.new", "unknown", {"event_types": ["ring"]})
    hass.states.async_set("event.old", "2026-01-01T00:00:00.000+00:00", bell)
    entry = await add_entry(
        subentries=[announcing("event.new", "event.old", payload="json")]
    )
    topic = f"{BASE}/event/+/event"
    await configs.subscribe(topic)
    for _ in range(2):
        assert (await component(configs))[0] == "event"

    async def happens(name: str, moment: str) -> None:
        hass.states.async_set(f"event.{name}", moment, bell)
        message = await configs.next(topic)
        assert str(message.topic) == f"{BASE}/event/{name}/event"
        assert not message.retain
        assert json.loads(message.payload) == {"event_type": "ring", "volume": 3}

    await happens("new", "2026-01-02T00:00:00.000+00:00")
    await happens("old", "2026-01-03T00:00:00.000+00:00")
    # Nothing happens by being there again.
    hass.states.async_set("event.old", "unavailable")
    await House(hass, entry, configs).quiet()
    hass.states.async_set("event.old", "2026-01-03T00:00:00.000+00:00", bell)
    await hass.config_entries.async_reload(entry.entry_id)
    await House(hass, entry, configs).quiet()
    await happens("old", "2026-01-04T00:00:00.000+00:00")
    assert not [each for each in await kept(configs) if each.endswith("/event")]


async def test_attributes(
    hass: HomeAssistant, add_entry: AddEntry, configs: Peer
) -> None:
    """Others get the attributes that the rule publishes, and no others."""
    attributes = {"a": 1, "b": {"c": 2}, "friendly_name": "A"}
    hass.states.async_set("sensor.a", "1", attributes)
    entry = await add_entry(subentries=[announcing("sensor.a", payload="json")])
    _, config = await component(configs)
    assert config["json_attributes_topic"] == f"{BASE}/sensor/a/announced"
    topic = f"{BASE}/sensor/a/announced"
    found = await kept_at_last(configs, lambda found: topic in found)
    assert json.loads(found[topic])["attributes"] == {
        "a": 1,
        "b": {"c": 2},
    }
    change(hass, entry, attributes=["a"])
    message = await configs.next(f"{BASE}/sensor/a/announced")
    assert json.loads(message.payload)["attributes"] == {"a": 1}


@pytest.mark.parametrize(
    ("category", "commands", "expected"),
    [
        ("diagnostic", False, "diagnostic"),
        ("config", False, None),
        ("config", True, "config"),
    ],
)
async def test_category(
    hass: HomeAssistant,
    add_entry: AddEntry,
    configs: Peer,
    category: str,
    commands: bool,
    expected: str | None,
) -> None:
    """A setting that others can't set is none for them."""
    entity = er.async_get(hass).async_get_or_create(
        "switch", "test", "1", entity_category=EntityCategory(category)
    )
    hass.states.async_set(entity.entity_id, "on")
    await add_entry(subentries=[announcing(entity.entity_id, commands=commands)])
    _, config = await component(configs)
    assert config.get("entity_category") == expected


async def test_attributes_that_are_told_otherwise(
    hass: HomeAssistant, add_entry: AddEntry, configs: Peer
) -> None:
    """What the platform shows itself is not shown a second time, in other units."""
    attributes = {
        "supported_features": 1,
        "temperature": 20,
        "current_temperature": 19,
        "min_temp": 7,
        "max_temp": 35,
        "target_temp_step": 0.5,
        "hvac_modes": ["heat"],
        "more": True,
    }
    hass.states.async_set("climate.a", "heat", attributes)
    await add_entry(subentries=[announcing("climate.a", payload="json")])
    await component(configs)
    topic = f"{BASE}/climate/a/announced"
    told = await kept_at_last(configs, lambda found: topic in found)
    found = json.loads(told[topic])
    assert found["attributes"] == {"more": True}
    assert found["temperature"] == 20


async def test_changes(hass: HomeAssistant, add_entry: AddEntry, configs: Peer) -> None:
    """Whatever it says of an entity, it says again when that is different."""
    entity = add_lamp(hass)
    device_id = entity.device_id
    assert device_id is not None
    await add_entry(subentries=[announcing("light.lamp")])
    topic, _ = await announced(configs)
    entities, devices = er.async_get(hass), dr.async_get(hass)

    entities.async_update_entity("light.lamp", name="Light")
    again, payload = await announced(configs)
    assert payload["components"]["light"]["name"] == "Light"
    devices.async_update_device(device_id, name_by_user="Cooker")
    payload = (await announced(configs))[1]
    assert payload["device"]["name"] == "Cooker"
    ar.async_get(hass).async_update("kitchen", name="Cuisine")
    payload = (await announced(configs))[1]
    assert payload["device"]["suggested_area"] == "Cuisine"
    hass.states.async_set(
        "light.lamp", "on", {"supported_features": 4, "effect_list": ["x"]}
    )
    payload = (await announced(configs))[1]
    assert payload["components"]["light"]["effect_list"] == ["x"]
    hass.states.async_set("light.lamp", "unavailable")  # it says nothing of itself

    # A new name is no new entity for others.
    entities.async_update_entity("light.lamp", new_entity_id="light.new")
    hass.states.async_set("light.new", "on")
    hass.states.async_remove("light.lamp")
    payload = (await announced(configs))[1]
    new_topic = f"{BASE}/light/new/announced"
    assert payload["components"]["light"]["state_topic"] == new_topic
    assert again == topic
    old_topic = f"{BASE}/light/lamp/announced"
    await kept_at_last(configs, lambda found: old_topic not in found)


async def test_taken_back(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """What is not published any more is not announced any more, and leaves nothing."""
    for name in "abc":
        hass.states.async_set(f"sensor.{name}", "1")
    entry = await add_entry(
        subentries=[
            announcing("sensor.a", "sensor.b", "sensor.c"),
            announcing("sensor.d"),
        ]
    )
    await peer.subscribe(CONFIGS)
    topics = {str(message.topic) for message in await peer.collect(3)}
    home = home_of(hass)
    assert topics == {
        f"homeassistant/device/{home}/sensor_{name}_sensor/config" for name in "abc"
    }

    hass.states.async_remove("sensor.a")
    await expect(peer, (f"homeassistant/device/{home}/sensor_a_sensor/config", ""))
    change(hass, entry, entities=["sensor.c"])
    await expect(peer, (f"homeassistant/device/{home}/sensor_b_sensor/config", ""))
    connections = entry.runtime_data.broker
    change(hass, entry, announce=False)
    await expect(peer, (f"homeassistant/device/{home}/sensor_c_sensor/config", ""))
    assert entry.runtime_data.broker is connections  # another rule still announces
    left = {f"{BASE}/sensor/c/state": "1", f"{BASE}/status/{home}": "online"}
    await kept_at_last(peer, lambda found: found == left, "")

    remove(hass, entry, 1)
    await hass.async_block_till_done()
    left = {f"{BASE}/sensor/c/state": "1"}
    await kept_at_last(peer, lambda found: found == left, "")


async def test_ghosts(
    hass: HomeAssistant,
    add_entry: AddEntry,
    hass_storage: dict[str, Any],
    configs: Peer,
) -> None:
    """What was announced before a crash, and is not there any more, is taken back."""
    entry = await add_entry(setup=False, subentries=[announcing("sensor.a")])
    ghost = "homeassistant/device/ha_x/sensor_b_sensor/config"
    await configs.publish(ghost, "{}", retain=True)
    await configs.next()
    key = f"mqtt_websocket.published.{entry.entry_id}"
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": {"topics": {ghost: 1}},
    }
    await hass.config_entries.async_setup(entry.entry_id)
    await expect(configs, (ghost, ""))


async def test_ghosts_of_what_is_silent(
    hass: HomeAssistant,
    add_entry: AddEntry,
    hass_storage: dict[str, Any],
    peer: Peer,
) -> None:
    """What a rule told others goes, also where it keeps the last state as it is."""
    hass.states.async_set("sensor.a", "unavailable")
    silent = rule("sensor.a", unavailable="keep", attribute_topics=True)
    entry = await add_entry(setup=False, subentries=[silent])
    left = {f"{BASE}/sensor/a/state": "1", f"{BASE}/sensor/a/unit": "W"}
    ghost = f"{BASE}/sensor/a/announced"
    for topic, payload in {**left, ghost: "{}"}.items():
        await peer.publish(topic, payload, retain=True)
    key = f"mqtt_websocket.published.{entry.entry_id}"
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": {"topics": dict.fromkeys((*left, ghost), 1)},
    }
    await hass.config_entries.async_setup(entry.entry_id)
    await kept_at_last(peer, lambda found: found == left)


def add_sensor(hass: HomeAssistant) -> str:
    """Add a sensor that can be renamed; return its id in the registry."""
    entity = er.async_get(hass).async_get_or_create(
        "sensor", "test", "1", suggested_object_id="old"
    )
    hass.states.async_set("sensor.old", "1")
    return entity.id


def rename_sensor(hass: HomeAssistant) -> None:
    """Rename the sensor, and let its state follow."""
    er.async_get(hass).async_update_entity("sensor.old", new_entity_id="sensor.new")
    hass.states.async_remove("sensor.old")
    hass.states.async_set("sensor.new", "1")


def renamed(hass: HomeAssistant, key: str) -> Callable[[dict[str, str]], bool]:
    """Return whether a broker retains the renamed sensor, and nothing else."""
    config = f"homeassistant/device/{home_of(hass)}/{key}_sensor/config"
    topics = {
        config,
        f"{BASE}/sensor/new/state",
        f"{BASE}/sensor/new/announced",
        f"{BASE}/status/{home_of(hass)}",
    }
    return lambda found: found.keys() == topics and "sensor.new" in found[config]


@pytest.mark.parametrize("loaded", [True, False])
async def test_renamed_while_unreachable(
    hass: HomeAssistant, socket_enabled: None, add_entry: AddEntry, loaded: bool
) -> None:
    """An entity is published as it is called once the broker is there again."""
    key = add_sensor(hass)
    async with MqttServer(persistent=True) as server:
        entry = await add_entry(
            url=server.ws_url, subentries=[announcing("sensor.old")]
        )
        async with Peer(server) as peer:
            await kept_at_last(peer, lambda found: len(found) == 4, "")
        await server.stop()
        await reached(entry, connected=False)
        if not loaded:
            await hass.config_entries.async_reload(entry.entry_id)
            assert entry.state is ConfigEntryState.SETUP_RETRY
        rename_sensor(hass)
        await hass.async_block_till_done()
        await server.start()
        if loaded:
            entry.runtime_data.broker.reconnect_now()
        else:
            await hass.config_entries.async_reload(entry.entry_id)
        async with Peer(server) as peer:
            await kept_at_last(peer, renamed(hass, key), "")
        (subentry,) = entry.subentries.values()
        assert subentry.data["entities"] == ["sensor.new"]
        await hass.config_entries.async_unload(entry.entry_id)


async def test_thousands(
    hass: HomeAssistant, add_entry: AddEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Thousands are announced in pieces, and hold nothing up."""
    caplog.set_level(logging.WARNING)  # each publish writes a line for debugging
    for number in range(2_000):
        attributes = {"unit_of_measurement": "W", "device_class": "power"}
        hass.states.async_set(f"sensor.e{number}", "1", attributes)
    entry = await add_entry(subentries=[announcing(domains=["sensor"], qos=0)])
    assert await longest_pause(publishing(entry).counters, 3 * 2_000) < 0.2


async def test_two_rules(
    hass: HomeAssistant, add_entry: AddEntry, configs: Peer
) -> None:
    """The first rule that announces an entity does it, then the next one."""
    hass.states.async_set("switch.a", "on")
    entry = await add_entry(
        subentries=[
            announcing("switch.a", base="one"),
            announcing("switch.a", base="two"),
            rule("switch.a", base="three"),
        ]
    )
    _, config = await component(configs)
    assert config["state_topic"] == "one/switch/a/announced"
    await configs.no_message(0)
    change(hass, entry, 1, minimum_interval=1)
    await configs.no_message()

    remove(hass, entry)
    await hass.async_block_till_done()
    while (await component(configs))[1]["state_topic"] != "two/switch/a/announced":
        pass
    await kept_at_last(configs, lambda found: not found, "one/")
    topic = "two/switch/a/announced"
    await kept_at_last(configs, lambda found: topic in found, "two/")


# --- whether this Home Assistant is there ----------------------------------------------


async def test_status(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry, peer: Peer
) -> None:
    """The broker says when we are gone, however that comes, and keeps it."""
    server.require_mosquitto("lets two clients have one id")
    hass.states.async_set("sensor.a", "1")
    entry = await add_entry(subentries=[announcing("sensor.a")])
    status = f"{BASE}/status/{home_of(hass)}"
    await peer.subscribe("#")
    assert (await peer.next(status)).payload == b"online"

    async with Peer(server, client_id=entry.runtime_data.broker.client_id):
        assert (await peer.next(status)).payload == b"offline"
    entry.runtime_data.broker.reconnect_now()
    assert (await peer.next(status, timeout=20)).payload == b"online"

    # The will of a connection that was lost long ago comes late.
    await peer.publish(status, "offline", retain=True)
    for expected in b"offline", b"online":
        assert (await peer.next(status)).payload == expected

    await hass.config_entries.async_unload(entry.entry_id)
    assert (await peer.next(status)).payload == b"offline"
    await peer.no_message(topic_filter=status)
    assert await kept(peer, status) == {status: "offline"}


async def test_status_comes_with_the_first_rule(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A connection gets its will when it begins, so it begins anew."""
    hass.states.async_set("sensor.a", "1")
    entry = await add_entry(subentries=[rule("sensor.a")])
    broker = entry.runtime_data.broker
    assert broker.settings.will is None
    change(hass, entry, announce=True)
    await hass.async_block_till_done()
    assert entry.runtime_data.broker is not broker
    will = entry.runtime_data.broker.settings.will
    assert (will.topic, will.payload) == (f"{BASE}/status/{home_of(hass)}", "offline")
    assert will.retain

    # Another base is another topic; nothing of the old one stays.
    change(hass, entry, base="other")
    await hass.async_block_till_done()
    status = f"other/status/{home_of(hass)}"
    await kept_at_last(peer, lambda found: found.get(status) == "online", "other/")
    await kept_at_last(peer, lambda found: not found)


@pytest.mark.parametrize("discovery", [False, True])
async def test_other_will(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, discovery: bool
) -> None:
    """The will that there would be is said at least when all ends well."""
    will = {"topic": "mine", "payload": "gone", "qos": 1, "retain": False}
    await add_entry(
        subentries=[announcing("sensor.a")],
        discovery=discovery,
        options={} if discovery else {"will": will},
    )
    await peer.subscribe("homeassistant/status" if discovery else "mine")
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert (await peer.next()).payload == (b"offline" if discovery else b"gone")


async def test_own_will(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry, configs: Peer
) -> None:
    """Birth message and will of a person's making serve, if they are retained."""
    birth = {"topic": "mine", "payload": "here", "qos": 1, "retain": True}
    will = {**birth, "payload": "gone"}
    hass.states.async_set("sensor.a", "1")
    entry = await add_entry(
        subentries=[announcing("sensor.a")], options={"birth": birth, "will": will}
    )
    _, config = await component(configs)
    assert config["availability"][0] == {
        "topic": "mine",
        "payload_available": "here",
        "payload_not_available": "gone",
    }
    assert entry.runtime_data.broker.settings.will.topic == "mine"
    change(hass, entry, announce=False)
    await hass.async_block_till_done()
    await House(hass, entry, configs).quiet()
    await kept_at_last(configs, lambda found: found == {"mine": "here"}, "mine")


@pytest.mark.parametrize(
    ("birth", "will"),
    [
        ({"retain": False}, {}),
        ({}, {"retain": False}),
        ({"topic": "other"}, {}),
        ({"payload": "gone"}, {}),
        (
            {"topic": "homeassistant/status"},
            {"topic": "homeassistant/status"},
        ),
    ],
)
async def test_will_that_does_not_serve(
    hass: HomeAssistant,
    add_entry: AddEntry,
    birth: dict[str, Any],
    will: dict[str, Any],
) -> None:
    """A status that would be wrong for somebody is replaced by one of our own."""
    usual = {"topic": "mine", "payload": "here", "qos": 1, "retain": True}
    entry = await add_entry(
        subentries=[announcing("sensor.a")],
        options={
            "birth": {**usual, **birth},
            "will": {**usual, "payload": "gone", **will},
        },
    )
    settings = entry.runtime_data.broker.settings
    assert settings.will.topic == f"{BASE}/status/{home_of(hass)}"
    assert settings.farewell.payload == "gone"


# --- no loops --------------------------------------------------------------------------


async def test_not_discovered_again(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What we announce is nothing to discover, for any of our entries."""
    hass.states.async_set("switch.a", "on")
    announcer = await add_entry(
        subentries=[announcing("switch.a", domains=["switch"])], discovery=True
    )
    other = await add_entry(discovery=True)
    await peer.subscribe(CONFIGS)
    await announced(peer)
    for entry in announcer, other:
        await House(hass, entry, peer).quiet()
        await entry.runtime_data.announcements.settled()
        assert not entry.runtime_data.devices.running
        assert not entry.runtime_data.announcements.refused
    assert hass.states.async_entity_ids("switch") == ["switch.a"]


async def test_copies(hass: HomeAssistant, add_entry: AddEntry, configs: Peer) -> None:
    """What another integration makes of announcements is not announced once more."""
    assert await async_setup_component(hass, "mqtt_websocket", {})
    registry = er.async_get(hass)
    own = registry.async_get_or_create("light", "mqtt", f"{home_of(hass)}_x")
    foreign = registry.async_get_or_create("light", "mqtt", "ha_0123456789abcdef_x")
    for each in own, foreign:
        hass.states.async_set(each.entity_id, "on")
    hass.states.async_set("light.real", "on")
    entry = await add_entry(subentries=[announcing(domains=["light"])])
    (topics,) = publishing(entry).topics.values()
    assert topics.keys() == {foreign.entity_id, "light.real"}
    topic, _ = await announced(configs)
    assert topic.endswith("/light_real_light/config")
    await configs.no_message()

    change(hass, entry, entities=[own.entity_id, foreign.entity_id])
    assert len(await configs.collect(2)) == 2
