"""Hears what a broker says for a while, within bounds."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from ..broker.broker import Broker
from ..broker.message import Message
from ..mapping.payload import PayloadError, text

MAX_TOPICS: Final = 5000
MAX_PAYLOAD: Final = 32 * 1024
"""Bytes of a payload: pictures and the like are left out."""
MAX_BYTES: Final = 8 * 1024 * 1024
"""Bytes of all that is kept."""
KEPT: Final = 4
"""Payloads of a topic that differ: some tell different things in turn."""

_STEP_SECONDS: Final = 0.5
_SUBSCRIBE_SECONDS: Final = 15.0
_PEEK_ANSWER_SECONDS: Final = 3.0
_PEEK_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 1.5
"""Without a new topic: what the broker has kept is there then."""
_ATTENTION_SECONDS: Final = 5.0
"""Nobody is kept waiting longer, however much is said."""


class Listener:
    """Keeps the last payloads of each topic, as text.

    What is not text, or is large, is counted in ``left_out``. ``enough`` is set when
    there is no room for more, or by whoever has heard enough; ``paused`` once there is
    something to show, or nothing for a while, at the latest when listening ends.
    """

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self.heard: dict[str, list[str]] = {}
        self.left_out = 0
        self.listening = False
        self.enough = asyncio.Event()
        self.paused = asyncio.Event()
        self._bytes = 0

    def handle(self, message: Message) -> None:
        """Take a message."""
        if len(message.buffer) > MAX_PAYLOAD:
            self.left_out += 1
            return
        try:
            payload = text(message)
        except PayloadError:
            self.left_out += 1
            return
        payloads = self.heard.get(message.topic)
        if payloads is None:
            if len(self.heard) >= MAX_TOPICS:
                self.enough.set()
                return
            payloads = self.heard[message.topic] = []
            self._bytes += len(message.topic)
        if payload in payloads:
            payloads.remove(payload)
        else:
            self._bytes += len(message.buffer)
        payloads.append(payload)
        if len(payloads) > KEPT:
            self._bytes -= len(payloads.pop(0).encode())
        if self._bytes > MAX_BYTES:
            self.enough.set()

    async def listen(
        self,
        broker: Broker,
        topic_filter: str,
        seconds: float,
        tick: Callable[[float], None],
    ) -> None:
        """Listen; ``tick`` is told how much of the time is over, from 0 to 1.

        What was heard before stays. Raises BrokerError if the broker refuses the topic
        filter. Ends early when it is ``enough``, or the connection is gone.
        """
        self.enough.clear()
        self.paused.clear()
        self.listening = True
        unsubscribe = broker.subscribe(topic_filter, self.handle)
        try:
            async with asyncio.timeout(_SUBSCRIBE_SECONDS):
                await broker.settled()
            if (refused := broker.refused.get(topic_filter)) is not None:
                raise refused
            await self._listen(broker, seconds, tick)
        finally:
            unsubscribe()
            self.listening = False
            self.paused.set()

    async def _listen(
        self, broker: Broker, seconds: float, tick: Callable[[float], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        began = changed = loop.time()
        count = 0
        while (over := loop.time() - began) < seconds and broker.connected:
            if len(self.heard) != count:
                count = len(self.heard)
                changed = loop.time()
            if over >= _ATTENTION_SECONDS or (
                count and loop.time() - changed >= _PAUSE_SECONDS
            ):
                self.paused.set()
            tick(over / seconds)
            try:
                async with asyncio.timeout(min(_STEP_SECONDS, seconds - over)):
                    await self.enough.wait()
            except TimeoutError:
                continue
            return

    async def peek(self, broker: Broker, topics: Iterable[str]) -> None:
        """Take what the broker has kept on topics that nothing was heard on yet.

        It gives that at once; what comes by itself is waited for a moment only.
        """
        missing = {
            topic
            for topic in topics
            if topic not in self.heard and not {"+", "#"} & set(topic)
        }
        if not missing:
            return
        arrived = asyncio.Event()

        def handle(message: Message) -> None:
            self.handle(message)
            missing.discard(message.topic)
            if not missing:
                arrived.set()

        stops = [broker.subscribe(topic, handle) for topic in missing]
        try:
            async with asyncio.timeout(_PEEK_ANSWER_SECONDS):
                await broker.settled()
            async with asyncio.timeout(_PEEK_SECONDS):
                await arrived.wait()
        except TimeoutError:
            pass
        finally:
            for stop in stops:
                stop()
