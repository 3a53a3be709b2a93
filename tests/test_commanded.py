"""What numbers, selects, switches and texts have in common: a topic each way, as core's.

What only one of them does is in its own file.
"""

from typing import Any, Final, NamedTuple

import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError

from .conftest import AddEntry
from .support.devices import House, furnish
from .support.peer import Peer

COMMAND: Final = "boiler/it/set"
TOPIC: Final = "boiler/it"


class Kind(NamedTuple):
    """A platform: its own keys, an action with its data, and the state after it."""

    config: dict[str, Any]
    action: str
    data: dict[str, Any]
    state: str


KINDS: Final = {
    "number": Kind({}, "set_value", {"value": 7.0}, "7"),
    "select": Kind(
        {"options": ["eco", "boost"]}, "select_option", {"option": "boost"}, "boost"
    ),
    "switch": Kind({}, "turn_on", {}, STATE_ON),
    "text": Kind({}, "set_value", {"value": "hello"}, "hello"),
}


def entity_id(platform: str) -> str:
    """Return the entity of a platform."""
    return f"{platform}.boiler_it"


def assumed(platform: str, **config: Any) -> dict[str, Any]:
    """Return a component with a command topic alone."""
    return {
        "platform": platform,
        "name": "It",
        "command_topic": COMMAND,
        **KINDS[platform].config,
        **config,
    }


def told(platform: str, **config: Any) -> dict[str, Any]:
    """Return a component with the topics COMMAND and TOPIC."""
    return assumed(platform, state_topic=TOPIC, **config)


async def act(house: House, platform: str) -> None:
    """Command what the table says."""
    kind = KINDS[platform]
    data = {"entity_id": entity_id(platform), **kind.data}
    await house.hass.services.async_call(platform, kind.action, data, blocking=True)


@pytest.mark.parametrize(
    ("platform", "config", "payload", "state"),
    [
        ("number", {}, "5", "5"),
        ("number", {}, "5.0", "5.0"),
        ("number", {}, "5.25", "5.25"),
        ("number", {}, " 7 ", "7.0"),
        ("number", {}, "1e1", "10.0"),
        ("number", {"min": -10}, "-3", "-3.0"),
        ("number", {"payload_reset": "off"}, "5", "5"),
        ("number", {"value_template": "{{ value_json.t }}"}, {"t": 21.5}, "21.5"),
        (
            "number",
            {"device_class": "temperature", "unit_of_measurement": "°F"},
            "50",
            "10.0",
        ),
        ("select", {}, "eco", "eco"),
        ("select", {}, "None", STATE_UNKNOWN),
        ("select", {"value_template": "{{ value_json.m }}"}, {"m": "boost"}, "boost"),
        (
            "select",
            {"value_template": "{{ ['eco', 'boost'][value | int] }}"},
            "1",
            "boost",
        ),
        ("select", {"options": ["ä"], "encoding": "latin-1"}, b"\xe4", "ä"),
        ("switch", {}, "ON", STATE_ON),
        ("switch", {}, "OFF", STATE_OFF),
        ("switch", {}, "None", STATE_UNKNOWN),
        ("switch", {"payload_on": "1"}, "1", STATE_ON),
        ("switch", {"payload_off": "0"}, "0", STATE_OFF),
        ("switch", {"state_on": "running"}, "running", STATE_ON),
        ("switch", {"state_on": "running"}, "ON", STATE_UNKNOWN),
        ("switch", {"state_off": "idle"}, "idle", STATE_OFF),
        ("switch", {"state_off": "idle"}, "OFF", STATE_UNKNOWN),
        (
            "switch",
            {"value_template": "{{ value_json.s | upper }}"},
            {"s": "on"},
            STATE_ON,
        ),
        ("switch", {"device_class": "outlet"}, "ON", STATE_ON),
        ("text", {}, "hello", "hello"),
        ("text", {}, "", ""),
        ("text", {}, "None", "None"),
        ("text", {}, "x" * 255, "x" * 255),
        ("text", {"min": 2, "max": 5}, "hello", "hello"),
        ("text", {"pattern": "^[a-z]+$"}, "hello", "hello"),
        ("text", {"value_template": "{{ value_json.m }}"}, {"m": "hello"}, "hello"),
        ("text", {"encoding": "latin-1"}, b"\xe4", "ä"),
    ],
)
async def test_values(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    platform: str,
    config: dict[str, Any],
    payload: Any,
    state: str,
) -> None:
    """The state topic tells the state: a number as it was written, any text there is."""
    house = await furnish(hass, add_entry, peer, told(platform, **config))
    before = house.state(entity_id(platform))
    assert before.state == STATE_UNKNOWN
    assert "assumed_state" not in before.attributes
    assert before.attributes.get("device_class") == config.get("device_class")
    await house.say(TOPIC, payload)
    assert house.state(entity_id(platform)).state == state


@pytest.mark.parametrize("platform", KINDS)
@pytest.mark.parametrize("waits", [True, False])
async def test_optimistic(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, platform: str, waits: bool
) -> None:
    """Where nothing tells the state, or is not waited for, the command is believed."""
    config = told(platform, optimistic=True) if waits else assumed(platform)
    house = await furnish(hass, add_entry, peer, config)
    before = house.state(entity_id(platform))
    assert before.state == STATE_UNKNOWN
    assert before.attributes["assumed_state"] is True
    await act(house, platform)
    assert house.state(entity_id(platform)).state == KINDS[platform].state


@pytest.mark.parametrize("platform", KINDS)
@pytest.mark.parametrize(
    ("config", "key"),
    [
        ({"encoding": ""}, "payload_not_encodable"),
        ({"encoding": "x"}, "payload_not_encodable"),
        ({"command_template": "{{ value.a.b }}"}, "command_template_error"),
    ],
)
async def test_nothing_is_assumed_of_a_failed_command(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    platform: str,
    config: dict[str, Any],
    key: str,
) -> None:
    """A command without a payload fails the action with a text."""
    house = await furnish(hass, add_entry, peer, assumed(platform, **config))
    with pytest.raises(HomeAssistantError) as caught:
        await act(house, platform)
    assert caught.value.translation_key == key
    assert house.state(entity_id(platform)).state == STATE_UNKNOWN


@pytest.mark.parametrize(
    ("platform", "last", "state"),
    [
        ("number", "12.5", "12.5"),
        ("select", "boost", "boost"),
        ("select", "gone", STATE_UNKNOWN),
        ("switch", STATE_ON, STATE_ON),
        ("switch", STATE_OFF, STATE_OFF),
        # As in core: not on is off.
        ("switch", STATE_UNAVAILABLE, STATE_OFF),
        # As in core nothing outlives a restart: it may be a password.
        ("text", "hello", STATE_UNKNOWN),
    ],
)
@pytest.mark.parametrize("believed", [{}, {"optimistic": True}, None])
async def test_restored(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    platform: str,
    last: str,
    state: str,
    believed: dict[str, Any] | None,
) -> None:
    """What is assumed outlives a restart; what will be told (None) does not."""
    data = {
        "native_max_value": 100.0,
        "native_min_value": 0.0,
        "native_step": 1.0,
        "native_unit_of_measurement": None,
        "native_value": 12.5,
    }
    mock_restore_cache_with_extra_data(
        hass, [(State(entity_id(platform), last), data if platform == "number" else {})]
    )
    if believed is None:
        config, state = told(platform), STATE_UNKNOWN
    elif believed:
        config = told(platform, **believed)
    else:
        config = assumed(platform)
    house = await furnish(hass, add_entry, peer, config)
    assert house.state(entity_id(platform)).state == state
