"""What runs for a config entry while it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .announcements import Announcements
from .bad_payloads import BadPayloads
from .broker.broker import Broker
from .devices import Devices
from .publishing import Publishing
from .subentries import Subentries

type MqttWebsocketConfigEntry = ConfigEntry[Runtime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The parts of a loaded entry, and the ``data`` and ``options`` they were made of."""

    broker: Broker
    devices: Devices
    publishing: Publishing
    subentries: Subentries
    announcements: Announcements | None
    bad_payloads: BadPayloads
    data: Mapping[str, Any]
    options: Mapping[str, Any]
