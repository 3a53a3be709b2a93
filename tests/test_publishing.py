"""Publish rules: what the broker gets when Home Assistant's states change."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
import logging
from types import MappingProxyType

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.broker import session
from custom_components.mqtt_websocket.publishing import outbox

from .conftest import AddEntry
from .support.automation import reached
from .support.peer import Peer
from .support.rules import BASE, change, expect, longest_pause, publishing, remove, rule
from .support.server import MqttServer


async def test_snapshot_and_changes(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """The states are published at once, and again when they change; retained."""
    hass.states.async_set("sensor.a", "1")
    await add_entry(subentries=[rule("sensor.a", "sensor.later")])
    await expect(topics, (f"{BASE}/sensor/a/state", "1"))

    hass.states.async_set("sensor.a", "2")
    await expect(topics, (f"{BASE}/sensor/a/state", "2"))
    hass.states.async_set("sensor.other", "2")
    hass.states.async_set("sensor.later", "unknown")
    await expect(topics, (f"{BASE}/sensor/later/state", "unknown"))
    hass.states.async_set("sensor.a", "unavailable")
    await expect(topics, (f"{BASE}/sensor/a/state", "unavailable"))

    await topics.unsubscribe("#")
    await topics.subscribe(f"{BASE}/sensor/a/state")
    message = await topics.next()
    assert (message.payload, message.retain, message.qos) == (b"unavailable", True, 1)


async def test_attributes_alone_are_no_change(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """Only the state counts, however often it is written."""
    hass.states.async_set("sensor.a", "1")
    await add_entry(
        subentries=[rule("sensor.a", "sensor.b", topic="x/{{ object_id }}")]
    )
    await expect(topics, ("x/a", "1"))

    hass.states.async_set("sensor.a", "1", {"unit": "m"})
    hass.states.async_set("sensor.b", "1")
    await expect(topics, ("x/b", "1"))
    hass.states.async_set("sensor.a", "1", {"unit": "m"}, force_update=True)
    hass.states.async_set("sensor.b", "2")
    await expect(topics, ("x/b", "2"))


async def test_topic_qos_retain(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """A rule says where, how surely, and whether it is kept."""
    hass.states.async_set("sensor.a", "1")
    await add_entry(
        subentries=[
            rule(
                "sensor.a",
                topic="my/{{ base }}/{{ domain }}/{{ object_id }}/{{ entity_id }}{{ area }}",
                qos=0,
                retain=False,
            )
        ]
    )
    message = await topics.next()
    assert str(message.topic) == f"my/{BASE}/sensor/a/sensor.a"
    assert message.qos == 0

    await topics.unsubscribe("#")
    await topics.subscribe("#")
    await topics.no_message()


async def test_rule_added_changed_removed(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """Only what is different goes out, and nothing stays behind."""
    entry = await add_entry()
    for name in "abc":
        hass.states.async_set(f"sensor.{name}", name)

    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(
                {"entities": ["sensor.a", "sensor.b"], "topic": "x/{{ object_id }}"}
            ),
            subentry_type="publish_rule",
            title="Rule",
            unique_id=None,
        ),
    )
    await expect(topics, ("x/a", "a"), ("x/b", "b"))

    change(hass, entry, entities=["sensor.b", "sensor.c"])
    await expect(topics, ("x/a", ""), ("x/c", "c"))

    change(hass, entry, topic="y/{{ object_id }}")
    await expect(topics, ("x/b", ""), ("x/c", ""), ("y/b", "b"), ("y/c", "c"))

    hass.states.async_set("sensor.a", "not published any more")
    remove(hass, entry)
    await expect(topics, ("y/b", ""), ("y/c", ""))

    hass.states.async_set("sensor.b", "not published any more")
    await topics.unsubscribe("#")
    await topics.subscribe("#")
    await topics.no_message()


async def test_no_longer_retained(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """A rule that stops to retain leaves nothing retained, and still publishes."""
    hass.states.async_set("sensor.a", "1")
    entry = await add_entry(subentries=[rule("sensor.a", topic="x")])
    await expect(topics, ("x", "1"))

    change(hass, entry, retain=False)

    await expect(topics, ("x", ""), ("x", "1"))
    await topics.unsubscribe("#")
    await topics.subscribe("#")
    await topics.no_message()


async def test_topics_of_two_rules(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """A topic is cleared when the last rule leaves it, not before."""
    hass.states.async_set("sensor.a", "1")
    entry = await add_entry(
        subentries=[rule("sensor.a", topic="x"), rule("sensor.a", topic="x")]
    )
    await expect(topics, ("x", "1"))

    remove(hass, entry)
    hass.states.async_set("sensor.a", "2")
    await expect(topics, ("x", "2"))

    hass.states.async_remove("sensor.a")
    await expect(topics, ("x", ""))
    hass.states.async_set("sensor.a", "3")
    await expect(topics, ("x", "3"))

    remove(hass, entry)
    await expect(topics, ("x", ""))


async def test_removed_entity(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """An entity that goes leaves no ghost, unless another feeds its topic."""
    hass.states.async_set("sensor.a", "1")
    hass.states.async_set("sensor.b", "1")
    hass.states.async_set("sensor.c", "1")
    await add_entry(
        subentries=[
            rule("sensor.a", topic="x/a"),
            rule("sensor.b", topic="x/b"),
            rule("sensor.c", topic="x/b"),
            rule("sensor.a", topic="x/not_retained", retain=False),
        ]
    )
    await topics.collect(3)

    hass.states.async_remove("sensor.b")
    hass.states.async_remove("sensor.a")

    await expect(topics, ("x/a", ""))
    await topics.no_message()


async def test_renamed_entity(
    hass: HomeAssistant,
    add_entry: AddEntry,
    topics: Peer,
    entity_registry: er.EntityRegistry,
) -> None:
    """The rules go with the entity: old topic cleared, new one published, for good."""
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"a": {"initial": True}, "b": {}}}
    )
    entities = ("input_boolean.a", "input_boolean.b")
    entry = await add_entry(
        subentries=[
            rule(*entities, topic="x/{{ object_id }}"),
            rule(*entities, topic="y/{{ object_id }}"),
        ]
    )
    await topics.collect(4)

    entity_registry.async_update_entity(entities[0], new_entity_id="input_boolean.new")

    await expect(topics, ("x/a", ""), ("x/new", "on"), ("y/a", ""), ("y/new", "on"))
    for subentry in entry.subentries.values():
        assert subentry.data["entities"] == ["input_boolean.new", "input_boolean.b"]
    await hass.services.async_call(
        "input_boolean", "turn_off", {"entity_id": "input_boolean.new"}, blocking=True
    )
    await expect(topics, ("x/new", "off"), ("y/new", "off"))

    await hass.config_entries.async_reload(entry.entry_id)
    await expect(
        topics, ("x/b", "off"), ("x/new", "off"), ("y/b", "off"), ("y/new", "off")
    )

    entity_registry.async_remove("input_boolean.new")
    await expect(topics, ("x/new", ""), ("y/new", ""))
    await topics.no_message()


async def test_renamed_entity_of_a_rule_that_is_not_stored(
    hass: HomeAssistant,
    add_entry: AddEntry,
    topics: Peer,
    entity_registry: er.EntityRegistry,
) -> None:
    """A rule needs no subentry to follow its entity."""
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"a": {}}}
    )
    entry = await add_entry()
    publishing(entry).set_rule(
        "mine", {"entities": ["input_boolean.a"], "topic": "x/{{ object_id }}"}
    )
    await expect(topics, ("x/a", "off"))

    entity_registry.async_update_entity(
        "input_boolean.a", new_entity_id="input_boolean.new"
    )

    await expect(topics, ("x/a", ""), ("x/new", "off"))
    assert not entry.subentries


async def test_area(
    hass: HomeAssistant,
    add_entry: AddEntry,
    topics: Peer,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
    area_registry: ar.AreaRegistry,
) -> None:
    """The topic follows the entity into another area, its own or its device's."""
    other = MockConfigEntry(domain="test")
    other.add_to_hass(hass)
    device = device_registry.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("test", "1")}
    )
    entity_registry.async_get_or_create(
        "sensor",
        "test",
        "1",
        suggested_object_id="a",
        device_id=device.id,
        original_name="A",
        config_entry=other,
    )
    for name in ("Kitchen", "Living room"):
        area_registry.async_create(name)
    hass.states.async_set("sensor.a", "1")
    await add_entry(subentries=[rule("sensor.a", topic="at/{{ area }}")])
    await expect(topics, ("at/", "1"))

    device_registry.async_update_device(device.id, area_id="kitchen")
    await expect(topics, ("at/", ""), ("at/kitchen", "1"))
    device_registry.async_update_device(device.id, name_by_user="irrelevant")

    entity_registry.async_update_entity("sensor.a", area_id="living_room")
    await expect(topics, ("at/kitchen", ""), ("at/living_room", "1"))
    entity_registry.async_update_entity("sensor.a", icon="mdi:irrelevant")
    hass.states.async_set("sensor.a", "2")
    await expect(topics, ("at/living_room", "2"))


async def test_snapshot_on_every_connect(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """After a lost connection the broker learns what is true now, and nothing older."""
    for name in "abcd":
        hass.states.async_set(f"sensor.{name}", "before")
    entry = await add_entry(
        subentries=[
            rule("sensor.a", "sensor.b", "sensor.c", topic="x/{{ object_id }}"),
            rule("sensor.d", topic="y"),
        ]
    )
    await server.stop()
    await reached(entry, connected=False)
    hass.states.async_set("sensor.a", "during")
    hass.states.async_set("sensor.a", "after")
    hass.states.async_remove("sensor.c")
    remove(hass, entry, 1)
    await hass.async_block_till_done()

    await server.start()
    async with Peer(server) as peer:
        await peer.subscribe("#")
        await reached(entry, connected=True)
        received = {str(m.topic): m.payload for m in await peer.collect(4)}
        assert received == {"x/a": b"after", "x/b": b"before", "x/c": b"", "y": b""}
        await peer.no_message()


async def test_burst_holds_nothing_up(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Ten thousand states at once leave time for everything else."""
    caplog.set_level(logging.WARNING)  # each publish writes a line for debugging
    entities = [f"sensor.e{number}" for number in range(10_000)]
    entry = await add_entry(
        subentries=[rule(*entities, topic="x/{{ object_id }}", qos=0)]
    )
    counters = publishing(entry).counters
    for entity_id in entities:
        hass.states.async_set(entity_id, "on")

    assert await longest_pause(counters, len(entities)) < 0.2
    await peer.subscribe("x/e9999")
    assert (await peer.next()).payload == b"on"


async def test_burst_keeps_order(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """Of ten thousand states none overtakes a newer one of its entity."""
    entities = [f"sensor.e{number}" for number in range(500)]
    entry = await add_entry(
        subentries=[rule(*entities, topic="x/{{ object_id }}", retain=False)]
    )
    for value in range(20):
        for entity_id in entities:
            hass.states.async_set(entity_id, str(value))
        await asyncio.sleep(0)  # some get into flight

    seen: defaultdict[str, list[int]] = defaultdict(list)
    while len(seen) < len(entities) or any(v[-1] != 19 for v in seen.values()):
        message = await topics.next(timeout=30)
        seen[str(message.topic)].append(int(message.payload))

    assert all(values == sorted(set(values)) for values in seen.values())
    assert publishing(entry).counters.failed == 0
    assert publishing(entry).counters.dropped == 0


async def test_latest_waits_for_what_is_in_flight(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry, topics: Peer
) -> None:
    """While a state is not acknowledged the next ones wait, and only the last counts."""
    await add_entry(subentries=[rule("sensor.a", topic="x")])
    server.freeze()

    for value in ("1", "2", "3"):
        hass.states.async_set("sensor.a", value)
        for _ in range(10):
            await asyncio.sleep(0)
    server.thaw()

    await expect(topics, ("x", "1"), ("x", "3"))
    await topics.no_message()


async def test_lost_in_flight(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """What was on its way when the connection broke is sent again."""
    entities = [f"sensor.e{number}" for number in range(200)]
    for entity_id in entities:
        hass.states.async_set(entity_id, "on")
    entry = await add_entry(subentries=[rule(*entities, topic="x/{{ object_id }}")])
    counters = publishing(entry).counters
    while counters.published < len(entities):
        await asyncio.sleep(0)

    server.freeze()
    remove(hass, entry)
    await hass.async_block_till_done()  # some are in flight now, and nobody answers
    await server.kill()
    await reached(entry, connected=False)

    await server.start()
    # The first attempt to come back is at least half a second away.
    async with Peer(server) as peer:
        await peer.subscribe("#")
        received = await peer.collect(len(entities), timeout=20)
    assert {(str(m.topic), m.payload) for m in received} == {
        (f"x/e{number}", b"") for number in range(200)
    }


@pytest.fixture
async def strict_server(socket_enabled: None) -> AsyncIterator[MqttServer]:
    """Return a server that takes messages of one topic only."""
    async with MqttServer(
        users={"me": "secret"}, acl="user me\ntopic readwrite allowed/#\n"
    ) as server:
        yield server


async def test_refused(
    hass: HomeAssistant,
    strict_server: MqttServer,
    add_entry: AddEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A topic that the broker refuses is given up and does not disturb the others.

    Mosquitto 2.0 hangs up on a client that publishes what it may not.
    """
    entry = await add_entry(
        url=strict_server.ws_url,
        username="me",
        password="secret",
        subentries=[
            rule("sensor.a", topic="forbidden/a"),
            rule("sensor.b", topic="allowed/b"),
        ],
    )
    counters = publishing(entry).counters
    async with Peer(strict_server, username="me", password="secret") as peer:
        await peer.subscribe("allowed/#")

        for value in ("1", "2"):
            hass.states.async_set("sensor.a", value)
            while counters.failed < int(value):
                await asyncio.sleep(0)
            hass.states.async_set("sensor.b", value)
            assert (await peer.next()).payload.decode() == value
        hass.states.async_remove("sensor.a")
        remove(hass, entry)
        await hass.async_block_till_done()
        hass.states.async_set("sensor.b", "3")
        assert (await peer.next()).payload == b"3"

    assert caplog.text.count("does not take the states for the topic forbidden/a") == 1
    assert entry.runtime_data.broker.counters.connections <= 2


async def test_timed_out(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    topics: Peer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A state that is not acknowledged in time is logged once, and gives way."""
    monkeypatch.setattr(session, "_ANSWER_SECONDS", 0.1)
    entry = await add_entry(subentries=[rule("sensor.a", topic="x")])
    counters = publishing(entry).counters
    server.freeze()

    for value in ("1", "2"):
        hass.states.async_set("sensor.a", value)
        while counters.failed < int(value):
            await asyncio.sleep(0)
    server.thaw()
    hass.states.async_set("sensor.a", "3")

    await expect(topics, ("x", "1"), ("x", "2"), ("x", "3"))
    assert caplog.text.count("The state for the topic x was not published") == 1


async def test_invalid_rules(
    hass: HomeAssistant,
    add_entry: AddEntry,
    topics: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What can't be published is named in the log; the rest goes on."""
    for name in "ab":
        hass.states.async_set(f"sensor.{name}", name)
    entry = await add_entry(
        subentries=[
            rule("no entity"),
            rule(
                "sensor.a",
                "sensor.b",
                topic="{{ '#' if object_id == 'a' else 'x' }}",
            ),
            rule("sensor.a", topic="{{ states('sensor.b') }}"),
        ]
    )
    await expect(topics, ("x", "b"))
    hass.states.async_set("sensor.a", "changed")
    change(hass, entry, 1, qos=0)  # the same problem, which is known
    await expect(topics, ("x", "b"))

    assert "publishes nothing" in caplog.text
    assert caplog.text.count("sensor.a is not published to") == 2
    problems, only_b, nothing = entry.subentries
    assert publishing(entry).topics == {only_b: {"sensor.b": "x"}, nothing: {}}
    assert problems not in publishing(entry).topics

    change(hass, entry, 1, entities=["not one"])
    await expect(topics, ("x", ""))


async def test_bounded(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While offline, no more than a limit waits."""
    monkeypatch.setattr(outbox, "MAX_TOPICS", 2)
    entities = [f"sensor.{name}" for name in "abcd"]
    entry = await add_entry(subentries=[rule(*entities, topic="x/{{ object_id }}")])
    await server.stop()
    await reached(entry, connected=False)
    for value in ("1", "2"):
        for entity_id in entities:
            hass.states.async_set(entity_id, value)
    await hass.async_block_till_done()

    # For each of the two what matters is the last value alone.
    assert publishing(entry).counters.dropped == 2
    assert caplog.text.count("More than 2 topics wait") == 1

    await server.start()
    async with Peer(server) as peer:
        await peer.subscribe("#")
        received = await peer.collect(2)
    assert {(str(m.topic), m.payload) for m in received} == {
        ("x/a", b"2"),
        ("x/b", b"2"),
    }


async def test_unload(
    hass: HomeAssistant,
    add_entry: AddEntry,
    topics: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without the entry nothing is published; what is retained stays."""
    hass.states.async_set("sensor.a", "1")
    entry = await add_entry(subentries=[rule("sensor.a", topic="x")])
    await expect(topics, ("x", "1"))

    await hass.config_entries.async_unload(entry.entry_id)
    hass.states.async_set("sensor.a", "2")
    hass.states.async_remove("sensor.a")
    hass.states.async_set("sensor.a", "3")
    await hass.async_block_till_done()
    await topics.no_message()

    await hass.config_entries.async_setup(entry.entry_id)
    await expect(topics, ("x", "3"))
    assert not [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and "custom_comp" in record.name
    ]
