"""The broker of the development stack: Mosquitto, or one in Python."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import shutil
import sys
from typing import Literal

from .processes import HOST, StackError, is_free, running, tail

type BrokerKind = Literal["auto", "mosquitto", "amqtt"]


def find_mosquitto() -> str | None:
    """Return the path of Mosquitto; Debian has it where users don't look."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH')}:/usr/sbin")


def _mosquitto(
    executable: str, mqtt_port: int, ws_port: int, folder: Path
) -> list[str]:
    config = folder / "mosquitto.conf"
    lines = [
        "persistence false",
        "allow_anonymous true",
        f"listener {mqtt_port} {HOST}",
        f"listener {ws_port} {HOST}",
        "protocol websockets",
        "socket_domain ipv4",  # else a WebSocket listener ignores its address
    ]
    if os.geteuid() == 0:
        lines.insert(0, "user root")  # else it can't read files that are root's
    config.write_text("\n".join([*lines, ""]))
    return [executable, "-c", str(config)]


def _amqtt(mqtt_port: int, ws_port: int) -> list[str]:
    module = "scripts.dev.amqtt_broker"
    return [sys.executable, "-m", module, f"--tcp={mqtt_port}", f"--ws={ws_port}"]


@asynccontextmanager
async def running_broker(
    kind: BrokerKind, mqtt_port: int, ws_port: int, folder: Path
) -> AsyncIterator[str]:
    """Run a broker with a plain and a WebSocket listener; yield its name.

    Raises StackError if it does not start.
    """
    executable = None if kind == "amqtt" else find_mosquitto()
    if executable:
        name, command = "mosquitto", _mosquitto(executable, mqtt_port, ws_port, folder)
    elif kind == "mosquitto":
        raise StackError("mosquitto is not installed; --broker amqtt needs none")
    else:
        name, command = "amqtt", _amqtt(mqtt_port, ws_port)
    log = folder / f"{name}.log"
    async with running(*command, log=log, stop_timeout=5) as process:
        for _ in range(300):
            if process.returncode is not None:
                break
            if not is_free(mqtt_port) and not is_free(ws_port):
                yield name
                return
            await asyncio.sleep(0.05)
        raise StackError(f"the broker did not start:\n{tail(log)}")
