"""What a person must do about a connection becomes a repair, and goes when it is done."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
import ssl
from typing import Any

from aiohttp import web
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.components.repairs import RepairsFlowManager, repairs_flow_manager
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.mqtt_websocket.broker.errors import BrokerError
from custom_components.mqtt_websocket.const import DOMAIN

from .conftest import AddEntry
from .support.certificates import CertificateAuthority
from .support.devices import device
from .support.peer import Peer
from .support.scripted import (
    CONNACK_5,
    accepting,
    http_server,
    permitting,
    until_closed,
    websocket_server,
)
from .support.server import MqttServer, free_port
from .support.waiting import until


def issue(
    hass: HomeAssistant, entry: MockConfigEntry, kind: str
) -> ir.IssueEntry | None:
    """Return an issue of an entry, if it is there."""
    found = ir.async_get(hass).async_get_issue(DOMAIN, f"{kind}_{entry.entry_id}")
    return found if found is not None and found.active else None


def placeholders(
    hass: HomeAssistant, entry: MockConfigEntry, kind: str
) -> dict[str, str]:
    """Return what fills the texts of an issue that is there."""
    found = issue(hass, entry, kind)
    assert found is not None
    assert found.translation_placeholders is not None
    return found.translation_placeholders


@pytest.fixture
async def repairs(hass: HomeAssistant) -> RepairsFlowManager:
    """Return the flows of Home Assistant's repairs."""
    assert await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return manager


async def fix(
    repairs: RepairsFlowManager, entry: MockConfigEntry, kind: str
) -> dict[str, Any]:
    """Open the flow of an issue, and confirm it; return what came of it."""
    form = await repairs.async_init(
        DOMAIN, context={"issue_id": f"{kind}_{entry.entry_id}"}
    )
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "confirm"
    return dict(await repairs.async_configure(form["flow_id"], {}))


async def leads_to_the_form(
    hass: HomeAssistant,
    repairs: RepairsFlowManager,
    entry: MockConfigEntry,
    kind: str,
) -> None:
    """Fixing leads to the broker's form; the issue is not cured by that."""
    result = await fix(repairs, entry, kind)
    assert result["type"] is FlowResultType.ABORT
    form = hass.config_entries.flow.async_get(result["next_flow"][1])
    assert form["context"]["source"] == SOURCE_RECONFIGURE
    assert form["context"]["entry_id"] == entry.entry_id
    assert issue(hass, entry, kind) is not None
    hass.config_entries.flow.async_abort(form["flow_id"])


# --- verification ----------------------------------------------------------------------


UNVERIFIED = {"verify_ssl": False}


async def test_verification_off(
    hass: HomeAssistant, add_entry: AddEntry, repairs: RepairsFlowManager
) -> None:
    """A person is reminded, and helped back once the certificate holds."""
    async with MqttServer(tls=True) as server:
        entry = await add_entry(
            url=server.wss_url, security=UNVERIFIED, connection={"client_id": "home"}
        )
        assert entry.state is ConfigEntryState.LOADED
        found = issue(hass, entry, "verification_off")
        assert found is not None
        assert found.severity is ir.IssueSeverity.WARNING

        result = await fix(repairs, entry, "verification_off")
        assert result["errors"] == {"base": "cannot_verify"}
        assert "CN=Test authority" in result["description_placeholders"]["reason"]
        assert entry.data["security"] == UNVERIFIED

        security = {**UNVERIFIED, "ca_certificate": server.ca_pem}
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "security": security}
        )
        await hass.async_block_till_done()
        broker = entry.runtime_data.broker
        assert issue(hass, entry, "verification_off") is not None
        result = dict(await repairs.async_configure(result["flow_id"], {}))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        # The test did not take the connection over.
        assert broker.counters.connections == 1
        await hass.async_block_till_done()
        assert entry.data["security"] == {**security, "verify_ssl": True}
        assert entry.runtime_data.broker is not broker
        assert entry.runtime_data.broker.connected
        assert issue(hass, entry, "verification_off") is None
        await hass.config_entries.async_unload(entry.entry_id)


async def test_an_explicit_choice(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """It can be ignored for good; it goes with the entry, or with its use."""
    url = f"wss://127.0.0.1:{free_port()}/"
    entry = await add_entry(url=url, security=UNVERIFIED)
    issue_id = f"verification_off_{entry.entry_id}"
    assert issue(hass, entry, "verification_off") is not None
    ir.async_ignore_issue(hass, DOMAIN, issue_id, True)
    await hass.config_entries.async_reload(entry.entry_id)
    found = issue(hass, entry, "verification_off")
    assert found is not None
    assert found.dismissed_version is not None
    await hass.config_entries.async_remove(entry.entry_id)
    assert issue(hass, entry, "verification_off") is None


async def test_fixed_while_it_is_not_loaded(
    hass: HomeAssistant, add_entry: AddEntry, repairs: RepairsFlowManager
) -> None:
    """Then nothing else would set it up."""
    async with MqttServer(tls=True) as server:
        security = {**UNVERIFIED, "ca_certificate": server.ca_pem}
        await server.stop()
        entry = await add_entry(url=server.wss_url, security=security)
        await server.start()
        result = await fix(repairs, entry, "verification_off")
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        await hass.config_entries.async_unload(entry.entry_id)


async def test_credentials_are_another_matter(
    hass: HomeAssistant, add_entry: AddEntry, repairs: RepairsFlowManager
) -> None:
    """A broker that refuses them has shown a certificate that holds."""
    async with MqttServer(tls=True, users={"ann": "secret"}) as server:
        security = {**UNVERIFIED, "ca_certificate": server.ca_pem}
        entry = await add_entry(url=server.wss_url, security=security)
        result = await fix(repairs, entry, "verification_off")
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()


async def test_disabled(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """What is not used needs no repair; an address without encryption neither."""
    async with MqttServer(tls=True) as server:
        entry = await add_entry(url=server.wss_url, security=UNVERIFIED)
        assert issue(hass, entry, "verification_off") is not None
        await hass.config_entries.async_set_disabled_by(
            entry.entry_id, ConfigEntryDisabler.USER
        )
        assert issue(hass, entry, "verification_off") is None
        plain = await add_entry(url=server.ws_url, security=UNVERIFIED)
        assert issue(hass, plain, "verification_off") is None
        await hass.config_entries.async_unload(plain.entry_id)


# --- certificates ----------------------------------------------------------------------


async def test_certificate_ends(
    hass: HomeAssistant,
    add_entry: AddEntry,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Told 14 days before, also on a connection that lasts; a new one is noticed."""
    authority = CertificateAuthority()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)

    def renew(days: int) -> None:
        certificate = authority.issue(days=days)
        context.load_cert_chain(*certificate.write(tmp_path, f"{days}"))

    async def twelve_hours(expected: bool) -> None:
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=13))
        await until(
            hass, lambda: (issue(hass, entry, "certificate_ends") is None) != expected
        )

    renew(20)
    async with websocket_server(accepting(until_closed), tls=context) as url:
        entry = await add_entry(url=url, security={"ca_certificate": authority.pem})
        broker = entry.runtime_data.broker
        assert issue(hass, entry, "certificate_ends") is None
        with monkeypatch.context() as later:
            later.setattr(
                "custom_components.mqtt_websocket.issues._SOON", timedelta(days=25)
            )
            await twelve_hours(True)
            assert placeholders(hass, entry, "certificate_ends")["host"] == "127.0.0.1"
            renew(90)
            await twelve_hours(False)
        assert broker.counters.connections == 1

        # Known at once with a new connection, and after a reload.
        renew(10)
        await broker.reconnect()
        found = placeholders(hass, entry, "certificate_ends")
        ends = dt_util.as_local(dt_util.utc_from_timestamp(broker.certificate_expiry))
        assert found["date"] == ends.date().isoformat()
        await hass.config_entries.async_reload(entry.entry_id)
        assert issue(hass, entry, "certificate_ends") is not None
        await hass.config_entries.async_unload(entry.entry_id)


async def test_client_certificate_ends(
    hass: HomeAssistant, add_entry: AddEntry, repairs: RepairsFlowManager
) -> None:
    """Ours as well, whether or not there is a connection."""
    authority = CertificateAuthority()

    def security(days: int) -> dict[str, str]:
        own = authority.issue("home", client=True, days=days)
        return {"client_certificate": own.pem, "client_key": own.key_pem()}

    url = f"wss://127.0.0.1:{free_port()}/"
    entry = await add_entry(url=url, security=security(10))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert "date" in placeholders(hass, entry, "client_certificate_ends")
    await leads_to_the_form(hass, repairs, entry, "client_certificate_ends")
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "security": security(30)}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    assert issue(hass, entry, "client_certificate_ends") is None


# --- connections that don't last -------------------------------------------------------


async def test_client_id_in_use(
    hass: HomeAssistant, add_entry: AddEntry, repairs: RepairsFlowManager
) -> None:
    """Two clients that throw each other out; over once there is peace."""
    websockets: list[web.WebSocketResponse] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        websockets.append(websocket)
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        entry = await add_entry(url=url, connection={"client_id": "home"})
        broker = entry.runtime_data.broker
        for times in range(3):
            assert issue(hass, entry, "client_id_in_use") is None, times
            await websockets[-1].send_bytes(b"\xe0\x01\x8e")
            await websockets[-1].close()
            await until(hass, lambda: not broker.connected)
            await broker.reconnect()
        found = placeholders(hass, entry, "client_id_in_use")
        assert (found["count"], found["minutes"]) == ("3", "10")
        assert issue(hass, entry, "connection_unstable") is None
        await leads_to_the_form(hass, repairs, entry, "client_id_in_use")
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=11))
        await until(hass, lambda: issue(hass, entry, "client_id_in_use") is None)
        await hass.config_entries.async_unload(entry.entry_id)


async def test_client_id_in_use_without_a_word(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """Mosquitto 2.0 just hangs up on the first of two clients with the same id."""
    server.require_mosquitto("lets two clients have one id")
    entry = await add_entry(connection={"client_id": "home"})
    broker = entry.runtime_data.broker
    for _ in range(5):
        async with Peer(server, client_id="home"):
            await until(hass, lambda: not broker.connected)
        await broker.reconnect()
    found = placeholders(hass, entry, "connection_unstable")
    assert "client ID" in found["reason"]


async def test_connection_unstable(
    hass: HomeAssistant,
    add_entry: AddEntry,
    repairs: RepairsFlowManager,
) -> None:
    """Other losses, and what the last one was; a reload begins anew."""
    websockets: list[web.WebSocketResponse] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        websockets.append(websocket)
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        entry = await add_entry(url=url)
        broker = entry.runtime_data.broker
        for times in range(5):
            assert issue(hass, entry, "connection_unstable") is None, times
            await websockets[-1].close(code=1012, message=b"again")
            await until(hass, lambda: not broker.connected)
            broker.reconnect_now()
            await until(hass, lambda: broker.connected)
        found = placeholders(hass, entry, "connection_unstable")
        assert found["count"] == "5"
        assert found["reason"] == "The server closed the connection (1012 again)"
        await leads_to_the_form(hass, repairs, entry, "connection_unstable")
        await hass.config_entries.async_unload(entry.entry_id)
        assert issue(hass, entry, "connection_unstable") is None


async def test_reconnecting_on_demand_is_no_loss(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """However often somebody does it."""
    entry = await add_entry()
    for _ in range(6):
        await entry.runtime_data.broker.reconnect()
    assert entry.runtime_data.broker.counters.connections == 7
    assert issue(hass, entry, "connection_unstable") is None


# --- no way back -----------------------------------------------------------------------


class Gateway:
    """A web server with a broker behind it, until it answers with a status."""

    def __init__(self) -> None:
        """Let everybody in."""
        self.status = 101
        self.websocket: web.WebSocketResponse | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        if self.status != 101:
            return web.Response(status=self.status)
        self.websocket = web.WebSocketResponse(protocols=("mqtt",))
        await self.websocket.prepare(request)
        await self.websocket.receive()
        await self.websocket.send_bytes(CONNACK_5)
        await until_closed(self.websocket)
        return self.websocket


async def test_cannot_reconnect(
    hass: HomeAssistant,
    add_entry: AddEntry,
    repairs: RepairsFlowManager,
    gateway: tuple[Gateway, str],
    no_attempts: None,
) -> None:
    """Where waiting does not help, a person hears of it after some attempts."""
    server, url = gateway
    entry = await add_entry(url=url)
    broker = entry.runtime_data.broker

    async def attempts(count: int, status: int) -> None:
        server.status = status
        for _ in range(count):
            with pytest.raises(BrokerError):
                await broker.reconnect()

    server.status = 404
    assert server.websocket is not None
    await server.websocket.close()
    await until(hass, lambda: not broker.connected)
    await attempts(4, 404)
    await attempts(1, 503)  # that may pass by itself
    await attempts(4, 404)
    assert issue(hass, entry, "cannot_reconnect") is None
    await attempts(1, 404)
    found = placeholders(hass, entry, "cannot_reconnect")
    assert "HTTP 404" in found["reason"]
    assert "/mqtt" in found["reason"]
    await leads_to_the_form(hass, repairs, entry, "cannot_reconnect")
    server.status = 101
    broker.reconnect_now()
    await until(hass, lambda: broker.connected)
    assert issue(hass, entry, "cannot_reconnect") is None
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def gateway(socket_enabled: None) -> AsyncIterator[tuple[Gateway, str]]:
    """Return a running gateway and its URL."""
    server = Gateway()
    async with http_server(server.answer) as url:
        yield server, f"{url}mqtt"


# --- subscriptions ---------------------------------------------------------------------


def sensor(topic: str) -> dict[str, Any]:
    """Return a component."""
    return {"platform": "sensor", "name": topic, "state_topic": topic}


async def test_subscription_refused(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """The topics are named, with the broker's reason, until they are permitted."""
    permitted = {"good"}

    async def script(websocket: web.WebSocketResponse) -> None:
        await permitting(websocket, permitted.__contains__)

    components = {topic: sensor(topic) for topic in ("good", "bad", "x`y")}
    async with websocket_server(accepting(script)) as url:
        entry = await add_entry(url=url, subentries=(device(components),))
        await until(hass, lambda: issue(hass, entry, "subscription_refused"))
        found = placeholders(hass, entry, "subscription_refused")
        assert found["count"] == "2"
        assert sorted(found["topics"].splitlines()) == [
            "- `bad`: Not authorized",
            "- `x'y`: Not authorized",
        ]
        shown = issue(hass, entry, "subscription_refused")
        assert shown is not None
        assert not shown.is_fixable
        permitted |= {"bad", "x`y"}
        await entry.runtime_data.broker.reconnect()
        await entry.runtime_data.broker.settled()
        assert issue(hass, entry, "subscription_refused") is None

        permitted.clear()
        await hass.config_entries.async_reload(entry.entry_id)
        await entry.runtime_data.broker.settled()
        assert placeholders(hass, entry, "subscription_refused")["count"] == "3"
        # Nobody wants the topics any more.
        hass.config_entries.async_remove_subentry(entry, next(iter(entry.subentries)))
        await hass.async_block_till_done()
        await entry.runtime_data.broker.settled()
        assert issue(hass, entry, "subscription_refused") is None
        await hass.config_entries.async_unload(entry.entry_id)


async def test_many_subscriptions_refused(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """A few are enough to see what is wrong."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await permitting(websocket, lambda _: False)

    components = {f"t{number}": sensor(f"t{number}") for number in range(12)}
    async with websocket_server(accepting(script)) as url:
        entry = await add_entry(url=url, subentries=(device(components),))
        await until(hass, lambda: issue(hass, entry, "subscription_refused"))
        found = placeholders(hass, entry, "subscription_refused")
        assert found["count"] == "12"
        assert len(found["topics"].splitlines()) == 11
        assert found["topics"].endswith("\n- …")
        await hass.config_entries.async_unload(entry.entry_id)
