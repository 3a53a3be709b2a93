"""A device that announces one entity of every platform, for runs that shall meet all."""

from typing import Any, Final

DISCOVERY_TOPIC: Final = "homeassistant/device/each/config"

_TOPICS: Final[dict[str, dict[str, Any]]] = {
    "binary_sensor": {"state_topic": "each/binary_sensor"},
    "button": {"command_topic": "each/button/set"},
    "climate": {
        "modes": ["off", "heat", "heat_cool"],
        "mode_state_topic": "each/climate/mode",
        "mode_command_topic": "each/climate/mode/set",
        "current_temperature_topic": "each/climate",
        "temperature_state_topic": "each/climate/target",
        "temperature_command_topic": "each/climate/target/set",
        "temperature_low_command_topic": "each/climate/low/set",
        "temperature_high_command_topic": "each/climate/high/set",
        "temperature_unit": "C",
    },
    "cover": {"state_topic": "each/cover", "command_topic": "each/cover/set"},
    "event": {"state_topic": "each/event", "event_types": ["press"]},
    "fan": {"state_topic": "each/fan", "command_topic": "each/fan/set"},
    "light": {
        "schema": "json",
        "state_topic": "each/light",
        "command_topic": "each/light/set",
        "brightness": True,
    },
    "lock": {"state_topic": "each/lock", "command_topic": "each/lock/set"},
    "number": {"state_topic": "each/number", "command_topic": "each/number/set"},
    "select": {
        "state_topic": "each/select",
        "command_topic": "each/select/set",
        "options": ["one", "two"],
    },
    "sensor": {
        "state_topic": "each/sensor",
        "device_class": "temperature",
        "unit_of_measurement": "°C",
    },
    "switch": {"state_topic": "each/switch", "command_topic": "each/switch/set"},
    "text": {"state_topic": "each/text", "command_topic": "each/text/set"},
    "update": {"state_topic": "each/update", "latest_version_topic": "each/latest"},
}
SAYS: Final = {
    "each/binary_sensor": "ON",
    "each/climate": "20.5",
    "each/climate/mode": "heat",
    "each/climate/target": "21",
    "each/cover": "open",
    "each/event": '{"event_type": "press"}',
    "each/fan": "ON",
    "each/light": '{"state": "ON", "brightness": 128}',
    "each/lock": "LOCKED",
    "each/number": "5",
    "each/select": "two",
    "each/sensor": "19.5",
    "each/switch": "OFF",
    "each/text": "hello",
    "each/update": "1.0",
    "each/latest": "1.1",
}
"""What its topics say, to be published as retained."""
STATES: Final = {
    "binary_sensor": "on",
    "climate": "heat",
    "cover": "open",
    "fan": "on",
    "light": "on",
    "lock": "locked",
    "number": "5",
    "select": "two",
    "sensor": "19.5",
    "switch": "off",
    "text": "hello",
    "update": "on",
}
"""What the entities show then; button and event, which show a time, are not here."""

COMPONENTS: Final[dict[str, dict[str, Any]]] = {
    platform: {
        "platform": platform,
        "name": "It",
        "unique_id": f"each_{platform}",
        "default_entity_id": f"{platform}.each",
        **topics,
    }
    for platform, topics in _TOPICS.items()
}
"""An entity of each platform, by its platform."""

ANNOUNCEMENT: Final = {
    "device": {"identifiers": ["each"], "name": "Each"},
    "origin": {"name": "one of each"},
    "components": COMPONENTS,
}
