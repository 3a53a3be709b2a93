"""Two entries for one broker hear the same announcements: each entity is had once."""

from datetime import timedelta
import logging

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util

from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.contested import ISSUE
from custom_components.mqtt_websocket.diagnostics import (
    async_get_config_entry_diagnostics,
)

from .support.home import AddHome, Home, add_home_fixture, home_fixture, info
from .support.waiting import until

__all__ = ["add_home_fixture", "home_fixture"]

COUNT = 20


def issues(hass: HomeAssistant) -> list[ir.IssueEntry]:
    """Return what people are told about entries in each other's way."""
    return [
        each
        for each in ir.async_get(hass).issues.values()
        if each.domain == DOMAIN and each.issue_id.startswith(ISSUE) and each.active
    ]


async def announce_all(home: Home, *others: Home) -> None:
    """Announce some sensors, with a state each."""
    for number in range(COUNT):
        config = {
            "name": f"S{number}",
            "state_topic": f"s/{number}",
            "unique_id": f"s{number}",
            "device": info(),
        }
        await home.peer.publish(
            f"homeassistant/sensor/s{number}/config", config, retain=True
        )
        await home.peer.publish(f"s/{number}", str(number), retain=True)
    for each in (home, *others):
        await each.settled()


def owners(home: Home) -> list[str | None]:
    """Return the entry of each sensor."""
    registry = er.async_get(home.hass)
    return [
        home.registered(entity_id).config_entry_id
        for number in range(COUNT)
        if (entity_id := registry.async_get_entity_id("sensor", DOMAIN, f"s{number}"))
    ]


async def shows(home: Home, entity_id: str, state: str) -> None:
    """Return when an entity has a state."""
    states = home.hass.states
    await until(home.hass, lambda: (it := states.get(entity_id)) and it.state == state)


async def look_again(home: Home) -> None:
    """Let the time go by after which what is free is looked at."""
    async_fire_time_changed(home.hass, dt_util.utcnow() + timedelta(seconds=2))
    await home.hass.async_block_till_done()
    await home.settled()


async def test_one_message(
    home: Home, add_home: AddHome, caplog: pytest.LogCaptureFixture
) -> None:
    """Who has two entries for one broker is told once, with both names, and no more."""
    hass = home.hass
    other = await add_home(username="other")
    assert not issues(hass)
    await announce_all(home, other)
    assert len(owners(home)) == COUNT
    (issue,) = issues(hass)
    assert issue.translation_placeholders is not None
    assert set(issue.translation_placeholders.values()) == {
        home.entry.title,
        other.entry.title,
    }
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]
    had = 0
    for each in (home, other):
        shown = await async_get_config_entry_diagnostics(hass, each.entry)
        had += sum(shown["announcements"]["had_by_other_entries"].values())
        assert not shown["announcements"]["refused"]["count"]
    assert had == COUNT
    for number in range(COUNT):
        await shows(home, f"sensor.node_s{number}", str(number))


async def test_first_entry_goes(home: Home, add_home: AddHome) -> None:
    """What the first entry had is the second one's when the first is removed."""
    hass = home.hass
    await announce_all(home)
    other = await add_home(username="other")
    await other.settled()
    assert owners(home) == [home.entry.entry_id] * COUNT
    assert len(issues(hass)) == 1
    er.async_get(hass).async_update_entity(
        "sensor.node_s3", new_entity_id="sensor.mine", name="Mine"
    )
    await hass.config_entries.async_remove(home.entry.entry_id)
    await look_again(other)
    assert owners(other) == [other.entry.entry_id] * COUNT
    assert not issues(hass)
    await shows(other, "sensor.node_s5", "5")
    await shows(other, "sensor.mine", "3")
    assert other.state("sensor.mine").name == "Mine"


async def test_reload(home: Home, add_home: AddHome) -> None:
    """Each entry has the same after a reload of either."""
    hass = home.hass
    await announce_all(home)
    other = await add_home(username="other")
    for each in (home, other, home):
        await hass.config_entries.async_reload(each.entry.entry_id)
        await home.settled()
        await other.settled()
        await look_again(other)
        assert owners(home) == [home.entry.entry_id] * COUNT
        assert len(issues(hass)) == 1
        await shows(home, "sensor.node_s7", "7")
    await hass.config_entries.async_unload(other.entry.entry_id)
    assert not issues(hass)


async def test_announcements_go(home: Home, add_home: AddHome) -> None:
    """What is not announced any more is in nobody's way."""
    hass = home.hass
    await announce_all(home)
    other = await add_home(username="other")
    assert len(issues(hass)) == 1
    for number in range(COUNT):
        await home.peer.publish(
            f"homeassistant/sensor/s{number}/config", None, retain=True
        )
    await other.settled()
    await until(hass, lambda: not owners(home))
    assert not issues(hass)
    await look_again(other)
    assert not owners(home)
