"""Home Assistant as a child process, and its REST interface."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
import sys
from typing import Any

import aiohttp

from .processes import HOST, StackError, running, tail

DOMAIN = "mqtt_websocket"
RESTART_EXIT_CODE = 100
_INTEGRATION = Path(__file__).parents[2] / "custom_components" / DOMAIN
_START_TIMEOUT = 120.0


class Api:
    """A few calls of Home Assistant's REST interface."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        """Talk to the instance at this URL."""
        self._session = session
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer. Raises StackError if it is an error."""
        async with self._session.request(
            method, f"{self._url}/api/{path}", json=body, headers=self._headers
        ) as response:
            if response.status >= 400:
                text = (await response.text())[:500]
                raise StackError(f"{path} answered {response.status}: {text}")
            return await response.json()

    async def add_entry(self, domain: str, values: dict[str, Any]) -> str:
        """Walk through a config flow with one step; return what became of it."""
        base = "config/config_entries"
        query = f"{base}/entry?domain={domain}"
        if entries := await self.call("GET", query):
            return f"there already, {entries[0]['state']}"
        flow = await self.call("POST", f"{base}/flow", {"handler": domain})
        if flow["type"] == "form":
            flow = await self.call("POST", f"{base}/flow/{flow['flow_id']}", values)
        if flow["type"] != "create_entry":
            shown = {key: flow.get(key) for key in ("type", "errors", "reason")}
            raise StackError(f"the config flow of {domain} ended with {shown}")
        for _ in range(50):  # it is set up after the answer
            (entry,) = await self.call("GET", query)
            if entry["state"] not in ("not_loaded", "setup_in_progress"):
                break
            await asyncio.sleep(0.1)
        return f"created, {entry['state']}, {entry['reason'] or 'no complaint'}"

    async def is_running(self) -> bool:
        """Whether the instance has started up."""
        with suppress(aiohttp.ClientError, StackError, TimeoutError):
            return bool((await self.call("GET", "config"))["state"] == "RUNNING")
        return False


def link_integration(config: Path) -> None:
    """Let the instance load the integration from the work tree."""
    link = config / "custom_components" / DOMAIN
    link.parent.mkdir(exist_ok=True)
    if link.is_symlink() and link.readlink() != _INTEGRATION:
        link.unlink()
    if not link.exists():
        link.symlink_to(_INTEGRATION, target_is_directory=True)


@asynccontextmanager
async def running_home_assistant(
    config: Path, api: Api, log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run Home Assistant; yield when it has started up.

    Raises StackError if it ends before that, or takes too long.
    """
    # Everything it needs is installed. It would try to compile two packages, which are
    # there in newer versions than it asks for.
    command = [sys.executable, "-m", "homeassistant", "--skip-pip", "-c", str(config)]
    async with running(*command, log=log) as process:
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                while not await api.is_running():
                    if process.returncode is not None:
                        raise StackError(f"Home Assistant ended:\n{tail(log)}")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise StackError(f"Home Assistant hangs:\n{tail(log)}") from None
        yield process


def base_url(port: int) -> str:
    """Return the address of an instance on this machine."""
    return f"http://{HOST}:{port}"
