"""A real Home Assistant, and a browser that is logged in to it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
import json
import os
from pathlib import Path
import shutil
import subprocess
import tarfile

from playwright.async_api import BrowserContext, Page, async_playwright
import pytest

from scripts.dev.browser import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.support.stack import RunningStack, running_stack

from .flows import DOMAIN, broker_entry_id

_MQTT_JS = "mqtt@5.16.0"
_OUTPUT = Path(__file__).parent / "output"
# Where the README's pictures go: SCREENSHOTS=.github/images scripts/test tests/browser
_PICTURES = os.environ.get("SCREENSHOTS")

type Picture = Callable[[Page, str], Awaitable[None]]


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations() -> None:
    """Home Assistant runs in a process of its own here."""


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """Return a running Home Assistant with a broker and devices, but no entry of ours."""
    config = tmp_path_factory.mktemp("home-assistant")
    with running_stack(config, "--no-entry") as running:
        yield running


@pytest.fixture
def broker(stack: RunningStack, socket_enabled: None) -> Iterator[str]:
    """Return the entry of the broker; it goes again unless it was there before."""
    was_there = stack.call("GET", f"config/config_entries/entry?domain={DOMAIN}")
    entry_id = broker_entry_id(stack)
    yield entry_id
    if not was_there:
        stack.call("DELETE", f"config/config_entries/entry/{entry_id}")


@pytest.fixture
async def context(
    stack: RunningStack, socket_enabled: None, request: pytest.FixtureRequest
) -> AsyncIterator[BrowserContext]:
    """Return a browser that is logged in; a failure leaves a trace behind."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS
        )
        context = await browser.new_context(
            base_url=stack.url,
            locale="en-GB",
            viewport={"width": 1120, "height": 860},
            service_workers="block",
            reduced_motion="reduce",
        )
        await context.add_init_script(
            f"localStorage.setItem('hassTokens', {json.dumps(stack.login)})"
        )
        context.set_default_timeout(15_000)
        await context.tracing.start(screenshots=True, snapshots=True)
        failed = request.session.testsfailed
        yield context
        if request.session.testsfailed > failed:
            _OUTPUT.mkdir(exist_ok=True)
            await context.tracing.stop(path=_OUTPUT / f"{request.node.name}.zip")
        await browser.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """Return a page; scripts in it must not fail."""
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors


@pytest.fixture
def picture() -> Picture:
    """Return a function that takes a picture for the README, if they are asked for."""

    async def take(page: Page, name: str) -> None:
        if _PICTURES is None:
            return
        await page.wait_for_timeout(600)  # what moves has come to rest
        Path(_PICTURES).mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=Path(_PICTURES) / f"{name}.png")

    return take


@pytest.fixture(scope="package")
def mqtt_js(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return MQTT.js as one file for browsers."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm")
    folder = tmp_path_factory.mktemp("mqtt-js")
    subprocess.run(
        [npm, "pack", _MQTT_JS, "--silent"], cwd=folder, check=True, timeout=120
    )
    (packed,) = folder.glob("*.tgz")
    with tarfile.open(packed) as archive:
        archive.extract("package/dist/mqtt.min.js", folder, filter="data")
    return folder / "package" / "dist" / "mqtt.min.js"
