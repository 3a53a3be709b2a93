"""Every cause of a failed connection has its own error."""

import asyncio
from dataclasses import replace
from pathlib import Path
import random
import socket
import ssl
from typing import override

import aiohttp
from aiohttp import web
import aiohttp.abc
import pytest
import pytest_socket

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.broker import Broker, probe
from custom_components.mqtt_websocket.broker.errors import BrokerError, ConnectError
from custom_components.mqtt_websocket.broker.websocket import session_arguments
from tests.support.certificates import CertificateAuthority
from tests.support.scripted import (
    CONNACK_311,
    Script,
    accepting,
    http_server,
    until_closed,
    websocket_server,
)
from tests.support.server import MqttServer, free_port

from .conftest import descriptors, settings_for


async def refusal(
    http: aiohttp.ClientSession, url: str, **changes: object
) -> ConnectError:
    """Return why there is no connection."""
    with pytest.raises(ConnectError) as caught:
        await probe(http, settings_for(url, **changes))
    return caught.value


async def test_mqtt_5_first(http: aiohttp.ClientSession, server: MqttServer) -> None:
    """The newest version that the server speaks is taken, a chosen one if one is."""
    newest = "5" if server.mqtt5 else "3.1.1"
    assert await probe(http, settings_for(server.ws_url)) == newest
    chosen = settings_for(server.ws_url, protocol="3.1.1")
    assert await probe(http, chosen) == "3.1.1"


@pytest.mark.parametrize("refused", [b"\x20\x02\x00\x01", b"\x20\x03\x00\x84\x00", b""])
async def test_mqtt_311_where_there_is_no_5(
    http: aiohttp.ClientSession, refused: bytes
) -> None:
    """A server without MQTT 5 says so in one of its ways, or hangs up."""

    async def script(websocket: web.WebSocketResponse) -> None:
        connect = await websocket.receive_bytes()
        if connect[8] == 5:
            if refused:
                await websocket.send_bytes(refused)
        else:
            await websocket.send_bytes(CONNACK_311)
            await until_closed(websocket)

    async with websocket_server(script) as url:
        assert await probe(http, settings_for(url)) == "3.1.1"
        if refused:
            err = await refusal(http, url, protocol="5")
            assert type(err) is errors.ProtocolUnsupported


async def test_mqtt_311_where_5_gets_no_answer(http: aiohttp.ClientSession) -> None:
    """A server that waits for ever for more of a CONNECT gets one that it knows."""

    async def script(websocket: web.WebSocketResponse) -> None:
        connect = await websocket.receive_bytes()
        if connect[8] != 5:
            await websocket.send_bytes(CONNACK_311)
        await until_closed(websocket)

    async with websocket_server(script) as url:
        assert await probe(http, settings_for(url, timeout=4.0)) == "3.1.1"


async def test_name_not_resolved(http: aiohttp.ClientSession) -> None:
    """The host is named."""
    err = await refusal(http, "ws://no-such-host.invalid/")
    assert type(err) is errors.NameNotResolved
    assert err.details == {"host": "no-such-host.invalid"}


async def test_nobody_listens(http: aiohttp.ClientSession) -> None:
    """Host and port are named."""
    port = free_port()
    err = await refusal(http, f"ws://127.0.0.1:{port}/")
    assert type(err) is errors.ConnectionRefused
    assert err.details == {"host": "127.0.0.1", "port": str(port)}


async def test_plain_mqtt_port(http: aiohttp.ClientSession, server: MqttServer) -> None:
    """A port for MQTT over TCP hangs up on HTTP."""
    err = await refusal(http, f"ws://127.0.0.1:{server.port}/")
    assert isinstance(err, errors.ClosedWithoutAnswer | errors.NotHttp)


async def test_tls_to_a_plain_port(
    http: aiohttp.ClientSession, server: MqttServer
) -> None:
    """A port without TLS is not one for wss."""
    err = await refusal(http, f"wss://127.0.0.1:{server.ws_port}/")
    assert isinstance(err, errors.TlsNotSpoken | errors.TlsFailed)


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (301, {"Location": "https://h/there?secret=1"}, errors.HttpRedirect),
        (302, {"Location": "/elsewhere"}, errors.HttpRedirect),
        (200, {}, errors.UpgradeRefused),
        (400, {}, errors.HttpBadRequest),
        (426, {}, errors.HttpUpgradeRequired),
        (401, {}, errors.HttpUnauthorized),
        (403, {}, errors.HttpForbidden),
        (404, {}, errors.HttpNotFound),
        (405, {}, errors.HttpNotFound),
        (410, {}, errors.HttpNotFound),
        (429, {}, errors.HttpTooManyRequests),
        (500, {}, errors.HttpServerError),
        (502, {"Connection": "close"}, errors.HttpServerError),
        (503, {}, errors.HttpServerError),
    ],
)
async def test_http_status(
    http: aiohttp.ClientSession,
    status: int,
    headers: dict[str, str],
    error: type[ConnectError],
) -> None:
    """The web server's answer is told with the path, and no redirect is followed."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status, headers=headers)

    async with http_server(answer) as url:
        err = await refusal(http, f"{url}broker?token=secret")
    assert type(err) is error
    assert err.details["status"] == str(status)
    assert err.details["path"] == "/broker"
    assert "secret" not in str(err)
    assert asked == ["/broker"]


async def test_wrong_subprotocol(http: aiohttp.ClientSession) -> None:
    """A WebSocket for something else is told apart from a broker."""

    async def answer(request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse()
        websocket.headers["Sec-WebSocket-Protocol"] = "stomp"
        await websocket.prepare(request)
        await until_closed(websocket)
        return websocket

    async with http_server(answer) as url:
        err = await refusal(http, url)
    assert type(err) is errors.WrongSubprotocol
    assert err.details == {"offered": "stomp"}


async def _greet(websocket: web.WebSocketResponse) -> None:
    await websocket.send_str('INFO {"server": "something else"}')
    await until_closed(websocket)


async def _greet_in_bytes(websocket: web.WebSocketResponse) -> None:
    await websocket.send_bytes(b"HELLO")
    await until_closed(websocket)


@pytest.mark.parametrize(
    ("script", "received"),
    [(_greet, 'INFO {"server": '), (_greet_in_bytes, "HELLO")],
)
async def test_not_mqtt(
    http: aiohttp.ClientSession, script: Script, received: str
) -> None:
    """A server without sub-protocol gets a chance; its first words give it away."""
    async with websocket_server(script, protocols=()) as url:
        err = await refusal(http, url)
    assert type(err) is errors.NotMqtt
    assert err.details == {"received": received}


async def test_no_subprotocol_is_accepted(http: aiohttp.ClientSession) -> None:
    """Some brokers forget it."""
    async with websocket_server(accepting(until_closed), protocols=()) as url:
        assert await probe(http, settings_for(url)) == "5"


async def test_closed_before_connack(http: aiohttp.ClientSession) -> None:
    """The close code and reason are told."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()
        await websocket.close(code=1008, message=b"go away")

    async with websocket_server(script) as url:
        err = await refusal(http, url)
    assert type(err) is errors.ClosedBeforeConnack
    assert err.details == {"close": "1008 go away"}


@pytest.mark.parametrize(
    ("protocol", "connack", "error"),
    [
        ("5", b"\x20\x03\x00\x86\x00", errors.BadCredentials),
        ("5", b"\x20\x03\x00\x87\x00", errors.NotAuthorized),
        ("5", b"\x20\x03\x00\x85\x00", errors.ClientIdRejected),
        ("5", b"\x20\x03\x00\x84\x00", errors.ProtocolUnsupported),
        ("5", b"\x20\x03\x00\x88\x00", errors.ServerBusy),
        ("5", b"\x20\x03\x00\x89\x00", errors.ServerBusy),
        ("5", b"\x20\x03\x00\x8a\x00", errors.Banned),
        ("5", b"\x20\x03\x00\x97\x00", errors.ServerBusy),
        ("5", b"\x20\x03\x00\x80\x00", errors.ConnackRefused),
        ("5", b"\x20\x09\x00\x9d\x06\x1c\x00\x03abc", errors.ServerMoved),
        ("3.1.1", b"\x20\x02\x00\x01", errors.ProtocolUnsupported),
        ("3.1.1", b"\x20\x02\x00\x02", errors.ClientIdRejected),
        ("3.1.1", b"\x20\x02\x00\x03", errors.ServerBusy),
        ("3.1.1", b"\x20\x02\x00\x04", errors.BadCredentials),
        ("3.1.1", b"\x20\x02\x00\x05", errors.NotAuthorized),
    ],
)
@pytest.mark.parametrize("in_one_go", [True, False])
async def test_connack_refused(
    http: aiohttp.ClientSession,
    protocol: str,
    connack: bytes,
    error: type[ConnectError],
    in_one_go: bool,
) -> None:
    """Reasons of both versions, also when the server hangs up right behind."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()
        await websocket.send_bytes(connack)
        if not in_one_go:
            await until_closed(websocket)

    async with websocket_server(script) as url:
        err = await refusal(http, url, protocol=protocol)
    assert type(err) is error
    if error is errors.ServerMoved:
        assert err.details["reference"] == "abc"


async def test_credentials(http: aiohttp.ClientSession, socket_enabled: None) -> None:
    """A real broker with users."""
    async with MqttServer(users={"user": "right"}) as server:
        good = settings_for(server.ws_url, username="user", password="right")
        for protocol in ("5", "3.1.1"):
            assert await probe(http, replace(good, protocol=protocol)) == protocol
            err = await refusal(
                http,
                server.ws_url,
                username="user",
                password="wrong",
                protocol=protocol,
            )
            assert isinstance(err, errors.BadCredentials | errors.NotAuthorized)
            assert "wrong" not in repr(err)


async def test_headers_and_query_reach_the_server(http: aiohttp.ClientSession) -> None:
    """A token may stand in either."""
    seen: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response(status=404)

    async with http_server(answer) as url:
        await refusal(http, f"{url}x?sig=a%2Bb", headers={"X-Token": "t"})
    assert seen[0].raw_path == "/x?sig=a%2Bb"
    assert seen[0].headers["X-Token"] == "t"
    assert seen[0].headers["Sec-WebSocket-Protocol"] == "mqtt"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_cookies_come_back(http: aiohttp.ClientSession, host: str) -> None:
    """A load balancer's cookie finds the same server again, by name and by address."""
    seen: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.cookies.get("server"))
        response = web.Response(status=503)
        response.set_cookie("server", "one")
        return response

    async with http_server(answer) as url:
        url = url.replace("127.0.0.1", host)
        await refusal(http, url)
        await refusal(http, url)
    assert seen == [None, "one"]


@pytest.mark.parametrize("secure", [False, True])
async def test_ipv6(http: aiohttp.ClientSession, tmp_path: Path, secure: bool) -> None:
    """An address in brackets, with and without TLS."""
    try:
        with socket.socket(socket.AF_INET6) as probing:
            probing.bind(("::1", 0))
    except OSError:
        pytest.skip("needs IPv6")
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    authority = CertificateAuthority()
    context = None
    if secure:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*authority.issue().write(tmp_path, "server"))
    script = accepting(until_closed)
    async with websocket_server(script, tls=context, host="::1") as url:
        assert "[::1]" in url
        good = settings_for(url, ssl=trusting(authority.pem) if secure else None)
        assert await probe(http, good) == "5"
    err = await refusal(http, f"ws://[::1]:{free_port()}/")
    assert type(err) is errors.ConnectionRefused
    assert err.details["host"] == "::1"


class Names(aiohttp.abc.AbstractResolver):
    """A name server for whatever is on this machine."""

    def __init__(self) -> None:
        """Start unasked."""
        self.asked: list[str] = []

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        self.asked.append(host)
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
        ]

    @override
    async def close(self) -> None:
        pass


async def test_unicode_host_name(socket_enabled: None, tmp_path: Path) -> None:
    """Asked for, sent and verified in its ASCII form (RFC 5891)."""
    name = "xn--bcher-kva.example"
    authority = CertificateAuthority()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate = authority.issue(names=[name])
    context.load_cert_chain(*certificate.write(tmp_path, "server"))
    hosts: list[str] = []
    names = Names()
    script = accepting(until_closed)
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=names), **session_arguments()
        ) as http,
        websocket_server(script, tls=context, seen=lambda r: hosts.append(r.host)) as u,
    ):
        url = u.replace("127.0.0.1", "bücher.example")
        good = settings_for(url, ssl=trusting(authority.pem))
        assert await probe(http, good) == "5"
        err = await refusal(http, url.replace("bü", "sü"), ssl=trusting(authority.pem))
        assert type(err) is errors.CertificateWrongHost
    assert names.asked[0] == name
    assert hosts[0].partition(":")[0] == name


# --- TLS ------------------------------------------------------------------------------


def trusting(pem: str) -> ssl.SSLContext:
    """Return a context with one authority."""
    return ssl.create_default_context(cadata=pem)


async def test_tls(http: aiohttp.ClientSession, socket_enabled: None) -> None:
    """A private authority is trusted if it is named, and only then."""
    async with MqttServer(tls=True) as server:
        good = settings_for(server.wss_url, ssl=trusting(server.ca_pem))
        assert await probe(http, good) in ("5", "3.1.1")
        err = await refusal(http, server.wss_url)
        assert type(err) is errors.CertificateUnknownIssuer
        other = CertificateAuthority().pem
        err = await refusal(http, server.wss_url, ssl=trusting(other))
        assert type(err) is errors.CertificateUnknownIssuer


@pytest.mark.parametrize(
    ("expired", "names", "error"),
    [
        (True, ["127.0.0.1"], errors.CertificateExpired),
        (False, ["example.com"], errors.CertificateWrongHost),
        (False, ["127.0.0.2"], errors.CertificateWrongHost),
    ],
)
async def test_certificate_that_does_not_hold(
    http: aiohttp.ClientSession,
    tmp_path: Path,
    expired: bool,
    names: list[str],
    error: type[ConnectError],
) -> None:
    """An expired certificate, and one for other hosts."""
    authority = CertificateAuthority()
    certificate = authority.issue(names=names, expired=expired)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate.write(tmp_path, "server"))

    async def answer(request: web.Request) -> web.Response:
        return web.Response()

    async with http_server(answer, context) as url:
        err = await refusal(http, url, ssl=trusting(authority.pem))
    assert type(err) is error


async def test_client_certificate_demanded(
    http: aiohttp.ClientSession, socket_enabled: None
) -> None:
    """A server that wants a client certificate says so."""
    async with MqttServer(tls=True, client_certificate=True) as server:
        err = await refusal(http, server.wss_url, ssl=trusting(server.ca_pem))
        assert isinstance(
            err,
            errors.ClientCertificateRefused
            | errors.ClosedWithoutAnswer
            | errors.ClosedBeforeConnack,
        )


# --- time, and what is left behind ----------------------------------------------------


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def test_a_server_that_never_answers_the_upgrade(
    http: aiohttp.ClientSession,
) -> None:
    """One deadline for all of it, and the phase is told."""
    server = await asyncio.start_server(_silent, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    async with server:
        err = await refusal(http, f"ws://127.0.0.1:{port}/", timeout=0.5)
        assert type(err) is errors.UpgradeTimedOut
        assert err.details == {
            "host": "127.0.0.1",
            "port": str(port),
            "seconds": "0.5",
        }


async def test_a_server_that_never_sends_connack(http: aiohttp.ClientSession) -> None:
    """The last phase has the same deadline, for both versions of MQTT together."""
    versions: list[int] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        connect = await websocket.receive_bytes()
        versions.append(connect[8])
        await until_closed(websocket)

    loop = asyncio.get_running_loop()
    async with websocket_server(script) as url:
        started = loop.time()
        err = await refusal(http, url, timeout=2.0)
        assert type(err) is errors.ConnackTimedOut
        assert err.details["seconds"] == "2"
        assert loop.time() - started < 3.5
        assert versions == [5, 4]


async def test_nothing_is_left_behind(
    http: aiohttp.ClientSession, server: MqttServer
) -> None:
    """Connects, failures and cancellations at any moment: no socket, no task is left."""
    good = settings_for(server.ws_url)
    refused = settings_for(f"ws://127.0.0.1:{free_port()}/")

    async def never(websocket: web.WebSocketResponse) -> None:
        await websocket.close(code=1001)

    moments = random.Random(1)
    async with websocket_server(never) as url:
        attempts = [good, refused, settings_for(url)]

        async def once(number: int) -> None:
            attempt = asyncio.create_task(probe(http, attempts[number % 3]))
            if number % 2:
                await asyncio.sleep(moments.uniform(0, 0.015))
                attempt.cancel()
            await asyncio.wait({attempt})
            if not attempt.cancelled() and (err := attempt.exception()) is not None:
                assert isinstance(err, BrokerError)

        for number in range(30):
            await once(number)
        before, tasks = descriptors(), len(asyncio.all_tasks())
        for number in range(150):
            await once(number)
        # The other ends of the last connections close a moment later.
        for _ in range(100):
            if descriptors() <= before and len(asyncio.all_tasks()) <= tasks:
                break
            await asyncio.sleep(0.02)
        assert descriptors() <= before
        assert len(asyncio.all_tasks()) <= tasks


async def test_start_leaves_nothing_behind(server: MqttServer) -> None:
    """A broker that could not start has no task, and can be tried again."""
    async with aiohttp.ClientSession(**session_arguments()) as http:
        await server.stop()
        broker = Broker(http, settings_for(server.ws_url), name="test")
        tasks = asyncio.all_tasks()
        with pytest.raises(errors.ConnectionRefused):
            await broker.start()
        assert isinstance(broker.last_error, errors.ConnectionRefused)
        assert asyncio.all_tasks() <= tasks
        await server.start()
        await broker.start()
        assert broker.connected
        await broker.stop()
        await broker.stop()


async def test_a_port_that_is_no_http(http: aiohttp.ClientSession) -> None:
    """Something answers, but not in HTTP."""

    async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(ssh, "127.0.0.1", family=socket.AF_INET)
    port = server.sockets[0].getsockname()[1]
    async with server:
        err = await refusal(http, f"ws://127.0.0.1:{port}/")
        assert type(err) is errors.NotHttp
