"""The broker that the documentation sets up is one that can be added."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import re
from typing import Final

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.mqtt_websocket.const import DOMAIN
from scripts.dev.processes import running

from .support.server import MOSQUITTO, free_port

_ROOT: Final = Path(__file__).parents[1]
_LINES: Final = re.compile(
    r"^```\n(?P<lines>[^`]*^protocol websockets$[^`]*)^```$", re.MULTILINE
)


@asynccontextmanager
async def _mosquitto(lines: str, folder: Path) -> AsyncIterator[int]:
    """Run Mosquitto with these lines on free ports; yield that of the WebSockets."""
    assert MOSQUITTO is not None
    config, log = folder / "mosquitto.conf", folder / "log"
    if os.geteuid() == 0:
        lines += "user root\n"  # else it can't read what is root's
    plain, websocket = free_port(), free_port()
    config.write_text(lines.replace("1883", str(plain)).replace("9001", str(websocket)))
    async with running(MOSQUITTO, "-c", str(config), log=log) as process:
        async with asyncio.timeout(20):
            while " running\n" not in log.read_text():
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.02)
        yield websocket


@pytest.mark.skipif(MOSQUITTO is None, reason="needs Mosquitto")
@pytest.mark.parametrize("page", ["README.md", "docs/installation.md"])
async def test_mosquitto(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path, page: str
) -> None:
    """Mosquitto starts with these lines and nothing else, and lets Home Assistant in."""
    found = _LINES.search((_ROOT / page).read_text("utf-8"))
    assert found is not None
    async with _mosquitto(found["lines"], tmp_path) as port:
        result = await hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": "user"},
            data={"url": f"ws://127.0.0.1:{port}/"},
        )
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(result["result"].entry_id)
