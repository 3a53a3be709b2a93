"""What tests do with the forms of subentries, and of flows of any kind."""

from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryData,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section


async def submit(
    hass: HomeAssistant, result: SubentryFlowResult, **values: Any
) -> SubentryFlowResult:
    """Fill in a form and send it."""
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], values
    )
    await hass.async_block_till_done()
    return result


async def choose(
    hass: HomeAssistant, result: SubentryFlowResult, option: str
) -> SubentryFlowResult:
    """Choose from a menu."""
    assert result["type"] is FlowResultType.MENU, result
    options = result["menu_options"]
    assert isinstance(options, list)
    assert option in options
    return await submit(hass, result, next_step_id=option)


async def reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry, subentry_type: str = "device"
) -> SubentryFlowResult:
    """Open the only subentry there is."""
    (subentry_id,) = entry.subentries
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, subentry_type),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": subentry_id},
    )


def form_values(schema: vol.Schema | None) -> dict[str, Any]:
    """Return what a form sends when nothing in it is touched."""
    assert schema is not None
    values: dict[str, Any] = {}
    for marker, value in schema.schema.items():
        if isinstance(value, section):
            values[str(marker)] = form_values(value.schema)
        elif marker.description and "suggested_value" in marker.description:
            values[str(marker)] = marker.description["suggested_value"]
        elif marker.default is not vol.UNDEFINED:
            values[str(marker)] = marker.default()
    return values


def options_of(result: SubentryFlowResult, field: str) -> dict[str, str]:
    """Return the options of a list in a form, with their labels."""
    schema = result["data_schema"]
    assert schema is not None
    options = schema.schema[field].config["options"]
    return {option["value"]: option["label"] for option in options}


def subentry(data: dict[str, Any], title: str = "Kitchen") -> ConfigSubentryData:
    """Return a device subentry."""
    return ConfigSubentryData(
        data=data, subentry_type="device", title=title, unique_id=None
    )


def without_keys(data: Any) -> dict[str, Any]:
    """Return a device's data with its entities as a list: their keys are random."""
    return {**data, "components": list(data["components"].values())}


def made(entry: MockConfigEntry) -> dict[str, Any]:
    """Return the data of the only subentry."""
    (subentry,) = entry.subentries.values()
    return without_keys(subentry.data)
