"""When the states of feeds go out: soon, a little at a time, and only what is new."""

import asyncio
from collections.abc import Callable, Mapping
import logging
from typing import Final

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.exceptions import TemplateError

from ..broker.broker import Broker
from .active import ActiveRule
from .counters import Counters
from .feed import Feed
from .ledger import Ledger
from .outbox import Outbox
from .retained import Key, Retained
from .status import Status

_LOGGER = logging.getLogger(__name__)

_SLICE_SECONDS: Final = 0.01
"""So long at a time payloads are made, then everything else has its turn."""


class Sender:
    """Makes messages of the states of feeds, and hands them to the outbox.

    ``rules`` are those at work, by their ids; whoever changes them says so with
    ``mark`` and ``silence``. ``announces`` says whether a rule announces an entity.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        broker: Broker,
        rules: Mapping[str, ActiveRule],
        outbox: Outbox,
        ledger: Ledger,
        counters: Counters,
        status: Status | None,
        announces: Callable[[str, str], bool],
    ) -> None:
        """Prepare; nothing goes out before ``start``."""
        self._hass = hass
        self._broker = broker
        self._rules = rules
        self._outbox = outbox
        self._ledger = ledger
        self._counters = counters
        self._status = status
        self._announces = announces
        self._retained = Retained(outbox, ledger)
        self._dirty: dict[Key, None] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._started = False
        self._complete = False
        """Whether all entities had the time to come."""
        self._sweep = False

    def retains(self, topic: str) -> bool:
        """Whether the broker retains something under a topic that is fed now."""
        return topic in self._retained

    # --- life -------------------------------------------------------------------------

    @callback
    def start(self) -> None:
        """Begin to send; what is marked may follow."""
        self._started = True
        self._outbox.start()

    @callback
    def run(self) -> None:
        """Begin to work on what is marked; it happens at once."""
        self._task = self._hass.async_create_background_task(
            self._run(), f"mqtt_websocket states for {self._broker.name}"
        )

    @callback
    def stop(self) -> None:
        """Send nothing any more. What the broker retains stays there."""
        self._started = False
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for active in self._rules.values():
            for feed in active.feeds.values():
                feed.stop()
        self._outbox.stop()

    async def complete(self) -> None:
        """Look for ghosts from now on: all entities had the time to come."""
        await self._ledger.load()
        self._complete = True
        self.look_for_ghosts()

    # --- what is new ------------------------------------------------------------------

    @callback
    def mark(self, rule_id: str, entity_id: str) -> None:
        """Let an entity's state go out, soon; which one that is turns out then."""
        if self._started:
            self._dirty[rule_id, entity_id] = None
            self._wake.set()

    @callback
    def renew(self, rule_id: str) -> None:
        """Let the states of a whole rule go out again."""
        for entity_id, feed in self._rules[rule_id].feeds.items():
            feed.renew()
            self.mark(rule_id, entity_id)

    @callback
    def silence(self, key: Key, feed: Feed) -> None:
        """Leave nothing of an entity that has no state, or is not published any more."""
        feed.renew()
        feed.stop()
        feed.announced = None
        self._retained.release(key, feed, feed.retained)
        if feed.silent:
            # What it left alone was not its own doing, and only the ledger knows it.
            feed.silent = False
            self.look_for_ghosts()

    @callback
    def look_for_ghosts(self) -> None:
        """Clear what nothing feeds any more, once the rest has gone out."""
        if self._complete:
            self._sweep = True
            self._wake.set()

    # --- what goes out ----------------------------------------------------------------

    async def _run(self) -> None:
        loop = self._hass.loop
        while True:
            await self._wake.wait()
            until = loop.time() + _SLICE_SECONDS
            while self._dirty:
                batch, self._dirty = self._dirty, {}
                for key in batch:
                    try:
                        self._publish(key)
                    except Exception:
                        _LOGGER.exception("%s can't be published", key[1])
                        self._counters.failed += 1
                    if loop.time() > until:
                        await asyncio.sleep(0)
                        await self._outbox.has_room()
                        until = loop.time() + _SLICE_SECONDS
            self._wake.clear()
            if self._sweep:
                self._sweep = False
                self._retained.clear_ghosts(
                    (
                        (active.rule, feed)
                        for active in self._rules.values()
                        for feed in active.feeds.values()
                    ),
                    self._status,
                )

    def _publish(self, key: Key) -> None:
        rule_id, entity_id = key
        active = self._rules.get(rule_id)
        feed = active and active.feeds.get(entity_id)
        if not active or not feed:
            return
        state = self._hass.states.get(entity_id)
        if state is None:
            self.silence(key, feed)
            return
        now = self._hass.loop.time()
        if feed.not_before > now:
            if feed.timer is None:
                feed.timer = self._hass.loop.call_at(feed.not_before, self._due, key)
            return
        rule = active.rule
        if feed.is_small_change(rule, state):
            return
        messages = self._messages(active, feed, state)
        copies = self._copies(key, active, feed, state)
        feed.silent = messages is None
        if messages is None:
            owned = feed.retained - feed.copies
            retained = {topic for topic in owned if feed.owns(topic)}
        elif rule.retain:
            retained = {topic for topic, payload in messages.items() if payload}
        else:
            retained = set()
        feed.copies = frozenset(copies)
        self._retained.hold(key, feed, retained | feed.copies)
        changed = self._put(feed, messages or {}, rule.qos, rule.retain)
        # Whoever comes later must find them.
        changed |= self._put(feed, copies, rule.qos, retain=True)
        if changed:
            feed.state = state.state
            feed.not_before = now + rule.minimum_interval

    def _put(
        self, feed: Feed, messages: Mapping[str, str], qos: int, retain: bool
    ) -> bool:
        """Let messages go out that are not the last ones; return whether there are any."""
        changed = False
        for topic, payload in messages.items():
            if feed.sent.get(topic) != (digest := hash(payload)):
                feed.sent[topic] = digest
                changed = True
                self._outbox.put(topic, payload, qos, retain)
        return changed

    def _copies(
        self, key: Key, active: ActiveRule, feed: Feed, state: State
    ) -> dict[str, str]:
        """Return the announcement of an entity, and its JSON: whatever the rule's shape."""
        announcer = active.announcer
        if announcer is None or not self._announces(*key):
            feed.announced = None
            return {}
        announced = feed.announced
        # What is unavailable says less of itself than it is.
        if announced is None or (
            feed.described is not state.attributes
            and (state.state != STATE_UNAVAILABLE or feed.described is None)
        ):
            announced = feed.announced = announcer.announcement(state)
            feed.described = state.attributes
        if announced.component.has_events and self._has_happened(feed, state):
            # Not retained: it would happen again for each who comes later.
            topic, payload = announced.place.event, announcer.event(state)
            self._outbox.put(topic, payload, active.rule.qos, retain=False)
        return {
            announced.place.state: announcer.payload(announced, state),
            announced.topic: announced.payload,
        }

    def _messages(
        self, active: ActiveRule, feed: Feed, state: State
    ) -> dict[str, str] | None:
        """Return what a rule makes of a state; None if that is nothing, or can't be made."""
        try:
            return active.shape.messages(state, feed.topic)
        except TemplateError as err:
            self._counters.failed += 1
            if not feed.complained:
                feed.complained = True
                _LOGGER.warning(
                    "The payload of %s for %s can't be made: %s",
                    state.entity_id,
                    self._broker.name,
                    err,
                )
            return None

    def _has_happened(self, feed: Feed, state: State) -> bool:
        """Whether a state says that something happened, just now and not long ago.

        It says the same again after a restart, and whenever it was unavailable. While
        there is no connection nobody is told, and later it would be wrong.
        """
        if state.state in (STATE_UNAVAILABLE, feed.moment):
            return False
        known, feed.moment = feed.moment, state.state
        return (
            known is not None
            and state.state != STATE_UNKNOWN
            and self._broker.connected
        )

    @callback
    def _due(self, key: Key) -> None:
        rule_id, entity_id = key
        active = self._rules.get(rule_id)
        if active is not None and (feed := active.feeds.get(entity_id)) is not None:
            feed.timer = None
            self.mark(rule_id, entity_id)
