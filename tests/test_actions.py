"""The actions, called as automations and people call them."""

import asyncio
from collections.abc import AsyncIterator
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from homeassistant.core import Context, HomeAssistant, SupportsResponse
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import service
from homeassistant.helpers.icon import async_get_icons
from homeassistant.helpers.template import Template
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.actions import ACTIONS
from custom_components.mqtt_websocket.const import DOMAIN

from .conftest import AddEntry
from .support.automation import act, reached
from .support.peer import Peer
from .support.server import MqttServer


async def publish(hass: HomeAssistant, **data: Any) -> None:
    """Publish as an automation does."""
    await act(hass, "publish", **data)


async def test_publish(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """A message arrives as it was meant."""
    await peer.subscribe("a/b")
    await add_entry()

    await publish(hass, topic="a/b", payload="hello", qos=1)

    message = await peer.next()
    assert str(message.topic) == "a/b"
    assert message.payload == b"hello"
    assert message.qos == 1
    assert not message.retain


async def test_publish_retained(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The broker keeps a message, and forgets it with an empty one."""
    await add_entry()

    await publish(hass, topic="kept/a", payload="old", qos="1", retain=True)
    await publish(hass, topic="kept/b", payload="old", qos=2, retain=True)
    await publish(hass, topic="kept/b", qos=2, retain=True)

    await peer.subscribe("kept/#")
    message = await peer.next()
    assert (str(message.topic), message.payload, message.retain) == (
        "kept/a",
        b"old",
        True,
    )
    await peer.no_message()


async def test_topic_and_broker_are_templates(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Every field is rendered."""
    await peer.subscribe("a/#")
    entry = await add_entry()
    hass.states.async_set("light.x", "on")

    await publish(
        hass,
        config_entry_id=Template(f"{{{{ '{entry.entry_id}' }}}}", hass),
        topic=Template("a/{{ 1 + 1 }}", hass),
        payload=Template("{{ states('light.x') }}", hass),
    )

    message = await peer.next()
    assert (str(message.topic), message.payload) == ("a/2", b"on")


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("text", b"text"),
        ("", b""),
        (None, b""),
        (5, b"5"),
        (1.5, b"1.5"),
        (True, b"True"),
        ({"a": [1, None, True]}, b'{"a":[1,null,true]}'),
        (["a", {"b": "ä"}], '["a",{"b":"ä"}]'.encode()),
        (b"\xff\x00", b"\xff\x00"),
        ("b'\\xff'", b"b'\\xff'"),
    ],
)
async def test_payload(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    payload: object,
    expected: bytes,
) -> None:
    """Whatever is given becomes the payload that is meant."""
    await peer.subscribe("a")
    await add_entry()

    await publish(hass, topic="a", payload=payload)

    assert (await peer.next()).payload == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{ "a":  {{ 1 }} }', b'{ "a":  1 }'),  # JSON stays as it is written
        ("{{ {'a': true} }}", b'{"a":true}'),  # a value is written as JSON
        ("[1, {{ 2 }}]", b"[1, 2]"),
        ("(1, 2)", b"(1, 2)"),
        ("007", b"007"),
        ("{{ true }}", b"True"),
        ("{{ none }}", b""),
        ("", b""),
    ],
)
async def test_payload_template(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    template: str,
    expected: bytes,
) -> None:
    """What a template writes is published, also if it looks like a list or a dict."""
    await peer.subscribe("a")
    await add_entry()

    await publish(hass, topic="a", payload=Template(template, hass))

    assert (await peer.next()).payload == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("b'\\xff\\x00'", b"\xff\x00"),
        ('b"a"', b"a"),
        ("b'a' + b'b'", b"b'a' + b'b'"),
        ("b'a", b"b'a"),
        ("text", b"text"),
        (3, b"3"),
    ],
)
async def test_evaluate_payload(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, payload: str, expected: bytes
) -> None:
    """A bytes literal becomes its bytes when that is asked for."""
    await peer.subscribe("a")
    await add_entry()

    await publish(hass, topic="a", payload=payload, evaluate_payload=True)

    assert (await peer.next()).payload == expected


async def test_payload_that_is_not_json(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """What can't be written as JSON is refused."""
    await add_entry()

    with pytest.raises(ServiceValidationError) as caught:
        await publish(hass, topic="a", payload={"a": 1 << 70})

    assert caught.value.translation_key == "payload_not_json"


@pytest.mark.parametrize(
    "user_properties",
    [
        {"a": "1", "b": ["2", "3"]},
        [
            {"name": "a", "value": "1"},
            {"name": "b", "value": 2},
            {"name": "b", "value": 3},
        ],
    ],
)
async def test_mqtt_5_properties(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    peer: Peer,
    user_properties: object,
) -> None:
    """The fields of MQTT 5 arrive."""
    server.require_mqtt5()
    await peer.subscribe("a")
    await add_entry()

    await publish(
        hass,
        topic="a",
        payload="x",
        message_expiry_interval={"minutes": 2},
        content_type="text/plain",
        response_topic="b/c",
        correlation_data="b'\\x00\\xff'",
        user_properties=user_properties,
    )

    properties = vars((await peer.next()).properties)
    assert properties["MessageExpiryInterval"] == 120
    assert properties["ContentType"] == "text/plain"
    assert properties["ResponseTopic"] == "b/c"
    assert properties["CorrelationData"] == b"\x00\xff"
    assert properties["UserProperty"] == [("a", "1"), ("b", "2"), ("b", "3")]


@pytest.mark.parametrize(
    "data",
    [
        {"content_type": "text\x00"},
        {"content_type": "\x1b"},
        {"content_type": "\ufdd0"},
        {"content_type": "x" * 70000},
        {"response_topic": "a/#"},
        {"correlation_data": "x" * 70000},
        {"user_properties": "a=1"},
        {"user_properties": [{"value": "1"}]},
        {"user_properties": {"a": "\x00"}},
        {"message_expiry_interval": -1},
        {"message_expiry_interval": 0x1_0000_0000},
        {"qos": 3},
        {"other": 1},
    ],
)
async def test_invalid_data(
    hass: HomeAssistant, add_entry: AddEntry, data: dict[str, Any]
) -> None:
    """What a broker might hang up on does not reach it."""
    await add_entry()

    (field,) = data
    with pytest.raises(vol.Invalid, match=field):
        await publish(hass, topic="a", **data)


async def test_invalid_response_topic_is_explained(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """The error of a topic among the properties says what to do about it."""
    await add_entry()

    with pytest.raises(vol.Invalid, match=r"a/# has a wildcard, but messages can only"):
        await publish(hass, topic="a", response_topic="a/#")


async def test_mqtt_5_fields_need_mqtt_5(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """A connection with 3.1.1 says what it can't carry."""
    await add_entry(connection={"protocol": "3.1.1"})

    with pytest.raises(ServiceValidationError) as caught:
        await publish(hass, topic="a", content_type="x", user_properties={"a": "b"})

    assert caught.value.translation_key == "mqtt_5_required"
    placeholders = caught.value.translation_placeholders
    assert placeholders is not None
    assert placeholders["fields"] == "content_type, user_properties"


async def test_without_a_broker(hass: HomeAssistant) -> None:
    """The action is there and says what is missing."""
    assert await async_setup_component(hass, DOMAIN, {})

    with pytest.raises(ServiceValidationError):
        await publish(hass, topic="a")


async def test_which_broker(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry, peer: Peer
) -> None:
    """With two brokers one has to be chosen."""
    await peer.subscribe("a")
    await add_entry()
    async with MqttServer() as other_server:
        other = await add_entry(url=other_server.ws_url)

        with pytest.raises(ServiceValidationError):
            await publish(hass, topic="a", payload="?")

        async with Peer(other_server) as other_peer:
            await other_peer.subscribe("a")
            await publish(
                hass, config_entry_id=other.entry_id, topic="a", payload="other"
            )
            assert (await other_peer.next()).payload == b"other"
        await peer.no_message()

        await hass.config_entries.async_unload(other.entry_id)
        with pytest.raises(ServiceValidationError):
            await publish(hass, config_entry_id=other.entry_id, topic="a")

    with pytest.raises(ServiceValidationError):
        await publish(hass, config_entry_id="gone", topic="a")


@pytest.mark.parametrize("topic", ["", "a/#", "a/+", "a\x00", "x" * 70000])
async def test_invalid_topic(
    hass: HomeAssistant, add_entry: AddEntry, topic: str
) -> None:
    """A topic that can't be is the caller's mistake."""
    await add_entry()

    with pytest.raises(ServiceValidationError) as caught:
        await publish(hass, topic=topic)

    assert caught.value.translation_domain == DOMAIN


async def test_not_connected(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """While the broker is away nothing is published, and the caller knows."""
    entry = await add_entry()
    await server.stop()
    await reached(entry, False)

    with pytest.raises(HomeAssistantError) as caught:
        await publish(hass, topic="a")

    assert caught.value.translation_key == "not_connected"
    assert not isinstance(caught.value, ServiceValidationError)


async def test_returns_when_acknowledged(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry
) -> None:
    """With QoS 1 the action lasts until the broker has the message."""
    await add_entry()
    server.freeze()
    action = hass.async_create_task(publish(hass, topic="a", qos=1))
    done, _ = await asyncio.wait({action}, timeout=0.2)
    assert not done

    server.thaw()

    async with asyncio.timeout(10):
        await action


@pytest.fixture
async def strict_server(socket_enabled: None) -> AsyncIterator[MqttServer]:
    """Return a server that takes messages of one topic only."""
    async with MqttServer(
        users={"me": "secret"}, acl="user me\ntopic readwrite allowed/#\n"
    ) as server:
        yield server


async def test_refused(
    hass: HomeAssistant, strict_server: MqttServer, add_entry: AddEntry
) -> None:
    """A publish that the broker refuses fails with its topic and reason."""
    await add_entry(url=strict_server.ws_url, username="me", password="secret")
    await publish(hass, topic="allowed/a", qos=1)

    with pytest.raises(HomeAssistantError) as caught:
        await publish(hass, topic="forbidden/a", qos=1)

    assert caught.value.translation_key == "publish_refused"
    placeholders = caught.value.translation_placeholders
    assert placeholders is not None
    assert placeholders["topic"] == "forbidden/a"


@pytest.mark.parametrize(("action", "_do", "schema", "response"), ACTIONS)
async def test_administrators_only(
    hass: HomeAssistant,
    add_entry: AddEntry,
    hass_read_only_user: MockUser,
    action: str,
    _do: object,
    schema: object,
    response: SupportsResponse,
) -> None:
    """Other users may neither write nor read topics themselves."""
    await add_entry()

    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            action,
            {"topic": "a"},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
            return_response=response is not SupportsResponse.NONE,
        )


@pytest.mark.parametrize(("action", "_do", "schema", "_response"), ACTIONS)
async def test_description(
    hass: HomeAssistant,
    action: str,
    _do: object,
    schema: vol.Schema,
    _response: object,
) -> None:
    """Every field is described for the user interface, with an example that is valid."""
    assert await async_setup_component(hass, DOMAIN, {})

    descriptions = await service.async_get_all_descriptions(hass)

    fields: dict[str, Any] = {}
    for key, field in descriptions[DOMAIN][action]["fields"].items():
        fields |= field.get("fields", {key: field})
    assert fields.keys() == {str(key) for key in schema.schema}
    examples = {key: field["example"] for key, field in fields.items()}
    for key in ("message_expiry_interval", "timeout", "user_properties"):
        if key in examples:
            examples[key] = json.loads(examples[key])
    schema(examples)
    schema(
        {"topic": "a"}
        | {key: field["default"] for key, field in fields.items() if "default" in field}
    )
    texts = await async_get_translations(hass, "en", "services", [DOMAIN])
    prefix = f"component.{DOMAIN}.services.{action}"
    for place in ("", *(f".fields.{key}" for key in fields)):
        for text in ("name", "description"):
            assert texts[f"{prefix}{place}.{text}"]
    icons = await async_get_icons(hass, "services", [DOMAIN])
    assert icons[DOMAIN][action]["service"]
