"""Device triggers that devices announce, and the automations that people make of them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from homeassistant.components.device_automation import (
    DeviceAutomationType,
    async_get_device_automations,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket import async_remove_config_entry_device
from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.listeners.triggers import (
    async_get_announced_triggers,
)

from .conftest import AddEntry
from .support.automation import Fired, fired_fixture, settled
from .support.home import AddHome, Home, add_home_fixture, home_fixture, info
from .support.peer import Peer

__all__ = ["add_home_fixture", "fired_fixture", "home_fixture"]

type Automate = Callable[..., Awaitable[None]]

TOPIC = "device_automation/node/press"


def press(**config: Any) -> dict[str, Any]:
    """Return the announcement of a button's trigger."""
    return {
        "automation_type": "trigger",
        "type": "button_short_press",
        "subtype": "button_1",
        "topic": "button",
        "payload": "press",
        "device": info(),
        **config,
    }


@pytest.fixture(name="automate")
def automate_fixture(hass: HomeAssistant, fired: Fired) -> Automate:
    """Return a function that makes an automation with a trigger of a device."""

    async def automate(
        device_id: str,
        kind: str = "button_short_press",
        subtype: str = "button_1",
    ) -> None:
        trigger = {"platform": "device", "domain": DOMAIN, "device_id": device_id}
        assert await async_setup_component(
            hass,
            "automation",
            {
                "automation": {
                    "id": "test",
                    "alias": "test",
                    "mode": "parallel",
                    "triggers": {**trigger, "type": kind, "subtype": subtype},
                    "actions": {
                        "action": "test.fired",
                        "data": {"trigger": "{{ trigger }}"},
                    },
                }
            },
        )
        await settled(hass)

    return automate


async def triggers(home: Home, identifier: str = "node") -> list[tuple[str, str]]:
    """Return what the automation editor offers of a device, but for its entities."""
    device_id = home.device(identifier).id
    found = await async_get_device_automations(
        home.hass, DeviceAutomationType.TRIGGER, [device_id]
    )
    return [
        (each["type"], each["subtype"])
        for each in found[device_id]
        if each["domain"] == DOMAIN
    ]


async def test_trigger(home: Home, automate: Automate, fired: Fired) -> None:
    """What a device announces is in the editor, and triggers with what was said."""
    await home.announce(TOPIC, press())
    assert await triggers(home) == [("button_short_press", "button_1")]
    await automate(home.device("node").id)
    await home.say("button", "hold")
    await home.say("button", "press", qos=1)
    trigger = await fired.next()
    assert trigger["platform"] == "device"
    assert trigger["description"] == "mqtt topic button"
    assert (trigger["topic"], trigger["payload"]) == ("button", "press")
    assert trigger["config_entry_id"] == home.entry.entry_id
    assert trigger["broker"] == home.entry.title
    assert "payload_json" not in trigger
    assert fired.nothing


async def test_any_payload(home: Home, automate: Automate, fired: Fired) -> None:
    """Without a payload each message triggers; JSON can be looked into."""
    await home.announce(TOPIC, press(payload=""))
    await automate(home.device("node").id)
    await home.say("button", {"action": "single"})
    assert (await fired.next())["payload_json"] == {"action": "single"}


async def test_value_template(home: Home, automate: Automate, fired: Fired) -> None:
    """The payload may be looked for in a value; what has none triggers nothing."""
    await home.announce(
        TOPIC, press(value_template="{{ value_json.action }}", payload="single")
    )
    await automate(home.device("node").id)
    for payload in ("single", {"action": "double"}, {"battery": 5}, b"\xff"):
        await home.say("button", payload)
    assert fired.nothing
    await home.say("button", {"action": "single"})
    assert (await fired.next())["payload_json"] == {"action": "single"}
    # What was not text is counted, and nothing else was wrong.
    assert home.runtime.bad_payloads.topics["button"] >= 1


async def test_retained(home: Home, automate: Automate, fired: Fired) -> None:
    """What the broker has kept is no news."""
    await home.say("button", "press", retain=True)
    await home.announce(TOPIC, press())
    await automate(home.device("node").id)
    await home.quiet()
    assert fired.nothing
    await home.say("button", "press", retain=True)
    assert (await fired.next())["payload"] == "press"


async def test_only_wanted_topics_are_subscribed(
    home: Home, automate: Automate, fired: Fired
) -> None:
    """Ten thousand triggers that nobody uses cost no subscription."""
    await home.announce(TOPIC, press())
    bad = home.runtime.bad_payloads
    await home.say("button", b"\xff")
    assert bad.count == 0
    await automate(home.device("node").id)
    await home.say("button", b"\xff")
    assert bad.count == 1
    await home.hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.test"}, blocking=True
    )
    await home.say("button", b"\xff")
    assert bad.count == 1
    await home.hass.services.async_call(
        "automation", "turn_on", {"entity_id": "automation.test"}, blocking=True
    )
    await settled(home.hass)
    await home.say("button", "press")
    assert (await fired.next())["payload"] == "press"


async def test_device_announcement(
    home: Home, automate: Automate, fired: Fired
) -> None:
    """A device announces entities, triggers and tags together; triggers need no id."""

    def announced(**more: Any) -> dict[str, Any]:
        long = press(subtype="button_2", payload="long", platform="device_automation")
        del long["device"]
        return {
            "device": info(),
            "origin": {"name": "test"},
            "qos": 1,
            "components": {
                "sensor": {"p": "sensor", "unique_id": "a", "state_topic": "a"},
                "long": {**long, **more},
            },
        }

    await home.announce("device/node", announced())
    assert home.entities == ["sensor.node_mqtt_sensor"]
    assert await triggers(home) == [("button_short_press", "button_2")]
    await automate(home.device("node").id, subtype="button_2")
    await home.say("button", "long")
    assert (await fired.next())["qos"] == 1
    # Changed in place, the entity is not touched.
    await home.announce("device/node", announced(payload="longer"))
    await home.say("button", "long")
    assert fired.nothing
    await home.say("button", "longer")
    assert (await fired.next())["payload"] == "longer"
    # The trigger goes; the automation waits for it.
    gone = announced()
    gone["components"]["long"] = {"p": "device_automation"}
    await home.announce("device/node", gone)
    assert await triggers(home) == []
    await home.say("button", "long")
    assert fired.nothing
    assert "sensor.node_mqtt_sensor" in home.entities


async def test_device_without_entities(home: Home) -> None:
    """A device may have nothing but triggers. It goes with the last of them."""
    await home.announce(TOPIC, press(device=info(model="Remote")))
    await home.announce("device_automation/b", press(subtype="button_2"))
    assert home.device("node").model == "Remote"
    assert sorted(await triggers(home)) == [
        ("button_short_press", "button_1"),
        ("button_short_press", "button_2"),
    ]
    assert not await async_remove_config_entry_device(
        home.hass, home.entry, home.device("node")
    )
    await home.remove_announcement(TOPIC)
    assert await triggers(home) == [("button_short_press", "button_2")]
    await home.remove_announcement("device_automation/b")
    assert home.find_device("node") is None


async def test_hub_without_entities(home: Home) -> None:
    """A hub that has triggers alone stays when the devices behind it go."""
    await home.announce(TOPIC, press(device=info("hub")))
    sensor = {"state_topic": "a", "unique_id": "a"}
    await home.announce(
        "sensor/a", {**sensor, "device": info("node", via_device="hub")}
    )
    assert home.device("node").via_device_id == home.device("hub").id
    await home.remove_announcement("sensor/a")
    assert home.find_device("node") is None
    assert await triggers(home, "hub") == [("button_short_press", "button_1")]


async def test_automation_first(home: Home, automate: Automate, fired: Fired) -> None:
    """An automation may wait for what is announced later, again and again."""
    await home.announce("device_automation/b", press(subtype="button_2"))
    await automate(home.device("node").id)
    await home.announce(TOPIC, press())
    await home.say("button", "press")
    await fired.next()
    # Another topic.
    await home.announce(TOPIC, press(topic="other"))
    await home.say("button", "press")
    assert fired.nothing
    await home.say("other", "press")
    assert (await fired.next())["topic"] == "other"
    # It goes, and comes back.
    await home.remove_announcement(TOPIC)
    await home.say("other", "press")
    assert fired.nothing
    await home.announce(TOPIC, press())
    await home.say("button", "press")
    assert (await fired.next())["topic"] == "button"
    # The entry is reloaded; what is retained is announced anew.
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.settled()
    await home.say("button", "press")
    assert (await fired.next())["topic"] == "button"
    assert fired.nothing


async def test_unloaded(home: Home, automate: Automate) -> None:
    """Without its broker a device offers no triggers; automations stay valid."""
    await home.announce(TOPIC, press())
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert await triggers(home) == []
    await automate(home.device("node").id)
    state = home.hass.states.get("automation.test")
    assert state is not None
    assert state.state == "on"


async def test_migration(home: Home, automate: Automate, fired: Fired) -> None:
    """A trigger moves from its own announcement to that of its device."""
    await home.announce(TOPIC, press())
    device_id = home.device("node").id
    await automate(device_id)
    await home.announce(TOPIC, {"migrate_discovery": True})
    component = press(platform="device_automation")
    del component["device"]
    whole = {"device": info(), "origin": {"name": "o"}, "components": {"p": component}}
    await home.announce("device/node", whole)
    await home.remove_announcement(TOPIC)
    assert home.device("node").id == device_id
    await home.say("button", "press")
    await fired.next()
    assert fired.nothing


async def test_two_of_a_name(home: Home) -> None:
    """The first one with a type and a subtype has them, until it goes."""
    await home.announce(TOPIC, press())
    await home.announce("device_automation/b", press(topic="b"))
    announcements = home.announcements
    (reason,) = announcements.refused.values()
    assert "type and subtype" in reason
    await home.remove_announcement(TOPIC)
    await home.announce("device_automation/b", press(topic="b"))
    assert announcements.refused == {}
    assert await triggers(home) == [("button_short_press", "button_1")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": "a/#/b"},
        {"automation_type": "action"},
        {"type": "x" * 256},
        {"payload": "{{ 1 +"},
        {"payload": "{{ states('sensor.a') }}"},
        {"value_template": "{{ 1 +"},
        {"device": {}},
        {"qos": 3},
    ],
)
async def test_refused(home: Home, wrong: dict[str, Any]) -> None:
    """What makes no sense, or asks for more than a stranger may, is left out."""
    await home.announce(TOPIC, press(**wrong))
    assert len(home.announcements.refused) == 1
    device = home.find_device("node")
    assert device is None or await triggers(home) == []


async def test_without_device(home: Home) -> None:
    """A trigger is a device's."""
    config = press()
    del config["device"]
    await home.announce(TOPIC, config)
    assert len(home.announcements.refused) == 1


async def test_in_the_editor(
    hass: HomeAssistant, home: Home, hass_ws_client: WebSocketGenerator
) -> None:
    """The editor asks as it does, and has texts for the usual names."""
    assert await async_setup_component(hass, "device_automation", {})
    await home.announce(TOPIC, press())
    client = await hass_ws_client(hass)
    device_id = home.device("node").id
    await client.send_json_auto_id(
        {"type": "device_automation/trigger/list", "device_id": device_id}
    )
    (found,) = (await client.receive_json())["result"]
    assert found == {
        "platform": "device",
        "domain": DOMAIN,
        "device_id": device_id,
        "type": "button_short_press",
        "subtype": "button_1",
        "metadata": {},
    }
    await client.send_json_auto_id(
        {"type": "device_automation/trigger/capabilities", "trigger": found}
    )
    assert (await client.receive_json())["result"] == {}
    texts = await async_get_translations(hass, "en", "device_automation", [DOMAIN])
    prefix = f"component.{DOMAIN}.device_automation"
    assert texts[f"{prefix}.trigger_type.button_short_press"] == '"{subtype}" pressed'
    assert texts[f"{prefix}.trigger_subtype.button_1"] == "First button"


async def test_two_brokers(
    home: Home, add_home: AddHome, automate: Automate, fired: Fired
) -> None:
    """The same device on another broker is another device."""
    other = await add_home(options={"discovery_prefix": "other"})
    await home.announce(TOPIC, press())
    await home.say(f"other/{TOPIC}/config", press(), retain=True)
    await other.settled()
    assert home.device("node").id != other.device("node").id
    assert await triggers(other) == [("button_short_press", "button_1")]
    await automate(other.device("node").id)
    await home.say("button", "press")
    assert (await fired.next())["config_entry_id"] == other.entry.entry_id
    assert fired.nothing


async def test_removed_entry(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Nothing is left of triggers when their entry is removed."""
    home = Home(hass, await add_entry(discovery=True), peer)
    await home.announce(TOPIC, press())
    device_id = home.device("node").id
    await hass.config_entries.async_remove(home.entry.entry_id)
    await hass.async_block_till_done()
    assert dr.async_get(hass).async_get(device_id) is None
    assert list(async_get_announced_triggers(hass).of_device(device_id)) == []
