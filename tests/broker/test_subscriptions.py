"""Handlers that come and go at bad moments, and filters that overlap over connections."""

import aiohttp

from custom_components.mqtt_websocket.broker.broker import Broker
from tests.support.peer import Peer
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
