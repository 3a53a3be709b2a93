"""A program on loopback ports that a test starts, stops and restarts."""

import asyncio
from collections.abc import Mapping
import os
from pathlib import Path
import shutil
import signal
import tempfile
from typing import ClassVar, Self

import pytest

from .server import HOST, ServerDidNotStartError, free_port

_START_TIMEOUT = 45.0
_STOP_TIMEOUT = 10.0


def find_program(name: str) -> str:
    """Return a program's path; skip the test where it is not installed."""
    path = shutil.which(name, path=f"{os.environ.get('PATH')}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


class Program:
    """A server in a process group and a directory of its own.

    Subclasses write their configuration into ``directory`` and return the command. The
    ports stay the same over a restart.
    """

    executable: ClassVar[str]

    def __init__(self) -> None:
        """Choose the port. Nothing runs before `start`."""
        self.path = find_program(self.executable)
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix=f"{self.executable}-"))
        self._process: asyncio.subprocess.Process | None = None

    def command(self) -> list[str]:
        """Write the configuration and return the command."""
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        """Return the environment's additions."""
        return {}

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that accept connections once the program runs."""
        return (self.port,)

    @property
    def log(self) -> str:
        """Everything that the program has written."""
        return (self.directory / "log").read_text(errors="replace")

    async def prepare(self) -> None:
        """Do once what has to be done before the first start."""

    async def start(self) -> None:
        """Start, and return when all ports accept connections."""
        with (self.directory / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment()},
                cwd=self.directory,
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                for port in self.ports:
                    await self._until_accepting(port, self._process)
        except BaseException:
            await self.kill()
            raise

    async def _until_accepting(
        self, port: int, process: asyncio.subprocess.Process
    ) -> None:
        while not await self._accepts(port):
            if process.returncode is not None:
                raise ServerDidNotStartError(self.log)
            await asyncio.sleep(0.05)

    async def _accepts(self, port: int) -> bool:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            return False
        writer.close()
        return True

    async def stop(self) -> None:
        """Stop as an administrator would."""
        await self._signal(signal.SIGTERM)

    async def kill(self) -> None:
        """End without any good-bye."""
        await self._signal(signal.SIGKILL)

    async def _signal(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        # The group is this program's own: start_new_session.
        os.killpg(process.pid, number)
        try:
            async with asyncio.timeout(_STOP_TIMEOUT):
                await process.wait()
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def __aenter__(self) -> Self:
        """Start."""
        try:
            await self.prepare()
            await self.start()
        except BaseException:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop for good."""
        await self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)
