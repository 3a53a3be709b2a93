"""An automation from a topic to a topic, made in the editor as a person does it."""

import json
import re

import aiomqtt
from playwright.async_api import Locator, Page, expect
import pytest

from tests.support.stack import RunningStack

from .conftest import Picture
from .flows import DOMAIN

pytestmark = pytest.mark.browser

EDITOR = "/config/automation/edit"


class Editor:
    """The automation editor."""

    def __init__(self, page: Page) -> None:
        """Find it."""
        self.page = page

    async def add(self, kind: str, name: str) -> None:
        """Add a trigger, condition or action that is found by its name."""
        await self.page.get_by_role("button", name=f"Add {kind}").click()
        dialog = self.page.locator("add-automation-element-dialog")
        await dialog.locator("input").first.fill(name)
        await dialog.get_by_text(name, exact=True).first.click()

    def field(self, name: str) -> Locator:
        """Return the row of a field."""
        return self.page.locator("ha-settings-row").filter(
            has=self.page.get_by_text(name, exact=True)
        )

    async def fill(self, name: str, value: str) -> None:
        """Switch a field on if it is optional, and fill it in."""
        field = self.field(name)
        checkbox = field.locator("ha-checkbox")
        if await checkbox.count():
            await checkbox.click()
        await field.locator("ha-selector-text input").fill(value)


async def test_from_topic_to_topic(
    stack: RunningStack, broker: str, page: Page, picture: Picture
) -> None:
    """Make an automation with our trigger, condition and action; it works and stays."""
    editor = Editor(page)
    await page.goto(f"{EDITOR}/new")

    await editor.add("trigger", "MQTT message received")
    await editor.fill("Topic", "button/+/action")
    await editor.fill("JSON path", "action")
    await editor.fill("Payload", "single")
    await expect(page.locator("ha-automation-trigger-platform")).not_to_contain_text(
        "`"
    )
    await picture(page, "automation-trigger")

    await editor.add("condition", "MQTT broker is connected")
    await editor.add("action", "MQTT over WebSocket: Publish message")
    await editor.fill("Topic", "pressed/{{ trigger.wildcards[0] }}")
    await picture(page, "automation-action")

    await page.get_by_role("button", name="Save").click()
    dialog = page.locator("ha-dialog-automation-save")
    await dialog.locator("input").fill("Buttons")
    await dialog.get_by_role("button", name="Save").click()
    await page.wait_for_url(re.compile(rf"{EDITOR}/\d+$"))

    async with aiomqtt.Client("127.0.0.1", stack.mqtt_port, timeout=5) as client:
        await client.subscribe("pressed/#", qos=1)
        await page.wait_for_function(
            """() => document.querySelector("home-assistant")
                       .hass.states["automation.buttons"]?.state === "on" """
        )
        for action in ("double", "single"):
            payload = json.dumps({"action": action})
            await client.publish("button/hall/action", payload, qos=1)
        message = await anext(client.messages)
        assert str(message.topic) == "pressed/hall"

    # What was saved can be changed in the same form.
    await page.reload()
    row = page.locator("ha-automation-trigger-row")
    # Whoever clicks before the editor knows our triggers gets YAML.
    await page.wait_for_function(
        "([row, name]) => name in (row.triggerDescriptions ?? {})",
        arg=[await row.element_handle(), f"{DOMAIN}.message_received"],
    )
    await row.click()
    saved = editor.field("JSON path").locator("ha-selector-text input")
    await expect(saved).to_have_value("action")
    await expect(page.locator("ha-automation-trigger-editor ha-alert")).to_have_count(0)

    automation_id = page.url.rpartition("/")[2]
    config = stack.call("GET", f"config/automation/config/{automation_id}")
    assert config["triggers"] == [
        {
            "trigger": f"{DOMAIN}.message_received",
            "options": {
                "topic": "button/+/action",
                "json_path": "action",
                "payload": "single",
                "retained": "ignore",
                "qos": "0",
                "encoding": "utf-8",
            },
        }
    ]
    stack.call("DELETE", f"config/automation/config/{automation_id}")
