"""Covers move, tell where they are, and tilt; tests/parity compares them with core's."""

from typing import Any

import pytest

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

ENTITY = "cover.boiler_flap"


def flap(**config: Any) -> dict[str, Any]:
    """Return a cover that is told to move, and tells its state."""
    return {
        "platform": "cover",
        "name": "Flap",
        "command_topic": "flap/set",
        "state_topic": "flap",
        **config,
    }


POSITION = {
    "position_topic": "flap/position",
    "set_position_topic": "flap/position/set",
}
TILT = {"tilt_command_topic": "flap/tilt/set", "tilt_status_topic": "flap/tilt"}


async def do(house: House, action: str, **data: Any) -> None:
    """Do something with the cover."""
    await house.hass.services.async_call(
        "cover", action, {"entity_id": ENTITY, **data}, blocking=True
    )


def shown(house: House) -> tuple[str, int | None, int | None]:
    """Return state, position and tilt."""
    state = house.state(ENTITY)
    return (
        state.state,
        state.attributes.get("current_position"),
        state.attributes.get("current_tilt_position"),
    )


async def test_states(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """The state topic tells the state; stopped is where it was."""
    house = await furnish(hass, add_entry, peer, flap())
    assert shown(house) == (STATE_UNKNOWN, None, None)
    for said, state in (
        ("open", "open"),
        ("closing", "closing"),
        ("stopped", "closed"),
        ("opening", "opening"),
        ("stopped", "open"),
        ("closed", "closed"),
        ("None", STATE_UNKNOWN),
    ):
        await house.say("flap", said)
        assert shown(house) == (state, None, None)
    await house.say("flap", "open")
    await house.say("flap", "ajar")
    await house.say("flap", b"\xff")
    assert shown(house) == ("open", None, None)
    assert house.runtime.bad_payloads.count == 2


async def test_positions(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """A position says whether it is closed, if nothing else does."""
    component = flap(**POSITION, **TILT, position_open=200, tilt_min=10, tilt_max=20)
    del component["state_topic"]
    house = await furnish(hass, add_entry, peer, component)
    for said, state, position in (
        ("100", "open", 50),
        ("0", "closed", 0),
        ("250", "open", 100),
        ('{"position": 20}', "open", 10),
    ):
        await house.say("flap/position", said)
        assert shown(house) == (state, position, None)
    await house.say("flap/tilt", "15")
    assert shown(house) == ("open", 10, 50)
    await house.say("flap/position", {"position": 40, "tilt_position": 20})
    assert shown(house) == ("open", 20, 100)
    assert house.runtime.bad_payloads.count == 0


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("flap/position", "half"),
        ("flap/position", "nan"),
        ("flap/position", "{}"),
        ("flap/position", '{"tilt_position": 5}'),
        ("flap/position", '{"position": null}'),
        ("flap/position", '{"position": [1]}'),
        ("flap/tilt", "half"),
        ("flap/tilt", "inf"),
        ("flap/tilt", "101"),
        ("flap/tilt", "-1"),
    ],
)
async def test_nonsense(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, topic: str, said: str
) -> None:
    """What is no position changes nothing."""
    house = await furnish(hass, add_entry, peer, flap(**POSITION, **TILT))
    await house.say("flap/position", {"position": 30, "tilt_position": 40})
    before = house.state(ENTITY)
    await house.say(topic, said)
    assert house.state(ENTITY) is before
    assert house.runtime.bad_payloads.count == 1


async def test_one_wrong_value_of_two(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A tilt that makes no sense leaves the position that comes with it."""
    house = await furnish(hass, add_entry, peer, flap(**POSITION, **TILT))
    await house.say("flap/position", {"position": 30, "tilt_position": "x"})
    assert shown(house) == (STATE_UNKNOWN, 30, None)
    assert house.runtime.bad_payloads.count == 1


@pytest.mark.parametrize(
    ("config", "action", "data", "topic", "payload"),
    [
        ({}, "open_cover", {}, "flap/set", b"OPEN"),
        ({}, "close_cover", {}, "flap/set", b"CLOSE"),
        ({}, "stop_cover", {}, "flap/set", b"STOP"),
        ({"payload_open": "1"}, "open_cover", {}, "flap/set", b"1"),
        (POSITION, "set_cover_position", {"position": 30}, "flap/position/set", b"30"),
        (
            {
                **POSITION,
                "position_open": 50,
                "set_position_template": "{{ value }} {{ position }} {{ position_open }}",
            },
            "set_cover_position",
            {"position": 30},
            "flap/position/set",
            b"15 30 50",
        ),
        (TILT, "open_cover_tilt", {}, "flap/tilt/set", b"100"),
        (TILT, "close_cover_tilt", {}, "flap/tilt/set", b"0"),
        (TILT, "stop_cover_tilt", {}, "flap/tilt/set", b"STOP"),
        (
            {**TILT, "tilt_command_template": "{{ value }} {{ tilt_position }}", "tilt_max": 50},
            "set_cover_tilt_position",
            {"tilt_position": 20},
            "flap/tilt/set",
            b"10 20",
        ),
    ],
)  # fmt: skip
async def test_commands(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    action: str,
    data: dict[str, Any],
    topic: str,
    payload: bytes,
) -> None:
    """Commands go out; the state waits until it is told."""
    house = await furnish(hass, add_entry, peer, flap(**config))
    await peer.subscribe("flap/#")
    await do(house, action, **data)
    message = await peer.next()
    assert (str(message.topic), message.payload) == (topic, payload)
    assert shown(house) == (STATE_UNKNOWN, None, None)


async def test_optimistic(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """What no topic tells, or nobody waits for, is believed."""
    house = await furnish(
        hass, add_entry, peer, flap(**POSITION, **TILT, optimistic=True, tilt_optimistic=True)
    )  # fmt: skip
    assert house.state(ENTITY).attributes["assumed_state"]
    for action, data, expected in (
        ("open_cover", {}, ("open", 100, None)),
        ("close_cover", {}, ("closed", 0, None)),
        ("set_cover_position", {"position": 30}, ("open", 30, None)),
        ("open_cover_tilt", {}, ("open", 30, 100)),
        ("set_cover_tilt_position", {"tilt_position": 20}, ("open", 30, 20)),
        ("toggle_cover_tilt", {}, ("open", 30, 0)),
        ("toggle_cover_tilt", {}, ("open", 30, 100)),
        ("set_cover_position", {"position": 0}, ("closed", 0, 100)),
    ):
        await do(house, action, **data)
        assert shown(house) == expected


async def test_tilt_is_believed_until_it_is_told(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The position's topic may tell the tilt, too."""
    house = await furnish(
        hass, add_entry, peer, flap(**POSITION, tilt_command_topic="flap/tilt/set")
    )
    await do(house, "open_cover_tilt")
    assert shown(house) == (STATE_UNKNOWN, None, 100)
    await house.say("flap/position", {"position": 50, "tilt_position": 40})
    await do(house, "open_cover_tilt")
    assert shown(house) == (STATE_UNKNOWN, 50, 40)


async def test_features(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """A command without a payload is none."""
    house = await furnish(
        hass, add_entry, peer, flap(payload_open=None, payload_stop=None)
    )
    assert house.state(ENTITY).attributes["supported_features"] == 2
    with pytest.raises(HomeAssistantError):
        await do(house, "open_cover")


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What was told is forgotten when it would mean something else now."""
    house = await furnish(hass, add_entry, peer, flap(**POSITION))
    await house.say("flap", "open")
    await house.say("flap/position", "50")
    await house.change({"c0": flap(**POSITION, icon="mdi:x", command_topic="other")})
    assert shown(house) == ("open", 50, None)
    await house.change({"c0": flap(**POSITION, position_open=200)})
    assert shown(house) == (STATE_UNKNOWN, None, None)
    await house.change({"c0": flap(optimistic=True)})
    await do(house, "open_cover")
    await house.change({"c0": flap(optimistic=True, state_open="x")})
    assert shown(house) == ("open", None, None)


async def test_a_tilt_without_a_range(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """It is left out with a reason, and nothing else is."""
    house = await furnish(hass, add_entry, peer, flap(tilt_min=5, tilt_max=5), flap())
    invalid = house.runtime.devices.running["device-1"].invalid
    assert invalid == {"c0": "tilt_min and tilt_max leave nothing to tilt"}
    assert house.state(ENTITY)


async def test_default_name(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a name it is called after the platform."""
    await furnish(hass, add_entry, peer, {"platform": "cover", "command_topic": "a"})
    assert hass.states.get("cover.boiler_mqtt_cover")
