"""Coming back, for ever, and leaving nothing behind."""

import asyncio
from collections.abc import Iterator
import gc
import logging
from pathlib import Path
import random
import re
import tracemalloc

import aiohttp
from aiohttp import web
import pytest

from custom_components.mqtt_websocket.broker import broker as broker_module, errors
from custom_components.mqtt_websocket.broker.broker import (
    Broker,
    ConnectionState,
    probe,
)
from custom_components.mqtt_websocket.broker.settings import Announcement, Settings
from tests.support.scripted import accepting, until_closed, websocket_server
from tests.support.server import MOSQUITTO, MqttServer, free_port

from .conftest import Inbox, MakeBroker, descriptors, settings_for, state_reached

# What the broker in Python does under these loads says nothing about us.
pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="needs Mosquitto")


async def _restart_many_times(
    make_broker: MakeBroker, server: MqttServer, times: int
) -> None:
    broker = await make_broker()
    inboxes = [Inbox() for _ in range(10)]
    for number, inbox in enumerate(inboxes):
        broker.subscribe(f"r/{number}/#", inbox, 1)
    await broker.settled()
    for attempt in range(times):
        if attempt % 2:
            await server.kill()
        else:
            await server.stop()
        await state_reached(broker, lambda: not broker.connected)
        await server.start()
        broker.reconnect_now()
        await state_reached(broker, lambda: broker.connected, timeout=20)
        await broker.settled()
        for number in range(10):
            await broker.publish(f"r/{number}/x", attempt, 1)
        for inbox in inboxes:
            (message,) = await inbox.collect(1)
            assert int(message.payload) == attempt
    assert broker.counters.connections == times + 1
    assert broker.counters.handler_errors == 0


async def test_ten_restarts(make_broker: MakeBroker, server: MqttServer) -> None:
    """Always back, with all subscriptions."""
    await _restart_many_times(make_broker, server, 10)


@pytest.mark.soak
@pytest.mark.timeout(300)
async def test_a_hundred_restarts(make_broker: MakeBroker, server: MqttServer) -> None:
    """The same for longer, and nothing has grown."""
    await _restart_many_times(make_broker, server, 3)
    before, tasks = descriptors(), len(asyncio.all_tasks())
    await _restart_many_times(make_broker, server, 100)
    # The two brokers of this test are connected, each with three sockets.
    assert descriptors() <= before + 6
    assert len(asyncio.all_tasks()) <= tasks + 6


# --- nothing left behind ----------------------------------------------------------------

_OURS = tracemalloc.Filter(
    inclusive=True, filename_pattern=f"{Path(broker_module.__file__).parent}/*"
)


async def _live_once(
    http: aiohttp.ClientSession, settings: Settings, moments: random.Random
) -> None:
    """Start a broker, use it, and stop it at some moment."""
    broker = Broker(http, settings, name="leak")
    starting = asyncio.create_task(broker.start())
    if moments.random() < 0.4:
        await asyncio.sleep(moments.uniform(0, 0.02))
        if moments.random() < 0.5:
            starting.cancel()
        else:
            await broker.stop()
    await asyncio.wait({starting})
    if not starting.cancelled() and (err := starting.exception()) is not None:
        assert isinstance(err, errors.ConnectError)
    if broker.connected:
        broker.subscribe("t/#", Inbox(), 1)
        if moments.random() < 0.5:
            await broker.settled()
            publishing = asyncio.create_task(broker.publish("t/1", "x", 1))
            await asyncio.sleep(moments.uniform(0, 0.005))
            publishing.cancel()
            await asyncio.wait({publishing})
            if not publishing.cancelled():
                publishing.exception()
    await broker.stop()
    assert broker.state is ConnectionState.STOPPED


async def _leak_test(
    http: aiohttp.ClientSession, server: MqttServer, times: int
) -> None:
    moments = random.Random(7)

    async def closing(websocket: web.WebSocketResponse) -> None:
        await websocket.close(code=1001)

    async with websocket_server(closing) as url:
        kinds = [
            settings_for(server.ws_url),
            settings_for(server.ws_url, session_expiry=60, ping=1.0),
            settings_for(f"ws://127.0.0.1:{free_port()}/"),
            settings_for(url),
        ]

        async def some(count: int) -> None:
            for number in range(count):
                await _live_once(http, kinds[number % len(kinds)], moments)

        await some(60)
        gc.collect()
        before, tasks = descriptors(), len(asyncio.all_tasks())
        tracemalloc.start()
        await some(times)
        # The other ends of the last connections close a moment later.
        async with asyncio.timeout(10):
            while descriptors() > before or len(asyncio.all_tasks()) > tasks:
                await asyncio.sleep(0.02)
        gc.collect()
        snapshot = tracemalloc.take_snapshot().filter_traces([_OURS])
        tracemalloc.stop()
        # Only what our own lines have made: the interpreter's caches come and go.
        kept = snapshot.statistics("lineno")
        assert sum(each.size for each in kept) < 100 * times, kept[:5]
    await _no_session_lingers(server)


async def _no_session_lingers(server: MqttServer) -> None:
    """Every client that Mosquitto has welcomed is gone again."""
    if server.kind != "mosquitto":
        return
    async with asyncio.timeout(10):
        while True:
            log = server.log
            came = len(re.findall(r"New client connected from \S+ as ha", log))
            went = len(
                re.findall(r"Client ha\S+ (?:disconnected|closed its connection)", log)
            )
            if came == went > 0:
                return
            await asyncio.sleep(0.1)


@pytest.fixture
def unlogged() -> Iterator[None]:
    """Keep the test's own log from growing."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("unlogged")
async def test_a_hundred_lives(http: aiohttp.ClientSession, server: MqttServer) -> None:
    """Connects, failures, cancellations, stops at any moment."""
    await _leak_test(http, server, 100)


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("unlogged")
async def test_a_thousand_lives(
    http: aiohttp.ClientSession, server: MqttServer
) -> None:
    """The same for longer."""
    await _leak_test(http, server, 1000)


# --- back-off -----------------------------------------------------------------------------


def test_delays() -> None:
    """Doubling from 1 s to 60 s, with jitter, so that not all come back at once."""
    for attempts, longest in enumerate([1, 2, 4, 8, 16, 32, 60, 60]):
        delays = [broker_module._delay(attempts) for _ in range(200)]
        assert longest / 2 <= min(delays) < longest * 0.6
        assert longest * 0.9 < max(delays) <= longest
    assert broker_module._delay(100_000) <= 60


async def test_back_off(
    make_broker: MakeBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections that don't last count as failures; one that does begins anew."""
    waited: list[int] = []

    def delay(attempts: int) -> float:
        waited.append(attempts)
        return 0.001

    monkeypatch.setattr(broker_module, "_delay", delay)

    async def script(websocket: web.WebSocketResponse) -> None:
        """Close at once."""

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        await state_reached(broker, lambda: len(waited) >= 5)
        assert waited[:5] == [0, 1, 2, 3, 4]
        monkeypatch.setattr(broker_module, "_STABLE_SECONDS", 0)
        waited.clear()
        await state_reached(broker, lambda: len(waited) >= 4)
        assert waited[1:4] == [0, 0, 0]
        await broker.stop()


async def test_an_attempt_on_demand(
    make_broker: MakeBroker, server: MqttServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """reconnect_now() does not wait for the next one."""
    monkeypatch.setattr(broker_module, "_FIRST_DELAY", 60)
    broker = await make_broker()
    await server.restart()
    await state_reached(broker, lambda: not broker.connected)
    broker.reconnect_now()
    await state_reached(broker, lambda: broker.connected)


async def test_a_fault_of_ours_does_not_end_the_attempts(
    make_broker: MakeBroker,
    server: MqttServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged, and the next attempt comes."""
    broker = await make_broker()

    async def fail(*args: object, **kwargs: object) -> None:
        monkeypatch.undo()
        raise ZeroDivisionError

    monkeypatch.setattr(broker_module, "open_session", fail)
    await server.restart()
    await state_reached(broker, lambda: broker.last_error is not None)
    broker.reconnect_now()
    await state_reached(broker, lambda: "ZeroDivisionError" in str(broker.last_error))
    broker.reconnect_now()
    await state_reached(broker, lambda: broker.connected)
    assert "Connecting to test failed" in caplog.text


# --- stop at any moment -------------------------------------------------------------------


async def test_stop_while_starting(http: aiohttp.ClientSession) -> None:
    """start() ends with an error, and nothing is connected."""
    async with websocket_server(until_closed) as url:
        broker = Broker(http, settings_for(url), name="test")
        starting = asyncio.create_task(broker.start())
        await asyncio.sleep(0.05)
        await broker.stop()
        with pytest.raises(errors.ConnectError):
            await starting
        assert broker.state is ConnectionState.STOPPED


async def test_stop_while_the_server_is_frozen(
    make_broker: MakeBroker, server: MqttServer
) -> None:
    """Nobody listens to the good-byes; it takes some seconds at most."""
    broker = await make_broker(will=Announcement("status", "offline", 1, True))
    server.freeze()
    async with asyncio.timeout(9):
        await broker.stop()
    assert broker.state is ConnectionState.STOPPED
    server.thaw()


async def test_stop_while_waiting_for_the_next_attempt(
    make_broker: MakeBroker, server: MqttServer
) -> None:
    """It is the last one."""
    broker = await make_broker()
    await server.stop()
    await state_reached(broker, lambda: not broker.connected)
    async with asyncio.timeout(1):
        await broker.stop()
    await server.start()
    assert broker.state is ConnectionState.STOPPED


# --- settings that change -----------------------------------------------------------------


async def test_settings_are_asked_for_before_each_attempt(
    http: aiohttp.ClientSession,
) -> None:
    """A token in a header is another one each time."""
    tokens: list[str] = []
    number = 0

    async with websocket_server(
        accepting(until_closed), seen=lambda r: tokens.append(r.headers["X-Token"])
    ) as url:

        async def source() -> Settings:
            nonlocal number
            number += 1
            if number == 2:
                raise errors.InvalidUrl
            return settings_for(url, headers={"X-Token": str(number)})

        broker = Broker(http, settings_for(url), name="test", source=source)
        await broker.start()
        session = broker._session
        assert session is not None
        await session._tear_down()
        await state_reached(broker, lambda: not broker.connected)
        broker.reconnect_now()
        await state_reached(
            broker, lambda: isinstance(broker.last_error, errors.InvalidUrl)
        )
        broker.reconnect_now()
        await state_reached(broker, lambda: broker.connected)
        await broker.stop()
    assert tokens == ["1", "3"]


async def test_a_version_once_spoken_is_not_given_up_for_a_hang_up(
    http: aiohttp.ClientSession,
) -> None:
    """A server with MQTT 5 that is going down looks like one that lacks it."""
    versions: list[int] = []

    async def script(websocket: web.WebSocketResponse) -> None:
        connect = await websocket.receive_bytes()
        versions.append(connect[8])
        if len(versions) == 2:
            return
        await websocket.send_bytes(b"\x20\x03\x00\x00\x00")
        if len(versions) > 2:
            await until_closed(websocket)

    async with websocket_server(script) as url:
        assert await probe(http, settings_for(url)) == "5"
        versions.clear()
        broker = Broker(http, settings_for(url), name="test")
        await broker.start()
        await state_reached(broker, lambda: not broker.connected)
        broker.reconnect_now()
        await state_reached(
            broker, lambda: isinstance(broker.last_error, errors.ClosedBeforeConnack)
        )
        broker.reconnect_now()
        await state_reached(broker, lambda: broker.connected)
        await broker.stop()
    assert versions == [5, 5, 5]
