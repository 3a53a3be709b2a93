"""The forms for devices that a person makes."""

from collections.abc import Iterator
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.selector import ObjectSelector, SelectSelector
from homeassistant.setup import async_setup_component

from custom_components.mqtt_websocket.mapping.schemas import ENTITY_SCHEMAS, light
from custom_components.mqtt_websocket.subentry_flow.fields import AnySelector, Field
from custom_components.mqtt_websocket.subentry_flow.forms import (
    ENTITY_FORMS,
    OFFERED,
    form_of,
)
from custom_components.mqtt_websocket.subentry_flow.forms.device import INFO, SHARED

from .conftest import AddEntry
from .support.devices import state_of
from .support.forms import (
    choose,
    form_values,
    made,
    options_of,
    reconfigure,
    subentry,
    submit,
)
from .support.peer import Peer
from .support.translations import english
from .support.waiting import until

# --- helpers ----------------------------------------------------------------------------


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Open the form for a new device."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "device"), context={"source": SOURCE_USER}
    )
    result = await choose(hass, result, "write")
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "write"
    return result


SENSOR = {"name": "Temperature", "state_topic": "kitchen/t"}


async def to_sensor(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Go to the form of a sensor of a new device."""
    result = await submit(hass, await start(hass, entry), name="Kitchen")
    return await choose(hass, result, "sensor")


# --- from nothing to entities --------------------------------------------------------------


async def test_a_device_with_three_entities(
    hass: HomeAssistant,
    add_entry: AddEntry,
    peer: Peer,
    device_registry: dr.DeviceRegistry,
) -> None:
    """The way through all forms ends with a device that works."""
    entry = await add_entry()
    before = entry.runtime_data
    result = await submit(
        hass,
        await start(hass, entry),
        name=" Kitchen ",
        manufacturer="Self made",
        details={"sw_version": "1.0", "configuration_url": "http://192.168.1.23/"},
        availability={"availability_topic": "kitchen/status"},
    )
    assert result["step_id"] == "add_entity"
    assert result["menu_options"] == OFFERED
    result = await choose(hass, result, "sensor")
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "sensor"
    result = await submit(
        hass,
        result,
        name="Temperature",
        state_topic=" kitchen/state ",
        value_template="{{ value_json.t }}",
        device_class="temperature",
        unit_of_measurement="°C",
        state_class="measurement",
        behavior={"suggested_display_precision": 1.0, "force_update": False},
    )
    assert result["step_id"] == "menu"
    assert result["menu_options"] == [
        "finish",
        "listen",
        "add_entity",
        "edit_entity",
        "device",
        "paste",
        "export",
    ]
    assert result["description_placeholders"] == {
        "device": "Kitchen",
        "entities": "- Temperature (sensor)",
    }
    result = await choose(hass, result, "add_entity")
    result = await choose(hass, result, "switch")
    result = await submit(
        hass, result, command_topic="kitchen/set", behavior={"optimistic": True}
    )
    assert result["menu_options"] == [
        "finish",
        "listen",
        "add_entity",
        "edit_entity",
        "remove_entities",
        "device",
        "paste",
        "export",
    ]
    result = await choose(hass, result, "add_entity")
    result = await choose(hass, result, "binary_sensor")
    result = await submit(
        hass, result, name="Motion", state_topic="kitchen/motion", payload_on="yes"
    )
    assert not entry.subentries
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Kitchen"
    assert made(entry) == {
        "device": {
            "manufacturer": "Self made",
            "sw_version": "1.0",
            "configuration_url": "http://192.168.1.23/",
        },
        "availability_topic": "kitchen/status",
        "components": [
            {
                "platform": "sensor",
                "name": "Temperature",
                "state_topic": "kitchen/state",
                "value_template": "{{ value_json.t }}",
                "device_class": "temperature",
                "unit_of_measurement": "°C",
                "state_class": "measurement",
                "suggested_display_precision": 1,
            },
            {
                "platform": "switch",
                "name": None,
                "command_topic": "kitchen/set",
                "optimistic": True,
            },
            {
                "platform": "binary_sensor",
                "name": "Motion",
                "state_topic": "kitchen/motion",
                "payload_on": "yes",
            },
        ],
    }
    assert json.loads(json.dumps(made(entry))) == made(entry)

    # It works, and the connection stayed.
    assert entry.runtime_data is before
    (subentry_id,) = entry.subentries
    (device,) = [
        device
        for device in dr.async_entries_for_config_entry(device_registry, entry.entry_id)
        if device.config_subentry_id == subentry_id
    ]
    assert device.name == "Kitchen"
    assert device.manufacturer == "Self made"
    await before.broker.settled()
    await peer.publish("kitchen/status", "online")
    await peer.publish("kitchen/state", {"t": 21.5})
    await until(hass, lambda: state_of(hass, "sensor.kitchen_temperature") == "21.5")
    assert state_of(hass, "switch.kitchen") is not None
    assert state_of(hass, "binary_sensor.kitchen_motion") == "unknown"


# --- changes -------------------------------------------------------------------------------

# One entity of each platform, with a value for every key that its schema knows, and for
# every key of a device.
AVAILABILITY = {
    "availability": [
        {"topic": "a/b", "payload_available": "1", "payload_not_available": "0"},
        {"topic": "a/c", "value_template": "{{ value_json.up }}"},
    ],
    "availability_mode": "all",
}
COMMON = {
    "name": "Name",
    "state_topic": "x/state",
    "value_template": "{{ value_json.x }}",
    "json_attributes_topic": "x/info",
    "json_attributes_template": "{{ value_json.info | tojson }}",
    "availability_topic": "x/status",
    "availability_template": "{{ value_json.up }}",
    "availability_mode": "any",
    "payload_available": "yes",
    "payload_not_available": "no",
    "icon": "mdi:home",
    "entity_picture": "https://example.com/x.png",
    "entity_category": "diagnostic",
    "enabled_by_default": False,
    "visible_by_default": False,
    "qos": 2,
    "encoding": "",
    # No form shows these.
    "group": ["other"],
    "unique_id": "mine",
    "origin": {"name": "elsewhere"},
    "device": {"identifiers": ["x"]},
    "from_the_future": {"x": 1},
}
COMMANDED = {"retain": True, "message_expiry_interval": 60}


def channel(name: str, state_template: str = "value_template") -> dict[str, str]:
    """Return topics and templates of one of several things that an entity sets."""
    return {
        f"{name}_command_topic": f"x/{name}/set",
        f"{name}_state_topic": f"x/{name}",
        f"{name}_{state_template}": "{{ value_json.a }}",
        f"{name}_command_template": "{{ value }}",
    }


def full_light(schema: str, **more: Any) -> dict[str, Any]:
    """Return a light with all that lights of all schemas have, and more."""
    return {
        **{key: value for key, value in COMMON.items() if key != "value_template"},
        **COMMANDED,
        "platform": "light",
        "schema": schema,
        "default_entity_id": "light.x",
        "command_topic": "x/set",
        "optimistic": True,
        "color_temp_kelvin": True,
        "min_kelvin": 2000,
        "max_kelvin": 6500,
        "min_mireds": 153,
        "max_mireds": 500,
        "effect_list": ["rainbow"],
        **more,
    }


FULL: dict[str, dict[str, Any]] = {
    "light_basic": full_light(
        "basic",
        payload_on="1",
        payload_off="0",
        state_value_template="{{ value_json.s }}",
        brightness_scale=100,
        white_command_topic="x/white/set",
        white_scale=100,
        color_mode_state_topic="x/mode",
        color_mode_value_template="{{ value_json.m }}",
        on_command_type="first",
        **{
            key: value
            for name in (
                *("brightness", "color_temp", "effect", "hs"),
                *("rgb", "rgbw", "rgbww", "xy"),
            )
            for key, value in channel(name).items()
        },
    ),
    "light_json": full_light(
        "json",
        brightness=True,
        brightness_scale=254,
        white_scale=100,
        effect=True,
        flash=False,
        flash_time_long=5,
        flash_time_short=1,
        supported_color_modes=["color_temp", "xy"],
        transition=False,
    ),
    "light_template": full_light(
        "template",
        command_on_template="on",
        command_off_template="off",
        state_template="{{ value_json.s }}",
        brightness_template="{{ value_json.b }}",
        red_template="{{ value_json.r }}",
        green_template="{{ value_json.g }}",
        blue_template="{{ value_json.b }}",
        color_temp_template="{{ value_json.t }}",
        effect_template="{{ value_json.e }}",
    ),
    "cover": {
        **COMMON,
        **COMMANDED,
        "platform": "cover",
        "default_entity_id": "cover.x",
        "device_class": "blind",
        "command_topic": "x/set",
        "payload_open": "up",
        "payload_close": "down",
        "payload_stop": None,
        "payload_stop_tilt": "halt",
        "state_open": "is open",
        "state_closed": "is closed",
        "state_opening": "opens",
        "state_closing": "closes",
        "state_stopped": "stands",
        "position_topic": "x/position",
        "position_template": "{{ value_json.p }}",
        "set_position_topic": "x/position/set",
        "set_position_template": "{{ position }}",
        "position_open": 0,
        "position_closed": 255,
        "tilt_command_topic": "x/tilt/set",
        "tilt_status_topic": "x/tilt",
        "tilt_status_template": "{{ value_json.t }}",
        "tilt_command_template": "{{ tilt_position }}",
        "tilt_opened_value": 50,
        "tilt_closed_value": -1,
        "tilt_max": 90,
        "tilt_min": -90,
        "tilt_optimistic": True,
        "optimistic": True,
    },
    "climate": {
        **{key: value for key, value in COMMON.items() if key != "state_topic"},
        **COMMANDED,
        "platform": "climate",
        "default_entity_id": "climate.x",
        "optimistic": True,
        "action_topic": "x/action",
        "action_template": "{{ value_json.a }}",
        "current_temperature_topic": "x/temperature",
        "current_temperature_template": "{{ value_json.t }}",
        "current_humidity_topic": "x/humidity",
        "current_humidity_template": "{{ value_json.h }}",
        "initial": 20.5,
        "min_temp": 5.0,
        "max_temp": 30.0,
        "temp_step": 0.5,
        "precision": 0.5,
        "temperature_unit": "F",
        "min_humidity": 20,
        "max_humidity": 70,
        "modes": ["off", "heat"],
        "fan_modes": ["one", "two"],
        "preset_modes": ["eco"],
        "swing_modes": ["up"],
        "swing_horizontal_modes": ["left"],
        "power_command_topic": "x/power/set",
        "power_command_template": "{{ value }}",
        "payload_on": "1",
        "payload_off": "0",
        **channel("mode", "state_template"),
        **channel("temperature", "state_template"),
        **channel("temperature_low", "state_template"),
        **channel("temperature_high", "state_template"),
        **channel("target_humidity", "state_template"),
        **channel("fan_mode", "state_template"),
        **channel("swing_mode", "state_template"),
        **channel("swing_horizontal_mode", "state_template"),
        **channel("preset_mode"),
    },
    "fan": {
        **{key: value for key, value in COMMON.items() if key != "value_template"},
        **COMMANDED,
        "platform": "fan",
        "default_entity_id": "fan.x",
        "command_topic": "x/set",
        "command_template": "{{ value }}",
        "optimistic": True,
        "payload_on": "1",
        "payload_off": "0",
        "state_value_template": "{{ value_json.s }}",
        "speed_range_min": 2,
        "speed_range_max": 9,
        "payload_reset_percentage": "none",
        "preset_modes": ["auto", "sleep"],
        "payload_reset_preset_mode": "nothing",
        "payload_oscillation_on": "swing",
        "payload_oscillation_off": "stand",
        **channel("percentage"),
        **channel("preset_mode"),
        **channel("oscillation"),
        **channel("direction"),
    },
    "lock": {
        **COMMON,
        **COMMANDED,
        "platform": "lock",
        "default_entity_id": "lock.x",
        "command_topic": "x/set",
        "command_template": "{{ value }}",
        "code_format": "^[0-9]+$",
        "optimistic": True,
        "payload_lock": "1",
        "payload_unlock": "0",
        "payload_open": "2",
        "payload_reset": "none",
        "state_locked": "is locked",
        "state_unlocked": "is unlocked",
        "state_locking": "locks",
        "state_unlocking": "unlocks",
        "state_open": "is open",
        "state_opening": "opens",
        "state_jammed": "hangs",
    },
    "update": {
        **COMMON,
        **COMMANDED,
        "platform": "update",
        "default_entity_id": "update.x",
        "device_class": "firmware",
        "command_topic": "x/set",
        "payload_install": "install",
        "latest_version_topic": "x/latest",
        "latest_version_template": "{{ value_json.l }}",
        "display_precision": 1,
        "title": "X",
        "release_summary": "Better.",
        "release_url": "https://example.com/x",
    },
    "button": {
        **COMMON,
        "platform": "button",
        "default_entity_id": "button.x",
        "device_class": "restart",
        "command_topic": "x/set",
        "command_template": "{{ value }}",
        "payload_press": "1",
        "retain": True,
        "message_expiry_interval": 60,
    },
    "event": {
        **COMMON,
        "platform": "event",
        "default_entity_id": "event.x",
        "device_class": "button",
        "event_types": ["press", "hold"],
        "message_expiry_interval": 3,
    },
    "number": {
        **COMMON,
        "platform": "number",
        "default_entity_id": "number.x",
        "device_class": "temperature",
        "unit_of_measurement": "°F",
        "command_topic": "x/set",
        "command_template": "{{ value }}",
        "min": -1.5,
        "max": 10.0,
        "step": 0.5,
        "mode": "slider",
        "payload_reset": "off",
        "optimistic": True,
        "retain": True,
        "message_expiry_interval": 60,
    },
    "select": {
        **COMMON,
        "platform": "select",
        "default_entity_id": "select.x",
        "command_topic": "x/set",
        "command_template": "{{ value }}",
        "options": ["eco", "boost"],
        "optimistic": True,
        "retain": True,
        "message_expiry_interval": 60,
    },
    "text": {
        **COMMON,
        "platform": "text",
        "default_entity_id": "text.x",
        "command_topic": "x/set",
        "command_template": "{{ value }}",
        "min": 1,
        "max": 20,
        "mode": "password",
        "pattern": "^[a-z]+$",
        "optimistic": True,
        "retain": True,
        "message_expiry_interval": 60,
    },
    "sensor": {
        **COMMON,
        "platform": "sensor",
        "default_entity_id": "sensor.x",
        "device_class": "energy",
        "unit_of_measurement": "kWh",
        "state_class": "total",
        "last_reset_value_template": "{{ value_json.reset }}",
        "suggested_display_precision": 2,
        "expire_after": 30,
        "force_update": True,
        "message_expiry_interval": 3,
    },
    "binary_sensor": {
        **COMMON,
        "platform": "binary_sensor",
        "default_entity_id": "binary_sensor.x",
        "device_class": "door",
        "payload_on": "open",
        "payload_off": "closed",
        "off_delay": 5,
        "expire_after": 30,
        "force_update": True,
        "message_expiry_interval": 3,
    },
    "switch": {
        **COMMON,
        "platform": "switch",
        "default_entity_id": "switch.x",
        "device_class": "outlet",
        "command_topic": "x/set",
        "command_template": '{"power": "{{ value }}"}',
        "payload_on": "1",
        "payload_off": "0",
        "state_on": "on",
        "state_off": "off",
        "optimistic": True,
        "retain": True,
        "message_expiry_interval": 60,
    },
}
DEVICE: dict[str, Any] = {
    "device": {
        "manufacturer": "Self made",
        "model": "One",
        "model_id": "1",
        "serial_number": "4711",
        "sw_version": "1.0",
        "hw_version": "2.0",
        "configuration_url": "http://192.168.1.23/",
        "suggested_area": "Kitchen",
        "connections": [["mac", "02:00:00:00:00:01"]],
    },
    "qos": 1,
    "encoding": "latin-1",
    "availability_template": "{{ value_json.up }}",
    "availability_topic": "x/status",
    "payload_available": "yes",
    "payload_not_available": "no",
    "availability_mode": "latest",
    "message_expiry_interval": 7,
    "state_topic": "shared/state",
    "components": {},
    "from_the_future": True,
}


LIGHT_SCHEMAS = {
    "light_basic": light.BASIC,
    "light_json": light.JSON,
    "light_template": light.TEMPLATE,
}


def known_keys(form: str) -> set[str]:
    """Return the keys that the schema behind a form knows."""
    schema: Any = LIGHT_SCHEMAS.get(form) or ENTITY_SCHEMAS[form].schema
    while not isinstance(schema, dict):
        schema = schema.validators[0].schema
    return {str(key) for key in schema}


@pytest.mark.parametrize("form", ENTITY_FORMS)
def test_full_configs_are_full(form: str) -> None:
    """The examples of this file leave no key out that a schema knows."""
    # Those exclude each other, in one way or another.
    elsewhere = {"availability", "options"} if form == "sensor" else {"availability"}
    assert known_keys(form) - elsewhere <= FULL[form].keys()


@pytest.mark.parametrize("form", ENTITY_FORMS)
async def test_forms_keep_everything(
    hass: HomeAssistant, add_entry: AddEntry, form: str
) -> None:
    """Going through the forms without touching anything changes nothing."""
    data = {**DEVICE, "components": {"key": FULL[form]}}
    entry = await add_entry(subentries=[subentry(data)])
    result = await choose(hass, await reconfigure(hass, entry), "edit_entity")
    # With one entity there is nothing to choose.
    assert result["step_id"] == form
    result = await submit(hass, result, **form_values(result["data_schema"]))
    result = await choose(hass, result, "device")
    result = await submit(hass, result, **form_values(result["data_schema"]))
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    (stored,) = entry.subentries.values()
    assert dict(stored.data) == data
    assert stored.title == "Kitchen"


async def test_forms_keep_lists(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """So they do with a list of availability topics, and possible states."""
    data = {
        "device": {},
        **AVAILABILITY,
        "components": {
            "key": {
                "platform": "sensor",
                "name": None,
                "state_topic": "a",
                "device_class": "enum",
                "options": ["one", "two"],
                **AVAILABILITY,
            }
        },
    }
    entry = await add_entry(subentries=[subentry(data)])
    result = await choose(hass, await reconfigure(hass, entry), "edit_entity")
    result = await submit(hass, result, **form_values(result["data_schema"]))
    result = await choose(hass, result, "device")
    result = await submit(hass, result, **form_values(result["data_schema"]))
    await choose(hass, result, "finish")
    (stored,) = entry.subentries.values()
    assert dict(stored.data) == data


async def test_other_ways_to_write_it(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """What core's schemas take in several forms is understood, and written plainly."""
    component = {
        "platform": "switch",
        "command_topic": "a",
        "availability": {"topic": "b", "payload_available": None},
        "message_expiry_interval": {"minutes": 2},
        "device_class": None,
    }
    sensor = {
        "platform": "sensor",
        "name": None,
        "device_class": "enum",
        "options": "one",
    }
    data = {
        "device": {},
        "state_topic": "shared",
        "components": {"key": component, "other": sensor},
    }
    entry = await add_entry(subentries=[subentry(data)])
    for key in ("key", "other"):
        result = await choose(hass, await reconfigure(hass, entry), "edit_entity")
        result = await submit(hass, result, entity=key)
        result = await submit(hass, result, **form_values(result["data_schema"]))
        await choose(hass, result, "finish")
    assert made(entry)["components"] == [
        {
            # It had no name, which is not the same as having none: still so.
            "platform": "switch",
            "command_topic": "a",
            "availability": [{"topic": "b"}],
            "message_expiry_interval": 120,
        },
        # The device's state topic is enough.
        {**sensor, "options": ["one"]},
    ]


async def test_change_and_remove(
    hass: HomeAssistant, add_entry: AddEntry, entity_registry: er.EntityRegistry
) -> None:
    """Entities are changed one by one, and removed together; then the device."""
    components = {
        "a": {
            "platform": "sensor",
            "name": "A",
            "state_topic": "a",
            "icon": "mdi:home",
        },
        "b": {"platform": "sensor", "name": "B", "state_topic": "b"},
        "c": {"platform": "switch", "name": None, "command_topic": "c"},
        "d": {"platform": "siren", "name": "From the future", "command_topic": "d"},
    }
    entry = await add_entry(
        subentries=[subentry({"device": {"model": "One"}, "components": components})]
    )
    before = entry.runtime_data
    result = await reconfigure(hass, entry)
    assert result["step_id"] == "menu"
    result = await choose(hass, result, "edit_entity")
    assert options_of(result, "entity") == {
        "a": "A (sensor)",
        "b": "B (sensor)",
        "c": "Kitchen (switch)",
    }
    result = await submit(hass, result, entity="a")
    assert form_values(result["data_schema"])["name"] == "A"
    result = await submit(hass, result, name="New", state_topic="a/new")
    result = await choose(hass, result, "remove_entities")
    assert list(options_of(result, "entities")) == ["a", "b", "c", "d"]
    result = await submit(hass, result, entities=["a", "b", "c", "d"])
    assert result["errors"] == {"entities": "all_entities_chosen"}
    result = await submit(hass, result, entities=["b", "d"])
    result = await choose(hass, result, "device")
    assert form_values(result["data_schema"])["name"] == "Kitchen"
    result = await submit(hass, result, name="Cellar")
    assert len(entity_registry.entities) > 3
    result = await choose(hass, result, "finish")
    assert result["reason"] == "reconfigure_successful"

    (stored,) = entry.subentries.values()
    assert stored.title == "Cellar"
    assert stored.data == {
        "device": {},
        "components": {
            "a": {"platform": "sensor", "name": "New", "state_topic": "a/new"},
            "c": components["c"],
        },
    }
    assert entry.runtime_data is before
    unique_ids = {
        each.unique_id
        for each in entity_registry.entities.values()
        if each.config_subentry_id == stored.subentry_id
    }
    assert unique_ids == {f"{stored.subentry_id}_{key}" for key in ("a", "c")}


async def test_nothing_to_remove(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """Removing nothing, and a device that came without entities."""
    entry = await add_entry(subentries=[subentry({"device": {}})])
    result = await reconfigure(hass, entry)
    assert result["menu_options"] == ["listen", "add_entity", "device", "paste"]
    for number in (1, 2):
        result = await choose(hass, result, "add_entity")
        result = await choose(hass, result, "sensor")
        result = await submit(hass, result, name=f"S{number}", state_topic="s")
    result = await choose(hass, result, "remove_entities")
    result = await submit(hass, result)
    await choose(hass, result, "finish")
    assert [each["name"] for each in made(entry)["components"]] == ["S1", "S2"]


async def test_entry_that_is_not_loaded(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """Devices can be made and changed without a connection."""
    entry = await add_entry(url="ws://127.0.0.1:9/", setup=False)
    result = await submit(hass, await to_sensor(hass, entry), **SENSOR)
    await choose(hass, result, "finish")
    result = await choose(hass, await reconfigure(hass, entry), "device")
    result = await submit(hass, result, name="Cellar")
    await choose(hass, result, "finish")
    (stored,) = entry.subentries.values()
    assert stored.title == "Cellar"
    assert entry.state is ConfigEntryState.NOT_LOADED


# --- what can be wrong -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "place", "error", "says"),
    [
        ({"state_topic": "a/#/b"}, "state_topic", "misplaced_wildcard", "a/#/b"),
        ({"state_topic": "$share/x"}, "state_topic", "invalid_share", "$share/x"),
        ({"state_topic": "a\tb"}, "state_topic", "topic_has_control_character", "U+"),
        ({"state_topic": "é" * 40000}, "state_topic", "topic_too_long", "…"),
        (
            {"value_template": "{{ value_json. }}"},
            "value_template",
            "invalid_template",
            "expected",
        ),
        (
            {"attributes": {"json_attributes_template": "{% if %}"}},
            "attributes",
            "invalid_template",
            "Attributes template",
        ),
        (
            {"attributes": {"json_attributes_topic": "a+"}},
            "attributes",
            "misplaced_wildcard",
            "a+",
        ),
        ({"appearance": {"icon": "house"}}, "appearance", "invalid_icon", "Icon"),
        (
            {"appearance": {"entity_picture": "house"}},
            "appearance",
            "invalid_picture",
            "Picture",
        ),
        (
            {"appearance": {"default_entity_id": "switch.x"}},
            "appearance",
            "invalid_entity_id",
            "sensor",
        ),
        (
            {"appearance": {"default_entity_id": "Temperature"}},
            "appearance",
            "invalid_entity_id",
            "sensor",
        ),
        (
            {"messages": {"encoding": "utf-99", "qos": "2"}},
            "messages",
            "unknown_encoding",
            "utf-99",
        ),
        (
            {"availability": {"availability": [{"topic": "a#"}]}},
            "availability",
            "misplaced_wildcard",
            "a#",
        ),
        (
            {
                "availability": {
                    "availability": [{"topic": "a", "value_template": "{{"}]
                }
            },
            "availability",
            "invalid_template",
            "availability",
        ),
        (
            {
                "availability": {
                    "availability": [{"topic": "a"}],
                    "availability_topic": "b",
                }
            },
            "availability",
            "availability_twice",
            "",
        ),
        (
            {"behavior": {"last_reset_value_template": "{{ 1 }}"}},
            "behavior",
            "last_reset_needs_total",
            "",
        ),
        ({"behavior": {"options": ["a"]}}, "behavior", "options_need_enum", ""),
        (
            {
                "device_class": "enum",
                "unit_of_measurement": "W",
                "behavior": {"options": ["a"]},
            },
            "behavior",
            "options_exclude_numbers",
            "",
        ),
        (
            {"device_class": "temperature", "unit_of_measurement": "kWh"},
            "unit_of_measurement",
            "unit_not_of_device_class",
            "K, °C, °F",
        ),
        (
            {"state_class": "measurement_angle", "unit_of_measurement": "kWh"},
            "unit_of_measurement",
            "unit_not_of_state_class",
            "°",
        ),
        (
            {"state_class": "measurement_angle"},
            "unit_of_measurement",
            "unit_not_of_state_class",
            "°",
        ),
    ],
)
async def test_wrong_sensor(
    hass: HomeAssistant,
    add_entry: AddEntry,
    values: dict[str, Any],
    place: str,
    error: str,
    says: str,
) -> None:
    """Mistakes are shown where they are; what was entered stays."""
    entry = await add_entry()
    result = await to_sensor(hass, entry)
    result = await submit(hass, result, **{**SENSOR, **values})
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {place: error}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert says in " ".join(placeholders.values())
    schema = result["data_schema"]
    assert schema is not None
    if isinstance(schema.schema[place], section):
        assert not schema.schema[place].options["collapsed"]
    entered = form_values(schema)
    for key, value in values.items():
        if isinstance(value, dict):
            assert value.items() <= entered[key].items()
        else:
            assert entered[key] == value

    result = await submit(hass, result, **SENSOR)
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert made(entry)["components"] == [{"platform": "sensor", **SENSOR}]


@pytest.mark.parametrize(
    ("platform", "values"),
    [
        ("sensor", {"device_class": "temperature", "unit_of_measurement": "°C"}),
        ("sensor", {"device_class": "temperature"}),
        ("sensor", {"unit_of_measurement": "apples", "state_class": "measurement"}),
        ("sensor", {"device_class": "enum", "behavior": {"options": ["a", "b"]}}),
        ("sensor", {"device_class": "enum"}),
        (
            "sensor",
            {
                "state_class": "total",
                "behavior": {"last_reset_value_template": "{{ 1 }}"},
            },
        ),
        # The two signs look the same.
        (
            "sensor",
            {"device_class": "voltage", "unit_of_measurement": "\u00b5V"},
        ),
        ("binary_sensor", {"device_class": "door", "behavior": {"off_delay": 0}}),
        ("switch", {"command_topic": "a", "messages": {"qos": 1, "retain": True}}),
    ],
)
async def test_right_entities(
    hass: HomeAssistant, add_entry: AddEntry, platform: str, values: dict[str, Any]
) -> None:
    """What goes together is taken."""
    entry = await add_entry()
    result = await submit(hass, await start(hass, entry), name="Kitchen")
    result = await choose(hass, result, platform)
    result = await submit(hass, result, **{**SENSOR, **values})
    assert result["type"] is FlowResultType.MENU, result
    await choose(hass, result, "finish")


async def test_wrong_switch(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """Commands go to one topic."""
    entry = await add_entry()
    result = await submit(hass, await start(hass, entry), name="Kitchen")
    result = await choose(hass, result, "switch")
    result = await submit(hass, result, command_topic="a/+/set")
    assert result["errors"] == {"command_topic": "topic_has_wildcard"}
    result = await submit(
        hass,
        result,
        command_topic="a/set",
        behavior={"command_template": "{{ value"},
    )
    assert result["errors"] == {"behavior": "invalid_template"}
    result = await submit(hass, result, command_topic="a/set")
    assert result["type"] is FlowResultType.MENU


async def test_what_only_the_schema_finds(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """A mistake in what no form shows, or that no form expects, is told as it is."""
    broken = {"platform": "sensor", "name": "A", "state_topic": "a", "group": {"a": []}}
    wrong = {"platform": "sensor", "name": "B", "state_topic": "b", "expire_after": -1}
    entry = await add_entry(
        subentries=[subentry({"device": {}, "components": {"a": broken, "b": wrong}})]
    )
    for key, error in (
        ("a", {"base": "invalid_config"}),
        ("b", {"behavior": "invalid_value"}),
    ):
        result = await choose(hass, await reconfigure(hass, entry), "edit_entity")
        result = await submit(hass, result, entity=key)
        values = form_values(result["data_schema"])
        if key == "b":
            # The form itself would refuse the number.
            values["behavior"].pop("expire_after")
            values["behavior"]["suggested_display_precision"] = 0
        result = await submit(hass, result, **values)
        if key == "b":
            assert result["type"] is FlowResultType.MENU
        else:
            assert result["errors"] == error


@pytest.mark.parametrize(
    ("values", "place", "error"),
    [
        ({"name": "  "}, "name", "name_missing"),
        (
            {"details": {"configuration_url": "kitchen.local"}},
            "details",
            "invalid_device_url",
        ),
        (
            {"availability": {"availability_topic": "a#"}},
            "availability",
            "misplaced_wildcard",
        ),
        (
            {"availability": {"availability_template": "{{"}},
            "availability",
            "invalid_template",
        ),
        (
            {
                "availability": {
                    "availability_topic": "a",
                    "availability": [{"topic": "b"}],
                }
            },
            "availability",
            "availability_twice",
        ),
        ({"messages": {"encoding": "klingon"}}, "messages", "unknown_encoding"),
    ],
)
async def test_wrong_device(
    hass: HomeAssistant,
    add_entry: AddEntry,
    values: dict[str, Any],
    place: str,
    error: str,
) -> None:
    """So it is with the device."""
    entry = await add_entry()
    result = await submit(hass, await start(hass, entry), **{"name": "K", **values})
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "write"
    assert result["errors"] == {place: error}
    result = await submit(hass, result, name="Kitchen")
    result = await choose(hass, result, "sensor")
    result = await submit(hass, result, **SENSOR)
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_two_kinds_of_availability(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """A device and its entity can't have one topic here and a list there."""
    entry = await add_entry()
    result = await to_sensor(hass, entry)
    result = await submit(
        hass, result, **SENSOR, availability={"availability_topic": "a"}
    )
    result = await choose(hass, result, "device")
    rows = {"availability": [{"topic": "b"}]}
    result = await submit(hass, result, name="Kitchen", availability=rows)
    assert result["step_id"] == "device"
    assert result["errors"] == {"availability": "availability_conflict"}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders["entity"] == "Temperature (sensor)"
    topic = {"availability_topic": "b"}
    result = await submit(hass, result, name="Kitchen", availability=topic)
    result = await choose(hass, result, "edit_entity")
    result = await submit(hass, result, **SENSOR, availability=rows)
    assert result["errors"] == {"availability": "availability_twice"}
    result = await submit(hass, result, **SENSOR)
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY


# --- the forms as browsers get them -----------------------------------------------------


async def test_over_http(
    hass: HomeAssistant, add_entry: AddEntry, hass_client: ClientSessionGenerator
) -> None:
    """All that the forms hold can be sent to a browser, and what it sends comes in."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    entry = await add_entry()
    path = "/api/config/config_entries/subentries/flow"
    response = await client.post(path, json={"handler": [entry.entry_id, "device"]})
    step = await response.json()
    path = f"{path}/{step['flow_id']}"
    for values in (
        {"next_step_id": "write"},
        {"name": "Kitchen"},
        {"next_step_id": "switch"},
        {"command_topic": "a"},
        {"next_step_id": "add_entity"},
        {"next_step_id": "binary_sensor"},
        {"state_topic": "a"},
        {"next_step_id": "remove_entities"},
        {},
        {"next_step_id": "edit_entity"},
    ):
        response = await client.post(path, json=values)
        assert response.status == 200, await response.text()
        step = await response.json()
        assert not step.get("errors"), step
    assert step["step_id"] == "edit_entity"


# --- tables and texts ----------------------------------------------------------------------


def all_fields() -> Iterator[Field]:
    """Yield each field of each form."""
    yield from INFO
    yield from SHARED
    for fields in ENTITY_FORMS.values():
        yield from fields


def selectors_in(selector: AnySelector) -> Iterator[Any]:
    """Yield a selector, or those in what surrounds it."""
    if isinstance(selector, vol.All):
        yield from selector.validators
    else:
        yield selector


def test_every_option_has_a_text() -> None:
    """Lists of options, and objects, have a text for each of their parts."""
    texts = english()["selector"]
    seen = set()
    for field in all_fields():
        for selector in selectors_in(field.selector):
            key = getattr(selector, "config", {}).get("translation_key")
            if isinstance(selector, SelectSelector) and key is not None:
                assert set(selector.config["options"]) <= texts[key]["options"].keys()
                seen.add(key)
            if isinstance(selector, ObjectSelector):
                assert key is not None
                assert selector.config["fields"].keys() == texts[key]["fields"].keys()
                for text in texts[key]["fields"].values():
                    assert text["name"]
                    assert text["description"]
                seen.add(key)
    assert seen == {
        "availability",
        "availability_mode",
        "color_mode",
        "encoding",
        "entity_category",
        "hvac_mode",
        "number_mode",
        "on_command_type",
        "qos",
        "text_mode",
    }


def test_each_platform_has_a_form() -> None:
    """Whatever the integration can show and set can be made by hand."""
    assert set(OFFERED) == ENTITY_SCHEMAS.keys()
    assert [form_of(FULL[form]) for form in ENTITY_FORMS] == list(ENTITY_FORMS)


@pytest.mark.parametrize("form", ENTITY_FORMS)
def test_forms_show_what_schemas_know(form: str) -> None:
    """Each key of a schema has a field, but for those that a person has no use for."""
    known = known_keys(form)
    shown = {field.key for field in ENTITY_FORMS[form]}
    # The schema of a light is chosen before its form.
    hidden = {"device", "group", "origin", "schema", "unique_id"} & known
    if not {key for key in known if key.endswith("command_topic")}:
        # Nothing is published for it.
        hidden.add("message_expiry_interval")
    assert shown == known - hidden


def test_each_field_has_an_example() -> None:
    """Whoever has never seen MQTT reads for each field what one may write there."""
    steps = english()["config_subentries"]["device"]["step"]
    for step in steps.values():
        for place in (step, *step.get("sections", {}).values()):
            assert place.get("data", {}).keys() == (
                place.get("data_description", {}).keys()
            )
            for text in place.get("data_description", {}).values():
                assert "for example" in text.lower(), text


def test_texts_leave_no_braces() -> None:
    """Texts are read by a formatter to which braces are placeholders."""
    flows = english()["config_subentries"]
    assert "{{" not in json.dumps(flows)
