"""The publish action with several brokers, and what it returns."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, service

from custom_components.mqtt_websocket.const import DOMAIN

from .conftest import AddEntry
from .support.automation import act, ask, reached
from .support.peer import Peer
from .support.server import MqttServer


def device_of(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the device of a broker."""
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return device.id


@pytest.fixture
async def second(socket_enabled: None) -> AsyncIterator[MqttServer]:
    """Return another server, which takes messages of one topic only."""
    async with MqttServer(
        users={"me": "secret"}, acl="user me\ntopic readwrite allowed/#\n"
    ) as server:
        yield server


@pytest.fixture
async def entries(
    add_entry: AddEntry, second: MqttServer
) -> tuple[MockConfigEntry, MockConfigEntry]:
    """Return two brokers."""
    return (
        await add_entry(),
        await add_entry(url=second.ws_url, username="me", password="secret"),
    )


async def test_to_several(
    hass: HomeAssistant,
    entries: tuple[MockConfigEntry, MockConfigEntry],
    second: MqttServer,
    peer: Peer,
) -> None:
    """One action reaches all brokers that it names, each once, by entry or device."""
    first_entry, second_entry = entries
    await peer.subscribe("allowed/a")
    async with Peer(second, username="me", password="secret") as other:
        await other.subscribe("allowed/a")

        await act(
            hass,
            "publish",
            config_entry_id=[first_entry.entry_id, second_entry.entry_id],
            topic="allowed/a",
            payload="1",
        )
        assert (await peer.next()).payload == b"1"
        assert (await other.next()).payload == b"1"

        response = await ask(
            hass,
            "publish",
            config_entry_id=first_entry.entry_id,
            device_id=[device_of(hass, first_entry), device_of(hass, second_entry)],
            topic="allowed/a",
            payload="2",
            qos=1,
        )
        assert (await peer.next()).payload == b"2"
        assert (await other.next()).payload == b"2"
        await peer.no_message()

    assert response == {
        "brokers": [
            {
                "config_entry_id": entry.entry_id,
                "broker": entry.title,
                "success": True,
                "reason_code": 0,
            }
            for entry in entries
        ]
    }


async def test_nobody_listens(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """A broker of MQTT 5 may say that it has the message, and nobody to give it to."""
    server.require_mqtt5()
    await add_entry()

    response = await ask(hass, "publish", topic="nobody/listens", qos=1)

    assert response["brokers"][0]["success"]
    assert response["brokers"][0]["reason_code"] == 16


async def test_by_device_alone(
    hass: HomeAssistant,
    entries: tuple[MockConfigEntry, MockConfigEntry],
    peer: Peer,
) -> None:
    """A broker's device says which broker is meant."""
    await peer.subscribe("a")

    await act(hass, "publish", device_id=device_of(hass, entries[0]), topic="a")

    assert str((await peer.next()).topic) == "a"


async def test_device_as_target(
    hass: HomeAssistant,
    entries: tuple[MockConfigEntry, MockConfigEntry],
    peer: Peer,
) -> None:
    """Nor is it wrong to write the device where devices are written elsewhere."""
    await peer.subscribe("a")

    await service.async_call_from_config(
        hass,
        {
            "action": f"{DOMAIN}.publish",
            "target": {"device_id": device_of(hass, entries[0])},
            "data": {"topic": "a"},
        },
        blocking=True,
    )

    assert str((await peer.next()).topic) == "a"


async def test_no_device_chosen(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A field that was opened and left empty means nothing."""
    await peer.subscribe("a")
    await add_entry()

    await act(hass, "publish", device_id=[], topic="a")

    await peer.next()


async def test_refused_by_one(
    hass: HomeAssistant,
    server: MqttServer,
    entries: tuple[MockConfigEntry, MockConfigEntry],
    peer: Peer,
) -> None:
    """The others get the message; the error says who did not, and why."""
    server.require_mqtt5()
    await peer.subscribe("a")

    with pytest.raises(HomeAssistantError) as caught:
        await act(
            hass,
            "publish",
            config_entry_id=[entry.entry_id for entry in entries],
            topic="a",
            qos=1,
        )

    await peer.next()
    assert caught.value.translation_key == "publish_failed"
    text = str(caught.value)
    assert "1 of 2" in text
    assert entries[1].title in text
    assert "Not authorized" in text
    assert entries[0].title not in text


async def test_refusal_is_a_response(
    hass: HomeAssistant,
    server: MqttServer,
    entries: tuple[MockConfigEntry, MockConfigEntry],
    peer: Peer,
) -> None:
    """Whoever asks for the brokers' answers gets them, whatever they are."""
    server.require_mqtt5()
    await peer.subscribe("a")

    response = await ask(
        hass,
        "publish",
        config_entry_id=[entry.entry_id for entry in entries],
        topic="a",
        qos=1,
    )

    await peer.next()
    first, second = response["brokers"]
    assert first["success"]
    assert not second["success"]
    assert second["reason_code"] == 135
    assert second["reason"] == "Not authorized"
    assert "Not authorized" in second["error"]


async def test_refusal_by_the_only_broker(
    hass: HomeAssistant, add_entry: AddEntry, second: MqttServer
) -> None:
    """A broker that refuses has answered: that is no error for who wants to hear it."""
    second.require_mqtt5()
    await add_entry(url=second.ws_url, username="me", password="secret")

    response = await ask(hass, "publish", topic="forbidden", qos=1)

    assert response["brokers"][0]["reason_code"] == 135


async def test_one_is_away(
    hass: HomeAssistant,
    entries: tuple[MockConfigEntry, MockConfigEntry],
    second: MqttServer,
    peer: Peer,
) -> None:
    """A broker that is away, or not even set up, keeps none of the others waiting."""
    await peer.subscribe("a")
    data: dict[str, Any] = {
        "config_entry_id": [entry.entry_id for entry in entries],
        "topic": "a",
    }
    await second.stop()
    await reached(entries[1], False)

    response = await ask(hass, "publish", **data)

    await peer.next()
    assert [one["success"] for one in response["brokers"]] == [True, False]
    assert response["brokers"][1]["error"]
    assert "reason_code" not in response["brokers"][1]

    await hass.config_entries.async_unload(entries[1].entry_id)
    response = await ask(hass, "publish", **data)

    await peer.next()
    assert [one["success"] for one in response["brokers"]] == [True, False]
    with pytest.raises(HomeAssistantError, match="1 of 2"):
        await act(hass, "publish", **data)


async def test_none_answers(
    hass: HomeAssistant,
    server: MqttServer,
    entries: tuple[MockConfigEntry, MockConfigEntry],
    second: MqttServer,
) -> None:
    """Where no broker said anything there is no response: that is an error."""
    for entry, running in zip(entries, (server, second), strict=True):
        await running.stop()
        await reached(entry, False)

    with pytest.raises(HomeAssistantError, match="2 of 2"):
        await ask(
            hass,
            "publish",
            config_entry_id=[entry.entry_id for entry in entries],
            topic="a",
        )
    with pytest.raises(HomeAssistantError) as caught:
        await ask(hass, "publish", config_entry_id=entries[0].entry_id, topic="a")
    assert caught.value.translation_key == "not_connected"


async def test_mqtt_5_at_one(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry, peer: Peer
) -> None:
    """The fields of MQTT 5 go to those that have it."""
    server.require_mqtt5()
    await peer.subscribe("a")
    new = await add_entry()
    old = await add_entry(connection={"protocol": "3.1.1"})

    response = await ask(
        hass,
        "publish",
        config_entry_id=[new.entry_id, old.entry_id],
        topic="a",
        content_type="text/plain",
    )

    assert vars((await peer.next()).properties)["ContentType"] == "text/plain"
    assert [one["success"] for one in response["brokers"]] == [True, False]
    assert "content_type" in response["brokers"][1]["error"]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"config_entry_id": ["gone"]}, "unknown_broker"),
        ({"device_id": ["gone"]}, "no_broker_device"),
        ({}, "which_broker"),
    ],
)
async def test_no_such_broker(
    hass: HomeAssistant,
    entries: tuple[MockConfigEntry, MockConfigEntry],
    peer: Peer,
    data: dict[str, Any],
    key: str,
) -> None:
    """A broker that is not there is a mistake: nothing is published anywhere."""
    await peer.subscribe("a")
    if "config_entry_id" in data:
        data = {"config_entry_id": [entries[0].entry_id, "gone"]}

    with pytest.raises(ServiceValidationError) as caught:
        await ask(hass, "publish", topic="a", **data)

    assert caught.value.translation_key == key
    assert caught.value.translation_domain == DOMAIN
    await peer.no_message()
