"""JSON that is deeper than what Home Assistant can write again."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.mapping.payload import MAX_DEPTH

from .conftest import AddEntry
from .support.devices import furnish
from .support.peer import Peer

TOPIC = "boiler/value"


def nested(levels: int) -> str:
    """Return an event as JSON with so many levels."""
    return '{"event_type": "a", "deep": ' + "[" * levels + "]" * levels + "}"


@pytest.mark.parametrize(
    "component",
    [
        {"platform": "sensor", "state_topic": "x", "json_attributes_topic": TOPIC},
        {
            "platform": "sensor",
            "state_topic": "x",
            "json_attributes_topic": TOPIC,
            "json_attributes_template": "{{ value }}",
        },
        {"platform": "event", "state_topic": TOPIC, "event_types": ["a"]},
        {
            "platform": "event",
            "state_topic": TOPIC,
            "event_types": ["a"],
            "value_template": "{{ value }}",
        },
    ],
)
async def test_a_browser_still_gets_all_states(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    hass_ws_client: WebSocketGenerator,
    component: dict[str, Any],
) -> None:
    """One message must not be able to make every browser blind."""
    assert await async_setup_component(hass, "websocket_api", {})
    component = {"name": "Value", **component}
    house = await furnish(hass, add_entry, peer, component)
    entity_id = f"{component['platform']}.boiler_value"
    await house.say(TOPIC, nested(MAX_DEPTH - 1))
    assert "deep" in house.state(entity_id).attributes
    await house.say(TOPIC, nested(250))
    await house.say(TOPIC, nested(900))
    assert house.runtime.bad_payloads.count == 2

    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "get_states"})
    answer = await client.receive_json()
    [shown] = [one for one in answer["result"] if one["entity_id"] == entity_id]
    assert shown["attributes"]["deep"]
