"""The trigger on topics that have become silent, at work in automations."""

import asyncio
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.triggers import silence as module

from .conftest import AddEntry
from .support.automation import (
    Automate,
    Fired,
    automate_fixture,
    fired_fixture,
    reached,
    settled,
)
from .support.peer import Peer
from .support.server import MqttServer

__all__ = ["automate_fixture", "fired_fixture"]

SHORT = {"milliseconds": 300}
LONG = {"hours": 1}


async def test_never_heard(
    add_entry: AddEntry, automate: Automate, fired: Fired
) -> None:
    """What never says a word is silent too, once."""
    entry = await add_entry()
    await automate("topic_silent", topic="a/+", **{"for": SHORT})

    trigger = await fired.next()

    for name in ("id", "idx", "alias"):
        del trigger[name]
    assert trigger == {
        "platform": f"{DOMAIN}.topic_silent",
        "description": "no MQTT message on a/+ for 0:00:00.300000",
        "config_entry_id": entry.entry_id,
        "broker": entry.title,
        "topic": "a/+",
        "seconds": 0.3,
        "last_topic": None,
        "last_payload": None,
        "last_received": None,
    }
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.7):
            await fired.next()


async def test_each_silence_once(
    add_entry: AddEntry, automate: Automate, fired: Fired, peer: Peer
) -> None:
    """A message ends the silence; the next one is told again, with what was heard last."""
    await add_entry()
    await automate("topic_silent", topic="a/+", **{"for": SHORT})
    await fired.next()
    before = dt_util.utcnow()

    await peer.publish("a/b", "alive")

    trigger = await fired.next()
    assert (trigger["last_topic"], trigger["last_payload"]) == ("a/b", "alive")
    received = dt_util.parse_datetime(trigger["last_received"], raise_on_error=True)
    assert before <= received <= dt_util.utcnow()
    assert fired.nothing


async def test_not_while_there_are_messages(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
) -> None:
    """As long as messages come often enough, nothing happens."""
    await add_entry()
    await automate("topic_silent", topic="a", **{"for": {"milliseconds": 600}})
    start = hass.loop.time()

    while hass.loop.time() - start < 1.5:
        await peer.publish("a", "alive")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await fired.next()
    last = hass.loop.time()

    await fired.next()
    assert hass.loop.time() - last >= 0.45


async def test_retained_is_no_sign_of_life(
    add_entry: AddEntry, automate: Automate, fired: Fired, peer: Peer
) -> None:
    """What the broker has kept says nothing about now."""
    await peer.publish("a", "old", retain=True)
    await add_entry()
    await automate("topic_silent", topic="a", **{"for": SHORT})

    assert (await fired.next())["last_topic"] is None


async def test_each_topic(
    add_entry: AddEntry, automate: Automate, fired: Fired, peer: Peer
) -> None:
    """Each topic can be watched by itself; what is retained tells which there are."""
    await peer.publish("a/retained", "old", retain=True)
    await add_entry()
    await automate("topic_silent", topic="a/+", each_topic=True, **{"for": SHORT})
    await peer.publish("a/one", "1")

    triggers = [await fired.next(), await fired.next()]

    assert {(one["topic"], one["last_payload"]) for one in triggers} == {
        ("a/retained", None),
        ("a/one", "1"),
    }
    assert fired.nothing


async def test_not_too_many_topics(
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody can make Home Assistant watch more and more topics."""
    monkeypatch.setattr(module, "_MAX_TOPICS", 2)
    await add_entry()
    await automate("topic_silent", topic="a/#", each_topic=True, **{"for": SHORT})

    for name in ("1", "2", "3"):
        await peer.publish(f"a/{name}", name)

    assert [(await fired.next())["topic"] for _ in range(2)] == ["a/1", "a/2"]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await fired.next()


async def test_not_while_the_broker_is_away(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
) -> None:
    """No topic can be heard without a connection; with it the time begins again."""
    entry = await add_entry()
    await automate("topic_silent", topic="a", **{"for": {"milliseconds": 700}})
    await server.stop()
    await reached(entry, False)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await fired.next()

    await server.start()
    entry.runtime_data.broker.reconnect_now()
    await reached(entry, True)
    since = hass.loop.time()

    await fired.next()
    assert hass.loop.time() - since >= 0.65

    # That silence is told: a reload of the broker does not tell it again.
    await hass.config_entries.async_reload(entry.entry_id)
    await settled(hass)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await fired.next()


async def test_before_the_broker_is_up(
    hass: HomeAssistant, add_entry: AddEntry, automate: Automate, fired: Fired
) -> None:
    """The time begins with the broker."""
    entry = await add_entry(setup=False)
    await automate("topic_silent", topic="a", **{"for": SHORT})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await fired.next()

    await hass.config_entries.async_setup(entry.entry_id)

    assert (await fired.next())["topic"] == "a"


async def test_turned_off(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
) -> None:
    """An automation that is off watches nothing; turned on it begins anew."""
    await add_entry()
    await automate("topic_silent", topic="a", **{"for": SHORT})
    await fired.next()
    await peer.publish("a", "alive")
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.test"}, blocking=True
    )
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.6):
            await fired.next()

    await hass.services.async_call(
        "automation", "turn_on", {"entity_id": "automation.test"}, blocking=True
    )

    assert (await fired.next())["last_topic"] is None


@pytest.mark.parametrize(
    "options",
    [
        {"topic": "a"},
        {"topic": "a", "for": 0},
        {"topic": "a", "for": "soon"},
        {"topic": "a/#/b", "for": LONG},
        {"topic": "a", "for": LONG, "config_entry_id": "gone"},
        {"for": LONG},
    ],
)
async def test_invalid_options(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    options: dict[str, Any],
) -> None:
    """An automation with options that can't work is shown as unavailable."""
    await add_entry()

    await automate("topic_silent", **options)

    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "unavailable"
