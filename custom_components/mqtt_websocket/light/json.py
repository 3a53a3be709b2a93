"""Lights with one JSON object for all values (core's .../light/schema_json.py)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, override

from homeassistant.components.light.const import (
    ATTR_BRIGHTNESS,
    ATTR_COLOR_MODE,
    ATTR_COLOR_TEMP_KELVIN,
    ATTR_EFFECT,
    ATTR_FLASH,
    ATTR_HS_COLOR,
    ATTR_RGB_COLOR,
    ATTR_RGBW_COLOR,
    ATTR_RGBWW_COLOR,
    ATTR_TRANSITION,
    ATTR_WHITE,
    ATTR_XY_COLOR,
    FLASH_LONG,
    FLASH_SHORT,
    ColorMode,
    LightEntityFeature,
)
from homeassistant.components.light.helper import brightness_supported
from homeassistant.const import CONF_BRIGHTNESS, CONF_EFFECT, STATE_ON
from homeassistant.helpers.json import json_dumps
from homeassistant.util import color as color_util

from ..broker.message import Message
from ..control import number, told_by
from ..entity import Reader
from ..mapping.payload import PayloadError, json_value
from ..mapping.schemas import EntityConfig
from ..mapping.schemas.common import CONF_COMMAND_TOPIC, CONF_ENCODING, CONF_STATE_TOPIC
from ..mapping.schemas.light import (
    CONF_BRIGHTNESS_SCALE,
    CONF_COLOR_TEMP_KELVIN,
    CONF_FLASH,
    CONF_FLASH_TIME_LONG,
    CONF_FLASH_TIME_SHORT,
    CONF_SUPPORTED_COLOR_MODES,
    CONF_TRANSITION,
    CONF_WHITE_SCALE,
    JSON,
    MAX_SCALE,
)
from .base import BaseLight, bounded

_STATES: Final = {"ON": True, "OFF": False}

_FLASH_TIMES: Final = {
    FLASH_LONG: CONF_FLASH_TIME_LONG,
    FLASH_SHORT: CONF_FLASH_TIME_SHORT,
}

_COLORS: Final = (
    (ATTR_HS_COLOR, ColorMode.HS, "hs"),
    (ATTR_RGB_COLOR, ColorMode.RGB, "rgb"),
    (ATTR_RGBW_COLOR, ColorMode.RGBW, "rgbw"),
    (ATTR_RGBWW_COLOR, ColorMode.RGBWW, "rgbcw"),
    (ATTR_XY_COLOR, ColorMode.XY, "xy"),
)
"""Colors with the names of their numbers: two, or one from 0 to 255 for each channel."""

_RESTORED: Final = (
    ATTR_BRIGHTNESS,
    ATTR_COLOR_TEMP_KELVIN,
    ATTR_EFFECT,
    ATTR_HS_COLOR,
    ATTR_RGB_COLOR,
    ATTR_RGBW_COLOR,
    ATTR_RGBWW_COLOR,
    ATTR_XY_COLOR,
)


class JsonLight(BaseLight):
    """A light that tells and takes JSON."""

    _default_name = "MQTT JSON Light"
    _meaning = told_by(JSON)

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        super()._configure_platform(config)
        self._attr_assumed_state = self._assumes()
        features = LightEntityFeature(0)
        if config[CONF_EFFECT]:
            features |= LightEntityFeature.EFFECT
        if config[CONF_FLASH]:
            features |= LightEntityFeature.FLASH
        if config[CONF_TRANSITION]:
            features |= LightEntityFeature.TRANSITION
        modes: set[ColorMode] = config.get(CONF_SUPPORTED_COLOR_MODES) or {
            ColorMode.BRIGHTNESS if config[CONF_BRIGHTNESS] else ColorMode.ONOFF
        }
        self._support(modes, features)

    @override
    async def _restore(self) -> None:
        state = await self.async_get_last_state()
        if state is None or not self._attr_assumed_state:
            return
        self._attr_is_on = state.state == STATE_ON
        for attribute in _RESTORED:
            if attribute in state.attributes:
                setattr(self, f"_attr_{attribute}", state.attributes[attribute])
        mode = state.attributes.get(ATTR_COLOR_MODE)
        if mode and self._may_show(mode):
            self._attr_color_mode = mode

    # --- messages -----------------------------------------------------------------

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        if (topic := self._config.get(CONF_STATE_TOPIC)) is not None:
            yield topic, self._read_state

    def _read_state(self, message: Message) -> None:
        values = json_value(message, self._config[CONF_ENCODING])
        if not isinstance(values, dict):
            raise PayloadError("it is not a JSON object")
        if "state" not in values:
            raise PayloadError("it has no state")
        state = values["state"]
        if state is None:
            self._attr_is_on = None
        elif isinstance(state, str):
            self._attr_is_on = _STATES.get(state, self._attr_is_on)
        # What is wrong with one value does not make the others wrong.
        if "color_mode" in values:
            try:
                self._take_color(values)
            except (ArithmeticError, KeyError, TypeError, ValueError) as err:
                self._bad_payloads.add(
                    message,
                    self.entity_id,
                    err
                    if isinstance(err, PayloadError)
                    else "its color is invalid or incomplete",
                )
        if brightness_supported(self.supported_color_modes) and (
            brightness := values.get("brightness")
        ):
            try:
                self._attr_brightness = color_util.value_to_brightness(
                    (1, self._config[CONF_BRIGHTNESS_SCALE]), brightness
                )
            except ArithmeticError, TypeError, ValueError:
                self._bad_payloads.add(
                    message, self.entity_id, "its brightness is not a number"
                )
        if "effect" in values:
            self._attr_effect = values["effect"]

    def _take_color(self, values: Mapping[str, Any]) -> None:
        """Take over color and mode, both or none; raises what dictionaries raise."""
        mode = values["color_mode"]
        if not self._supports(mode):
            raise PayloadError("it is a color mode that the light does not support")
        if mode == ColorMode.COLOR_TEMP:
            self._take_color_temp(values["color_temp"])
        for attribute, its_mode, names in _COLORS:
            if mode == its_mode:
                color = values["color"]
                read: Callable[[Any], float] = int if len(names) > 2 else number
                found = tuple(bounded(read(color[name])) for name in names)
                setattr(self, f"_attr_{attribute}", found)
        if mode not in (ColorMode.ONOFF, ColorMode.BRIGHTNESS):
            # These two are the only mode of a light, and it is in that already.
            self._attr_color_mode = ColorMode(mode)

    def _take_color_temp(self, color_temp: Any) -> None:
        if not self._config[CONF_COLOR_TEMP_KELVIN]:
            self._attr_color_temp_kelvin = bounded(
                color_util.color_temperature_mired_to_kelvin(color_temp)
            )
        elif color_temp is None or isinstance(color_temp, int):
            self._attr_color_temp_kelvin = color_temp and bounded(color_temp)
        elif isinstance(color_temp, float):
            # As in core: what a device tells in kelvins is shown as it is.
            self._attr_color_temp_kelvin = bounded(color_temp)  # type: ignore[assignment]
        else:
            raise PayloadError("its color temperature is not a number")

    # --- commands -----------------------------------------------------------------

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Command it on, and what else is asked for. Raises a HomeAssistantError."""
        message: dict[str, Any] = {"state": "ON"}
        assumed: dict[str, Any] = {}
        self._add_color(message, assumed, kwargs)
        self._add_flash_and_transition(message, kwargs)
        self._add_brightness(message, assumed, kwargs)
        if ATTR_COLOR_TEMP_KELVIN in kwargs:
            kelvin = kwargs[ATTR_COLOR_TEMP_KELVIN]
            message["color_temp"] = self._color_temp_of(kelvin)
            assumed[ATTR_COLOR_MODE] = ColorMode.COLOR_TEMP
            assumed[ATTR_COLOR_TEMP_KELVIN] = kelvin
            assumed[ATTR_HS_COLOR] = None
        if ATTR_EFFECT in kwargs:
            message["effect"] = assumed[ATTR_EFFECT] = kwargs[ATTR_EFFECT]
        if ATTR_WHITE in kwargs and self._supports(ColorMode.WHITE):
            white = kwargs[ATTR_WHITE]
            scale = self._config[CONF_WHITE_SCALE]
            # Little is not nothing.
            message["white"] = max(min(round(white / MAX_SCALE * scale), scale), 1)
            assumed[ATTR_COLOR_MODE] = ColorMode.WHITE
            assumed[ATTR_BRIGHTNESS] = white
        await self._send(message, is_on=True, assumed=assumed)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Command it off. Raises a translated HomeAssistantError."""
        message: dict[str, Any] = {"state": "OFF"}
        self._add_flash_and_transition(message, kwargs)
        await self._send(message, is_on=False, assumed={})

    async def _send(
        self, message: dict[str, Any], *, is_on: bool, assumed: dict[str, Any]
    ) -> None:
        """Publish a command; believe it if nothing tells what became of it."""
        await self._command(CONF_COMMAND_TOPIC, json_dumps(message))
        if self._attr_assumed_state:
            for attribute, value in assumed.items():
                setattr(self, f"_attr_{attribute}", value)
            self._attr_is_on = is_on
            self.async_write_ha_state()

    def _add_color(
        self, message: dict[str, Any], assumed: dict[str, Any], wanted: dict[str, Any]
    ) -> None:
        """Add the color that is wanted, and supported."""
        for attribute, mode, names in _COLORS:
            if attribute not in wanted or not self._supports(mode):
                continue
            color = wanted[attribute]
            if len(names) > 2:
                color = self._scaled(color, wanted)
            message["color"] = dict(zip(names, color, strict=True))
            assumed[ATTR_COLOR_MODE] = mode
            assumed[attribute] = color

    def _scaled(
        self, color: tuple[int, ...], wanted: dict[str, Any]
    ) -> tuple[int, ...]:
        """Return a color as bright as is wanted.

        Unless the light is told its brightness: then the color says nothing of it.
        """
        if self._config[CONF_BRIGHTNESS]:
            brightness = MAX_SCALE
        else:
            brightness = wanted.pop(ATTR_BRIGHTNESS, MAX_SCALE)
        return tuple(round(channel / MAX_SCALE * brightness) for channel in color)

    def _add_brightness(
        self, message: dict[str, Any], assumed: dict[str, Any], wanted: dict[str, Any]
    ) -> None:
        if ATTR_BRIGHTNESS not in wanted or not brightness_supported(
            self.supported_color_modes
        ):
            return
        brightness = wanted[ATTR_BRIGHTNESS]
        scaled = color_util.brightness_to_value(
            (1, self._config[CONF_BRIGHTNESS_SCALE]), brightness
        )
        # Little is not nothing.
        message["brightness"] = max(round(scaled), 1)
        assumed[ATTR_BRIGHTNESS] = brightness

    def _add_flash_and_transition(
        self, message: dict[str, Any], wanted: Mapping[str, Any]
    ) -> None:
        if ATTR_TRANSITION in wanted:
            message["transition"] = wanted[ATTR_TRANSITION]
        if (key := _FLASH_TIMES.get(wanted.get(ATTR_FLASH, ""))) is not None:
            message["flash"] = self._config[key]
