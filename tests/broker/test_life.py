"""Starting, stopping and reconnecting in each other's way."""

import asyncio
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.mqtt_websocket.broker import broker as broker_module, errors
from custom_components.mqtt_websocket.broker.attempt import open_session
from custom_components.mqtt_websocket.broker.broker import Broker, ConnectionState
from custom_components.mqtt_websocket.broker.session import Session
from custom_components.mqtt_websocket.broker.settings import Announcement, Settings
from tests.support.scripted import (
    CONNACK_5,
    accepting,
    permitting,
    until_closed,
    websocket_server,
)

from .conftest import Inbox, MakeBroker, settings_for, state_reached


class Visits:
    """A server where each client stays until it is sent away."""

    def __init__(self) -> None:
        """Start without any."""
        self.count = 0
        self._last: web.WebSocketResponse | None = None

    async def send_away(self) -> None:
        """End the connection that there is."""
        assert self._last is not None
        await self._last.close()

    async def __call__(self, websocket: web.WebSocketResponse) -> None:
        """Take CONNECT, and say no more."""
        self.count += 1
        self._last = websocket
        await accepting(until_closed)(websocket)


async def test_a_failing_listener_harms_nobody(
    make_broker: MakeBroker, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; the others hear of the change, and the connection comes back."""
    visits = Visits()
    heard: list[ConnectionState] = []

    def fail() -> None:
        raise ZeroDivisionError

    async with websocket_server(visits) as url:
        broker = await make_broker(url)
        unlisten = broker.listen(fail)
        broker.listen(lambda: heard.append(broker.state))
        await visits.send_away()
        await state_reached(broker, lambda: not broker.connected)
        unlisten()
        broker.reconnect_now()
        await state_reached(broker, lambda: broker.connected)
        await broker.stop()
    assert heard[0] is ConnectionState.DISCONNECTED
    assert caplog.text.count("A listener to the state of test failed") == 1


@pytest.mark.parametrize("stopped", [False, True])
async def test_given_up_in_the_moment_of_success(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    """A connection that is there when nobody wants it any more is closed again."""
    gone = asyncio.Event()
    giving_up: list[asyncio.Task[None]] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        await until_closed(websocket)
        gone.set()

    async def open_and_give_up(*args: Any, **options: Any) -> Session:
        session = await open_session(*args, **options)
        if stopped:
            giving_up.append(asyncio.create_task(broker.stop()))
        else:
            starting.cancel()
        return session

    monkeypatch.setattr(broker_module, "open_session", open_and_give_up)
    async with websocket_server(accepting(script)) as url:
        broker = Broker(http, settings_for(url), name="test")
        starting = asyncio.create_task(broker.start())
        with pytest.raises(errors.ConnectError if stopped else asyncio.CancelledError):
            await starting
        async with asyncio.timeout(5):
            await gone.wait()
            await asyncio.gather(*giving_up)
    assert broker.counters.connections == 1
    assert broker.state is ConnectionState.STOPPED


@pytest.mark.usefixtures("no_attempts")
async def test_reconnect_joins_the_attempt_that_is_under_way(
    http: aiohttp.ClientSession,
) -> None:
    """Who asks for a new connection while one is being made gets that one."""
    visits = Visits()
    waiting, go_on = asyncio.Event(), asyncio.Event()

    async def source() -> Settings:
        if broker.counters.connections:
            waiting.set()
            await go_on.wait()
        return settings_for(url)

    async with websocket_server(visits) as url:
        broker = Broker(http, settings_for(url), name="test", source=source)
        await broker.start()
        await visits.send_away()
        await state_reached(broker, lambda: not broker.connected)
        broker.reconnect_now()
        async with asyncio.timeout(5):
            await waiting.wait()
            asking = asyncio.create_task(broker.reconnect())
            go_on.set()
            await asking
        assert broker.connected
        broker.reconnect_now()  # nothing to do while connected
        await broker.publish("t", "x")
        await broker.stop()
    assert visits.count == broker.counters.connections == 2


@pytest.mark.usefixtures("no_attempts")
async def test_reconnect_hears_of_the_first_failure(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """Even if somebody is in such a hurry that the next ones follow at once."""
    visits = Visits()
    failures: list[errors.ConnectError] = []

    async def source() -> Settings:
        if not broker.counters.connections:
            return settings_for(url)
        failures.append(errors.ConnectError(reason=str(len(failures))))
        if len(failures) < 3:
            broker.reconnect_now()
        raise failures[-1]

    async with websocket_server(visits) as url:
        broker = Broker(http, settings_for(url), name="test", source=source)
        await broker.start()
        await visits.send_away()
        await state_reached(broker, lambda: not broker.connected)
        with pytest.raises(errors.ConnectError) as caught:
            await broker.reconnect()
        await broker.stop()
    assert caught.value is failures[0]
    assert len(failures) == 3
    assert "A listener to the state" not in caplog.text


@pytest.mark.usefixtures("no_attempts")
async def test_two_reconnect_at_once(make_broker: MakeBroker) -> None:
    """Both get the same new connection; who waits for the old one hears of its end."""
    visits = Visits()
    async with websocket_server(visits) as url:
        broker = await make_broker(url)
        publishing = asyncio.create_task(broker.publish("t", "x", 1))
        async with asyncio.timeout(5):
            await asyncio.gather(broker.reconnect(), broker.reconnect())
            with pytest.raises(errors.Renewed):
                await publishing
        assert broker.connected
        await broker.stop()
    assert visits.count == 2


@pytest.mark.usefixtures("no_attempts")
async def test_a_version_once_spoken_is_not_given_up_for_a_silence(
    make_broker: MakeBroker,
) -> None:
    """A server that knows MQTT 5 and does not answer is asked once, not once a version."""
    versions: list[int] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        connect = await websocket.receive_bytes()
        versions.append(connect[8])
        if len(versions) == 1:
            await websocket.send_bytes(CONNACK_5)
        await until_closed(websocket)

    async with websocket_server(script) as url:
        broker = await make_broker(url, timeout=0.5)
        with pytest.raises(errors.ConnackTimedOut):
            await broker.reconnect()
        await broker.stop()
    assert versions == [5, 5]


# --- birth, and what the server allows ------------------------------------------------


async def test_a_refused_birth_message(
    make_broker: MakeBroker, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the connection is none the worse."""

    async def script(websocket: web.WebSocketResponse) -> None:
        publish = await websocket.receive_bytes()
        at = 4 + publish[3]
        await websocket.send_bytes(b"\x40\x03" + publish[at : at + 2] + b"\x87")
        refused.set()
        await permitting(websocket, lambda _: True)

    refused = asyncio.Event()
    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url, birth=Announcement("status", "online", 1))
        async with asyncio.timeout(5):
            await refused.wait()
        broker.subscribe("t", Inbox())
        await broker.settled()
        assert broker.connected
        await broker.stop()
    assert "test did not take status: " in caplog.text
    assert broker.counters.connections == 1


async def test_the_birth_message_waits_until_all_is_ready(
    http: aiohttp.ClientSession,
) -> None:
    """Who hears it may say at once what somebody has to be there to hear."""
    story: list[str] = []
    born = asyncio.Event()

    def note(packet: bytes) -> None:
        if packet[0] >> 4 == 3:
            story.append("born")
            born.set()

    async def get_ready() -> None:
        await asyncio.sleep(0)
        story.append("ready")

    async def script(websocket: web.WebSocketResponse) -> None:
        await permitting(websocket, lambda _: True, note)

    async with websocket_server(accepting(script)) as url:
        settings = settings_for(url, birth=Announcement("status", "online"))
        broker = Broker(http, settings, name="test")
        broker.ready = get_ready
        await broker.start()
        async with asyncio.timeout(5):
            await born.wait()
        await broker.stop()
    assert story == ["ready", "born"]


async def test_limits_are_those_of_the_connection(make_broker: MakeBroker) -> None:
    """What the server allows is known while it is connected."""
    receive_maximum = b"\x20\x06\x00\x00\x03\x21\x00\x05"
    async with websocket_server(accepting(until_closed, receive_maximum)) as url:
        broker = await make_broker(url)
        assert broker.limits is not None
        assert broker.limits.receive_maximum == 5
        await broker.stop()
        assert broker.limits is None


async def test_text_that_is_none(make_broker: MakeBroker) -> None:
    """Half of a surrogate pair has no UTF-8: the caller hears it, the server nothing."""
    async with websocket_server(accepting(until_closed)) as url:
        broker = await make_broker(url)
        with pytest.raises(errors.PayloadNotText) as caught:
            await broker.publish("t", "\ud83d")
        assert caught.value.details == {"topic": "t"}
        assert broker.counters.published == 0
        await broker.stop()
