"""The fields of each form, as data."""

from ..fields import Field
from . import binary_sensor, button, event, number, select, sensor, switch, text

ENTITY_FORMS: dict[str, tuple[Field, ...]] = {
    "sensor": sensor.FIELDS,
    "switch": switch.FIELDS,
    "binary_sensor": binary_sensor.FIELDS,
    "button": button.FIELDS,
    "number": number.FIELDS,
    "select": select.FIELDS,
    "text": text.FIELDS,
    "event": event.FIELDS,
}
"""The fields of an entity's form, by platform, in the order they are offered."""

__all__ = ["ENTITY_FORMS"]
