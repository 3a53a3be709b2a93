"""What the forms for devices and rules make of odd input, and of a browser that returns."""

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .conftest import AddEntry
from .support.forms import choose, submit
from .test_subentry_listen import begin
from .test_subentry_publish_rule import save, shown, start

SENSOR = """
sensor:
  - name: Level
    state_topic: tank
"""


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("sensor:\n  2024-01-01: x\n  state_topic: t", "paste_unreadable"),
        ("mqtt: 5", "paste_without_platform"),
        ("- 5", "paste_unknown"),
        ("components: [a]", "paste_unreadable"),
        ('{"device": {"name": "X"}, "components": {"a": 5}}', "paste_unknown"),
    ],
)
async def test_pasted_text_that_is_odd(
    hass: HomeAssistant, add_entry: AddEntry, text: str, error: str
) -> None:
    """It is told what is wrong, and a text that is right goes on."""
    result = await choose(hass, await begin(hass, await add_entry()), "paste")
    result = await submit(hass, result, text=text)
    assert result["errors"] == {"text": error}
    result = await submit(hass, result, text=SENSOR)
    assert result["type"] is FlowResultType.MENU
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_pasted_device_beside_its_entities(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """Keys that are no platforms, but known, make no entities."""
    entry = await add_entry()
    result = await choose(hass, await begin(hass, entry), "paste")
    result = await submit(hass, result, text=f"device:\n  name: Tank\n{SENSOR}")
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = entry.subentries.values()
    (component,) = subentry.data["components"].values()
    assert component["platform"] == "sensor"


async def test_preview_again(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """A browser that was closed over the preview of a rule shows it again.

    A long payload is shown by its beginning, an empty one as such.
    """
    entry = await add_entry()
    hass.states.async_set("sensor.long", "x" * 200)
    result = await start(hass, entry)
    result = await submit(hass, result, name="Long", entities=["sensor.long"])
    first = shown(result)
    assert "x…`" in first["topics"]
    again = await hass.config_entries.subentries.async_configure(result["flow_id"])
    assert again["type"] is FlowResultType.MENU
    assert shown(again) == first
    result = await save(hass, again)
    assert result["type"] is FlowResultType.CREATE_ENTRY
