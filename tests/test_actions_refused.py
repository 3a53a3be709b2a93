"""The actions at brokers that refuse what Mosquitto never does, or say nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from custom_components.mqtt_websocket.actions import retained

from .conftest import AddEntry
from .support.automation import ask
from .support.scripted import Script, accepting, until_closed, websocket_server

SUBSCRIBE = 0x82
GRANTED = 0x00
NOT_AUTHORIZED = 0x87
# MQTT 5 section 3.2.2.3.6: packets of 64 bytes at most.
CONNACK_SMALL_PACKETS = b"\x20\x08\x00\x00\x05\x27\x00\x00\x00\x40"


def answering_subscribe(code: int, *, then_close: bool = False) -> Script:
    """Answer each SUBSCRIBE of one filter with SUBACK (MQTT 5 section 3.9)."""

    async def script(websocket: web.WebSocketResponse) -> None:
        async for frame in websocket:
            packet = frame.data
            if isinstance(packet, bytes) and packet[0] == SUBSCRIBE:
                answer = bytes((0x90, 4, packet[2], packet[3], 0, code))
                await websocket.send_bytes(answer)
                if then_close:
                    return

    return accepting(script)


@pytest.fixture
async def broker(
    hass: HomeAssistant, add_entry: AddEntry, script: Script
) -> AsyncIterator[None]:
    """Add a broker that follows a script."""
    async with websocket_server(script) as url:
        entry = await add_entry(url=url)
        yield
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("script", [answering_subscribe(NOT_AUTHORIZED)])
@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("request", {"topic": "ask", "response_topic": "answer"}),
        ("get_retained", {"topic": "answer"}),
        ("remove_retained", {"topic": "answer"}),
    ],
)
async def test_subscription_refused(
    hass: HomeAssistant, broker: None, action: str, data: dict[str, Any]
) -> None:
    """The error says which topic, and why, at once."""
    with pytest.raises(HomeAssistantError) as caught:
        await ask(hass, action, **data)

    assert caught.value.translation_key == "subscribe_refused"
    assert caught.value.translation_placeholders == {
        "topic": "answer",
        "reason": "Not authorized",
    }


@pytest.mark.parametrize("script", [accepting(until_closed)])
async def test_subscription_unanswered(
    hass: HomeAssistant, broker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that says nothing is not taken for one that retains nothing."""
    monkeypatch.setattr(retained, "_ANSWER_SECONDS", 0.05)

    with pytest.raises(HomeAssistantError) as caught:
        await ask(hass, "get_retained", topic="a")

    assert caught.value.translation_key == "subscribe_timed_out"


@pytest.mark.parametrize("script", [accepting(until_closed)])
async def test_request_without_a_subscription(
    hass: HomeAssistant, broker: None
) -> None:
    """The time of a request is all that there is, for its subscription as well."""
    with pytest.raises(HomeAssistantError) as caught:
        async with asyncio.timeout(5):  # no answer to SUBSCRIBE is waited for longer
            await ask(
                hass,
                "request",
                topic="a",
                response_topic="b",
                timeout={"milliseconds": 50},
            )

    assert caught.value.translation_key == "subscribe_timed_out"
    assert caught.value.translation_placeholders == {"topic": "b", "seconds": "0.05"}


@pytest.mark.parametrize("script", [answering_subscribe(GRANTED, then_close=True)])
async def test_lost_while_it_is_read(hass: HomeAssistant, broker: None) -> None:
    """Nor is one that is lost before it has said all."""
    with pytest.raises(HomeAssistantError) as caught:
        await ask(hass, "get_retained", topic="a")

    assert caught.value.translation_key == "not_connected"


@pytest.mark.parametrize("script", [accepting(until_closed, CONNACK_SMALL_PACKETS)])
async def test_refused_without_asking(hass: HomeAssistant, broker: None) -> None:
    """What CONNACK has ruled out gets no reason code: there was no acknowledgement."""
    response = await ask(hass, "publish", topic="a", payload="x" * 100, qos=1)

    (outcome,) = response["brokers"]
    assert not outcome["success"]
    assert outcome["reason"] == "Packet too large"
    assert outcome.get("reason_code") is None
