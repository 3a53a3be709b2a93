"""Makes devices of what announces itself on a broker: Home Assistant's MQTT discovery.

``mapping/discovery.py`` knows what an announcement says, ``devices.py`` makes entities
of it. Here is when: in order, a little at a time, and no more than is good for
Home Assistant, since anybody who may publish on the broker can announce anything.
"""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICE
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.start import async_at_started

from .admission import MAX_NAMES
from .broker.broker import Broker
from .broker.message import Message
from .const import CONF_DISCOVERY_PREFIX, DEFAULT_DISCOVERY_PREFIX, DOMAIN
from .contested import Contested
from .devices import Device, Devices, RunningDevice
from .identity import home_of
from .mapping.discovery import (
    Announced,
    AnnouncementError,
    Withdrawn,
    check_size,
    discovery_filters,
    read_announcement,
)
from .mapping.schemas.device import CONF_COMPONENTS
from .mapping.template import TemplateScope

_LOGGER = logging.getLogger(__name__)

MAX_ENTITIES: Final = 9_900
"""Entities of one broker that announced themselves. Home Assistant has a limit of 10,000
for an entry: this leaves room for those that a person makes, and for the broker's own."""
MAX_REFUSED: Final = 1000
"""Topics that are remembered, and logged, for their announcements making no sense."""
MAX_WAITING: Final = 64 * 1024 * 1024
"""Bytes of announcements that wait for their turn."""
MAX_SHOWN: Final = 500
"""Characters of a stranger's words in a log or a diagnostic."""
MAX_PLATFORMS: Final = 100
"""Names of platforms that are not supported. More of them are counted as OTHERS."""
OTHERS: Final = "others"

QUIET: Final = 5.0
"""Seconds without announcements after which the birth message goes out, as in core."""
LONGEST_BIRTH: Final = 60.0
"""Seconds after which it goes out in any case: some announce themselves each second."""

_SLICE: Final = 0.01
"""Seconds of work before everything else in the event loop has its turn."""
_OVERHEAD: Final = 1000
"""Bytes that a message takes besides its payload, generously."""


@dataclass(slots=True)
class _Waiting:
    """An announcement that waits. ``plain``: a later one may take its place."""

    message: Message
    plain: bool

    @property
    def size(self) -> int:
        return len(self.message.buffer) + _OVERHEAD


@dataclass(frozen=True, slots=True)
class _Applied:
    """What was made of the last announcement of a topic that made sense.

    ``digest`` is that of its payload; None if a part of it was left out that may come
    right when the same is announced again: an entity of another topic is in the way.
    """

    digest: int | None
    components: int
    unsupported: dict[str, int]


class Announcements:
    """What is announced on one broker."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], broker: Broker
    ) -> None:
        """Prepare; ``listen`` subscribes, ``start`` begins to make devices."""
        self.refused: dict[str, str] = {}
        self.refused_count = 0
        self.contested = Contested(hass, entry, self._subscribe)
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._prefix = entry.options.get(
            CONF_DISCOVERY_PREFIX, DEFAULT_DISCOVERY_PREFIX
        )
        self._own = f"{self._prefix}/{CONF_DEVICE}/{home_of(hass)}/"
        self._devices: Devices | None = None
        self._subscriptions: list[CALLBACK_TYPE] = []
        self._queue: deque[_Waiting] = deque()
        self._queued: dict[str, _Waiting] = {}  # the last one of each topic
        self._queued_bytes = 0
        self._worker: asyncio.Task[None] | None = None
        self._applied: dict[str, _Applied] = {}
        self._components = 0
        self._last = 0.0  # when something was announced, in the event loop's time
        self._named: set[str] = set()
        self._logged: set[str] = set()

    @property
    def unsupported(self) -> dict[str, int]:
        """How many components of which platforms are announced in vain."""
        total: Counter[str] = Counter()
        for applied in self._applied.values():
            total.update(applied.unsupported)
        return dict(total)

    # --- life ---------------------------------------------------------------------

    @callback
    def listen(self) -> None:
        """Subscribe: before the connection, so that the birth message comes after it.

        What is announced waits for ``start``.
        """
        self._subscribe()
        self._broker.ready = self.quiet

    @callback
    def _subscribe(self) -> None:
        """Subscribe, or do it anew, so that all that is retained comes once more."""
        old = self._subscriptions
        self._subscriptions = [
            self._broker.subscribe(topic_filter, self._receive)
            for topic_filter in discovery_filters(self._prefix)
        ]
        for unsubscribe in old:
            unsubscribe()

    @callback
    def start(self, devices: Devices) -> CALLBACK_TYPE:
        """Begin to make devices; return how to stop that."""
        self._devices = devices
        self._work()
        return self.stop

    @callback
    def stop(self) -> None:
        """Make nothing of what is announced any more."""
        for unsubscribe in self._subscriptions:
            unsubscribe()
        self._subscriptions = []
        if self._worker is not None:
            self._worker.cancel()
        self._queue.clear()
        self._queued.clear()
        self._queued_bytes = 0
        self.contested.stop()
        for key in ("too_many_announced", "too_many_names"):
            ir.async_delete_issue(self._hass, DOMAIN, f"{key}_{self._entry.entry_id}")

    async def quiet(self) -> None:
        """Return when devices may be told that they are heard.

        That is once Home Assistant has started, and what is retained has become
        entities that have subscribed: devices answer the birth message with states,
        which not all of them retain.
        """
        started = asyncio.Event()

        @callback  # or it would be called in a thread
        def set_started(_: HomeAssistant) -> None:
            started.set()

        forget = async_at_started(self._hass, set_started)
        try:
            await started.wait()
        finally:
            forget()
        loop = self._hass.loop
        self._last = begun = loop.time()
        try:
            async with asyncio.timeout_at(begun + LONGEST_BIRTH):
                while (wait := self._last + QUIET - loop.time()) > 0:
                    await asyncio.sleep(wait)
                    await self.settled()
                    await self._broker.settled()
        except TimeoutError:
            _LOGGER.debug("%s does not come to rest", self._broker.name)

    async def settled(self) -> None:
        """Return when nothing waits any more."""
        while (worker := self._worker) is not None and not worker.done():
            await asyncio.wait({worker})

    # --- what waits ---------------------------------------------------------------

    @callback
    def _receive(self, message: Message) -> None:
        """Let an announcement wait for its turn, unless it says nothing new."""
        topic = message.topic
        if topic.startswith(self._own):
            return  # what a publish rule announces to others
        self._last = message.time
        last = self._queued.get(topic)
        if last is None and self._is_applied(message):
            if not message.payload:
                self.refused.pop(topic, None)
            return
        try:
            check_size(message)
        except AnnouncementError as err:
            self._refuse(topic, err.reason)
            return
        if self._devices is None and self._queued_bytes > MAX_WAITING:
            self._refuse(topic, "too much is announced while Home Assistant starts")
            return
        # A migration, or what was removed to be made anew, must not get lost.
        waiting = _Waiting(
            message, bool(message.payload) and b"migr" not in message.payload
        )
        self._queued_bytes += waiting.size
        if last is not None and last.plain and waiting.plain:
            self._queued_bytes -= last.size
            last.message = message
        else:
            self._queue.append(waiting)
            self._queued[topic] = waiting
        if self._devices is None:
            return
        while self._queued_bytes > MAX_WAITING:
            # More comes than the worker can do: now whoever sends has to wait.
            self._next(self._devices)
        self._work()

    def _is_applied(self, message: Message) -> bool:
        """Whether a message says what its topic has said before."""
        applied = self._applied.get(message.topic)
        if applied is None:
            return not message.payload
        return applied.digest == hash(message.payload)

    @callback
    def _work(self) -> None:
        """Have a task that works while something waits. One, so that order is kept."""
        if self._devices is None or not self._queue:
            return
        if self._worker is None or self._worker.done():
            self._worker = self._entry.async_create_background_task(
                self._hass,
                self._work_off(self._devices),
                f"mqtt_websocket announcements of {self._broker.name}",
                eager_start=False,
            )

    async def _work_off(self, devices: Devices) -> None:
        loop = self._hass.loop
        while self._queue:
            end = loop.time() + _SLICE
            while self._queue and loop.time() < end:
                self._next(devices)
            await asyncio.sleep(0)

    def _next(self, devices: Devices) -> None:
        """Do what waits longest. Never raises: the next one is not to blame."""
        waiting = self._queue.popleft()
        message = waiting.message
        topic = message.topic
        self._queued_bytes -= waiting.size
        if self._queued[topic] is waiting:
            del self._queued[topic]
        if self._is_applied(message):
            return
        try:
            self._apply(devices, message)
        except AnnouncementError as err:
            self._refuse(topic, err.reason)
        except Exception as err:  # noqa: BLE001
            # A mistake of ours that somebody can announce. What it leaves can be removed.
            self._applied.setdefault(topic, _Applied(None, 0, {}))
            self._refuse(topic, repr(err), exc_info=True)

    # --- what is done -------------------------------------------------------------

    def _apply(self, devices: Devices, message: Message) -> None:
        """Bring devices in line with an announcement. Raises AnnouncementError."""
        topic = message.topic
        announcement = read_announcement(self._prefix, message)
        if announcement is Withdrawn.REMOVED:
            devices.remove_device(topic)
            self._forget(topic)
            self.contested.note(topic, ())
            self.refused.pop(topic, None)
        elif announcement is Withdrawn.MIGRATING:
            running = devices.running.get(topic)
            if running is not None and running.device_id is None:
                raise AnnouncementError(
                    "only what has a unique id and a device can migrate"
                )
            devices.withdraw_device(topic)
            self._forget(topic)
            self.contested.note(topic, ())
        else:
            self._announce(devices, message, announcement)

    def _announce(
        self, devices: Devices, message: Message, announced: Announced
    ) -> None:
        topic = message.topic
        before = self._applied.get(topic)
        components = len(announced.payload[CONF_COMPONENTS])
        total = self._components + components - (before.components if before else 0)
        if components and total > MAX_ENTITIES:
            self._raise_issue("too_many_announced", MAX_ENTITIES)
            raise AnnouncementError(
                f"the broker has announced more than {MAX_ENTITIES} entities"
            )
        unsupported = self._count_unsupported(announced.unsupported)
        running: RunningDevice | None = None
        complaint: str | None = None
        if components or topic in devices.running:
            device = Device(
                key=topic,
                payload=announced.payload,
                scope=TemplateScope.LIMITED,
                alone=announced.alone,
            )
            if (reason := devices.set_device(device)) is not None:
                if devices.admission.exhausted:
                    self._raise_issue("too_many_names", MAX_NAMES)
                raise AnnouncementError(reason)
            running = devices.running[topic]
            # Where one broker has two entries, that would be one line for each topic.
            complaint = _about_components(
                {
                    key: reason
                    for key, reason in running.invalid.items()
                    if key not in running.contested
                }
            )
        if complaint is None:
            self.refused.pop(topic, None)
        else:
            self._refuse(topic, complaint)
        self._forget(topic)
        if components or len(self._applied) < MAX_ENTITIES:
            self._components += components
            self._applied[topic] = _Applied(
                digest=None
                if running is not None and running.invalid
                else hash(message.payload),
                components=components,
                unsupported=unsupported,
            )
        contested = {} if running is None else running.contested
        self.contested.note(topic, contested.values())

    def _raise_issue(self, key: str, limit: int) -> None:
        """Tell a person once that there is more than can be had."""
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"{key}_{self._entry.entry_id}",
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={"name": self._entry.title, "limit": str(limit)},
        )

    def _forget(self, topic: str) -> None:
        if (applied := self._applied.pop(topic, None)) is not None:
            self._components -= applied.components

    def _count_unsupported(self, platforms: tuple[str, ...]) -> dict[str, int]:
        """Count platforms by name; log each name once. Names have an end, too."""
        count: Counter[str] = Counter()
        for platform in platforms:
            if platform not in self._named:
                if len(self._named) >= MAX_PLATFORMS:
                    count[OTHERS] += 1
                    continue
                self._named.add(platform)
                _LOGGER.warning(
                    "%s announces what this integration does not support yet: %s",
                    self._broker.name,
                    platform,
                )
            count[platform] += 1
        return dict(count)

    def _refuse(self, topic: str, reason: str, *, exc_info: bool = False) -> None:
        """Count an announcement that is not as it should be, and log it once per topic.

        A stranger may say something else that is wrong each second.
        """
        self.refused_count += 1
        topic = _printable(topic)
        reason = _printable(reason)
        if topic in self.refused or len(self.refused) < MAX_REFUSED:
            self.refused[topic] = reason
        if topic in self._logged or len(self._logged) >= MAX_REFUSED:
            return
        self._logged.add(topic)
        _LOGGER.warning(
            "What is announced on the topic %s of %s is left out: %s",
            topic,
            self._broker.name,
            reason,
            exc_info=exc_info,
        )


def _printable(text: str) -> str:
    """Return a stranger's words as they may stand in a log: one line, not too long."""
    text = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for char in text[: MAX_SHOWN + 1]
    )
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _about_components(invalid: dict[str, str]) -> str | None:
    """Return what is wrong with components; None if nothing is."""
    if not invalid:
        return None
    key, reason = next(iter(invalid.items()))
    others = f" (and {len(invalid) - 1} more)" if len(invalid) > 1 else ""
    return f"the component {key}{others}: {reason}"
