"""The forms of a broker: adding, changing, new credentials, options."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from string import Formatter
from typing import Any

from aiohttp import web
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_schema_suggested_value,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.broker import errors as broker_errors
from custom_components.mqtt_websocket.broker.errors import BrokerError, ConnectError
from custom_components.mqtt_websocket.broker_form import STORED

from .conftest import AddEntry
from .support.certificates import CertificateAuthority
from .support.forms import form_values
from .support.scripted import accepting, http_server, until_closed
from .support.server import HOST, MqttServer, free_port
from .support.translations import DOMAIN, english

USERS = {"ada": "secret", "bob": "other"}
DEFAULT_SECTIONS: dict[str, Any] = {
    "security": {"verify_ssl": True},
    "connection": {"protocol": "auto", "keepalive": 60},
}


@pytest.fixture(autouse=True)
async def unload(hass: HomeAssistant, server: MqttServer) -> AsyncIterator[None]:
    """Unload what the flows of a test have set up, while the server still runs."""
    yield
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state in (ConfigEntryState.LOADED, ConfigEntryState.SETUP_RETRY):
            await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


# --- helpers ----------------------------------------------------------------------------


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the form for a new broker."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    assert result["errors"] == {}
    return result


async def submit(
    hass: HomeAssistant, result: ConfigFlowResult, **values: Any
) -> ConfigFlowResult:
    """Fill in a form and send it."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], values)
    await hass.async_block_till_done()
    return result


async def add(hass: HomeAssistant, **values: Any) -> ConfigEntry:
    """Add a broker with the form."""
    result = await submit(hass, await start(hass), **values)
    return created(result)


def created(result: ConfigFlowResult) -> ConfigEntry:
    """Return the entry that a flow has created, set up."""
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    assert result["result"].state is ConfigEntryState.LOADED
    return result["result"]


def is_open(result: ConfigFlowResult, name: str) -> bool:
    """Whether a section of the form is shown with its fields."""
    schema = result["data_schema"]
    assert schema is not None
    return not schema.schema[name].options["collapsed"]


type Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def tcp_server(handler: Handler) -> AsyncIterator[int]:
    """Listen with this handler and return the port."""

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await handler(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(handle, HOST, 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


def answering(answer: bytes) -> Handler:
    """Return a handler that reads a request and answers with these bytes."""

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        # A second caller tries TLS, to find out more.
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return handle


def http(status: str, *headers: str) -> Handler:
    """Return a handler that answers with an HTTP status."""
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers]
    return answering("\r\n".join([*lines, "", ""]).encode())


async def hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Handle a connection by ending it."""


# --- a new broker ------------------------------------------------------------------------


async def test_url_alone(hass: HomeAssistant, server: MqttServer) -> None:
    """The URL is all that has to be given."""
    entry = await add(hass, url=server.ws_url)

    assert entry.title == HOST
    assert dict(entry.data) == {
        "url": server.ws_url,
        "discovery": False,
        **DEFAULT_SECTIONS,
    }
    assert dict(entry.options) == {}
    assert not entry.subentries


async def test_everything(hass: HomeAssistant) -> None:
    """All fields are stored as they were entered."""
    async with MqttServer(users=USERS) as server:
        entry = await add(
            hass,
            url=f" WS://{HOST}:{server.ws_port} ",
            username="ada",
            password="secret",
            discovery=True,
            security={"verify_ssl": False},
            connection={
                "client_id": "home",
                "protocol": "3.1.1",
                "keepalive": 30,
                "headers": [
                    {"name": "Authorization", "value": "Bearer abc"},
                    {"name": "X-Empty"},
                ],
            },
        )
        assert dict(entry.data) == {
            "url": server.ws_url,
            "username": "ada",
            "password": "secret",
            "discovery": True,
            "security": {"verify_ssl": False},
            "connection": {
                "client_id": "home",
                "protocol": "3.1.1",
                "keepalive": 30,
                "headers": [
                    {"name": "Authorization", "value": "Bearer abc"},
                    {"name": "X-Empty", "value": ""},
                ],
            },
        }
        assert type(entry.data["connection"]["keepalive"]) is int
        assert entry.runtime_data.broker.protocol == "3.1.1"
        await hass.config_entries.async_unload(entry.entry_id)


async def test_untouched_form(hass: HomeAssistant, server: MqttServer) -> None:
    """The browser sends all sections, with empty texts where a field was cleared."""
    result = await start(hass)
    values = form_values(result["data_schema"])
    assert values == {"discovery": False, **DEFAULT_SECTIONS}
    values["security"]["client_key_password"] = ""
    values["connection"]["headers"] = []

    entry = created(await submit(hass, result, url=server.ws_url, **values))
    assert entry.data["security"] == DEFAULT_SECTIONS["security"]
    assert entry.data["connection"] == DEFAULT_SECTIONS["connection"]


async def test_credentials_in_the_url(hass: HomeAssistant) -> None:
    """They are taken out of the URL, and count more than the fields."""
    async with MqttServer(users={"ada": "p@ss/word"}) as server:
        entry = await add(
            hass,
            url=f"ws://ada:p%40ss%2Fword@{HOST}:{server.ws_port}/",
            username="somebody",
        )
        assert entry.data["url"] == server.ws_url
        assert entry.data["username"] == "ada"
        assert entry.data["password"] == "p@ss/word"
        assert "p@ss" not in entry.title
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", HOST),
        ("/mqtt", HOST),
        ("/ws/", HOST),
        ("/garden", f"{HOST}/garden"),
        ("/garden?token=geheim", f"{HOST}/garden"),
    ],
)
async def test_title(
    hass: HomeAssistant, server: MqttServer, path: str, title: str
) -> None:
    """A broker is called after its host, and its path if that says something."""
    entry = await add(hass, url=server.ws_url[:-1] + path)
    assert entry.title == title


async def test_several_brokers(hass: HomeAssistant, server: MqttServer) -> None:
    """The same URL may be used with several user names, but not twice with one."""
    url = server.ws_url
    first = await add(hass, url=url, username="ada")
    second = await add(hass, url=url)
    third = await add(hass, url=url, username="bob")
    async with MqttServer() as other:
        fourth = await add(hass, url=other.ws_url)
        assert fourth.title == f"{HOST}:{other.ws_port}"
        assert {entry.state for entry in (first, second, third, fourth)} == {
            ConfigEntryState.LOADED
        }
        await hass.config_entries.async_unload(fourth.entry_id)

    for username in ({}, {"username": "ada"}):
        result = await submit(hass, await start(hass), url=url, **username)
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "already_configured"
    assert len(hass.config_entries.async_entries(DOMAIN)) == 4


# --- what can be wrong with it -----------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("127.0.0.1:9001/mqtt", "unsupported_scheme"),
        ("mqtt://127.0.0.1:1883", "unsupported_scheme"),
        ("ws://", "url_without_host"),
        ("ws://ho st/", "url_has_space"),
        ("ws://host:99999/", "invalid_port"),
        ("ws://host/#top", "url_has_fragment"),
        ("ws://[::1/", "invalid_url"),
    ],
)
async def test_wrong_url(
    hass: HomeAssistant, server: MqttServer, url: str, error: str
) -> None:
    """A URL that can't be right is told apart at once, and stays in the form."""
    result = await submit(hass, await start(hass), url=url, username="ada")
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"url": error}
    schema = result["data_schema"]
    assert schema is not None
    assert get_schema_suggested_value(schema.schema, "url") == url
    assert get_schema_suggested_value(schema.schema, "username") == "ada"

    created(await submit(hass, result, url=server.ws_url))


@pytest.mark.parametrize(
    ("handler", "field", "error", "details"),
    [
        (
            http("401 Unauthorized"),
            "connection",
            "http_unauthorized",
            {"status": "401"},
        ),
        (http("403 Forbidden"), "connection", "http_forbidden", {"status": "403"}),
        (http("404 Not Found"), "url", "http_not_found", {"path": "/mqtt"}),
        (
            http("301 Moved", "Location: https://example.com/?token=geheim"),
            "url",
            "http_redirect",
            {"location": "https://example.com/"},
        ),
        (http("429 Slow down"), "base", "http_too_many_requests", {"status": "429"}),
        (http("502 Bad Gateway"), "base", "http_server_error", {"status": "502"}),
        (http("426 Upgrade"), "base", "http_upgrade_required", {"status": "426"}),
        (http("200 OK"), "base", "upgrade_refused", {"status": "200"}),
        (answering(b"220 mail\r\n"), "url", "not_http", {"host": HOST}),
        (hang_up, "url", "closed_without_answer", {"host": HOST}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_wrong_server(
    hass: HomeAssistant,
    server: MqttServer,
    handler: Handler,
    field: str,
    error: str,
    details: Mapping[str, str],
) -> None:
    """What answers is no MQTT broker: the form says what it is and where to look."""
    result = await start(hass)
    async with tcp_server(handler) as port:
        result = await submit(hass, result, url=f"ws://{HOST}:{port}/mqtt")
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {field: error}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert details.items() <= placeholders.items()
    assert "geheim" not in str(placeholders)
    if field == "connection":
        assert is_open(result, "connection")
        assert not is_open(result, "security")

    created(await submit(hass, result, url=server.ws_url))


async def test_nobody_there(hass: HomeAssistant, server: MqttServer) -> None:
    """Nothing listens; then a plain MQTT port; then an encrypted URL for a plain port."""
    result = await start(hass)
    port = free_port()
    result = await submit(hass, result, url=f"ws://{HOST}:{port}/")
    assert result["errors"] == {"url": "connection_refused"}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["port"] == str(port)

    result = await submit(hass, result, url=f"ws://{HOST}:{server.port}/")
    assert result["errors"] == {"url": "closed_without_answer"}

    result = await submit(hass, result, url=f"wss://{HOST}:{server.ws_port}/")
    assert result["errors"] == {"url": "tls_not_spoken"}

    created(await submit(hass, result, url=server.ws_url))


async def test_wrong_credentials(hass: HomeAssistant) -> None:
    """The broker refuses them; what was typed stays in the form."""
    async with MqttServer(users=USERS) as server:
        result = await start(hass)
        result = await submit(
            hass, result, url=server.ws_url, username="ada", password="wrong"
        )
        assert result["type"] is FlowResultType.FORM
        errors = result["errors"]
        assert errors in (
            {"password": "bad_credentials"},
            {"username": "not_authorized"},
        )
        assert form_values(result["data_schema"])["password"] == "wrong"

        result = await submit(
            hass, result, url=server.ws_url, username="ada", password="secret"
        )
        entry = created(result)
        await hass.config_entries.async_unload(entry.entry_id)


def header(name: str, value: str = "x") -> dict[str, Any]:
    """Return a connection section with one header."""
    return {"headers": [{"name": name, "value": value}]}


@pytest.mark.parametrize(
    ("connection", "error"),
    [
        (header("Bad Name"), "invalid_header_name"),
        (header("Näme"), "invalid_header_name"),
        (header(""), "invalid_header_name"),
        (header("A\r\nB"), "invalid_header_name"),
        (header("X-Token", "a\r\nHost: evil"), "invalid_header_value"),
        (header("X-Token", "a\x00b"), "invalid_header_value"),
        (header("Host"), "reserved_header"),
        (header("upgrade"), "reserved_header"),
        (header("Sec-WebSocket-Protocol"), "reserved_header"),
        (
            {"headers": [*header("X-A")["headers"], *header("x-a")["headers"]]},
            "duplicate_header",
        ),
        ({"proxy": "proxy:3128"}, "invalid_proxy"),
        ({"proxy": "socks5://proxy:3128"}, "invalid_proxy"),
        ({"proxy": "http://[::1"}, "invalid_proxy"),
        ({"proxy": "http://user:pass@:3128"}, "invalid_proxy"),
        ({"client_id": "a\x07b"}, "invalid_client_id"),
        ({"client_id": "x" * 65_536}, "invalid_client_id"),
    ],
)
async def test_wrong_connection(
    hass: HomeAssistant, server: MqttServer, connection: dict[str, Any], error: str
) -> None:
    """What stands in the connection section is checked before anything is sent."""
    url = server.ws_url
    result = await submit(hass, await start(hass), url=url, connection=connection)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"connection": error}
    assert is_open(result, "connection")

    created(await submit(hass, result, url=url, connection={"keepalive": 20}))


async def test_what_nobody_thought_of(
    hass: HomeAssistant, server: MqttServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The form stays, the log has the rest, and nothing is left behind.

    The packet has no room for such a name, which the client library finds out only when
    it writes it.
    """
    url = server.ws_url
    result = await submit(hass, await start(hass), url=url, username="x" * 65_536)
    assert result["errors"] == {"base": "cannot_connect"}
    assert "The connection can't be tried" in caplog.text

    created(await submit(hass, result, url=url))


async def test_single_header(hass: HomeAssistant, server: MqttServer) -> None:
    """One header may come without a list around it."""
    entry = await add(
        hass,
        url=server.ws_url,
        connection={"headers": {"name": " X-Token ", "value": " abc "}},
    )
    assert entry.data["connection"]["headers"] == [{"name": "X-Token", "value": "abc"}]


async def test_proxy(hass: HomeAssistant) -> None:
    """The connection goes through the proxy, and its refusals are explained."""
    async with MqttServer(tls=True) as server:
        security = {"ca_certificate": server.ca_pem}
        url = server.wss_url
        result = await start(hass)
        for handler, error in (
            (http("407 Proxy Authentication Required"), "proxy_unauthorized"),
            (http("403 Forbidden"), "proxy_refused"),
        ):
            async with tcp_server(handler) as port:
                proxy = {"proxy": f"http://user:geheim@{HOST}:{port}"}
                result = await submit(
                    hass, result, url=url, security=security, connection=proxy
                )
            assert result["errors"] == {"connection": error}
            assert "geheim" not in str(result["description_placeholders"])
        proxy = {"proxy": f"http://{HOST}:{free_port()}"}
        result = await submit(
            hass, result, url=url, security=security, connection=proxy
        )
        assert result["errors"] == {"connection": "proxy_unreachable"}

        async with tcp_server(tunnel) as port:
            proxy = {"proxy": f"http://user:geheim@{HOST}:{port}/"}
            entry = created(
                await submit(hass, result, url=url, security=security, connection=proxy)
            )
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_block_till_done()
        assert entry.data["connection"]["proxy"] == proxy["proxy"]


async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Handle CONNECT as a proxy does."""
    request = await reader.readuntil(b"\r\n\r\n")
    host, _, port = request.split()[1].decode().rpartition(":")
    far_reader, far_writer = await asyncio.open_connection(host, int(port))
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()

    await asyncio.gather(
        copy(reader, far_writer), copy(far_reader, writer), return_exceptions=True
    )


# --- certificates ------------------------------------------------------------------------


async def test_own_authority(hass: HomeAssistant) -> None:
    """A server of one's own needs the certificate of its authority."""
    async with MqttServer(tls=True) as server:
        url = server.wss_url
        result = await submit(hass, await start(hass), url=url)
        assert result["errors"] == {"security": "certificate_unknown_issuer"}
        assert is_open(result, "security")

        stranger = CertificateAuthority("Somebody else").pem
        result = await submit(
            hass, result, url=url, security={"ca_certificate": stranger}
        )
        assert result["errors"] == {"security": "certificate_unknown_issuer"}

        pasted = server.ca_pem.replace("\n", "\r\n") + "\r\n  "
        entry = created(
            await submit(hass, result, url=url, security={"ca_certificate": pasted})
        )
        assert entry.data["security"] == {
            "verify_ssl": True,
            "ca_certificate": server.ca_pem,
        }
        await hass.config_entries.async_unload(entry.entry_id)


async def test_no_verification(hass: HomeAssistant) -> None:
    """A person may do without."""
    async with MqttServer(tls=True) as server:
        entry = await add(hass, url=server.wss_url, security={"verify_ssl": False})
        await hass.config_entries.async_unload(entry.entry_id)


async def test_encrypted_port_without_encryption(
    hass: HomeAssistant, server: MqttServer
) -> None:
    """The URL says ws, the port expects wss."""
    async with MqttServer(tls=True) as secure:
        url = f"ws://{HOST}:{secure.wss_port}/"
        result = await submit(hass, await start(hass), url=url)
    assert result["type"] is FlowResultType.FORM
    assert list(result["errors"] or {}) == ["url"]
    created(await submit(hass, result, url=server.ws_url))


@pytest.fixture(scope="module")
def authority() -> CertificateAuthority:
    """Return an authority for client certificates."""
    return CertificateAuthority()


async def test_client_certificate(hass: HomeAssistant) -> None:
    """The key may be encrypted, or stand in one text with the certificate."""
    async with MqttServer(client_certificate=True) as server:
        assert server.authority is not None
        ours = server.authority.issue("home", client=True)
        url, ca = server.wss_url, {"ca_certificate": server.ca_pem}
        result = await submit(hass, await start(hass), url=url, security=ca)
        assert result["type"] is FlowResultType.FORM
        assert list(result["errors"] or {}) != []

        security = {
            **ca,
            "client_certificate": ours.pem,
            "client_key": ours.key_pem("geheim"),
            "client_key_password": "geheim",
        }
        entry = created(await submit(hass, result, url=url, security=security))
        assert entry.data["security"] == {"verify_ssl": True, **security}
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.config_entries.async_remove(entry.entry_id)

        both = {**ca, "client_certificate": ours.key_pem() + ours.pem}
        # What stands in the field for the key counts more.
        other = server.authority.issue("other", client=True).key_pem()
        for more, key in (({}, ours.key_pem()), ({"client_key": other}, other)):
            result = await submit(
                hass, await start(hass), url=url, security={**both, **more}
            )
            if key is other:
                assert result["errors"] == {"security": "key_does_not_match"}
                continue
            entry = created(result)
            assert entry.data["security"] == {
                "verify_ssl": True,
                **ca,
                "client_certificate": ours.pem,
                "client_key": key,
            }
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.config_entries.async_remove(entry.entry_id)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"ca_certificate": "nonsense"}, "invalid_ca_certificate"),
        ({"ca_certificate": "{key}"}, "invalid_ca_certificate"),
        ({"client_certificate": "nonsense"}, "invalid_client_certificate"),
        ({"client_certificate": "{certificate}"}, "certificate_without_key"),
        ({"client_key": "{key}"}, "key_without_certificate"),
        (
            {"client_certificate": "{certificate}", "client_key": "nonsense"},
            "invalid_client_key",
        ),
        (
            {"client_certificate": "{certificate}", "client_key": "{other_key}"},
            "key_does_not_match",
        ),
        (
            {"client_certificate": "{certificate}", "client_key": "{locked_key}"},
            "key_password_missing",
        ),
        (
            {
                "client_certificate": "{certificate}",
                "client_key": "{locked_key}",
                "client_key_password": "wrong",
            },
            "key_password_wrong",
        ),
        (
            {
                "client_certificate": "{certificate}",
                "client_key": "nonsense",
                "client_key_password": "geheim",
            },
            "invalid_client_key",
        ),
    ],
)
async def test_wrong_certificates(
    hass: HomeAssistant,
    server: MqttServer,
    authority: CertificateAuthority,
    values: dict[str, str],
    error: str,
) -> None:
    """Certificates and keys that can't work are told apart."""
    ours = authority.issue("home", client=True)
    texts = {
        "certificate": ours.pem,
        "key": ours.key_pem(),
        "locked_key": ours.key_pem("geheim"),
        "other_key": authority.issue("other", client=True).key_pem(),
    }
    security = {key: value.format(**texts) for key, value in values.items()}
    url = server.ws_url
    result = await submit(hass, await start(hass), url=url, security=security)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"security": error}

    # A password is no mistake where nothing is encrypted.
    good = {
        "client_certificate": ours.pem,
        "client_key": ours.key_pem(),
        "client_key_password": "superfluous",
    }
    created(await submit(hass, result, url=url, security=good))


# --- changes -----------------------------------------------------------------------------


async def reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry
) -> tuple[ConfigFlowResult, dict[str, Any]]:
    """Open the form for changes; return it and what it holds."""
    result = await entry.start_reconfigure_flow(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "reconfigure"
    return result, form_values(result["data_schema"])


def done(result: ConfigFlowResult, entry: ConfigEntry) -> None:
    """Assert that the changes are stored and in use."""
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.broker.connected
    assert entry.runtime_data.broker.settings.address.url == entry.data["url"]


async def test_move(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """A broker moves to another URL; the entry reloads by itself."""
    entry = await add_entry()
    before = entry.runtime_data
    async with MqttServer() as other:
        result, values = await reconfigure(hass, entry)
        result = await submit(hass, result, **{**values, "url": other.ws_url})
        done(result, entry)
        assert entry.runtime_data is not before
        assert entry.data == {
            "url": other.ws_url,
            "discovery": False,
            **DEFAULT_SECTIONS,
        }
        await hass.config_entries.async_unload(entry.entry_id)


async def test_title_follows(hass: HomeAssistant, server: MqttServer) -> None:
    """The title that we gave follows the URL, one that a person gave stays."""
    entry = await add(hass, url=server.ws_url)
    for title, path, expected in (
        (HOST, "", HOST),
        (HOST, "garden", f"{HOST}/garden"),
        (f"{HOST}:{server.ws_port}/garden", "attic", f"{HOST}/attic"),
        ("My broker", "cellar", "My broker"),
    ):
        hass.config_entries.async_update_entry(entry, title=title)
        result = await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
        )
        result = await submit(hass, result, url=f"{server.ws_url}{path}")
        done(result, entry)
        assert entry.title == expected


async def test_nothing_changed(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """Sending the form as it is connects anew, so that one sees whether it works."""
    entry = await add_entry(discovery=False, **DEFAULT_SECTIONS)
    before, data = entry.runtime_data, dict(entry.data)
    result, values = await reconfigure(hass, entry)
    result = await submit(hass, result, **values)
    done(result, entry)
    assert entry.data == data
    assert entry.runtime_data is not before


async def test_broken_entry_recovers(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """An entry that could not be set up works after its URL is repaired."""
    entry = await add_entry(url=f"ws://{HOST}:{free_port()}/")
    assert entry.state is ConfigEntryState.SETUP_RETRY
    result, values = await reconfigure(hass, entry)
    result = await submit(hass, result, **values)
    assert result["errors"] == {"url": "connection_refused"}
    result = await submit(hass, result, **{**values, "url": server.ws_url})
    done(result, entry)


async def test_wrong_url_is_repaired(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """So it does if the URL was none at all."""
    entry = await add_entry(url="mqtt://broker")
    assert entry.state is ConfigEntryState.SETUP_ERROR
    result, values = await reconfigure(hass, entry)
    result = await submit(hass, result, **{**values, "url": server.ws_url})
    done(result, entry)


async def test_move_to_known_broker(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """Two entries can't become the same."""
    await add_entry()
    await add_entry(username="ada")
    entry = await add_entry(url=f"{server.ws_url}other")
    for username in ({}, {"username": "ada"}):
        result, _ = await reconfigure(hass, entry)
        result = await submit(hass, result, url=server.ws_url, **username)
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "already_configured"
    assert entry.data["url"] == f"{server.ws_url}other"


def secrets(authority: CertificateAuthority) -> dict[str, Any]:
    """Return entry data with a secret in every place for one."""
    ours = authority.issue("home", client=True)
    return {
        "username": "ada",
        "password": "secret",
        "discovery": False,
        "security": {
            "verify_ssl": True,
            "ca_certificate": authority.pem,
            "client_certificate": ours.pem,
            "client_key": ours.key_pem("geheim"),
            "client_key_password": "geheim",
        },
        "connection": {
            "protocol": "auto",
            "keepalive": 60,
            "headers": [{"name": "Authorization", "value": "Bearer geheim"}],
        },
    }


async def test_secrets_stay(
    hass: HomeAssistant, authority: CertificateAuthority, add_entry: AddEntry
) -> None:
    """The form for changes shows no secret, and what is not touched stays."""
    async with MqttServer(users=USERS) as server:
        data = secrets(authority)
        entry = await add_entry(url=server.ws_url, **data)
        result, values = await reconfigure(hass, entry)
        assert is_open(result, "security")
        assert is_open(result, "connection")
        assert values["password"] == STORED
        assert values["security"] == {
            **data["security"],
            "client_key": STORED,
            "client_key_password": STORED,
        }
        assert values["connection"]["headers"] == [
            {"name": "Authorization", "value": STORED}
        ]
        result = await submit(hass, result, **{**values, "discovery": True})
        done(result, entry)
        assert entry.data == {"url": server.ws_url, **data, "discovery": True}

        # New headers beside the stored one; a name nobody knows has nothing stored.
        result, values = await reconfigure(hass, entry)
        values["connection"]["headers"] += [{"name": "X-New", "value": STORED}]
        result = await submit(hass, result, **values)
        done(result, entry)
        assert entry.data["connection"]["headers"] == [
            {"name": "Authorization", "value": "Bearer geheim"},
            {"name": "X-New", "value": STORED},
        ]
        await hass.config_entries.async_unload(entry.entry_id)


async def test_secrets_go(
    hass: HomeAssistant,
    server: MqttServer,
    authority: CertificateAuthority,
    add_entry: AddEntry,
) -> None:
    """A cleared field forgets its secret; a key goes with its certificate."""
    entry = await add_entry(**secrets(authority))
    result, values = await reconfigure(hass, entry)
    del values["username"], values["password"], values["connection"]["headers"]
    del values["security"]["client_certificate"]
    result = await submit(hass, result, **values)
    done(result, entry)
    assert entry.data == {
        "url": server.ws_url,
        "discovery": False,
        "security": {"verify_ssl": True, "ca_certificate": authority.pem},
        "connection": DEFAULT_SECTIONS["connection"],
    }


async def test_new_key(
    hass: HomeAssistant, authority: CertificateAuthority, add_entry: AddEntry
) -> None:
    """A certificate that is renewed with its key in one text takes the old key's place."""
    entry = await add_entry(**secrets(authority))
    renewed = authority.issue("home", client=True)
    result, values = await reconfigure(hass, entry)
    values["security"]["client_certificate"] = renewed.pem + renewed.key_pem()
    result = await submit(hass, result, **values)
    done(result, entry)
    assert entry.data["security"]["client_certificate"] == renewed.pem
    assert entry.data["security"]["client_key"] == renewed.key_pem()


async def test_proxy_password_stays(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """The password in a proxy's address is hidden, and kept while it is not changed."""
    async with MqttServer(tls=True) as secure, tcp_server(tunnel) as port:
        entry = await add_entry(
            url=secure.wss_url,
            security={"verify_ssl": False},
            connection={"proxy": f"http://user:ge%20heim@{HOST}:{port}"},
        )
        result, values = await reconfigure(hass, entry)
        assert values["connection"]["proxy"] == f"http://user:{STORED}@{HOST}:{port}"
        values["connection"]["proxy"] = f"http://other:{STORED}@{HOST}:{port}"
        result = await submit(hass, result, **values)
        done(result, entry)
        proxy = entry.data["connection"]["proxy"]
        assert proxy == f"http://other:ge%20heim@{HOST}:{port}"

        # A section that is not sent stays, a section without it forgets it.
        result, _ = await reconfigure(hass, entry)
        result = await submit(hass, result, url=secure.wss_url)
        done(result, entry)
        assert entry.data["connection"]["proxy"] == proxy
        result, _ = await reconfigure(hass, entry)
        result = await submit(hass, result, url=secure.wss_url, connection={})
        done(result, entry)
        assert entry.data["connection"] == DEFAULT_SECTIONS["connection"]
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()


async def test_unreadable_proxy(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """An address that nobody could have entered does not bar the way to repair it."""
    entry = await add_entry(connection={"proxy": "http://[::1"}, setup=False)
    result, values = await reconfigure(hass, entry)
    assert values["connection"]["proxy"] == "http://[::1"
    result = await submit(hass, result, **values)
    assert result["errors"] == {"connection": "invalid_proxy"}
    result = await submit(hass, result, url=server.ws_url, connection={})
    done(result, entry)


async def test_client_id_in_use(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """Testing a change does not throw the running connection out of the broker."""
    entry = await add_entry(connection={"client_id": "home"})
    result, values = await reconfigure(hass, entry)
    result = await submit(hass, result, **{**values, "discovery": True})
    done(result, entry)
    assert entry.data["connection"]["client_id"] == "home"
    if server.kind == "mosquitto":
        assert "already connected" not in server.log


async def test_client_id_demanded(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """A broker that permits certain client ids only is asked with the one it knows."""
    async with MqttServer(extra_config="clientid_prefixes home") as server:
        entry = await add_entry(
            url=server.ws_url, connection={"client_id": "home-assistant"}
        )
        assert entry.state is ConfigEntryState.LOADED
        result, values = await reconfigure(hass, entry)
        result = await submit(hass, result, **{**values, "discovery": True})
        await hass.async_block_till_done()
        assert result["reason"] == "reconfigure_successful"
        await hass.config_entries.async_unload(entry.entry_id)


# --- new credentials -----------------------------------------------------------------------


def state_of(entry: ConfigEntry) -> ConfigEntryState:
    """Return an entry's state; type checkers believe that it does not change."""
    return entry.state


async def test_reauth(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """New credentials are asked for, tried, and used; everything else stays."""
    async with MqttServer(users=USERS) as server:
        entry = await add_entry(
            url=server.ws_url,
            username="ada",
            password="old",
            discovery=True,
            security={"verify_ssl": False},
            connection={"protocol": "auto", "keepalive": 33},
        )
        assert state_of(entry) is ConfigEntryState.SETUP_ERROR
        (flow,) = hass.config_entries.flow.async_progress()
        assert flow["context"]["source"] == SOURCE_REAUTH
        assert flow["step_id"] == "reauth_confirm"
        result = await hass.config_entries.flow.async_configure(flow["flow_id"])
        assert form_values(result["data_schema"]) == {
            "username": "ada",
            "password": STORED,
        }
        placeholders = result["description_placeholders"]
        assert placeholders is not None
        assert placeholders["name"] == entry.title

        result = await submit(hass, result, username="ada", password=STORED)
        assert result["type"] is FlowResultType.FORM
        assert list(result["errors"] or {})[0] in ("username", "password")

        result = await submit(hass, result, username="ada", password="secret")
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "reauth_successful"
        assert state_of(entry) is ConfigEntryState.LOADED
        assert entry.data == {
            "url": server.ws_url,
            "username": "ada",
            "password": "secret",
            "discovery": True,
            "security": {"verify_ssl": False},
            "connection": {"protocol": "auto", "keepalive": 33},
        }
        assert not hass.config_entries.flow.async_progress()
        await hass.config_entries.async_unload(entry.entry_id)


async def test_reauth_of_a_running_entry(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """It reloads with the new credentials, and without any if the fields are empty."""
    entry = await add_entry(username="ada", password="old")
    assert entry.state is ConfigEntryState.LOADED
    before = entry.runtime_data
    result = await entry.start_reauth_flow(hass)
    result = await submit(hass, result)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert entry.runtime_data is not before
    assert "username" not in entry.data
    assert "password" not in entry.data


async def test_reauth_for_a_web_server(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """Where it is a web server that refuses, its headers can be entered."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Bearer new":
            return web.Response(status=401)
        websocket = web.WebSocketResponse(protocols=("mqtt",))
        await websocket.prepare(request)
        await accepting(until_closed)(websocket)
        return websocket

    def token(value: str) -> list[dict[str, str]]:
        return [{"name": "Authorization", "value": value}]

    async with http_server(answer) as url:
        for connection in ({}, {"headers": token("Bearer old"), "keepalive": 33}):
            entry = await add_entry(url=url, username="ada", connection=connection)
            assert state_of(entry) is ConfigEntryState.SETUP_ERROR
            (flow,) = hass.config_entries.flow.async_progress()
            result = await hass.config_entries.flow.async_configure(flow["flow_id"])
            values = form_values(result["data_schema"])
            assert values.get("headers", []) == (token(STORED) if connection else [])
            result = await submit(hass, result, **values)
            assert result["errors"] == {"headers": "http_unauthorized"}
            result = await submit(
                hass, result, username="ada", headers=token("Bearer new")
            )
            assert result["reason"] == "reauth_successful"
            assert state_of(entry) is ConfigEntryState.LOADED
            assert entry.data["username"] == "ada"
            assert entry.data["connection"]["headers"] == token("Bearer new")
            assert entry.data["connection"]["keepalive"] == (33 if connection else 60)
            await hass.config_entries.async_remove(entry.entry_id)


async def test_reauth_while_the_server_is_down(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """What is wrong elsewhere is shown above the two fields."""
    entry = await add_entry(username="ada", password="old")
    await server.stop()
    result = await entry.start_reauth_flow(hass)
    result = await submit(hass, result, username="ada", password="new")
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": "connection_refused"}
    await server.start()
    result = await submit(hass, result, username="ada", password="new")
    assert result["reason"] == "reauth_successful"
    assert entry.data["password"] == "new"


async def test_reauth_as_somebody_known(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """The user name of another entry for the same URL is refused."""
    await add_entry(username="bob")
    entry = await add_entry(username="ada")
    result = await entry.start_reauth_flow(hass)
    result = await submit(hass, result, username="bob")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


# --- options -------------------------------------------------------------------------------


async def options(hass: HomeAssistant, entry: ConfigEntry) -> ConfigFlowResult:
    """Open the options."""
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "init"
    return result


async def set_options(
    hass: HomeAssistant, result: ConfigFlowResult, **values: Any
) -> ConfigFlowResult:
    """Send the options' form."""
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], values
    )
    await hass.async_block_till_done()
    return result


OFF = {"enabled": False, "topic": "homeassistant/status", "qos": "0", "retain": False}


async def test_options(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """Options are stored, applied at once, and shown again."""
    entry = await add_entry()
    result = await options(hass, entry)
    values = form_values(result["data_schema"])
    assert values == {
        "discovery_prefix": "homeassistant",
        "birth": {**OFF, "payload": "online"},
        "will": {**OFF, "payload": "offline"},
        "limits": {"connect_timeout": 10, "max_frame": 16},
    }
    values["birth"] |= {"enabled": True, "qos": "1"}
    values["discovery_prefix"] = "ha/"
    before = entry.runtime_data
    result = await set_options(hass, result, **values)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    birth = {"topic": "ha/status", "payload": "online", "qos": 1, "retain": False}
    assert entry.options == {"discovery_prefix": "ha", "birth": birth}
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data is not before

    result = await options(hass, entry)
    assert is_open(result, "birth")
    assert not is_open(result, "will")
    values = form_values(result["data_schema"])
    assert values["birth"] == {"enabled": True, **birth, "qos": "1"}
    # What is not sent stays; what is switched off goes.
    result = await set_options(hass, result, discovery_prefix="ha")
    assert entry.options == {"discovery_prefix": "ha", "birth": birth}
    will = {"enabled": True, "topic": "gone", "payload": "0", "qos": 2, "retain": True}
    result = await set_options(
        hass,
        await options(hass, entry),
        discovery_prefix="ha",
        birth={"enabled": False},
        will=will,
    )
    del will["enabled"]
    assert entry.options == {"discovery_prefix": "ha", "will": will}


async def test_options_of_a_broker_that_is_not_there(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """It is tried with them at once: it may be for them that it was not reached."""
    await server.stop()
    entry = await add_entry()
    assert entry.error_reason_translation_key == "connection_refused"
    await server.start()

    result = await options(hass, entry)
    await set_options(hass, result, discovery_prefix="ha")
    assert entry.options == {"discovery_prefix": "ha"}
    assert entry.state is ConfigEntryState.LOADED


async def test_limits(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """They are stored where they differ from the defaults, and used."""
    entry = await add_entry()
    result = await options(hass, entry)
    assert not is_open(result, "limits")
    limits = {"connect_timeout": 3, "max_frame": 16}
    await set_options(hass, result, discovery_prefix="ha", limits=limits)
    assert entry.options == {
        "discovery_prefix": "ha",
        "limits": {"connect_timeout": 3},
    }
    assert entry.runtime_data.broker.settings.timeout == 3
    result = await options(hass, entry)
    assert is_open(result, "limits")
    assert form_values(result["data_schema"])["limits"] == limits
    # Also when the form tries a connection.
    server.freeze()
    loop = asyncio.get_running_loop()
    started = loop.time()
    form = await entry.start_reconfigure_flow(hass)
    form = await submit(hass, form, url=server.ws_url)
    assert list((form["errors"] or {}).values())[0].startswith("timed_out_")
    assert loop.time() - started < 8
    server.thaw()
    result = await set_options(
        hass,
        result,
        discovery_prefix="ha",
        limits={"connect_timeout": 10, "max_frame": 16},
    )
    assert entry.options == {"discovery_prefix": "ha"}


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"discovery_prefix": "a/#"}, {"discovery_prefix": "topic_has_wildcard"}),
        ({"discovery_prefix": " / "}, {"discovery_prefix": "topic_empty"}),
        (
            {
                "discovery_prefix": "a",
                "will": {"enabled": True, "topic": "a/+", "qos": 2},
            },
            {"will": "topic_has_wildcard"},
        ),
    ],
)
async def test_wrong_options(
    hass: HomeAssistant,
    add_entry: AddEntry,
    values: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """Topics have to be topics."""
    entry = await add_entry()
    result = await set_options(hass, await options(hass, entry), **values)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    shown = form_values(result["data_schema"])
    assert shown["discovery_prefix"] == values["discovery_prefix"]
    if "will" in values:
        assert is_open(result, "will")
        assert shown["will"]["topic"] == "a/+"
        assert shown["will"]["qos"] == "2"
    result = await set_options(hass, result, discovery_prefix="ok")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"discovery_prefix": "ok"}


# --- the forms as browsers get them -----------------------------------------------------


async def test_over_http(
    hass: HomeAssistant, server: MqttServer, hass_client: ClientSessionGenerator
) -> None:
    """All that a form holds can be sent to a browser, and what it sends comes in."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    path = "/api/config/config_entries/flow"
    response = await client.post(path, json={"handler": DOMAIN})
    form = await response.json()
    assert [field["name"] for field in form["data_schema"]] == [
        "url",
        "username",
        "password",
        "discovery",
        "security",
        "connection",
    ]
    for field in form["data_schema"][-2:]:
        assert field["type"] == "expandable"
        assert not field["required"]
        # It would hide what the fields of the section suggest.
        assert "default" not in field
    response = await client.post(
        f"{path}/{form['flow_id']}", json={"url": server.ws_url}
    )
    assert (await response.json())["type"] == "create_entry"
    await hass.async_block_till_done()


# --- texts ---------------------------------------------------------------------------------


def subclasses(kind: type[BrokerError]) -> list[type[BrokerError]]:
    """Return a class with all that derive from it."""
    return [kind, *(each for sub in kind.__subclasses__() for each in subclasses(sub))]


def placeholders_in(text: str) -> set[str]:
    """Return the placeholders of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


async def test_every_error_has_its_texts(hass: HomeAssistant) -> None:
    """Each cause has a text in the form and one as an exception.

    The form has a value for all that its texts may name, whatever an error knows.
    """
    given = (await start(hass))["description_placeholders"]
    assert given is not None
    texts = english()
    for kind in subclasses(BrokerError):
        text = texts["exceptions"][kind.key]["message"]
        named = placeholders_in(text)
        assert all(f"``{name}``" in documented(kind) for name in named), kind
        if issubclass(kind, ConnectError):
            text = texts["config"]["error"][kind.key]
            assert placeholders_in(text) <= given.keys(), kind
    keys = [kind.key for kind in subclasses(BrokerError)]
    assert len(set(keys)) == len(keys)


def documented(kind: type[BrokerError]) -> str:
    """Return what is said of an error's details, by its class and those above."""
    return " ".join(
        each.__doc__ or ""
        for each in kind.__mro__
        if each.__module__ == broker_errors.__name__
    )
