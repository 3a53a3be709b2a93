"""From a topic that is heard to a switch that switches, without typing."""

import re

from playwright.async_api import Page, expect
import pytest

from tests.support.stack import RunningStack

from .conftest import Picture
from .flows import broker_entry_id
from .test_first_run import INTEGRATION, Dialog, visit

pytestmark = pytest.mark.browser

# Before a field has the focus, letters are shortcuts of the frontend.
_TYPING = """() => {
    let focused = document.activeElement;
    while (focused?.shadowRoot?.activeElement)
        focused = focused.shadowRoot.activeElement;
    return focused?.tagName === "INPUT";
}"""

_DEVICE = "Plug at my desk"
_SWITCH = "switch.plug_at_my_desk"


async def test_pick_what_is_heard(
    stack: RunningStack, page: Page, picture: Picture
) -> None:
    """Listen, pick a plug, review it, save it, and switch it."""
    broker_entry_id(stack)
    dialog = Dialog(page)
    await page.goto(INTEGRATION)
    await page.get_by_role("button", name="Add device").click()
    await expect(dialog.root.get_by_text("Write it myself")).to_be_visible()
    await picture(page, "new-device")
    await dialog.choose("Pick from what I hear")
    await expect(
        dialog.root.get_by_text(re.compile("^Topics are collected"))
    ).to_be_visible()
    await picture(page, "listen")
    await dialog.submit()
    await expect(
        dialog.root.get_by_text(re.compile(r"Topics so far: [1-9]"))
    ).to_be_visible()
    await picture(page, "listening")
    # It would go on for a minute, but who has heard enough need not wait.
    await expect(dialog.root.get_by_text("Show what was heard")).to_be_visible()
    await picture(page, "heard")
    await dialog.choose("Show what was heard")
    await expect(
        dialog.root.get_by_text(re.compile("topics were heard"))
    ).to_be_visible()
    await dialog.root.get_by_role("button", name="Devices").click()
    await picture(page, "pick")
    await page.wait_for_function(_TYPING)
    # What the list is searched for need not be at the beginning, nor be seen.
    await page.keyboard.type("linkquality")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("desk")
    await page.get_by_text(re.compile(r"Desk plug \(")).first.click()
    await page.keyboard.press("Escape")
    await dialog.submit()
    # Each is in the list to be ticked, and in the one to be changed.
    power = dialog.root.get_by_text(re.compile(r"Power: \d+ W")).first
    await expect(power).to_be_visible()
    await dialog.fill(name=_DEVICE)
    await dialog.root.get_by_text(re.compile("Voltage:")).first.click()
    await picture(page, "review")
    # One of them gets another name, in its own form and with its value.
    await dialog.root.locator("ha-select").click()
    await dialog.root.locator("ha-dropdown-item").filter(has_text="Power: ").click()
    await dialog.submit()
    await expect(dialog.root.get_by_text(re.compile(r"^\d+ W$"))).to_be_visible()
    await dialog.fill(name="Load")
    await picture(page, "edit-proposal")
    await dialog.submit()
    await expect(
        dialog.root.get_by_text(re.compile(r"Load: \d+ W")).first
    ).to_be_visible()
    await dialog.submit()
    await expect(dialog.root.get_by_text("Load (sensor)")).to_be_visible()
    await expect(dialog.root.get_by_text("Voltage (sensor)")).not_to_be_visible()
    await dialog.choose("Change an entity")
    await dialog.root.get_by_text("Energy (sensor)").click()
    await dialog.submit()
    # The form tells what the entity would show now.
    await expect(
        dialog.root.get_by_text(re.compile(r"^\d+\.\d\d kWh$"))
    ).to_be_visible()
    await picture(page, "edit-with-preview")
    await dialog.submit()
    await dialog.choose("Save")
    await dialog.finish()

    await visit(page, "/config/devices/dashboard")
    await page.get_by_text(_DEVICE, exact=True).first.click()
    await page.wait_for_url("**/config/devices/device/*")
    before = stack.call("GET", f"states/{_SWITCH}")["state"]
    await page.locator("ha-entity-toggle ha-switch").first.click()
    # The plug hears its command at the broker and reports what it did.
    after = {"on": "off", "off": "on"}[before]
    await page.wait_for_function(
        """([entity, state]) => document.querySelector("home-assistant")
               .hass.states[entity].state === state""",
        arg=[_SWITCH, after],
    )
    await picture(page, "picked-device")
