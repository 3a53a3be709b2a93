"""Mosquitto as people set it up: users, rights, certificates, limits."""

import hashlib
from pathlib import Path
import ssl
import time

import aiohttp
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.broker import probe
from custom_components.mqtt_websocket.tls import own_ssl_context
from tests.broker.conftest import Inbox, MakeBroker, settings_for
from tests.broker.test_connect import refusal
from tests.support.certificates import CertificateAuthority
from tests.support.peer import Peer
from tests.support.server import HOST, MqttServer, free_port

BOTH = pytest.mark.parametrize("protocol", ["5", "3.1.1"])


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"]
)
async def test_client_certificate(
    http: aiohttp.ClientSession,
    socket_enabled: None,
    tmp_path: Path,
    version: ssl.TLSVersion,
) -> None:
    """None, a stranger's and the right one, with an encrypted key.

    With TLS 1.3 the server refuses after the handshake, with 1.2 within it.
    """
    async with MqttServer(tls=True, client_certificate=True) as server:
        assert server.authority is not None

        def context(own: CertificateAuthority | None) -> ssl.SSLContext:
            security = {"ca_certificate": server.ca_pem}
            if own is not None:
                certificate = own.issue("home", client=True)
                security["client_certificate"] = certificate.pem
                security["client_key"] = certificate.key_pem("open sesame")
                security["client_key_password"] = "open sesame"
            made = own_ssl_context(security)
            made.minimum_version = made.maximum_version = version
            return made

        for own in (None, CertificateAuthority("Somebody")):
            err = await refusal(http, server.wss_url, ssl=context(own))
            assert type(err) is errors.ClientCertificateRefused
        good = settings_for(server.wss_url, ssl=context(server.authority))
        assert await probe(http, good) == "5"


async def test_certificate_expiry(
    make_broker: MakeBroker, socket_enabled: None
) -> None:
    """Known, so that a person can be told in time."""
    async with MqttServer(tls=True) as server:
        assert server.authority is not None
        broker = await make_broker(
            server.wss_url, ssl=server.authority.client_context()
        )
        assert broker.certificate_expiry is not None
        days = (broker.certificate_expiry - time.time()) / 86400
        assert 89 < days <= 90
        await broker.stop()


async def test_key_with_a_wrong_password() -> None:
    """It is ours to tell, before anybody is asked."""
    certificate = CertificateAuthority().issue("home", client=True)
    with pytest.raises(errors.CertificateUnusable):
        own_ssl_context(
            {
                "client_certificate": certificate.pem,
                "client_key": certificate.key_pem("open sesame"),
                "client_key_password": "open",
            }
        )


async def test_wrong_port(http: aiohttp.ClientSession, socket_enabled: None) -> None:
    """Each listener tried with each other's scheme."""
    async with MqttServer(tls=True) as server:
        err = await refusal(http, server.wss_url.replace("wss:", "ws:"))
        assert type(err) is errors.TlsExpected
        assert err.details == {"host": HOST, "port": str(server.wss_port)}
        err = await refusal(http, server.ws_url.replace("ws:", "wss:"))
        assert type(err) is errors.TlsNotSpoken
        err = await refusal(http, f"ws://{HOST}:{server.port}/")
        assert type(err) is errors.ClosedWithoutAnswer


async def test_a_tls_port_for_mqtt_alone(
    http: aiohttp.ClientSession, socket_enabled: None
) -> None:
    """Port 8883 speaks TLS, but no HTTP."""
    port = free_port()
    async with MqttServer(tls=True, extra_config=f"listener {port} {HOST}\n") as plain:
        assert plain.authority is not None
        directory = plain._directory
        async with MqttServer(
            extra_config=f"listener {free_port()} {HOST}\n"
            f"certfile {directory}/server.pem\nkeyfile {directory}/server.key\n"
        ) as server:
            tls_port = int(server._extra_config.split()[1])
            err = await refusal(
                http,
                f"wss://{HOST}:{tls_port}/",
                ssl=plain.authority.client_context(),
            )
            assert type(err) is errors.ClosedWithoutAnswer


async def test_unknown_issuer(
    http: aiohttp.ClientSession, socket_enabled: None
) -> None:
    """Issuer and fingerprint are told, so that a person can compare them."""
    async with MqttServer(tls=True) as server:
        err = await refusal(http, server.wss_url)
        assert type(err) is errors.CertificateUnknownIssuer
        assert err.details["issuer"] == "CN=Test authority"
        pem = ssl.get_server_certificate((HOST, server.wss_port))
        certificate = ssl.PEM_cert_to_DER_cert(pem)
    digest = hashlib.sha256(certificate).hexdigest()
    assert err.details["fingerprint"].replace(":", "").lower() == digest


@BOTH
async def test_rights(
    make_broker: MakeBroker, http: aiohttp.ClientSession, protocol: str
) -> None:
    """A publish without the right to it is refused, with MQTT 5 even told."""
    async with MqttServer(
        users={"user": "right"}, acl="user user\ntopic read r/#\ntopic write w/#\n"
    ) as server:
        for wrong in ({}, {"username": "user", "password": "wrong"}):
            err = await refusal(http, server.ws_url, protocol=protocol, **wrong)
            assert type(err) in (errors.BadCredentials, errors.NotAuthorized)
        broker = await make_broker(
            server.ws_url, protocol=protocol, username="user", password="right"
        )
        await broker.publish("w/1", "x", 1)
        if protocol == "5":
            with pytest.raises(errors.BrokerError) as caught:
                await broker.publish("r/1", "x", 1)
            # 2.0.11 tells and hangs up.
            assert type(caught.value) is errors.PublishRefused
            assert caught.value.details["topic"] == "r/1"
        await broker.stop()


async def test_max_packet_size(make_broker: MakeBroker, socket_enabled: None) -> None:
    """Known from CONNACK, and kept to. Mosquitto 2.0.11 holds only MQTT 5 to it."""
    async with MqttServer(extra_config="max_packet_size 1000") as server:
        broker = await make_broker(server.ws_url)
        await broker.publish("t", b"x" * 900, 1)
        with pytest.raises(errors.PublishRefused):
            await broker.publish("t", b"x" * 1100, 1)
        assert broker.connected
        await broker.publish("t", b"x" * 900, 1)
        await broker.stop()


async def test_a_message_that_is_too_large_for_us(
    make_broker: MakeBroker, server: MqttServer, peer: Peer
) -> None:
    """With MQTT 5 the server keeps it to itself: a retained one would come for ever."""
    server.require_mqtt5()
    broker = await make_broker(max_frame=10_000)
    inbox = Inbox()
    broker.subscribe("t", inbox, 1)
    await broker.settled()
    await peer.publish("t", b"x" * 20_000, retain=True)
    await peer.publish("t", "small")
    (message,) = await inbox.collect(1)
    assert message.payload == b"small"
    assert broker.counters.connections == 1
