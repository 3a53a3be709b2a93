"""The tools of the tests do what the tests believe."""

import asyncio
from datetime import timedelta
import ssl
from types import SimpleNamespace
from typing import Any

import aiohttp
import aiomqtt
import pytest
import voluptuous as vol

from homeassistant.config_entries import ConfigEntriesFlowManager
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import selector
from homeassistant.util import dt as dt_util

from .support.certificates import CertificateAuthority
from .support.peer import Peer
from .support.server import MqttServer
from .support.translations import DOMAIN, TranslationCheck

CONNECT_311 = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01x"


async def _connack(url: str, context: ssl.SSLContext | None = None) -> bytes:
    """Open a WebSocket, send an MQTT CONNECT and return the answer."""
    connector = aiohttp.TCPConnector(ssl=context or True)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.ws_connect(url, protocols=("mqtt",)) as websocket,
    ):
        assert websocket.protocol == "mqtt"
        await websocket.send_bytes(CONNECT_311)
        return (await websocket.receive_bytes(timeout=5))[:1]


async def test_messages_come_in_order(peer: Peer) -> None:
    """What a peer publishes it gets back, once, in order."""
    await peer.subscribe("home/#")
    for number in range(5):
        await peer.publish("home/number", number)
    await peer.publish("home/json", {"a": [1]})
    message = await peer.next("home/json")
    assert message.payload == b'{"a": [1]}'
    numbers = await peer.collect(5)
    assert [message.payload for message in numbers] == [b"0", b"1", b"2", b"3", b"4"]
    await peer.no_message(0.05)


async def test_absence_and_presence_are_told_apart(peer: Peer) -> None:
    """A missing message fails `next`, an unexpected one `no_message`."""
    await peer.subscribe("a")
    with pytest.raises(AssertionError, match="0 of 1 messages"):
        await peer.next(timeout=0.05)
    await peer.publish("a", "x")
    with pytest.raises(AssertionError, match="b'x'"):
        await peer.no_message(5)


async def test_properties(server: MqttServer, peer: Peer) -> None:
    """Properties of MQTT 5 arrive."""
    server.require_mqtt5()
    await peer.subscribe("a")
    await peer.publish(
        "a", "x", content_type="text/plain", user_property=[("k", "v")], qos=2
    )
    properties: Any = (await peer.next()).properties
    assert properties.ContentType == "text/plain"
    assert properties.UserProperty == [("k", "v")]


async def test_will_of_a_lost_peer(server: MqttServer, peer: Peer) -> None:
    """A will is published when its client goes without a good-bye."""
    await peer.subscribe("will")
    async with Peer(server, client_id="same", will=aiomqtt.Will("will", "gone", 1)):
        if not server.mqtt5:
            pytest.skip("amqtt does not throw out the older of two clients")
        async with Peer(server, client_id="same"):
            assert (await peer.next()).payload == b"gone"


async def test_websocket_listener(server: MqttServer) -> None:
    """The WebSocket listener speaks MQTT."""
    assert await _connack(server.ws_url) == b"\x20"


async def test_tls_listener(socket_enabled: None) -> None:
    """The TLS listener shows a certificate of the server's own authority."""
    async with MqttServer(tls=True) as server:
        assert server.authority
        context = server.authority.client_context()
        assert await _connack(server.wss_url, context) == b"\x20"
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await _connack(server.wss_url)


async def test_client_certificate(socket_enabled: None) -> None:
    """A listener that demands a certificate refuses clients without one."""
    async with MqttServer(client_certificate=True) as server:
        assert server.authority
        context = server.authority.client_context()
        with pytest.raises((aiohttp.ClientError, OSError)):
            await _connack(server.wss_url, context)


async def test_users_and_access(socket_enabled: None) -> None:
    """Users need their password, and may do what the access control file says."""
    users = {"ann": "secret", "admin": "other"}
    acl = "user ann\ntopic read open/#\nuser admin\ntopic readwrite #\n"
    async with MqttServer(users=users, acl=acl) as server:
        with pytest.raises(aiomqtt.MqttError):
            await Peer(server).__aenter__()
        with pytest.raises(aiomqtt.MqttError):
            await Peer(server, username="ann", password="wrong").__aenter__()
        async with (
            Peer(server, username="ann", password="secret") as ann,
            Peer(server, username="admin", password="other") as admin,
        ):
            await ann.subscribe("#")
            await admin.publish("closed/x", "x")
            await admin.publish("open/x", "x")
            assert (await ann.next()).topic.value == "open/x"
            await ann.no_message(0.05)


async def test_restart_keeps_ports_and_what_is_persistent(socket_enabled: None) -> None:
    """Clients can come back to a restarted server, and find what it kept."""
    async with MqttServer(persistent=True) as server:
        ports = (server.port, server.ws_port)
        async with Peer(server) as peer:
            await peer.publish("kept", "x", retain=True)
            await server.restart()
        assert (server.port, server.ws_port) == ports
        async with Peer(server) as peer:
            await peer.subscribe("kept")
            assert (await peer.next()).payload == b"x"


async def test_frozen_server_is_silent(server: MqttServer, peer: Peer) -> None:
    """A frozen server answers nothing until it thaws, and can be stopped frozen."""
    await peer.subscribe("a")
    server.freeze()
    publishing = asyncio.create_task(peer.publish("a", "x"))
    await peer.no_message(0.1)
    assert not publishing.done()
    server.thaw()
    await publishing
    await peer.next()
    server.freeze()
    await server.stop()
    assert not server.running


async def test_server_that_cannot_start_says_why(socket_enabled: None) -> None:
    """A configuration that the server refuses is an error with the server's words."""
    server = MqttServer(extra_config="no_such_option true")
    with pytest.raises(Exception, match="no_such_option"):
        await server.start()
    await server.close()


def test_certificates() -> None:
    """Certificates are valid now, or on purpose no more; keys can be encrypted."""
    authority = CertificateAuthority()
    now = dt_util.utcnow()
    valid = authority.issue().certificate
    assert valid.not_valid_before_utc < now < valid.not_valid_after_utc
    expired = authority.issue(expired=True).certificate
    assert now - expired.not_valid_after_utc < timedelta(days=2)
    assert "ENCRYPTED" in authority.issue(client=True).key_pem("secret")


TEXTS = {
    "config": {
        "step": {
            "user": {
                "description": "Connects to {where}",
                "data": {"url": "URL", "protocol": "Protocol"},
                "data_description": {"url": "Address", "protocol": "Version"},
                "sections": {"more": {"name": "More", "data": {"a": "A"}}},
            }
        },
        "error": {"refused": "Refused by {host}"},
        "abort": {"done": "Done"},
    },
    "exceptions": {"known": {"message": "Known {what}"}},
    "selector": {"protocol": {"options": {"auto": "Automatic"}}},
}
SCHEMA = vol.Schema(
    {
        vol.Required("url"): str,
        "protocol": selector.SelectSelector(
            selector.SelectSelectorConfig(
                options=["auto", "5"], translation_key="protocol"
            )
        ),
        "more": section(vol.Schema({"a": str})),
    }
)


def test_translation_check_of_flows(hass: HomeAssistant) -> None:
    """Missing labels, errors, options and placeholders of a form are found."""
    check = TranslationCheck(TEXTS, ["config.error.unknown", "config.error.other"])
    manager = ConfigEntriesFlowManager(hass, hass.config_entries, {})
    flow: Any = SimpleNamespace(handler=DOMAIN)

    def show(**result: Any) -> None:
        shown: Any = {"flow_id": "1", "handler": DOMAIN, **result}
        check.flow(manager, flow, shown)

    show(
        type=FlowResultType.FORM,
        step_id="user",
        data_schema=SCHEMA,
        errors={"url": "refused", "base": "unknown"},
        description_placeholders={"host": "example"},
    )
    show(type=FlowResultType.ABORT, reason="done")
    show(type=FlowResultType.ABORT, reason="gone")
    show(type=FlowResultType.ABORT, reason="x", translation_domain="homeassistant")
    show(type=FlowResultType.MENU, step_id="menu", menu_options=["first"])
    assert check.problems == [
        "config.step.user.description has a placeholder without value: where",
        "selector.protocol.options.5 is missing",
        "config.step.user.sections.more.data_description.a is missing",
        "config.abort.gone is missing",
        "config.step.menu.menu_options.first is missing",
        "config.error.other is ignored without need",
    ]


def test_translation_check_of_exceptions() -> None:
    """An exception of ours needs a key, a text for it, and the text's placeholders."""
    check = TranslationCheck(TEXTS)

    def made(key: str | None, *, by_us: bool = True, **placeholders: str) -> None:
        error = HomeAssistantError("text")
        error.translation_domain = DOMAIN if key else None
        error.translation_key = key
        error.translation_placeholders = placeholders
        check.exception(error, by_us)

    made("known", what="text")
    made(None, by_us=False)
    assert check.problems == []
    made("known")
    made("unknown")
    made(None)
    assert check.problems == [
        "exceptions.known.message has a placeholder without value: what",
        "exceptions.unknown.message is missing",
        "HomeAssistantError('text',) has no translation key",
    ]
