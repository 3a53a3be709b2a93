"""The other end of a Home Assistant in a process of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
import json
from pathlib import Path
import sys
import tempfile
from typing import Any

from scripts.dev.home_assistant import link_integration

_LONGEST_LINE = 64 * 1024 * 1024

CONFIGURATION = """\
homeassistant:
  name: Bench
  latitude: 52.37
  longitude: 4.89
  elevation: 0
  unit_system: metric
  time_zone: Europe/Amsterdam
  country: NL
  currency: EUR
  language: en
logger:
  default: error
"""
RECORDER = """\
recorder:
"""


class BenchError(Exception):
    """A command failed; the message says which, and why."""


class Child:
    """Calls the commands of ``home_assistant.Instance``."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        """Take a process that runs."""
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def call(self, name: str, *arguments: Any) -> Any:
        """Run a command there and return its result. Raises BenchError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = b""
        with suppress(ConnectionError):
            self._process.stdin.write(json.dumps([name, *arguments]).encode() + b"\n")
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"{name}: the process ended"}
        if "error" in answer:
            log = self._log.read_text(errors="replace")[-3000:]
            raise BenchError(f"{answer['error']}\n{log}")
        return answer["result"]


@asynccontextmanager
async def home_assistant(side: str, *, recorder: bool = False) -> AsyncIterator[Child]:
    """Run a Home Assistant for one of the sides, ``core`` or ``ours``, without entry."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        link_integration(folder)
        (folder / "configuration.yaml").write_text(
            CONFIGURATION + (RECORDER if recorder else "")
        )
        log = folder / "bench.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.benchmarks.home_assistant"),
                *(side, str(folder)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                limit=_LONGEST_LINE,
                start_new_session=True,
            )
        child = Child(process, log)
        try:
            await child.call("start")
            yield child
            await child.call("stop")
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
