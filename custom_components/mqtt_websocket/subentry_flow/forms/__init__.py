"""The fields of each form, as data."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_PLATFORM, Platform

from ...mapping.schemas.light import (
    CONF_SCHEMA,
    SCHEMA_BASIC,
    SCHEMA_JSON,
    SCHEMA_TEMPLATE,
)
from ..fields import Field
from . import (
    binary_sensor,
    button,
    climate,
    cover,
    event,
    fan,
    light,
    lock,
    number,
    select,
    sensor,
    switch,
    text,
    update,
)

ENTITY_FORMS: Final[dict[str, tuple[Field, ...]]] = {
    "sensor": sensor.FIELDS,
    "switch": switch.FIELDS,
    "binary_sensor": binary_sensor.FIELDS,
    "light_basic": light.BASIC,
    "light_json": light.JSON,
    "light_template": light.TEMPLATE,
    "cover": cover.FIELDS,
    "climate": climate.FIELDS,
    "fan": fan.FIELDS,
    "lock": lock.FIELDS,
    "button": button.FIELDS,
    "number": number.FIELDS,
    "select": select.FIELDS,
    "text": text.FIELDS,
    "event": event.FIELDS,
    "update": update.FIELDS,
}
"""The fields of each form for an entity, in the order they are offered.

A form's name is that of its platform, but for those of lights.
"""

LIGHT_FORMS: Final = {
    "light_basic": SCHEMA_BASIC,
    "light_json": SCHEMA_JSON,
    "light_template": SCHEMA_TEMPLATE,
}
"""The schema of core that each form of a light is for."""

OFFERED: Final = list(
    dict.fromkeys("light" if form in LIGHT_FORMS else form for form in ENTITY_FORMS)
)
"""What can be added. A light has a second menu, with its forms."""


def form_of(config: Mapping[str, Any]) -> str | None:
    """Return the form that shows an entity, None if there is none."""
    platform = config.get(CONF_PLATFORM)
    if platform == Platform.LIGHT:
        schema = str(config.get(CONF_SCHEMA, SCHEMA_BASIC)).lower()
        return next((form for form, its in LIGHT_FORMS.items() if its == schema), None)
    return platform if platform in ENTITY_FORMS else None


def fixed(form: str) -> dict[str, str]:
    """Return what all entities have that a form makes."""
    if (schema := LIGHT_FORMS.get(form)) is None:
        return {CONF_PLATFORM: form}
    found: dict[str, str] = {CONF_PLATFORM: Platform.LIGHT.value}
    if schema != SCHEMA_BASIC:
        found[CONF_SCHEMA] = schema
    return found


__all__ = ["ENTITY_FORMS", "LIGHT_FORMS", "OFFERED", "fixed", "form_of"]
