"""Commands for published entities, carried out by real entities of every platform."""

import asyncio
from collections.abc import Callable
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_mock_service,
)

from homeassistant.const import EVENT_CALL_SERVICE, EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket import logbook
from custom_components.mqtt_websocket.publishing import commands
from custom_components.mqtt_websocket.publishing.command_table import COMMANDS

from .conftest import AddEntry
from .support.demo import add_demo
from .support.devices import device, furnish
from .support.peer import Peer
from .support.rules import change, publishing, remove, rule
from .support.waiting import until

BASE = "homeassistant_states"
ALLOWED: dict[str, Any] = {"commands": True, "command_errors": True}


def topic(entity_id: str, what: str = "", base: str = BASE) -> str:
    """Return the topic of a command."""
    return f"{base}/{entity_id.replace('.', '/')}/set{what and '/'}{what}"


async def allow(add_entry: AddEntry, *entities: str, **data: Any) -> MockConfigEntry:
    """Add an entry with a rule that lets these entities take commands."""
    entry = await add_entry(subentries=[rule(*entities, **{**ALLOWED, **data})])
    await entry.runtime_data.broker.settled()
    return entry


async def error(peer: Peer) -> tuple[str, str, str]:
    """Return the next error: the topic it came on, that of the command, and why."""
    message = await peer.next(f"{BASE}/+/+/error")
    assert not message.retain
    answer = json.loads(message.payload)
    return str(message.topic), answer["topic"], answer["error"]


async def come_true(condition: Callable[[], object]) -> None:
    """Return once a condition is true, or fail."""
    async with asyncio.timeout(8):
        while not condition():
            await asyncio.sleep(0)


LIGHT = "light.bed_light"
# entity, what, payload, then the state or an attribute that it leads to
WORKING: list[tuple[str, str, str, Any]] = [
    ("climate.hvac", "", "OFF", "off"),
    ("climate.hvac", "", "on", "heat"),
    ("climate.hvac", "mode", "cool", "cool"),
    ("climate.hvac", "temperature", "19.5", ("temperature", 19.5)),
    ("climate.hvac", "humidity", "60", ("humidity", 60)),
    ("climate.hvac", "fan_mode", "on_low", ("fan_mode", "on_low")),
    ("climate.hvac", "swing_mode", "auto", ("swing_mode", "auto")),
    (
        "climate.hvac",
        "swing_horizontal_mode",
        "rangefull",
        ("swing_horizontal_mode", "rangefull"),
    ),
    ("climate.ecobee", "preset_mode", "eco", ("preset_mode", "eco")),
    ("climate.ecobee", "temperature_low", "18", ("target_temp_low", 18.0)),
    ("climate.ecobee", "temperature_high", "28", ("target_temp_high", 28.0)),
    # An end that crosses the other one takes it along.
    ("climate.ecobee", "temperature_low", "30", ("target_temp_high", 30.0)),
    ("climate.ecobee", "temperature_high", "20", ("target_temp_low", 20.0)),
    ("cover.garage_door", "", "OPEN", "open"),
    ("cover.garage_door", "", "CLOSE", "closed"),
    ("fan.living_room_fan", "", "ON", "on"),
    ("fan.living_room_fan", "percentage", "33", ("percentage", 33)),
    ("fan.living_room_fan", "preset_mode", "sleep", ("preset_mode", "sleep")),
    ("fan.living_room_fan", "oscillation", "ON", ("oscillating", True)),
    ("fan.living_room_fan", "direction", "reverse", ("direction", "reverse")),
    ("fan.living_room_fan", "", "OFF", "off"),
    ("humidifier.hygrostat", "", "OFF", "off"),
    ("humidifier.hygrostat", "", "TOGGLE", "on"),
    ("humidifier.hygrostat", "humidity", "45", ("humidity", 45)),
    ("humidifier.hygrostat", "mode", "eco", ("mode", "eco")),
    ("input_boolean.x", "", "ON", "on"),
    ("input_datetime.both", "", "2026-11-22 01:02:03", "2026-11-22 01:02:03"),
    ("input_datetime.date", "", " 2026-11-22", "2026-11-22"),
    ("input_datetime.time", "", "01:02:03", "01:02:03"),
    ("input_number.x", "", "7", "7.0"),
    ("input_select.x", "", "b", "b"),
    ("input_text.x", "", " Zwölf ", " Zwölf "),
    (LIGHT, "", "ON", "on"),
    (LIGHT, "", "off", "off"),
    (LIGHT, "", '{"state": "ON", "brightness": 77}', ("brightness", 77)),
    (LIGHT, "", '{"state": "OFF", "transition": 1}', "off"),
    (LIGHT, "", '{"color": {"r": 255, "g": 0, "b": 0}}', ("rgb_color", (255, 0, 0))),
    (LIGHT, "", '{"color": {"h": 120, "s": 50}}', ("hs_color", (120.0, 50.0))),
    (LIGHT, "", '{"color_temp": 4000, "flash": "short"}', ("color_temp_kelvin", 4000)),
    (LIGHT, "", '{"effect": "rainbow", "flash": 10}', ("effect", "rainbow")),
    (LIGHT, "", '{"state": "toggle"}', "off"),
    (LIGHT, "brightness", "12.6", ("brightness", 13)),
    (LIGHT, "brightness", "0", "off"),
    (LIGHT, "color_temp", "250", ("color_temp_kelvin", 4000)),
    (LIGHT, "hs", "240,100", ("hs_color", (240.0, 100.0))),
    (LIGHT, "rgb", "0, 255, 0", ("rgb_color", (0, 255, 0))),
    (LIGHT, "xy", "0.7,0.3", ("xy_color", (0.699, 0.3))),
    (LIGHT, "effect", "off", ("effect", "off")),
    ("light.office_rgbw_lights", "rgbw", "1,2,3,4", ("rgbw_color", (1, 2, 3, 4))),
    (
        "light.living_room_rgbww_lights",
        "rgbww",
        "1,2,3,4,5",
        ("rgbww_color", (1, 2, 3, 4, 5)),
    ),
    ("light.entrance_color_white_lights", "white", "50", ("brightness", 50)),
    ("light.entrance_color_white_lights", "", '{"white": 60}', ("brightness", 60)),
    ("lock.kitchen_door", "", "LOCK", "locked"),
    ("lock.kitchen_door", "", "UNLOCK", "unlocked"),
    ("media_player.walkman", "", "PAUSE", "paused"),
    ("media_player.walkman", "", "PLAY", "playing"),
    ("media_player.walkman", "volume", "0.25", ("volume_level", 0.25)),
    ("media_player.walkman", "mute", "true", ("is_volume_muted", True)),
    ("media_player.walkman", "sound_mode", "Movie", ("sound_mode", "Movie")),
    ("media_player.lounge_room", "source", "youtube", ("source", "youtube")),
    ("number.volume", "", "17", "17.0"),
    ("select.speed", "", "light_speed", "light_speed"),
    ("siren.siren", "", "OFF", "off"),
    ("siren.siren", "", '{"state": "ON", "tone": "fire"}', "on"),
    ("switch.ac", "", "ON", "on"),
    ("switch.ac", "", "0FF", None),
    ("text.text", "", "abc", "abc"),
    ("vacuum.demo_vacuum_0_ground_floor", "", "START", "cleaning"),
    ("vacuum.demo_vacuum_0_ground_floor", "", "PAUSE", "paused"),
    ("vacuum.demo_vacuum_0_ground_floor", "fan_speed", "max", ("fan_speed", "max")),
    ("valve.front_garden", "", "CLOSE", "closed"),
    ("valve.front_garden", "", "OPEN", "open"),
]
# Those of which the entity's state does not tell at once.
CALLED: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("button.push", "", "PRESS", "press", {}),
    ("cover.hall_window", "position", "40", "set_cover_position", {"position": 40}),
    (
        "cover.living_room_window",
        "tilt",
        "40",
        "set_cover_tilt_position",
        {"tilt_position": 40},
    ),
    ("cover.living_room_window", "tilt", "stop", "stop_cover_tilt", {}),
    ("input_button.x", "", "", "press", {}),
    ("scene.x", "", "ON", "turn_on", {}),
    ("script.x", "", "ON", "turn_on", {}),
    ("valve.trees", "position", "40", "set_valve_position", {"position": 40}),
]
DEMO = ("climate", "cover", "fan", "humidifier", "light", "lock", "media_player")
DEMO_2 = ("number", "select", "siren", "switch", "text", "vacuum", "valve")
HELPERS: dict[str, Any] = {
    "input_boolean": {"x": {}},
    "input_button": {"x": {}},
    "input_datetime": {
        "both": {"has_date": True, "has_time": True},
        "date": {"has_date": True},
        "time": {"has_time": True},
    },
    "input_number": {"x": {"min": 0, "max": 10}},
    "input_select": {"x": {"options": ["a", "b"]}},
    "input_text": {"x": {}},
    "script": {"x": {"sequence": [{"event": "script_ran"}]}},
    "scene": [{"name": "x", "entities": {"light.nothing": "on"}}],
}


def test_the_table_is_tested() -> None:
    """Each command of the table is carried out in a test."""
    cases = [case[:2] for case in WORKING] + [case[:2] for case in CALLED]
    tested = {(entity_id.partition(".")[0], what) for entity_id, what in cases}
    table = {(domain, what) for domain, each in COMMANDS.items() for what in each}
    assert tested == table


@pytest.mark.parametrize("domain", sorted({case[0].split(".")[0] for case in WORKING}))
async def test_entities(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, domain: str
) -> None:
    """Real entities do what they are told."""
    if domain in HELPERS:
        assert await async_setup_component(hass, domain, {domain: HELPERS[domain]})
    else:
        await add_demo(hass, [domain])
    entry = await allow(add_entry, domains=[domain], command_locks=True)
    await peer.subscribe("+/+/+/error")
    done = 0
    for entity_id, what, payload, expected in WORKING:
        if not entity_id.startswith(f"{domain}."):
            continue
        await peer.publish(topic(entity_id, what), payload)
        if expected is None:
            assert (await error(peer))[1] == topic(entity_id, what)
            continue
        done += 1

        def as_told(
            entity_id: str = entity_id, expected: Any = expected, done: int = done
        ) -> bool:
            state = hass.states.get(entity_id)
            assert state is not None
            value: Any = state.state
            if isinstance(expected, tuple):
                key, expected = expected
                value = state.attributes.get(key)
            # A state may have been so before.
            return value == expected and publishing(entry).counters.commands >= done

        try:
            async with asyncio.timeout(8):
                while not as_told():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            unread = [message.payload for message in peer._unread]
            pytest.fail(
                f"{entity_id} {what} {payload}: {hass.states.get(entity_id)} {unread}"
            )
    await peer.no_message(0, f"{BASE}/+/+/error")
    assert publishing(entry).counters.commands == done


@pytest.mark.parametrize(("entity_id", "what", "payload", "service", "data"), CALLED)
async def test_calls(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    entity_id: str,
    what: str,
    payload: str,
    service: str,
    data: dict[str, Any],
) -> None:
    """The action of the table is called with the entity and its data."""
    domain = entity_id.partition(".")[0]
    if domain in HELPERS:
        assert await async_setup_component(hass, domain, {domain: HELPERS[domain]})
    else:
        hass.states.async_set(entity_id, "there")
    entry = await allow(add_entry, entity_id)
    if domain not in HELPERS:
        async_mock_service(hass, domain, service)
    calls = async_capture_events(hass, EVENT_CALL_SERVICE)
    await peer.publish(topic(entity_id, what), payload)
    await come_true(lambda: publishing(entry).counters.commands)
    (call,) = calls
    assert call.data["domain"] == domain
    assert call.data["service"] == service
    assert call.data["service_data"] == {"entity_id": entity_id, **data}


REFUSED = [
    ("light.bed_light", "nothing", "1", "no such command for a light"),
    ("light.bed_light", "", "maybe", "none of ON, OFF, TOGGLE"),
    ("light.bed_light", "", "{", "no valid JSON"),
    ("light.bed_light", "", '{"state": "maybe"}', "state is none of"),
    ("light.bed_light", "", '{"color": "red"}', "color is not one of"),
    ("light.bed_light", "", '{"brightness": "x"}', "brightness is no number"),
    ("light.bed_light", "brightness", "nan", "brightness is no number"),
    ("light.bed_light", "color_temp", "0", "no color temperature"),
    ("light.bed_light", "rgb", "1,2", "not r,g,b"),
    ("light.bed_light", "effect", "disco", "does not support this effect"),
    ("light.bed_light", "white", "1", "does not support this white"),
    ("light.kitchen_lights", "", '{"effect": "rainbow"}', "does not support"),
    ("switch.ac", "brightness", "1", "no such command for a switch"),
    # What Home Assistant itself refuses: features, ranges, options.
    ("cover.garage_door", "position", "50", "set_cover_position"),
    ("cover.garage_door", "", "STOP", "stop_cover"),
    ("fan.ceiling_fan", "oscillation", "ON", "oscillate"),
    ("fan.ceiling_fan", "oscillation", "maybe", "neither ON nor OFF"),
    ("lock.front_door", "", "OPEN", "open"),
    ("valve.front_garden", "position", "50", "set_valve_position"),
    ("climate.hvac", "mode", "warm", "HVACMode"),
    ("climate.hvac", "temperature", "100", "100"),
    ("climate.hvac", "temperature_low", "20", "no range of temperatures"),
    ("number.volume", "", "1000", "1000"),
    ("select.speed", "", "slow", "slow"),
    ("text.text_with_1_to_5_characters", "", "too long", "too long"),
    ("siren.siren_with_all_features", "", '{"tone": "soft"}', "soft"),
    ("siren.siren", "", "[]", "none of ON"),
    ("humidifier.dehumidifier", "mode", "eco", "set_mode"),
    ("vacuum.demo_vacuum_4_fourth_floor", "", "START", "start"),
]


async def test_refused(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """What an entity can't do is answered with why, and changes nothing."""
    platforms = (*DEMO, *DEMO_2)
    await add_demo(hass, platforms)
    entry = await allow(add_entry, domains=list(platforms), command_locks=True)
    await peer.subscribe(f"{BASE}/+/+/error")
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    for entity_id, what, payload, reason in REFUSED:
        sent = topic(entity_id, what)
        await peer.publish(sent, payload)
        where, about, text = await error(peer)
        assert where == f"{BASE}/{entity_id.replace('.', '/')}/error"
        assert about == sent
        assert reason in text, (sent, payload)
    assert publishing(entry).counters.commands == 0
    assert publishing(entry).counters.command_errors == len(REFUSED)
    told = {case[0] for case in REFUSED}
    assert not [each for each in changes if each.data["entity_id"] in told]


async def test_off_by_default(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Nothing can be commanded that no rule says so for."""
    for name in "abc":
        hass.states.async_set(f"switch.{name}", "off")
    entry = await add_entry(
        subentries=[
            rule("switch.a"),
            rule("switch.b", base="other/base", **ALLOWED),
            rule("switch.d", **ALLOWED),
        ]
    )
    await entry.runtime_data.broker.settled()
    # Not before: with the entry come the actions of its own platforms.
    calls = async_mock_service(hass, "switch", "turn_on")
    for sent in (
        topic("switch.a"),
        topic("switch.a", base="other/base"),
        topic("switch.b"),
        topic("switch.c", base="other/base"),
        topic("switch.b", base="other/base"),
    ):
        await peer.publish(sent, "ON")
    await come_true(lambda: publishing(entry).counters.commands)
    assert [call.data["entity_id"] for call in calls] == ["switch.b"]

    # An entity that has no state, or is unavailable, can't be told anything.
    hass.states.async_set("switch.b", "unavailable")
    await peer.subscribe("#")
    for entity_id, base in (("switch.b", "other/base"), ("switch.d", BASE)):
        await peer.publish(topic(entity_id, base=base), "ON")
        message = await peer.next(f"{base}/+/+/error")
        assert f"{entity_id} is not available" in message.payload.decode()

    # A rule that changes or goes takes no commands any more.
    hass.states.async_set("switch.b", "off")
    change(hass, entry, 1, commands=False)
    remove(hass, entry, 2)
    await entry.runtime_data.broker.settled()
    await peer.publish(topic("switch.b", base="other/base"), "ON")
    await peer.publish(topic("switch.d"), "ON")
    await peer.publish("barrier", "")
    await peer.next("barrier")
    await hass.async_block_till_done()
    assert len(calls) == 1
    assert publishing(entry).counters.command_errors == 2


async def test_locks(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """Locks need a consent of their own."""
    await add_demo(hass, ["lock"])
    entry = await allow(add_entry, "lock.front_door")
    await peer.subscribe(f"{BASE}/+/+/error")
    await peer.publish(topic("lock.front_door"), "UNLOCK")
    assert "locks take no commands" in (await error(peer))[2]
    change(hass, entry, command_locks=True)
    await peer.publish(topic("lock.front_door"), "UNLOCK")
    await until(
        hass,
        lambda: (s := hass.states.get("lock.front_door")) and s.state == "unlocked",
    )


async def test_retained_and_echo(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What the broker kept is no command, nor is what we published ourselves."""
    hass.states.async_set("text.a", "0")
    await peer.publish(topic("text.a"), "old", retain=True)
    entry = await add_entry(
        subentries=[
            rule("text.a", retain=False, **ALLOWED),
            rule("text.a", topic=topic("text.a", "echo"), retain=False),
        ]
    )
    await entry.runtime_data.broker.settled()
    calls = async_mock_service(hass, "text", "set_value")
    counters = publishing(entry).counters
    await come_true(lambda: counters.commands_ignored)
    before = counters.commands_ignored
    hass.states.async_set("text.a", "1")
    await come_true(lambda: counters.commands_ignored > before)
    await peer.publish(topic("text.a"), "new")
    await come_true(lambda: counters.commands)
    assert [call.data["value"] for call in calls] == ["new"]
    assert counters.command_errors == 0


async def test_order_and_context(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Commands of one entity run one after the other, each with a context of its own."""
    events = async_capture_events(hass, "mqtt_websocket_command")
    running = 0
    seen: list[tuple[str, str]] = []

    async def set_value(call: ServiceCall) -> None:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0)
        seen.append((call.data["value"], call.context.id))
        running -= 1

    hass.states.async_set("text.a", "0")
    entry = await allow(add_entry, "text.a")
    hass.services.async_register("text", "set_value", set_value)
    for number in range(10):
        await peer.publish(topic("text.a"), str(number))
    await come_true(lambda: publishing(entry).counters.commands >= 10)
    assert [value for value, _ in seen] == [str(number) for number in range(10)]
    assert len({context for _, context in seen}) == 10
    assert [event.context.id for event in events] == [context for _, context in seen]
    assert events[0].data == {
        "entity_id": "text.a",
        "topic": topic("text.a"),
        "config_entry_id": entry.entry_id,
    }


async def test_limits(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody can keep Home Assistant busy."""
    hold = asyncio.Event()

    async def set_value(_call: ServiceCall) -> None:
        await hold.wait()

    monkeypatch.setattr(commands, "MAX_WAITING", 3)
    monkeypatch.setattr(commands, "ENTITY_A_SECOND", 0)
    monkeypatch.setattr(commands, "ENTITY_AT_ONCE", 6)
    hass.states.async_set("text.a", "0")
    hass.states.async_set("text.b", "0")
    entry = await allow(add_entry, "text.a", "text.b")
    hass.services.async_register("text", "set_value", set_value)
    await peer.subscribe(f"{BASE}/+/+/error")
    for number in range(3):
        await peer.publish(topic("text.a"), str(number))
    await peer.publish(topic("text.a"), "one too many")
    assert (await error(peer))[2] == "too many commands wait"
    await peer.publish(topic("text.a"), "x" * 65_537)
    assert "longer" in (await error(peer))[2]
    await peer.publish(topic("text.a"), b"\xff")
    assert "UTF-8" in (await error(peer))[2]
    await peer.publish(topic("text.a"), "too fast")
    assert (await error(peer))[2] == "too many commands"
    # Others are not held up.
    hold.set()
    await peer.publish(topic("text.b"), "1")
    await come_true(lambda: publishing(entry).counters.commands >= 4)


async def test_actions_that_fail(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An action that hangs or breaks is an error, and the next command is carried out."""

    async def set_value(call: ServiceCall) -> None:
        match call.data["value"]:
            case "hang":
                await asyncio.Event().wait()
            case "break":
                raise RuntimeError

    monkeypatch.setattr(commands, "_ACTION_SECONDS", 0.05)
    hass.states.async_set("text.a", "0")
    entry = await allow(add_entry, "text.a")
    hass.services.async_register("text", "set_value", set_value)
    await peer.subscribe(f"{BASE}/+/+/error")
    for payload, reason in (("hang", "longer than 0.05 seconds"), ("break", "Runtime")):
        await peer.publish(topic("text.a"), payload)
        assert reason in (await error(peer))[2]
    await peer.publish(topic("text.a"), "work")
    await come_true(lambda: publishing(entry).counters.commands)
    assert caplog.text.count("A command for text.a failed") == 1


async def test_silent_errors(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Nobody is answered unless the rule says so; what waits ends with the entry."""
    hold = asyncio.Event()

    async def turn_on(_call: ServiceCall) -> None:
        await hold.wait()

    hass.states.async_set("switch.a", "off")
    entry = await allow(add_entry, "switch.a", command_errors=False, retain=False)
    hass.services.async_register("switch", "turn_on", turn_on)
    await peer.subscribe("#")
    await peer.publish(topic("switch.a"), "maybe")
    await peer.next()
    await come_true(lambda: publishing(entry).counters.command_errors)
    await peer.no_message()
    counters = publishing(entry).counters
    await peer.publish(topic("switch.a"), "ON")
    await peer.publish(topic("switch.a"), "ON")
    await hass.config_entries.async_unload(entry.entry_id)
    hold.set()
    await hass.async_block_till_done()
    assert counters.commands == 0


async def test_does_not_hear_itself(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An entity of the broker is not published to where it comes from."""
    component = {
        "platform": "sensor",
        "name": "A",
        "state_topic": "a/state",
        "json_attributes_topic": "b/+",
    }
    house = await furnish(
        hass,
        add_entry,
        peer,
        subentries=(
            device({"a": component}),
            rule("sensor.boiler_a", topic="a/state", payload="json"),
            rule("sensor.boiler_a", topic="b/x", payload="json"),
            rule("sensor.boiler_a", topic="c", payload="json"),
        ),
    )
    assert [
        list(topics.values()) for topics in house.runtime.publishing.topics.values()
    ] == [[], [], ["c"]]
    assert caplog.text.count("is where it comes from") == 2
    await house.say("a/state", "1")
    await peer.subscribe("c")
    assert json.loads((await peer.next("c")).payload)["state"] == "1"


async def test_logbook(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """The logbook says where a change came from."""
    entry = await add_entry(setup=False)
    described: dict[str, Any] = {}

    def describe(domain: str, event_type: str, call: Callable[[Any], Any]) -> None:
        described[event_type] = (domain, call)

    logbook.async_describe_events(hass, describe)
    domain, call = described["mqtt_websocket_command"]
    assert domain == "mqtt_websocket"
    data = {"entity_id": "light.a", "topic": "x/set", "config_entry_id": entry.entry_id}
    told = {"message": "passed on a command from x/set", "entity_id": "light.a"}
    event = Event("mqtt_websocket_command", data)
    assert call(event) == {"name": entry.title, **told}
    await hass.config_entries.async_remove(entry.entry_id)
    assert call(event) == {"name": "MQTT", **told}
