"""The whole: a broker, simulated devices and Home Assistant, running together."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
import shutil
from typing import Self

import aiohttp

from .broker import BrokerKind, running_broker
from .devices import running_devices
from .home_assistant import (
    DOMAIN,
    RESTART_EXIT_CODE,
    Api,
    base_url,
    link_integration,
    running_home_assistant,
)
from .processes import HOST, StackError, choose_port, tail
from .seed import seed


@dataclass(kw_only=True)
class Stack:
    """An asynchronous context in which everything runs.

    Args:
        config: Home Assistant's configuration folder.
        port: Where Home Assistant listens. For all ports: None is the usual one, or any
            other if that is taken; 0 is any.
        mqtt_port: The broker's plain listener.
        ws_port: The broker's WebSocket listener.
        broker: Which broker; ``auto`` is Mosquitto where it is installed.
        fresh: Empty the configuration folder first.
        devices: Whether to simulate devices.
        entry: Whether to add a config entry for the broker.
        say: Is told what happens.
    """

    config: Path
    port: int | None = None
    mqtt_port: int | None = None
    ws_port: int | None = None
    broker: BrokerKind = "auto"
    fresh: bool = False
    devices: bool = True
    entry: bool = True
    say: Callable[[str], None] = print

    url: str = field(init=False)
    ws_url: str = field(init=False)
    mqtt_url: str = field(init=False)
    token: str = field(init=False, repr=False)
    api: Api = field(init=False, repr=False)

    @property
    def log_folder(self) -> Path:
        """Where the logs of broker and Home Assistant are."""
        return self.config / "run"

    async def __aenter__(self) -> Self:
        """Start everything. Raises StackError if something does not start."""
        async with AsyncExitStack() as stack:
            await self._start(stack)
            self._running = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop everything."""
        await self._running.aclose()
        self.say("all stopped")

    async def _start(self, stack: AsyncExitStack) -> None:
        port = choose_port(self.port, 8123)
        mqtt_port = choose_port(self.mqtt_port, 1883)
        ws_port = choose_port(self.ws_port, 9001)
        self.url = base_url(port)
        self.mqtt_url = f"mqtt://{HOST}:{mqtt_port}"
        self.ws_url = f"ws://{HOST}:{ws_port}/"
        if self.fresh:
            shutil.rmtree(self.config, ignore_errors=True)
        self.token = seed(self.config, HOST, port)
        link_integration(self.config)
        self.log_folder.mkdir(exist_ok=True)

        session = await stack.enter_async_context(aiohttp.ClientSession())
        self.api = Api(session, self.url, self.token)
        name = await stack.enter_async_context(
            running_broker(self.broker, mqtt_port, ws_port, self.log_folder)
        )
        self.say(f"broker: {name}")
        if self.devices:
            await stack.enter_async_context(running_devices(mqtt_port))
        self._home_assistant = await stack.enter_async_context(AsyncExitStack())
        await self._start_home_assistant()
        if self.entry:
            await self._add_entry()

    async def _start_home_assistant(self) -> None:
        log = self.log_folder / "home-assistant.log"
        self._process = await self._home_assistant.enter_async_context(
            running_home_assistant(self.config, self.api, log)
        )
        self.say("Home Assistant: running")

    async def _add_entry(self) -> None:
        try:
            state = await self.api.add_entry(
                DOMAIN, {"url": self.ws_url, "discovery": True}
            )
        except StackError as err:
            # The rest is useful without it, above all while the integration is broken.
            self.say(f"no config entry: {err}")
        else:
            self.say(f"config entry: {state}")

    async def wait(self) -> None:
        """Serve until cancelled; start Home Assistant again when it asks for that.

        Raises StackError if it ends otherwise.
        """
        while True:
            code = await self._process.wait()
            if code != RESTART_EXIT_CODE:
                end = tail(self.log_folder / "home-assistant.log")
                raise StackError(f"Home Assistant ended with {code}:\n{end}")
            self.say("Home Assistant: restarting")
            await self._home_assistant.aclose()
            await self._start_home_assistant()


async def run_until(stop: asyncio.Event, stack: Stack) -> None:
    """Let a running stack serve until the event is set."""
    serving = asyncio.create_task(stack.wait())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if serving.done():
        serving.result()
    serving.cancel()
    await asyncio.gather(serving, stopping, return_exceptions=True)
