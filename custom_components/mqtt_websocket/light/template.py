"""Lights with a template for each value (core's .../light/schema_template.py)."""

from collections.abc import Iterator
from typing import Any, Final, override

from homeassistant.components.light.const import (
    ATTR_BRIGHTNESS,
    ATTR_COLOR_TEMP_KELVIN,
    ATTR_EFFECT,
    ATTR_FLASH,
    ATTR_HS_COLOR,
    ATTR_TRANSITION,
    ColorMode,
    LightEntityFeature,
)
from homeassistant.components.light.helper import filter_supported_color_modes
from homeassistant.const import CONF_STATE_TEMPLATE, STATE_OFF, STATE_ON
from homeassistant.util import color as color_util

from ..broker.message import Message
from ..control import Value, told_by
from ..entity import Reader
from ..mapping.payload import PayloadError
from ..mapping.schemas import EntityConfig
from ..mapping.schemas.common import CONF_COMMAND_TOPIC, CONF_STATE_TOPIC, PAYLOAD_NONE
from ..mapping.schemas.light import (
    CONF_BLUE_TEMPLATE,
    CONF_BRIGHTNESS_TEMPLATE,
    CONF_COLOR_TEMP_KELVIN,
    CONF_COLOR_TEMP_TEMPLATE,
    CONF_COMMAND_OFF_TEMPLATE,
    CONF_COMMAND_ON_TEMPLATE,
    CONF_EFFECT_LIST,
    CONF_EFFECT_TEMPLATE,
    CONF_GREEN_TEMPLATE,
    CONF_RED_TEMPLATE,
    MAX_SCALE,
    TEMPLATE,
)
from .base import BaseLight, bounded

_STATES: Final[dict[Value, bool | None]] = {
    STATE_ON: True,
    STATE_OFF: False,
    PAYLOAD_NONE: None,
}

_COLORS: Final = (CONF_RED_TEMPLATE, CONF_GREEN_TEMPLATE, CONF_BLUE_TEMPLATE)

_RESTORED: Final = (
    ATTR_BRIGHTNESS,
    ATTR_HS_COLOR,
    ATTR_COLOR_TEMP_KELVIN,
    ATTR_EFFECT,
)


class TemplateLight(BaseLight):
    """A light with templates that find its values in one payload, and make one."""

    _default_name = "MQTT Template Light"
    _meaning = told_by(TEMPLATE)

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        super()._configure_platform(config)
        self._attr_assumed_state = self._assumes() or CONF_STATE_TEMPLATE not in config
        modes = {ColorMode.ONOFF}
        if CONF_BRIGHTNESS_TEMPLATE in config:
            modes.add(ColorMode.BRIGHTNESS)
        if CONF_COLOR_TEMP_TEMPLATE in config:
            modes.add(ColorMode.COLOR_TEMP)
        if all(template in config for template in _COLORS):
            modes.add(ColorMode.HS)
        features = LightEntityFeature.FLASH | LightEntityFeature.TRANSITION
        if CONF_EFFECT_LIST in config:
            features |= LightEntityFeature.EFFECT
        self._support(filter_supported_color_modes(modes), features)

    @override
    async def _restore(self) -> None:
        state = await self.async_get_last_state()
        if state is None or not self._attr_assumed_state:
            return
        self._attr_is_on = state.state == STATE_ON
        for attribute in _RESTORED:
            if value := state.attributes.get(attribute):
                setattr(self, f"_attr_{attribute}", value)
                if attribute == ATTR_HS_COLOR:
                    self._update_color_mode()

    def _update_color_mode(self) -> None:
        """Take the mode to be that of the color, if there is one, else the other."""
        if len(self._attr_supported_color_modes or ()) > 1:
            self._attr_color_mode = (
                ColorMode.HS if self.hs_color else ColorMode.COLOR_TEMP
            )

    # --- messages -----------------------------------------------------------------

    @override
    def _state_readers(self) -> Iterator[tuple[str, Reader]]:
        config = self._config
        if (topic := config.get(CONF_STATE_TOPIC)) is None:
            return
        yield from self._reading(
            CONF_STATE_TOPIC, CONF_STATE_TEMPLATE, self._take_state
        )
        for template, take in (
            (CONF_BRIGHTNESS_TEMPLATE, self._take_brightness),
            (CONF_COLOR_TEMP_TEMPLATE, self._take_color_temp),
        ):
            if template in config:
                yield from self._reading(CONF_STATE_TOPIC, template, take)
        if all(template in config for template in _COLORS):
            self._color_templates = [self._template(config[each]) for each in _COLORS]
            yield topic, self._read_color
        if CONF_EFFECT_TEMPLATE in config:
            yield from self._reading(
                CONF_STATE_TOPIC, CONF_EFFECT_TEMPLATE, self._take_effect
            )

    def _take_state(self, value: Value) -> None:
        if value not in _STATES:
            raise PayloadError("its state is neither on nor off")
        self._attr_is_on = _STATES[value]

    def _take_brightness(self, value: Value) -> None:
        # No brightness is none: that the light is off stands elsewhere.
        if brightness := bounded(int(value)):
            self._attr_brightness = brightness

    def _take_color_temp(self, value: Value) -> None:
        if value == PAYLOAD_NONE and not self._config[CONF_COLOR_TEMP_KELVIN]:
            self._attr_color_temp_kelvin = None
        else:
            self._attr_color_temp_kelvin = self._kelvin_of(int(value))
        self._update_color_mode()

    def _read_color(self, message: Message) -> None:
        red, green, blue = (each.render(message) for each in self._color_templates)
        if not red or not green or not blue:
            return
        if red == green == blue == PAYLOAD_NONE:
            self._attr_hs_color = None
        else:
            try:
                rgb = [bounded(int(each)) for each in (red, green, blue)]
            except ValueError:
                raise PayloadError("its color is not three integers") from None
            self._attr_hs_color = color_util.color_RGB_to_hs(*rgb)
        self._update_color_mode()

    def _take_effect(self, value: Value) -> None:
        effect = str(value)
        if effect not in self._config.get(CONF_EFFECT_LIST, ()):
            raise PayloadError("it is an effect that the light does not have")
        self._attr_effect = effect

    # --- commands -----------------------------------------------------------------

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Command it on, and what else is asked for. Raises a HomeAssistantError."""
        values: dict[str, Any] = {"state": True}
        if ATTR_BRIGHTNESS in kwargs:
            values["brightness"] = int(kwargs[ATTR_BRIGHTNESS])
        if ATTR_COLOR_TEMP_KELVIN in kwargs:
            values["color_temp"] = self._color_temp_of(kwargs[ATTR_COLOR_TEMP_KELVIN])
        if ATTR_HS_COLOR in kwargs:
            hue, saturation = kwargs[ATTR_HS_COLOR]
            red, green, blue = color_util.color_hsv_to_RGB(
                hue, saturation, self._brightness_of_color(kwargs) / MAX_SCALE * 100
            )
            values |= {"red": red, "green": green, "blue": blue}
            values |= {"hue": hue, "sat": saturation}
        for attribute in (ATTR_EFFECT, ATTR_FLASH, ATTR_TRANSITION):
            if attribute in kwargs:
                values[attribute] = kwargs[attribute]
        await self._command(CONF_COMMAND_TOPIC, None, CONF_COMMAND_ON_TEMPLATE, values)
        if self._attr_assumed_state:
            self._assume(kwargs)
            self.async_write_ha_state()

    def _brightness_of_color(self, wanted: dict[str, Any]) -> int:
        if CONF_BRIGHTNESS_TEMPLATE in self._config:
            return MAX_SCALE  # it goes out by itself
        known = MAX_SCALE if self._attr_brightness is None else self._attr_brightness
        brightness: int = wanted.get(ATTR_BRIGHTNESS, known)
        return brightness

    def _assume(self, wanted: dict[str, Any]) -> None:
        """Believe a command."""
        self._attr_is_on = True
        if ATTR_BRIGHTNESS in wanted:
            self._attr_brightness = wanted[ATTR_BRIGHTNESS]
        if ATTR_COLOR_TEMP_KELVIN in wanted:
            self._attr_color_temp_kelvin = wanted[ATTR_COLOR_TEMP_KELVIN]
            self._attr_hs_color = None
            self._update_color_mode()
        if ATTR_HS_COLOR in wanted:
            self._attr_color_temp_kelvin = None
            self._attr_hs_color = wanted[ATTR_HS_COLOR]
            self._update_color_mode()
        if ATTR_EFFECT in wanted:
            self._attr_effect = wanted[ATTR_EFFECT]

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Command it off. Raises a translated HomeAssistantError."""
        values: dict[str, Any] = {"state": False}
        if ATTR_TRANSITION in kwargs:
            values["transition"] = kwargs[ATTR_TRANSITION]
        await self._command(CONF_COMMAND_TOPIC, None, CONF_COMMAND_OFF_TEMPLATE, values)
        if self._attr_assumed_state:
            self._attr_is_on = False
            self.async_write_ha_state()
