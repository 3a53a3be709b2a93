"""What the broker answers to PUBLISH, SUBSCRIBE and UNSUBSCRIBE, with its reasons.

aiomqtt drops most of them, and paho some: they are taken from paho's callbacks, here
alone. Of paho's private names ``_handle_pubrec``, ``_in_packet``, ``_out_messages`` and
``_do_on_publish`` are used.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from paho.mqtt import client as paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from .errors import BrokerError
from .properties import packet_properties

_FIRST_FAILURE: Final = 0x80


class Answers:
    """Who waits for which answer on one connection."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._waiting: dict[int, asyncio.Future[list[ReasonCode]]] = {}
        self._late: dict[int, Callable[[list[ReasonCode]], None]] = {}

    async def to(self, mid: int) -> list[ReasonCode]:
        """Return the reasons in the answer to the packet with this id.

        Raises what ``fail`` is told.
        """
        waiting: asyncio.Future[list[ReasonCode]]
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[mid] = waiting
        self._late.pop(mid, None)  # whoever had this id before gets no answer any more
        try:
            return await waiting
        finally:
            del self._waiting[mid]

    def later(self, mid: int, handler: Callable[[list[ReasonCode]], None]) -> None:
        """Call ``handler`` if an answer comes for which nobody waits any more."""
        self._late[mid] = handler

    def fail(self, error: BrokerError) -> None:
        """Tell all who wait that no answer will come."""
        self._late.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(error)

    def _come(self, mid: int, reasons: list[ReasonCode]) -> None:
        waiting = self._waiting.get(mid)
        if waiting is not None and not waiting.done():
            waiting.set_result(reasons)
        elif (late := self._late.pop(mid, None)) is not None:
            late(reasons)

    def listen(self, inner: paho.Client) -> None:
        """Take the answers that paho gets."""
        on_publish = cast(Callable[..., None], inner.on_publish)
        handle_pubrec = inner._handle_pubrec  # noqa: SLF001 - see above

        def published(
            client: paho.Client,
            userdata: Any,
            mid: int,
            reason: ReasonCode,
            properties: Properties,
        ) -> None:
            self._come(mid, [reason])
            on_publish(client, userdata, mid, reason, properties)

        def answered(
            _client: paho.Client,
            _userdata: Any,
            mid: int,
            reasons: list[ReasonCode],
            _properties: Properties | None = None,
        ) -> None:
            self._come(mid, reasons)

        def pubrec() -> MQTTErrorCode:
            # MQTT 5 section 4.3.3: with such a reason the exchange is over. paho goes on
            # with PUBREL, and waits for an answer that need not come.
            packet = inner._in_packet["packet"]  # noqa: SLF001
            mid, code = int.from_bytes(packet[:2]), packet[2:3]
            known = mid in inner._out_messages  # noqa: SLF001
            if not known or not code or code[0] < _FIRST_FAILURE:
                return handle_pubrec()
            reason = ReasonCode(PacketTypes.PUBREC, identifier=code[0])
            properties = packet_properties(PacketTypes.PUBREC)
            return inner._do_on_publish(mid, reason, properties)  # noqa: SLF001

        inner.on_publish = published
        inner.on_subscribe = answered
        inner.on_unsubscribe = answered
        inner._handle_pubrec = pubrec  # type: ignore[method-assign] # noqa: SLF001 - see above
