"""A received PUBLISH."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any


class PublishProperties(SimpleNamespace):
    """What MQTT 5 says of a message (section 3.3.2.3): what is there is an attribute.

    The names are paho's: ``ContentType``, ``UserProperty`` (a list of pairs)…
    """


class Message:
    """One received PUBLISH, shared by every handler of its topic.

    ``payload`` is what arrived, undecoded; ``buffer`` is the same for who only reads it
    once. ``properties`` are MQTT 5's, None where there are none, ``time`` is the event
    loop's clock in seconds. ``memo`` belongs to the readers of the payload: what one of
    them has decoded serves the others, so that a topic that feeds ten entities is parsed
    once.
    """

    __slots__ = (
        "buffer",
        "memo",
        "payload",
        "properties",
        "qos",
        "retain",
        "time",
        "topic",
    )

    def __init__(
        self,
        topic: str,
        payload: bytes,
        qos: int = 0,
        retain: bool = False,
        properties: PublishProperties | None = None,
        time: float = 0.0,
    ) -> None:
        """Keep the fields of a PUBLISH (MQTT 5 section 3.3)."""
        self.topic = topic
        self.buffer: bytes | memoryview = payload
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.properties = properties
        self.time = time
        self.memo: dict[str, Any] | None = None


class LargeMessage(Message):
    """A message whose ``payload`` is cut out of its packet when somebody wants it.

    Copying 5 MiB holds the event loop for some 3 ms.
    """

    __slots__ = ()

    def __init__(
        self,
        topic: str,
        buffer: memoryview,
        qos: int,
        retain: bool,
        properties: PublishProperties | None,
        time: float,
    ) -> None:
        """Keep the fields of a PUBLISH, its payload as a part of the packet."""
        super().__init__(topic, b"", qos, retain, properties, time)
        self.buffer = buffer
        del self.payload

    def __getattr__(self, name: str) -> bytes:
        """Cut out the payload, the first time."""
        if name != "payload":
            raise AttributeError(name=name, obj=self)
        self.payload = payload = bytes(self.buffer)
        return payload


type MessageHandler = Callable[[Message], None]
