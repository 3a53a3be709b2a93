"""scripts/bench ends all that it started when it is told to."""

import asyncio
import contextlib
import os
from pathlib import Path
import signal
import sys

import pytest

from ..support.server import MOSQUITTO

ROOT = Path(__file__).parents[2]
PARTS = ("mosquitto", "tests.benchmarks.bridge", "tests.benchmarks.home_assistant")


def _command(pid: int) -> str:
    """Return the command line of a process, or nothing if there is none."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def _descendants(pid: int) -> dict[int, str]:
    """Return the command lines of what a process started, and what that started."""
    found: dict[int, str] = {}
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, children.read_text().split()):
                found |= {child: _command(child)} | _descendants(child)
    return found


@pytest.mark.skipif(MOSQUITTO is None, reason="scripts/bench needs Mosquitto")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signal_stops_everything(number: signal.Signals, tmp_path: Path) -> None:
    """Broker, bridge and Home Assistant are gone when the command has ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks", "packed", "--output", tmp_path),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    started: dict[int, str] = {}
    try:
        async with asyncio.timeout(60):
            while not all(
                any(part in command for command in started.values()) for part in PARTS
            ):
                assert process.returncode is None
                started = _descendants(process.pid)
                await asyncio.sleep(0.05)
            process.send_signal(number)
            _, told = await process.communicate()
        assert told.decode().splitlines()[-1] == "bench: stopped"
        assert process.returncode == 130
        assert not [each for pid, each in started.items() if _command(pid) == each]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        for pid, command in started.items():
            if _command(pid) == command:
                os.kill(pid, signal.SIGKILL)
    assert list(tmp_path.iterdir()) == []
