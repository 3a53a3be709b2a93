"""Publish rules, and what a peer hears of what they publish."""

import asyncio
import time
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.publishing import Publishing
from custom_components.mqtt_websocket.publishing.counters import Counters

from .peer import Peer

BASE = "homeassistant_states"


def rule(*entities: str, **data: Any) -> ConfigSubentryData:
    """Return a rule's subentry as the form makes it."""
    return ConfigSubentryData(
        data={"entities": list(entities), **data},
        subentry_type="publish_rule",
        title="Rule",
        unique_id=None,
    )


def change(
    hass: HomeAssistant, entry: MockConfigEntry, number: int = 0, **data: Any
) -> None:
    """Change the rule of an entry."""
    subentry = list(entry.subentries.values())[number]
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, **data}
    )


def remove(hass: HomeAssistant, entry: MockConfigEntry, number: int = 0) -> None:
    """Remove a rule of an entry."""
    subentry = list(entry.subentries.values())[number]
    hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)


def publishing(entry: MockConfigEntry) -> Publishing:
    """Return what an entry publishes with."""
    result: Publishing = entry.runtime_data.publishing
    return result


async def expect(peer: Peer, *messages: tuple[str, str]) -> None:
    """Expect these messages and no other before them, in this order per topic."""
    received = await peer.collect(len(messages))
    # The sort is stable: it keeps the order within a topic.
    assert sorted(
        ((str(m.topic), m.payload.decode()) for m in received), key=_topic
    ) == sorted(messages, key=_topic)


def _topic(message: tuple[str, str]) -> str:
    return message[0]


async def longest_pause(counters: Counters, published: int) -> float:
    """Return how long the event loop stood still until so many were published.

    In seconds of this thread: what others do on this machine does not count.
    """
    longest = 0.0
    last = time.thread_time()
    while counters.published < published:
        await asyncio.sleep(0)
        now = time.thread_time()
        longest = max(longest, now - last)
        last = now
    return longest


async def retained(peer: Peer, topic_filter: str = "#") -> dict[str, str]:
    """Return what the broker retains now."""
    await peer.unsubscribe("#")
    while True:
        try:
            await peer.next(timeout=0.05)
        except AssertionError:
            break
    await peer.subscribe(topic_filter)
    await peer.publish("end", "")
    found: dict[str, str] = {}
    while str((message := await peer.next()).topic) != "end":
        found[str(message.topic)] = message.payload.decode()
    return found
