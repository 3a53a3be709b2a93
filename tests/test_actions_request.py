"""The request action, with a device that answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import pytest
import voluptuous as vol

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.const import DOMAIN

from .conftest import AddEntry
from .support.automation import ask, reached, settled
from .support.peer import Peer
from .support.server import MqttServer

type Reply = Callable[[aiomqtt.Message], list[tuple[str, Any, dict[str, Any]]]]


@asynccontextmanager
async def device(server: MqttServer, topic: str, reply: Reply) -> AsyncIterator[None]:
    """Run a device that publishes what ``reply`` makes of each request."""

    async def answer(peer: Peer) -> None:
        while True:
            request = await peer.next(timeout=60)
            for response_topic, payload, properties in reply(request):
                await peer.publish(response_topic, payload, **properties)

    async with Peer(server) as peer:
        await peer.subscribe(topic)
        task = asyncio.create_task(answer(peer))
        yield
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()


async def test_mqtt_5(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """The device is told where to answer, and how to be recognized."""
    server.require_mqtt5()
    await add_entry()

    def reply(request: aiomqtt.Message) -> list[tuple[str, Any, dict[str, Any]]]:
        told: Any = request.properties
        return [
            (told.ResponseTopic, "for another", {"correlation_data": b"other"}),
            (
                told.ResponseTopic,
                {"got": str(request.payload)},
                {"correlation_data": told.CorrelationData, "content_type": "x/y"},
            ),
        ]

    async with device(server, "ask", reply):
        first, second = await asyncio.gather(
            ask(hass, "request", topic="ask", payload="1"),
            ask(hass, "request", topic="ask", payload={"a": 2}, qos=1),
        )

    assert first["payload_json"] == {"got": "b'1'"}
    assert second["payload_json"] == {"got": "b'{\"a\":2}'"}
    assert second["payload"] == '{"got": "b\'{\\"a\\":2}\'"}'
    assert second["qos"] == 1
    assert second["properties"]["content_type"] == "x/y"
    assert first["topic"] != second["topic"]


@pytest.mark.parametrize("protocol", ["auto", "3.1.1"])
async def test_explicit_response_topic(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    peer: Peer,
    protocol: str,
) -> None:
    """A device that knows nothing of MQTT 5 answers where it always does."""
    await add_entry(connection={"protocol": protocol})
    await peer.publish("stat/plug", "from before", retain=True)

    async with device(server, "cmnd/plug", lambda _: [("stat/plug", b"\xff\x00", {})]):
        response = await ask(
            hass, "request", topic="cmnd/plug", response_topic="stat/plug"
        )

    assert response == {
        "topic": "stat/plug",
        "payload": "b'\\xff\\x00'",
        "qos": 0,
        "properties": {},
    }


async def test_own_correlation_data(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """Whoever chooses the correlation data means it."""
    server.require_mqtt5()
    await add_entry()

    def reply(request: aiomqtt.Message) -> list[tuple[str, Any, dict[str, Any]]]:
        assert vars(request.properties)["UserProperty"] == [("a", "b")]
        return [
            ("answer", "none", {}),
            ("answer", "mine", {"correlation_data": b"me"}),
        ]

    async with device(server, "ask", reply):
        response = await ask(
            hass,
            "request",
            topic="ask",
            response_topic="answer",
            correlation_data="me",
            user_properties={"a": "b"},
        )

    assert response["payload"] == "mine"


async def test_in_a_script(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry, peer: Peer
) -> None:
    """An automation or script works with the answer."""
    await add_entry()
    await peer.subscribe("result")
    assert await async_setup_component(
        hass,
        "script",
        {
            "script": {
                "ask": {
                    "sequence": [
                        {
                            "action": f"{DOMAIN}.request",
                            "data": {"topic": "ask", "response_topic": "answer"},
                            "response_variable": "answer",
                        },
                        {
                            "action": f"{DOMAIN}.publish",
                            "data": {
                                "topic": "result",
                                "payload": "{{ answer.payload_json.level + 1 }}",
                            },
                        },
                    ]
                }
            }
        },
    )

    async with device(server, "ask", lambda _: [("answer", {"level": 41}, {})]):
        await hass.services.async_call("script", "ask", blocking=True)

    assert (await peer.next()).payload == b"42"


async def test_no_answer(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """Silence is an error that says where an answer was expected."""
    entry = await add_entry()

    with pytest.raises(HomeAssistantError) as caught:
        await ask(
            hass,
            "request",
            topic="ask",
            response_topic="answer",
            timeout={"seconds": 2},
        )

    assert caught.value.translation_key == "request_timed_out"
    assert caught.value.translation_placeholders == {
        "topic": "ask",
        "response_topic": "answer",
        "seconds": "2",
    }
    await settled(hass)
    assert "answer" not in entry.runtime_data.broker.refused


async def test_connection_lost_meanwhile(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """An answer counts also when it comes by the next connection."""
    entry = await add_entry()
    async with Peer(server) as peer:
        await peer.subscribe("ask")
        request = hass.async_create_task(
            ask(hass, "request", topic="ask", response_topic="answer", timeout=600)
        )
        await peer.next()

    await server.stop()
    await reached(entry, connected=False)
    await server.start()
    await reached(entry, connected=True)
    await entry.runtime_data.broker.settled()
    async with Peer(server) as peer:
        await peer.publish("answer", "late")

    async with asyncio.timeout(10):
        assert (await request)["payload"] == "late"


async def test_unloaded_meanwhile(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Nobody waits for what can't come any more."""
    entry = await add_entry()
    await peer.subscribe("ask")
    request = hass.async_create_task(
        ask(hass, "request", topic="ask", response_topic="answer", timeout=600)
    )
    await peer.next()

    await hass.config_entries.async_unload(entry.entry_id)

    with pytest.raises(HomeAssistantError) as caught:
        async with asyncio.timeout(10):
            await request
    assert caught.value.translation_key == "not_connected"


@pytest.mark.parametrize(
    ("protocol", "data", "key"),
    [
        ("3.1.1", {}, "response_topic_required"),
        (
            "3.1.1",
            {"response_topic": "b", "correlation_data": "x"},
            "mqtt_5_required",
        ),
        ("auto", {"response_topic": "a"}, "response_topic_is_topic"),
        ("auto", {"topic": "a/#", "response_topic": "b"}, "topic_has_wildcard"),
        ("auto", {"config_entry_id": "gone"}, "unknown_broker"),
    ],
)
async def test_mistakes(
    hass: HomeAssistant,
    add_entry: AddEntry,
    protocol: str,
    data: dict[str, Any],
    key: str,
) -> None:
    """What can't work is refused at once, with a reason."""
    await add_entry(connection={"protocol": protocol})

    with pytest.raises(ServiceValidationError) as caught:
        await ask(hass, "request", **({"topic": "a"} | data))

    assert caught.value.translation_key == key


@pytest.mark.parametrize(
    "data",
    [{"timeout": 0}, {"timeout": -1}, {"timeout": 601}, {"response_topic": "b/#"}],
)
async def test_invalid_data(
    hass: HomeAssistant, add_entry: AddEntry, data: dict[str, Any]
) -> None:
    """Nobody waits for no time, or for ever."""
    await add_entry()

    with pytest.raises(vol.Invalid):
        await ask(hass, "request", topic="a", **data)
