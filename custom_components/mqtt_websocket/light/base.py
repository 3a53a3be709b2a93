"""What lights of all schemas have in common."""

from typing import Final, override

from homeassistant.components.light import LightEntity
from homeassistant.components.light.const import (
    DEFAULT_MAX_KELVIN,
    DEFAULT_MIN_KELVIN,
    EFFECT_OFF,
    ColorMode,
    LightEntityCapabilityAttribute,
    LightEntityFeature,
    LightEntityStateAttribute,
)
from homeassistant.components.light.helper import brightness_supported
from homeassistant.helpers.restore_state import RestoreEntity
from homeassistant.util import color as color_util

from ..control import ControlEntity
from ..entity import StateOf
from ..mapping.payload import PayloadError
from ..mapping.schemas import EntityConfig
from ..mapping.schemas.light import (
    CONF_COLOR_TEMP_KELVIN,
    CONF_EFFECT_LIST,
    CONF_MAX_KELVIN,
    CONF_MAX_MIREDS,
    CONF_MIN_KELVIN,
    CONF_MIN_MIREDS,
    CONF_SCHEMA,
)
from ..plan import EntityPlan

_MAX_NUMBER: Final = 2**31


def bounded[N: (int, float)](value: N) -> N:
    """Return a number that makes sense of any color. Raises PayloadError.

    Colors are converted, and no JSON holds what a conversion makes of a very large one:
    one such state, and no browser would get any state at all.
    """
    if abs(value) > _MAX_NUMBER:
        raise PayloadError("its number is too large")
    return value


class BaseLight(ControlEntity, LightEntity, RestoreEntity):
    """A light."""

    _attributes_blocked = frozenset(
        {*LightEntityCapabilityAttribute, *LightEntityStateAttribute}
    )
    _state = StateOf(
        "_attr_is_on",
        "_attr_brightness",
        "_attr_color_mode",
        "_attr_color_temp_kelvin",
        "_attr_effect",
        "_attr_hs_color",
        "_attr_rgb_color",
        "_attr_rgbw_color",
        "_attr_rgbww_color",
        "_attr_xy_color",
    )

    @override
    def can_become(self, plan: EntityPlan) -> bool:
        """Whether the schema stays what it is: each has a class of its own."""
        return bool(plan.config[CONF_SCHEMA] == self._config[CONF_SCHEMA])

    @override
    def _configure_platform(self, config: EntityConfig) -> None:
        # Mireds count the other way round: the most of them are the fewest kelvins.
        self._attr_min_color_temp_kelvin = (
            color_util.color_temperature_mired_to_kelvin(max_mireds)
            if (max_mireds := config.get(CONF_MAX_MIREDS))
            else config.get(CONF_MIN_KELVIN, DEFAULT_MIN_KELVIN)
        )
        self._attr_max_color_temp_kelvin = (
            color_util.color_temperature_mired_to_kelvin(min_mireds)
            if (min_mireds := config.get(CONF_MIN_MIREDS))
            else config.get(CONF_MAX_KELVIN, DEFAULT_MAX_KELVIN)
        )
        self._attr_effect_list = config.get(CONF_EFFECT_LIST)

    def _support(self, modes: set[ColorMode], features: LightEntityFeature) -> None:
        """Take over what is supported. Of several modes none is the initial one."""
        self._attr_supported_color_modes = modes
        self._attr_supported_features = features
        self._initial_color_mode = (
            next(iter(modes)) if len(modes) == 1 else ColorMode.UNKNOWN
        )
        if self._attr_color_mode not in modes:
            self._attr_color_mode = self._initial_color_mode

    @property
    @override
    def color_mode(self) -> ColorMode | None:
        """The color mode; unknown if only an effect could have it, and there is none.

        One topic tells the mode and another the effect, in any order: Home Assistant
        refuses to write what is between the two.
        """
        mode = self._attr_color_mode
        if mode is None or self._supports(mode):
            return mode
        has_effect = self.effect and self.effect != EFFECT_OFF
        return mode if has_effect else ColorMode.UNKNOWN

    def _supports(self, mode: ColorMode | str) -> bool:
        modes = self.supported_color_modes
        return modes is not None and mode in modes

    def _may_show(self, mode: ColorMode | str) -> bool:
        """Whether Home Assistant lets a light of these modes and features be in a mode.

        An effect may leave nothing to adjust but the brightness, or not even that.
        """
        if mode == ColorMode.UNKNOWN or self._supports(mode):
            return True
        if LightEntityFeature.EFFECT not in self.supported_features:
            return False
        return mode == ColorMode.ONOFF or (
            mode == ColorMode.BRIGHTNESS
            and brightness_supported(self.supported_color_modes)
        )

    @override
    def _forget_state(self) -> None:
        if not self._attr_assumed_state:
            self._forget_all()

    def _forget_all(self) -> None:
        self._attr_is_on = None
        self._attr_brightness = None
        self._attr_color_mode = self._initial_color_mode
        self._attr_color_temp_kelvin = None
        self._attr_effect = None
        self._attr_hs_color = None
        self._attr_rgb_color = None
        self._attr_rgbw_color = None
        self._attr_rgbww_color = None
        self._attr_xy_color = None

    # --- color temperatures: kelvins to Home Assistant, either to the device --------

    def _kelvin_of(self, color_temp: float) -> int:
        """Return kelvins. Raises PayloadError, or ArithmeticError for 0 mireds."""
        if self._config[CONF_COLOR_TEMP_KELVIN]:
            return bounded(int(color_temp))
        return bounded(color_util.color_temperature_mired_to_kelvin(color_temp))

    def _color_temp_of(self, kelvin: int) -> int:
        """Return what the device calls a color temperature."""
        if self._config[CONF_COLOR_TEMP_KELVIN]:
            return kelvin
        return color_util.color_temperature_kelvin_to_mired(kelvin)
