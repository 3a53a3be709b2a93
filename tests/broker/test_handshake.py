"""Answers to the upgrade that no good server gives, and deadlines in each phase."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
import errno
import hashlib
from pathlib import Path
import socket
import ssl

import aiohttp
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.broker import probe
from tests.support.certificates import CertificateAuthority
from tests.support.scripted import CONNACK_5
from tests.support.server import HOST

from .conftest import settings_for
from .test_connect import refusal

type Head = Callable[[bytes], bytes]


def _accept(key: bytes) -> bytes:
    """Return the answer to a key (RFC 6455 section 4.2.2)."""
    guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(key + guid).digest())


def _good(key: bytes) -> bytes:
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + _accept(key) + b"\r\n"
        b"Sec-WebSocket-Protocol: mqtt\r\n\r\n"
    )


@asynccontextmanager
async def answering(
    head: Head, context: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Answer the upgrade with these bytes, and what comes then with CONNACK."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            (key,) = (
                line.split(b":", 1)[1].strip()
                for line in request.split(b"\r\n")
                if line.lower().startswith(b"sec-websocket-key:")
            )
            writer.write(head(key))
            if await reader.read(1):
                writer.write(b"\x82" + bytes([len(CONNACK_5)]) + CONNACK_5)
                await reader.read()
        except OSError, asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HOST, ssl=context)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"ws{'s' if context else ''}://{HOST}:{port}/"
    finally:
        # Not to wait for aiohttp, which keeps some connections for 15 s.
        server.close()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"", b""),
        (b"Accept: ", b"Accept:"),
        (b"Accept: ", b"Accept:\t"),
        (b"Connection: Upgrade", b"connection: UPGRADE"),
        (b"\r\n\r\n", b"\r\nX-Connection-Id: 42\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nX-Name: \xe9\r\n\r\n"),
        (
            b"\r\n\r\n",
            b"\r\nAccess-Control-Expose-Headers: Sec-WebSocket-Accept\r\n\r\n",
        ),
        (b"Sec-WebSocket-Protocol: mqtt\r\n", b""),
        (b"HTTP/1.1 101", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101"),
    ],
)
async def test_good_answers(
    http: aiohttp.ClientSession, old: bytes, new: bytes
) -> None:
    """Variants that servers in the field use, and that other clients fail on."""
    async with answering(lambda key: _good(key).replace(old, new, 1)) as url:
        assert await probe(http, settings_for(url)) == "5"


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (b"Upgrade: websocket", b"Upgrade: h2c", errors.InvalidHandshake),
        (b"Accept: ", b"Accept: x", errors.InvalidHandshake),
        (b"Connection: Upgrade\r\n", b"", errors.InvalidHandshake),
        (b"101 Switching Protocols", b"200 OK", errors.UpgradeRefused),
        (b"HTTP/1.1 101", b"SSH-2.0 101", errors.NotHttp),
        (b"Protocol: mqtt", b"Protocol: graphql-ws", errors.WrongSubprotocol),
        (b"101 Switching Protocols", b"407 Log in", errors.ProxyUnauthorized),
    ],
)
async def test_broken_answers(
    http: aiohttp.ClientSession,
    old: bytes,
    new: bytes,
    error: type[errors.ConnectError],
) -> None:
    """Each is refused at once, with what is wrong."""
    async with answering(lambda key: _good(key).replace(old, new, 1)) as url:
        async with asyncio.timeout(5):
            err = await refusal(http, url)
    assert type(err) is error


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 101 Switching Pro"])
async def test_half_an_answer(http: aiohttp.ClientSession, head: bytes) -> None:
    """Bounded by the deadline."""
    async with answering(lambda _: head) as url:
        err = await refusal(http, url, timeout=1.0)
    assert type(err) is errors.UpgradeTimedOut


# --- deadlines ----------------------------------------------------------------------------


async def test_timed_out_in_tls(http: aiohttp.ClientSession) -> None:
    """TCP gets through, and then nobody answers."""
    async with answering(lambda _: b"") as url:
        err = await refusal(http, url.replace("ws:", "wss:"), timeout=2.0)
    assert type(err) is errors.TlsTimedOut


@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_timed_out_in_tcp(http: aiohttp.ClientSession, scheme: str) -> None:
    """A port that swallows what comes: a full queue of connections does."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        others = []
        try:
            for _ in range(4):
                other = socket.socket()
                other.setblocking(False)
                other.connect_ex((HOST, port))
                others.append(other)
            err = await refusal(http, f"{scheme}://{HOST}:{port}/", timeout=0.5)
        finally:
            for other in others:
                other.close()
    assert type(err) is errors.ConnectTimedOut
    assert err.details == {"host": HOST, "port": str(port), "seconds": "0.5"}


async def test_timed_out_in_the_name(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that is silent."""

    async def never(*_args: object, **_kwargs: object) -> list[object]:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", never)
    err = await refusal(http, "ws://slow.invalid/", timeout=0.2)
    assert type(err) is errors.NameTimedOut


@pytest.mark.parametrize("error", ["EHOSTUNREACH", "ENETUNREACH"])
async def test_no_route(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    """No way to the host, as the system says."""

    async def fail(*_args: object) -> None:
        raise OSError(getattr(errno, error), "No route")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", fail)
    for scheme in ("ws", "wss"):
        err = await refusal(http, f"{scheme}://192.0.2.1/")
        assert type(err) is errors.Unreachable
        assert err.details == {"host": "192.0.2.1", "reason": error}


async def test_the_cause_counts_even_if_the_second_look_takes_too_long(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """The deadline stays one, and the cause is not lost to it."""
    authority = CertificateAuthority()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue().write(tmp_path, "server"))
    connections = 0
    loop = asyncio.get_running_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections == 1:
            with suppress(OSError):
                await writer.start_tls(context)
        else:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, HOST)
    port = server.sockets[0].getsockname()[1]
    async with server:
        started = loop.time()
        err = await refusal(http, f"wss://{HOST}:{port}/", timeout=1.0)
        assert loop.time() - started < 3
    assert type(err) is errors.CertificateUnknownIssuer
    assert err.details["issuer"] == "?"


async def test_the_second_look_sends_nothing(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """It verifies nothing, so nothing may be said over it."""
    said: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.append(await reader.read())
        writer.close()

    authority = CertificateAuthority()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue().write(tmp_path, "server"))
    server = await asyncio.start_server(serve, HOST, ssl=context)
    port = server.sockets[0].getsockname()[1]
    async with server:
        err = await refusal(
            http,
            f"wss://{HOST}:{port}/?token=secret",
            headers={"Authorization": "secret"},
        )
    assert type(err) is errors.CertificateUnknownIssuer
    assert err.details["issuer"] == "CN=Test authority"
    assert said == [b""]
