"""Changes of a climate device, loops of published states, and encryption by half."""

import pytest

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant

from custom_components.mqtt_websocket.publishing.rate import Rate

from .conftest import AddEntry
from .support.devices import furnish
from .support.peer import Peer
from .support.server import MqttServer

CLIMATE = {
    "platform": "climate",
    "name": "Room",
    "default_entity_id": "climate.room",
    "modes": ["off", "heat"],
    "preset_modes": ["eco"],
}


async def test_a_climate_device_with_other_topics(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What was told by a topic that is changed is unknown; what is assumed stays."""
    told = {
        **CLIMATE,
        "mode_state_topic": "room/mode",
        "mode_command_topic": "room/mode/set",
        "temperature_state_topic": "room/target",
        "temperature_command_topic": "room/target/set",
        "preset_mode_state_topic": "room/preset",
        "preset_mode_command_topic": "room/preset/set",
        "target_humidity_state_topic": "room/humidity",
        "target_humidity_command_topic": "room/humidity/set",
        "swing_mode_command_topic": "room/swing/set",
    }
    house = await furnish(hass, add_entry, peer, told)
    for topic, payload in (
        ("mode", "heat"),
        ("target", "23"),
        ("preset", "eco"),
        ("humidity", "40"),
    ):
        await house.say(f"room/{topic}", payload)
    state = house.state("climate.room")
    assert state.state == "heat"
    assert (state.attributes["temperature"], state.attributes["humidity"]) == (23, 40)
    assert state.attributes["preset_mode"] == "eco"
    assert state.attributes["swing_mode"] == "off"

    moved = {
        key: value.replace("room/", "hall/") if isinstance(value, str) else value
        for key, value in told.items()
    }
    await house.change({"c0": moved})
    state = house.state("climate.room")
    assert state.state == "unknown"
    assert state.attributes["temperature"] is None
    assert state.attributes["humidity"] is None
    assert state.attributes["preset_mode"] == "none"
    assert state.attributes["swing_mode"] == "off"
    await house.say("hall/mode", "off")
    assert house.state("climate.room").state == "off"


async def test_an_entity_is_not_published_where_it_listens(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Also not where one of several topics tells whether it is there."""
    rule = ConfigSubentryData(
        data={
            "entities": ["sensor.level", "sensor.other"],
            "topic": "out/{{ object_id }}",
        },
        subentry_type="publish_rule",
        title="Rule",
        unique_id=None,
    )
    hass.states.async_set("sensor.other", "1")
    await peer.subscribe("out/#")
    house = await furnish(
        hass,
        add_entry,
        peer,
        {
            "platform": "sensor",
            "default_entity_id": "sensor.level",
            "name": "Level",
            "state_topic": "tank",
            "availability": [{"topic": "tank/there"}, {"topic": "out/+"}],
            "availability_mode": "any",
        },
        subentries=(rule,),
    )
    await house.say("tank/there", "online")
    await house.say("tank", "5")
    assert house.state("sensor.level").state == "5"
    hass.states.async_set("sensor.other", "2")
    await hass.async_block_till_done()
    heard = await peer.collect(2)
    assert [message.topic.value for message in heard] == ["out/other", "out/other"]


async def test_own_authority_without_verification(
    hass: HomeAssistant, add_entry: AddEntry, socket_enabled: None
) -> None:
    """Who turns the check off is believed, also with a certificate in the form."""
    async with MqttServer(tls=True) as server, MqttServer(tls=True) as other:
        entry = await add_entry(
            url=server.wss_url,
            security={"verify_ssl": False, "ca_certificate": other.ca_pem},
        )
        assert entry.state is ConfigEntryState.LOADED
        checked = await add_entry(
            url=server.wss_url, security={"ca_certificate": other.ca_pem}
        )
        assert checked.state is ConfigEntryState.SETUP_RETRY
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.config_entries.async_unload(checked.entry_id)


@pytest.mark.parametrize("pause", [0.0, 4.9, 5.1])
def test_rate(pause: float) -> None:
    """So many at once, then so many a second; full again after a time."""
    rate = Rate(10, 2.0, now=100.0)
    assert rate.is_full(100.0)
    assert [rate.take(100.0) for _ in range(11)] == [True] * 10 + [False]
    assert rate.is_full(100.0 + pause) is (pause > 5)
    assert rate.take(100.0 + pause) is (pause > 0)
