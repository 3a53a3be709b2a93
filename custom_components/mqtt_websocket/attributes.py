"""An entity's attributes out of a JSON payload, filtered as core filters them.

Source: ``MqttAttributesMixin`` in homeassistant/components/mqtt/entity.py.
"""

from collections.abc import Set as AbstractSet
from typing import Any, Final

from homeassistant.const import EntityCapabilityAttribute, EntityStateAttribute

from .broker.message import Message
from .mapping.payload import PayloadError, json_value, parse_json
from .mapping.template import ValueTemplate

BLOCKED: Final[frozenset[str]] = frozenset(
    {
        "available",
        "device_info",
        "entity_category",
        "entity_id",
        "entity_registry_enabled_default",
        "extra_state_attributes",
        "force_update",
        "should_poll",
        "state",
        "unique_id",
        EntityCapabilityAttribute.GROUP_ENTITIES,
        EntityStateAttribute.ASSUMED_STATE,
        EntityStateAttribute.DEVICE_CLASS,
        EntityStateAttribute.ENTITY_PICTURE,
        EntityStateAttribute.FRIENDLY_NAME,
        EntityStateAttribute.ICON,
        EntityStateAttribute.SUPPORTED_FEATURES,
        EntityStateAttribute.UNIT_OF_MEASUREMENT,
    }
)
"""What Home Assistant itself says about an entity: no payload may."""


def read_attributes(
    message: Message,
    template: ValueTemplate | None,
    encoding: str,
    blocked: AbstractSet[str],
) -> dict[str, Any]:
    """Return the attributes in a payload, without those that are blocked.

    Raises PayloadError when the payload, or what the template makes of it, is no JSON
    object. As in core, an empty encoding leaves nothing that could be one, but for a
    template.
    """
    value: Any
    if template is not None:
        rendered = template.render(message)
        try:
            value = parse_json(rendered) if isinstance(rendered, str) else None
        except PayloadError as err:
            raise PayloadError(f"its attributes: {err}") from None
    else:
        value = json_value(message, encoding) if encoding else None
    if not isinstance(value, dict):
        raise PayloadError("its attributes are not a JSON object")
    return {
        name: each
        for name, each in value.items()
        if name not in BLOCKED and name not in blocked
    }
