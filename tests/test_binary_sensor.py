"""Binary sensors show what topics say, as core's do; one shows the connection."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_time_changed,
    mock_restore_cache,
)

from homeassistant.const import (
    EVENT_STATE_CHANGED,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .conftest import AddEntry
from .support.devices import furnish
from .support.peer import Peer
from .support.server import MqttServer
from .support.waiting import until

ENTITY = "binary_sensor.boiler_door"
TOPIC = "boiler/door"


def door(**config: Any) -> dict[str, Any]:
    """Return a component with the topic TOPIC and the entity id ENTITY."""
    return {"platform": "binary_sensor", "name": "Door", "state_topic": TOPIC, **config}


async def expire(hass: HomeAssistant, seconds: float) -> None:
    """Let time pass."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("config", "payload", "state"),
    [
        ({}, "ON", STATE_ON),
        ({}, "OFF", STATE_OFF),
        ({"payload_on": "1", "payload_off": "0"}, "1", STATE_ON),
        ({"payload_on": "1", "payload_off": "0"}, "0", STATE_OFF),
        ({"payload_on": "x", "payload_off": "x"}, "x", STATE_ON),
        (
            {"value_template": "{{ value_json.open }}", "payload_on": "True"},
            {"open": True},
            STATE_ON,
        ),
        ({"encoding": "utf-16"}, "ON".encode("utf-16"), STATE_ON),
        ({"encoding": ""}, b"ON", STATE_UNKNOWN),
        ({"encoding": "", "value_template": "{{ value.decode() }}"}, b"ON", STATE_ON),
    ],
)
async def test_values(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    payload: Any,
    state: str,
) -> None:
    """A payload, or what the template makes of it, means on or off."""
    house = await furnish(hass, add_entry, peer, door(**config))
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.say(TOPIC, payload)
    assert house.state(ENTITY).state == state


async def test_none_means_unknown(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """The payload None takes back what was known."""
    house = await furnish(hass, add_entry, peer, door(device_class="door"))
    await house.say(TOPIC, "ON")
    assert house.state(ENTITY).attributes["device_class"] == "door"
    await house.say(TOPIC, "None")
    assert house.state(ENTITY).state == STATE_UNKNOWN


@pytest.mark.parametrize(
    ("config", "payload", "counted"),
    [
        ({}, "AJAR", 1),
        ({}, b"\xff", 1),
        ({}, "", 0),
        ({}, " ", 0),
        ({"value_template": "{% if value == 'ON' %}ON{% endif %}"}, "AJAR", 0),
        ({"value_template": "{{ value_json.a.b }}"}, "ON", 0),
    ],
)
async def test_other_payloads_change_nothing(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
    config: dict[str, Any],
    payload: Any,
    counted: int,
) -> None:
    """What is not for the sensor leaves it as it is. A failed template gives the payload."""
    house = await furnish(hass, add_entry, peer, door(**config))
    await house.say(TOPIC, "ON")
    before = house.state(ENTITY)
    assert before.state == STATE_ON
    for _ in range(2):
        await house.say(TOPIC, payload)
    assert house.state(ENTITY) is before
    assert house.runtime.bad_payloads.count == 2 * counted
    lines = [each for each in caplog.messages if "changes nothing" in each]
    assert len(lines) == counted


async def test_a_worse_message_is_logged_too(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What may be meant for somebody else does not hide what is wrong."""
    house = await furnish(hass, add_entry, peer, door())
    for payload in ("AJAR", b"\xff", "AJAR", b"\xff"):
        await house.say(TOPIC, payload)
    levels = [
        each.levelname for each in caplog.records if "changes nothing" in each.message
    ]
    assert levels == ["INFO", "WARNING"]


async def test_force_update(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """With force_update the same value again is a change, without it is none."""
    house = await furnish(
        hass,
        add_entry,
        peer,
        door(force_update=True),
        door(name="Other"),
    )
    events = async_capture_events(hass, EVENT_STATE_CHANGED)
    await house.say(TOPIC, "ON")
    await house.say(TOPIC, "ON")
    changed = [event.data["entity_id"] for event in events]
    assert changed.count(ENTITY) == 2
    assert changed.count("binary_sensor.boiler_other") == 1


async def test_off_delay(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """On is over after some seconds, counted from the last message."""
    house = await furnish(hass, add_entry, peer, door(off_delay=30))
    await house.say(TOPIC, "ON")
    await house.say(TOPIC, "ON")
    await expire(hass, 29)
    assert house.state(ENTITY).state == STATE_ON
    await expire(hass, 31)
    assert house.state(ENTITY).state == STATE_OFF
    await house.say(TOPIC, "ON")
    await house.say(TOPIC, "OFF")
    await house.say(TOPIC, "ON")
    await house.say(TOPIC, "None")
    await expire(hass, 31)
    assert house.state(ENTITY).state == STATE_UNKNOWN
    # A pending delay ends with the entity.
    await house.say(TOPIC, "ON")
    await house.remove()
    await expire(hass, 31)
    assert hass.states.get(ENTITY) is None


async def test_expire_after(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """A value is good for some seconds."""
    house = await furnish(hass, add_entry, peer, door(expire_after=30))
    assert house.state(ENTITY).state == STATE_UNAVAILABLE
    await house.say(TOPIC, "ON")
    assert house.state(ENTITY).state == STATE_ON
    await expire(hass, 31)
    assert house.state(ENTITY).state == STATE_UNAVAILABLE


@pytest.mark.parametrize(
    ("last", "age", "state"),
    [
        (STATE_ON, 10, STATE_ON),
        (STATE_OFF, 10, STATE_OFF),
        (STATE_ON, 31, STATE_UNAVAILABLE),
        (STATE_UNKNOWN, 10, STATE_UNAVAILABLE),
    ],
)
async def test_restored_for_the_rest_of_its_time(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    freezer: FrozenDateTimeFactory,
    last: str,
    age: int,
    state: str,
) -> None:
    """A restart is no message: what was left of the time goes on."""
    changed = dt_util.utcnow() - timedelta(seconds=age)
    mock_restore_cache(hass, [State(ENTITY, last, last_changed=changed)])
    house = await furnish(hass, add_entry, peer, door(expire_after=30))
    assert house.state(ENTITY).state == state
    await expire(hass, 21)
    assert house.state(ENTITY).state == STATE_UNAVAILABLE


async def test_new_meaning_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """With other payloads the old state says nothing; what is retained is read again."""
    house = await furnish(hass, add_entry, peer, door(off_delay=30))
    await house.say(TOPIC, "ON")
    await house.change({"c0": door(payload_on="1")})
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await expire(hass, 31)
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.say(TOPIC, "1", retain=True)
    await house.change({"c0": door(payload_on="2", payload_off="1")})
    assert house.state(ENTITY).state == STATE_OFF


async def test_default_name(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Without a name the device class gives one, else the platform."""
    plain = {"platform": "binary_sensor", "state_topic": "a"}
    house = await furnish(
        hass, add_entry, peer, plain, {**plain, "device_class": "door"}
    )
    assert house.state("binary_sensor.boiler_mqtt_binary_sensor")
    assert house.state(ENTITY).name == "Boiler Door"


# --- the broker's own ------------------------------------------------------------


async def test_connection(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer, server: MqttServer
) -> None:
    """The broker's sensor shows the connection, is never unavailable, and says why."""
    house = await furnish(hass, add_entry, peer)
    (entity_id,) = hass.states.async_entity_ids("binary_sensor")
    registered = house.registered(entity_id)
    assert registered.unique_id == f"{house.entry.entry_id}_connected"
    assert registered.entity_category == "diagnostic"
    assert registered.translation_key == "connected"
    state = house.state(entity_id)
    assert state.state == STATE_ON
    assert state.attributes["device_class"] == "connectivity"
    assert state.attributes["protocol"] == ("5" if server.mqtt5 else "3.1.1")
    assert state.attributes["last_error"] is None

    await server.kill()
    await until(hass, lambda: house.state(entity_id).state == STATE_OFF)
    state = house.state(entity_id)
    errors = {"hung_up", "connection_lost", "connection_refused"}
    assert state.attributes["last_error"] in errors
    assert isinstance(state.attributes["last_error_details"], dict)

    await server.start()
    house.runtime.broker.reconnect_now()
    await until(hass, lambda: house.state(entity_id).state == STATE_ON)
    assert house.state(entity_id).attributes["last_error"] is None


async def test_two_brokers(
    hass: HomeAssistant, add_entry: AddEntry, server: MqttServer
) -> None:
    """Each broker has a sensor of its own."""
    entries = [await add_entry(), await add_entry(username="other")]
    registry = er.async_get(hass)
    for entry in entries:
        own = er.async_entries_for_config_entry(registry, entry.entry_id)
        keys = [each.translation_key for each in own if each.domain == "binary_sensor"]
        assert keys == ["connected"]
