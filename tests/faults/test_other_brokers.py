"""RabbitMQ, NATS and Aedes: each has its own idea of MQTT over WebSocket."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from custom_components.mqtt_websocket.broker import errors
from custom_components.mqtt_websocket.broker.broker import Broker, probe
from custom_components.mqtt_websocket.broker.websocket import session_arguments
from tests.broker.conftest import Inbox, settings_for, state_reached
from tests.broker.test_connect import refusal
from tests.support.brokers import Aedes, Nats, OtherBroker, RabbitMq

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(params=[RabbitMq, Nats, Aedes])
async def other(
    request: pytest.FixtureRequest, socket_enabled: None
) -> AsyncIterator[OtherBroker]:
    """Return a running broker of each kind."""
    async with request.param() as broker:
        yield broker


async def test_other_brokers(http: aiohttp.ClientSession, other: OtherBroker) -> None:
    """All that the integration does with a broker, with one start of each.

    The slowest of them takes ten seconds for that.
    """
    await _version(http, other)
    broker = Broker(http, settings_for(other.url), name="test")
    await broker.start()
    try:
        await _messages(broker, other)
        await _many(broker)
        await _retained(http, broker, other)
        await _kept(http, broker, other)
        await _back_after_a_restart(broker, other)
    finally:
        await broker.stop()


async def _version(http: aiohttp.ClientSession, other: OtherBroker) -> None:
    """Without MQTT 5 they get 3.1.1, each after another kind of refusal."""
    assert await probe(http, settings_for(other.url)) == other.newest
    assert await probe(http, settings_for(other.url, protocol="3.1.1")) == "3.1.1"
    if other.newest == "3.1.1":
        err = await refusal(http, other.url, protocol="5")
        assert isinstance(err, errors.ProtocolUnsupported | errors.ClosedBeforeConnack)


async def _messages(broker: Broker, other: OtherBroker) -> None:
    """Any size, any QoS, text and bytes, in order."""
    inbox = Inbox()
    broker.subscribe("m/+/x", inbox, 1)
    await broker.settled()
    assert not broker.refused
    for qos in (0, 1, 2) if other.qos2 else (0, 1):
        for size in (0, 1, 100, 10_000, 100_000, 900_000):
            payload = bytes(range(256)) * (size // 256) + b"\xff" * (size % 256)
            await broker.publish(f"m/{qos}/x", payload, qos)
            (message,) = await inbox.collect(1, timeout=20)
            assert message.payload == payload
            assert message.topic == f"m/{qos}/x"


async def _many(broker: Broker) -> None:
    """More than any of them has under way at once."""
    inbox = Inbox()
    broker.subscribe("many", inbox, 1)
    await broker.settled()
    async with asyncio.timeout(40):
        await asyncio.gather(*(broker.publish("many", n, 1) for n in range(500)))
    messages = await inbox.collect(500, timeout=40)
    assert [int(message.payload) for message in messages] == list(range(500))


async def _retained(
    http: aiohttp.ClientSession, broker: Broker, other: OtherBroker
) -> None:
    """A retained message waits for who comes later."""
    await broker.publish("kept", "yes", 1, True)
    late = Broker(http, settings_for(other.url), name="late")
    await late.start()
    try:
        inbox = Inbox()
        late.subscribe("kept", inbox)
        await late.settled()
        (message,) = await inbox.collect(1)
        assert (message.payload, message.retain) == (b"yes", True)
    finally:
        await late.stop()


async def _kept(
    http: aiohttp.ClientSession, broker: Broker, other: OtherBroker
) -> None:
    """What came while a client was away is there when it is back."""
    settings = settings_for(other.url, client_id="keeper", session_expiry=600)
    keeper = Broker(http, settings, name="keeper")
    await keeper.start()
    keeper.subscribe("kept/1", Inbox(), 1)
    await keeper.settled()
    await keeper.stop()
    for number in range(10):
        await broker.publish("kept/1", number, 1)
    again = Broker(http, settings, name="again")
    await again.start(hold=True)
    try:
        inbox = Inbox()
        again.subscribe("kept/1", inbox, 1)
        again.release()
        messages = await inbox.collect(10, timeout=20)
        assert [int(message.payload) for message in messages] == list(range(10))
        await again.settled()
    finally:
        await again.stop()


async def _back_after_a_restart(broker: Broker, other: OtherBroker) -> None:
    """The connection and its subscriptions come back."""
    inbox = Inbox()
    broker.subscribe("back/#", inbox, 1)
    await broker.settled()
    await other.kill()
    await state_reached(broker, lambda: not broker.connected)
    await other.start()
    broker.reconnect_now()
    await state_reached(broker, lambda: broker.connected, timeout=60)
    await broker.settled()
    await broker.publish("back/again", "x", 1)
    await inbox.collect(1, timeout=20)


async def test_wrong_paths(socket_enabled: None) -> None:
    """What each of them says elsewhere than at its own path."""
    async with (
        Nats() as nats,
        aiohttp.ClientSession(**session_arguments()) as http,
    ):
        # NATS speaks its own protocol there.
        err = await refusal(http, nats.url.replace("/mqtt", "/"))
        assert type(err) is errors.NotMqtt


async def test_a_subscription_without_the_right_to_it(socket_enabled: None) -> None:
    """NATS refuses it in SUBACK; Mosquitto grants all, and sends less."""
    user = 'user: ann, password: right, permissions: { subscribe: { deny: ["no.>"] } }'
    async with (
        Nats(f"authorization {{ users: [ {{ {user} }} ] }}") as nats,
        aiohttp.ClientSession(**session_arguments()) as http,
    ):
        settings = settings_for(nats.url, username="ann", password="right")
        broker = Broker(http, settings, name="test")
        await broker.start()
        try:
            broker.subscribe("no/a", Inbox(), 1)
            broker.subscribe("yes/a", Inbox(), 1)
            await broker.settled()
            assert list(broker.refused) == ["no/a"]
        finally:
            await broker.stop()
        err = await refusal(http, nats.url, username="ann", password="wrong")
        assert isinstance(err, errors.BadCredentials | errors.NotAuthorized)
