"""Ports, and child processes that end with their context."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
import socket

HOST = "127.0.0.1"


class StackError(Exception):
    """Something of the stack does not work; the message says what to do."""


def is_free(port: int) -> bool:
    """Whether a loopback port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose_port(wanted: int | None, default: int) -> int:
    """Return the wanted port, or the default, or any if the default is taken or 0 wanted.

    Raises StackError if a wanted port is taken.
    """
    if wanted:
        if not is_free(wanted):
            raise StackError(f"port {wanted} is in use; choose another, or 0 for any")
        return wanted
    if wanted is None and is_free(default):
        return default
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(
    *command: str, log: Path, stop_timeout: float = 20
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command, its output in a log file; stop it on the way out."""
    with log.open("wb") as output:
        # A session of its own: Ctrl-C reaches us alone, and we stop things in order.
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(stop_timeout):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def tail(log: Path, lines: int = 30) -> str:
    """Return the end of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
