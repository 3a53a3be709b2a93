"""Texts that are none: a lone surrogate has no bytes in UTF-8, and Python lets it pass."""

import asyncio
from typing import Any

import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.publishing.outbox import LANES

from .conftest import AddEntry
from .support.home import Home, add_home_fixture, home_fixture
from .support.peer import Peer
from .support.rules import BASE, publishing, rule

__all__ = ["add_home_fixture", "home_fixture"]

SURROGATE = "\ud800"


async def test_states_that_are_no_text_hold_up_no_others(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each is logged and counted as an error, and all that can be published is."""
    odd = [f"sensor.odd_{number}" for number in range(LANES + 1)]
    for entity_id in odd:
        hass.states.async_set(entity_id, SURROGATE)
    hass.states.async_set("sensor.fine", "1")
    await peer.subscribe(f"{BASE}/#")
    entry = await add_entry(subentries=[rule(*odd, "sensor.fine")])
    assert (await peer.next()).payload == b"1"

    hass.states.async_set(odd[0], "2")
    assert (await peer.next()).payload == b"2"
    assert publishing(entry).counters.failed == len(odd)
    assert caplog.text.count("payload_not_text") == len(odd)


async def test_a_payload_that_is_no_text(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """The action says so, in the words of whoever reads it."""
    await add_entry()
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            "mqtt_websocket",
            "publish",
            {"topic": "a", "payload": SURROGATE},
            blocking=True,
        )
    assert caught.value.translation_key == "payload_not_text"


@pytest.mark.parametrize(
    "config",
    [
        {"value_template": r"{{ '\ud800' }}"},
        {"value_template": r"{{ value_json.x | default('\U0000dfff') }}"},
        {"value_template": "{{ '%c' | format(55296) }}"},
        {"value_template": "{{ '%c' % 55296 }}"},
        {"encoding": "utf-7"},
        {"encoding": "unicode_escape", "value_template": "{{ value }}"},
    ],
)
async def test_what_is_announced_keeps_no_browser_from_the_states(
    hass: HomeAssistant,
    home: Home,
    hass_ws_client: WebSocketGenerator,
    config: dict[str, Any],
) -> None:
    """Home Assistant can't write such a state, nor any other in the same answer."""
    assert await async_setup_component(hass, "websocket_api", {})
    await home.announce("sensor/odd", {"name": "Odd", "state_topic": "odd", **config})
    payload = {"utf-7": "+2AA-", "unicode_escape": r"\ud800"}
    await home.say("odd", payload.get(config.get("encoding", ""), "{}"))
    assert home.runtime.bad_payloads.count == 1

    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "get_states"})
    answer = await client.receive_json()
    states = {one["entity_id"]: one["state"] for one in answer["result"]}
    assert states["sensor.odd"] == STATE_UNKNOWN


async def test_what_a_server_says_keeps_no_browser_from_the_entries(
    hass: HomeAssistant, add_entry: AddEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """What is beyond UTF-8 in a header is a surrogate in aiohttp's words."""
    assert await async_setup_component(hass, "config", {})

    async def redirect(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /\xff\r\n\r\n"
        )
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(redirect, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        entry = await add_entry(url=f"ws://127.0.0.1:{port}/")
    assert entry.state is ConfigEntryState.SETUP_RETRY

    browser = await hass_ws_client(hass)
    await browser.send_json_auto_id({"type": "config_entries/get"})
    answer = await browser.receive_json()
    assert answer["success"]
    (shown,) = answer["result"]
    placeholders = shown["error_reason_translation_placeholders"]
    assert placeholders["location"] == r"/\udcff"
