"""Which topics the broker retains for us, on disk: a crash must leave no ghosts."""

import asyncio
from collections.abc import Mapping
import logging
from typing import Final, TypedDict

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_FORGET_SECONDS: Final = 10
"""A topic that is noted too long is cleared once more; that may take its time to write."""

_REST: Final = 10
"""Rest this many times as long as writing took: the disk belongs to others, too."""


class _Stored(TypedDict):
    topics: dict[str, int]  # with the QoS to clear it with


class Ledger:
    """The retained topics of one broker entry.

    A topic is on disk before anything is retained under it: what is published can be
    found and cleared again, whatever happens to Home Assistant in between.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Start empty; ``load`` adds what is on disk."""
        self._hass = hass
        self._store: Store[_Stored] = Store(
            hass, _VERSION, f"{DOMAIN}.published.{entry_id}"
        )
        self._topics: dict[str, int] = {}
        self._safe: set[str] = set()
        self._loading = asyncio.Lock()
        self._loaded = False
        self._saving: asyncio.Task[None] | None = None
        self._not_before = 0.0

    @property
    def topics(self) -> Mapping[str, int]:
        """The topics, and the QoS that they were published with."""
        return self._topics

    async def load(self) -> None:
        """Read what was noted before Home Assistant started."""
        async with self._loading:
            if self._loaded:
                return
            stored = await self._store.async_load()
            self._loaded = True
        if stored is not None:
            self._safe.update(stored["topics"])
            self._topics = stored["topics"] | self._topics

    @callback
    def add(self, topic: str, qos: int) -> None:
        """Note a topic that something will be retained under."""
        self._topics[topic] = qos

    @callback
    def remove(self, topic: str) -> None:
        """Strike out a topic that nothing is retained under any more."""
        if self._topics.pop(topic, None) is not None and topic in self._safe:
            self._safe.discard(topic)
            self._store.async_delay_save(self._data, _FORGET_SECONDS)

    async def saved(self, topic: str) -> None:
        """Return when a noted topic is on disk. Many topics wait for one write."""
        while topic in self._topics and topic not in self._safe:
            if self._saving is None:
                self._saving = self._hass.async_create_background_task(
                    self._save(), f"{self._store.key} saving"
                )
            await asyncio.shield(self._saving)

    async def _save(self) -> None:
        try:
            await self.load()
            loop = self._hass.loop
            await asyncio.sleep(self._not_before - loop.time())
            started = loop.time()
            data = self._data()
            await self._store.async_save(data)
            self._safe = set(data["topics"])
            ended = loop.time()
            self._not_before = ended + _REST * (ended - started)
        except Exception:
            # A disk that is full must not stop what works without it.
            _LOGGER.exception("%s can't be written", self._store.key)
            self._safe.update(self._topics)
        finally:
            self._saving = None

    async def erase(self) -> None:
        """Forget all of it: the entry is gone."""
        await self._store.async_remove()

    def _data(self) -> _Stored:
        return {"topics": dict(self._topics)}


_LEDGERS: Final[HassKey[dict[str, Ledger]]] = HassKey(f"{DOMAIN}_ledgers")


@callback
def async_get_ledger(hass: HomeAssistant, entry_id: str) -> Ledger:
    """Return the ledger of an entry.

    It outlives a reload: two of them would overwrite each other's file.
    """
    ledgers = hass.data.setdefault(_LEDGERS, {})
    if entry_id not in ledgers:
        ledgers[entry_id] = Ledger(hass, entry_id)
    return ledgers[entry_id]


async def async_erase_ledger(hass: HomeAssistant, entry_id: str) -> None:
    """Remove what is known of an entry that is removed."""
    await async_get_ledger(hass, entry_id).erase()
    del hass.data[_LEDGERS][entry_id]
