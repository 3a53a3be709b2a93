"""What this Home Assistant calls itself where it announces its own entities."""

import hashlib
import re
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import instance_id
from homeassistant.util.hass_dict import HassKey

_HOME: Final[HassKey[str]] = HassKey("mqtt_websocket_home")
_COPY: Final = re.compile(r"ha_[0-9a-f]{16}_.+")


async def async_identify_home(hass: HomeAssistant) -> None:
    """Learn who this Home Assistant is; before anything else asks."""
    digest = hashlib.sha256((await instance_id.async_get(hass)).encode()).hexdigest()
    hass.data[_HOME] = f"ha_{digest[:16]}"


@callback
def home_of(hass: HomeAssistant) -> str:
    """Return a word for this Home Assistant that no other one has, the same for ever.

    Of lower-case letters, digits and _, so that it may stand in topics and ids. What
    the instance id is can't be told from it.
    """
    return hass.data[_HOME]


def copied_unique_id(home: str, key: str) -> str:
    """Return the unique id that an entity of a home is announced with."""
    return f"{home}_{key}"


def is_copy(unique_id: str) -> bool:
    """Whether a unique id is that of an entity that any Home Assistant announced."""
    return _COPY.fullmatch(unique_id) is not None


@callback
def is_own_copy(hass: HomeAssistant, unique_id: str) -> bool:
    """Whether a unique id is that of an entity that this Home Assistant announced."""
    return unique_id.startswith(copied_unique_id(home_of(hass), ""))
