"""System information tells how the brokers are."""

from pytest_homeassistant_custom_component.common import get_system_health_info

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.const import DOMAIN

from .conftest import AddEntry
from .support.devices import furnish
from .support.hassfest import read_json
from .support.peer import Peer

_LEVEL = {
    "platform": "sensor",
    "name": "Level",
    "state_topic": "tank",
    "unit_of_measurement": "cm",
}


async def test_system_information(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """It counts brokers and messages, each number with a text."""
    assert await async_setup_component(hass, "system_health", {})
    house = await furnish(hass, add_entry, peer, _LEVEL)
    before = await get_system_health_info(hass, DOMAIN)
    texts = read_json("translations/en.json")["system_health"]["info"]
    assert before.keys() == texts.keys()
    assert (before["brokers"], before["brokers_connected"]) == (1, 1)
    assert before["bad_payloads"] == 0

    await peer.publish("tank", "not a number")
    await house.say("tank", "21")
    await hass.services.async_call(
        DOMAIN, "publish", {"topic": "said", "payload": "hello"}, blocking=True
    )
    after = await get_system_health_info(hass, DOMAIN)
    assert after["messages_received"] >= before["messages_received"] + 2
    assert after["messages_published"] == before["messages_published"] + 1
    assert after["bad_payloads"] == 1

    assert await hass.config_entries.async_unload(house.entry.entry_id)
    assert await get_system_health_info(hass, DOMAIN) == {
        "brokers": 1,
        "brokers_connected": 0,
        "messages_received": 0,
        "messages_published": 0,
        "bad_payloads": 0,
    }
