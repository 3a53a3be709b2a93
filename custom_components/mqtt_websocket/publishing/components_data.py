"""How an entity becomes a component of an announcement: the building blocks of the table.

The keys are those of core's MQTT schemas. All of a component's values are in one JSON
object, under the names of the attributes that they come from; ``state`` and
``available`` are always there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.components.climate.const import PRESET_NONE, ClimateEntityFeature
from homeassistant.components.cover.const import CoverEntityFeature
from homeassistant.components.fan.const import FanEntityFeature
from homeassistant.components.light.const import (
    COLOR_MODES_BRIGHTNESS,
    VALID_COLOR_MODES,
    ColorMode,
    LightEntityFeature,
)
from homeassistant.components.lock.const import LockEntityFeature
from homeassistant.const import (
    ATTR_SUPPORTED_FEATURES,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import HomeAssistant, State

type Keys = dict[str, Any]
type Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """The topics of a component: its JSON, what those for commands begin with, events."""

    state: str
    command: str
    event: str


@dataclass(frozen=True, slots=True)
class Component:
    """How a domain is announced.

    ``keys`` are those besides what every component has, ``values`` what its JSON has
    besides ``state`` and ``available``.
    """

    platform: str
    keys: Callable[[HomeAssistant, State, Place], Keys]
    values: Callable[[State], Values] = field(default=lambda _: {})
    needs_state: bool = False
    """Whether it can't be unknown, and is unavailable then."""
    has_events: bool = False
    """Whether its state says when something happened, which is told as it happens."""


def features_of(state: State) -> int:
    """Return the supported features of an entity."""
    return int(state.attributes.get(ATTR_SUPPORTED_FEATURES) or 0)


def state_or_none(state: State) -> str | None:
    """Return the state, None if there is none."""
    if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return None
    return state.state


def _path(name: str) -> str:
    return f"{{{{ value_json.{name} }}}}"


def _path_or_nothing(name: str) -> str:
    """Return a template for what knows no word for "unknown", and ignores nothing."""
    return f"{{{{ value_json.{name} if value_json.{name} is not none else '' }}}}"


def _taken(state: State, *names: str) -> Keys:
    """Return keys with the values of attributes of the same names, where they are set."""
    return {
        name: value
        for name in names
        if (value := state.attributes.get(name)) is not None
    }


_STATE: Final = _path("state")


def _shown(place: Place) -> Keys:
    return {"state_topic": place.state, "value_template": _STATE}


def _commanded(place: Place) -> Keys:
    return {**_shown(place), "command_topic": place.command}


# --- one value -------------------------------------------------------------------------


def switch(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of what is on or off."""
    own = _taken(state, "device_class") if state.domain == "switch" else {}
    return {**_commanded(place), "state_on": STATE_ON, "state_off": STATE_OFF, **own}


def number(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of a number with its limits."""
    return {
        **_commanded(place),
        **_taken(state, "min", "max", "step", "mode"),
        **_taken(state, "unit_of_measurement", "device_class"),
    }


def select(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of a choice."""
    return {**_commanded(place), **_taken(state, "options")}


def text(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of a text with its limits."""
    own = _taken(state, "min", "max", "pattern", "mode")
    return {**_commanded(place), **own}


def date_time(_hass: HomeAssistant, _state: State, place: Place) -> Keys:
    """Return the keys of a date, a time or both, as a text."""
    return _commanded(place)


def pressed(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of what can only be started."""
    own = _taken(state, "device_class") if state.domain == "button" else {}
    return {"command_topic": place.command, "payload_press": "ON", **own}


# --- several values ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Value:
    """An attribute that has keys of its own, if the entity has all of ``feature``.

    ``topic`` and ``template`` are the keys for its state, ``command`` the key for its
    commands and the last level of their topic.
    """

    name: str
    topic: str
    template: str
    command: tuple[str, str] | None = None
    feature: int = 0
    can_be_none: bool = True


def _valued(values: tuple[_Value, ...], state: State, place: Place) -> Keys:
    features = features_of(state)
    keys: Keys = {}
    for value in values:
        if features & value.feature != value.feature:
            continue
        path = _path if value.can_be_none else _path_or_nothing
        keys[value.topic] = place.state
        keys[value.template] = path(value.name)
        if value.command is not None:
            key, level = value.command
            keys[key] = f"{place.command}/{level}"
    return keys


def all_of(values: tuple[_Value, ...]) -> Callable[[State], Values]:
    """Return what reads these attributes from a state."""

    names = [value.name for value in values if value.name != "state"]

    def read(state: State) -> Values:
        return {name: state.attributes.get(name) for name in names}

    return read


COVER: Final = (
    _Value(
        "current_position",
        "position_topic",
        "position_template",
        ("set_position_topic", "position"),
        CoverEntityFeature.SET_POSITION,
        can_be_none=False,
    ),
    _Value(
        "current_tilt_position",
        "tilt_status_topic",
        "tilt_status_template",
        ("tilt_command_topic", "tilt"),
        CoverEntityFeature.SET_TILT_POSITION,
        can_be_none=False,
    ),
)


def cover(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of a cover."""
    features = features_of(state)
    return {
        **_commanded(place),
        **_valued(COVER, state, place),
        **_taken(state, "device_class"),
        "payload_open": "OPEN" if features & CoverEntityFeature.OPEN else None,
        "payload_close": "CLOSE" if features & CoverEntityFeature.CLOSE else None,
        "payload_stop": "STOP" if features & CoverEntityFeature.STOP else None,
    }


FAN: Final = (
    _Value(
        "percentage",
        "percentage_state_topic",
        "percentage_value_template",
        ("percentage_command_topic", "percentage"),
        FanEntityFeature.SET_SPEED,
    ),
    _Value(
        "preset_mode",
        "preset_mode_state_topic",
        "preset_mode_value_template",
        ("preset_mode_command_topic", "preset_mode"),
        FanEntityFeature.PRESET_MODE,
    ),
    _Value(
        "oscillating",
        "oscillation_state_topic",
        "oscillation_value_template",
        ("oscillation_command_topic", "oscillation"),
        FanEntityFeature.OSCILLATE,
    ),
    _Value(
        "direction",
        "direction_state_topic",
        "direction_value_template",
        ("direction_command_topic", "direction"),
        FanEntityFeature.DIRECTION,
        can_be_none=False,
    ),
)


def fan(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of a fan."""
    keys: Keys = {
        "command_topic": place.command,
        "state_topic": place.state,
        "state_value_template": _STATE,
        # Of the state and of commands alike.
        "payload_on": STATE_ON,
        "payload_off": STATE_OFF,
        "payload_oscillation_on": "True",
        "payload_oscillation_off": "False",
        **_valued(FAN, state, place),
    }
    if features_of(state) & FanEntityFeature.PRESET_MODE:
        keys["preset_modes"] = list(state.attributes.get("preset_modes") or ())
    return keys


CLIMATE: Final = (
    _Value(
        "state",
        "mode_state_topic",
        "mode_state_template",
        ("mode_command_topic", "mode"),
    ),
    _Value("hvac_action", "action_topic", "action_template"),
    _Value(
        "current_temperature",
        "current_temperature_topic",
        "current_temperature_template",
    ),
    _Value("current_humidity", "current_humidity_topic", "current_humidity_template"),
    _Value(
        "temperature",
        "temperature_state_topic",
        "temperature_state_template",
        ("temperature_command_topic", "temperature"),
        ClimateEntityFeature.TARGET_TEMPERATURE,
    ),
    _Value(
        "target_temp_low",
        "temperature_low_state_topic",
        "temperature_low_state_template",
        ("temperature_low_command_topic", "temperature_low"),
        ClimateEntityFeature.TARGET_TEMPERATURE_RANGE,
    ),
    _Value(
        "target_temp_high",
        "temperature_high_state_topic",
        "temperature_high_state_template",
        ("temperature_high_command_topic", "temperature_high"),
        ClimateEntityFeature.TARGET_TEMPERATURE_RANGE,
    ),
    _Value(
        "humidity",
        "target_humidity_state_topic",
        "target_humidity_state_template",
        ("target_humidity_command_topic", "humidity"),
        ClimateEntityFeature.TARGET_HUMIDITY,
    ),
    _Value(
        "fan_mode",
        "fan_mode_state_topic",
        "fan_mode_state_template",
        ("fan_mode_command_topic", "fan_mode"),
        ClimateEntityFeature.FAN_MODE,
    ),
    _Value(
        "preset_mode",
        "preset_mode_state_topic",
        "preset_mode_value_template",
        ("preset_mode_command_topic", "preset_mode"),
        ClimateEntityFeature.PRESET_MODE,
    ),
    _Value(
        "swing_mode",
        "swing_mode_state_topic",
        "swing_mode_state_template",
        ("swing_mode_command_topic", "swing_mode"),
        ClimateEntityFeature.SWING_MODE,
    ),
    _Value(
        "swing_horizontal_mode",
        "swing_horizontal_mode_state_topic",
        "swing_horizontal_mode_state_template",
        ("swing_horizontal_mode_command_topic", "swing_horizontal_mode"),
        ClimateEntityFeature.SWING_HORIZONTAL_MODE,
    ),
)


def climate(hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of a climate device."""
    features = features_of(state)
    keys = {
        **_valued(CLIMATE, state, place),
        **_taken(state, "min_temp", "max_temp", "min_humidity", "max_humidity"),
        **_taken(state, "fan_modes", "swing_modes", "swing_horizontal_modes"),
        "modes": list(state.attributes.get("hvac_modes") or ()),
        # The attributes are in the units of this Home Assistant.
        "temperature_unit": hass.config.units.temperature_unit[-1],
    }
    if (step := state.attributes.get("target_temp_step")) is not None:
        keys["temp_step"] = step
    if features & ClimateEntityFeature.PRESET_MODE:
        # The one for "none of them" is understood, and must not be named.
        modes = state.attributes.get("preset_modes") or ()
        keys["preset_modes"] = [mode for mode in modes if mode != PRESET_NONE]
    if features & ClimateEntityFeature.TURN_ON and (
        features & ClimateEntityFeature.TURN_OFF
    ):
        keys["power_command_topic"] = place.command
    return keys


def lock(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of a lock."""
    words = ("jammed", "locked", "locking", "open", "opening", "unlocked", "unlocking")
    keys = {**_commanded(place), **{f"state_{word}": word for word in words}}
    if features_of(state) & LockEntityFeature.OPEN:
        keys["payload_open"] = "OPEN"
    return keys


# --- lights ----------------------------------------------------------------------------

_COLORS: Final = {
    ColorMode.HS: ("hs_color", "hs"),
    ColorMode.RGB: ("rgb_color", "rgb"),
    ColorMode.RGBW: ("rgbw_color", "rgbw"),
    ColorMode.RGBWW: ("rgbww_color", "rgbcw"),
    ColorMode.XY: ("xy_color", "xy"),
}


def light(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of a light with MQTT's JSON schema."""
    attributes = state.attributes
    features = features_of(state)
    modes = set(attributes.get("supported_color_modes") or ()) & VALID_COLOR_MODES
    keys: Keys = {
        "schema": "json",
        "state_topic": place.state,
        "command_topic": place.command,
        "brightness": not modes.isdisjoint(COLOR_MODES_BRIGHTNESS),
        "flash": bool(features & LightEntityFeature.FLASH),
        "transition": bool(features & LightEntityFeature.TRANSITION),
    }
    if modes:
        keys["supported_color_modes"] = sorted(modes)
    if ColorMode.COLOR_TEMP in modes:
        keys["color_temp_kelvin"] = True
        for end in ("min", "max"):
            if (kelvin := attributes.get(f"{end}_color_temp_kelvin")) is not None:
                keys[f"{end}_kelvin"] = kelvin
    if features & LightEntityFeature.EFFECT:
        keys["effect"] = True
        keys["effect_list"] = list(attributes.get("effect_list") or ())
    return keys


def light_values(state: State) -> Values:
    """Return a state in MQTT's JSON schema for lights."""
    attributes = state.attributes
    word = state_or_none(state)
    values: Values = {"state": word and word.upper()}
    if (mode := attributes.get("color_mode")) in VALID_COLOR_MODES:
        values["color_mode"] = mode
    for name in ("brightness", "effect"):
        if (value := attributes.get(name)) is not None:
            values[name] = value
    if mode == ColorMode.COLOR_TEMP:
        values["color_temp"] = attributes.get("color_temp_kelvin")
    elif mode in _COLORS:
        name, channels = _COLORS[mode]
        values["color"] = dict(zip(channels, attributes.get(name) or (), strict=False))
    return values


# --- events and updates ---------------------------------------------------------------------------


def event(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of what happens now and then."""
    return {
        "state_topic": place.event,
        **_taken(state, "event_types", "device_class"),
    }


def update(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of an update, which others can see and not install."""
    return {
        "state_topic": place.state,
        "value_template": "{{ value_json.versions | tojson }}",
        **_taken(state, "device_class", "display_precision"),
    }


def update_values(state: State) -> Values:
    """Return what the state topic of MQTT's updates tells in JSON."""
    told = _taken(
        state, "installed_version", "latest_version", "title", "release_summary"
    )
    if str(url := state.attributes.get("release_url")).startswith("http"):
        told["release_url"] = url
    told["update_percentage"] = state.attributes.get("update_percentage")
    told["in_progress"] = bool(state.attributes.get("in_progress"))
    # Not "update": that is a method of what templates get.
    return {"versions": told}


# --- what takes no commands ------------------------------------------------------------


def binary_sensor(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of what is on or off, and can only be seen."""
    own = _taken(state, "device_class") if state.domain == "binary_sensor" else {}
    return {**_shown(place), "payload_on": STATE_ON, "payload_off": STATE_OFF, **own}


def sensor(_hass: HomeAssistant, state: State, place: Place) -> Keys:
    """Return the keys of what can only be seen, with all that its domain tells."""
    keys = _shown(place)
    if state.domain == "sensor":
        keys |= _taken(state, "device_class", "state_class", "unit_of_measurement")
        keys |= _taken(state, "options")
    elif state.domain in ("input_number", "number"):
        keys |= _taken(state, "device_class", "unit_of_measurement")
    elif state.domain in ("input_select", "select"):
        keys |= {"device_class": "enum", **_taken(state, "options")}
    elif state.domain in _MOMENTS:
        keys["device_class"] = "timestamp"
    return keys


def plain(_hass: HomeAssistant, _state: State, place: Place) -> Keys:
    """Return the keys of a text that can only be seen."""
    return _shown(place)


_MOMENTS: Final = {"button", "input_button", "scene"}
"""Domains whose state is when something happened."""
