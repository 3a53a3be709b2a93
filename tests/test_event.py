"""Events show what a topic says that happened, as core's do."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State

from .conftest import AddEntry
from .support.devices import furnish
from .support.peer import Peer

ENTITY = "event.boiler_bell"
TOPIC = "boiler/bell"
PRESS = {"event_type": "press"}


def bell(**config: Any) -> dict[str, Any]:
    """Return a component."""
    return {
        "platform": "event",
        "name": "Bell",
        "state_topic": TOPIC,
        "event_types": ["press", "hold"],
        **config,
    }


@pytest.mark.parametrize(
    ("config", "payload", "attributes"),
    [
        ({}, PRESS, {}),
        ({}, {**PRESS, "by": "me", "n": [1]}, {"by": "me", "n": [1]}),
        ({"event_types": "press"}, PRESS, {}),
        (
            {
                "value_template": '{"event_type": "{{ value }}", "n": {{ value | length }}}'
            },
            "press",
            {"n": 5},
        ),
        ({"value_template": "{{ value_json.e | tojson }}"}, {"e": PRESS}, {}),
        ({"encoding": "utf-16"}, '{"event_type": "press"}'.encode("utf-16"), {}),
    ],
)
async def test_events(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    config: dict[str, Any],
    payload: Any,
    attributes: dict[str, Any],
) -> None:
    """An event is a moment, a type, and what was said about it."""
    house = await furnish(hass, add_entry, peer, bell(**config))
    assert house.state(ENTITY).state == STATE_UNKNOWN
    assert house.state(ENTITY).attributes["event_type"] is None
    await house.say(TOPIC, payload)
    state = house.state(ENTITY)
    assert state.state != STATE_UNKNOWN
    assert state.attributes["event_type"] == "press"
    assert attributes.items() <= state.attributes.items()


async def test_each_counts(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Two equal events are two; the next one takes the attributes of the last."""
    house = await furnish(hass, add_entry, peer, bell())
    await house.say(TOPIC, {**PRESS, "by": "me"})
    first = house.state(ENTITY)
    await house.say(TOPIC, {**PRESS, "by": "me"})
    second = house.state(ENTITY)
    assert first.state < second.state
    await house.say(TOPIC, {"event_type": "hold"})
    assert "by" not in house.state(ENTITY).attributes


async def test_retained_messages_are_old(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What happened before anybody listened does not happen again."""
    await peer.publish(TOPIC, PRESS, retain=True)
    house = await furnish(hass, add_entry, peer, bell())
    assert house.state(ENTITY).state == STATE_UNKNOWN
    await house.say(TOPIC, PRESS, retain=True)
    state = house.state(ENTITY).state
    assert state != STATE_UNKNOWN
    # An edit subscribes anew.
    await house.change({"c0": bell(icon="mdi:bell")})
    assert house.state(ENTITY).state == state


@pytest.mark.parametrize(
    ("payload", "mistake"),
    [
        ("", False),
        ("None", False),
        ("{}", False),
        ("press", True),
        ("[]", True),
        ("null", True),
        ({"type": "press"}, True),
        ({"event_type": "other"}, True),
        ({"event_type": None}, True),
        (b"\xff", True),
    ],
)
async def test_other_payloads_change_nothing(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    payload: Any,
    mistake: bool,
) -> None:
    """What says nothing is ignored, what makes no sense is counted."""
    house = await furnish(hass, add_entry, peer, bell())
    await house.say(TOPIC, PRESS)
    before = house.state(ENTITY)
    await house.say(TOPIC, payload)
    assert house.state(ENTITY) is before
    assert house.runtime.bad_payloads.count == mistake


@pytest.mark.parametrize(
    ("template", "mistake"),
    [
        ("{{ value_json.a.b }}", False),
        ("{{ value_json.event_type }}", True),
        ("", False),
    ],
)
async def test_templates_of_no_use(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    template: str,
    mistake: bool,
) -> None:
    """A template that fails says, as in core: not for me. Anything but JSON is wrong."""
    house = await furnish(hass, add_entry, peer, bell(value_template=template))
    await house.say(TOPIC, PRESS)
    assert house.state(ENTITY).state == STATE_UNKNOWN
    assert house.runtime.bad_payloads.count == mistake


async def test_readers_share_a_message(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What one event takes out of a message is still there for the next one."""
    house = await furnish(
        hass, add_entry, peer, bell(), bell(name="Other", json_attributes_topic=TOPIC)
    )
    await house.say(TOPIC, {**PRESS, "by": "me"})
    for entity_id in (ENTITY, "event.boiler_other"):
        assert house.state(entity_id).attributes["event_type"] == "press"
        assert house.state(entity_id).attributes["by"] == "me"


async def test_restored(hass: HomeAssistant, add_entry: AddEntry, peer: Peer) -> None:
    """The last event outlives a restart."""
    moment = "2026-01-01T00:00:00.000+00:00"
    data = {"last_event_type": "hold", "last_event_attributes": {"by": "me"}}
    mock_restore_cache_with_extra_data(hass, [(State(ENTITY, moment), data)])
    house = await furnish(hass, add_entry, peer, bell())
    state = house.state(ENTITY)
    assert state.state == moment
    assert state.attributes["event_type"] == "hold"
    assert state.attributes["by"] == "me"


async def test_changes_in_place(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """An edit keeps what happened."""
    house = await furnish(hass, add_entry, peer, bell())
    await house.say(TOPIC, PRESS)
    before = house.state(ENTITY).state
    await house.change({"c0": bell(event_types=["hold"], device_class="button")})
    assert house.state(ENTITY).state == before
    assert house.state(ENTITY).attributes["event_types"] == ["hold"]
    await house.say(TOPIC, PRESS)
    assert house.state(ENTITY).state == before
