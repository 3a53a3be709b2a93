"""The forms of entities that command, or say that something happened."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .conftest import AddEntry
from .support.devices import state_of
from .support.forms import choose, form_values, made, submit
from .support.peer import Peer
from .test_subentry_device import start

DEVICE_NAME = "Kitchen"

# Home Assistant believes what it commands where no state comes.
BELIEVED = {"climate": "off", "lock": "unlocked"}

LEAST: dict[str, tuple[dict[str, Any], str]] = {
    "light_basic": ({"command_topic": "k/set"}, "light.kitchen"),
    "light_json": ({"command_topic": "k/set"}, "light.kitchen"),
    "light_template": (
        {
            "command_topic": "k/set",
            "command_on_template": "1",
            "command_off_template": "0",
        },
        "light.kitchen",
    ),
    "cover": ({"command_topic": "k/set"}, "cover.kitchen"),
    "climate": ({"mode_command_topic": "k/mode/set"}, "climate.kitchen"),
    "fan": ({"command_topic": "k/set"}, "fan.kitchen"),
    "lock": ({"command_topic": "k/set"}, "lock.kitchen"),
    "update": ({"state_topic": "k"}, "update.kitchen"),
    "button": ({"command_topic": " k/press "}, "button.kitchen"),
    "number": ({"command_topic": "k/set"}, "number.kitchen"),
    "select": ({"command_topic": "k/set", "options": ["eco"]}, "select.kitchen"),
    "text": ({"command_topic": "k/set"}, "text.kitchen"),
    "event": ({"state_topic": "k", "event_types": ["press"]}, "event.kitchen"),
}


async def to_form(
    hass: HomeAssistant, entry: MockConfigEntry, form: str
) -> SubentryFlowResult:
    """Go to a form for an entity of a new device."""
    result = await submit(hass, await start(hass, entry), name=DEVICE_NAME)
    if form.startswith("light"):
        result = await choose(hass, result, "light")
    result = await choose(hass, result, form)
    assert result["step_id"] == form
    return result


@pytest.mark.parametrize("form", LEAST)
async def test_the_least_that_works(
    hass: HomeAssistant, add_entry: AddEntry, form: str
) -> None:
    """What is required is enough, and all that is stored."""
    entry = await add_entry()
    entered, entity_id = LEAST[form]
    result = await to_form(hass, entry, form)
    # Browsers send what they show as well.
    shown = form_values(result["data_schema"])
    result = await submit(hass, result, **{**shown, **entered})
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    stored = {key: _stripped(value) for key, value in entered.items()}
    platform, _, schema = form.partition("_")
    if schema in ("json", "template"):
        stored["schema"] = schema
    assert made(entry)["components"] == [{"platform": platform, "name": None, **stored}]
    assert state_of(hass, entity_id) == BELIEVED.get(form, "unknown")


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
        (
            "light_basic",
            {
                "command_topic": "k",
                "color": {"rgb_command_topic": "k/rgb"},
                "more_colors": {"white_command_topic": "k/+"},
            },
            "more_colors",
            "topic_has_wildcard",
        ),
        (
            "light_json",
            {"command_topic": "k", "supported_color_modes": ["onoff", "rgb"]},
            "supported_color_modes",
            "invalid_value",
        ),
        (
            "light_basic",
            {"command_topic": "k", "more_colors": {"white_command_topic": "k/white"}},
            "base",
            "invalid_config",
        ),
        (
            "cover",
            {"position": {"set_position_topic": "k/position"}},
            "position",
            "needs_another",
        ),
        (
            "cover",
            {"command_topic": "k", "value_template": "{{ value }}"},
            "value_template",
            "needs_another",
        ),
        (
            "fan",
            {"command_topic": "k", "presets": {"preset_modes": ["auto"]}},
            "presets",
            "needs_another",
        ),
        (
            "fan",
            {
                "command_topic": "k",
                "speed": {"speed_range_min": 3, "speed_range_max": 2},
            },
            "base",
            "invalid_config",
        ),
        (
            "climate",
            {"humidity": {"target_humidity_state_topic": "k"}},
            "humidity",
            "needs_another",
        ),
        (
            "climate",
            {
                "presets": {
                    "preset_modes": ["none"],
                    "preset_mode_command_topic": "k",
                }
            },
            "base",
            "invalid_config",
        ),
        (
            "lock",
            {"command_topic": "k", "behavior": {"code_format": "["}},
            "behavior",
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
    result = await to_form(hass, entry, platform)
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
