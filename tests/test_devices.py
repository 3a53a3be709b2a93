"""The pipeline from descriptions of devices to entities, whoever describes them."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from homeassistant.const import (
    EVENT_STATE_CHANGED,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.devices import Device
from custom_components.mqtt_websocket.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.mqtt_websocket.mapping.template import TemplateScope

from .conftest import AddEntry
from .support.devices import DEVICE, House, device, furnish
from .support.peer import Peer


def sensor(topic: str = "a", **config: Any) -> dict[str, Any]:
    """Return a sensor."""
    return {"platform": "sensor", "name": "A", "state_topic": topic, **config}


def announced(
    key: str = "node", components: dict[str, Any] | None = None, **info: Any
) -> Device:
    """Return a device as an announcement describes it."""
    info = {"identifiers": [key], "name": "Node", **info}
    return Device(
        key=key,
        payload={
            "device": info,
            "origin": {"name": "test"},
            "components": {"a": sensor(unique_id=f"{key}_a")}
            if components is None
            else components,
        },
        scope=TemplateScope.LIMITED,
    )


def sensors(house: House) -> list[str]:
    """Return the entity ids of all sensors with a state."""
    return sorted(house.hass.states.async_entity_ids("sensor"))


def registered_device(house: House, identifier: str) -> dr.DeviceEntry | None:
    """Return a device of the registry."""
    return dr.async_get(house.hass).async_get_device_by_identifier(
        (DOMAIN, identifier), house.entry.entry_id
    )


def found_device(house: House, identifier: str) -> dr.DeviceEntry:
    """Return a device that has to be in the registry."""
    found = registered_device(house, identifier)
    assert found is not None
    return found


# --- subentries -------------------------------------------------------------------


async def test_device_of_a_subentry(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A subentry is a device that hangs on the broker's, with what it says of itself."""
    new = device({"a": sensor()})
    new["data"] = {
        **new["data"],
        "device": {
            "manufacturer": "Acme",
            "model": "B",
            "model_id": "B1",
            "hw_version": "1",
            "sw_version": "2",
            "serial_number": "3",
            "configuration_url": "https://example.com",
            "suggested_area": "Cellar",
        },
    }
    house = await furnish(hass, add_entry, peer, subentries=(new,))
    broker = found_device(house, house.entry.entry_id)
    assert broker.entry_type is dr.DeviceEntryType.SERVICE
    assert broker.name == house.entry.title
    assert broker.config_subentry_id is None
    assert broker.model == f"MQTT {house.runtime.broker.protocol}"
    found = found_device(house, DEVICE)
    assert found.config_subentry_id == DEVICE
    assert found.via_device_id == broker.id
    assert found.area_id == "cellar"
    assert (
        found.name,
        found.manufacturer,
        found.model,
        found.model_id,
        found.hw_version,
        found.sw_version,
        found.serial_number,
        found.configuration_url,
    ) == ("Boiler", "Acme", "B", "B1", "1", "2", "3", "https://example.com")
    (entity_id,) = sensors(house)  # the area is part of it
    assert house.registered(entity_id).device_id == found.id
    assert house.registered(entity_id).config_subentry_id == DEVICE
    # What is not said any more is taken back.
    await house.change({"a": sensor()}, title="Heating")
    found = found_device(house, DEVICE)
    assert found.name == "Heating"
    assert found.manufacturer is None
    assert found.configuration_url is None
    assert house.state(entity_id).name == "Heating A"


async def test_device_without_entities(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A device may come before its entities."""
    house = await furnish(hass, add_entry, peer, subentries=(device({}),))
    assert found_device(house, DEVICE)


async def test_devices_come_and_go(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Devices are added and removed while the connection stays."""
    house = await furnish(hass, add_entry, peer)
    await house.add(device({"a": sensor()}))
    await house.say("a", "1")
    assert house.state("sensor.boiler_a").state == "1"
    await house.add(device({"a": sensor()}, subentry_id="device-2", title="Other"))
    assert sensors(house) == ["sensor.boiler_a", "sensor.other_a"]
    await house.remove()
    assert sensors(house) == ["sensor.other_a"]
    assert registered_device(house, DEVICE) is None
    assert er.async_get(hass).async_get("sensor.boiler_a") is None
    assert house.runtime.broker.counters.connections == 1


async def test_only_what_changed_is_touched(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Unchanged entities stay as they are, changed ones are the same objects."""
    components = {
        "a": sensor("a"),
        "b": sensor("b", name="B"),
        "c": sensor("c", name="C"),
    }
    house = await furnish(hass, add_entry, peer, subentries=(device(components),))
    for topic in "abc":
        await house.say(topic, "1")
    before = dict(house.runtime.devices.running[DEVICE].entities)
    states = {entity_id: house.state(entity_id) for entity_id in sensors(house)}
    events = async_capture_events(hass, EVENT_STATE_CHANGED)
    await house.change(
        {
            "a": sensor("a"),
            "b": sensor("b", name="B", icon="mdi:fire"),
            "d": sensor("d", name="D"),
        }
    )
    assert [each.data["entity_id"] for each in events] == [
        "sensor.boiler_b",
        "sensor.boiler_c",
        "sensor.boiler_d",
    ]
    after = house.runtime.devices.running[DEVICE].entities
    assert after["a"] is before["a"]
    assert after["b"] is before["b"]
    assert sorted(after) == ["a", "b", "d"]
    assert house.state("sensor.boiler_a") is states["sensor.boiler_a"]
    assert house.state("sensor.boiler_b").state == "1"
    assert er.async_get(hass).async_get("sensor.boiler_c") is None
    await house.say("d", "2")
    assert house.state("sensor.boiler_d").state == "2"
    assert house.runtime.broker.counters.connections == 1


async def test_another_platform(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A component that becomes something else is another entity."""
    house = await furnish(hass, add_entry, peer, subentries=(device({"a": sensor()}),))
    await house.change(
        {"a": {"platform": "switch", "name": "A", "command_topic": "a/set"}}
    )
    assert sensors(house) == []
    assert er.async_get(hass).async_get("sensor.boiler_a") is None
    assert house.registered("switch.boiler_a").unique_id == f"{DEVICE}_a"
    await house.change({"a": sensor()})
    assert sensors(house) == ["sensor.boiler_a"]
    assert hass.states.get("switch.boiler_a") is None


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"platform": "sensor"}, "state_topic"),
        ({"platform": "spaceship"}, "unsupported platform 'spaceship'"),
        ({}, "platform"),
        (sensor(qos=3), "qos"),
        (sensor("a/#/b"), "invalid topic"),
        (sensor(value_template="{{"), "template"),
        (sensor(entity_category="config"), "category config"),
        (sensor(device_class="date", unit_of_measurement="W"), "no unit"),
    ],
)
async def test_wrong_component(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
    wrong: dict[str, Any],
    reason: str,
) -> None:
    """A wrong component is left out, and logged once with its reason."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        subentries=(device({"a": wrong, "b": sensor(name="B")}),),
    )
    assert sensors(house) == ["sensor.boiler_b"]
    assert reason in house.runtime.devices.running[DEVICE].invalid["a"]
    await house.change({"a": wrong, "b": sensor(name="C")})
    lines = [each for each in caplog.messages if "is left out" in each]
    assert len(lines) == 1
    assert "The component a of the device Boiler" in lines[0]
    assert reason in lines[0]
    assert not [each for each in caplog.records if each.exc_info]


async def test_component_becomes_wrong(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A mistake takes an entity away, but not what a person decided about it."""
    house = await furnish(hass, add_entry, peer, subentries=(device({"a": sensor()}),))
    er.async_get(hass).async_update_entity("sensor.boiler_a", name="Mine")
    await house.change({"a": sensor(qos=3)})
    assert house.state("sensor.boiler_a").state == STATE_UNAVAILABLE
    await house.say("a", "1")
    assert house.state("sensor.boiler_a").state == STATE_UNAVAILABLE
    await hass.config_entries.async_reload(house.entry.entry_id)
    await house.quiet()
    await house.change({"a": sensor()})
    await house.say("a", "1")
    assert house.state("sensor.boiler_a").state == "1"
    assert house.state("sensor.boiler_a").name == "Mine"


async def test_disabled_component_becomes_wrong(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What is disabled has no state to lose."""
    off = sensor(enabled_by_default=False)
    house = await furnish(hass, add_entry, peer, subentries=(device({"a": off}),))
    await house.change({"a": {**off, "qos": 3}})
    assert house.registered("sensor.boiler_a").disabled_by
    await house.change({"a": off})
    assert house.registered("sensor.boiler_a").disabled_by
    assert sensors(house) == []


async def test_entity_removed_by_hand(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """An entity that a person removed from the registry does not hinder its device."""
    house = await furnish(hass, add_entry, peer, subentries=(device({"a": sensor()}),))
    er.async_get(hass).async_remove("sensor.boiler_a")
    await hass.async_block_till_done()
    await house.change({"a": sensor(icon="mdi:fire")})
    assert sensors(house) == []
    await house.change({})
    await house.remove()


async def test_wrong_device(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A wrong device leaves what ran before as it was, and is logged once."""
    house = await furnish(hass, add_entry, peer, subentries=(device({"a": sensor()}),))
    for title in ("Boiler", "Heating"):
        await house.change({"b": sensor()}, title=title, qos=3)
    assert sensors(house) == ["sensor.boiler_a"]
    lines = [each for each in caplog.messages if "is left out" in each]
    assert len(lines) == 1
    assert "qos" in lines[0]
    await house.change({"b": sensor(name="B")})
    assert sensors(house) == ["sensor.boiler_b"]
    await house.change({"b": sensor(name="B")}, qos=3)
    await house.remove()
    assert sensors(house) == []


async def test_removed_while_not_loaded(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A component that went while the entry was unloaded leaves nothing behind."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        subentries=(device({"a": sensor(), "b": sensor(name="B")}),),
    )
    await hass.config_entries.async_unload(house.entry.entry_id)
    assert house.state("sensor.boiler_a").state == STATE_UNAVAILABLE
    new = device({"b": sensor(name="B")})
    hass.config_entries.async_update_subentry(
        house.entry, house.entry.subentries[DEVICE], data=new["data"]
    )
    await hass.config_entries.async_setup(house.entry.entry_id)
    await house.quiet()
    assert er.async_get(hass).async_get("sensor.boiler_a") is None
    assert sensors(house) == ["sensor.boiler_b"]


async def test_shared_options(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A device's own options count for components that do not say otherwise."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        {"platform": "sensor", "name": "A"},
        sensor("other", name="B", encoding="utf-8"),
        state_topic="shared",
        encoding="latin-1",
    )
    await house.say("shared", b"\xe4")
    await house.say("other", "ä")
    assert house.state("sensor.boiler_a").state == "ä"
    assert house.state("sensor.boiler_b").state == "ä"


# --- announcements ----------------------------------------------------------------


async def test_announced_device(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """An announcement says itself who it and its entities are."""
    house = await furnish(hass, add_entry, peer)
    devices = house.runtime.devices
    devices.set_device(announced(connections=[["mac", "02:00:00:00:00:01"]]))
    await house.quiet()
    found = found_device(house, "node")
    assert found.config_subentry_id is None
    assert found.via_device_id == found_device(house, house.entry.entry_id).id
    assert found.connections == {("mac", "02:00:00:00:00:01")}
    registered = house.registered("sensor.node_a")
    assert registered.unique_id == "node_a"
    assert registered.config_subentry_id is None
    # Again, and changed.
    entity = devices.running["node"].entities["a"]
    devices.set_device(announced(connections=[["mac", "02:00:00:00:00:01"]]))
    devices.set_device(
        announced(components={"a": sensor(unique_id="node_a", icon="mdi:fire")})
    )
    assert devices.running["node"].entities["a"] is entity
    assert house.state("sensor.node_a").attributes["icon"] == "mdi:fire"
    # Another unique id is another entity, one that is not named any more is gone.
    devices.set_device(announced(components={"a": sensor(unique_id="new")}))
    await house.quiet()
    assert house.registered("sensor.node_a").unique_id == "new"
    devices.set_device(announced(components={}))
    await house.quiet()
    assert sensors(house) == []
    devices.remove_device("node")
    devices.remove_device("node")
    assert registered_device(house, "node") is None


async def test_announced_templates_are_limited(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A stranger's template sees no states; a person's does."""
    hass.states.async_set("sensor.secret", "42")
    template = "{{ states('sensor.secret') }}"
    house = await furnish(hass, add_entry, peer, sensor(value_template=template))
    house.runtime.devices.set_device(
        announced(components={"a": sensor("b", unique_id="x", value_template=template)})
    )
    await house.quiet()
    await house.say("a", "1")
    await house.say("b", "1")
    assert house.state("sensor.boiler_a").state == "42"
    assert house.state("sensor.node_a").state == STATE_UNKNOWN
    assert house.runtime.bad_payloads.topics == {"b": 1}


async def test_two_announcements_of_one_device(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The device goes with the last of them."""
    house = await furnish(hass, add_entry, peer)
    devices = house.runtime.devices
    devices.set_device(announced("one", identifiers=["node"]))
    devices.set_device(announced("two", identifiers=["node"]))
    await house.quiet()
    found = found_device(house, "node")
    assert devices.has_device(found.id)
    assert sensors(house) == ["sensor.node_a", "sensor.node_a_2"]
    devices.remove_device("one")
    assert found_device(house, "node").id == found.id
    devices.remove_device("two")
    assert registered_device(house, "node") is None
    assert not devices.has_device(found.id)


async def test_announcement_moves_to_another_device(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Other identifiers are another device; its entities move."""
    house = await furnish(hass, add_entry, peer)
    devices = house.runtime.devices
    devices.set_device(announced())
    devices.set_device(announced("second", identifiers=["node"]))
    await house.quiet()
    devices.set_device(announced(identifiers=["other"], name="Other"))
    await house.quiet()
    other = found_device(house, "other")
    assert house.registered("sensor.node_a").device_id == other.id
    assert house.state("sensor.node_a").name == "Other A"
    node = found_device(house, "node")
    assert house.registered("sensor.node_a_2").device_id == node.id
    devices.set_device(announced("second", identifiers=["other"], name="Other"))
    assert registered_device(house, "node") is None


async def test_withdrawn_device(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What is withdrawn goes from the states; the registries keep what they know."""
    house = await furnish(hass, add_entry, peer)
    devices = house.runtime.devices
    devices.set_device(announced())
    await house.quiet()
    er.async_get(hass).async_update_entity("sensor.node_a", name="Mine")
    devices.withdraw_device("node")
    devices.withdraw_device("node")
    await house.quiet()
    assert house.state("sensor.node_a").state == STATE_UNAVAILABLE
    assert found_device(house, "node")
    # Another source may go on with its entities.
    devices.set_device(
        announced(
            "new", identifiers=["node"], components={"b": sensor(unique_id="node_a")}
        )
    )
    await house.quiet()
    await house.say("a", "1")
    assert house.state("sensor.node_a").state == "1"
    assert house.state("sensor.node_a").name == "Mine"


def alone(key: str = "alone", **config: Any) -> Device:
    """Return a component that is announced by itself, without a device."""
    return Device(
        key=key,
        payload={"components": {"a": sensor(**config)}},
        alone=True,
        scope=TemplateScope.LIMITED,
    )


async def test_component_without_unique_id(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What is announced alone may be unknown to the registries; it works as well."""
    house = await furnish(hass, add_entry, peer)
    devices = house.runtime.devices
    devices.set_device(alone())
    devices.set_device(alone("second", default_entity_id="sensor.wanted"))
    await house.quiet()
    assert sensors(house) == ["sensor.a", "sensor.wanted"]
    assert er.async_get(hass).async_get("sensor.a") is None
    assert devices.running["alone"].device_id is None
    await house.say("a", "1")
    entity = devices.running["alone"].entities["a"]
    devices.set_device(alone(icon="mdi:fire", suggested_display_precision=1))
    assert devices.running["alone"].entities["a"] is entity
    assert house.state("sensor.a").attributes["icon"] == "mdi:fire"
    assert house.state("sensor.a").state == "1"
    diagnostics = await async_get_config_entry_diagnostics(hass, house.entry)
    assert [
        entity["entity_id"]
        for device in diagnostics["devices"]
        for entity in device["entities"].values()
    ] == ["sensor.a", "sensor.wanted"]
    devices.remove_device("alone")
    await house.quiet()
    assert sensors(house) == ["sensor.wanted"]
    devices.withdraw_device("second")
    await house.quiet()
    assert sensors(house) == []


async def test_component_gets_a_device(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """With a unique id it is another entity, in the registry; its device may follow."""
    house = await furnish(hass, add_entry, peer)
    devices = house.runtime.devices
    devices.set_device(alone())
    devices.set_device(alone(unique_id="x"))
    await house.quiet()
    assert sensors(house) == ["sensor.a"]
    assert house.registered("sensor.a").device_id is None
    component = alone(unique_id="x").payload
    info = {"identifiers": ["node"], "name": "Node"}
    devices.set_device(
        Device(key="alone", payload={**component, "device": info}, alone=True)
    )
    await house.quiet()
    node = found_device(house, "node")
    assert house.registered("sensor.a").device_id == node.id
    devices.set_device(alone(unique_id="x"))
    await house.quiet()
    assert house.registered("sensor.a").device_id is None
    assert registered_device(house, "node") is None


async def test_announced_again(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A device that comes back may wish for another entity id."""
    house = await furnish(hass, add_entry, peer)
    devices = house.runtime.devices
    devices.set_device(announced())
    await house.quiet()
    devices.remove_device("node")
    await house.quiet()
    component = sensor(unique_id="node_a", default_entity_id="sensor.wanted")
    devices.set_device(announced(components={"a": component}))
    await house.quiet()
    assert sensors(house) == ["sensor.wanted"]


async def test_announced_device_removed_by_hand(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What a person took out of the registries does not hinder what is announced."""
    house = await furnish(hass, add_entry, peer)
    devices = house.runtime.devices
    devices.set_device(announced())
    await house.quiet()
    er.async_get(hass).async_remove("sensor.node_a")
    await hass.async_block_till_done()
    devices.set_device(announced(identifiers=["other"]))
    assert registered_device(house, "node") is None
    dr.async_get(hass).async_remove_device(found_device(house, "other").id)
    await hass.async_block_till_done()
    devices.remove_device("node")
    assert sensors(house) == []


async def test_via_device(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """A device may be reached through another, which may announce itself later."""
    house = await furnish(hass, add_entry, peer)
    devices = house.runtime.devices
    devices.set_device(announced(via_device="bridge"))
    bridge = found_device(house, "bridge")
    assert found_device(house, "node").via_device_id == bridge.id
    devices.set_device(announced("bridge", name="Bridge"))
    assert found_device(house, "bridge").id == bridge.id
    assert found_device(house, "bridge").name == "Bridge"
    # Nothing is reached through itself.
    devices.set_device(announced(via_device="node"))
    assert found_device(house, "node").via_device_id is None


async def test_announcement_takes_nothing_over(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither devices nor entities of another source are a stranger's to change."""
    house = await furnish(hass, add_entry, peer, sensor())
    devices = house.runtime.devices
    for identifier in (DEVICE, house.entry.entry_id):
        devices.set_device(announced(identifiers=[identifier], name="Mine"))
    assert found_device(house, DEVICE).name == "Boiler"
    assert found_device(house, house.entry.entry_id).name == house.entry.title
    assert "node" not in devices.running
    devices.set_device(
        announced(
            components={
                "a": sensor(unique_id=f"{DEVICE}_c0", name="Mine"),
                "b": sensor(unique_id="b", name="B"),
                "c": sensor(unique_id="b", name="C"),
            }
        )
    )
    devices.set_device(
        announced("two", components={"b": sensor(unique_id="b", name="D")})
    )
    await house.quiet()
    assert sensors(house) == ["sensor.boiler_a", "sensor.node_b"]
    assert sorted(devices.running["node"].invalid) == ["a", "c"]
    assert sorted(devices.running["two"].invalid) == ["b"]
    assert house.state("sensor.boiler_a").name == "Boiler A"
    assert "unique ID" not in caplog.text  # Home Assistant would have complained
    # What the first one gives up, another may have.
    devices.remove_device("two")
    assert sensors(house) == ["sensor.boiler_a", "sensor.node_b"]
    devices.remove_device("node")
    devices.set_device(
        announced("two", components={"b": sensor(unique_id="b", name="D")})
    )
    await house.quiet()
    assert sensors(house) == ["sensor.boiler_a", "sensor.node_b"]
    assert house.state("sensor.node_b").name == "Node D"


async def test_two_brokers_announce_the_same(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The entity is that of the first; the other has nothing to be a device of."""
    house = await furnish(hass, add_entry, peer)
    other = House(hass, await add_entry(username="other"), peer)
    for each in (house, other):
        each.runtime.devices.set_device(announced())
        await each.quiet()
    assert found_device(house, "node")
    assert registered_device(other, "node") is None
    assert sensors(house) == ["sensor.node_a"]
    assert "another source" in other.runtime.devices.running["node"].invalid["a"]
    other.runtime.devices.remove_device("node")
    assert sensors(house) == ["sensor.node_a"]


async def test_entities_wait_for_their_platform(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A device may come before the platforms do, as at start."""
    house = await furnish(hass, add_entry, peer)
    devices = house.runtime.devices
    platform = devices._platforms.pop("sensor")
    devices.set_device(announced())
    assert sensors(house) == []
    devices.add_platform(
        Platform.SENSOR, platform.entity_factory, platform.async_add_entities
    )
    await house.quiet()
    assert sensors(house) == ["sensor.node_a"]
