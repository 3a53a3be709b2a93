"""Real brokers other than Mosquitto, each with a WebSocket listener."""

import asyncio
from collections.abc import Mapping
import os
from pathlib import Path
import tempfile
from typing import ClassVar, override

import pytest

from .program import Program, find_program
from .server import HOST, free_port


class OtherBroker(Program):
    """A broker with a WebSocket listener."""

    path_of_url: ClassVar[str] = "/"
    #: What it does, for tests that depend on it.
    newest: ClassVar[str]
    qos2: ClassVar[bool] = True

    @property
    def url(self) -> str:
        """The URL of the WebSocket listener."""
        return f"ws://{HOST}:{self.port}{self.path_of_url}"


class Nats(OtherBroker):
    """NATS server with JetStream and MQTT."""

    executable: ClassVar = "nats-server"
    path_of_url: ClassVar = "/mqtt"
    newest: ClassVar = "3.1.1"
    qos2: ClassVar = False

    def __init__(self, extra_config: str = "") -> None:
        """Choose the ports."""
        super().__init__()
        self.mqtt_port = free_port()
        self._extra_config = extra_config

    @override
    def command(self) -> list[str]:
        config = self.directory / "nats.conf"
        config.write_text(f"""
server_name: test
host: {HOST}
port: {free_port()}
max_payload: 2MB
jetstream {{ store_dir: "{self.directory}/js" }}
mqtt {{ host: {HOST}, port: {self.mqtt_port} }}
websocket {{ host: {HOST}, port: {self.port}, no_tls: true }}
{self._extra_config}
""")
        return [self.path, "-c", str(config)]


class RabbitMq(OtherBroker):
    """RabbitMQ with its web-mqtt plugin. Takes ten seconds to start, or more."""

    executable: ClassVar = "rabbitmq-server"
    path_of_url: ClassVar = "/ws"
    # Version 3.12 and older; 3.13 and newer speak MQTT 5.
    newest: ClassVar = "3.1.1"
    qos2: ClassVar = False

    def __init__(self) -> None:
        """Choose the ports."""
        super().__init__()
        # The script in the PATH becomes another user, who may not write here.
        script = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
        self.path = str(script if script.exists() else self.path)
        self._epmd_port = free_port()
        self._epmd: asyncio.subprocess.Process | None = None

    @override
    def command(self) -> list[str]:
        here = self.directory
        (here / "enabled_plugins").write_text("[rabbitmq_mqtt,rabbitmq_web_mqtt].\n")
        (here / "rabbitmq.conf").write_text(
            f"listeners.tcp = none\n"
            f"mqtt.listeners.tcp = none\n"
            f"web_mqtt.tcp.ip = {HOST}\n"
            f"web_mqtt.tcp.port = {self.port}\n"
            f"mqtt.allow_anonymous = true\n"
            f"log.console = true\nlog.file = false\n"
        )
        return [self.path]

    @override
    def environment(self) -> Mapping[str, str]:
        here = str(self.directory)
        return {
            "HOME": here,
            "RABBITMQ_NODENAME": "test@localhost",
            "RABBITMQ_MNESIA_BASE": f"{here}/mnesia",
            "RABBITMQ_LOG_BASE": f"{here}/logs",
            "RABBITMQ_CONFIG_FILE": f"{here}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{here}/enabled_plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{here}/none",
            "RABBITMQ_PID_FILE": f"{here}/pid",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": HOST,
        }

    @override
    async def prepare(self) -> None:
        # Erlang would start a name server of its own that outlives the test.
        self._epmd = await asyncio.create_subprocess_exec(
            find_program("epmd"),
            "-port",
            str(self._epmd_port),
            "-address",
            HOST,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

    @override
    async def __aexit__(self, *exc: object) -> None:
        await super().__aexit__(*exc)
        if self._epmd is not None and self._epmd.returncode is None:
            self._epmd.kill()
            await self._epmd.wait()


_AEDES_SCRIPT = """
import { Aedes } from 'aedes'
import { createServer } from 'node:http'
import { WebSocketServer, createWebSocketStream } from 'ws'
const broker = await Aedes.createBroker()
const server = createServer()
const sockets = new WebSocketServer({ server, handleProtocols: () => 'mqtt' })
sockets.on('connection', (socket, request) => {
  const stream = createWebSocketStream(socket)
  stream.on('error', () => {})
  broker.handle(stream, request)
})
server.listen(Number(process.argv[2]), '127.0.0.1')
"""
_AEDES_PACKAGES = ("aedes@1.2.0", "ws@8.23.0")
_AEDES_HOME = Path(tempfile.gettempdir()) / f"mqtt-websocket-aedes-{os.getuid()}"


class Aedes(OtherBroker):
    """Aedes with ws, on Node.js; npm fetches them once into a temporary directory."""

    executable: ClassVar = "node"
    newest: ClassVar = "3.1.1"

    @override
    async def prepare(self) -> None:
        node = await asyncio.create_subprocess_exec(
            self.path, "--version", stdout=asyncio.subprocess.PIPE
        )
        version = (await node.communicate())[0].decode().strip()
        if int(version[1:].partition(".")[0]) < 20:
            pytest.skip(f"aedes needs Node.js 20, not {version}")
        if not (_AEDES_HOME / "node_modules" / "aedes").is_dir():
            _AEDES_HOME.mkdir(mode=0o700, exist_ok=True)
            npm = await asyncio.create_subprocess_exec(
                find_program("npm"),
                "install",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
                f"--prefix={_AEDES_HOME}",
                *_AEDES_PACKAGES,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            output, _ = await npm.communicate()
            if npm.returncode:
                pytest.skip(f"npm could not install aedes: {output.decode()[-200:]}")
        (_AEDES_HOME / "broker.mjs").write_text(_AEDES_SCRIPT)

    @override
    def command(self) -> list[str]:
        return [self.path, str(_AEDES_HOME / "broker.mjs"), str(self.port)]
