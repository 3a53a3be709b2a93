"""How a payload becomes the data of an action: the building blocks of the table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import math
from typing import Any, Final

from homeassistant.components.light.const import (
    COLOR_MODES_BRIGHTNESS,
    COLOR_MODES_COLOR,
    FLASH_LONG,
    FLASH_SHORT,
    ColorMode,
)
from homeassistant.core import State
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

_TRUE: Final = {"ON", "TRUE", "1", "YES"}
_FALSE: Final = {"OFF", "FALSE", "0", "NO"}


class CommandError(Exception):
    """A command can't be carried out; the text says why."""


@dataclass(frozen=True, slots=True)
class Call:
    """An action of the entity's own domain, and its data without the entity."""

    service: str
    data: dict[str, Any] = field(default_factory=dict)


type Command = Callable[[str, State], Call]
"""Makes an action of a payload and the entity's state, or raises CommandError."""


def words(services: Mapping[str, str]) -> Command:
    """Take words, however they are written, each for an action."""

    def command(payload: str, _state: State) -> Call:
        service = services.get(payload.strip().upper())
        if service is None:
            raise CommandError(f"the payload is none of {', '.join(services)}")
        return Call(service)

    return command


ON_OFF: Final = words({"ON": "turn_on", "OFF": "turn_off", "TOGGLE": "toggle"})


def always(service: str) -> Command:
    """Take any payload: that something came is the command."""
    return lambda _payload, _state: Call(service)


def text(service: str, key: str) -> Command:
    """Take the payload as it is."""

    def command(payload: str, _state: State) -> Call:
        return Call(service, {key: payload})

    return command


def number(service: str, key: str, *, whole: bool = False) -> Command:
    """Take a number; Home Assistant knows its limits."""

    def command(payload: str, _state: State) -> Call:
        return Call(service, {key: to_number(payload, key, whole=whole)})

    return command


def either(services: Mapping[str, str], other: Command) -> Command:
    """Take words for actions, and what another command takes."""

    def command(payload: str, state: State) -> Call:
        service = services.get(payload.strip().upper())
        return other(payload, state) if service is None else Call(service)

    return command


def on_off(service: str, key: str) -> Command:
    """Take ON or OFF for a value."""

    def command(payload: str, _state: State) -> Call:
        word = payload.strip().upper()
        if word not in _TRUE | _FALSE:
            raise CommandError("the payload is neither ON nor OFF")
        return Call(service, {key: word in _TRUE})

    return command


def to_number(value: Any, what: str, *, whole: bool = False) -> float:
    """Return a number, or raise CommandError."""
    try:
        result = float(value)
    except TypeError, ValueError:
        raise CommandError(f"{what} is no number") from None
    if not math.isfinite(result):
        raise CommandError(f"{what} is no number")
    return round(result) if whole else result


def to_object(payload: str) -> dict[str, Any]:
    """Return a JSON object, or raise CommandError."""
    try:
        value = json_loads(payload)
    except JSON_DECODE_EXCEPTIONS:
        raise CommandError("the payload is no valid JSON") from None
    if not isinstance(value, dict):
        raise CommandError("the payload is no JSON object")
    return value


def is_object(payload: str) -> bool:
    """Whether a payload means to be a JSON object."""
    return payload.lstrip().startswith("{")


def _word(values: Mapping[str, Any], default: str) -> str:
    """Return the action that the ``state`` of a JSON command names."""
    services = {"ON": "turn_on", "OFF": "turn_off", "TOGGLE": "toggle"}
    word = str(values.get("state", default)).strip().upper()
    if word not in services:
        raise CommandError(f"state is none of {', '.join(services)}")
    return services[word]


# --- lights ---------------------------------------------------------------------------

_COLORS: Final = {
    "rgb_color": ("r", "g", "b"),
    "rgbw_color": ("r", "g", "b", "w"),
    "rgbww_color": ("r", "g", "b", "c", "w"),
    "hs_color": ("h", "s"),
    "xy_color": ("x", "y"),
}


def light(payload: str, state: State) -> Call:
    """Take ON, OFF, TOGGLE, or JSON as lights of MQTT's JSON schema do."""
    if not is_object(payload):
        return ON_OFF(payload, state)
    values = to_object(payload)
    service = _word(values, "ON")
    data: dict[str, Any] = {}
    if "transition" in values:
        data["transition"] = to_number(values["transition"], "transition")
    if "flash" in values:
        data["flash"] = _flash(values["flash"])
    if service == "turn_off":
        return Call(service, data)
    if "brightness" in values:
        data["brightness"] = to_number(values["brightness"], "brightness", whole=True)
    if "color_temp" in values:
        data["color_temp_kelvin"] = _kelvin(values["color_temp"])
    if "color" in values:
        data |= _color_of_object(values["color"])
    if "white" in values:
        data["white"] = to_number(values["white"], "white", whole=True)
    if "effect" in values:
        data["effect"] = str(values["effect"])
    return _supported(Call(service, data), state)


_LONG_FLASH_SECONDS: Final = 5  # a short one lasts 2 by default, a long one 10


def _flash(value: Any) -> str:
    """Return how to flash: by its name, or by its seconds as in MQTT's JSON schema."""
    if isinstance(value, int | float):
        return FLASH_LONG if value >= _LONG_FLASH_SECONDS else FLASH_SHORT
    return str(value)


def light_value(key: str) -> Command:
    """Take one number for a light."""

    def command(payload: str, state: State) -> Call:
        value = to_number(payload, key, whole=True)
        if key == "color_temp":
            return _supported(
                Call("turn_on", {"color_temp_kelvin": _kelvin(value)}), state
            )
        if key == "brightness" and value <= 0:
            return Call("turn_off")
        return _supported(Call("turn_on", {key: value}), state)

    return command


def light_color(key: str) -> Command:
    """Take a color as numbers with commas in between."""

    def command(payload: str, state: State) -> Call:
        numbers = [to_number(part, key) for part in payload.split(",")]
        if len(numbers) != len(_COLORS[key]):
            raise CommandError(f"the payload is not {','.join(_COLORS[key])}")
        return _supported(Call("turn_on", {key: _channels(key, numbers)}), state)

    return command


def light_effect(payload: str, state: State) -> Call:
    """Take the name of an effect."""
    return _supported(Call("turn_on", {"effect": payload}), state)


def _kelvin(value: Any) -> float:
    """Return a color temperature in kelvins; what is below 1000 is in mireds."""
    result = to_number(value, "color_temp")
    if result <= 0:
        raise CommandError("color_temp is no color temperature")
    return round(1_000_000 / result) if result < 1000 else round(result)


def _channels(key: str, numbers: list[float]) -> list[float]:
    return [round(each) for each in numbers] if key.startswith("rgb") else numbers


def _color_of_object(color: Any) -> dict[str, Any]:
    if isinstance(color, dict):
        for key, names in _COLORS.items():
            if set(names) == color.keys():
                numbers = [to_number(color[name], name) for name in names]
                return {key: _channels(key, numbers)}
    known = "; ".join(", ".join(names) for names in _COLORS.values())
    raise CommandError(f"color is not one of: {known}")


def _supported(call: Call, state: State) -> Call:
    """Refuse what a light would ignore without a word."""
    modes = set(state.attributes.get("supported_color_modes") or ())
    colorful = not modes.isdisjoint(COLOR_MODES_COLOR)
    needs = {
        "brightness": not modes.isdisjoint(COLOR_MODES_BRIGHTNESS),
        "color_temp_kelvin": colorful or ColorMode.COLOR_TEMP in modes,
        "white": ColorMode.WHITE in modes,
        "effect": call.data.get("effect")
        in (state.attributes.get("effect_list") or ()),
        **dict.fromkeys(_COLORS, colorful),
    }
    for key in call.data:
        if not needs.get(key, True):
            raise CommandError(f"{state.entity_id} does not support this {key}")
    return call


# --- others ---------------------------------------------------------------------------


def siren(payload: str, state: State) -> Call:
    """Take ON, OFF, TOGGLE, or JSON with state, tone, duration and volume_level."""
    if not is_object(payload):
        return ON_OFF(payload, state)
    values = to_object(payload)
    service = _word(values, "ON")
    data: dict[str, Any] = {}
    for key in ("tone", "duration", "volume_level"):
        if key in values:
            data[key] = values[key]
    return Call(service, data if service == "turn_on" else {})


def climate_range(key: str) -> Command:
    """Take one end of a range of temperatures; the other one stays, or makes room.

    Who moves a whole range sends one end after the other, and the first one may be
    beyond where the second one was.
    """
    low, high = "target_temp_low", "target_temp_high"
    other, outermost = (high, max) if key == low else (low, min)

    def command(payload: str, state: State) -> Call:
        value = to_number(payload, key)
        there = state.attributes.get(other)
        if there is None or state.attributes.get(key) is None:
            raise CommandError(f"{state.entity_id} has no range of temperatures now")
        data = {key: value, other: outermost(value, there)}
        return Call("set_temperature", {low: data[low], high: data[high]})

    return command


def date_time(payload: str, state: State) -> Call:
    """Take a date, a time or both, whichever the input has."""
    has_date, has_time = (
        state.attributes.get(key, False) for key in ("has_date", "has_time")
    )
    if has_date and has_time:
        key = "datetime"
    else:
        key = "date" if has_date else "time"
    return Call("set_datetime", {key: payload.strip()})
