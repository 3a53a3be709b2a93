"""The fields of each form, as data."""

from ..fields import Field
from . import binary_sensor, sensor, switch

ENTITY_FORMS: dict[str, tuple[Field, ...]] = {
    "sensor": sensor.FIELDS,
    "switch": switch.FIELDS,
    "binary_sensor": binary_sensor.FIELDS,
}
"""The fields of an entity's form, by platform, in the order they are offered."""

__all__ = ["ENTITY_FORMS"]
