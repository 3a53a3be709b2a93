"""The forms of entities that command, or say that something happened."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .conftest import AddEntry
from .support.peer import Peer
from .test_subentry_device import choose, made, start, state_of, submit

DEVICE_NAME = "Kitchen"

LEAST: dict[str, tuple[dict[str, Any], str]] = {
    "button": ({"command_topic": " k/press "}, "button.kitchen"),
    "number": ({"command_topic": "k/set"}, "number.kitchen"),
    "select": ({"command_topic": "k/set", "options": ["eco"]}, "select.kitchen"),
    "text": ({"command_topic": "k/set"}, "text.kitchen"),
    "event": ({"state_topic": "k", "event_types": ["press"]}, "event.kitchen"),
}


@pytest.mark.parametrize("platform", LEAST)
async def test_the_least_that_works(
    hass: HomeAssistant, add_entry: AddEntry, platform: str
) -> None:
    """What is required is enough, and all that is stored."""
    entry = await add_entry()
    entered, entity_id = LEAST[platform]
    result = await submit(hass, await start(hass, entry), name=DEVICE_NAME)
    result = await choose(hass, result, platform)
    assert result["step_id"] == platform
    result = await submit(hass, result, **entered)
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    stored = {key: _stripped(value) for key, value in entered.items()}
    assert made(entry)["components"] == [{"platform": platform, "name": None, **stored}]
    assert state_of(hass, entity_id) == "unknown"


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("platform", "entered", "place", "error"),
    [
        ("button", {"command_topic": "k/+"}, "command_topic", "topic_has_wildcard"),
        (
            "number",
            {"command_topic": "k", "min": 5, "max": 4},
            "base",
            "invalid_config",
        ),
        ("select", {"command_topic": "k", "options": []}, "options", "invalid_value"),
        (
            "text",
            {"command_topic": "k", "behavior": {"pattern": "("}},
            "behavior",
            "invalid_value",
        ),
        (
            "text",
            {"command_topic": "k", "behavior": {"max": 256}},
            "base",
            "invalid_config",
        ),
        (
            "event",
            {"state_topic": "k/#/x", "event_types": ["press"]},
            "state_topic",
            "misplaced_wildcard",
        ),
        (
            "event",
            {"state_topic": "k", "event_types": []},
            "event_types",
            "invalid_value",
        ),
    ],
)
async def test_mistakes(
    hass: HomeAssistant,
    add_entry: AddEntry,
    platform: str,
    entered: dict[str, Any],
    place: str,
    error: str,
) -> None:
    """A mistake is shown where it is."""
    entry = await add_entry()
    result = await submit(hass, await start(hass, entry), name=DEVICE_NAME)
    result = await choose(hass, result, platform)
    result = await submit(hass, result, **entered)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {place: error}


async def test_what_is_entered_counts(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A number made in the form commands as it was told to."""
    entry = await add_entry()
    result = await submit(hass, await start(hass, entry), name=DEVICE_NAME)
    result = await choose(hass, result, "number")
    result = await submit(
        hass,
        result,
        name="Target",
        command_topic="k/set",
        min=-5,
        max=30.5,
        step=0.5,
        unit_of_measurement="°C",
        behavior={"mode": "box", "command_template": '{"t": {{ value }}}'},
        messages={"retain": True, "qos": "1"},
    )
    await choose(hass, result, "finish")
    state = hass.states.get("number.kitchen_target")
    assert state is not None
    assert {"min": -5.0, "max": 30.5, "step": 0.5, "mode": "box"}.items() <= (
        state.attributes.items()
    )
    await peer.subscribe("k/set")
    await hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.kitchen_target", "value": 21.5},
        blocking=True,
    )
    message = await peer.next("k/set")
    assert message.payload == b'{"t": 21.5}'
    assert message.qos == 1
