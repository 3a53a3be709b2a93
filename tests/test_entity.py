"""What all entities that live on topics have in common."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    mock_restore_cache,
)

from homeassistant.components.mqtt.entity import MQTT_ATTRIBUTES_BLOCKED
from homeassistant.const import (
    EVENT_HOMEASSISTANT_STOP,
    EVENT_STATE_CHANGED,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
)
from homeassistant.core import CoreState, HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from custom_components.mqtt_websocket.attributes import BLOCKED

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer
from .support.server import MqttServer
from .support.waiting import until

ENTITY = "sensor.boiler_value"
TOPIC = "boiler/value"


def sensor(**config: Any) -> dict[str, Any]:
    """Return a component with the topic TOPIC and the entity id ENTITY."""
    return {"platform": "sensor", "name": "Value", "state_topic": TOPIC, **config}


def is_available(house: House) -> bool:
    """Return whether the entity is available."""
    return house.state(ENTITY).state != STATE_UNAVAILABLE


# --- availability ----------------------------------------------------------------


async def test_availability_topic(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """An entity with a topic is not there before that says so; other words say nothing."""
    house = await furnish(hass, add_entry, peer, sensor(availability_topic="there"))
    seen = [is_available(house)]
    for payload in ("ONLINE", "online", "none", "offline", b"\xff", "online"):
        await house.say("there", payload)
        seen.append(is_available(house))
    assert seen == [False, False, True, True, False, False, True]


async def test_availability_keys(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The payloads are compared with what the template makes."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        sensor(
            availability_topic="there",
            availability_template="{{ value_json.up }}",
            payload_available="True",
            payload_not_available="False",
        ),
    )
    await house.say("there", {"up": True})
    assert is_available(house)
    await house.say("there", {"up": False})
    assert not is_available(house)


ONLINE, OFFLINE = "online", "offline"


@pytest.mark.parametrize(
    ("mode", "said", "available"),
    [
        ("all", [("a", ONLINE)], False),
        ("all", [("a", ONLINE), ("b", "1")], True),
        ("all", [("a", ONLINE), ("b", "1"), ("a", OFFLINE)], False),
        ("any", [], False),
        ("any", [("a", ONLINE)], True),
        ("any", [("a", ONLINE), ("b", "0")], True),
        ("any", [("a", OFFLINE), ("b", "0")], False),
        ("latest", [], False),
        ("latest", [("a", ONLINE)], True),
        ("latest", [("a", ONLINE), ("b", "0")], False),
        ("latest", [("b", "0"), ("a", ONLINE)], True),
        (None, [("b", "0"), ("a", ONLINE)], True),
    ],
)
async def test_several_availability_topics(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    mode: str | None,
    said: list[tuple[str, str]],
    available: bool,
) -> None:
    """Several topics are counted as the mode says; the default is the last word."""
    config: dict[str, Any] = {
        "availability": [
            {"topic": "a"},
            {
                "topic": "b",
                "payload_available": "1",
                "payload_not_available": "0",
                "value_template": "{{ value | trim }}",
            },
        ]
    }
    if mode is not None:
        config["availability_mode"] = mode
    house = await furnish(hass, add_entry, peer, sensor(**config))
    for topic, payload in said:
        await house.say(topic, payload)
    assert is_available(house) is available


async def test_availability_of_the_device(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What a device says of itself counts for its entities."""
    house = await furnish(hass, add_entry, peer, sensor(), availability_topic="there")
    assert not is_available(house)
    await house.say("there", "online")
    assert is_available(house)


async def test_availability_outlives_an_edit(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What a topic said once still counts, unless it is another topic."""
    house = await furnish(hass, add_entry, peer, sensor(availability_topic="there"))
    await house.say("there", "online")
    await house.change(
        {"c0": sensor(availability=[{"topic": "there"}], availability_mode="all")}
    )
    assert is_available(house)
    await house.change(
        {"c0": sensor(availability=[{"topic": "here"}], availability_mode="all")}
    )
    assert not is_available(house)
    await house.change({"c0": sensor()})
    assert is_available(house)


async def test_availability_with_wildcards(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A filter is one source: the last of its topics counts."""
    house = await furnish(hass, add_entry, peer, sensor(availability_topic="there/+"))
    await house.say("there/a", "online")
    assert is_available(house)
    await house.say("there/b", "offline")
    assert not is_available(house)


async def test_unavailable_without_connection(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    server: MqttServer,
) -> None:
    """Without a connection nothing is known; with it the last word counts again."""
    house = await furnish(hass, add_entry, peer, sensor())
    await house.say(TOPIC, "1")
    events = async_capture_events(hass, EVENT_STATE_CHANGED)
    await server.kill()
    await until(hass, lambda: not is_available(house))
    await server.start()
    house.runtime.broker.reconnect_now()
    await until(hass, lambda: is_available(house))
    assert house.state(ENTITY).state == "1"
    assert [each.data["entity_id"] for each in events].count(ENTITY) == 2
    async with Peer(server) as again:
        house.peer = again
        await house.say(TOPIC, "2")
        assert house.state(ENTITY).state == "2"


async def test_stop_is_no_loss(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """When Home Assistant stops the last states stay, to be restored."""
    house = await furnish(hass, add_entry, peer, sensor())
    await house.say(TOPIC, "1")
    hass.set_state(CoreState.stopping)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert not house.runtime.broker.connected
    assert house.state(ENTITY).state == "1"
    hass.set_state(CoreState.running)


# --- attributes ------------------------------------------------------------------


def test_blocked_attributes_are_those_of_core() -> None:
    """No payload can say what Home Assistant itself says of an entity."""
    assert set(BLOCKED) == MQTT_ATTRIBUTES_BLOCKED


@pytest.mark.parametrize(
    ("config", "payload", "attributes"),
    [
        ({}, {"a": 1, "b": {"c": [2]}}, {"a": 1, "b": {"c": [2]}}),
        ({}, {"a": 1, "unit_of_measurement": "x", "state": 1}, {"a": 1}),
        ({}, {"a": 1, "state_class": "x", "last_reset": 1}, {"a": 1}),
        (
            {"json_attributes_template": "{{ value_json.more | tojson }}"},
            {"more": {"a": 1}},
            {"a": 1},
        ),
        ({"encoding": "utf-16"}, '{"a": "ä"}'.encode("utf-16"), {"a": "ä"}),
    ],
)
async def test_attributes(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    payload: Any,
    attributes: dict[str, Any],
) -> None:
    """A JSON object becomes attributes, but for those that are Home Assistant's."""
    house = await furnish(
        hass, add_entry, peer, sensor(json_attributes_topic="more", **config)
    )
    await house.say("more", payload)
    assert house.state(ENTITY).attributes == {
        "friendly_name": "Boiler Value",
        **attributes,
    }


@pytest.mark.parametrize(
    ("config", "payload"),
    [
        ({}, "{"),
        ({}, "[1]"),
        ({}, "1"),
        ({}, b"\xff"),
        ({"encoding": ""}, "{}"),
        ({"json_attributes_template": "{{ value_json.a }}"}, {"a": "{"}),
        ({"json_attributes_template": ""}, {"a": 1}),
    ],
)
async def test_bad_attributes(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    payload: Any,
) -> None:
    """What is no JSON object changes no attributes, and is counted."""
    house = await furnish(
        hass, add_entry, peer, sensor(json_attributes_topic="more", **config)
    )
    before = house.state(ENTITY)
    await house.say("more", payload)
    assert house.state(ENTITY) is before
    assert house.runtime.bad_payloads.topics == {"more": 1}


async def test_attributes_without_their_topic(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Attributes of a topic that is not asked for any more are gone."""
    house = await furnish(hass, add_entry, peer, sensor(json_attributes_topic="more"))
    await house.say("more", {"a": 1})
    await house.say(TOPIC, "1")
    await house.change({"c0": sensor()})
    assert "a" not in house.state(ENTITY).attributes
    assert house.state(ENTITY).state == "1"


async def test_one_topic_for_all(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """One wrong part of a message does not spoil the others."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        sensor(
            unit_of_measurement="W",
            value_template="{{ value_json.value }}",
            json_attributes_topic=TOPIC,
            json_attributes_template="{{ value_json.more | tojson }}",
        ),
    )
    await house.say(TOPIC, {"value": 1, "more": {"a": 1}})
    await house.say(TOPIC, {"value": "one", "more": {"a": 2}})
    assert house.state(ENTITY).state == "1"
    assert house.state(ENTITY).attributes["a"] == 2
    await house.say(TOPIC, {"value": 3, "more": 3})
    assert house.state(ENTITY).state == "3"
    assert house.state(ENTITY).attributes["a"] == 2
    assert house.runtime.bad_payloads.count == 2


# --- the registry ----------------------------------------------------------------


async def test_registry_entry(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Category, icon and picture are the configuration's, also after an edit."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        sensor(
            entity_category="diagnostic",
            icon="mdi:fire",
            entity_picture="https://example.com/a.png",
        ),
    )
    registered = house.registered(ENTITY)
    assert registered.unique_id == "device-1_c0"
    assert registered.entity_category == "diagnostic"
    assert registered.original_icon == "mdi:fire"
    assert registered.has_entity_name
    attributes = house.state(ENTITY).attributes
    assert attributes["icon"] == "mdi:fire"
    assert attributes["entity_picture"] == "https://example.com/a.png"
    await house.change({"c0": sensor(name="Other", icon="mdi:water")})
    registered = house.registered(ENTITY)
    assert registered.entity_category is None
    assert registered.original_icon == "mdi:water"
    assert registered.original_name == "Other"
    state = house.state(ENTITY)
    assert state.name == "Boiler Other"
    assert state.attributes["icon"] == "mdi:water"
    assert "entity_picture" not in state.attributes


async def test_disabled_and_hidden_by_default(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """An entity may start disabled, or hidden; it can still be edited and removed."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        sensor(enabled_by_default=False),
        sensor(name="Other", visible_by_default=False),
    )
    assert house.registered(ENTITY).disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert hass.states.get(ENTITY) is None
    hidden = house.registered("sensor.boiler_other")
    assert hidden.hidden_by is er.RegistryEntryHider.INTEGRATION
    await house.change({"c0": sensor(enabled_by_default=False, icon="mdi:fire")})
    assert hass.states.get(ENTITY) is None
    assert er.async_get(hass).async_get("sensor.boiler_other") is None
    await house.change({})
    assert er.async_get(hass).async_get(ENTITY) is None


async def test_disabled_entity_is_enabled(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A person's decision outlives a reload, in both directions."""
    house = await furnish(hass, add_entry, peer, sensor())
    registry = er.async_get(hass)
    registry.async_update_entity(ENTITY, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    assert hass.states.get(ENTITY) is None
    await house.change({"c0": sensor(icon="mdi:fire")})
    assert hass.states.get(ENTITY) is None
    registry.async_update_entity(ENTITY, disabled_by=None)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await house.quiet()
    await house.say(TOPIC, "1")
    assert house.state(ENTITY).state == "1"
    assert house.state(ENTITY).attributes["icon"] == "mdi:fire"


async def test_default_entity_id(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The wish for an entity id counts once; without a dot it is none."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        sensor(default_entity_id="sensor.Wanted Name"),
        sensor(default_entity_id="sensor.wanted_name", name="B"),
        sensor(default_entity_id="light.elsewhere", name="C"),
        sensor(default_entity_id="nonsense", name="D"),
    )
    assert sorted(hass.states.async_entity_ids("sensor")) == [
        "sensor.boiler_d",
        "sensor.elsewhere",
        "sensor.wanted_name",
        "sensor.wanted_name_2",
    ]
    await house.change({"c0": sensor(default_entity_id="sensor.too_late")})
    assert house.state("sensor.wanted_name")
    assert len(hass.states.async_entity_ids("sensor")) == 1


@pytest.mark.parametrize(
    ("before", "after", "entity_id", "disabled"),
    [
        ({}, {}, ENTITY, False),
        ({}, {"default_entity_id": "sensor.new"}, "sensor.new", False),
        ({}, {"default_entity_id": "sensor.taken"}, ENTITY, False),
        ({"enabled_by_default": False}, {}, ENTITY, False),
        ({"enabled_by_default": False}, {"enabled_by_default": False}, ENTITY, True),
        ({"visible_by_default": False}, {}, ENTITY, False),
    ],
)
async def test_removed_and_back(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    before: dict[str, Any],
    after: dict[str, Any],
    entity_id: str,
    disabled: bool,
) -> None:
    """A component that comes back is what it was, as far as its defaults leave it."""
    house = await furnish(hass, add_entry, peer, sensor(**before))
    hass.states.async_set("sensor.taken", "1")
    await house.change({})
    await house.change({"c0": sensor(**after)})
    registered = house.registered(entity_id)
    assert (registered.disabled_by is not None) is disabled
    assert registered.hidden_by is None
    assert (hass.states.get(entity_id) is None) is disabled


async def test_group(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Members of a group are told as entity ids."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        sensor(group=["device-1_c1"]),
        sensor(name="B"),
        sensor(name="C"),
    )
    assert house.state(ENTITY).attributes["group_entities"] == ["sensor.boiler_b"]
    await house.change(
        {
            "c0": sensor(group=["device-1_c2"]),
            "c1": sensor(name="B"),
            "c2": sensor(name="C"),
        }
    )
    assert house.state(ENTITY).attributes["group_entities"] == ["sensor.boiler_c"]


# --- subscriptions ---------------------------------------------------------------


async def test_quality_of_service(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """Subscriptions have the QoS of the configuration."""
    if server.kind != "mosquitto":
        pytest.skip("reads Mosquitto's log")
    await furnish(hass, add_entry, peer, sensor(qos=2))
    assert f"{TOPIC} (QoS 2)" in server.log


async def test_retained_message(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What is retained is there at once, also after an edit with another template."""
    await peer.publish(TOPIC, "1", retain=True)
    house = await furnish(hass, add_entry, peer, sensor())
    assert house.state(ENTITY).state == "1"
    await house.change({"c0": sensor(value_template="{{ value }}0")})
    assert house.state(ENTITY).state == "10"


async def test_nothing_is_left_after_removal(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """Subscriptions end with their entity, a shared one with the last."""
    house = await furnish(
        hass, add_entry, peer, sensor(availability_topic="there"), sensor(name="B")
    )
    await house.change({"c1": sensor(name="B")})
    await house.say(TOPIC, "1")
    assert house.state("sensor.boiler_b").state == "1"
    await house.remove()
    received = house.runtime.broker.counters.received
    await peer.publish(TOPIC, "2")
    await house.say("there", "online")
    assert house.runtime.broker.counters.received == received + 1  # the barrier's


@pytest.mark.parametrize("there", [True, False])
async def test_value_that_home_assistant_refuses(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, there: bool
) -> None:
    """A value that can't be converted to the unit that is shown changes nothing."""
    config = sensor(
        device_class="energy_distance",
        unit_of_measurement="km/kWh",
        availability_topic="there",
    )
    house = await furnish(hass, add_entry, peer, config)
    er.async_get(hass).async_update_entity_options(
        ENTITY, "sensor", {"unit_of_measurement": "kWh/100km"}
    )
    await house.say(TOPIC, "5")
    await house.say("there", "online" if there else "offline")
    # An hour without a kilometre: nobody can tell how far a kWh takes this car.
    await house.say(TOPIC, "0")
    assert house.runtime.bad_payloads.topics == {TOPIC: 1}
    await house.say("there", "online")
    assert float(house.state(ENTITY).state) == 20
    assert house.runtime.broker.counters.handler_errors == 0


@pytest.mark.parametrize(
    ("config", "service", "data", "expected"),
    [
        ({"platform": "switch"}, "turn_on", {}, STATE_ON),
        (
            {"platform": "select", "options": ["a", "b"]},
            "select_option",
            {"option": "a"},
            "a",
        ),
    ],
)
async def test_renamed_control_goes_on(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    service: str,
    data: dict[str, Any],
    expected: str,
) -> None:
    """What is stored of another entity id's past is not restored under that id."""
    platform = config["platform"]
    old, new = f"{platform}.boiler_it", f"{platform}.other"
    mock_restore_cache(hass, [State(new, "b" if data else STATE_OFF)])
    house = await furnish(
        hass, add_entry, peer, {"name": "It", "command_topic": "it/set", **config}
    )
    await hass.services.async_call(
        platform, service, {"entity_id": old, **data}, blocking=True
    )
    assert house.state(old).state == expected
    er.async_get(hass).async_update_entity(old, new_entity_id=new)
    await hass.async_block_till_done()
    assert house.state(new).state == expected
