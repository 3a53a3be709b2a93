"""Rules choose entities by what they are and where they belong."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)

from custom_components.mqtt_websocket.publishing import Publishing

from .conftest import AddEntry
from .support.devices import device, furnish
from .support.peer import Peer
from .support.rules import expect, publishing, rule
from .support.waiting import until

KITCHEN = ["light.kitchen", "sensor.kitchen_battery", "sensor.kitchen_temperature"]


@pytest.fixture
def house(
    hass: HomeAssistant,
    area_registry: ar.AreaRegistry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    label_registry: lr.LabelRegistry,
) -> dict[str, str]:
    """Make a house: a device in the kitchen, one without area, entities without device."""
    for label in ("Public", "Private"):
        label_registry.async_create(label)
    area_registry.async_create("Kitchen")
    area_registry.async_create("Attic", labels={"public"})
    entry = MockConfigEntry(domain="hue")
    entry.add_to_hass(hass)
    devices = {}
    for name, area in (("stove", "kitchen"), ("car", None)):
        made = device_registry.async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={("hue", name)}, name=name
        )
        if area is not None:
            device_registry.async_update_device(made.id, area_id=area)
        devices[name] = made.id
    for entity_id, device_name in (
        ("sensor.kitchen_temperature", "stove"),
        ("sensor.kitchen_battery", "stove"),
        ("light.kitchen", None),
        ("sensor.car_speed", "car"),
        ("light.attic", None),
        ("sensor.disabled", "stove"),
    ):
        domain, object_id = entity_id.split(".")
        entity_registry.async_get_or_create(
            domain,
            "hue" if device_name else "deconz",
            object_id,
            suggested_object_id=object_id,
            config_entry=entry,
            device_id=devices[device_name] if device_name else None,
            original_name=object_id,
            disabled_by=(
                er.RegistryEntryDisabler.USER if object_id == "disabled" else None
            ),
        )
        if object_id != "disabled":
            hass.states.async_set(entity_id, "on")
    entity_registry.async_update_entity("light.kitchen", area_id="kitchen")
    entity_registry.async_update_entity("light.attic", area_id="attic")
    entity_registry.async_update_entity("sensor.kitchen_battery", labels={"private"})
    device_registry.async_update_device(devices["car"], labels={"public"})
    hass.states.async_set("sensor.template", "1")
    return devices


def chosen(running: Publishing) -> list[str]:
    """Return the entities of the only rule."""
    (topics,) = running.topics.values()
    return list(topics)


@pytest.mark.parametrize(
    ("choice", "entities"),
    [
        ({"devices": ["stove"]}, KITCHEN[1:]),
        ({"areas": ["kitchen"]}, KITCHEN),
        ({"labels": ["private"]}, ["sensor.kitchen_battery"]),
        ({"labels": ["public"]}, ["light.attic", "sensor.car_speed"]),
        ({"domains": ["light"]}, ["light.attic", "light.kitchen"]),
        (
            {"integrations": ["hue"]},
            ["sensor.car_speed", *KITCHEN[1:]],
        ),
        ({"globs": ["*.KITCHEN_*", "light.?ttic"]}, ["light.attic", *KITCHEN[1:]]),
        (
            {"globs": ["sensor.[tk]*"], "exclude_labels": ["private"]},
            ["sensor.kitchen_temperature", "sensor.template"],
        ),
        (
            {"domains": ["sensor"], "exclude_devices": ["stove"]},
            ["sensor.car_speed", "sensor.template"],
        ),
        (
            {"domains": ["sensor"], "exclude_areas": ["kitchen"]},
            ["sensor.car_speed", "sensor.template"],
        ),
        (
            {"areas": ["kitchen"], "exclude_domains": ["light"]},
            KITCHEN[1:],
        ),
        (
            {"areas": ["kitchen"], "exclude_globs": ["*battery"]},
            [KITCHEN[0], KITCHEN[2]],
        ),
        (
            {"domains": ["sensor"], "exclude_integrations": ["hue"]},
            ["sensor.template"],
        ),
        (
            {"areas": ["kitchen"], "exclude_entities": ["light.kitchen"]},
            KITCHEN[1:],
        ),
        (
            # What is named is meant, and comes first.
            {
                "entities": ["sensor.later", "light.kitchen"],
                "domains": ["light"],
                "exclude_domains": ["light", "sensor"],
            },
            ["sensor.later", "light.kitchen"],
        ),
    ],
)
async def test_choice(
    add_entry: AddEntry,
    house: dict[str, str],
    choice: dict[str, Any],
    entities: list[str],
) -> None:
    """Any one of what is chosen by is enough, and any exception leaves out."""
    data = {
        key: [house.get(each, each) for each in values]
        for key, values in choice.items()
    }
    entry = await add_entry(subentries=[rule(**{"entities": [], **data})])
    assert chosen(publishing(entry)) == entities


async def test_follows_the_registries(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    house: dict[str, str],
    area_registry: ar.AreaRegistry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """What comes to match is published, what ceases to is cleared."""
    await peer.subscribe("#")
    await add_entry(
        subentries=[
            rule(
                areas=["kitchen"],
                labels=["public"],
                exclude_labels=["private"],
                topic="x/{{ entity_id }}",
            )
        ]
    )
    mine = (
        "light.kitchen",
        "sensor.kitchen_temperature",
        "light.attic",
        "sensor.car_speed",
    )
    await expect(peer, *((f"x/{each}", "on") for each in mine))

    # An entity changes.
    entity_registry.async_update_entity("sensor.kitchen_battery", labels=set())
    await expect(peer, ("x/sensor.kitchen_battery", "on"))
    entity_registry.async_update_entity("light.kitchen", area_id="attic")
    await peer.no_message()  # it is there by the label of the attic now
    # A device does.
    device_registry.async_update_device(house["car"], labels=set())
    await expect(peer, ("x/sensor.car_speed", ""))
    device_registry.async_update_device(house["car"], area_id="kitchen")
    await expect(peer, ("x/sensor.car_speed", "on"))
    # An area does.
    area_registry.async_update("attic", labels=set())
    await expect(peer, ("x/light.kitchen", ""), ("x/light.attic", ""))
    # Entities are disabled, renamed, removed, and made.
    entity_registry.async_update_entity(
        "sensor.kitchen_battery", disabled_by=er.RegistryEntryDisabler.USER
    )
    hass.states.async_remove("sensor.kitchen_battery")
    await expect(peer, ("x/sensor.kitchen_battery", ""))
    hass.states.async_remove("sensor.car_speed")
    entity_registry.async_update_entity("sensor.car_speed", new_entity_id="sensor.v")
    hass.states.async_set("sensor.v", "on")
    await expect(peer, ("x/sensor.car_speed", ""), ("x/sensor.v", "on"))
    hass.states.async_remove("sensor.v")
    entity_registry.async_remove("sensor.v")
    await expect(peer, ("x/sensor.v", ""))
    entity_registry.async_get_or_create(
        "sensor", "hue", "new", device_id=house["stove"], suggested_object_id="new"
    )
    await hass.async_block_till_done()
    hass.states.async_set("sensor.new", "1")
    await expect(peer, ("x/sensor.new", "1"))


async def test_states_without_registry(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Entities that no registry knows come and go with their states."""
    await peer.subscribe("#")
    entry = await add_entry(
        subentries=[
            rule(
                domains=["sensor"], exclude_globs=["*.secret*"], topic="{{ object_id }}"
            )
        ]
    )
    hass.states.async_set("sensor.a", "1")
    hass.states.async_set("sensor.secret", "1")
    hass.states.async_set("light.a", "1")
    await expect(peer, ("a", "1"))
    assert chosen(publishing(entry)) == ["sensor.a"]
    hass.states.async_remove("sensor.a")
    await expect(peer, ("a", ""))
    assert chosen(publishing(entry)) == []
    hass.states.async_set("sensor.a", "2")
    await expect(peer, ("a", "2"))


async def test_named_by_another_rule(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """Each rule sees entities come and go, whichever others name them."""
    await peer.subscribe("#")
    await add_entry(
        subentries=[
            rule("sensor.a", topic="named"),
            rule(domains=["sensor"], topic="any"),
        ]
    )
    for value in "12":
        hass.states.async_set("sensor.a", value)
        await expect(peer, ("named", value), ("any", value))
        hass.states.async_remove("sensor.a")
        await expect(peer, ("named", ""), ("any", ""))


async def test_invalid_topics_of_some(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An entity whose topic is invalid is named once, and the others are published."""
    await peer.subscribe("#")
    await add_entry(
        subentries=[
            rule(
                domains=["sensor"],
                topic="{{ '#' if 'bad' in object_id else object_id }}",
            )
        ]
    )
    for _ in range(2):
        hass.states.async_set("sensor.bad", "1")
        hass.states.async_remove("sensor.bad")
    hass.states.async_set("sensor.good", "1")
    await expect(peer, ("good", "1"))
    assert caplog.text.count("sensor.bad is not published") == 1


async def test_named_exception_is_renamed(
    hass: HomeAssistant,
    add_entry: AddEntry,
    house: dict[str, str],
    entity_registry: er.EntityRegistry,
) -> None:
    """An exception goes with its entity as well, and the subentry learns it."""
    entry = await add_entry(
        subentries=[rule(domains=["light"], exclude_entities=["light.attic"])]
    )
    assert chosen(publishing(entry)) == ["light.kitchen"]
    hass.states.async_remove("light.attic")
    entity_registry.async_update_entity("light.attic", new_entity_id="light.roof")
    hass.states.async_set("light.roof", "on")
    await hass.async_block_till_done()
    assert chosen(publishing(entry)) == ["light.kitchen"]
    (subentry,) = entry.subentries.values()
    assert subentry.data["exclude_entities"] == ["light.roof"]


async def test_what_came_from_the_broker(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What came from a broker does not go back to it, unless it is named."""
    component = {"platform": "switch", "name": "A", "command_topic": "a/set"}
    other = {"platform": "switch", "name": "B", "command_topic": "b/set"}
    hass.states.async_set("switch.c", "on")
    living = await furnish(
        hass,
        add_entry,
        peer,
        subentries=(
            device({"a": component, "b": other}),
            rule("switch.boiler_b", domains=["switch", "binary_sensor"]),
        ),
    )
    assert chosen(living.runtime.publishing) == ["switch.boiler_b", "switch.c"]


async def test_without_unique_id(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What is announced without a unique ID came from the broker as well."""
    entry = await add_entry(
        discovery=True, subentries=[rule(integrations=["mqtt_websocket"])]
    )
    await peer.publish(
        "homeassistant/switch/a/config",
        {"name": "Announced", "command_topic": "a/set"},
        retain=True,
    )
    await until(hass, lambda: hass.states.get("switch.announced"))
    await hass.async_block_till_done()
    assert chosen(publishing(entry)) == []
    other = await add_entry(subentries=[rule(integrations=["mqtt_websocket"])])
    assert "switch.announced" in chosen(publishing(other))


async def test_to_another_broker(
    hass: HomeAssistant, add_entry: AddEntry, peer: Peer
) -> None:
    """What came from one broker goes to another."""
    component = {"platform": "switch", "name": "A", "command_topic": "a/set"}
    await add_entry(subentries=(device({"a": component}),))
    entry = await add_entry(subentries=[rule(domains=["switch"])])
    assert chosen(publishing(entry)) == ["switch.boiler_a"]
