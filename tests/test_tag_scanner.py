"""Tag scanners that devices announce."""

from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from homeassistant.components.tag import TAG_DATA
from homeassistant.components.tag.const import EVENT_TAG_SCANNED
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.listeners import tag_scanner as module

from .support.home import Home, add_home_fixture, home_fixture, info

__all__ = ["add_home_fixture", "home_fixture"]


def scanner(**config: Any) -> dict[str, Any]:
    """Return the announcement of a scanner."""
    return {"topic": "scanned", "device": info(), **config}


@pytest.fixture(name="tags", autouse=True)
async def tags_fixture(hass: HomeAssistant) -> None:
    """Have tags, as the default configuration has."""
    assert await async_setup_component(hass, "tag", {})


class Scans:
    """The tags that were scanned since this was made."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin to watch."""
        self._events = async_capture_events(hass, EVENT_TAG_SCANNED)

    @property
    def new(self) -> list[tuple[str, str | None]]:
        """Tags and devices that were not looked at."""
        found = [(each.data["tag_id"], each.data["device_id"]) for each in self._events]
        self._events.clear()
        return found


async def test_scan(home: Home) -> None:
    """What a topic says is a tag that the device has scanned."""
    await home.announce("tag/node/reader", scanner())
    scans = Scans(home.hass)
    await home.say("scanned", " E9F35959 ")
    assert scans.new == [("E9F35959", home.device("node").id)]
    tag = home.hass.states.get("tag.e9f35959")
    assert tag is not None
    # Once more is no new tag.
    await home.say("scanned", "E9F35959")
    assert len(scans.new) == 1
    assert len(home.hass.data[TAG_DATA].data) == 1


async def test_value_template(home: Home) -> None:
    """A template finds the tag; what it says nothing of is none."""
    await home.announce(
        "tag/reader", scanner(value_template="{{ value_json.PN532.UID }}")
    )
    scans = Scans(home.hass)
    for payload in ({"PN532": {"DATA": "x"}}, {}, "x", "", b"\xff"):
        await home.say("scanned", payload)
    assert scans.new == []
    await home.say("scanned", {"PN532": {"UID": "E9F35959"}})
    assert [tag_id for tag_id, _ in scans.new] == ["E9F35959"]


async def test_without_device(home: Home) -> None:
    """A scanner need not be a device's."""
    await home.announce("tag/reader", {"topic": "scanned"})
    scans = Scans(home.hass)
    await home.say("scanned", "a")
    assert scans.new == [("a", None)]


async def test_update_and_removal(home: Home) -> None:
    """A scanner changes its topic and its device, and goes."""
    await home.announce("tag/reader", scanner())
    await home.announce("tag/reader", scanner(topic="elsewhere", device=info("other")))
    assert home.find_device("node") is None
    scans = Scans(home.hass)
    await home.say("scanned", "a")
    assert scans.new == []
    await home.say("elsewhere", "a")
    assert scans.new == [("a", home.device("other").id)]
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.settled()
    await home.say("elsewhere", "b")
    assert scans.new == [("b", home.device("other").id)]
    await home.remove_announcement("tag/reader")
    await home.say("elsewhere", "c")
    assert scans.new == []
    assert home.find_device("other") is None


async def test_device_announcement(home: Home) -> None:
    """A device announces its scanner with all the rest."""
    payload = {
        "dev": {"ids": ["node"], "name": "Node"},
        "o": {"name": "test"},
        "cmps": {"reader": {"p": "tag", "~": "node", "t": "~/scanned"}},
    }
    await home.announce("device/node", payload)
    scans = Scans(home.hass)
    await home.say("node/scanned", "a")
    assert scans.new == [("a", home.device("node").id)]


async def test_retained(home: Home) -> None:
    """A tag that was scanned before Home Assistant started is not scanned then."""
    await home.say("scanned", "a", retain=True)
    scans = Scans(home.hass)
    await home.announce("tag/reader", scanner())
    assert scans.new == []
    await home.say("scanned", "b", retain=True)
    assert [tag_id for tag_id, _ in scans.new] == ["b"]


async def test_limits(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """No stranger fills Home Assistant with tags."""
    await home.announce("tag/reader", scanner())
    scans = Scans(home.hass)
    await home.say("scanned", "x" * 256)
    assert scans.new == []
    with patch.object(module, "MAX_TAGS", 2):
        for tag_id in ("a", "b", "c", "d", "a"):
            await home.say("scanned", tag_id)
    assert [tag_id for tag_id, _ in scans.new] == ["a", "b", "a"]
    assert len(home.hass.data[TAG_DATA].data) == 2
    assert caplog.text.count("changes nothing in a tag scanner") == 1


async def test_refused(home: Home) -> None:
    """What makes no sense is left out."""
    for wrong in ({"topic": "a/#/b"}, {"value_template": "{{"}, {"topic": None}):
        await home.announce("tag/reader", scanner(**wrong))
        assert len(home.announcements.refused) == 1
    assert home.find_device("node") is None


async def test_no_tags(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """Without Home Assistant's tags a scan says so in the log, once."""
    await home.announce("tag/reader", scanner())
    home.hass.config.components.remove("tag")
    for tag_id in ("a", "b"):
        await home.say("scanned", tag_id)
    assert caplog.text.count("tag component has not been set up") == 1
    assert home.runtime.bad_payloads.count == 2
