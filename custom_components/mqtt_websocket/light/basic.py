"""Lights with a topic for each value (core's homeassistant/.../light/schema_basic.py)."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, override

from homeassistant.components.light.const import (
    ATTR_BRIGHTNESS,
    ATTR_COLOR_MODE,
    ATTR_COLOR_TEMP_KELVIN,
    ATTR_EFFECT,
    ATTR_HS_COLOR,
    ATTR_RGB_COLOR,
    ATTR_RGBW_COLOR,
    ATTR_RGBWW_COLOR,
    ATTR_WHITE,
    ATTR_XY_COLOR,
    ColorMode,
    LightEntityFeature,
)
from homeassistant.const import CONF_PAYLOAD_OFF, CONF_PAYLOAD_ON, STATE_ON
from homeassistant.util import color as color_util

from ..control import Value, is_on, number, told_by
from ..entity import Reader
from ..mapping.payload import PayloadError
from ..mapping.schemas import EntityConfig
from ..mapping.schemas.common import CONF_COMMAND_TOPIC, CONF_STATE_TOPIC
from ..mapping.schemas.light import (
    BASIC,
    CONF_BRIGHTNESS_COMMAND_TEMPLATE,
    CONF_BRIGHTNESS_COMMAND_TOPIC,
    CONF_BRIGHTNESS_SCALE,
    CONF_BRIGHTNESS_STATE_TOPIC,
    CONF_BRIGHTNESS_VALUE_TEMPLATE,
    CONF_COLOR_MODE_STATE_TOPIC,
    CONF_COLOR_MODE_VALUE_TEMPLATE,
    CONF_COLOR_TEMP_COMMAND_TEMPLATE,
    CONF_COLOR_TEMP_COMMAND_TOPIC,
    CONF_COLOR_TEMP_STATE_TOPIC,
    CONF_COLOR_TEMP_VALUE_TEMPLATE,
    CONF_EFFECT_COMMAND_TEMPLATE,
    CONF_EFFECT_COMMAND_TOPIC,
    CONF_EFFECT_LIST,
    CONF_EFFECT_STATE_TOPIC,
    CONF_EFFECT_VALUE_TEMPLATE,
    CONF_HS_COMMAND_TEMPLATE,
    CONF_HS_COMMAND_TOPIC,
    CONF_HS_STATE_TOPIC,
    CONF_HS_VALUE_TEMPLATE,
    CONF_ON_COMMAND_TYPE,
    CONF_RGB_COMMAND_TEMPLATE,
    CONF_RGB_COMMAND_TOPIC,
    CONF_RGB_STATE_TOPIC,
    CONF_RGB_VALUE_TEMPLATE,
    CONF_RGBW_COMMAND_TEMPLATE,
    CONF_RGBW_COMMAND_TOPIC,
    CONF_RGBW_STATE_TOPIC,
    CONF_RGBW_VALUE_TEMPLATE,
    CONF_RGBWW_COMMAND_TEMPLATE,
    CONF_RGBWW_COMMAND_TOPIC,
    CONF_RGBWW_STATE_TOPIC,
    CONF_RGBWW_VALUE_TEMPLATE,
    CONF_STATE_VALUE_TEMPLATE,
    CONF_WHITE_COMMAND_TOPIC,
    CONF_WHITE_SCALE,
    CONF_XY_COMMAND_TEMPLATE,
    CONF_XY_COMMAND_TOPIC,
    CONF_XY_STATE_TOPIC,
    CONF_XY_VALUE_TEMPLATE,
    MAX_SCALE,
    ON_BRIGHTNESS,
    ON_FIRST,
    ON_LAST,
    basic_color_modes,
)
from .base import BaseLight, bounded


class _Channels(NamedTuple):
    """A color that is told as a number from 0 to 255 for each channel."""

    attribute: str
    mode: ColorMode
    command_topic: str
    command_template: str
    names: tuple[str, ...]


_RGB: Final = _Channels(
    ATTR_RGB_COLOR,
    ColorMode.RGB,
    CONF_RGB_COMMAND_TOPIC,
    CONF_RGB_COMMAND_TEMPLATE,
    ("red", "green", "blue"),
)
_RGBW: Final = _Channels(
    ATTR_RGBW_COLOR,
    ColorMode.RGBW,
    CONF_RGBW_COMMAND_TOPIC,
    CONF_RGBW_COMMAND_TEMPLATE,
    (*_RGB.names, "white"),
)
_RGBWW: Final = _Channels(
    ATTR_RGBWW_COLOR,
    ColorMode.RGBWW,
    CONF_RGBWW_COMMAND_TOPIC,
    CONF_RGBWW_COMMAND_TEMPLATE,
    (*_RGB.names, "cold_white", "warm_white"),
)
_CHANNELS: Final = (_RGB, _RGBW, _RGBWW)

_STATE_TOPICS: Final = {
    ATTR_COLOR_MODE: CONF_COLOR_MODE_STATE_TOPIC,
    ATTR_COLOR_TEMP_KELVIN: CONF_COLOR_TEMP_STATE_TOPIC,
    ATTR_EFFECT: CONF_EFFECT_STATE_TOPIC,
    ATTR_HS_COLOR: CONF_HS_STATE_TOPIC,
    ATTR_RGB_COLOR: CONF_RGB_STATE_TOPIC,
    ATTR_RGBW_COLOR: CONF_RGBW_STATE_TOPIC,
    ATTR_RGBWW_COLOR: CONF_RGBWW_STATE_TOPIC,
    ATTR_XY_COLOR: CONF_XY_STATE_TOPIC,
}
"""What tells an attribute. It is assumed where nothing does; brightness is special."""

_RESTORED: Final = (
    (ATTR_BRIGHTNESS, ATTR_BRIGHTNESS),
    (ATTR_RGB_COLOR, ATTR_RGB_COLOR),
    (ATTR_HS_COLOR, ATTR_RGB_COLOR),
    (ATTR_RGBW_COLOR, ATTR_RGBW_COLOR),
    (ATTR_RGBWW_COLOR, ATTR_RGBWW_COLOR),
    (ATTR_COLOR_MODE, ATTR_COLOR_MODE),
    (ATTR_COLOR_TEMP_KELVIN, ATTR_COLOR_TEMP_KELVIN),
    (ATTR_EFFECT, ATTR_EFFECT),
    (ATTR_HS_COLOR, ATTR_HS_COLOR),
    (ATTR_XY_COLOR, ATTR_XY_COLOR),
    (ATTR_HS_COLOR, ATTR_XY_COLOR),
)
"""The attributes that are restored, each with the one that has to be assumed for it."""


class BasicLight(BaseLight):
    """A light with a topic for each value."""

    _default_name = "MQTT LightEntity"
    _meaning = told_by(BASIC)

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        super()._configure_platform(config)
        self._attr_assumed_state = self._assumes()
        self._assumed = {
            attribute
            for attribute, topic in _STATE_TOPICS.items()
            if self._assumes(topic)
        }
        teller = (
            CONF_RGB_STATE_TOPIC
            if config.get(CONF_BRIGHTNESS_COMMAND_TOPIC) is None
            else CONF_BRIGHTNESS_STATE_TOPIC
        )
        if self._assumes(teller):
            self._assumed.add(ATTR_BRIGHTNESS)

        self._support(
            basic_color_modes(config),
            LightEntityFeature.EFFECT
            if CONF_EFFECT_COMMAND_TOPIC in config
            else LightEntityFeature(0),
        )

    @override
    def _forget_state(self) -> None:
        assumed = {
            f"_attr_{attribute}": getattr(self, f"_attr_{attribute}")
            for attribute in self._assumed
        }
        if self._attr_assumed_state:
            assumed["_attr_is_on"] = self._attr_is_on
        self._forget_all()
        for name, value in assumed.items():
            setattr(self, name, value)

    @override
    async def _restore(self) -> None:
        if (state := await self.async_get_last_state()) is None:
            return
        if self._config.get(CONF_STATE_TOPIC) is None:
            self._attr_is_on = state.state == STATE_ON
        for attribute, condition in _RESTORED:
            if condition in self._assumed and (
                value := state.attributes.get(attribute)
            ):
                if attribute == ATTR_COLOR_MODE and not self._may_show(value):
                    continue
                setattr(self, f"_attr_{attribute}", value)

    # --- messages -----------------------------------------------------------------

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        yield from self._reading(
            CONF_STATE_TOPIC, CONF_STATE_VALUE_TEMPLATE, self._take_state
        )
        for topic, template, take in (
            (
                CONF_BRIGHTNESS_STATE_TOPIC,
                CONF_BRIGHTNESS_VALUE_TEMPLATE,
                self._take_brightness,
            ),
            (CONF_RGB_STATE_TOPIC, CONF_RGB_VALUE_TEMPLATE, self._take_rgb),
            (CONF_RGBW_STATE_TOPIC, CONF_RGBW_VALUE_TEMPLATE, self._take_rgbw),
            (CONF_RGBWW_STATE_TOPIC, CONF_RGBWW_VALUE_TEMPLATE, self._take_rgbww),
            (
                CONF_COLOR_MODE_STATE_TOPIC,
                CONF_COLOR_MODE_VALUE_TEMPLATE,
                self._take_color_mode,
            ),
            (
                CONF_COLOR_TEMP_STATE_TOPIC,
                CONF_COLOR_TEMP_VALUE_TEMPLATE,
                self._take_color_temp,
            ),
            (CONF_EFFECT_STATE_TOPIC, CONF_EFFECT_VALUE_TEMPLATE, self._take_effect),
            (CONF_HS_STATE_TOPIC, CONF_HS_VALUE_TEMPLATE, self._take_hs),
            (CONF_XY_STATE_TOPIC, CONF_XY_VALUE_TEMPLATE, self._take_xy),
        ):
            yield from self._reading(topic, template, take, strict=True)

    def _take_state(self, value: Value) -> None:
        self._attr_is_on = is_on(value, self._config)

    def _take_brightness(self, value: Value) -> None:
        # No brightness is none: that the light is off stands elsewhere.
        if brightness := bounded(number(value)):
            share = brightness / self._config[CONF_BRIGHTNESS_SCALE]
            self._attr_brightness = min(round(share * MAX_SCALE), MAX_SCALE)

    def _take_rgb(self, value: Value) -> None:
        color = _integers(value, 3)
        found = self._without_brightness(ColorMode.RGB, color, color)
        if found is not None:
            red, green, blue = found
            self._attr_rgb_color = (red, green, blue)

    def _take_rgbw(self, value: Value) -> None:
        red, green, blue, white = color = _integers(value, 4)
        as_rgb = color_util.color_rgbw_to_rgb(red, green, blue, white)
        found = self._without_brightness(ColorMode.RGBW, color, as_rgb)
        if found is not None:
            red, green, blue, white = found
            self._attr_rgbw_color = (red, green, blue, white)

    def _take_rgbww(self, value: Value) -> None:
        red, green, blue, cold, warm = color = _integers(value, 5)
        as_rgb = color_util.color_rgbww_to_rgb(
            *(red, green, blue, cold, warm),
            self.min_color_temp_kelvin,
            self.max_color_temp_kelvin,
        )
        found = self._without_brightness(ColorMode.RGBWW, color, as_rgb)
        if found is not None:
            red, green, blue, cold, warm = found
            self._attr_rgbww_color = (red, green, blue, cold, warm)

    def _without_brightness(
        self, mode: ColorMode, color: tuple[int, ...], as_rgb: tuple[int, ...]
    ) -> tuple[int, ...] | None:
        """Return a color at full brightness; None if there is no light in it.

        Without a topic of its own the brightness is that of the brightest channel.
        """
        self._assume_color_mode(mode)
        if self._config.get(CONF_BRIGHTNESS_STATE_TOPIC) is not None:
            return color
        if (brightness := max(as_rgb)) == 0:
            return None
        self._attr_brightness = brightness
        return tuple(
            min(round(channel / brightness * MAX_SCALE), MAX_SCALE) for channel in color
        )

    def _take_color_mode(self, value: Value) -> None:
        mode = ColorMode(str(value))
        if not self._may_show(mode):
            raise PayloadError("it is a color mode that the light does not support")
        self._attr_color_mode = mode

    def _take_color_temp(self, value: Value) -> None:
        self._attr_color_temp_kelvin = self._kelvin_of(int(value))
        self._assume_color_mode(ColorMode.COLOR_TEMP)

    def _take_effect(self, value: Value) -> None:
        self._attr_effect = str(value)

    def _take_hs(self, value: Value) -> None:
        self._attr_hs_color = _pair(value)
        self._assume_color_mode(ColorMode.HS)

    def _take_xy(self, value: Value) -> None:
        self._attr_xy_color = _pair(value)
        self._assume_color_mode(ColorMode.XY)

    def _assume_color_mode(self, mode: ColorMode) -> None:
        """Take the mode to be that of the color that came last, if no topic tells it."""
        if ATTR_COLOR_MODE in self._assumed and self._may_show(mode):
            self._attr_color_mode = mode

    # --- commands -----------------------------------------------------------------

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Command it on, and what else is asked for. Raises a HomeAssistantError."""
        config = self._config
        when = config[CONF_ON_COMMAND_TYPE]
        changed = False
        if when == ON_FIRST:
            await self._command(CONF_COMMAND_TOPIC, config[CONF_PAYLOAD_ON])
            changed = True
        elif (
            when == ON_BRIGHTNESS
            and ATTR_BRIGHTNESS not in kwargs
            and ATTR_WHITE not in kwargs
        ):
            # The brightness is what turns it on: that of last time, or all there is.
            kwargs[ATTR_BRIGHTNESS] = self.brightness or MAX_SCALE

        changed |= await self._command_color(kwargs)
        if ATTR_BRIGHTNESS in kwargs:
            changed |= await self._command_brightness(kwargs)
        if ATTR_COLOR_TEMP_KELVIN in kwargs and CONF_COLOR_TEMP_COMMAND_TOPIC in config:
            kelvin = kwargs[ATTR_COLOR_TEMP_KELVIN]
            await self._command(
                CONF_COLOR_TEMP_COMMAND_TOPIC,
                self._color_temp_of(kelvin),
                CONF_COLOR_TEMP_COMMAND_TEMPLATE,
            )
            changed |= self._assume(
                ATTR_COLOR_TEMP_KELVIN, kelvin, ColorMode.COLOR_TEMP
            )
        if (
            CONF_EFFECT_COMMAND_TOPIC in config
            and (effect := kwargs.get(ATTR_EFFECT)) is not None
            and effect in config.get(CONF_EFFECT_LIST, ())
        ):
            await self._command(
                CONF_EFFECT_COMMAND_TOPIC, effect, CONF_EFFECT_COMMAND_TEMPLATE
            )
            changed |= self._assume(ATTR_EFFECT, effect)
        if ATTR_WHITE in kwargs and CONF_WHITE_COMMAND_TOPIC in config:
            white = kwargs[ATTR_WHITE]
            scale = config[CONF_WHITE_SCALE]
            await self._command(
                CONF_WHITE_COMMAND_TOPIC, min(round(white / MAX_SCALE * scale), scale)
            )
            changed |= self._assume(ATTR_BRIGHTNESS, white, ColorMode.WHITE)

        if when == ON_LAST:
            await self._command(CONF_COMMAND_TOPIC, config[CONF_PAYLOAD_ON])
            changed = True
        if self._attr_assumed_state:
            self._attr_is_on = True
            changed = True
        if changed:
            self.async_write_ha_state()

    async def _command_color(self, wanted: dict[str, Any]) -> bool:
        """Command the color that is wanted; return whether it is assumed now."""
        config = self._config
        changed = False
        if (hs := wanted.get(ATTR_HS_COLOR)) and CONF_HS_COMMAND_TOPIC in config:
            await self._command(
                CONF_HS_COMMAND_TOPIC,
                f"{hs[0]},{hs[1]}",
                CONF_HS_COMMAND_TEMPLATE,
                {"hue": hs[0], "sat": hs[1]},
            )
            changed |= self._assume(ATTR_HS_COLOR, hs, ColorMode.HS)
        for kind in _CHANNELS:
            if (color := wanted.get(kind.attribute)) and kind.command_topic in config:
                await self._command_channels(
                    kind,
                    color,
                    wanted.get(ATTR_BRIGHTNESS) or self.brightness or MAX_SCALE,
                )
                changed |= self._assume(kind.attribute, color, kind.mode)
        if (xy := wanted.get(ATTR_XY_COLOR)) and CONF_XY_COMMAND_TOPIC in config:
            await self._command(
                CONF_XY_COMMAND_TOPIC,
                f"{xy[0]},{xy[1]}",
                CONF_XY_COMMAND_TEMPLATE,
                {"x": xy[0], "y": xy[1]},
            )
            changed |= self._assume(ATTR_XY_COLOR, xy, ColorMode.XY)
        return changed

    async def _command_brightness(self, wanted: dict[str, Any]) -> bool:
        """Command a brightness: by a topic of its own, or as that of the color."""
        config = self._config
        brightness = wanted[ATTR_BRIGHTNESS]
        if CONF_BRIGHTNESS_COMMAND_TOPIC in config:
            scale = config[CONF_BRIGHTNESS_SCALE]
            await self._command(
                CONF_BRIGHTNESS_COMMAND_TOPIC,
                # Little is not nothing.
                max(min(round(brightness / MAX_SCALE * scale), scale), 1),
                CONF_BRIGHTNESS_COMMAND_TEMPLATE,
            )
            return self._assume(ATTR_BRIGHTNESS, brightness)
        for kind in _CHANNELS:
            if kind.attribute not in wanted and kind.command_topic in config:
                color = getattr(self, kind.attribute) or (MAX_SCALE,) * len(kind.names)
                # A brightness of 0 turns off: it does not come here.
                await self._command_channels(kind, color, brightness)
                return self._assume(ATTR_BRIGHTNESS, brightness)
        return False

    async def _command_channels(
        self, kind: _Channels, color: tuple[int, ...], brightness: int
    ) -> None:
        if CONF_BRIGHTNESS_COMMAND_TOPIC in self._config:
            brightness = MAX_SCALE  # it goes out by itself
        scaled = tuple(int(channel * brightness / MAX_SCALE) for channel in color)
        await self._command(
            kind.command_topic,
            ",".join(str(channel) for channel in scaled),
            kind.command_template,
            dict(zip(kind.names, scaled, strict=False)),
        )

    def _assume(
        self, attribute: str, value: Any, mode: ColorMode | None = None
    ) -> bool:
        """Believe a command, if nothing tells what became of it; return whether."""
        if attribute not in self._assumed:
            return False
        if mode is not None and ATTR_COLOR_MODE in self._assumed:
            self._attr_color_mode = mode
        setattr(self, f"_attr_{attribute}", value)
        return True

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Command it off. Raises a translated HomeAssistantError."""
        await self._command(CONF_COMMAND_TOPIC, self._config[CONF_PAYLOAD_OFF])
        self._believe("_attr_is_on", False)


def _integers(value: Value, count: int) -> tuple[int, ...]:
    """Return as many integers, separated by commas. Raises ValueError."""
    found = tuple(bounded(int(each)) for each in str(value).split(","))
    if len(found) != count:
        raise PayloadError(f"it has not {count} channels")
    return found


def _pair(value: Value) -> tuple[float, float]:
    """Return two numbers, separated by a comma. Raises ValueError."""
    first, second = (bounded(number(each)) for each in str(value).split(","))
    return first, second
