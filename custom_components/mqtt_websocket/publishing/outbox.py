"""What is still to be published: the latest payload of each topic."""

import asyncio
from dataclasses import dataclass, replace
import logging
from typing import Final

from homeassistant.core import HomeAssistant, callback

from ..broker.broker import Broker
from ..broker.errors import BrokerError, ConnectionLost, NotConnected, PublishRefused
from .counters import Counters
from .ledger import Ledger

_LOGGER = logging.getLogger(__name__)

LANES: Final = 16
"""So many publishes may wait for their acknowledgement at the same time.

One after the other, a broker that is 50 ms away would take 20 states a second.
"""

MAX_TOPICS: Final = 50_000

_ENOUGH: Final = 5_000
"""So many are enough for the lanes: what comes after them can wait where it is."""

# Reasons that another attempt does not change (MQTT 5 section 3.4.2.1).
_FOR_GOOD: Final = {"Not authorized", "Topic name invalid"}


@dataclass(frozen=True, slots=True)
class _Outgoing:
    payload: str
    qos: int
    retain: bool
    clear_first: bool = False  # remove what is retained before this one goes out

    def after(self, older: _Outgoing) -> _Outgoing:
        """Return this as what remains to be sent when ``older`` was not sent.

        A retained payload replaces what the broker keeps, so that nothing of the older
        one matters. One that is not retained would leave the old value there.
        """
        clears = older.clear_first or (older.retain and not older.payload)
        if clears and not self.retain:
            return replace(self, clear_first=True)
        return self


class Outbox:
    """Publishes the latest payload of each topic, in order per topic.

    ``put`` and ``clear`` never block. A topic with something pending is in ``_ready``
    or with a lane, and never twice: that alone keeps one topic's payloads in order,
    whatever the number of lanes.
    """

    def __init__(
        self, hass: HomeAssistant, broker: Broker, ledger: Ledger, counters: Counters
    ) -> None:
        """Start empty; nothing goes out before ``start``."""
        self.counters = counters
        self._ledger = ledger
        self._hass = hass
        self._broker = broker
        self._pending: dict[str, _Outgoing] = {}
        self._in_flight: set[str] = set()
        self._ready: asyncio.Queue[str] = asyncio.Queue()
        self._online = asyncio.Event()
        self._room = asyncio.Event()
        self._lanes: list[asyncio.Task[None]] = []
        self._complained: set[str] = set()
        self._refused: set[str] = set()
        self._full = False

    @callback
    def start(self) -> None:
        """Begin to publish."""
        self._lanes = [
            self._hass.async_create_background_task(
                self._run(), f"mqtt_websocket publishing to {self._broker.name}, {lane}"
            )
            for lane in range(LANES)
        ]

    @callback
    def stop(self) -> None:
        """Stop; what has not been sent is forgotten."""
        for lane in self._lanes:
            lane.cancel()
        self._lanes.clear()
        self._pending.clear()
        self._ready = asyncio.Queue()
        self._in_flight.clear()

    @callback
    def online(self, connected: bool) -> None:
        """Let the lanes go on, or hold them: what is pending waits for the connection."""
        if connected:
            self._online.set()
        else:
            self._go_offline()

    def _go_offline(self) -> None:
        self._online.clear()
        self._room.set()

    async def has_room(self) -> None:
        """Return when little waits. Without connection at once: there is a limit then."""
        while self._online.is_set() and len(self._pending) >= _ENOUGH:
            self._room.clear()
            await self._room.wait()

    @callback
    def put(self, topic: str, payload: str, qos: int, retain: bool) -> None:
        """Publish this payload, instead of an older one that has not left yet."""
        if topic in self._refused:
            self.counters.failed += 1
            return
        outgoing = _Outgoing(payload, qos, retain)
        if retain and payload:
            self._ledger.add(topic, qos)
        if (older := self._pending.get(topic)) is not None:
            self._pending[topic] = outgoing.after(older)
            return
        if len(self._pending) >= MAX_TOPICS:
            self.counters.dropped += 1
            if not self._full:
                self._full = True
                _LOGGER.warning(
                    "More than %s topics wait to be published to %s; the states of"
                    " further ones are dropped",
                    MAX_TOPICS,
                    self._broker.name,
                )
            return
        self._full = False
        self._pending[topic] = outgoing
        if topic not in self._in_flight:
            self._ready.put_nowait(topic)

    @callback
    def clear(self, topic: str, qos: int) -> None:
        """Remove what the broker retains under a topic (MQTT 5 section 3.3.1.3)."""
        self.put(topic, "", qos, retain=True)

    def has(self, topic: str) -> bool:
        """Whether something for a topic is still to be published, or on its way."""
        return topic in self._pending or topic in self._in_flight

    async def _run(self) -> None:
        while True:
            topic = await self._ready.get()
            # It stays pending while we wait, so that a newer payload replaces it.
            await self._online.wait()
            outgoing = self._pending.pop(topic)
            self._in_flight.add(topic)
            if len(self._pending) < _ENOUGH:
                self._room.set()
            if not await self._send(topic, outgoing):
                newer = self._pending.get(topic)
                self._pending[topic] = newer.after(outgoing) if newer else outgoing
            self._in_flight.discard(topic)
            if topic in self._pending:
                self._ready.put_nowait(topic)
            # A publish with QoS 0 may return without a pause: a burst of thousands
            # would hold everything else up.
            await asyncio.sleep(0)

    async def _send(self, topic: str, outgoing: _Outgoing) -> bool:
        """Return False when it has to be sent again once there is a connection."""
        try:
            if outgoing.clear_first:
                await self._broker.publish(topic, "", outgoing.qos, retain=True)
                self._cleared(topic)
            if outgoing.retain and outgoing.payload:
                self._ledger.add(topic, outgoing.qos)
                await self._ledger.saved(topic)
            await self._broker.publish(
                topic, outgoing.payload, outgoing.qos, retain=outgoing.retain
            )
        except NotConnected, ConnectionLost:
            self._go_offline()
            return False
        except BrokerError as err:
            self._failed(topic, err)
        else:
            self.counters.published += 1
            self._complained.discard(topic)
            if outgoing.retain and not outgoing.payload:
                self._cleared(topic)
        return True

    def _cleared(self, topic: str) -> None:
        newer = self._pending.get(topic)
        if newer is None or not (newer.retain and newer.payload):
            self._ledger.remove(topic)

    def _failed(self, topic: str, err: BrokerError) -> None:
        self.counters.failed += 1
        if isinstance(err, PublishRefused) and err.details["reason"] in _FOR_GOOD:
            # There are brokers (Mosquitto 2.0 is one) that hang up on the client as
            # well. Trying again would end all of its connections, one after the other.
            self._refused.add(topic)
            self._pending.pop(topic, None)
            _LOGGER.error(
                "%s does not take the states for the topic %s (%s); none is sent any"
                " more until the broker is reloaded",
                self._broker.name,
                topic,
                err.details["reason"],
            )
        elif topic not in self._complained:
            self._complained.add(topic)
            _LOGGER.warning(
                "The state for the topic %s was not published to %s: %s",
                topic,
                self._broker.name,
                err,
            )
