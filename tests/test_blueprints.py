"""The blueprints, loaded by Home Assistant and at work against real brokers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_mock_service,
)

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint import models
from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.json import json_dumps
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util

from custom_components.mqtt_websocket.const import DOMAIN

from .conftest import AddEntry
from .support.automation import reached, settled
from .support.peer import Peer
from .support.server import MqttServer
from .support.translations import INTEGRATION
from .support.waiting import until

FOLDER = INTEGRATION / "blueprints" / "automation"
BLUEPRINTS = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@pytest.fixture(autouse=True)
def installed() -> Any:
    """Let Home Assistant find our files where it looks for blueprints."""

    @callback
    def load(self: models.DomainBlueprints, path: str) -> models.Blueprint:
        return models.Blueprint(
            yaml_util.load_yaml_dict(FOLDER / Path(path).name),
            expected_domain=self.domain,
            path=path,
            schema=AUTOMATION_BLUEPRINT_SCHEMA,
        )

    with patch.object(models.DomainBlueprints, "_load_blueprint", load):
        yield


async def use(hass: HomeAssistant, blueprint: str, **inputs: Any) -> None:
    """Make an automation of a blueprint."""
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "id": "test",
                "alias": "test",
                "use_blueprint": {
                    "path": f"{DOMAIN}/{blueprint}.yaml",
                    "input": inputs,
                },
            }
        },
    )
    await settled(hass)
    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "on"


@pytest.fixture
async def other(socket_enabled: None) -> AsyncIterator[Peer]:
    """Return a client of a second server."""
    async with MqttServer() as server, Peer(server) as peer:
        yield peer


def test_all_are_tested() -> None:
    """There is no blueprint that nobody tries."""
    assert BLUEPRINTS == [
        "alert_on_silence",
        "mirror_topics",
        "notify_on_message",
        "toggle_on_button",
    ]


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_described(name: str) -> None:
    """Each blueprint and input has a name; Home Assistant takes the file."""
    blueprint = models.Blueprint(
        yaml_util.load_yaml_dict(FOLDER / f"{name}.yaml"),
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )

    assert blueprint.validate() is None
    assert blueprint.metadata["description"]
    for field in blueprint.inputs.values():
        assert field["name"]
        assert field["selector"]


async def test_notify(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """A message becomes a notification, with texts of one's own."""
    entry = await add_entry()
    calls = async_mock_service(hass, "notify", "phone")
    await use(
        hass,
        "notify_on_message",
        broker=entry.entry_id,
        topic="door/+",
        condition="{{ value_json.open }}",
        message="{{ trigger.wildcards[0] }} is open",
        actions=[
            {
                "action": "notify.phone",
                "data": {"message": "{{ title }}: {{ message }}"},
            }
        ],
    )

    await peer.publish("door/front", {"open": False})
    await peer.publish("door/back", {"open": True})
    await until(hass, lambda: calls)

    assert [call.data["message"] for call in calls] == ["door/back: back is open"]


async def test_notify_as_it_is(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Broker and topic are enough."""
    entry = await add_entry()
    await use(hass, "notify_on_message", broker=entry.entry_id, topic="a")
    calls = async_mock_service(hass, "persistent_notification", "create")

    await peer.publish("a", "hello")
    await until(hass, lambda: calls)

    assert calls[0].data == {"title": "a", "message": "hello"}


@pytest.mark.parametrize(
    ("inputs", "wrong", "right"),
    [
        ({"payload": "on"}, "off", "on"),
        (
            {"json_path": "action", "payload": "single"},
            {"action": ""},
            {"action": "single"},
        ),
    ],
)
async def test_toggle(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    inputs: dict[str, Any],
    wrong: Any,
    right: Any,
) -> None:
    """A press of the button toggles."""
    entry = await add_entry()
    calls = async_mock_service(hass, "homeassistant", "toggle")
    await use(
        hass,
        "toggle_on_button",
        broker=entry.entry_id,
        topic="button",
        target={"entity_id": "light.x"},
        **inputs,
    )

    await peer.publish("button", wrong)
    await peer.publish("button", right)
    await until(hass, lambda: calls)

    assert [call.data["entity_id"] for call in calls] == [["light.x"]]


async def test_alert_on_a_silent_topic(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A device that says nothing any more is reported."""
    entry = await add_entry()
    await use(
        hass,
        "alert_on_silence",
        broker=entry.entry_id,
        topic="beat/+",
        duration={"milliseconds": 200},
    )
    calls = async_mock_service(hass, "persistent_notification", "create")

    await peer.publish("beat/one", "1")
    await until(hass, lambda: calls)

    assert calls[0].data["message"].startswith("beat/one has been silent since ")


async def test_alert_on_a_lost_broker(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """A broker that stays away is reported, one that comes back in time is not."""
    entry = await add_entry()
    await use(
        hass,
        "alert_on_silence",
        broker=entry.entry_id,
        topic="beat/+",
        duration={"milliseconds": 700},
    )
    calls = async_mock_service(hass, "persistent_notification", "create")
    await hass.config_entries.async_reload(entry.entry_id)
    with pytest.raises(TimeoutError):
        await until(hass, lambda: calls, timeout=1)

    await server.stop()
    await reached(entry, False)
    await until(hass, lambda: calls)

    assert (
        calls[0]
        .data["message"]
        .startswith(f"The connection to {entry.title} was lost and has not come back (")
    )


@pytest.fixture
async def mirrored(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> AsyncIterator[tuple[Peer, str, str]]:
    """Return a client of a second server, and the entries of both servers."""
    server.require_mqtt5()
    first = await add_entry()
    async with MqttServer() as other_server, Peer(other_server) as peer:
        second = await add_entry(url=other_server.ws_url)
        yield peer, first.entry_id, second.entry_id
        await hass.config_entries.async_unload(second.entry_id)


async def test_mirror_both_ways(
    hass: HomeAssistant, peer: Peer, mirrored: tuple[Peer, str, str]
) -> None:
    """Messages reach the other broker as they were, once, and never come back."""
    other, source, destination = mirrored
    calls = async_capture_events(hass, EVENT_CALL_SERVICE)
    await peer.publish("home/kept", "old", retain=True)
    await peer.subscribe("#")
    await peer.next("home/kept")
    await other.subscribe("#")
    await use(
        hass,
        "mirror_topics",
        source=source,
        destination=destination,
        topic="home/#",
        both_ways=True,
    )
    assert (await other.next("home/kept")).payload == b"old"

    await peer.publish(
        "home/a",
        b"\xff\x00",
        content_type="x/y",
        response_topic="home/answer",
        correlation_data=b"\x00\x01",
        user_property=[("a", "b")],
    )
    message = await other.next()
    assert (str(message.topic), message.payload) == ("home/a", b"\xff\x00")
    properties = vars(message.properties)
    assert properties["ContentType"] == "x/y"
    assert properties["ResponseTopic"] == "home/answer"
    assert properties["CorrelationData"] == b"\x00\x01"
    assert properties["UserProperty"] == [("a", "b"), ("mirrored_by", "Home Assistant")]
    await other.publish("home/b", '{"x": 1}')
    await peer.next("home/a")  # its own
    assert (await peer.next()).payload == b'{"x": 1}'
    await other.next("home/b")  # its own

    await asyncio.gather(peer.no_message(), other.no_message())
    # What can't be written as JSON, the recorder complains about.
    assert len([json_dumps(call.data) for call in calls]) == 3


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("", id="empty"),
        pytest.param("x", id="text"),
        pytest.param("ü€😀", id="more than ASCII"),
        pytest.param("{{ 1 }}", id="template"),
        pytest.param("b'x'", id="literal"),
        pytest.param("'\"\\\n", id="quotes"),
        pytest.param("5", id="number"),
        # The name of a test ends up in the environment: not all of them.
        pytest.param(bytes(range(256)) * 195, id="50 kB of bytes"),
    ],
)
async def test_mirror_any_payload(
    hass: HomeAssistant,
    peer: Peer,
    mirrored: tuple[Peer, str, str],
    payload: str | bytes,
) -> None:
    """Whatever it is, it arrives to the letter."""
    other, source, destination = mirrored
    await other.subscribe("#")
    await use(hass, "mirror_topics", source=source, destination=destination, topic="a")

    await peer.publish("a", payload)

    expected = payload.encode() if isinstance(payload, str) else payload
    assert (await other.next("a")).payload == expected


async def test_mirror_one_way(
    hass: HomeAssistant, peer: Peer, mirrored: tuple[Peer, str, str]
) -> None:
    """Nothing goes back if that is not wanted."""
    other, source, destination = mirrored
    await peer.subscribe("#")
    await use(
        hass,
        "mirror_topics",
        source=source,
        destination=destination,
        topic="#",
        retain=True,
    )

    await other.publish("b", "2")
    await peer.publish("a", "1")
    await peer.next("a")

    await other.subscribe("a")
    await other.next("a")
    await other.unsubscribe("a")
    await other.subscribe("a")
    message = await other.next("a")
    assert (message.payload, message.retain) == (b"1", True)
    await peer.no_message()


async def test_mirror_needs_mqtt_5(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where a message can't be marked it is not mirrored, and the log says why."""
    source = await add_entry()
    destination = await add_entry(connection={"protocol": "3.1.1"})
    await peer.subscribe("#")
    await use(
        hass,
        "mirror_topics",
        source=source.entry_id,
        destination=destination.entry_id,
        topic="#",
    )

    await peer.publish("a", "1")

    await peer.next("a")
    await peer.no_message()
    assert "uses MQTT 3.1.1, which has no user_properties" in caplog.text
