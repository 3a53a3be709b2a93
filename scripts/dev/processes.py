"""Ports, and child processes that end with their context."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
import itertools
import os
from pathlib import Path
import socket
from typing import Final

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


def _candidates() -> Iterator[int]:
    """Yield ports, over and over, each process from a place of its own.

    All are below those that systems give to connections: between our look and the
    program's start, such a port may become the near end of anybody's connection.
    """
    first, count = 11_000, 21_000
    begin = os.getpid() * 997 % count
    for step in itertools.count(begin):
        yield first + step % count


_CANDIDATES: Final = _candidates()


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    return next(filter(is_free, _CANDIDATES))


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
    return free_port()


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
