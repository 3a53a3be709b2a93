"""Texts command on one topic and listen on another, as core's do."""

from typing import Any

import pytest

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

ENTITY = "text.boiler_message"
COMMAND = "boiler/message/set"
TOPIC = "boiler/message"


def message(**config: Any) -> dict[str, Any]:
    """Return a component with a command topic alone."""
    return {
        "platform": "text",
        "name": "Message",
        "command_topic": COMMAND,
        **config,
    }


def told(**config: Any) -> dict[str, Any]:
    """Return a component with the topics COMMAND and TOPIC."""
    return message(state_topic=TOPIC, **config)


async def write(house: House, value: str) -> None:
    """Set the text."""
    await house.hass.services.async_call(
        "text", "set_value", {"entity_id": ENTITY, "value": value}, blocking=True
    )


@pytest.mark.parametrize(
    ("config", "payload"),
    [
        ({}, "x" * 256),
        ({}, b"\xff"),
        ({"min": 2}, "x"),
        ({"max": 5}, "x" * 6),
        ({"pattern": "^[a-z]+$"}, "Hello"),
    ],
)
async def test_other_payloads_change_nothing(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    payload: str | bytes,
) -> None:
    """What the text can't be is counted, and that is all."""
    house = await furnish(hass, add_entry, peer, told(**config))
    await house.say(TOPIC, "hello")
    await house.say(TOPIC, payload)
    assert house.state(ENTITY).state == "hello"
    assert house.runtime.bad_payloads.count == 1


async def test_what_it_is(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Lengths, mode and pattern are the configuration's, not a payload's."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        told(min=1, max=8, mode="password", pattern="a+", json_attributes_topic="more"),
    )
    expected = {
        "min": 1,
        "max": 8,
        "mode": "password",
        "pattern": "a+",
        "friendly_name": "Boiler Message",
    }
    assert house.state(ENTITY).attributes == expected
    await house.say("more", {"min": 0, "max": 0, "mode": "x", "pattern": "", "a": 1})
    assert house.state(ENTITY).attributes == {**expected, "a": 1}


@pytest.mark.parametrize(
    ("config", "payload"),
    [
        ({}, b"hello"),
        ({"command_template": '{"m": {{ value | tojson }}}'}, b'{"m": "hello"}'),
    ],
)
async def test_commands(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    payload: bytes,
) -> None:
    """Commands go out; the state waits for the state topic."""
    house = await furnish(hass, add_entry, peer, told(**config))
    await peer.subscribe(COMMAND)
    await write(house, "hello")
    assert (await peer.next(COMMAND)).payload == payload
    assert house.state(ENTITY).state == STATE_UNKNOWN


async def test_what_does_not_fit(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What the device does not take is not published."""
    house = await furnish(hass, add_entry, peer, message(max=5, pattern="^[a-z]+$"))
    for value in ("", "too long", "A"):
        with pytest.raises(ValueError):
            await write(house, value)
    assert house.state(ENTITY).state == STATE_UNKNOWN


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """An edit keeps the text, unless it is none any more."""
    house = await furnish(hass, add_entry, peer, message())
    await write(house, "hello")
    await house.change({"c0": message(max=10, pattern="^[a-z]+$")})
    assert house.state(ENTITY).state == "hello"
    await house.change({"c0": message(max=4)})
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await write(house, "ho")
    await house.change({"c0": told()})
    assert house.state(ENTITY).state == STATE_UNKNOWN


async def test_endless_pattern(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A pattern that compares for years does not stop Home Assistant."""
    endless = "(a+)+$"
    house = await furnish(hass, add_entry, peer, told())
    await house.say(TOPIC, "a" * 60 + "b")
    await house.change({"c0": told(pattern=endless)})
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.say(TOPIC, "a" * 60 + "c")
    assert house.state(ENTITY).state == STATE_UNKNOWN
    assert house.runtime.bad_payloads.count == 1
    await house.say(TOPIC, "aaa")
    assert house.state(ENTITY).state == "aaa"
