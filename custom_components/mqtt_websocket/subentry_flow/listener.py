"""Hears what a broker says for a while, within bounds."""

import asyncio
from collections.abc import Callable
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

_STEP_SECONDS: Final = 0.75
_SUBSCRIBE_SECONDS: Final = 15.0


class Listener:
    """Keeps the last payloads of each topic, as text.

    What is not text, or is large, is counted in ``left_out``. ``full`` is set when
    there is no room for more.
    """

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self.heard: dict[str, list[str]] = {}
        self.left_out = 0
        self.full = asyncio.Event()
        self._bytes = 0

    def handle(self, message: Message) -> None:
        """Take a message."""
        if len(message.payload) > MAX_PAYLOAD:
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
                self.full.set()
                return
            payloads = self.heard[message.topic] = []
            self._bytes += len(message.topic)
        if payload in payloads:
            payloads.remove(payload)
        else:
            self._bytes += len(message.payload)
        payloads.append(payload)
        if len(payloads) > KEPT:
            self._bytes -= len(payloads.pop(0).encode())
        if self._bytes > MAX_BYTES:
            self.full.set()

    async def listen(
        self,
        broker: Broker,
        topic_filter: str,
        seconds: float,
        tick: Callable[[float], None],
    ) -> None:
        """Listen; ``tick`` is told how much of the time is over, from 0 to 1.

        Raises BrokerError if the broker refuses the topic filter. Ends early when there
        is no room for more, or the connection is gone.
        """
        unsubscribe = broker.subscribe(topic_filter, self.handle)
        try:
            async with asyncio.timeout(_SUBSCRIBE_SECONDS):
                await broker.settled()
            if (refused := broker.refused.get(topic_filter)) is not None:
                raise refused
            loop = asyncio.get_running_loop()
            began = loop.time()
            while (over := loop.time() - began) < seconds and broker.connected:
                tick(over / seconds)
                try:
                    async with asyncio.timeout(min(_STEP_SECONDS, seconds - over)):
                        await self.full.wait()
                except TimeoutError:
                    continue
                break
        finally:
            unsubscribe()
