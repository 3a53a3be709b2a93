"""tinyproxy and squid between us and a broker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
import logging
from pathlib import Path
import ssl

import aiohttp
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.broker import probe
from tests.broker.conftest import Inbox, MakeBroker, settings_for, state_reached
from tests.broker.test_connect import refusal
from tests.support.proxies import Squid, Tinyproxy
from tests.support.server import HOST, MqttServer, free_port

SECRET = "se-cret100"
QUOTED = "se%2Dcret100"


@pytest.fixture
async def tls_server(socket_enabled: None) -> AsyncIterator[MqttServer]:
    """Return a server with ws and wss."""
    async with MqttServer(tls=True) as server:
        yield server


def _urls(server: MqttServer) -> list[tuple[str, dict[str, object]]]:
    assert server.authority is not None
    return [
        (server.ws_url, {}),
        (server.wss_url, {"ssl": server.authority.client_context()}),
    ]


async def test_tinyproxy(
    http: aiohttp.ClientSession,
    tls_server: MqttServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It takes the right credentials; nothing ever shows them. Also for ws."""
    caplog.set_level(logging.DEBUG)
    async with Tinyproxy({"user": SECRET}) as proxy:
        for url, tls in _urls(tls_server):
            right = proxy.url(f"user:{QUOTED}@")
            good = settings_for(url, proxy=right, **tls)
            assert await probe(http, good) in ("5", "3.1.1")
            for wrong in (proxy.url(f"user:{QUOTED}x@"), proxy.url()):
                err = await refusal(http, url, proxy=wrong, **tls)
                assert type(err) is errors.ProxyUnauthorized
                assert err.__cause__ is None
            gone = settings_for(url, proxy=f"http://u:{QUOTED}@127.0.0.1:{free_port()}")
            assert "se-cret" not in repr(gone)
            err = await refusal(http, url, proxy=gone.proxy, **tls)
            assert type(err) is errors.ProxyUnreachable
            assert err.details == {"host": "127.0.0.1"}
    for text in ("se-cret", "se%2Dcret", aiohttp.encode_basic_auth("user", SECRET)):
        assert text not in caplog.text


@pytest.mark.parametrize("secure", [False, True])
async def test_tinyproxy_carries_a_connection(
    make_broker: MakeBroker, tls_server: MqttServer, secure: bool
) -> None:
    """Messages of any size pass, and a lost proxy is a lost connection."""
    url, tls = _urls(tls_server)[secure]
    async with Tinyproxy() as proxy:
        broker = await make_broker(url, proxy=proxy.url(), **tls)
        inbox = Inbox()
        broker.subscribe("t", inbox, 1)
        await broker.settled()
        for size in (0, 100, 50_000):
            await broker.publish("t", b"x" * size, 1)
        sizes = [len(message.payload) for message in await inbox.collect(3)]
        assert sizes == [0, 100, 50_000]
        await proxy.kill()
        await state_reached(broker, lambda: not broker.connected)
        await proxy.start()
        broker.reconnect_now()
        await state_reached(broker, lambda: broker.connected)
        await broker.stop()


async def test_squid(http: aiohttp.ClientSession, tls_server: MqttServer) -> None:
    """It lets through what it is told to, and refuses the rest."""
    async with Squid(tls_server.ws_port, tls_server.wss_port) as proxy:
        for url, tls in _urls(tls_server):
            good = settings_for(url, proxy=proxy.url, **tls)
            assert await probe(http, good) in ("5", "3.1.1")
        for scheme in ("ws", "wss"):
            err = await refusal(
                http, f"{scheme}://127.0.0.1:{free_port()}/", proxy=proxy.url
            )
            assert type(err) is errors.ProxyRefused
            assert err.details == {"status": "403"}


async def test_a_broker_that_is_gone_behind_a_proxy(
    http: aiohttp.ClientSession, tls_server: MqttServer
) -> None:
    """The proxy says so in its own way: 500 or 503."""
    async with Tinyproxy() as proxy:
        urls = _urls(tls_server)
        await tls_server.stop()
        for url, tls in urls:
            err = await refusal(http, url, proxy=proxy.url(), **tls)
            assert type(err) is errors.ProxyRefused
            assert err.details["status"].startswith("5")


async def test_certificate_behind_a_proxy(
    http: aiohttp.ClientSession, tls_server: MqttServer
) -> None:
    """The second look goes through the proxy as well."""
    async with Tinyproxy() as proxy:
        err = await refusal(http, tls_server.wss_url, proxy=proxy.url())
        assert type(err) is errors.CertificateUnknownIssuer
        assert err.details["issuer"] == "CN=Test authority"
        err = await refusal(
            http, tls_server.wss_url.replace("wss:", "ws:"), proxy=proxy.url()
        )
        assert type(err) is errors.TlsExpected


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
async def test_environment(
    http: aiohttp.ClientSession,
    tls_server: MqttServer,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    """Its proxies count when asked for, and NO_PROXY with them."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv(variable, f"http://127.0.0.1:{free_port()}")
    url = tls_server.ws_url
    err = await refusal(http, url, proxy="environment")
    assert type(err) is errors.ProxyUnreachable
    assert await probe(http, settings_for(url)) in ("5", "3.1.1")
    async with Tinyproxy() as proxy:
        monkeypatch.setenv(variable, proxy.url())
        through = settings_for(url, proxy="environment")
        assert await probe(http, through) in ("5", "3.1.1")
        assert "CONNECT" in proxy.log
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert await probe(http, through) in ("5", "3.1.1")


@asynccontextmanager
async def encrypted(port: int, context: ssl.SSLContext) -> AsyncIterator[int]:
    """Put TLS in front of a port; give the new one."""

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(HOST, port)
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    server = await asyncio.start_server(serve, HOST, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_https_proxy(
    http: aiohttp.ClientSession, tls_server: MqttServer, tmp_path: Path
) -> None:
    """The way to the proxy may be encrypted as well."""
    assert tls_server.authority is not None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate = tls_server.authority.issue()
    context.load_cert_chain(*certificate.write(tmp_path, "proxy"))
    trusted = tls_server.authority.client_context()
    async with (
        Tinyproxy({"user": SECRET}) as proxy,
        encrypted(proxy.port, context) as port,
    ):
        for url in (tls_server.ws_url, tls_server.wss_url):
            good = settings_for(
                url, proxy=f"https://user:{QUOTED}@{HOST}:{port}", ssl=trusted
            )
            assert await probe(http, good) in ("5", "3.1.1")
            err = await refusal(http, url, proxy=f"https://{HOST}:{port}", ssl=trusted)
            assert type(err) is errors.ProxyUnauthorized


async def test_socks_is_refused(http: aiohttp.ClientSession) -> None:
    """It would be spoken to in HTTP."""
    err = await refusal(http, "ws://127.0.0.1/", proxy="socks5://127.0.0.1:1080")
    assert type(err) is errors.ProxyUnsupported
    assert err.details == {"scheme": "socks5"}
