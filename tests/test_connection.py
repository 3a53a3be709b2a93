"""From an entry's data to a connection."""

from collections.abc import Awaitable, Callable
import logging

from aiohttp import web
import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.broker import Broker
from custom_components.mqtt_websocket.connection import async_settings

from .conftest import AddEntry
from .support.peer import Peer
from .support.scripted import accepting, http_server, until_closed, websocket_server
from .support.server import MqttServer
from .support.waiting import until
from .test_config_flow import created, start, submit

type Reconnect = Callable[[Broker], Awaitable[None]]

TOKEN = "sensor.token"


@pytest.fixture
def reconnect(hass: HomeAssistant) -> Reconnect:
    """Return a function that breaks a broker's connection and waits for the next."""

    async def again(broker: Broker) -> None:
        session = broker._session
        assert session is not None
        connections = broker.counters.connections
        await session._tear_down()
        while broker.counters.connections == connections:
            broker.reconnect_now()
            await hass.async_block_till_done()

    return again


async def test_a_token_that_changes(
    hass: HomeAssistant, add_entry: AddEntry, reconnect: Reconnect
) -> None:
    """Headers and the URL are rendered for each connection, and never logged."""
    seen: list[web.Request] = []
    script = accepting(until_closed)
    async with websocket_server(script, seen=seen.append) as url:
        hass.states.async_set(TOKEN, "first")
        entry = await add_entry(
            url=f'{url}mqtt?token={{{{ states("{TOKEN}") }}}}',
            connection={
                "headers": [
                    {"name": "X-Fixed", "value": "as it is"},
                    {
                        "name": "Authorization",
                        "value": f"Bearer {{{{ states('{TOKEN}') }}}}",
                    },
                    {"name": "X-Year", "value": "{{ utcnow().year }}"},
                ]
            },
        )
        assert entry.state is ConfigEntryState.LOADED
        hass.states.async_set(TOKEN, "second")
        await reconnect(entry.runtime_data.broker)
        tokens = [request.query["token"] for request in seen]
        assert tokens == ["first", "second"]
        assert seen[-1].headers["Authorization"] == "Bearer second"
        assert seen[-1].headers["X-Fixed"] == "as it is"
        assert seen[-1].headers["X-Year"].startswith("20")
        await hass.config_entries.async_unload(entry.entry_id)


async def test_nothing_secret_is_logged(
    hass: HomeAssistant, add_entry: AddEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever happens to a connection, and however much is logged."""
    caplog.set_level(logging.DEBUG)
    current = {"status": 101}
    websockets: list[web.WebSocketResponse] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        if (status := current["status"]) != 101:
            location = str(request.url.with_scheme("https"))
            return web.Response(status=status, headers={"Location": location})
        websockets.append(web.WebSocketResponse(protocols=("mqtt",)))
        await websockets[-1].prepare(request)
        await accepting(until_closed)(websockets[-1])
        return websockets[-1]

    async with http_server(answer) as url:
        entry = await add_entry(
            url=f"{url}mqtt?token=geheim1",
            username="geheim2",
            password="geheim3",
            connection={"headers": [{"name": "X-Token", "value": "geheim4"}]},
            setup=False,
        )
        # A title never has the query; that of this test's entries is the whole URL.
        hass.config_entries.async_update_entry(entry, title="Broker")
        await hass.config_entries.async_setup(entry.entry_id)
        broker = entry.runtime_data.broker
        await websockets[-1].close(code=1011)
        await until(hass, lambda: not broker.connected)
        for current["status"] in (301, 400, 401, 404, 503):
            with pytest.raises(errors.UpgradeRefused):
                await broker.reconnect()
        await hass.config_entries.async_reload(entry.entry_id)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.reason is not None
        assert "geheim" not in entry.reason
    # The server of this test logs what it is asked for.
    ours = [each for each in caplog.records if each.name != "aiohttp.access"]
    assert len(ours) > 20
    assert not [each for each in ours if "geheim" in each.getMessage()]
    assert not [each for each in ours if "geheim" in (each.exc_text or "")]


async def test_a_token_that_is_not_there_yet(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """At the start of Home Assistant it may come late: nobody is asked for another."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers["Authorization"] != "Bearer good":
            return web.Response(status=401)
        websocket = web.WebSocketResponse(protocols=("mqtt",))
        await websocket.prepare(request)
        await accepting(until_closed)(websocket)
        return websocket

    value = f"Bearer {{{{ states('{TOKEN}') }}}}"
    headers = [{"name": "Authorization", "value": value}]
    async with http_server(answer) as url:
        entry = await add_entry(url=url, connection={"headers": headers})
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.error_reason_translation_key == "http_unauthorized"
        assert not hass.config_entries.flow.async_progress()
        hass.states.async_set(TOKEN, "good")
        await hass.config_entries.async_reload(entry.entry_id)
        broker = entry.runtime_data.broker
        assert broker.connected
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ nothing.there }}", "UndefinedError"),
        ("{{ open(", "TemplateSyntaxError"),
        ("{{ 'secret' | int }}", "ValueError"),
        # The limited environment knows nothing of the rest of Home Assistant.
        ("{{ states.sensor.token.state }}", "UndefinedError"),
        ("{{ state_attr('sensor.token', 'x') }}", "TemplateError"),
    ],
)
async def test_a_template_that_fails(
    hass: HomeAssistant,
    template: str,
    error: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The field is named, and nothing that the template works on."""
    headers = [{"name": "X-Token", "value": f"secret {template}"}]
    data = {"url": "ws://127.0.0.1", "connection": {"headers": headers}}
    with pytest.raises(errors.TemplateFailed) as caught:
        await async_settings(hass, data, {})
    assert caught.value.details == {"setting": "X-Token", "error": error}
    assert "secret" not in repr(caught.value)
    assert "secret" not in caplog.text


async def test_what_came_while_home_assistant_was_away(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """With a session that lasts it is there after a restart: the client id stays."""
    server.require_mosquitto("keeps no sessions")
    entry = await add_entry(connection={"session_expiry": 600})
    broker = entry.runtime_data.broker
    assert broker.client_id.startswith("ha")
    broker.subscribe("away/#", lambda _: None, 1)
    await broker.settled()
    await hass.config_entries.async_unload(entry.entry_id)
    await peer.publish("away/1", "x")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    again = entry.runtime_data.broker
    assert again is not broker
    assert again.client_id == broker.client_id
    topics: list[str] = []

    def note(message: object) -> None:
        topics.append(getattr(message, "topic", ""))
        hass.bus.async_fire("noted")

    again.subscribe("away/#", note, 1)
    await until(hass, lambda: topics)
    assert topics == ["away/1"]


async def test_settings(hass: HomeAssistant) -> None:
    """What the connection section may hold besides."""
    data = {
        "url": "ws://127.0.0.1",
        "connection": {"ping": 25, "session_expiry": 3600, "proxy": "environment"},
    }
    settings = await async_settings(hass, data, {})
    assert settings.ping == 25
    assert settings.session_expiry == 3600
    assert settings.proxy == "environment"
    plain = await async_settings(hass, {"url": "ws://127.0.0.1"}, {})
    assert (plain.ping, plain.session_expiry, plain.proxy) == (None, 0, None)
    assert (plain.timeout, plain.max_frame) == (10, 16 * 2**20)
    options = {"limits": {"connect_timeout": 30, "max_frame": 64}}
    other = await async_settings(hass, {"url": "ws://127.0.0.1"}, options)
    assert (other.timeout, other.max_frame) == (30, 64 * 2**20)


async def test_templates_in_the_form(hass: HomeAssistant, socket_enabled: None) -> None:
    """They are stored as they are, tried with what they mean, and named if they fail."""
    seen: list[web.Request] = []
    script = accepting(until_closed)
    async with websocket_server(script, seen=seen.append) as server_url:
        url = f'{server_url}mqtt?token={{{{ states("{TOKEN}") }}}}'
        hass.states.async_set(TOKEN, "a b")
        flow = await start(hass)
        wrong = await submit(hass, flow, url=server_url + "{{ missing() }}")
        assert wrong["errors"] == {"url": "template_failed"}
        hass.states.async_set(TOKEN, "first")
        result = await submit(
            hass,
            flow,
            url=url,
            connection={
                "headers": [
                    {"name": "X-Token", "value": "{{ states('sensor.token') }}"}
                ],
                "ping": 25,
                "session_expiry": 3600,
                "proxy": "environment",
            },
        )
        entry = created(result)
        await hass.async_block_till_done()
        assert entry.data["url"] == url
        connection = entry.data["connection"]
        assert (connection["ping"], connection["session_expiry"]) == (25, 3600)
        assert {request.query["token"] for request in seen} == {"first"}
        assert {request.headers["X-Token"] for request in seen} == {"first"}
        await hass.config_entries.async_unload(entry.entry_id)
