"""Who wants which messages, and what the broker must be told for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
import logging
import sys
from typing import Final
import zlib

from paho.mqtt.reasoncodes import ReasonCode

from .counters import Counters
from .errors import BrokerError, SubscribeRefused, SubscribeTimedOut, UnsubscribeRefused
from .message import Message, MessageHandler
from .session import Session
from .topics import TopicTrie, validate_filter

_LOGGER = logging.getLogger(__name__)

_FILTERS_A_PACKET: Final = 500
# AWS IoT Core takes no more, and hangs up on others without a word.
_FEWEST_FILTERS_A_PACKET: Final = 8
_FEWER: Final = 8  # times, after a connection that was lost in the middle of SUBSCRIBE
# Fixed header, packet id and properties; a filter's length and options.
_PACKET_OVERHEAD: Final = 16
_FILTER_OVERHEAD: Final = 3
# MQTT 5 section 3.8.2.1.2. Topics don't overlap among themselves: one identifier does.
_PLAIN_TOPICS: Final = 1
_LAST_IDENTIFIER: Final = 268_435_455
_UNCLAIMED: Final = 1000
_UNCLAIMED_BYTES: Final = 16 * 1024 * 1024


class _Subscriber:
    """A handler, and which retained messages it has had."""

    __slots__ = ("failed", "handler", "qos", "replayed", "subscription")

    def __init__(
        self, subscription: _Subscription, handler: MessageHandler, qos: int
    ) -> None:
        self.subscription = subscription
        self.handler = handler
        self.qos = qos
        self.replayed: set[str] = set()
        self.failed = False


def _number(topic_filter: str) -> int:
    """Return the identifier that a filter has, if it needs one.

    The same in every process: with what a broker has kept comes the identifier of then.
    """
    if "+" not in topic_filter and "#" not in topic_filter:
        return _PLAIN_TOPICS
    room = _LAST_IDENTIFIER - _PLAIN_TOPICS
    return _PLAIN_TOPICS + 1 + zlib.crc32(topic_filter.encode()) % room


@dataclass(slots=True, eq=False)
class _Subscription:
    """A filter as the broker knows it."""

    topic_filter: str
    number: int
    subscribers: list[_Subscriber] = field(default_factory=list)
    identified: bool = False

    @property
    def identifier(self) -> int | None:
        """What SUBSCRIBE says."""
        return self.number if self.identified else None


class Subscriptions:
    """All handlers with their filters, and what is still to be sent about them.

    Where filters overlap, an MQTT 5 server sends a message once for each (section
    3.3.4): these get subscription identifiers, so that each copy reaches the handlers of
    its own filter and none is called twice. Others get none, since reading them costs.
    """

    def __init__(
        self, name: str, counters: Counters, asked: Callable[[], None]
    ) -> None:
        """``asked`` is called when there is something to send to the broker."""
        self.refused: dict[str, SubscribeRefused] = {}
        self._name = name
        self._counters = counters
        self._asked = asked
        self._trie: TopicTrie[_Subscriber] = TopicTrie()
        self._known: dict[str, _Subscription] = {}
        self._at_once = self._most = _FILTERS_A_PACKET
        self._before = 0  # what _at_once was before it was raised; 0 once that worked
        self._identifiers_available = False
        # Whether messages may have identifiers: reading them costs.
        self._identifiers_used = False
        self._unclaimed: deque[Message] | None = None
        self._unclaimed_size = 0
        # Ordered: a filter that only gets its identifier goes before the new one that
        # overlaps with it, so that no message comes twice in between.
        self._to_identify: dict[_Subscription, None] = {}
        self._to_subscribe: dict[_Subscription, None] = {}
        self._to_unsubscribe: dict[str, None] = {}

    # --- what handlers want -------------------------------------------------------

    def add(
        self, topic_filter: str, handler: MessageHandler, qos: int
    ) -> Callable[[], None]:
        """Add a handler; return how to remove it. Raises InvalidTopic."""
        validate_filter(topic_filter)
        subscription = self._known.get(topic_filter)
        if subscription is None:
            subscription = _Subscription(topic_filter, _number(topic_filter))
            if self._identifiers_available:
                self._identify_overlapping(subscription)
            self._known[topic_filter] = subscription
            self._to_unsubscribe.pop(topic_filter, None)
        subscriber = _Subscriber(subscription, handler, qos)
        subscription.subscribers.append(subscriber)
        self._trie.add(topic_filter, subscriber)
        if self._unclaimed:
            self._claim(subscriber)
        # Also for a filter that is subscribed: the new handler gets what is retained.
        self._to_subscribe[subscription] = None
        self._asked()

        def remove() -> None:
            self._remove(subscriber)

        return remove

    def _remove(self, subscriber: _Subscriber) -> None:
        subscription = subscriber.subscription
        if subscriber not in subscription.subscribers:
            return
        topic_filter = subscription.topic_filter
        subscription.subscribers.remove(subscriber)
        self._trie.remove(topic_filter, subscriber)
        if subscription.subscribers:
            return
        del self._known[topic_filter]
        self.refused.pop(topic_filter, None)
        self._to_identify.pop(subscription, None)
        self._to_subscribe.pop(subscription, None)
        self._to_unsubscribe[topic_filter] = None
        self._asked()

    def _identify_overlapping(self, subscription: _Subscription) -> None:
        others = {
            subscriber.subscription
            for subscriber in self._trie.overlapping(subscription.topic_filter)
        } - {subscription}
        if not others:
            return
        subscription.identified = self._identifiers_used = True
        for other in others:
            if not other.identified:
                other.identified = True
                self._to_identify[other] = None

    # --- what the broker is told --------------------------------------------------

    def renew(self, session: Session) -> None:
        """Ask for everything again: the connection is new.

        Also where the broker kept the session. A message that is retained now may have
        been published with QoS 0 meanwhile, which no broker has to keep for us: only
        sending it again, marked as retained, tells handlers the truth.
        """
        self.refused.clear()
        self._to_identify.clear()
        for subscription in self._known.values():
            for subscriber in subscription.subscribers:
                subscriber.replayed.clear()
        available = session.limits.identifiers_available
        if not session.session_present or available != self._identifiers_available:
            self._to_unsubscribe.clear()
            self._identify_anew(available)
        self._identifiers_used |= session.session_present and available
        self._to_subscribe = dict.fromkeys(self._known.values())
        self._asked()

    def _identify_anew(self, available: bool) -> None:
        """Give identifiers to the filters that overlap, if the broker has them."""
        self._identifiers_available = available
        self._identifiers_used = False
        for subscription in self._known.values():
            subscription.identified = False
        if available:
            for subscription in self._known.values():
                if not subscription.identified:
                    self._identify_overlapping(subscription)
            self._to_identify.clear()

    async def send(self, session: Session) -> None:
        """Send all that was asked for, in batches. Raises BrokerError.

        What is not answered in time is logged and not sent again: as a rule the answer
        is under way, behind all that is retained, and what is left must not wait for it.
        """
        while self._to_unsubscribe or self._to_identify or self._to_subscribe:
            try:
                await self._send_next(session)
            except SubscribeTimedOut as err:
                _LOGGER.warning("%s: %s", self._name, err)

    async def _send_next(self, session: Session) -> None:
        if self._to_unsubscribe:
            leaving = self._batch(session, self._to_unsubscribe)
            for topic_filter in leaving:
                del self._to_unsubscribe[topic_filter]
            codes = await session.unsubscribe(leaving)
            # 3.1.1 has no codes here.
            for topic_filter, code in zip(leaving, codes, strict=False):
                if code.is_failure:
                    err = UnsubscribeRefused(topic=topic_filter, reason=code)
                    _LOGGER.warning("%s: %s", self._name, err)
        elif self._to_identify:
            await self._send_batch(session, self._to_identify, replay=False)
        else:
            await self._send_batch(session, self._to_subscribe, replay=True)

    async def _send_batch(
        self, session: Session, waiting: dict[_Subscription, None], *, replay: bool
    ) -> None:
        """Send one SUBSCRIBE, for filters with the same identifier."""
        identifier = next(iter(waiting)).identifier
        alike = (each.topic_filter for each in waiting if each.identifier == identifier)
        batch = [self._known[each] for each in self._batch(session, alike)]
        for subscription in batch:
            del waiting[subscription]
        try:
            codes = await session.subscribe(
                [
                    (one.topic_filter, max(other.qos for other in one.subscribers))
                    for one in batch
                ],
                identifier=identifier,
                replay=replay,
                late=partial(self._answered_late, batch),
            )
        except SubscribeTimedOut:
            raise
        except BrokerError, asyncio.CancelledError:
            # The connection is gone. In case it was for this, ask for less next time.
            self._ask_for_fewer(len(batch))
            raise
        if len(batch) > self._before:
            self._before = 0
        self._note_answers(batch, codes)

    def _ask_for_fewer(self, asked: int) -> None:
        if 0 < self._before < asked:
            # It was for this, now that it happened again.
            self._most = self._at_once = self._before
            self._before = 0
        elif asked > _FEWEST_FILTERS_A_PACKET:
            self._at_once = max(_FEWEST_FILTERS_A_PACKET, asked // _FEWER)

    def lasted(self) -> None:
        """Ask for more at once again: a connection lasted, whatever ended another."""
        if self._at_once < self._most:
            self._before = self._at_once
            self._at_once = min(self._most, self._at_once * _FEWER)

    def _batch(self, session: Session, filters: Iterable[str]) -> list[str]:
        """Return as many of the filters as fit into one packet, at least one."""
        room = (session.limits.maximum_packet_size or sys.maxsize) - _PACKET_OVERHEAD
        batch: list[str] = []
        for topic_filter in filters:
            room -= len(topic_filter.encode()) + _FILTER_OVERHEAD
            if batch and (room < 0 or len(batch) == self._at_once):
                break
            batch.append(topic_filter)
        return batch

    def _note_answers(
        self, batch: list[_Subscription], codes: list[ReasonCode]
    ) -> None:
        for subscription, code in zip(batch, codes, strict=False):
            self._note_answer(subscription.topic_filter, code)

    def _answered_late(
        self, batch: list[_Subscription], codes: list[ReasonCode]
    ) -> None:
        """Take an answer that nobody waited for any more."""
        self._note_answers(batch, codes)
        self._asked()  # whoever listens to refusals is told of these, too

    def _note_answer(self, topic_filter: str, code: ReasonCode) -> None:
        if topic_filter not in self._known:
            return  # nobody wants it any more
        if code.is_failure:
            err = SubscribeRefused(topic=topic_filter, reason=code)
            self.refused[topic_filter] = err
            _LOGGER.warning("%s: %s", self._name, err)
        else:
            self.refused.pop(topic_filter, None)

    # --- what handlers get --------------------------------------------------------

    def dispatch(self, message: Message) -> None:
        """Hand a message to the handlers of its topic. Does not raise."""
        subscribers = self._trie.match(message.topic)
        if self._identifiers_used and (
            identifiers := getattr(message.properties, "SubscriptionIdentifier", None)
        ):
            subscribers = self._of_copy(subscribers, identifiers)
        if not subscribers and self._unclaimed is not None:
            self._keep(self._unclaimed, message)
        for subscriber in subscribers:
            if message.retain:
                # A new handler of a known filter makes the broker send again what is
                # retained; the others have had it.
                if message.topic in subscriber.replayed:
                    continue
                subscriber.replayed.add(message.topic)
            self._hand_over(subscriber, message)

    def _hand_over(self, subscriber: _Subscriber, message: Message) -> None:
        try:
            subscriber.handler(message)
        except Exception:
            self._counters.handler_errors += 1
            if not subscriber.failed:
                subscriber.failed = True
                _LOGGER.exception(
                    "%s: a handler of %s failed with a message of %s",
                    self._name,
                    subscriber.subscription.topic_filter,
                    message.topic,
                )

    def _of_copy(
        self, subscribers: tuple[_Subscriber, ...], identifiers: list[int]
    ) -> tuple[_Subscriber, ...]:
        """Return the handlers that this copy of a message is for."""
        return tuple(
            subscriber
            for subscriber in subscribers
            if subscriber.subscription.number in identifiers
        )

    # --- what came before its handler ------------------------------------------------

    def keep_unclaimed(self) -> None:
        """Keep messages that nobody wants yet, a thousand or 16 MiB at most.

        The broker had them for an earlier process. Devices that announce themselves
        have no handler before their announcement is there again.
        """
        self._unclaimed = deque()
        self._unclaimed_size = 0

    def forget_unclaimed(self) -> None:
        """Keep no more of them."""
        self._unclaimed = None

    def _keep(self, kept: deque[Message], message: Message) -> None:
        kept.append(message)
        self._unclaimed_size += len(message.buffer)
        while len(kept) > _UNCLAIMED or self._unclaimed_size > _UNCLAIMED_BYTES:
            self._unclaimed_size -= len(kept.popleft().buffer)

    def _claim(self, subscriber: _Subscriber) -> None:
        """Give a new handler what is kept for it: soon, not from within add()."""
        assert self._unclaimed is not None
        found = [
            message
            for message in self._unclaimed
            if subscriber in self._trie.match(message.topic)
        ]
        if found:
            asyncio.get_running_loop().call_soon(self._give, subscriber, found)

    def _give(self, subscriber: _Subscriber, messages: list[Message]) -> None:
        for message in messages:
            if subscriber in subscriber.subscription.subscribers:
                self._hand_over(subscriber, message)
