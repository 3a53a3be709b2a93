"""Locks lock, unlock and open; tests/parity compares them with core's."""

from typing import Any

import pytest

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

ENTITY = "lock.boiler_door"


def door(told: bool = True, **config: Any) -> dict[str, Any]:
    """Return a lock with a latch."""
    return {
        "platform": "lock",
        "name": "Door",
        "command_topic": "door/set",
        "payload_open": "OPEN",
        **({"state_topic": "door"} if told else {}),
        **config,
    }


async def do(house: House, action: str, **data: Any) -> None:
    """Do something with the lock."""
    await house.hass.services.async_call(
        "lock", action, {"entity_id": ENTITY, **data}, blocking=True
    )


@pytest.mark.parametrize(
    ("config", "said", "state"),
    [
        ({}, "LOCKED", "locked"),
        ({}, "LOCKING", "locking"),
        ({}, "UNLOCKED", "unlocked"),
        ({}, "UNLOCKING", "unlocking"),
        ({}, "OPEN", "open"),
        ({}, "OPENING", "opening"),
        ({}, "JAMMED", "jammed"),
        ({"state_locked": "1"}, "1", "locked"),
        ({"state_unlocked": "0"}, "0", "unlocked"),
        ({"value_template": "{{ value_json.s }}"}, {"s": "LOCKED"}, "locked"),
    ],
)
async def test_states(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    said: Any,
    state: str,
) -> None:
    """The state topic tells the state."""
    house = await furnish(hass, add_entry, peer, door(**config))
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.say("door", said)
    assert house.state(ENTITY).state == state
    before = house.state(ENTITY)
    for nonsense in ("ajar", " ", "", b"\xff"):
        await house.say("door", nonsense)
    assert house.state(ENTITY) is before
    await house.say("door", {"s": "None"} if config.get("value_template") else "None")
    assert house.state(ENTITY).state == STATE_UNKNOWN


async def test_nonsense_is_counted(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What is no state is counted; what is empty is not meant for it."""
    house = await furnish(hass, add_entry, peer, door())
    for nonsense in ("ajar", " ", "", b"\xff"):
        await house.say("door", nonsense)
    assert house.runtime.bad_payloads.count == 2


@pytest.mark.parametrize(
    ("config", "data", "payloads"),
    [
        ({}, {}, [b"LOCK", b"UNLOCK", b"OPEN"]),
        (
            {"payload_lock": "1", "payload_unlock": "0", "payload_open": "2"},
            {},
            [b"1", b"0", b"2"],
        ),
        (
            {"command_template": "{{ value }} {{ code }}", "code_format": r"^\d+$"},
            {"code": "123"},
            [b"LOCK 123", b"UNLOCK 123", b"OPEN 123"],
        ),
        (
            {"command_template": "{{ value }} {{ code }}"},
            {},
            [b"LOCK None", b"UNLOCK None", b"OPEN None"],
        ),
    ],
)
async def test_commands(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    data: dict[str, Any],
    payloads: list[bytes],
) -> None:
    """Commands go out; the state waits until it is told."""
    house = await furnish(hass, add_entry, peer, door(**config))
    await peer.subscribe("door/set")
    for action, payload in zip(("lock", "unlock", "open"), payloads, strict=True):
        await do(house, action, **data)
        assert (await peer.next()).payload == payload
    assert house.state(ENTITY).state == STATE_UNKNOWN


async def test_code(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """A code that does not fit fails the action, and is not sent."""
    house = await furnish(hass, add_entry, peer, door(code_format=r"^\d{4}$"))
    assert house.state(ENTITY).attributes["code_format"] == r"^\d{4}$"
    await peer.subscribe("door/set")
    with pytest.raises(HomeAssistantError):
        await do(house, "unlock", code="123")
    await peer.no_message()


@pytest.mark.parametrize("config", [door(told=False), door(optimistic=True)])
async def test_optimistic(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, config: dict[str, Any]
) -> None:
    """What no topic tells, or nobody waits for, is believed; at first it is unlocked."""
    house = await furnish(hass, add_entry, peer, config)
    assert house.state(ENTITY).state == "unlocked"
    assert house.state(ENTITY).attributes["assumed_state"]
    await do(house, "lock")
    assert house.state(ENTITY).state == "locked"
    await do(house, "unlock")
    assert house.state(ENTITY).state == "unlocked"
    await do(house, "open")
    assert house.state(ENTITY).state == "open"


async def test_no_latch(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Without a payload to open there is nothing to open."""
    component = door()
    del component["payload_open"]
    house = await furnish(hass, add_entry, peer, component)
    with pytest.raises(HomeAssistantError):
        await do(house, "open")


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What is assumed outlives an edit, what was told only one that means the same."""
    house = await furnish(hass, add_entry, peer, door(told=False))
    await do(house, "lock")
    await house.change({"c0": door(told=False, payload_lock="1")})
    assert house.state(ENTITY).state == "locked"
    await house.change({"c0": door()})
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.say("door", "LOCKED")
    await house.change({"c0": door(icon="mdi:x")})
    assert house.state(ENTITY).state == "locked"


async def test_default_name(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a name it is called after the platform."""
    await furnish(hass, add_entry, peer, {"platform": "lock", "command_topic": "a"})
    assert hass.states.get("lock.boiler_mqtt_lock")
