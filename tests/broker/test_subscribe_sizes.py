"""How many filters are asked for at once, and answers that come when nobody waits."""

import asyncio
from string import ascii_lowercase

from aiohttp import web
import pytest

from custom_components.mqtt_websocket.broker import (
    broker as broker_module,
    session,
    subscriptions,
)
from custom_components.mqtt_websocket.broker.broker import Broker
from tests.support.scripted import accepting, packets, websocket_server

from .conftest import Inbox, MakeBroker

SUBSCRIBE = 0x82
MANY = 24
FEW = MANY // 8


def filters_of(packet: bytes) -> int:
    """Return how many filters of one letter a SUBSCRIBE without properties has."""
    return (len(packet) - 5) // 4


def suback(packet: bytes, code: int) -> bytes:
    """Return the answer to a SUBSCRIBE, the same for all of its filters."""
    codes = bytes([code]) * filters_of(packet)
    return bytes((0x90, 3 + len(codes), *packet[2:4], 0)) + codes


async def test_late_refusal(
    make_broker: MakeBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal that comes after its time is one all the same, and is told."""
    monkeypatch.setattr(session, "_ANSWER_SECONDS", 0.05)
    late = asyncio.Event()

    async def script(websocket: web.WebSocketResponse) -> None:
        async for frame in websocket:
            for packet in packets(frame.data):
                if packet[0] == SUBSCRIBE:
                    await late.wait()
                    await websocket.send_bytes(suback(packet, 0x87))

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        told = asyncio.Event()
        broker.subscribe("a", Inbox())
        await asyncio.wait_for(broker.settled(), 10)
        assert not broker.refused
        broker.listen_refused(told.set)
        late.set()
        await asyncio.wait_for(told.wait(), 10)
        assert broker.refused["a"].details["topic"] == "a"
        await broker.stop()


class _Server:
    """Notes the sizes of SUBSCRIBE of each connection; hangs up on some."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make brokers come back at once, and ask for no more than ``MANY``."""
        monkeypatch.setattr(subscriptions, "_FILTERS_A_PACKET", MANY)
        monkeypatch.setattr(subscriptions, "_FEWEST_FILTERS_A_PACKET", 2)
        monkeypatch.setattr(broker_module, "_delay", lambda _: 0.001)
        self._monkeypatch = monkeypatch
        self.sizes: list[list[int]] = []
        self.most = FEW
        self.answered = asyncio.Event()

    async def script(self, websocket: web.WebSocketResponse) -> None:
        """Hang up on more filters than are taken at once."""
        sizes: list[int] = []
        self.sizes.append(sizes)
        async for frame in websocket:
            for packet in packets(frame.data):
                if packet[0] != SUBSCRIBE:
                    continue
                sizes.append(filters_of(packet))
                if sizes[-1] > self.most:
                    return
                await websocket.send_bytes(suback(packet, 0))
                if sum(sizes) == MANY:
                    self.answered.set()

    async def all_answered(self, broker: Broker) -> None:
        """Return when a connection has all its filters."""
        await asyncio.wait_for(self.answered.wait(), 10)
        self.answered.clear()
        await asyncio.wait_for(broker.settled(), 10)

    async def renewed(self, broker: Broker) -> None:
        """Have a new connection after one that lasted."""
        self._monkeypatch.setattr(broker_module, "_STABLE_SECONDS", 0)
        await broker.reconnect()
        await self.all_answered(broker)


async def _subscribe_to_many(server: _Server, broker: Broker) -> None:
    """Lose a connection by it, and have all of it on the next one."""
    for letter in ascii_lowercase[:MANY]:
        broker.subscribe(letter, Inbox())
    await server.all_answered(broker)
    assert server.sizes == [[MANY], [FEW] * 8]


async def test_more_at_once_after_a_connection_that_lasted(
    make_broker: MakeBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What broke one connection need not have been the number of filters."""
    server = _Server(monkeypatch)
    async with websocket_server(accepting(server.script)) as url:
        broker = await make_broker(url)
        await _subscribe_to_many(server, broker)
        server.most = MANY
        await server.renewed(broker)
        assert server.sizes[-1] == [MANY]
        await broker.stop()


async def test_servers_that_never_take_more(
    make_broker: MakeBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who hangs up on many a second time is not asked for many again."""
    server = _Server(monkeypatch)
    async with websocket_server(accepting(server.script)) as url:
        broker = await make_broker(url)
        await _subscribe_to_many(server, broker)
        await server.renewed(broker)
        assert server.sizes[-2:] == [[MANY], [FEW] * 8]
        await server.renewed(broker)
        assert server.sizes[-2:] == [[FEW] * 8, [FEW] * 8]
        await broker.stop()
