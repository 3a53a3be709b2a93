"""Automations and scripts that name a broker that is gone."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.runtime import async_find_entry

from .conftest import AddEntry
from .support.waiting import until


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return our issues by the automation that they are about."""
    prefix = "removed_broker_"
    return {
        issue_id.removeprefix(prefix): issue
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue_id.startswith(prefix) and issue.active
    }


def automation(name: str, **parts: Any) -> dict[str, Any]:
    """Return the configuration of an automation."""
    return {
        "id": name,
        "alias": name,
        "triggers": {"trigger": "event", "event_type": "never"},
        "actions": [],
        **parts,
    }


def publish(entry_id: object) -> dict[str, Any]:
    """Return an action."""
    return {
        "action": f"{DOMAIN}.publish",
        "data": {"config_entry_id": entry_id, "topic": "a"},
    }


async def automations(hass: HomeAssistant, *configs: dict[str, Any]) -> None:
    """Set up automations."""
    assert await async_setup_component(
        hass, "automation", {"automation": list(configs)}
    )


@pytest.fixture
async def entry(hass: HomeAssistant, add_entry: AddEntry) -> MockConfigEntry:
    """Return a broker; there is another one, which stays."""
    await add_entry()
    return await add_entry(connection={"protocol": "3.1.1"})


async def test_removed_while_it_runs(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Every place that names the broker is found, and what does not is left alone."""
    entry_id = entry.entry_id
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    other = hass.config_entries.async_entries(DOMAIN)[0].entry_id
    condition = {
        "condition": f"{DOMAIN}.broker_is_connected",
        "options": {"config_entry_id": entry_id},
    }
    await automations(
        hass,
        automation(
            "trigger",
            triggers={
                "trigger": f"{DOMAIN}.message_received",
                "options": {"config_entry_id": entry_id, "topic": "a"},
            },
        ),
        automation("condition", conditions=[condition]),
        automation("action", actions=[{"if": [condition], "then": [publish(other)]}]),
        automation("several", actions=[{"sequence": [publish([other, entry_id])]}]),
        automation(
            "device",
            actions=[
                {
                    "action": f"{DOMAIN}.publish",
                    "data": {"device_id": [device.id], "topic": "a"},
                }
            ],
        ),
        automation(
            "target",
            actions=[
                {
                    "action": f"{DOMAIN}.publish",
                    "target": {"device_id": device.id},
                    "data": {"topic": "a"},
                }
            ],
        ),
        automation("other", actions=[publish(other)]),
        automation("template", actions=[publish("{{ 'x' }}")]),
        automation(
            "foreign",
            actions=[{"action": "test.x", "data": {"config_entry_id": entry_id}}],
        ),
    )
    assert await async_setup_component(
        hass, "script", {"script": {"one": {"sequence": [publish(entry_id)]}}}
    )
    await hass.async_block_till_done()

    await hass.config_entries.async_remove(entry_id)
    await until(hass, lambda: issues(hass))

    assert issues(hass).keys() == {
        "automation.trigger",
        "automation.condition",
        "automation.action",
        "automation.several",
        "automation.device",
        "automation.target",
        "script.one",
    }
    issue = issues(hass)["automation.trigger"]
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.translation_placeholders == {
        "name": "trigger",
        "entity_id": "automation.trigger",
        "brokers": entry.title,
        "edit": "/config/automation/edit/trigger",
    }
    script = issues(hass)["script.one"].translation_placeholders
    assert script is not None
    assert script["edit"] == "/config/script/edit/one"


async def test_cured(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The issue goes when the automation names another broker, or is gone itself."""
    await automations(
        hass,
        automation("one", actions=[publish(entry.entry_id)]),
        automation("two", actions=[publish(entry.entry_id)]),
    )
    await hass.config_entries.async_remove(entry.entry_id)
    await until(hass, lambda: len(issues(hass)) == 2)
    other = async_find_entry(hass, None)
    assert other is not None

    async def edited(_hass: HomeAssistant) -> dict[str, Any]:
        return {"automation": [automation("one", actions=[publish(other.entry_id)])]}

    monkeypatch.setattr("homeassistant.config.async_hass_config_yaml", edited)
    await hass.services.async_call("automation", "reload", blocking=True)

    await until(hass, lambda: not issues(hass))


async def test_found_at_start(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """A broker that was removed before Home Assistant started is missed too."""
    await automations(hass, automation("one", actions=[publish("gone")]))

    await add_entry()
    await until(hass, lambda: issues(hass))

    placeholders = issues(hass)["automation.one"].translation_placeholders
    assert placeholders is not None
    assert placeholders["brokers"] == "gone"


async def test_added_again(
    hass: HomeAssistant, add_entry: AddEntry, entry: MockConfigEntry
) -> None:
    """A backup that brings the broker back cures it."""
    await automations(hass, automation("one", actions=[publish(entry.entry_id)]))
    await hass.config_entries.async_remove(entry.entry_id)
    await until(hass, lambda: issues(hass))

    restored = MockConfigEntry(
        domain=DOMAIN, data=dict(entry.data), entry_id=entry.entry_id, title="back"
    )
    await hass.config_entries.async_add(restored)

    await until(hass, lambda: not issues(hass))
    await hass.config_entries.async_unload(restored.entry_id)
