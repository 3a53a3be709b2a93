"""Setting up, changing, unloading and removing an entry."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, STATE_OFF, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket import PLATFORMS, async_remove_config_entry_device
from custom_components.mqtt_websocket.broker.broker import Broker, ConnectionState
from custom_components.mqtt_websocket.const import DOMAIN

from .broker.conftest import descriptors
from .conftest import AddEntry
from .support.devices import DEVICE, House, device, furnish
from .support.peer import Peer
from .support.server import MqttServer, free_port
from .support.waiting import until

SENSOR = {"a": {"platform": "sensor", "name": "A", "state_topic": "a"}}
ENTITY = "sensor.boiler_a"
USERS = {"ann": "secret"}


@pytest.fixture
async def guarded(socket_enabled: None) -> AsyncIterator[MqttServer]:
    """Return a server that wants credentials."""
    async with MqttServer(users=USERS) as server:
        yield server


def state_of(entry: MockConfigEntry) -> ConfigEntryState:
    """Return an entry's state; a type checker thinks that it never changes."""
    return entry.state


def reauth_flows(hass: HomeAssistant) -> list[Any]:
    """Return the flows that ask for other credentials."""
    return [
        flow
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == SOURCE_REAUTH
    ]


def lines(caplog: pytest.LogCaptureFixture, part: str) -> list[str]:
    """Return what was logged from INFO on with these words."""
    return [
        each.message
        for each in caplog.records
        if part in each.message and each.levelname != "DEBUG"
    ]


# --- setting up -------------------------------------------------------------------


async def test_set_up_and_unload(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """An entry connects, and leaves nothing behind when it is unloaded."""
    house = await furnish(
        hass, add_entry, peer, subentries=(device(SENSOR), device({}, subentry_id="b"))
    )
    assert state_of(house.entry) is ConfigEntryState.LOADED
    broker = house.runtime.broker
    assert broker.connected
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    assert state_of(house.entry) is ConfigEntryState.NOT_LOADED
    assert broker.state is ConnectionState.STOPPED
    assert not broker._subscriptions._known
    assert not broker._listeners
    # And again.
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    await house.quiet()
    await house.say("a", "1")
    assert house.state(ENTITY).state == "1"


async def test_actions_without_entry(hass: HomeAssistant) -> None:
    """The actions are there before there is a broker."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert hass.services.has_service(DOMAIN, "publish")


async def test_no_connection(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """Without a connection the set-up is tried again, with a reason."""
    await server.stop()
    entry = await add_entry()
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "connection_refused"
    assert entry.error_reason_translation_placeholders == {
        "host": "127.0.0.1",
        "port": str(server.ws_port),
    }
    await server.start()
    await hass.config_entries.async_reload(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    "data", [{}, {"username": "ann"}, {"username": "ann", "password": "wrong"}]
)
async def test_wrong_credentials(
    hass: HomeAssistant,
    add_entry: AddEntry,
    guarded: MqttServer,
    data: dict[str, Any],
) -> None:
    """Wrong credentials are asked for again; the right ones connect."""
    entry = await add_entry(url=guarded.ws_url, **data)
    assert state_of(entry) is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key in {"bad_credentials", "not_authorized"}
    assert len(reauth_flows(hass)) == 1
    hass.config_entries.async_update_entry(
        entry, data={"url": guarded.ws_url, "username": "ann", "password": "secret"}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"url": "http://localhost"}, "unsupported_scheme"),
        ({"url": "ws://localhost:99999"}, "invalid_port"),
        ({"url": "ws://"}, "url_without_host"),
        (
            {"url": "wss://localhost", "security": {"ca_certificate": "nonsense"}},
            "certificate_unusable",
        ),
        (
            {
                "url": "ws://127.0.0.1:1",
                "connection": {"proxy": "socks5://user:pass@127.0.0.1:1"},
            },
            "proxy_unsupported",
        ),
    ],
)
async def test_impossible_configuration(
    hass: HomeAssistant,
    add_entry: AddEntry,
    data: dict[str, Any],
    key: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What can't work is not tried again."""
    entry = await add_entry(**data)
    assert state_of(entry) is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == key
    assert not reauth_flows(hass)
    assert "user:pass" not in caplog.text


async def test_set_up_fails_late(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """Whatever fails after the connection closes it."""
    stopped = asyncio.Event()
    stop = Broker.stop

    async def spied(self: Broker) -> None:
        await stop(self)
        stopped.set()

    with (
        patch.object(Broker, "stop", spied),
        patch(
            "custom_components.mqtt_websocket.Subentries.apply", side_effect=ValueError
        ),
    ):
        entry = await add_entry()
    assert state_of(entry) is ConfigEntryState.SETUP_ERROR
    assert stopped.is_set()


async def test_platforms_that_do_not_unload(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What can't be unloaded goes on."""
    house = await furnish(hass, add_entry, peer, subentries=(device(SENSOR),))
    unload = hass.config_entries.async_unload_platforms
    with patch.object(
        hass.config_entries, "async_unload_platforms", return_value=False
    ):
        assert not await hass.config_entries.async_unload(house.entry.entry_id)
    assert house.runtime.broker.connected
    # Home Assistant gives such an entry up; the test must not.
    await unload(house.entry, PLATFORMS)
    await house.runtime.broker.stop()


async def test_unknown_subentry(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A subentry of a newer version is left alone."""
    other = device({}, subentry_id="other")
    other["subentry_type"] = "spaceship"
    house = await furnish(hass, add_entry, peer, subentries=(other, device(SENSOR)))
    assert house.state(ENTITY)
    await house.remove("other")


# --- changes ----------------------------------------------------------------------


async def test_subentries_keep_the_connection(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """Devices and rules come, change and go on one and the same connection."""
    hass.states.async_set("light.lamp", "on")
    house = await furnish(hass, add_entry, peer)
    runtime = house.runtime
    await house.add(device(SENSOR))
    rule = device({}, subentry_id="rule", title="Rule")
    rule["subentry_type"] = "publish_rule"
    rule["data"] = {"entities": ["light.lamp"], "topic": "out", "retain": False}
    await peer.subscribe("out/#")
    await house.add(rule)
    assert (await peer.next("out")).payload == b"on"
    hass.config_entries.async_update_subentry(
        house.entry,
        house.entry.subentries["rule"],
        data={**rule["data"], "topic": "out/2"},
    )
    assert (await peer.next("out/2")).payload == b"on"
    await house.change({"b": SENSOR["a"]}, title="Heating")
    await house.remove("rule")
    hass.states.async_set("light.lamp", "off")
    await house.quiet()
    await peer.no_message(0, "out/#")
    await house.remove()
    assert house.runtime is runtime
    assert runtime.broker.counters.connections == 1
    if server.kind == "mosquitto":
        assert server.log.count("New client connected") == 2  # ours and the peer


async def test_new_title(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """Another title is the name of the broker's device, and no reason to reconnect."""
    house = await furnish(hass, add_entry, peer)
    runtime = house.runtime
    hass.config_entries.async_update_entry(house.entry, title="At home")
    await hass.async_block_till_done()
    found = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, house.entry.entry_id), house.entry.entry_id
    )
    assert found is not None
    assert found.name == "At home"
    assert runtime.broker.name == "At home"
    assert house.runtime is runtime


@pytest.mark.parametrize("changed", ["data", "options"])
async def test_new_data_reconnects(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, changed: str
) -> None:
    """What the connection depends on makes a new one."""
    house = await furnish(hass, add_entry, peer, subentries=(device(SENSOR),))
    before = house.runtime
    new: dict[str, Any] = {
        "data": {**house.entry.data, "connection": {"client_id": "mine"}},
        "options": {"discovery_prefix": "other"},
    }
    hass.config_entries.async_update_entry(house.entry, **{changed: new[changed]})
    await hass.async_block_till_done()
    assert house.runtime is not before
    assert before.broker.state is ConnectionState.STOPPED
    assert house.runtime.broker.connected
    await house.quiet()
    await house.say("a", "1")
    assert house.state(ENTITY).state == "1"


# --- losses -----------------------------------------------------------------------


async def test_loss_and_return(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    server: MqttServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A loss and a return are logged once each, at INFO, whatever it takes."""
    house = await furnish(hass, add_entry, peer, subentries=(device(SENSOR),))
    broker = house.runtime.broker
    for _ in range(2):
        caplog.clear()
        await server.kill()
        await until(hass, lambda: not broker.connected)
        for _ in range(3):
            error = broker.last_error
            broker.reconnect_now()
            async with asyncio.timeout(5):
                while broker.last_error is error:
                    await asyncio.sleep(0.01)
        await server.start()
        broker.reconnect_now()
        await until(hass, lambda: broker.connected)
        found = [each for each in caplog.records if each.name.endswith(".watch")]
        assert [each.levelname for each in found] == ["INFO", "INFO"]
        assert found[0].message.startswith(f"Lost the connection to {broker.name}: ")
        assert found[1].message == f"Connected to {broker.name} again"
        ours = "custom_components.mqtt_websocket"
        assert not [
            each
            for each in caplog.records
            if each.name.startswith(ours) and each.levelname not in ("DEBUG", "INFO")
        ]
    assert not reauth_flows(hass)
    async with Peer(server) as again:
        house.peer = again
        await house.quiet()
        await house.say("a", "1")
        assert house.state(ENTITY).state == "1"


async def test_unload_while_disconnected(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    server: MqttServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An entry can be unloaded without a connection, and while it looks for one."""
    house = await furnish(hass, add_entry, peer, subentries=(device(SENSOR),))
    broker = house.runtime.broker
    await server.kill()
    await until(hass, lambda: not broker.connected)
    broker.reconnect_now()
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    assert broker.state is ConnectionState.STOPPED
    assert len(lines(caplog, "Lost the connection")) == 1


async def test_edit_while_disconnected(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """A device can be edited without a connection; what it asks for is asked later."""
    house = await furnish(hass, add_entry, peer, subentries=(device(SENSOR),))
    broker = house.runtime.broker
    await server.kill()
    await until(hass, lambda: not broker.connected)
    new = device({"a": {**SENSOR["a"], "state_topic": "b"}})
    hass.config_entries.async_update_subentry(
        house.entry, house.entry.subentries[DEVICE], data=new["data"]
    )
    await hass.async_block_till_done()
    await server.start()
    broker.reconnect_now()
    await until(hass, lambda: broker.connected)
    async with Peer(server) as again:
        house.peer = again
        await house.quiet()
        await house.say("b", "1")
        assert house.state(ENTITY).state == "1"


async def test_credentials_are_lost(
    hass: HomeAssistant, add_entry: AddEntry, guarded: MqttServer
) -> None:
    """Credentials that do not count any more are asked for, once per loss."""
    entry = await add_entry(url=guarded.ws_url, username="ann", password="secret")
    async with Peer(guarded, username="ann", password="secret") as peer:
        house = House(hass, entry, peer)
        await house.quiet()
    broker = house.runtime.broker
    for _ in range(2):
        guarded._users["ann"] = "changed"
        await guarded.restart()
        await until(hass, lambda: not broker.connected)
        for _ in range(3):
            error = broker.last_error
            broker.reconnect_now()
            async with asyncio.timeout(10):
                while broker.last_error is error:
                    await asyncio.sleep(0.01)
        await hass.async_block_till_done()
        assert len(reauth_flows(hass)) == 1
        guarded._users["ann"] = "secret"
        await guarded.restart()
        broker.reconnect_now()
        await until(hass, lambda: broker.connected)
        # It is no question any more.
        assert not reauth_flows(hass)


# --- for long ---------------------------------------------------------------------


async def _nothing_more(descriptors_before: int, tasks_before: int) -> None:
    """Return when there are no more open files and tasks than before."""
    # The other ends of the last connections close a moment later.
    async with asyncio.timeout(10):
        while (
            descriptors() > descriptors_before
            or len(asyncio.all_tasks()) > tasks_before
        ):
            await asyncio.sleep(0.02)


async def test_many_reloads(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """No file, task or session stays behind, whatever the connection is doing."""
    server.require_mosquitto("logs nothing of its clients")
    entry = await add_entry(
        subentries=(device(SENSOR),), connection={"client_id": "home"}
    )

    async def reload(number: int) -> None:
        broker = entry.runtime_data.broker
        if number % 4 == 1:
            await server.restart()
        if number % 4 == 2:
            again = asyncio.create_task(broker.reconnect())
            await asyncio.sleep(number / 10_000)
            await hass.config_entries.async_reload(entry.entry_id)
            await asyncio.wait({again})
            again.exception()
        else:
            await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.runtime_data.broker is not broker

    for number in range(4):
        await reload(number)
    before = descriptors(), len(asyncio.all_tasks())
    for number in range(24):
        await reload(number)
    await _nothing_more(*before)
    # A session that lives on would fight for the client id.
    assert entry.runtime_data.broker.connected
    assert entry.runtime_data.broker.counters.connections == 1
    since = server.log.rpartition(" running\n")[2]
    ends = ("disconnected", "closed its connection", "already connected")
    came = since.count(" as home ")
    async with asyncio.timeout(10):
        while came - 1 != sum(
            server.log.rpartition(" running\n")[2].count(f"Client home {end}")
            for end in ends
        ):
            await asyncio.sleep(0.05)


@pytest.mark.soak
@pytest.mark.timeout(300)
async def test_a_hundred_restarts(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """Always back, by itself or on demand, and entities tell the truth."""
    server.require_mosquitto("is slow to start")
    entry = await add_entry(subentries=(device(SENSOR),))
    broker = entry.runtime_data.broker

    def shows(value: str) -> bool:
        state = hass.states.get(ENTITY)
        return state is not None and state.state == value

    for number in range(100):
        await (server.kill() if number % 2 else server.stop())
        await until(hass, lambda: shows(STATE_UNAVAILABLE))
        await server.start()
        broker.reconnect_now()
        await until(hass, lambda: broker.connected, timeout=20)
        await broker.settled()
        await broker.publish("a", number, 1)
        await until(hass, partial(shows, str(number)))
    assert broker.counters.connections == 101


async def test_home_assistant_stops(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The broker hears good-bye when Home Assistant stops."""
    will = {"topic": "status", "payload": "gone", "qos": 1, "retain": False}
    house = House(hass, await add_entry(options={"will": will}), peer)
    await peer.subscribe("status")
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert house.runtime.broker.state is ConnectionState.STOPPED
    assert (await peer.next("status")).payload == b"gone"


# --- removal ----------------------------------------------------------------------


async def test_stale_devices_can_be_removed(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Only a device that nobody describes any more may be deleted by hand."""
    house = await furnish(hass, add_entry, peer, subentries=(device(SENSOR),))
    registry = dr.async_get(hass)
    entry_id = house.entry.entry_id
    stale = registry.async_get_or_create(
        config_entry_id=entry_id, identifiers={(DOMAIN, "stale")}
    )

    def get(identifier: str) -> dr.DeviceEntry:
        found = registry.async_get_device_by_identifier((DOMAIN, identifier), entry_id)
        assert found is not None
        return found

    async def removable() -> list[bool]:
        return [
            await async_remove_config_entry_device(hass, house.entry, each)
            for each in (get(entry_id), get(DEVICE), stale)
        ]

    assert await removable() == [False, False, True]
    await hass.config_entries.async_unload(entry_id)
    assert await removable() == [False, False, True]


async def test_remove_entry(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A removed entry leaves neither connection nor devices."""
    house = await furnish(hass, add_entry, peer, subentries=(device(SENSOR),))
    broker = house.runtime.broker
    entry_id = house.entry.entry_id
    await hass.config_entries.async_remove(entry_id)
    await hass.async_block_till_done()
    assert broker.state is ConnectionState.STOPPED
    assert hass.states.get(ENTITY) is None
    assert not dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)


async def test_one_of_two_brokers(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """Brokers do not depend on each other."""
    other_server = MqttServer()
    async with other_server:
        house = await furnish(hass, add_entry, peer, subentries=(device(SENSOR),))
        other = await add_entry(
            url=other_server.ws_url,
            subentries=(device(SENSOR, subentry_id="other", title="Other"),),
        )
        await other_server.kill()
        await until(hass, lambda: not other.runtime_data.broker.connected)
        await house.say("a", "1")
        assert house.state(ENTITY).state == "1"
        assert house.state("sensor.other_a").state == "unavailable"
        states = [
            house.state(entity_id).state
            for entity_id in hass.states.async_entity_ids("binary_sensor")
        ]
        assert sorted(states) == [STATE_OFF, "on"]


async def test_nobody_there(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """A port that nobody listens on is no reason to give up."""
    entry = await add_entry(url=f"ws://127.0.0.1:{free_port()}")
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
