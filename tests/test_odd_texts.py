"""Texts that are none: a lone surrogate has no bytes in UTF-8, and Python lets it pass."""

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from custom_components.mqtt_websocket.publishing.outbox import LANES

from .conftest import AddEntry
from .support.peer import Peer
from .test_publishing import BASE, publishing, rule

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
