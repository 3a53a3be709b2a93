"""What a second connection tells about the first: certificates, and where time went."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
import socket
import ssl
from typing import Any, override

import aiohttp
import aiohttp.abc
import pytest
import pytest_socket

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.websocket import session_arguments
from tests.support.certificates import CertificateAuthority
from tests.support.scripted import accepting, until_closed, websocket_server
from tests.support.server import HOST

from .conftest import MakeBroker
from .test_connect import Names, refusal, trusting

DAY = 24 * 60 * 60


def _context(
    authority: CertificateAuthority, directory: Path, *, days: int = 90
) -> ssl.SSLContext:
    """Return what a server with a new certificate of this authority needs."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate = authority.issue(days=days)
    context.load_cert_chain(*certificate.write(directory, f"server{days}"))
    return context


async def test_a_server_that_is_gone_at_the_second_look(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """It has shown its certificate once, and that it is unknown is all there is."""
    context = _context(CertificateAuthority(), tmp_path)
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections == 1:
            with suppress(OSError):
                await writer.start_tls(context)
        writer.close()

    server = await asyncio.start_server(serve, HOST)
    port = server.sockets[0].getsockname()[1]
    async with server:
        err = await refusal(http, f"wss://{HOST}:{port}/")
    assert type(err) is errors.CertificateUnknownIssuer
    assert err.details["issuer"] == err.details["fingerprint"] == "?"
    assert err.details["reason"]
    assert connections == 2


class TwoAddresses(Names):
    """A name server for a host that can be reached on the second address only."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        (found,) = await super().resolve(host, port, family)
        return [{**found, "host": "127.0.0.2"}, found]


@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_a_host_with_an_address_that_nobody_answers(
    socket_enabled: None, tmp_path: Path, scheme: str
) -> None:
    """The certificate counts, though aiohttp goes on to the other address."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "127.0.0.2"], allow_unix_socket=True)
    connector = aiohttp.TCPConnector(resolver=TwoAddresses())
    context = _context(CertificateAuthority(), tmp_path)
    async with (
        aiohttp.ClientSession(connector=connector, **session_arguments()) as http,
        websocket_server(until_closed, tls=context) as url,
    ):
        port = url.rstrip("/").rpartition(":")[2]
        err = await refusal(http, f"{scheme}://broker.example:{port}/")
    if scheme == "wss":
        assert type(err) is errors.CertificateUnknownIssuer
        assert err.details["issuer"] == "CN=Test authority"
        assert len(err.details["fingerprint"]) == 95
    else:
        assert type(err) is errors.TlsExpected


async def test_a_certificate_that_is_renewed(
    make_broker: MakeBroker, tmp_path: Path
) -> None:
    """It is known without a new connection, and kept while the server is away."""
    authority = CertificateAuthority()
    context = _context(authority, tmp_path, days=10)
    async with websocket_server(accepting(until_closed), tls=context) as url:
        broker = await make_broker(url, ssl=trusting(authority.pem))
        first = broker.certificate_expiry
        assert first is not None
        await broker.look_at_certificate()
        assert broker.certificate_expiry == first
        renewed = authority.issue(days=80).write(tmp_path, "renewed")
        context.load_cert_chain(*renewed)
        await broker.look_at_certificate()
        assert broker.certificate_expiry == pytest.approx(first + 70 * DAY, abs=60)
        second = broker.certificate_expiry
        assert broker.counters.connections == 1
    await broker.look_at_certificate()
    assert broker.certificate_expiry == second
    await broker.stop()


async def test_no_certificate_where_there_is_no_tls(make_broker: MakeBroker) -> None:
    """Nobody is asked for one."""
    requests: list[object] = []
    script = accepting(until_closed)
    async with websocket_server(script, seen=requests.append) as url:
        broker = await make_broker(url)
        await broker.look_at_certificate()
        assert broker.certificate_expiry is None
        assert len(requests) == 1
        await broker.stop()


# --- where the time went ------------------------------------------------------------------


@asynccontextmanager
async def _never_upgrading(
    context: ssl.SSLContext, asked: asyncio.Event
) -> AsyncIterator[str]:
    """Take the request for an upgrade, and leave it at that."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            asked.set()
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, HOST, ssl=context)
    try:
        yield f"wss://{HOST}:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


class SlowConnects:
    """The event loop's ``sock_connect``; the first waits for a second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take its place."""
        loop = asyncio.get_running_loop()
        self.count = 0
        self.first_may = asyncio.Event()
        self._connect = loop.sock_connect
        monkeypatch.setattr(loop, "sock_connect", self)

    async def __call__(self, sock: socket.socket, address: Any) -> None:
        """Connect, or not."""
        self.count += 1
        if self.count == 1:
            await self.first_may.wait()
        else:
            await self.before_second()
        await self._connect(sock, address)

    async def before_second(self) -> None:
        """Do what delays the second, or makes it fail."""


async def test_timed_out_in_the_upgrade_of_wss(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """TCP and TLS were quick: there is nothing to look into."""
    authority = CertificateAuthority()
    context = _context(authority, tmp_path)
    async with _never_upgrading(context, asyncio.Event()) as url:
        err = await refusal(http, url, timeout=2.0, ssl=trusting(authority.pem))
    assert type(err) is errors.UpgradeTimedOut


async def test_tls_that_is_through_before_the_second_look(
    http: aiohttp.ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it is the upgrade that takes too long, however long TCP took before."""
    asked = asyncio.Event()

    class UntilAsked(SlowConnects):
        @override
        async def before_second(self) -> None:
            self.first_may.set()
            await asked.wait()

    authority = CertificateAuthority()
    context = _context(authority, tmp_path)
    async with _never_upgrading(context, asked) as url:
        connects = UntilAsked(monkeypatch)
        err = await refusal(http, url, timeout=3.0, ssl=trusting(authority.pem))
    assert type(err) is errors.UpgradeTimedOut
    assert connects.count == 2


async def test_a_host_that_refuses_the_second_look(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first connection was never made: that is what is told."""

    class Refused(SlowConnects):
        @override
        async def before_second(self) -> None:
            raise ConnectionRefusedError

    connects = Refused(monkeypatch)
    err = await refusal(http, "wss://192.0.2.1/", timeout=0.5)
    assert type(err) is errors.ConnectTimedOut
    assert connects.count == 2
