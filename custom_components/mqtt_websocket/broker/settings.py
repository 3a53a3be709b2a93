"""What a connection needs to know."""

from dataclasses import dataclass, field
import ssl
from typing import Literal

from .address import Address

type ProtocolChoice = Literal["auto", "5", "3.1.1"]


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
    ``proxy`` is an ``http://`` or ``https://`` URL, credentials allowed. ``keepalive``
    and ``timeout`` (one deadline for name, TCP, TLS, upgrade and CONNACK) are in
    seconds, ``max_frame`` is in bytes.
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
    timeout: float = 10.0
    max_frame: int = 16 * 1024 * 1024
