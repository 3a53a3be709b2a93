"""How often rules publish, what of unknown states, and that no ghosts stay behind."""

import asyncio
import json
import logging
from typing import Any, override

import pytest

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.publishing import outbox, sender
from custom_components.mqtt_websocket.publishing.ledger import async_get_ledger

from .conftest import AddEntry
from .support.automation import reached
from .support.peer import Peer
from .support.rules import (
    change,
    expect,
    longest_pause,
    publishing,
    remove,
    retained,
    rule,
)
from .support.server import MqttServer


async def test_minimum_interval(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """Within the interval the latest state waits, and it alone."""
    hass.states.async_set("sensor.a", "0")
    hass.states.async_set("sensor.b", "0")
    entry = await add_entry(
        subentries=[
            rule("sensor.a", "sensor.b", topic="x/{{ object_id }}", minimum_interval=1)
        ]
    )
    started = hass.loop.time()
    await expect(topics, ("x/a", "0"), ("x/b", "0"))
    for value in "123":
        hass.states.async_set("sensor.a", value)
        await asyncio.sleep(0)
    hass.states.async_set("sensor.b", "1")
    hass.states.async_set("sensor.b", "0")  # back before anybody could see it
    await expect(topics, ("x/a", "3"))
    assert hass.loop.time() - started >= 0.9

    # What waits is not published any more once the entity is gone, or the rule.
    hass.states.async_set("sensor.a", "4")
    await asyncio.sleep(0)
    hass.states.async_remove("sensor.a")
    await expect(topics, ("x/a", ""))
    hass.states.async_set("sensor.b", "5")
    await expect(topics, ("x/b", "5"))
    hass.states.async_set("sensor.b", "6")
    await asyncio.sleep(0)
    remove(hass, entry)
    await expect(topics, ("x/b", ""))
    await topics.no_message(1.2)


@pytest.mark.parametrize("payload", ["state", "json"])
async def test_threshold(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer, payload: str
) -> None:
    """Numbers move by what was published last; other states are none."""
    hass.states.async_set("sensor.a", "10")
    await add_entry(
        subentries=[
            rule("sensor.a", topic="x", threshold=1, payload=payload),
            rule("sensor.mark", topic="mark"),
        ]
    )
    seen = []
    for value in ("10.9", "9.1", "11", "11.9", "unknown", "11.9", "11.1", "warm", "1"):
        hass.states.async_set("sensor.a", value)
        hass.states.async_set("sensor.mark", value, force_update=True)
        while str((message := await topics.next()).topic) != "mark":
            text = message.payload.decode()
            seen.append(text if payload == "state" else json.loads(text)["state"])
    assert seen == ["10", "11", "unknown", "11.9", "warm", "1"]


async def test_unavailable(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """What is no state is published as it is, or not at all, or as nothing."""
    policies = ("publish", "keep", "clear")
    for policy in policies:
        hass.states.async_set(f"sensor.{policy}", "1")
    await add_entry(
        subentries=[
            rule(f"sensor.{policy}", topic=policy, unavailable=policy)
            for policy in policies
        ]
    )
    await expect(topics, *((policy, "1") for policy in policies))
    for policy in policies:
        hass.states.async_set(f"sensor.{policy}", "unavailable")
    await expect(topics, ("publish", "unavailable"), ("clear", ""))
    for policy in policies:
        hass.states.async_set(f"sensor.{policy}", "unknown")
    await expect(topics, ("publish", "unknown"))
    await topics.no_message()
    assert await retained(topics) == {"publish": "unknown", "keep": "1"}
    for policy in policies:
        hass.states.async_set(f"sensor.{policy}", "2")
    await expect(topics, *((policy, "2") for policy in policies))


async def test_ghosts_of_another_life(
    hass: HomeAssistant,
    add_entry: AddEntry,
    hass_storage: dict[str, Any],
    topics: Peer,
) -> None:
    """What was retained before a crash, and is not published now, is cleared."""
    for topic in ("x/a", "x/gone", "old/a", "quiet", "quiet/unit", "foreign"):
        await topics.publish(topic, "before", retain=True)
    await topics.collect(6)
    hass.states.async_set("sensor.a", "1")
    hass.states.async_set("sensor.quiet", "unavailable", {"unit": "m"})
    entry = await add_entry(
        setup=False,
        subentries=[
            rule("sensor.a", "sensor.gone", topic="x/{{ object_id }}"),
            rule(
                "sensor.quiet", topic="quiet", attribute_topics=True, unavailable="keep"
            ),
        ],
    )
    key = f"mqtt_websocket.published.{entry.entry_id}"
    noted = ("x/a", "x/gone", "old/a", "quiet", "quiet/unit")
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": {"topics": dict.fromkeys(noted, 0)},
    }

    await hass.config_entries.async_setup(entry.entry_id)
    await expect(topics, ("x/a", "1"), ("x/gone", ""), ("old/a", ""))
    assert await retained(topics) == {
        "x/a": "1",
        "quiet": "before",
        "quiet/unit": "before",
        "foreign": "before",
    }
    assert set(async_get_ledger(hass, entry.entry_id).topics) == {
        "x/a",
        "quiet",
        "quiet/unit",
    }


async def test_silent_ghosts(
    hass: HomeAssistant,
    add_entry: AddEntry,
    hass_storage: dict[str, Any],
    topics: Peer,
) -> None:
    """What an unavailable entity left on the broker goes with it, or with its rule."""
    names = ("gone", "moved", "not_retained", "rule")
    for name in names:
        await topics.publish(name, "before", retain=True)
        hass.states.async_set(f"sensor.{name}", "unavailable")
    await topics.collect(len(names))
    entry = await add_entry(
        setup=False,
        subentries=[
            rule(f"sensor.{name}", topic=name, unavailable="keep") for name in names
        ],
    )
    key = f"mqtt_websocket.published.{entry.entry_id}"
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": {"topics": dict.fromkeys(names, 1)},
    }
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await topics.no_message()

    hass.states.async_remove("sensor.gone")
    await expect(topics, ("gone", ""))
    change(hass, entry, 1, topic="elsewhere")
    await expect(topics, ("moved", ""))
    change(hass, entry, 2, retain=False)
    await expect(topics, ("not_retained", ""))
    remove(hass, entry, 3)
    await expect(topics, ("rule", ""))


async def test_ghosts_wait_for_home_assistant(
    hass: HomeAssistant,
    add_entry: AddEntry,
    hass_storage: dict[str, Any],
    topics: Peer,
) -> None:
    """While Home Assistant starts, entities are late and not gone."""
    hass.set_state(CoreState.starting)
    await topics.publish("x/a", "before", retain=True)
    await topics.publish("x/b", "before", retain=True)
    await topics.collect(2)
    entry = await add_entry(
        setup=False,
        subentries=[rule(domains=["sensor"], topic="x/{{ object_id }}")],
    )
    key = f"mqtt_websocket.published.{entry.entry_id}"
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": {"topics": {"x/a": 1, "x/b": 1}},
    }
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await topics.no_message()
    hass.states.async_set("sensor.a", "1")
    await expect(topics, ("x/a", "1"))
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await expect(topics, ("x/b", ""))


async def test_noted_before_published(
    hass: HomeAssistant,
    add_entry: AddEntry,
    hass_storage: dict[str, Any],
    topics: Peer,
) -> None:
    """Whenever a topic is retained, it is on disk; without retain it never is."""
    entry = await add_entry()
    key = f"mqtt_websocket.published.{entry.entry_id}"
    publishing(entry).set_rule(
        "a", {"domains": ["sensor"], "topic": "x/{{ object_id }}"}
    )
    publishing(entry).set_rule("b", {"entities": ["light.a"], "retain": False})
    hass.states.async_set("light.a", "on")
    for number in range(20):
        hass.states.async_set(f"sensor.s{number}", "1")
    for _ in range(20):
        message = await topics.next("x/+")
        assert str(message.topic) in hass_storage[key]["data"]["topics"]
    assert set(hass_storage[key]["data"]["topics"]) == {f"x/s{n}" for n in range(20)}

    # What is cleared is forgotten, when there is time.
    publishing(entry).remove_rule("a")
    await topics.collect(20, "x/+")
    while async_get_ledger(hass, entry.entry_id).topics:
        await asyncio.sleep(0)


async def test_changed_while_not_loaded(
    hass: HomeAssistant, add_entry: AddEntry, topics: Peer
) -> None:
    """A rule that changes or goes while its entry is not loaded leaves no ghosts."""
    hass.states.async_set("sensor.a", "1")
    entry = await add_entry(
        subentries=[rule("sensor.a", topic="x"), rule("sensor.a", topic="y")]
    )
    await expect(topics, ("x", "1"), ("y", "1"))
    await hass.config_entries.async_unload(entry.entry_id)
    change(hass, entry, topic="z")
    remove(hass, entry, 1)
    await hass.config_entries.async_setup(entry.entry_id)
    await expect(topics, ("z", "1"), ("x", ""), ("y", ""))
    assert await retained(topics) == {"z": "1"}


async def test_entry_removed(
    hass: HomeAssistant,
    add_entry: AddEntry,
    hass_storage: dict[str, Any],
    topics: Peer,
) -> None:
    """Nothing is kept about an entry that is gone."""
    hass.states.async_set("sensor.a", "1")
    entry = await add_entry(subentries=[rule("sensor.a", topic="x")])
    await expect(topics, ("x", "1"))
    key = f"mqtt_websocket.published.{entry.entry_id}"
    assert key in hass_storage
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert key not in hass_storage


async def test_offline_changes_of_topics(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
) -> None:
    """What went while there was no connection is cleared when there is one."""
    hass.states.async_set("sensor.a", "1", {"b": 1, "c": 2})
    entry = await add_entry(
        subentries=[rule("sensor.a", topic="x", attribute_topics=True)]
    )
    async with Peer(server) as peer:
        await peer.subscribe("#")
        await peer.collect(3)
    await server.stop()
    await reached(entry, connected=False)
    hass.states.async_set("sensor.a", "2", {"b": 3})
    await hass.async_block_till_done()
    await server.start()
    async with Peer(server) as peer:
        await peer.subscribe("#")
        received = {str(m.topic): m.payload for m in await peer.collect(3)}
    assert received == {"x": b"2", "x/b": b"3", "x/c": b""}


async def test_snapshot_of_templates_holds_nothing_up(
    hass: HomeAssistant, add_entry: AddEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Thousands of templates are rendered in pieces."""
    caplog.set_level(logging.WARNING)  # each publish writes a line for debugging
    for number in range(3_000):
        hass.states.async_set(f"sensor.e{number}", "on", {"number": number})
    entry = await add_entry(
        subentries=[
            rule(
                domains=["sensor"],
                topic="x/{{ object_id }}",
                payload="template",
                payload_template="{% for x in range(9) %}{{ attributes.number + x }}{% endfor %}",
                qos=0,
                retain=False,
            )
        ]
    )
    assert await longest_pause(publishing(entry).counters, 3_000) < 0.2


async def test_more_topics_than_room(
    hass: HomeAssistant,
    add_entry: AddEntry,
    topics: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While there is a connection nothing is dropped, however much there is."""
    monkeypatch.setattr(outbox, "MAX_TOPICS", 60)
    monkeypatch.setattr(outbox, "_ENOUGH", 5)
    monkeypatch.setattr(sender, "_SLICE_SECONDS", 0)
    for number in range(100):
        hass.states.async_set(f"sensor.e{number}", "on", {"number": number})
    entry = await add_entry(
        subentries=[rule(domains=["sensor"], attribute_topics=True, base="x")]
    )
    received = await topics.collect(200, timeout=20)
    assert len({str(message.topic) for message in received}) == 200
    assert publishing(entry).counters.dropped == 0


async def test_disk_is_full(
    hass: HomeAssistant,
    add_entry: AddEntry,
    topics: Peer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What can't be noted is published all the same."""

    async def fail(*_: Any) -> None:
        raise OSError("disk full")

    assert await async_setup_component(hass, "mqtt_websocket", {})
    monkeypatch.setattr(Store, "async_save", fail)
    hass.states.async_set("sensor.a", "1")
    await add_entry(subentries=[rule("sensor.a", topic="x")])
    await expect(topics, ("x", "1"))
    hass.states.async_set("sensor.a", "2")
    await expect(topics, ("x", "2"))
    assert "can't be written" in caplog.text


async def test_state_that_breaks(
    hass: HomeAssistant,
    add_entry: AddEntry,
    topics: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A state that can't be handled at all does not stop the others."""

    class Breaks:
        @override
        def __str__(self) -> str:
            raise RuntimeError

    for name in "ab":
        hass.states.async_set(
            f"sensor.{name}", "1", {"x": Breaks()} if name == "a" else {}
        )
    entry = await add_entry(
        subentries=[
            rule("sensor.a", "sensor.b", topic="{{ object_id }}", payload="json")
        ]
    )
    assert str((await topics.next()).topic) == "b"
    assert "sensor.a can't be published" in caplog.text
    assert publishing(entry).counters.failed == 1
