"""What a value will look like, from the last payload that was heard."""

from typing import Any, Final

from homeassistant.const import CONF_PLATFORM, CONF_UNIT_OF_MEASUREMENT, Platform
from homeassistant.core import HomeAssistant

from ..broker.message import Message
from ..mapping.heard import number
from ..mapping.payload import PayloadError
from ..mapping.schemas import EntityConfig
from ..mapping.schemas.common import (
    CONF_ENCODING,
    CONF_STATE_TOPIC,
    CONF_VALUE_TEMPLATE,
    DEFAULT_PAYLOAD_OFF,
    DEFAULT_PAYLOAD_ON,
)
from ..mapping.schemas.sensor import CONF_SUGGESTED_DISPLAY_PRECISION
from ..mapping.template import ValueTemplate

MAX_SHOWN: Final = 60


def rendered(hass: HomeAssistant, config: EntityConfig, payload: str) -> str:
    """Return what an entity's value template makes of a payload.

    Raises PayloadError. What Jinja itself can't do is an error too: here nobody wants
    the payload in its place.
    """
    template = ValueTemplate(
        hass,
        config.get(CONF_VALUE_TEMPLATE),
        encoding=config.get(CONF_ENCODING, "utf-8"),
    )
    message = Message(str(config.get(CONF_STATE_TOPIC, "")), payload.encode())
    value = template.render(message, None)
    if value is None:
        raise PayloadError("it does not have what the template asks for")
    return value if isinstance(value, str) else repr(value)


def preview(hass: HomeAssistant, config: EntityConfig, payload: str) -> str:
    """Return a value as its entity will show it, in short."""
    try:
        value = rendered(hass, config, payload)
    except PayloadError:
        return "?"
    return shortened(_shown(config, value))


def _shown(config: EntityConfig, value: str) -> str:
    if config[CONF_PLATFORM] in (Platform.BINARY_SENSOR, Platform.SWITCH):
        on = config.get("state_on", config.get("payload_on", DEFAULT_PAYLOAD_ON))
        off = config.get("state_off", config.get("payload_off", DEFAULT_PAYLOAD_OFF))
        return "on" if value == on else "off" if value == off else "?"
    found = number(value)
    precision: Any = config.get(CONF_SUGGESTED_DISPLAY_PRECISION)
    if found is not None and isinstance(precision, int):
        value = f"{found:.{precision}f}"
    if (unit := config.get(CONF_UNIT_OF_MEASUREMENT)) is not None:
        value = f"{value} {unit}"
    return value


def shortened(value: str, length: int = MAX_SHOWN) -> str:
    """Return a text on one line, cut where it is too long."""
    value = " ".join(value.split())
    return value if len(value) <= length else f"{value[: length - 1]}…"
