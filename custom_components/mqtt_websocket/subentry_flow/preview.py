"""What a value will look like, from the last payload that was heard."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.light.const import DOMAIN as LIGHT
from homeassistant.components.sensor.const import NON_NUMERIC_DEVICE_CLASSES
from homeassistant.const import (
    CONF_DEVICE_CLASS,
    CONF_OPTIONS,
    CONF_PLATFORM,
    CONF_STATE_TEMPLATE,
    CONF_UNIT_OF_MEASUREMENT,
    Platform,
)
from homeassistant.core import HomeAssistant

from ..broker.message import Message
from ..mapping.heard import number
from ..mapping.payload import PayloadError
from ..mapping.schemas import EntityConfig
from ..mapping.schemas.common import (
    CONF_ENCODING,
    CONF_VALUE_TEMPLATE,
    DEFAULT_PAYLOAD_OFF,
    DEFAULT_PAYLOAD_ON,
    PAYLOAD_NONE,
)
from ..mapping.schemas.light import (
    CONF_SCHEMA,
    CONF_STATE_VALUE_TEMPLATE,
    SCHEMA_BASIC,
    SCHEMA_JSON,
    SCHEMA_TEMPLATE,
)
from ..mapping.schemas.number import CONF_PAYLOAD_RESET
from ..mapping.schemas.sensor import CONF_SUGGESTED_DISPLAY_PRECISION
from ..mapping.template import ValueTemplate

MAX_SHOWN: Final = 60
_UNKNOWN: Final = "?"  # in every language

STATE_TEMPLATES: Final = (
    CONF_VALUE_TEMPLATE,
    CONF_STATE_VALUE_TEMPLATE,
    CONF_STATE_TEMPLATE,
)
"""The keys of the template that makes the state; no platform has two of them."""

_JSON_STATE: Final = "{{ value_json.state }}"

_ON_OFF: Final = (
    ("on", ("state_on", "payload_on"), DEFAULT_PAYLOAD_ON),
    ("off", ("state_off", "payload_off"), DEFAULT_PAYLOAD_OFF),
)
_STATES: Final[Mapping[str, tuple[tuple[str, tuple[str, ...], str], ...]]] = {
    Platform.BINARY_SENSOR: _ON_OFF,
    Platform.SWITCH: _ON_OFF,
    Platform.FAN: _ON_OFF,
    Platform.LIGHT: _ON_OFF,
    Platform.COVER: tuple(
        (state, (f"state_{state}",), state)
        for state in ("open", "closed", "opening", "closing", "stopped")
    ),
    Platform.LOCK: tuple(
        (state, (f"state_{state}",), state.upper())
        for state in (
            "locked", "unlocked", "locking", "unlocking", "open", "opening", "jammed",
        )
    ),
}  # fmt: skip
"""The states that a platform knows: each with the keys of what stands for it, the first
that is set counting, and their default."""


def rendered(
    hass: HomeAssistant, template: str | None, payload: str, config: EntityConfig
) -> str:
    """Return what a value template of an entity makes of a payload.

    Raises PayloadError. What Jinja itself can't do is an error too: here nobody wants
    the payload in its place.
    """
    value_template = ValueTemplate(
        hass, template, encoding=config.get(CONF_ENCODING, "utf-8")
    )
    value = value_template.render(Message("", payload.encode()), None)
    if value is None:
        raise PayloadError("it does not have what the template asks for")
    return value if isinstance(value, str) else repr(value)


def state_template(config: EntityConfig) -> str | None:
    """Return the template that takes the state out of what the state topic brings."""
    if config[CONF_PLATFORM] == LIGHT and config.get(CONF_SCHEMA) == SCHEMA_JSON:
        return _JSON_STATE
    return next((config[key] for key in STATE_TEMPLATES if config.get(key)), None)


def preview(hass: HomeAssistant, config: EntityConfig, payload: str) -> str:
    """Return a value as its entity will show it, in short; "?" if none comes of it."""
    try:
        value = rendered(hass, state_template(config), payload, config)
    except PayloadError:
        return _UNKNOWN
    return shortened(_shown(config, value))


def unfit(config: EntityConfig, value: str) -> str | None:
    """Return the key of an error if an entity will not take this value as its state."""
    platform = config[CONF_PLATFORM]
    if value in ("", PAYLOAD_NONE):
        return None
    if platform in _STATES and config.get(CONF_SCHEMA, SCHEMA_BASIC) == SCHEMA_BASIC:
        return None if _state(config, value) is not None else "result_is_no_state"
    if platform in (Platform.SENSOR, Platform.SELECT) and config.get(CONF_OPTIONS):
        return None if value in config[CONF_OPTIONS] else "result_is_no_option"
    is_number = platform == Platform.NUMBER or (
        platform == Platform.SENSOR
        and config.get(CONF_DEVICE_CLASS) not in NON_NUMERIC_DEVICE_CLASSES
        and any(
            config.get(key)
            for key in (
                "state_class",
                CONF_UNIT_OF_MEASUREMENT,
                CONF_DEVICE_CLASS,
                CONF_SUGGESTED_DISPLAY_PRECISION,
            )
        )
    )
    return "result_is_no_number" if is_number and number(value) is None else None


def _state(config: EntityConfig, value: str) -> str | None:
    """Return the state that a value stands for, None for none."""
    for state, keys, default in _STATES[config[CONF_PLATFORM]]:
        if config.get(CONF_SCHEMA) == SCHEMA_TEMPLATE:
            default = default.lower()
        if value == next((config[key] for key in keys if config.get(key)), default):
            return state
    return None


def _shown(config: EntityConfig, value: str) -> str:
    if config[CONF_PLATFORM] in _STATES:
        return _state(config, value) or _UNKNOWN
    reset = config.get(CONF_PAYLOAD_RESET, PAYLOAD_NONE)
    if value == reset and config[CONF_PLATFORM] != Platform.TEXT:
        return _UNKNOWN
    found = number(value)
    precision: Any = config.get(CONF_SUGGESTED_DISPLAY_PRECISION)
    if found is not None and isinstance(precision, int):
        value = f"{found:.{precision}f}"
    if (unit := config.get(CONF_UNIT_OF_MEASUREMENT)) is not None:
        value = f"{value} {unit}"
    return value


def shortened(value: str, length: int = MAX_SHOWN) -> str:
    """Return a text on one line, cut where it is too long."""
    value = " ".join(value.split())
    return value if len(value) <= length else f"{value[: length - 1]}…"
