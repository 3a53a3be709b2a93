"""How much that is new strangers may make known to Home Assistant.

Home Assistant forgets little: registries remember what was removed, the recorder and the
states that are restored remember entity ids, and areas stay. Who announces ever new
names, and takes them back, would fill memory and disk without ever having many entities.
"""

from collections.abc import Iterator
from typing import Any, Final

from homeassistant.const import CONF_NAME, CONF_UNIQUE_ID

from .mapping.schemas import DeviceConfig
from .mapping.schemas.common import (
    CONF_CONNECTIONS,
    CONF_DEFAULT_ENTITY_ID,
    CONF_IDENTIFIERS,
    CONF_SUGGESTED_AREA,
    CONF_VIA_DEVICE,
)

MAX_NAMES: Final = 50_000
"""Different names that the announcements of one broker may use until it is reloaded.
10,000 entities, each with a device, an area and an entity id of its own, need fewer."""

_LASTING: Final = (CONF_SUGGESTED_AREA, CONF_VIA_DEVICE)


class Admission:
    """The names that were used on one broker since it was loaded."""

    def __init__(self) -> None:
        """Start with none."""
        self.exhausted = False
        self._names: set[int] = set()  # their hashes

    def admits(self, key: str, config: DeviceConfig) -> bool:
        """Whether a device may be: all its names are known, or there is room for them.

        ``key`` is what its source calls it. Names that it has used are known from then on.
        """
        new = {hash(name) for name in _names(key, config)} - self._names
        if len(self._names) + len(new) > MAX_NAMES:
            self.exhausted = True
            return False
        self._names |= new
        return True


def _names(key: str, config: DeviceConfig) -> Iterator[tuple[Any, ...]]:
    """Yield what Home Assistant will not forget of a device."""
    info = config.info
    if info:
        yield (
            *sorted(info[CONF_IDENTIFIERS]),
            *sorted(map(tuple, info[CONF_CONNECTIONS])),
        )
        for each in _LASTING:
            if each in info:
                yield each, info[each]
    for component, entity in config.entities.items():
        if CONF_UNIQUE_ID in entity:
            yield CONF_UNIQUE_ID, entity[CONF_UNIQUE_ID]
        else:
            # Its entity id is made of its name.
            yield key, component, entity.get(CONF_NAME)
        if CONF_DEFAULT_ENTITY_ID in entity:
            yield CONF_DEFAULT_ENTITY_ID, entity[CONF_DEFAULT_ENTITY_ID]
