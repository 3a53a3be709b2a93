"""Selects command on one topic and listen on another, as core's do."""

from typing import Any

import pytest

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

ENTITY = "select.boiler_mode"
COMMAND = "boiler/mode/set"
TOPIC = "boiler/mode"


def mode(**config: Any) -> dict[str, Any]:
    """Return a component with a command topic alone."""
    return {
        "platform": "select",
        "name": "Mode",
        "command_topic": COMMAND,
        "options": ["eco", "boost"],
        **config,
    }


def told(**config: Any) -> dict[str, Any]:
    """Return a component with the topics COMMAND and TOPIC."""
    return mode(state_topic=TOPIC, **config)


async def choose(house: House, option: str) -> None:
    """Select an option."""
    await house.hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": ENTITY, "option": option},
        blocking=True,
    )


async def test_none_and_nothing(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The word none means unknown, however it is written; an empty payload nothing."""
    house = await furnish(hass, add_entry, peer, told())
    await house.say(TOPIC, "eco")
    await house.say(TOPIC, "")
    assert house.state(ENTITY).state == "eco"
    await house.say(TOPIC, "none")
    assert house.state(ENTITY).state == STATE_UNKNOWN
    assert house.runtime.bad_payloads.count == 0


async def test_other_payloads_change_nothing(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What is none of the options is counted, and that is all."""
    house = await furnish(hass, add_entry, peer, told())
    await house.say(TOPIC, "eco")
    before = house.state(ENTITY)
    await house.say(TOPIC, "ECO")
    await house.say(TOPIC, b"\xff")
    assert house.state(ENTITY) is before
    assert house.runtime.bad_payloads.count == 2


async def test_options_are_not_attributes(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A payload can't change the options."""
    house = await furnish(hass, add_entry, peer, told(json_attributes_topic="more"))
    await house.say("more", {"options": ["x"], "a": 1})
    assert house.state(ENTITY).attributes["options"] == ["eco", "boost"]
    assert house.state(ENTITY).attributes["a"] == 1


@pytest.mark.parametrize(
    ("config", "payload"),
    [
        ({}, b"boost"),
        ({"command_template": '{"mode": "{{ value | upper }}"}'}, b'{"mode": "BOOST"}'),
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
    await choose(house, "boost")
    assert (await peer.next(COMMAND)).payload == payload
    assert house.state(ENTITY).state == STATE_UNKNOWN
    with pytest.raises(ServiceValidationError):
        await choose(house, "other")


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Options can be added and taken away."""
    house = await furnish(hass, add_entry, peer, told())
    await house.say(TOPIC, "eco", retain=True)
    await house.change({"c0": told(options=["dry", "eco"])})
    assert house.state(ENTITY).state == "eco"
    await house.change({"c0": told(options=["dry"])})
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.change({"c0": mode(options=["dry"])})
    await choose(house, "dry")
    await house.change({"c0": mode(options=["dry"], name="Program")})
    assert house.state(ENTITY).state == "dry"
