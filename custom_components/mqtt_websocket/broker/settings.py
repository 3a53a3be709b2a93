"""What a connection needs to know."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import ssl
from typing import Literal

from .address import Address

type ProtocolChoice = Literal["auto", "5", "3.1.1"]


async def next_turn() -> None:
    """Return when all that waits in the event loop has run."""
    await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A message that says whether this client is there: its birth, or its will."""

    topic: str
    payload: str | bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides how one broker is reached.

    ``ssl`` is a context for ``wss``: loading certificates blocks, so the caller makes
    it elsewhere. ``headers`` and ``password`` are secret, as is ``address``'s query.
    ``proxy`` is an ``http://`` or ``https://`` URL, credentials allowed, or
    ``"environment"`` for what ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and
    ``NO_PROXY`` say. ``keepalive`` and ``timeout`` (one deadline for name, TCP, TLS,
    upgrade and CONNACK) are in seconds, ``max_frame`` is in bytes.

    ``birth`` is published on each connect, ``will`` by the broker when the connection is
    lost and by us when it is closed, ``farewell`` by us alone.

    ``ping`` is after how many seconds of silence to send a WebSocket ping, for proxies
    that cut idle connections and count MQTT's own pings for nothing; None sends none.

    ``session_expiry`` is for how many seconds the broker keeps the subscriptions and
    the messages with QoS 1 and 2 while this client is away (MQTT 5 section 3.1.2.11.2).
    Without ``client_id`` that ends with this object. MQTT 3.1.1 has no expiry: there a
    session is kept only under a ``client_id``, as long as the broker likes. 0 starts
    afresh each time.

    ``give_way`` is awaited after each few milliseconds of handling messages without a
    break, before more is read: it returns when everything else has had its turn.
    """

    address: Address
    username: str | None = field(default=None)
    password: str | None = field(default=None, repr=False)
    client_id: str | None = None
    protocol: ProtocolChoice = "auto"
    keepalive: int = 60
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)
    ssl: ssl.SSLContext | None = None
    birth: Announcement | None = None
    will: Announcement | None = None
    farewell: Announcement | None = None
    timeout: float = 10.0
    max_frame: int = 16 * 1024 * 1024
    ping: float | None = None
    session_expiry: int = 0
    give_way: Callable[[], Awaitable[None]] = next_turn
