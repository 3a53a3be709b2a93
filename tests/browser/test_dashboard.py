"""The example page of the documentation, as somebody uses it."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
import shutil
from threading import Thread
from typing import override

import aiomqtt
from playwright.async_api import Page, expect
import pytest

from tests.support.stack import RunningStack

from .flows import run_flow

pytestmark = pytest.mark.browser

DASHBOARD = Path(__file__).parents[2] / "docs" / "dashboard"
ENTITY = "switch.dashboard_lamp"


@pytest.fixture
def site(mqtt_js: Path, tmp_path: Path, socket_enabled: None) -> Iterator[str]:
    """Return where the page is served, with MQTT.js beside it.

    From this machine: browsers let no other page connect to this machine.
    """
    for file in DASHBOARD / "index.html", mqtt_js:
        shutil.copy(file, tmp_path)
    handler = partial(QuietHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files, and writes no log."""

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


async def test_dashboard(
    stack: RunningStack, broker: str, page: Page, site: str
) -> None:
    """It shows what Home Assistant publishes, as it changes, and switches an entity."""
    run_flow(
        stack,
        "subentries/flow",
        {"handler": [broker, "device"]},
        {"next_step_id": "write"},
        {"name": "Dashboard"},
        {"next_step_id": "switch"},
        {"name": "Lamp", "command_topic": "dashboard_lamp"},
        {"next_step_id": "finish"},
    )
    run_flow(
        stack,
        "subentries/flow",
        {"handler": [broker, "publish_rule"]},
        {
            "name": "Dashboard",
            "entities": [ENTITY],
            "base": "house",
            "command_options": {"commands": True, "command_errors": True},
        },
        {"next_step_id": "save"},
    )

    await page.goto(f"{site}/index.html")
    await page.get_by_label("Broker").fill(stack.ws_url)
    await page.get_by_label("Base topic").fill("house")
    await page.get_by_role("button", name="Connect").click()
    await expect(page.get_by_role("status")).to_have_text("Connected")

    row = page.locator(f"[data-entity='{ENTITY}']")
    state = row.locator("td").nth(1)
    for service in "turn_on", "turn_off":
        stack.call("POST", f"services/switch/{service}", {"entity_id": ENTITY})
        await expect(state).to_have_text(service.removeprefix("turn_"))

    await row.get_by_role("button", name="Toggle").click()
    await expect(state).to_have_text("on")
    assert stack.call("GET", f"states/{ENTITY}")["state"] == "on"

    async with aiomqtt.Client("127.0.0.1", stack.mqtt_port, timeout=5) as client:
        await client.publish("house/switch/dashboard_lamp/set", "maybe", qos=1)
    await expect(page.get_by_role("alert")).to_contain_text("ON, OFF, TOGGLE")
