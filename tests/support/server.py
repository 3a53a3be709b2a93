"""A real MQTT server on loopback ports that a test starts, stops, restarts and freezes."""

import asyncio
import base64
from collections.abc import Mapping
import hashlib
import os
from pathlib import Path
import shutil
import signal
import sys
import tempfile
from typing import Literal, Self

import pytest

from scripts.dev.processes import HOST, free_port

from .certificates import CertificateAuthority

__all__ = ["HOST", "MOSQUITTO", "MqttServer", "ServerDidNotStartError", "free_port"]

# TEST_BROKER=amqtt tells how the tests fare on a machine without Mosquitto.
MOSQUITTO = (
    None
    if os.environ.get("TEST_BROKER") == "amqtt"
    else shutil.which("mosquitto", path=f"{os.environ.get('PATH')}:/usr/sbin")
)
_START_TIMEOUT = 15.0
_STOP_TIMEOUT = 5.0


def _password_line(user: str, password: str) -> str:
    """Return a line of Mosquitto's password file (PBKDF2 with SHA-512)."""
    salt, rounds = os.urandom(12), 101
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    parts = [base64.b64encode(part).decode() for part in (salt, digest)]
    return f"{user}:$7${rounds}${parts[0]}${parts[1]}\n"


class ServerDidNotStartError(Exception):
    """The server ended or stayed silent; the message is its log."""


class MqttServer:
    """Mosquitto with a plain and a WebSocket listener, and a TLS one if asked for.

    The ports stay the same for the whole life of the object, so that clients can come
    back after `restart`. Where Mosquitto is not installed a broker in Python (amqtt)
    takes its place; a test that needs what it can't do is skipped.

    Args:
        users: Names and passwords. Anonymous clients are refused if there are any.
        acl: Content of Mosquitto's access control file. It refuses publishes and
            deliveries but never a SUBSCRIBE; Mosquitto 2.0.11 also ends the
            connection of a client whose publish it refused.
        tls: Also listen on `wss_url`, with a certificate of `authority`.
        client_certificate: Demand a certificate of `authority` on the `wss_url`.
        persistent: Keep retained messages and sessions over a restart.
        extra_config: Lines of Mosquitto's configuration, after everything else; an
            option of a listener belongs to the last one (WebSocket, or TLS).
        verbose: Log every packet. A benchmark has better uses for the time.
    """

    def __init__(
        self,
        *,
        users: Mapping[str, str] | None = None,
        acl: str | None = None,
        tls: bool = False,
        client_certificate: bool = False,
        persistent: bool = False,
        extra_config: str = "",
        verbose: bool = True,
    ) -> None:
        """Choose the ports. Nothing runs before `start`."""
        self.kind: Literal["mosquitto", "amqtt"] = "mosquitto" if MOSQUITTO else "amqtt"
        self.authority = CertificateAuthority() if tls or client_certificate else None
        self._users = dict(users or {})
        self._acl = acl
        self._client_certificate = client_certificate
        self._persistent = persistent
        self._extra_config = extra_config
        self._verbose = verbose
        self._directory: Path | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._choose_ports()
        if self.kind == "amqtt" and (
            users or acl or client_certificate or persistent or extra_config
        ):
            pytest.skip("needs Mosquitto: the broker in Python knows no such option")

    def _choose_ports(self) -> None:
        self.port, self.ws_port, wss_port = (free_port() for _ in range(3))
        self.wss_port = wss_port if self.authority else 0

    @property
    def ws_url(self) -> str:
        """URL of the WebSocket listener."""
        return f"ws://{HOST}:{self.ws_port}/"

    @property
    def wss_url(self) -> str:
        """URL of the TLS listener; its certificate names ``localhost`` and 127.0.0.1."""
        assert self.authority, "the server was made without tls"
        return f"wss://{HOST}:{self.wss_port}/"

    @property
    def ca_pem(self) -> str:
        """Certificate of the authority that signed the TLS listener's."""
        assert self.authority, "the server was made without tls"
        return self.authority.pem

    @property
    def mqtt5(self) -> bool:
        """Whether the server speaks MQTT 5 besides 3.1.1."""
        return self.kind == "mosquitto"

    def require_mosquitto(self, why: str) -> None:
        """Skip the test where the broker in Python does not do what MQTT says."""
        if self.kind != "mosquitto":
            pytest.skip(f"needs Mosquitto: the broker in Python {why}")

    def require_mqtt5(self) -> None:
        """Skip the test if the server speaks MQTT 3.1.1 only."""
        if not self.mqtt5:
            pytest.skip("needs Mosquitto: the broker in Python speaks 3.1.1 only")

    @property
    def log(self) -> str:
        """Everything that the server has logged, over restarts."""
        if self._directory is None:
            return ""
        return (self._directory / "log").read_text(errors="replace")

    @property
    def running(self) -> bool:
        """Whether the process lives, frozen or not."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the server and return when all its listeners accept connections."""
        assert not self.running, "the server runs already"
        first = self._directory is None
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="mqtt-server-"))
        for last in (False, False, True):
            try:
                await self._start_process(self._directory)
            except ServerDidNotStartError as err:
                # Somebody took a port between its choice and our use of it.
                if last or not first or "in use" not in str(err):
                    raise
                self._choose_ports()
            else:
                return

    async def stop(self) -> None:
        """Stop the server as an administrator would. Nothing happens if it is stopped."""
        if self._process is None or self._process.returncode is not None:
            return
        self.thaw()
        self._process.terminate()
        try:
            async with asyncio.timeout(_STOP_TIMEOUT):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End the server without any good-bye."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def restart(self) -> None:
        """Stop the server and start it again, on the same ports."""
        await self.stop()
        await self.start()

    def freeze(self) -> None:
        """Make the server silent: connections stay open, nobody answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def close(self) -> None:
        """End the server and remove its files."""
        await self.kill()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    async def __aenter__(self) -> Self:
        """Start the server."""
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop the server for good."""
        await self.close()

    async def _start_process(self, directory: Path) -> None:
        """Run the server and wait for the line with which it says that it listens."""
        if self.kind == "mosquitto":
            ready, command = " running\n", self._mosquitto(directory)
        else:
            ready, command = "listening\n", self._amqtt(directory)
        with (directory / "log").open("ab") as log:
            seen = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                while ready not in self.log[seen:]:
                    if self._process.returncode is not None:
                        raise ServerDidNotStartError(self.log[seen:])
                    await asyncio.sleep(0.005)
        except TimeoutError:
            await self.kill()
            raise ServerDidNotStartError(self.log[seen:]) from None

    def _mosquitto(self, directory: Path) -> list[str]:
        """Write the configuration and return the command."""
        lines = [
            "log_dest stderr",
            # "information" has the line that tells that it listens.
            f"log_type {'all' if self._verbose else 'information'}",
            # A message to a slow client waits for it rather than being dropped.
            "max_queued_messages 0",
            f"persistence {str(self._persistent).lower()}",
            f"persistence_location {directory}/",
            f"allow_anonymous {str(not self._users).lower()}",
        ]
        if os.geteuid() == 0:
            # It would become the user `mosquitto`, who may read nothing here.
            lines.append("user root")
        if self._users:
            passwords = directory / "passwords"
            passwords.write_text(
                "".join(_password_line(*user) for user in self._users.items())
            )
            lines.append(f"password_file {passwords}")
        if self._acl is not None:
            acl = directory / "acl"
            acl.write_text(self._acl)
            lines.append(f"acl_file {acl}")
        # Without the address family a WebSocket listener ignores its address and
        # opens all of the machine's (Mosquitto 2.0).
        websocket = ["protocol websockets", "socket_domain ipv4"]
        lines += [f"listener {self.port} {HOST}"]
        lines += [f"listener {self.ws_port} {HOST}", *websocket]
        if self.authority:
            certificate, key = self.authority.issue().write(directory, "server")
            ca = directory / "ca.pem"
            ca.write_text(self.authority.pem)
            lines += [
                f"listener {self.wss_port} {HOST}",
                *websocket,
                f"certfile {certificate}",
                f"keyfile {key}",
            ]
            if self._client_certificate:
                lines += [f"cafile {ca}", "require_certificate true"]
        config = directory / "mosquitto.conf"
        config.write_text("\n".join([*lines, self._extra_config, ""]))
        assert MOSQUITTO is not None
        return [MOSQUITTO, "-c", str(config)]

    def _amqtt(self, directory: Path) -> list[str]:
        command = [sys.executable, "-m", "scripts.dev.amqtt_broker"]
        command += [f"--tcp={self.port}", f"--ws={self.ws_port}"]
        if self.authority:
            certificate, key = self.authority.issue().write(directory, "server")
            command += [f"--wss={self.wss_port}"]
            command += [f"--certificate={certificate}", f"--key={key}"]
        return command
