"""The triggers, at work in automations."""

import asyncio
from functools import partial
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import trigger as trigger_helper
from homeassistant.helpers.icon import async_get_icons
from homeassistant.helpers.translation import async_get_translations
from homeassistant.helpers.trigger import TriggerConfig
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.trigger import TRIGGERS

from .conftest import AddEntry
from .support.automation import (
    Automate,
    Fired,
    automate_fixture,
    fired_fixture,
    reached,
    settled,
)
from .support.peer import Peer
from .support.server import MqttServer

__all__ = ["automate_fixture", "fired_fixture"]


async def test_message(
    add_entry: AddEntry, automate: Automate, fired: Fired, peer: Peer
) -> None:
    """A message triggers, and says all about itself."""
    entry = await add_entry()
    await automate("message_received", topic="home/+/set/#", qos="1")

    await peer.publish("home/kitchen/set/light/1", {"on": True}, qos=1)

    trigger = await fired.next()
    assert trigger.pop("id") == "0"
    assert trigger.pop("idx") == "0"
    assert trigger.pop("alias") is None
    assert trigger == {
        "platform": "mqtt_websocket.message_received",
        "description": "MQTT message on home/kitchen/set/light/1",
        "config_entry_id": entry.entry_id,
        "broker": entry.title,
        "topic": "home/kitchen/set/light/1",
        "payload": '{"on": true}',
        "payload_bytes": 12,
        "payload_json": {"on": True},
        "qos": 1,
        "retain": False,
        "wildcards": ["kitchen", "light/1"],
        "properties": {},
    }


async def test_payload_without_json(
    add_entry: AddEntry, automate: Automate, fired: Fired, peer: Peer
) -> None:
    """There is no payload_json where there is no JSON."""
    await add_entry()
    await automate("message_received", topic="a")

    await peer.publish("a", "nothing: special")

    trigger = await fired.next()
    assert trigger["payload"] == "nothing: special"
    assert "payload_json" not in trigger


@pytest.mark.parametrize(
    ("options", "payloads", "expected"),
    [
        ({"payload": "on"}, ["off", "ON", "on "], "on"),
        ({"payload": ""}, ["x"], ""),
        ({"payload": "1"}, ["1.0"], "1"),
        ({"payload": 1}, ["2"], "1"),
        ({"payload": "{{ 'o' ~ 'n' }}"}, ["off"], "on"),
        (
            {"payload": "on", "value_template": "{{ value_json.state }}"},
            ['{"state": "off"}', "{}", "on"],
            '{"state": "on"}',
        ),
        (
            {"payload": "", "value_template": "{{ value_json.state }}"},
            ['{"state": 0}'],
            "{}",
        ),
    ],
)
async def test_payload(
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
    options: dict[str, Any],
    payloads: list[str],
    expected: str,
) -> None:
    """Only the wanted payload triggers."""
    await add_entry()
    await automate("message_received", topic="a", **options)

    for payload in [*payloads, expected]:
        await peer.publish("a", payload)

    assert (await fired.next())["payload"] == expected
    assert fired.nothing


async def test_value(
    add_entry: AddEntry, automate: Automate, fired: Fired, peer: Peer
) -> None:
    """The result of the value template is there for the actions."""
    await add_entry()
    await automate(
        "message_received", topic="a", value_template="v: {{ value_json.x }}"
    )

    await peer.publish("a", {"x": 5})

    assert (await fired.next())["value"] == "v: 5"


async def test_bytes(
    add_entry: AddEntry, automate: Automate, fired: Fired, peer: Peer
) -> None:
    """Without an encoding the payload is bytes, and compared as such."""
    await add_entry()
    await automate("message_received", topic="a", encoding="", payload="ä")

    await peer.publish("a", b"\xe4")
    await peer.publish("a", "ä".encode())

    assert (await fired.next())["payload"] == "ä".encode()


async def test_encoding(
    add_entry: AddEntry, automate: Automate, fired: Fired, peer: Peer
) -> None:
    """The payload is read in the encoding that was chosen."""
    await add_entry()
    await automate("message_received", topic="a", encoding="latin-1")

    await peer.publish("a", b"\xe4")

    assert (await fired.next())["payload"] == "ä"


@pytest.mark.parametrize(
    ("options", "bad", "good", "reason"),
    [
        ({}, b"\xff\xfe", b"good", "payload_not_text"),
        (
            {"value_template": "{{ value_json.a.b }}"},
            b"{}",
            b'{"a": {"b": 1}}',
            "value_template_failed",
        ),
        (
            {"value_template": "{{ 1 / (value | int) }}"},
            b"0",
            b"1",
            "value_template_failed",
        ),
    ],
)
async def test_bad_payload(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
    options: dict[str, Any],
    bad: bytes,
    good: bytes,
    reason: str,
) -> None:
    """A payload that can't be read does not trigger; log and traces say why."""
    await add_entry()
    await automate("message_received", topic="a", **options)

    await peer.publish("a", bad)
    await peer.publish("a", bad)
    await peer.publish("a", good)

    await fired.next()
    assert fired.nothing
    assert caplog.text.count(f"did not trigger an automation ({reason})") == 1
    trace = hass.data["trace"]["automation.test"]
    assert len(trace.not_triggered) == 2


@pytest.mark.parametrize(
    ("retained", "expected"),
    [
        (None, [("new", False)]),
        ("ignore", [("new", False)]),
        ("include", [("old", True), ("new", False)]),
        ("only", [("old", True)]),
    ],
)
async def test_retained(
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
    retained: str | None,
    expected: list[tuple[str, bool]],
) -> None:
    """Messages that the broker has kept trigger only if that is wanted."""
    await peer.publish("a/1", "old", retain=True)
    await add_entry()
    options = {} if retained is None else {"retained": retained}
    await automate("message_received", topic="a/#", **options)

    await peer.publish("a/2", "new")

    for payload, retain in expected:
        trigger = await fired.next()
        assert (trigger["payload"], trigger["retain"]) == (payload, retain)
    assert fired.nothing


async def test_properties(
    server: MqttServer,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
) -> None:
    """MQTT 5's properties are plain values, in the form that the action takes."""
    server.require_mqtt5()
    await add_entry()
    await automate("message_received", topic="a")

    await peer.publish(
        "a",
        "x",
        message_expiry_interval=60,
        content_type="text/plain",
        response_topic="b",
        correlation_data=b"\xff",
        user_property=[("one", "1"), ("two", "2"), ("two", "3")],
    )
    await peer.publish("a", "y", correlation_data=b"request 1")
    await peer.publish("a", "z", correlation_data=b"b'request'")

    assert (await fired.next())["properties"] == {
        "message_expiry_interval": 60,
        "content_type": "text/plain",
        "response_topic": "b",
        "correlation_data": "b'\\xff'",
        "user_properties": {"one": "1", "two": ["2", "3"]},
    }
    assert (await fired.next())["properties"] == {"correlation_data": "request 1"}
    assert (await fired.next())["properties"] == {
        "correlation_data": repr(b"b'request'")
    }


async def test_topic_template(
    add_entry: AddEntry, automate: Automate, fired: Fired, peer: Peer
) -> None:
    """The topic may be a template."""
    await add_entry()
    await automate("message_received", topic="{{ 'a' ~ '/' ~ 'b' }}")

    await peer.publish("a/b", "x")

    assert (await fired.next())["topic"] == "a/b"


@pytest.mark.parametrize(
    ("trigger", "options"),
    [
        ("message_received", {"payload": "{{ wanted }}"}),
        ("message_received", {"match_template": "{{ value == wanted }}"}),
        ("topic_silent", {"for": {"milliseconds": 50}, "each_topic": True}),
    ],
)
async def test_trigger_variables(
    hass: HomeAssistant,
    add_entry: AddEntry,
    fired: Fired,
    peer: Peer,
    trigger: str,
    options: dict[str, Any],
) -> None:
    """Topic and payload may be made of the automation's variables, as with core's."""
    await add_entry()
    automation = {
        "id": "test",
        "alias": "test",
        "trigger_variables": {"base": "zigbee2mqtt", "wanted": "single"},
        "triggers": {
            "trigger": f"{DOMAIN}.{trigger}",
            "options": {"topic": "{{ base }}/+/action", **options},
        },
        "actions": {"action": "test.fired", "data": {"trigger": "{{ trigger }}"}},
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await settled(hass)

    await peer.publish("zigbee2mqtt/button/action", "double")
    await peer.publish("zigbee2mqtt/lamp/action", "single")

    expected = [("button", "double"), ("lamp", "single")]
    if trigger == "message_received":
        del expected[0]
    for device, payload in expected:
        data = await fired.next()
        assert data["topic"] == f"zigbee2mqtt/{device}/action"
        assert payload in (data.get("payload"), data.get("last_payload"))
    assert fired.nothing


async def test_without_trigger_variables(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A trigger works where Home Assistant lets it see no variables."""
    await add_entry()
    options = {"topic": "{{ 'a' }}", "payload": "x"}
    kind = TRIGGERS["message_received"]
    config = await kind.async_validate_config(hass, {"options": options})
    topics: asyncio.Queue[str] = asyncio.Queue()

    async def action(
        run_variables: dict[str, Any], context: Context | None = None
    ) -> None:
        topics.put_nowait(run_variables["topic"])

    remove = await kind(
        hass, TriggerConfig(key=f"{DOMAIN}.message_received", options=config["options"])
    ).async_attach_action(action, partial(lambda data, _description: data))
    await settled(hass)

    await peer.publish("a", "x")

    async with asyncio.timeout(10):
        assert await topics.get() == "a"
    remove()


@pytest.mark.parametrize(
    "topic", ["{{ states('light.a') }}", "{{ '#/a' }}", "{{ '' }}"]
)
async def test_topic_template_fails(
    add_entry: AddEntry,
    automate: Automate,
    caplog: pytest.LogCaptureFixture,
    topic: str,
) -> None:
    """A topic that depends on states, or becomes no filter, is an error."""
    await add_entry()

    await automate("message_received", topic=topic)

    assert "when setting up triggers for" in caplog.text


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"topic": "a/#/b"},
        {"topic": ""},
        {"topic": "a", "qos": 3},
        {"topic": "a", "retained": "sometimes"},
        {"topic": "a", "encoding": "no such"},
        {"topic": "a", "payload": "{{"},
        {"topic": "a", "config_entry_id": "gone"},
        {"topic": "a", "more": 1},
    ],
)
async def test_invalid_options(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    caplog: pytest.LogCaptureFixture,
    options: dict[str, Any],
) -> None:
    """An automation that can't work is unavailable; the error names the option."""
    await add_entry()

    await automate("message_received", **options)

    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "unavailable"
    assert f"'options.{list(options or ['topic'])[-1]}'" in caplog.text


async def test_invalid_topic_is_explained(
    add_entry: AddEntry, automate: Automate, caplog: pytest.LogCaptureFixture
) -> None:
    """The error of a topic filter says what to do about it."""
    await add_entry()

    await automate("message_received", topic="a/#/b")

    assert "The wildcards in a/#/b are not in place. + stands for" in caplog.text


async def test_broker_of_another_integration(
    hass: HomeAssistant, add_entry: AddEntry, automate: Automate
) -> None:
    """An entry of something else is no broker."""
    await add_entry()
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)

    await automate("message_received", topic="a", config_entry_id=other.entry_id)

    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "unavailable"


async def test_before_the_broker_is_up(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
) -> None:
    """The automation waits for a broker that can't be reached yet."""
    await server.stop()
    entry = await add_entry()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await automate("message_received", topic="a", config_entry_id=entry.entry_id)

    await server.start()
    await hass.config_entries.async_reload(entry.entry_id)
    await settled(hass)

    async with Peer(server) as peer:
        await peer.publish("a", "x")
        await fired.next()


async def test_before_there_is_a_broker(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
) -> None:
    """The automation waits for the first broker at all."""
    await automate("message_received", topic="a")
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    hass.config_entries.async_update_entry(other, title="Not a broker")
    await add_entry()
    await settled(hass)

    await peer.publish("a", "x")

    await fired.next()


async def test_reload_disable_remove(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
) -> None:
    """The automation follows its broker through everything, and never doubles."""
    entry = await add_entry()
    await automate("message_received", topic="a")

    await hass.config_entries.async_reload(entry.entry_id)
    await settled(hass)
    await peer.publish("a", "1")
    assert (await fired.next())["payload"] == "1"

    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await peer.publish("a", "2")
    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await settled(hass)
    await peer.publish("a", "3")
    assert (await fired.next())["payload"] == "3"

    await hass.config_entries.async_remove(entry.entry_id)
    await add_entry()
    await settled(hass)
    await peer.publish("a", "4")
    assert (await fired.next())["payload"] == "4"
    assert fired.nothing


async def test_reconnect(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
) -> None:
    """The subscription comes back with the connection."""
    entry = await add_entry()
    await automate("message_received", topic="a")

    await server.stop()
    await reached(entry, connected=False)
    await server.start()
    await reached(entry, connected=True)
    await settled(hass)

    async with Peer(server) as peer:
        await peer.publish("a", "x")
        await fired.next()
    assert fired.nothing


async def test_turned_off(
    hass: HomeAssistant,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
) -> None:
    """An automation that is off does not listen, and survives that its broker reloads."""
    entry = await add_entry()
    await automate("message_received", topic="a")
    target = {"entity_id": "automation.test"}

    await hass.services.async_call("automation", "turn_off", target, blocking=True)
    await hass.config_entries.async_reload(entry.entry_id)
    await settled(hass)
    await peer.publish("a", "1")
    await hass.services.async_call("automation", "turn_on", target, blocking=True)
    await settled(hass)
    await peer.publish("a", "2")

    assert (await fired.next())["payload"] == "2"
    assert fired.nothing


async def test_second_broker(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An automation that names no broker needs there to be one only."""
    await add_entry()
    await automate("message_received", topic="a")

    second = await add_entry(url=f"{server.ws_url}?second", client_id="second")
    assert caplog.text.count("There is more than one MQTT broker now") == 1
    await settled(hass)
    await peer.publish("a", "1")

    await hass.config_entries.async_remove(second.entry_id)
    await settled(hass)
    await peer.publish("a", "2")

    assert (await fired.next())["payload"] == "2"
    assert fired.nothing


async def test_several_brokers(
    hass: HomeAssistant, server: MqttServer, add_entry: AddEntry, automate: Automate
) -> None:
    """With several brokers an automation has to name one."""
    await add_entry()
    await add_entry(url=f"{server.ws_url}?second")

    await automate("message_received", topic="a")

    state = hass.states.get("automation.test")
    assert state is not None
    assert state.state == "unavailable"


async def test_without_traces(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Whatever uses triggers without traces, such as a script that waits, works too."""
    await add_entry()
    config = await trigger_helper.async_validate_trigger_config(
        hass, [{"platform": f"{DOMAIN}.message_received", "options": {"topic": "a"}}]
    )
    payloads: asyncio.Queue[str] = asyncio.Queue()

    async def action(variables: dict[str, Any], context: Context | None = None) -> None:
        payloads.put_nowait(variables["trigger"]["payload"])

    remove = await trigger_helper.async_initialize_triggers(
        hass, config, action, "test", "test", lambda *_: None
    )
    await settled(hass)

    await peer.publish("a", b"\xff")
    await peer.publish("a", "x")

    async with asyncio.timeout(10):
        assert await payloads.get() == "x"
    assert remove is not None
    remove()


async def test_connected(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
) -> None:
    """The first connection triggers, and each that follows; what was there does not."""
    await server.stop()
    entry = await add_entry()
    await automate("broker_connected")
    await server.start()

    await hass.config_entries.async_reload(entry.entry_id)
    trigger = await fired.next()
    assert trigger["config_entry_id"] == entry.entry_id
    assert trigger["broker"] == entry.title
    assert trigger["protocol"] == entry.runtime_data.broker.protocol
    assert trigger["description"] == f"connection to {entry.title}"

    await server.restart()
    await fired.next()

    target = {"entity_id": "automation.test"}
    await hass.services.async_call("automation", "turn_off", target, blocking=True)
    await hass.services.async_call("automation", "turn_on", target, blocking=True)
    await hass.async_block_till_done()
    assert fired.nothing


async def test_disconnected(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
) -> None:
    """The end of a connection triggers once, with its reason."""
    entry = await add_entry()
    await automate("broker_disconnected", config_entry_id=entry.entry_id)

    await server.stop()
    trigger = await fired.next()
    assert trigger["config_entry_id"] == entry.entry_id
    assert trigger["broker"] == entry.title
    error = entry.runtime_data.broker.last_error
    assert trigger["reason"] == error.key
    assert trigger["details"] == error.details

    await server.start()
    await reached(entry, connected=True)
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await fired.next())["reason"] == "unloaded"
    assert fired.nothing


async def test_not_lost_only_no_longer_meant(
    hass: HomeAssistant,
    server: MqttServer,
    add_entry: AddEntry,
    automate: Automate,
    fired: Fired,
) -> None:
    """That there is a second broker does not mean that the first is lost."""
    await add_entry()
    await automate("broker_disconnected")

    second = await add_entry(url=f"{server.ws_url}?second")
    await hass.config_entries.async_remove(second.entry_id)
    await hass.async_block_till_done()

    assert fired.nothing


async def test_silent_when_home_assistant_stops(
    hass: HomeAssistant, add_entry: AddEntry, automate: Automate, fired: Fired
) -> None:
    """When Home Assistant ends, so do its connections, and nobody needs to hear it."""
    await add_entry()
    await automate("broker_disconnected")

    await hass.async_stop(force=True)

    assert fired.nothing


async def test_descriptions(
    hass: HomeAssistant, add_entry: AddEntry, automate: Automate
) -> None:
    """The editor knows every trigger and option, with examples that are valid."""
    await add_entry()
    await automate("broker_connected")

    descriptions = await trigger_helper.async_get_all_descriptions(hass)

    ours = {key: value for key, value in descriptions.items() if DOMAIN in key}
    assert ours.keys() == {
        f"{DOMAIN}.message_received",
        f"{DOMAIN}.topic_silent",
        f"{DOMAIN}.broker_connected",
        f"{DOMAIN}.broker_disconnected",
    }
    texts = await async_get_translations(hass, "en", "triggers", [DOMAIN])
    for key, description in ours.items():
        assert description is not None
        prefix = f"component.{DOMAIN}.triggers.{key.removeprefix(f'{DOMAIN}.')}"
        for place in ("", *(f".fields.{name}" for name in description["fields"])):
            assert texts[f"{prefix}{place}.name"]
            assert texts[f"{prefix}{place}.description"]
        examples = {
            name: field["example"]
            for name, field in description["fields"].items()
            if name != "config_entry_id"
        }
        required = {
            name: example
            for name, example in examples.items()
            if description["fields"][name].get("required")
        }
        for name, example in examples.items():
            await trigger_helper.async_validate_trigger_config(
                hass, [{"platform": key, "options": required | {name: example}}]
            )
    icons = await async_get_icons(hass, "triggers", [DOMAIN])
    assert {f"{DOMAIN}.{name}" for name in icons[DOMAIN]} == ours.keys()
