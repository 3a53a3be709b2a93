"""Brings what runs in line with the entry's subentries: devices and publish rules."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import callback

from .const import SUBENTRY_DEVICE, SUBENTRY_PUBLISH_RULE
from .devices import Device, Devices
from .publishing import Publishing

type _Version = tuple[str, Mapping[str, Any]]


class Subentries:
    """What of an entry's subentries has been applied.

    A subentry object is changed in place, so that its title and data (which are
    replaced) are what tells one version from the next.
    """

    def __init__(
        self, entry: ConfigEntry[Any], devices: Devices, publishing: Publishing
    ) -> None:
        """Start with none applied."""
        self._entry = entry
        self._devices = devices
        self._publishing = publishing
        self._applied: dict[str, _Version] = {}

    @callback
    def apply(self) -> None:
        """Apply what is new, changed or gone since the last time, and nothing else."""
        for subentry_id in self._applied.keys() - self._entry.subentries.keys():
            del self._applied[subentry_id]
            # Each knows its own.
            self._devices.remove_device(subentry_id)
            self._publishing.remove_rule(subentry_id)
        for subentry_id, subentry in self._entry.subentries.items():
            version = (subentry.title, subentry.data)
            if self._applied.get(subentry_id) != version:
                self._applied[subentry_id] = version
                self._set(subentry)

    def _set(self, subentry: ConfigSubentry) -> None:
        if subentry.subentry_type == SUBENTRY_DEVICE:
            self._devices.set_device(
                Device(
                    key=subentry.subentry_id,
                    payload=subentry.data,
                    name=subentry.title,
                    subentry_id=subentry.subentry_id,
                )
            )
        elif subentry.subentry_type == SUBENTRY_PUBLISH_RULE:
            self._publishing.set_rule(subentry.subentry_id, subentry.data)
