"""What decides an entity before there is one."""

from dataclasses import dataclass

import voluptuous as vol

from homeassistant.components.sensor.const import NON_NUMERIC_DEVICE_CLASSES
from homeassistant.const import (
    CONF_DEVICE_CLASS,
    CONF_ENTITY_CATEGORY,
    CONF_PLATFORM,
    CONF_UNIQUE_ID,
    CONF_UNIT_OF_MEASUREMENT,
    EntityCategory,
    Platform,
)
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.util import slugify

from .mapping.schemas import EntityConfig
from .mapping.schemas.common import CONF_DEFAULT_ENTITY_ID
from .mapping.schemas.cover import CONF_TILT_MAX, CONF_TILT_MIN
from .mapping.schemas.light import CONF_SCHEMA, SCHEMA_BASIC, basic_color_modes
from .mapping.template import TemplateScope


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityPlan:
    """One entity to be. Two equal plans make the same entity."""

    config: EntityConfig
    device_info: DeviceInfo | None
    scope: TemplateScope

    @property
    def platform(self) -> str:
        """The platform that makes the entity."""
        return str(self.config[CONF_PLATFORM])

    @property
    def unique_id(self) -> str | None:
        """What the platform's part of the entity registry knows it by.

        What is announced alone need not have one; then the registry does not know it.
        """
        unique_id: str | None = self.config.get(CONF_UNIQUE_ID)
        return unique_id

    @property
    def identity(self) -> tuple[str, str | None]:
        """What no two entities with a unique id have in common."""
        return self.platform, self.unique_id


def why_refused(config: EntityConfig) -> str | None:
    """Return why Home Assistant would refuse an entity once it is added; None if not.

    Core's schemas let these through, and core fails where the state is written.
    """
    platform = config[CONF_PLATFORM]
    if (
        platform in (Platform.SENSOR, Platform.BINARY_SENSOR)
        and config.get(CONF_ENTITY_CATEGORY) is EntityCategory.CONFIG
    ):
        return f"a {platform} can't have the entity category {EntityCategory.CONFIG}"
    device_class = config.get(CONF_DEVICE_CLASS)
    if (
        platform == Platform.SENSOR
        and device_class in NON_NUMERIC_DEVICE_CLASSES
        and config.get(CONF_UNIT_OF_MEASUREMENT) is not None
    ):
        return f"the device class {device_class} has no unit of measurement"
    if platform == Platform.COVER and config[CONF_TILT_MIN] == config[CONF_TILT_MAX]:
        return f"{CONF_TILT_MIN} and {CONF_TILT_MAX} leave nothing to tilt"
    if platform == Platform.LIGHT and config[CONF_SCHEMA] == SCHEMA_BASIC:
        try:
            basic_color_modes(config)
        except vol.Invalid as err:
            return str(err)
    return None


def suggested_entity_id(plan: EntityPlan) -> str | None:
    """Return the entity id that a config asks for; only what follows its dot counts."""
    object_id = plan.config.get(CONF_DEFAULT_ENTITY_ID, "").partition(".")[2]
    return f"{plan.platform}.{slugify(object_id)}" if object_id else None
