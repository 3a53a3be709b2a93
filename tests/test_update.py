"""Updates tell versions, and install; tests/parity compares them with core's."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import mock_restore_cache

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

ENTITY = "update.boiler_firmware"


def firmware(**config: Any) -> dict[str, Any]:
    """Return an update that can be installed."""
    return {
        "platform": "update",
        "name": "Firmware",
        "state_topic": "fw",
        "latest_version_topic": "fw/latest",
        "command_topic": "fw/set",
        "payload_install": "INSTALL",
        **config,
    }


def shown(house: House, *names: str) -> list[Any]:
    """Return the state, and attributes."""
    state = house.state(ENTITY)
    return [state.state, *(state.attributes.get(name) for name in names)]


async def test_versions(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Plain text is the installed version; the latest has a topic of its own."""
    house = await furnish(hass, add_entry, peer, firmware())
    versions = ("installed_version", "latest_version")
    assert shown(house, *versions) == [STATE_UNKNOWN, None, None]
    await house.say("fw", "1.0")
    assert shown(house, *versions) == [STATE_UNKNOWN, "1.0", None]
    await house.say("fw/latest", "1.1")
    assert shown(house, *versions) == [STATE_ON, "1.0", "1.1"]
    await house.say("fw", "1.1")
    assert shown(house, *versions) == [STATE_OFF, "1.1", "1.1"]
    await house.say("fw", "5")
    await house.say("fw/latest", "")
    await house.say("fw", "v2 beta")
    assert shown(house, "installed_version") == [STATE_ON, "v2 beta"]
    await house.say("fw", "5")
    assert shown(house, *versions) == [STATE_OFF, "5", "1.1"]
    assert house.runtime.bad_payloads.count == 0


async def test_everything_in_one_object(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """JSON tells all there is to know; what it leaves out stays."""
    house = await furnish(hass, add_entry, peer, firmware(title="Old"))
    told = {
        "installed_version": "1",
        "latest_version": "2",
        "title": "New",
        "release_summary": "More of it",
        "release_url": "https://example.com/notes",
        "entity_picture": "https://example.com/picture.png",
    }
    await house.say("fw", told)
    assert shown(house, *told) == [STATE_ON, *told.values()]
    progress = ("in_progress", "update_percentage")
    assert shown(house, *progress) == [STATE_ON, False, None]
    for said, expected in (
        ({"update_percentage": 12.5}, [True, 12.5]),
        ({"in_progress": False}, [False, None]),
        ({"in_progress": True}, [True, 12.5]),
        ({"update_percentage": None}, [False, None]),
        ({}, [False, None]),
    ):
        await house.say("fw", said)
        assert shown(house, *progress) == [STATE_ON, *expected]
    assert shown(house, *told) == [STATE_ON, *told.values()]
    assert house.runtime.bad_payloads.count == 0


@pytest.mark.parametrize(
    "said",
    [
        {"latest_version": "9", "unheard_of": 1},
        {"latest_version": None},
        {"latest_version": "9", "update_percentage": 101},
        {"latest_version": "9", "update_percentage": "half"},
        {"latest_version": "9", "release_url": "no URL"},
        {"latest_version": "9", "in_progress": "perhaps"},
        b"\xff",
    ],
)
async def test_nonsense(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, said: Any
) -> None:
    """An object with a mistake changes nothing, and the log does not quote it."""
    house = await furnish(hass, add_entry, peer, firmware())
    await house.say("fw", {"installed_version": "1", "latest_version": "2"})
    before = house.state(ENTITY)
    await house.say("fw", said)
    assert house.state(ENTITY) is before
    assert house.runtime.bad_payloads.count == 1


async def test_templates(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Both topics have a template; one that fails says nothing."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        firmware(
            value_template="{{ value_json.a.b }}",
            latest_version_template="{{ value_json.v }}",
        ),
    )
    await house.say("fw", {"a": {"b": "1"}})
    await house.say("fw/latest", {"v": "2"})
    assert shown(house, "installed_version", "latest_version") == [STATE_ON, "1", "2"]
    await house.say("fw", {})
    assert shown(house, "installed_version") == [STATE_ON, "1"]
    assert house.runtime.bad_payloads.count == 1


async def install(house: House) -> None:
    """Install what there is."""
    await house.hass.services.async_call(
        "update", "install", {"entity_id": ENTITY}, blocking=True
    )


async def test_install(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """The payload goes out; the state waits until it is told."""
    house = await furnish(hass, add_entry, peer, firmware(retain=True, qos=1))
    await house.say("fw", {"installed_version": "1", "latest_version": "2"})
    await peer.subscribe("fw/set")
    await install(house)
    assert (await peer.next()).payload == b"INSTALL"
    assert shown(house, "installed_version", "in_progress") == [STATE_ON, "1", False]


@pytest.mark.parametrize(
    ("missing", "key"),
    [("payload_install", "no_payload_install"), ("command_topic", None)],
)
async def test_nothing_to_install_with(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, missing: str, key: str | None
) -> None:
    """Without a payload, or a topic for it, the action fails with a text."""
    component = firmware()
    del component[missing]
    house = await furnish(hass, add_entry, peer, component)
    await house.say("fw", {"installed_version": "1", "latest_version": "2"})
    with pytest.raises(HomeAssistantError) as caught:
        await install(house)
    assert key is None or caught.value.translation_key == key


async def test_skipped_version_is_restored(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What a person skipped stays skipped; the versions are told again."""
    mock_restore_cache(hass, [State(ENTITY, STATE_OFF, {"skipped_version": "2"})])
    house = await furnish(hass, add_entry, peer, firmware())
    assert shown(house) == [STATE_UNKNOWN]
    await house.say("fw", {"installed_version": "1", "latest_version": "2"})
    assert shown(house, "skipped_version") == [STATE_OFF, "2"]


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What was told outlives an edit that leaves its meaning."""
    house = await furnish(hass, add_entry, peer, firmware())
    await house.say("fw", {"installed_version": "1", "latest_version": "2"})
    await house.change({"c0": firmware(icon="mdi:x")})
    assert shown(house, "installed_version", "icon") == [STATE_ON, "1", "mdi:x"]
    await house.change({"c0": firmware(value_template="{{ value }}")})
    assert shown(house) == [STATE_UNKNOWN]


async def test_default_name(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a name it is called after the platform, and has no picture of ours."""
    await furnish(hass, add_entry, peer, {"platform": "update", "state_topic": "a"})
    state = hass.states.get("update.boiler_mqtt_update")
    assert state is not None
    assert "entity_picture" not in state.attributes
