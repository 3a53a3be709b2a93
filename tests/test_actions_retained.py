"""The actions on retained messages."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import voluptuous as vol

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from custom_components.mqtt_websocket.actions import retained as module

from .conftest import AddEntry
from .support.automation import act, ask, reached
from .support.peer import Peer
from .support.server import MqttServer


@pytest.fixture(autouse=True)
async def kept(peer: Peer) -> None:
    """Retain some messages."""
    await peer.publish("kept/b", {"n": 1}, retain=True)
    await peer.publish("kept/a", "text", retain=True)
    await peer.publish("kept/c/d", b"\xff", retain=True)
    await peer.publish("other", "x", retain=True)


async def left(server: MqttServer) -> list[str]:
    """Return the topics that the server still retains."""
    async with Peer(server) as peer:
        await peer.subscribe("#")
        await peer.publish("end", "")
        topics = []
        while (topic := str((await peer.next()).topic)) != "end":
            topics.append(topic)
        return sorted(topics)


async def test_get(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """What is retained under the filter is returned, and nothing else."""
    await add_entry()

    response = await ask(hass, "get_retained", topic="kept/#")

    assert response == {
        "count": 3,
        "complete": True,
        "stopped_by": None,
        "messages": [
            {"topic": "kept/a", "payload": "text", "qos": 0},
            {
                "topic": "kept/b",
                "payload": '{"n": 1}',
                "payload_json": {"n": 1},
                "qos": 0,
            },
            {"topic": "kept/c/d", "payload": "b'\\xff'", "qos": 0},
        ],
    }


async def test_get_beside_others(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Who listens to the same topics already is not told twice, and takes nothing away."""
    entry = await add_entry()
    heard: list[str] = []
    broker = entry.runtime_data.broker
    broker.subscribe("kept/#", lambda message: heard.append(message.topic))
    broker.subscribe("kept/a", lambda message: heard.append(message.topic))
    await broker.settled()
    first = await ask(hass, "get_retained", topic="kept/#")

    second = await ask(hass, "get_retained", topic="kept/#")

    assert first == second
    assert first["count"] == 3
    assert sorted(heard) == ["kept/a", "kept/a", "kept/b", "kept/c/d"]


async def test_nothing_there(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """Nothing retained is an empty list."""
    await add_entry()

    response = await ask(hass, "get_retained", topic="nothing/+")

    assert (response["count"], response["complete"]) == (0, True)


async def test_limit(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """No more messages than wanted come, and the response says that there are more."""
    await add_entry()

    response = await ask(hass, "get_retained", topic="kept/#", limit=2)

    assert response["count"] == len(response["messages"]) == 2
    assert not response["complete"]
    assert response["stopped_by"] == "limit"
    assert (await ask(hass, "get_retained", topic="kept/#", limit=3))["complete"]


async def test_size(
    hass: HomeAssistant, add_entry: AddEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would be too much for one response is cut off."""
    monkeypatch.setattr(module, "_MAX_BYTES", 10)
    await add_entry()

    response = await ask(hass, "get_retained", topic="kept/#")

    assert response["stopped_by"] == "size"
    assert response["count"] < 3


async def test_time(
    hass: HomeAssistant, add_entry: AddEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that does not end to send is not listened to for ever."""
    monkeypatch.setattr(module, "_LONGEST_SECONDS", 0.05)
    await add_entry()

    response = await ask(hass, "get_retained", topic="kept/#")

    assert response["stopped_by"] == "time"


async def test_remove(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """A dry run tells; then all under the filter is gone, and nothing else."""
    await add_entry()

    response = await ask(hass, "remove_retained", topic="kept/#", dry_run=True)

    assert response == {
        "dry_run": True,
        "count": 3,
        "topics": ["kept/a", "kept/b", "kept/c/d"],
        "errors": {},
    }
    assert await left(server) == ["kept/a", "kept/b", "kept/c/d", "other"]

    response = await ask(hass, "remove_retained", topic="kept/+")

    assert response["topics"] == ["kept/a", "kept/b"]
    assert await left(server) == ["kept/c/d", "other"]

    await act(hass, "remove_retained", topic="other")

    assert await left(server) == ["kept/c/d"]


async def test_remove_all_or_nothing(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """A filter that is wider than was thought costs nothing."""
    await add_entry()

    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "remove_retained", topic="#", limit=3)

    assert caught.value.translation_key == "too_much_retained"
    assert len(await left(server)) == 4


@pytest.fixture
async def read_only(
    add_entry: AddEntry, socket_enabled: None
) -> AsyncIterator[MqttServer]:
    """Return a server that we may read from, but not write to."""
    acl = "user writer\ntopic readwrite #\nuser reader\ntopic read #\n"
    async with MqttServer(users={"writer": "w", "reader": "r"}, acl=acl) as strict:
        strict.require_mqtt5()
        async with Peer(strict, username="writer", password="w") as writer:
            await writer.publish("fixed", "x", retain=True)
        await add_entry(url=strict.ws_url, username="reader", password="r")
        yield strict


async def test_remove_refused(hass: HomeAssistant, read_only: MqttServer) -> None:
    """What may be read but not removed is named, with the reason."""
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "remove_retained", topic="fixed")

    assert caught.value.translation_key == "remove_retained_failed"
    assert "fixed" in str(caught.value)
    assert "Not authorized" in str(caught.value)


async def test_remove_refused_response(
    hass: HomeAssistant, read_only: MqttServer
) -> None:
    """The response says what could not be removed."""
    response = await ask(hass, "remove_retained", topic="fixed")

    assert (response["count"], response["topics"]) == (0, [])
    assert "Not authorized" in response["errors"]["fixed"]


@pytest.mark.parametrize("action", ["get_retained", "remove_retained"])
@pytest.mark.parametrize(
    ("topic", "key"),
    [
        ("$share/group/kept/#", "shared_has_no_retained"),
        ("kept/#/a", "misplaced_wildcard"),
        ("", "topic_empty"),
    ],
)
async def test_mistakes(
    hass: HomeAssistant, add_entry: AddEntry, action: str, topic: str, key: str
) -> None:
    """A filter that can't work is the caller's mistake."""
    await add_entry()

    with pytest.raises(ServiceValidationError) as caught:
        await ask(hass, action, topic=topic)

    assert caught.value.translation_key == key


@pytest.mark.parametrize("data", [{"limit": 0}, {"limit": 10_001}, {"topic": None}])
async def test_invalid_data(
    hass: HomeAssistant, add_entry: AddEntry, data: dict[str, Any]
) -> None:
    """The limit has limits."""
    await add_entry()

    with pytest.raises(vol.Invalid):
        await ask(hass, "get_retained", **({"topic": "a"} | data))


async def test_not_connected(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """While the broker is away nobody knows what it retains."""
    entry = await add_entry()
    await server.stop()
    await reached(entry, False)

    with pytest.raises(HomeAssistantError) as caught:
        await ask(hass, "get_retained", topic="kept/#")

    assert caught.value.translation_key == "not_connected"
