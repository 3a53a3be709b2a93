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
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.publishing.rule import DEFAULT_TOPIC

from .conftest import AddEntry
from .support.devices import device, furnish
from .support.forms import form_values, reconfigure, submit
from .support.peer import Peer

RULE = {"name": "Climate", "entities": ["sensor.one", "sensor.two"]}
USUAL = {
    "base": "homeassistant_states",
    "topic": DEFAULT_TOPIC,
    "payload": "state",
    "retain": True,
    "qos": 1,
}
COLLAPSED = {
    "attribute_topics": False,
    "unavailable": "publish",
    "minimum_interval": 0,
    "threshold": 0,
    "commands": False,
    "command_errors": False,
    "command_locks": False,
    "announce": False,
    "announce_prefix": "homeassistant",
}


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Open the form for a new rule."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "publish_rule"), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    return result


async def save(hass: HomeAssistant, result: SubentryFlowResult) -> SubentryFlowResult:
    """Agree to what the preview shows."""
    assert result["type"] is FlowResultType.MENU, result.get("errors")
    assert result["step_id"] == "preview"
    return await submit(hass, result, next_step_id="save")


def shown(result: SubentryFlowResult) -> dict[str, str]:
    """Return what a step tells."""
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    return dict(placeholders)


async def test_a_rule(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """A name and entities are enough; what it will do is shown, then states go out."""
    entry = await add_entry()
    before = entry.runtime_data
    hass.states.async_set("sensor.one", "21.5")
    await peer.subscribe("homeassistant_states/#")
    result = await start(hass, entry)
    assert form_values(result["data_schema"]) == {
        **USUAL,
        "qos": "1",
        **{
            section: {key: COLLAPSED[key] for key in keys}
            for section, keys in (
                ("shape", ("attribute_topics", "unavailable")),
                ("pace", ("minimum_interval", "threshold")),
                ("command_options", ("commands", "command_errors", "command_locks")),
                ("announcement", ("announce", "announce_prefix")),
            )
        },
        "choice": {},
        "exceptions": {},
    }
    result = await submit(hass, result, **RULE)
    assert not entry.subentries
    assert shown(result) == {
        "name": "Climate",
        "count": "2",
        "entities": "`sensor.one`, `sensor.two`",
        "topics": "- `homeassistant_states/sensor/one/state`: `21.5`",
        "commands": "-",
        "announced": "-",
    }
    result = await save(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Climate"
    (stored,) = entry.subentries.values()
    assert stored.data == {"entities": RULE["entities"], **USUAL}
    assert entry.runtime_data is before
    message = await peer.next("homeassistant_states/sensor/one/state")
    assert message.payload == b"21.5"


async def test_everything(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """All that can be entered is stored, shown in the preview, and comes back."""
    hass.states.async_set("light.kitchen", "on", {"brightness": 255, "icon": "`x`"})
    hass.states.async_set("light.bedroom", "off")
    for number in range(7):
        hass.states.async_set(f"lock.door_{number}", "locked")
    hass.states.async_set("sensor.kitchen_battery", "80")
    entry = await add_entry()
    choice = {
        "devices": ["device"],
        "areas": ["kitchen"],
        "labels": ["publish"],
        "domains": ["light", "lock"],
        "integrations": ["hue"],
        "globs": ["sensor.*_battery"],
    }
    exceptions = {
        "exclude_entities": ["sensor.nothing"],
        "exclude_devices": ["device_2"],
        "exclude_areas": ["bedroom"],
        "exclude_labels": ["private"],
        "exclude_domains": ["person"],
        "exclude_integrations": ["mobile_app"],
        "exclude_globs": ["*.bedroom"],
    }
    shape = {
        "attributes": ["brightness", "icon"],
        "attribute_topics": True,
        "unavailable": "keep",
    }
    pace = {"minimum_interval": 10, "threshold": 0.5}
    commands = {"commands": True, "command_errors": True, "command_locks": True}
    announcement = {"announce": True, "announce_prefix": "found/here"}
    general = {
        "base": "house/a",
        "topic": "{{ base }}/{{ object_id }}",
        "payload": "json",
        "retain": False,
        "qos": "2",
    }
    entered = {
        "name": "Everything",
        **general,
        "choice": choice,
        "exceptions": exceptions,
        "shape": shape,
        "pace": pace,
        "command_options": commands,
        "announcement": announcement,
    }
    result = await submit(hass, await start(hass, entry), **entered)
    preview = shown(result)
    assert preview["count"] == "9"
    assert preview["entities"].startswith("`light.kitchen`, `lock.door_0`, ")
    assert preview["entities"].endswith(" …")
    topics = preview["topics"].splitlines()
    assert len(topics) == 5
    assert topics[0].startswith("- `house/a/kitchen`: `{")
    assert "'x'" in topics[0]
    assert topics[1] == "- `house/a/kitchen/brightness`: `255`"
    assert preview["commands"].startswith("`house/a/+/+/set/#` (🔓 `lock.door_0`, ")
    assert preview["announced"] == "light: 1, lock: 7, sensor: 1"

    result = await submit(hass, result, next_step_id="change")
    assert result["step_id"] == "user"
    assert form_values(result["data_schema"]) == entered
    result = await save(hass, await submit(hass, result, **entered))
    (subentry,) = entry.subentries.values()
    stored = {**general, **choice, **exceptions, **shape, **pace, **commands, "qos": 2}
    stored |= announcement
    assert subentry.data == stored

    result = await reconfigure(hass, entry, "publish_rule")
    assert form_values(result["data_schema"]) == entered
    result = await submit(hass, result, **entered)
    result = await submit(hass, result, next_step_id="change")
    assert result["step_id"] == "reconfigure"
    assert form_values(result["data_schema"]) == entered
    await save(hass, await submit(hass, result, **entered))
    (subentry,) = entry.subentries.values()
    assert subentry.data == stored


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
    values = {
        key: value
        for key, value in form_values(result["data_schema"]).items()
        if not isinstance(value, dict)
    }
    assert values == {
        **USUAL,
        "name": "Old",
        "entities": ["sensor.one"],
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
    result = await save(hass, result)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    stored = entry.subentries[subentry_id]
    assert stored.title == "New"
    assert stored.data == {
        **USUAL,
        "entities": ["sensor.one"],
        "topic": "my/{{ entity_id }}",
        "retain": False,
        "qos": 2,
        "from_the_future": True,
    }


async def test_statestream(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """The preset is stored as what it means."""
    hass.states.async_set("sensor.one", "1", {"unit_of_measurement": "m", "set": 1})
    entry = await add_entry()
    result = await submit(
        hass, await start(hass, entry), **RULE, base="ha", payload="statestream"
    )
    assert shown(result)["topics"] == (
        '- `ha/sensor/one/state`: `1`\n- `ha/sensor/one/unit_of_measurement`: `"m"`'
    )
    await save(hass, result)
    (subentry,) = entry.subentries.values()
    assert subentry.data == {
        "entities": RULE["entities"],
        **USUAL,
        "base": "ha",
        "attribute_topics": True,
    }
    result = await reconfigure(hass, entry, "publish_rule")
    values = form_values(result["data_schema"])
    assert values["payload"] == "state"
    assert values["shape"]["attribute_topics"] is True


async def test_what_matches(
    hass: HomeAssistant, add_entry: AddEntry, entity_registry: er.EntityRegistry
) -> None:
    """Nothing may match yet, and what comes from the broker itself does not."""
    entry = await add_entry()
    result = await submit(
        hass,
        await start(hass, entry),
        name="Later",
        choice={"domains": ["binary_sensor"]},
    )
    assert er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert shown(result)["count"] == "0"
    assert shown(result)["topics"] == "-"


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
        ({"base": "a/#"}, {"base": "invalid_base"}, ""),
        (
            {"payload": "statestream", "topic": "a/{{ object_id }}"},
            {"topic": "statestream_topic"},
            "",
        ),
        ({"payload": "template"}, {"shape": "template_missing"}, ""),
        ({"shape": {"payload_template": "x"}}, {"shape": "template_unused"}, ""),
        (
            {"payload": "template", "shape": {"payload_template": "{{"}},
            {"shape": "invalid_payload_template"},
            "",
        ),
        (
            {"payload": "template", "shape": {"payload_template": "{{ 1 / 0 }}"}},
            {"shape": "invalid_payload_template"},
            "sensor.one",
        ),
        ({"shape": {"attributes": ["a"]}}, {"shape": "attributes_unused"}, ""),
        (
            {"command_options": {"command_locks": True}},
            {"command_options": "commands_off"},
            "",
        ),
        (
            {
                "topic": "{{ base }}/{{ domain }}/{{ object_id }}/set",
                "command_options": {"commands": True},
            },
            {"topic": "command_topic"},
            "sensor.one",
        ),
        (
            {
                "topic": "{{ base }}/{{ domain }}/{{ object_id }}/announced",
                "announcement": {"announce": True},
            },
            {"topic": "command_topic"},
            "sensor.one",
        ),
        (
            {"announcement": {"announce": True, "announce_prefix": "a/+"}},
            {"announcement": "invalid_prefix"},
            "",
        ),
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
    hass.states.async_set("sensor.one", "1")
    entry = await add_entry()
    entered = {**RULE, "qos": 0, **values}
    result = await submit(hass, await start(hass, entry), **entered)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["entity"] == says or not says
    assert form_values(result["data_schema"])["qos"] == "0"
    result = await save(hass, await submit(hass, result, **RULE))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_own_topic(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """An entity of the broker can't be published to where it comes from."""
    component = {"platform": "sensor", "name": "A", "state_topic": "a/+"}
    house = await furnish(hass, add_entry, peer, subentries=(device({"a": component}),))
    entered = {"name": "Round", "entities": ["sensor.boiler_a"]}
    result = await submit(
        hass, await start(hass, house.entry), **entered, topic="a/{{ object_id }}"
    )
    assert result["errors"] == {"topic": "own_topic"}
    assert shown(result)["topic"] == "a/boiler_a"
    await save(hass, await submit(hass, result, **entered))


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
    assert (await response.json())["type"] == "menu"
    response = await client.post(
        f"{path}/{form['flow_id']}", json={"next_step_id": "save"}
    )
    assert (await response.json())["type"] == "create_entry"
    await hass.async_block_till_done()
