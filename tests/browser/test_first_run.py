"""From "Add integration" to a switch that switches, as a person does it."""

from pathlib import Path
import re

from playwright.async_api import BrowserContext, Error, Locator, Page, expect
import pytest

from tests.support.stack import RunningStack

from .conftest import Picture
from .flows import DOMAIN, broker_entry_id, run_flow

pytestmark = pytest.mark.browser

INTEGRATION = f"/config/integrations/integration/{DOMAIN}"


class Dialog:
    """The dialog of a flow."""

    def __init__(self, page: Page) -> None:
        """Find it."""
        self.page = page
        self.root: Locator = page.locator("dialog-data-entry-flow")

    async def fill(self, **fields: str) -> None:
        """Fill in text fields by their keys."""
        for name, value in fields.items():
            await self.root.locator(f"wa-input[name={name}] input").fill(value)

    async def fill_template(self, text: str) -> None:
        """Fill in the first template, as if it were pasted."""
        await self.root.locator(".cm-content").first.click()
        await self.page.keyboard.insert_text(text)

    async def submit(self) -> None:
        """Press the button."""
        await self.root.get_by_role("button", name="Submit").click()

    async def choose(self, option: str) -> None:
        """Choose from a menu."""
        await self.root.get_by_text(option, exact=True).first.click()

    async def finish(self) -> None:
        """Close the last step."""
        await self.root.get_by_role(
            "button", name=re.compile("finish", re.IGNORECASE)
        ).click()
        await expect(self.root).not_to_be_visible()
        # It then takes a step back in the browser's history, whatever was opened since.
        await self.page.wait_for_function("() => !history.state?.dialog")


async def visit(page: Page, path: str) -> None:
    """Go to a page right behind a dialog, whose own step back may come in between."""
    try:
        await page.goto(path)
    except Error as err:
        if "ERR_ABORTED" not in err.message:
            raise
        await page.goto(path)


async def test_from_nothing_to_a_switch(
    stack: RunningStack, page: Page, picture: Picture
) -> None:
    """Add a broker, make a device with a sensor and a switch, and use them."""
    dialog = Dialog(page)
    await page.goto("/config/integrations/dashboard")
    await page.get_by_role("button", name="Add integration").first.click()
    await page.locator("dialog-add-integration ha-input-search input").fill("MQTT over")
    await (
        page.locator("dialog-add-integration ha-integration-list-item")
        .filter(has_text="MQTT over WebSocket")
        .first.click()
    )

    await dialog.fill(url=stack.ws_url)
    await picture(page, "broker")
    # The broker's plain port is an easy mistake: it gets a reason, not "failed".
    await dialog.fill(url=f"ws://127.0.0.1:{stack.mqtt_port}/")
    await dialog.submit()
    alert = dialog.root.locator("ha-alert").first
    await expect(alert).to_be_visible()
    await expect(alert).not_to_contain_text("{")
    await picture(page, "broker-error")
    await dialog.fill(url=stack.ws_url)
    await dialog.submit()
    await dialog.finish()

    await visit(page, INTEGRATION)
    await page.get_by_role("button", name="Add device").click()
    await dialog.choose("Write it myself")
    await dialog.fill(name="Kitchen")
    await picture(page, "device")
    await dialog.submit()
    await dialog.choose("Sensor")
    await dialog.fill(name="Temperature", state_topic="home/livingroom/climate")
    await dialog.fill_template("{{ value_json.temperature }}")
    await picture(page, "sensor")
    await dialog.submit()
    await dialog.choose("Add an entity")
    await dialog.choose("Switch")
    await dialog.fill(
        name="Relay",
        command_topic="relay/kitchen/set",
        state_topic="relay/kitchen/state",
    )
    await picture(page, "switch")
    await dialog.submit()
    await dialog.choose("Add an entity")
    await dialog.choose("Light")
    await dialog.choose("JSON")
    await dialog.fill(name="Ceiling", command_topic="light/kitchen/set")
    await picture(page, "light")
    await dialog.submit()
    await expect(dialog.root.get_by_text("Relay (switch)")).to_be_visible()
    await expect(dialog.root.get_by_text("Ceiling (light)")).to_be_visible()
    await picture(page, "device-menu")
    # The way out is seen without scrolling, however much there is to choose.
    await expect(dialog.root.get_by_text("Save", exact=True).first).to_be_in_viewport()
    await dialog.choose("Save")
    await dialog.finish()

    await visit(page, "/config/devices/dashboard")
    await page.get_by_text("Kitchen", exact=True).first.click()
    await page.wait_for_url("**/config/devices/device/*")
    await expect(page.get_by_text(re.compile(r"^\d+\.\d+$")).first).to_be_visible()
    before = stack.call("GET", "states/switch.kitchen_relay")["state"]
    await page.locator("ha-entity-toggle ha-switch").first.click()
    # The relay hears its command at the broker and reports what it did.
    after = {"on": "off", "off": "on"}[before]
    await page.wait_for_function(
        """([entity, state]) => document.querySelector("home-assistant")
               .hass.states[entity].state === state""",
        arg=["switch.kitchen_relay", after],
    )
    await picture(page, "device-page")


_CONNECT = """(url) => new Promise((resolve, reject) => {
  window.heard = {};
  window.client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 5000 });
  client.on("error", reject);
  client.on("close", () => reject(new Error("closed")));
  client.on("message", (topic, payload) => { heard[topic] = payload.toString(); });
  client.on("connect", () => client.subscribe("#", { qos: 1 }, () => resolve()));
})"""


async def test_a_page_with_mqtt_js(
    stack: RunningStack, page: Page, context: BrowserContext, mqtt_js: Path
) -> None:
    """A page on the same broker sees what Home Assistant publishes, and is heard."""
    entry_id = broker_entry_id(stack)
    run_flow(
        stack,
        "subentries/flow",
        {"handler": [entry_id, "device"]},
        {"next_step_id": "write"},
        {"name": "Scene"},
        {"next_step_id": "sensor"},
        {"name": "Value", "state_topic": "scene/value"},
        {"next_step_id": "add_entity"},
        {"next_step_id": "switch"},
        {"name": "Lamp", "command_topic": "scene/lamp/set"},
        {"next_step_id": "finish"},
    )
    run_flow(
        stack,
        "subentries/flow",
        {"handler": [entry_id, "publish_rule"]},
        {
            "name": "Lamp",
            "entities": ["switch.scene_lamp"],
            "topic": "house/{{ object_id }}",
        },
        {"next_step_id": "save"},
    )

    dashboard = await context.new_page()
    # Browsers let only pages of this machine connect to this machine.
    await dashboard.goto(f"{stack.url}/manifest.json")
    await dashboard.add_script_tag(path=mqtt_js)
    await dashboard.evaluate(_CONNECT, stack.ws_url)

    await page.goto("/")
    await page.wait_for_function(
        """() => document.querySelector("home-assistant")?.hass
                   ?.states?.["switch.scene_lamp"]"""
    )
    await page.evaluate(
        """() => document.querySelector("home-assistant").hass.callService(
                   "switch", "turn_on", { entity_id: "switch.scene_lamp" })"""
    )
    await dashboard.wait_for_function("heard['scene/lamp/set'] === 'ON'")
    await dashboard.wait_for_function("heard['house/scene_lamp'] === 'on'")

    await dashboard.evaluate("client.publish('scene/value', '42')")
    await page.wait_for_function(
        """() => document.querySelector("home-assistant")
                   .hass.states["sensor.scene_value"].state === "42" """
    )
    await dashboard.evaluate("client.end(true)")
