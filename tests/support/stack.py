"""The stack of scripts/develop for tests that need a real Home Assistant: in processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import json
from pathlib import Path
import subprocess
import sys
import time
from typing import Any
import urllib.request

_ROOT = Path(__file__).parents[2]
_STOP_TIMEOUT = 30


@dataclass(frozen=True)
class RunningStack:
    """Where everything is. User and password are both ``dev``."""

    url: str
    token: str
    mqtt_url: str
    ws_url: str
    config: Path

    @property
    def mqtt_port(self) -> int:
        """Port of the broker's plain listener."""
        return int(self.mqtt_url.rpartition(":")[2])

    @property
    def log(self) -> str:
        """Home Assistant's log."""
        return (self.config / "run" / "home-assistant.log").read_text()

    @property
    def login(self) -> str:
        """Value of `hassTokens` in a browser's local storage that makes it logged in.

        The long-lived token poses as a short-lived one that never ends.
        """
        for_ever = 10 * 365 * 24 * 3600
        tokens = {
            "access_token": self.token,
            "token_type": "Bearer",
            "expires_in": for_ever,
            "expires": int((time.time() + for_ever) * 1000),
            "hassUrl": self.url,
            "clientId": f"{self.url}/",
            "refresh_token": "",
        }
        return json.dumps(tokens)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call Home Assistant's REST interface; blocks. ``path`` follows ``/api/``."""
        request = urllib.request.Request(
            f"{self.url}/api/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)


@contextmanager
def running_stack(config: Path, *options: str) -> Iterator[RunningStack]:
    """Run broker, devices and Home Assistant on free ports, as scripts/develop does.

    Args:
        config: An empty folder for the configuration.
        options: Those of scripts/develop, such as ``--no-devices``.
    """
    command = [sys.executable, "-m", "scripts.dev", "--json", f"--config={config}"]
    command += ["--port=0", "--mqtt-port=0", "--ws-port=0", *options]
    with subprocess.Popen(
        command, cwd=_ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            # It speaks on standard error when it can't.
            line = process.stdout.readline()
            assert line, "the stack did not start"
            where = json.loads(line)
            yield RunningStack(**{**where, "config": Path(where["config"])})
        finally:
            process.terminate()
            process.wait(_STOP_TIMEOUT)
