"""Handlers that come and go at bad moments, and filters that overlap over connections."""

import asyncio

import aiohttp
from aiohttp import web
from paho.mqtt.packettypes import PacketTypes

from custom_components.mqtt_websocket.broker.broker import Broker
from tests.support.peer import Peer
from tests.support.scripted import accepting, packets, until_closed, websocket_server
from tests.support.server import MqttServer

from .conftest import Inbox, MakeBroker, settings_for


async def test_before_the_start(
    http: aiohttp.ClientSession, server: MqttServer, peer: Peer
) -> None:
    """Handlers may be there before the connection is."""
    broker = Broker(http, settings_for(server.ws_url), name="test")
    inbox = Inbox()
    broker.subscribe("t", inbox)
    await broker.start()
    await broker.settled()
    await peer.publish("t", "x")
    await inbox.collect(1)
    await broker.stop()


async def test_gone_before_it_is_told_apart(
    make_broker: MakeBroker, server: MqttServer, peer: Peer
) -> None:
    """A filter may go while the one that overlaps with it is still to be asked for."""
    broker = await make_broker()
    remove = broker.subscribe("o/a", Inbox())
    await broker.settled()
    inbox = Inbox()
    broker.subscribe("o/#", inbox)
    remove()
    await broker.settled()
    await peer.publish("o/a", "x")
    await peer.publish("o/end", "x")
    assert [each.topic for each in await inbox.collect(2)] == ["o/a", "o/end"]
    assert not inbox.messages


async def test_overlapping_over_connections(
    make_broker: MakeBroker, server: MqttServer, peer: Peer
) -> None:
    """Each handler is called once after the connection came back, too."""
    server.require_mosquitto("sends a message once for each subscription")
    broker = await make_broker()
    filters = ("o/a", "o/+", "o/#", "end")
    inboxes = [Inbox() for _ in filters]
    for topic_filter, inbox in zip(filters, inboxes, strict=True):
        broker.subscribe(topic_filter, inbox)
    for _ in range(2):
        await broker.reconnect()
        await broker.settled()
        await peer.publish("o/a", "x")
        await peer.publish("end", "x")
        await inboxes[-1].collect(1)
        assert [len(inbox.messages) for inbox in inboxes] == [1, 1, 1, 0]
        for inbox in inboxes:
            inbox.messages.clear()


async def test_the_last_handler_is_told_to_the_server(
    make_broker: MakeBroker, server: MqttServer, peer: Peer
) -> None:
    """With nothing else to say either: the server sends no more of it."""
    broker = await make_broker()
    inbox = Inbox()
    remove = broker.subscribe("t", inbox)
    broker.subscribe("end", inbox)
    await broker.settled()
    remove()
    await broker.settled()
    before = broker.counters.received
    await peer.publish("t", "x")
    await peer.publish("end", "x")
    assert [each.topic for each in await inbox.collect(1)] == ["end"]
    assert broker.counters.received == before + 1


async def test_refusals_are_those_of_now(make_broker: MakeBroker) -> None:
    """Not of a filter that nobody wants any more, nor of an earlier connection."""
    asked: asyncio.Queue[None] = asyncio.Queue()
    answer = asyncio.Event()

    async def script(websocket: web.WebSocketResponse) -> None:
        async for frame in websocket:
            for packet in packets(frame.data):
                if packet[0] >> 4 == PacketTypes.SUBSCRIBE:
                    asked.put_nowait(None)
                    await answer.wait()
                    await websocket.send_bytes(b"\x90\x04" + packet[2:4] + b"\x00\x87")
                elif packet[0] >> 4 == PacketTypes.UNSUBSCRIBE:
                    await websocket.send_bytes(b"\xb0\x04" + packet[2:4] + b"\x00\x00")

    async with websocket_server(accepting(script)) as url, asyncio.timeout(20):
        broker = await make_broker(url)
        remove = broker.subscribe("unwanted", Inbox())
        await asked.get()
        remove()
        answer.set()
        await broker.settled()
        assert not broker.refused
        broker.subscribe("wanted", Inbox())
        await broker.settled()
        assert list(broker.refused) == ["wanted"]
        answer.clear()
        await broker.reconnect()
        assert not broker.refused
        answer.set()
        await broker.settled()
        assert list(broker.refused) == ["wanted"]
        await broker.stop()


async def test_a_message_that_nobody_wants(make_broker: MakeBroker) -> None:
    """It may be on its way while its handler goes: no reason to end the connection."""

    async def script(websocket: web.WebSocketResponse) -> None:
        await websocket.receive()  # SUBSCRIBE
        await websocket.send_bytes(
            b"\x90\x04\x00\x01\x00\x00\x30\x05\x00\x01u\x00x\x30\x05\x00\x01t\x00x"
        )
        await until_closed(websocket)

    async with websocket_server(accepting(script)) as url:
        broker = await make_broker(url)
        inbox = Inbox()
        broker.subscribe("t", inbox)
        assert [each.topic for each in await inbox.collect(1)] == ["t"]
        assert broker.counters.received == 2
        assert broker.connected
        await broker.stop()
