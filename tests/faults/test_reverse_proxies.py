"""nginx and haproxy in front of a broker: what they do well, and what goes wrong there."""

import asyncio

import aiohttp
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.broker import probe
from tests.broker.conftest import Inbox, MakeBroker, settings_for, state_reached
from tests.broker.test_connect import refusal
from tests.support.certificates import CertificateAuthority
from tests.support.peer import Peer
from tests.support.proxies import Haproxy, Nginx
from tests.support.server import MqttServer


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/locked", errors.HttpUnauthorized),
        ("/denied", errors.HttpForbidden),
        ("/moved", errors.HttpRedirect),
        ("/elsewhere", errors.HttpNotFound),
        # What Mosquitto says to a request without Upgrade, nginx tells as 502.
        ("/bare", errors.HttpServerError),
    ],
)
async def test_nginx_paths(
    http: aiohttp.ClientSession,
    server: MqttServer,
    path: str,
    error: type[errors.ConnectError],
) -> None:
    """One path leads to the broker; for the others the status is told, and the path."""
    async with Nginx(server.ws_port) as nginx:
        assert await probe(http, settings_for(nginx.url())) in ("5", "3.1.1")
        err = await refusal(http, nginx.url(f"{path}?token=secret"))
    assert type(err) is error
    assert err.details["path"] == path
    assert "secret" not in repr(err)


async def test_nginx_credentials(
    http: aiohttp.ClientSession, server: MqttServer
) -> None:
    """A header opens a path that a password closes."""
    headers = {"Authorization": aiohttp.encode_basic_auth("user", "right")}
    async with Nginx(server.ws_port) as nginx:
        locked = settings_for(nginx.url("/locked"), headers=headers)
        assert await probe(http, locked) in ("5", "3.1.1")


async def test_nginx_idle_timeout(
    make_broker: MakeBroker, server: MqttServer, peer: Peer
) -> None:
    """Own pings keep a connection that nginx would cut; without them it is cut."""
    async with Nginx(server.ws_port, read_timeout=3) as nginx:
        silent = await make_broker(nginx.url(), keepalive=600)
        pinging = await make_broker(nginx.url(), keepalive=600, ping=0.5)
        inbox = Inbox()
        pinging.subscribe("t", inbox)
        await pinging.settled()
        await state_reached(silent, lambda: not silent.connected)
        assert isinstance(silent.last_error, errors.ConnectionLost)
        await asyncio.sleep(3)
        await peer.publish("t", "still there")
        await inbox.collect(1)
        assert pinging.counters.connections == 1
        await silent.stop()
        await pinging.stop()


async def test_nginx_while_the_broker_restarts(
    make_broker: MakeBroker, server: MqttServer, http: aiohttp.ClientSession
) -> None:
    """502 while it is away, and back with all subscriptions afterwards."""
    async with Nginx(server.ws_port) as nginx:
        broker = await make_broker(nginx.url())
        inbox = Inbox()
        broker.subscribe("t", inbox, 1)
        await broker.settled()
        await server.stop()
        await state_reached(broker, lambda: not broker.connected)
        err = await refusal(http, nginx.url())
        assert type(err) is errors.HttpServerError
        assert err.details == {"status": "502", "path": "/mqtt"}
        await server.start()
        broker.reconnect_now()
        await state_reached(broker, lambda: broker.connected)
        await broker.settled()
        await broker.publish("t", "x", 1)
        await inbox.collect(1)
        await broker.stop()


async def test_nginx_tls(http: aiohttp.ClientSession, server: MqttServer) -> None:
    """TLS ends at nginx; each mix-up of ports and schemes has its own name."""
    async with Nginx(server.ws_port) as nginx:
        context = nginx.authority.client_context()
        good = settings_for(nginx.wss_url(), ssl=context)
        assert await probe(http, good) in ("5", "3.1.1")
        err = await refusal(http, nginx.wss_url())
        assert type(err) is errors.CertificateUnknownIssuer
        assert err.details["issuer"] == "CN=Test authority"
        assert len(err.details["fingerprint"]) == 95
        # nginx answers 400.
        err = await refusal(http, nginx.wss_url().replace("wss:", "ws:"))
        assert type(err) is errors.TlsExpected
        err = await refusal(http, nginx.url().replace("ws:", "wss:"), ssl=context)
        assert type(err) is errors.TlsNotSpoken


async def test_nginx_client_certificate(
    http: aiohttp.ClientSession, server: MqttServer
) -> None:
    """It says only after the handshake, with a page, what it thinks of a certificate."""
    async with Nginx(server.ws_port, client_certificate=True) as nginx:
        context = nginx.authority.client_context()
        err = await refusal(http, nginx.wss_url(), ssl=context)
        assert type(err) is errors.ClientCertificateRefused
        stranger = CertificateAuthority("Somebody").issue("stranger", client=True)
        context.load_cert_chain(*stranger.write(nginx.directory, "stranger"))
        err = await refusal(http, nginx.wss_url(), ssl=context)
        assert type(err) is errors.ClientCertificateRefused
        context = nginx.authority.client_context()
        own = nginx.authority.issue("client", client=True)
        context.load_cert_chain(*own.write(nginx.directory, "own"))
        good = settings_for(nginx.wss_url(), ssl=context)
        assert await probe(http, good) in ("5", "3.1.1")


async def test_haproxy_tunnel_timeout(
    make_broker: MakeBroker, server: MqttServer
) -> None:
    """The same idle timeout as nginx has, and the same cure."""
    async with Haproxy(server.ws_port, tunnel_timeout=3) as haproxy:
        silent = await make_broker(haproxy.url, keepalive=600)
        pinging = await make_broker(haproxy.url, keepalive=600, ping=0.5)
        await state_reached(silent, lambda: not silent.connected)
        await asyncio.sleep(3)
        assert pinging.connected
        assert pinging.counters.connections == 1
        await silent.stop()
        await pinging.stop()


async def test_haproxy_without_a_server(
    http: aiohttp.ClientSession, server: MqttServer
) -> None:
    """It tries for some seconds, then says 503."""
    async with Haproxy(server.ws_port) as haproxy:
        assert await probe(http, settings_for(haproxy.url)) in ("5", "3.1.1")
        await server.stop()
        err = await refusal(http, haproxy.url)
        assert type(err) is errors.HttpServerError
        assert err.details["status"] == "503"
