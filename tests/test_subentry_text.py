"""Devices that come in, and go out, as text."""

import json
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.mapping.discovery import (
    Announced,
    read_announcement,
)
from custom_components.mqtt_websocket.mapping.schemas import device_from_payload

from .conftest import AddEntry
from .support.forms import choose, form_values, made, reconfigure, subentry, submit
from .test_subentry_device import FULL, SENSOR
from .test_subentry_listen import begin

CONFIG = """
# configuration.yaml
mqtt:
  sensor:
    - name: Temperature
      unique_id: kitchen_t
      state_topic: kitchen/state
      value_template: "{{ value_json.t }}"
      unit_of_measurement: °C
      device:
        identifiers: [kitchen]
        name: Kitchen
        manufacturer: Self made
  switch:
    - name: Pump
      command_topic: kitchen/pump/set
"""
LIST = """
- sensor:
    name: Temperature
    state_topic: kitchen/state
- sensor:
    - name: Humidity
      state_topic: kitchen/h
      availability:
        - topic: kitchen/status
- binary_sensor:
    name: Motion
    state_topic: kitchen/motion
    off_delay: 5
"""
SINGLE = """homeassistant/sensor/kitchen/config
{"name": "Temperature", "~": "kitchen", "stat_t": "~/state", "uniq_id": "x",
 "val_tpl": "{{ value_json.t }}", "dev": {"ids": "k", "name": "Kitchen", "mf": "Me"}}
"""
DEVICE = json.dumps(
    {
        "dev": {"ids": "k", "name": "Kitchen", "mf": "Me"},
        "o": {"name": "test"},
        "avty_t": "kitchen/status",
        "cmps": {
            "t": {"p": "sensor", "stat_t": "kitchen/state", "uniq_id": "kt"},
            "p": {"p": "switch", "cmd_t": "kitchen/set", "uniq_id": "kp"},
        },
    }
)


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        (
            CONFIG,
            "Kitchen",
            {
                "device": {"manufacturer": "Self made"},
                "components": [
                    {
                        "platform": "sensor",
                        "name": "Temperature",
                        "state_topic": "kitchen/state",
                        "value_template": "{{ value_json.t }}",
                        "unit_of_measurement": "°C",
                    },
                    {
                        "platform": "switch",
                        "name": "Pump",
                        "command_topic": "kitchen/pump/set",
                    },
                ],
            },
        ),
        (
            LIST,
            None,
            {
                "device": {},
                "components": [
                    {
                        "platform": "sensor",
                        "name": "Temperature",
                        "state_topic": "kitchen/state",
                    },
                    {
                        "platform": "sensor",
                        "name": "Humidity",
                        "state_topic": "kitchen/h",
                        "availability": [{"topic": "kitchen/status"}],
                    },
                    {
                        "platform": "binary_sensor",
                        "name": "Motion",
                        "state_topic": "kitchen/motion",
                        "off_delay": 5,
                    },
                ],
            },
        ),
        (
            SINGLE,
            "Kitchen",
            {
                "device": {"manufacturer": "Me"},
                "components": [
                    {
                        "platform": "sensor",
                        "name": "Temperature",
                        "state_topic": "kitchen/state",
                        "value_template": "{{ value_json.t }}",
                    }
                ],
            },
        ),
        (
            DEVICE,
            "Kitchen",
            {
                "device": {"manufacturer": "Me"},
                "availability_topic": "kitchen/status",
                "components": [
                    {"platform": "sensor", "state_topic": "kitchen/state"},
                    {"platform": "switch", "command_topic": "kitchen/set"},
                ],
            },
        ),
        (
            '{"p": "sensor", "name": "T", "state_topic": "t"}',
            None,
            {
                "device": {},
                "components": [{"platform": "sensor", "name": "T", "state_topic": "t"}],
            },
        ),
    ],
    ids=["yaml", "list", "single", "device", "platform"],
)
async def test_paste(
    hass: HomeAssistant,
    add_entry: AddEntry,
    text: str,
    title: str | None,
    expected: dict[str, Any],
) -> None:
    """What was written for core becomes a device."""
    entry = await add_entry()
    result = await choose(hass, await begin(hass, entry), "paste")
    result = await submit(hass, result, text=text)
    assert result["step_id"] == "menu"
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == title or entry.title
    found = made(entry)
    assert [
        # Nothing is kept of what is not said.
        {key: value for key, value in each.items() if key != "payload"}
        for each in found.pop("components")
    ] == expected["components"]
    assert found == {
        key: value for key, value in expected.items() if key != "components"
    }


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("{", "paste_unreadable", ""),
        ("a: !include /etc/passwd", "paste_unreadable", "!include"),
        ("mqtt:\n\tx", "paste_unreadable", "line 2"),
        ("hello", "paste_unknown", ""),
        ("[]", "paste_unknown", ""),
        ("{}", "paste_without_platform", ""),
        ("name: T\nstate_topic: t", "paste_without_platform", ""),
        ("homeassistant/sensor/a/config {}", "paste_unknown", ""),
        ('{"components": []}', "paste_unreadable", ""),
        ('{"components": {"a": 1}}', "paste_unknown", ""),
        (
            '{"components": {"a": {"p": "vacuum", "x": 1}}}',
            "paste_unsupported",
            "vacuum",
        ),
        ("vacuum:\n  - name: x", "paste_unsupported", "vacuum"),
        ("sensor:\n  - name: T", "paste_invalid", "state_topic"),
        ("sensor:\n  - state_topic: a+", "paste_invalid", "a+"),
        pytest.param("x" * 300_000, "paste_too_long", "", id="long"),
        (
            "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
            "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\n"
            "e: [*d,*d,*d,*d,*d,*d,*d,*d,*d]",
            "paste_unreadable",
            "too many",
        ),
        pytest.param("[" * 5000, "paste_unreadable", "", id="deep"),
    ],
)
async def test_paste_what_is_wrong(
    hass: HomeAssistant, add_entry: AddEntry, text: str, error: str, says: str
) -> None:
    """Mistakes are told, and the text stays."""
    entry = await add_entry()
    result = await choose(hass, await begin(hass, entry), "paste")
    result = await submit(hass, result, text=text)
    assert result["errors"] == {"text": error}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert says in " ".join(placeholders.values())
    assert form_values(result["data_schema"]) == {"text": text}


async def test_paste_into_a_device(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """A device that is there keeps what it is; what is new keeps its own options."""
    data = {
        "device": {"manufacturer": "One"},
        "components": {"a": {"platform": "sensor", **SENSOR}},
    }
    entry = await add_entry(subentries=[subentry(data)])
    result = await choose(hass, await reconfigure(hass, entry), "paste")
    result = await submit(hass, result, text=DEVICE)
    await choose(hass, result, "finish")
    assert made(entry) == {
        "device": {"manufacturer": "One"},
        "components": [
            {"platform": "sensor", **SENSOR},
            {
                "platform": "sensor",
                "state_topic": "kitchen/state",
                "availability_topic": "kitchen/status",
            },
            {
                "platform": "switch",
                "command_topic": "kitchen/set",
                "availability_topic": "kitchen/status",
            },
        ],
    }
    (stored,) = entry.subentries.values()
    assert stored.title == "Kitchen"


async def test_paste_another_kind_of_availability(
    hass: HomeAssistant, add_entry: AddEntry
) -> None:
    """A device with a list of topics can't take entities with a topic."""
    data = {"device": {}, "availability": [{"topic": "a"}], "components": {}}
    entry = await add_entry(subentries=[subentry(data)])
    result = await choose(hass, await reconfigure(hass, entry), "paste")
    result = await submit(hass, result, text=DEVICE)
    assert result["errors"] == {"text": "availability_twice"}


async def test_export_and_paste_again(hass: HomeAssistant, add_entry: AddEntry) -> None:
    """What is exported is an announcement, and gives the same device when pasted."""
    components = {"a": FULL["sensor"], "b": FULL["switch"]}
    data = {
        "device": {"manufacturer": "One"},
        "availability_topic": "kitchen/status",
        "components": components,
    }
    entry = await add_entry(subentries=[subentry(data)])
    result = await choose(hass, await reconfigure(hass, entry), "export")
    values = form_values(result["data_schema"])
    assert values["topic"] == "homeassistant/device/kitchen/config"
    announced = read_announcement(
        "homeassistant", Message(values["topic"], values["payload"].encode())
    )
    assert isinstance(announced, Announced)
    device = device_from_payload(announced.payload)
    assert device.name == "Kitchen"
    assert len(device.entities) == 2
    assert not device.invalid
    result = await submit(hass, result)
    assert result["step_id"] == "menu"
    hass.config_entries.subentries.async_abort(result["flow_id"])

    result = await choose(hass, await begin(hass, entry), "paste")
    text = f"{values['topic']} {values['payload']}"
    result = await submit(hass, result, text=text)
    result = await choose(hass, result, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    first, second = entry.subentries.values()
    assert second.title == first.title
    foreign = {"unique_id", "device", "origin"}
    assert list(second.data["components"].values()) == [
        {key: value for key, value in each.items() if key not in foreign}
        for each in components.values()
    ]
