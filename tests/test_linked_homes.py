"""Two Home Assistants on one broker, over TLS: what one has, the other one has, too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from homeassistant.const import EVENT_CALL_SERVICE, EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant

from .conftest import AddEntry
from .support.demo import add_demo
from .support.homes import our_home
from .support.server import MqttServer
from .test_announcing import Reader, announcing, become, differences, value_of

LAMP = "light.bed_light"


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[MqttServer]:
    """Return a server that speaks TLS and outlives a restart."""
    async with MqttServer(tls=True) as running:
        yield running


def entry_data(server: MqttServer) -> dict[str, Any]:
    """Return the data of an entry that goes over TLS."""
    return {
        "url": server.wss_url,
        "security": {"ca_certificate": server.ca_pem},
        "discovery": True,
    }


@asynccontextmanager
async def cottage(server: MqttServer) -> AsyncIterator[Reader]:
    """Yield the other Home Assistant, which publishes all of its lights, too."""
    # With another base: one entity of the same name in both must not be one.
    publishes_all = announcing(domains=["light"], base="cottage")
    async with our_home("cottage", publishes_all, **entry_data(server)) as (
        hass,
        entry,
    ):
        yield Reader(hass, entry)


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Let an integration end and begin again."""
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()


async def brightness(hass: HomeAssistant, expected: int) -> None:
    """Return once the lamp has this brightness."""
    like = ("brightness", expected)
    await become(like, partial(value_of, hass, LAMP, like))


def shown(hass: HomeAssistant, other: Reader) -> str | None:
    """Return what the other one shows of the lamp."""
    state = other.state(hass, LAMP, "light")
    return None if state is None else state.state


async def agree(hass: HomeAssistant, other: Reader) -> None:
    """Return once both say the same of the lamp."""
    await become({}, partial(differences, hass, other, LAMP))


async def test_two_homes(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """A light of one appears in the other, is switched there, and both agree."""
    await add_demo(hass, ["light"])
    own_lights = set(hass.states.async_entity_ids("light"))
    entry = await add_entry(
        subentries=[announcing(domains=["light"])], **entry_data(server)
    )
    async with cottage(server) as other:
        await agree(hass, other)
        there = other.state(hass, LAMP, "light")
        assert there is not None
        assert there.attributes["friendly_name"] == "Bed Light"
        copies = len(other.hass.states.async_entity_ids("light"))
        assert copies == len(own_lights)

        # Switched there.
        await other.call(hass, LAMP, "turn_on", hs_color=(120, 50), brightness=99)
        await brightness(hass, 99)
        await agree(hass, other)
        # Changes here.
        await hass.services.async_call(
            "light", "turn_on", {"entity_id": LAMP, "effect": "rainbow"}, blocking=True
        )
        await agree(hass, other)
        await hass.services.async_call(
            "light", "turn_off", {"entity_id": LAMP}, blocking=True
        )
        await agree(hass, other)
        assert shown(hass, other) == "off"

        # Each stops and comes back; while this one is away its light is unavailable.
        await hass.config_entries.async_unload(entry.entry_id)
        await become("unavailable", partial(shown, hass, other))
        await hass.services.async_call(
            "light", "turn_on", {"entity_id": LAMP, "brightness": 10}, blocking=True
        )
        await hass.config_entries.async_setup(entry.entry_id)
        await agree(hass, other)
        await restart(other.hass, other.entry)
        await agree(hass, other)
        await other.call(hass, LAMP, "turn_on", brightness=200)
        await brightness(hass, 200)
        await agree(hass, other)

        # Nothing goes round in circles: no light came to be, none changes by itself.
        assert set(hass.states.async_entity_ids("light")) == own_lights
        assert len(other.hass.states.async_entity_ids("light")) == copies
        assert not [
            topic
            for topics in other.entry.runtime_data.publishing.topics.values()
            for topic in topics
        ]
        changes = [
            async_capture_events(each, EVENT_STATE_CHANGED)
            for each in (hass, other.hass)
        ]
        calls = async_capture_events(hass, EVENT_CALL_SERVICE)
        sent = entry.runtime_data.publishing.counters.published
        await other.call(hass, LAMP, "turn_off")
        await agree(hass, other)
        # One command, one state and the JSON of it.
        assert len(calls) == 1
        assert [len(each) for each in changes] == [1, 1]
        assert entry.runtime_data.publishing.counters.published <= sent + 2
