"""The forms for publish rules."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigSubentryData,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.publishing.rule import DEFAULT_TOPIC

from .conftest import AddEntry
from .support.peer import Peer
from .test_subentry_device import form_values, reconfigure

RULE = {"name": "Climate", "entities": ["sensor.one", "sensor.two"]}
USUAL = {"topic": DEFAULT_TOPIC, "retain": True, "qos": 1}


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Open the form for a new rule."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "publish_rule"), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    return result


async def submit(
    hass: HomeAssistant, result: SubentryFlowResult, **values: Any
) -> SubentryFlowResult:
    """Fill in a form and send it."""
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], values
    )
    await hass.async_block_till_done()
    return result


async def test_a_rule(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """A name and entities are enough, and states are published."""
    entry = await add_entry()
    before = entry.runtime_data
    hass.states.async_set("sensor.one", "21.5")
    await peer.subscribe("homeassistant_states/#")
    result = await start(hass, entry)
    assert form_values(result["data_schema"]) == {
        "topic": DEFAULT_TOPIC,
        "retain": True,
        "qos": "1",
    }
    result = await submit(hass, result, **RULE)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Climate"
    (stored,) = entry.subentries.values()
    assert stored.data == {"entities": RULE["entities"], **USUAL}
    assert entry.runtime_data is before
    message = await peer.next("homeassistant_states/sensor/one/state")
    assert message.payload == b"21.5"


async def test_change(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """Everything can be changed; what no form shows stays."""
    data = {"entities": ["sensor.one"], "qos": 2, "from_the_future": True}
    entry = await add_entry(
        subentries=[
            ConfigSubentryData(
                data=data, subentry_type="publish_rule", title="Old", unique_id=None
            )
        ]
    )
    (subentry_id,) = entry.subentries
    result = await reconfigure(hass, entry, "publish_rule")
    values = form_values(result["data_schema"])
    assert values == {
        "name": "Old",
        "entities": ["sensor.one"],
        "topic": DEFAULT_TOPIC,
        "retain": True,
        "qos": "2",
    }
    # What is cleared is not what was there before.
    for field, error in (("name", "name_missing"), ("entities", "invalid_entities")):
        cleared = {**values, field: type(values[field])()}
        result = await submit(hass, result, **cleared)
        assert result["errors"] == {field: error}
    result = await submit(
        hass,
        result,
        **{**values, "name": " New ", "topic": "my/{{ entity_id }}", "retain": False},
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    stored = entry.subentries[subentry_id]
    assert stored.title == "New"
    assert stored.data == {
        "entities": ["sensor.one"],
        "topic": "my/{{ entity_id }}",
        "retain": False,
        "qos": 2,
        "from_the_future": True,
    }


@pytest.mark.parametrize(
    ("values", "errors", "says"),
    [
        ({"name": " "}, {"name": "name_missing"}, ""),
        ({"entities": []}, {"entities": "invalid_entities"}, ""),
        ({"topic": "a/{{"}, {"topic": "invalid_topic_template"}, "sensor.one"),
        ({"topic": "a/#"}, {"topic": "invalid_topic_template"}, "sensor.one"),
        (
            {"topic": "{{ states('sensor.one') }}"},
            {"topic": "invalid_topic_template"},
            "sensor.one",
        ),
        ({"topic": "a/b"}, {"topic": "same_topic"}, "sensor.one, sensor.two"),
    ],
)
async def test_wrong_rule(
    hass: HomeAssistant,
    add_entry: AddEntry,
    values: dict[str, Any],
    errors: dict[str, str],
    says: str,
) -> None:
    """Mistakes are shown where they are; what was entered stays."""
    entry = await add_entry()
    entered = {**RULE, "qos": 0, **values}
    result = await submit(hass, await start(hass, entry), **entered)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["entity"] == says or not says
    assert form_values(result["data_schema"])["qos"] == "0"
    result = await submit(hass, result, **RULE)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_over_http(
    hass: HomeAssistant, add_entry: AddEntry, hass_client: ClientSessionGenerator
) -> None:
    """The form can be sent to a browser, and what it sends comes in."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    entry = await add_entry()
    path = "/api/config/config_entries/subentries/flow"
    handler = [entry.entry_id, "publish_rule"]
    response = await client.post(path, json={"handler": handler})
    form = await response.json()
    response = await client.post(f"{path}/{form['flow_id']}", json=RULE)
    assert (await response.json())["type"] == "create_entry"
    await hass.async_block_till_done()
