"""What a server allows on a connection."""

from dataclasses import dataclass
from typing import Any, Final, Self

from paho.mqtt.properties import Properties

_NO_SHARES: Final = 158
_NO_WILDCARDS: Final = 162


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """The limits in a CONNACK of MQTT 5 (section 3.2.2.3); defaults are 3.1.1's.

    ``receive_maximum`` is how many messages with QoS 1 or 2 may be under way,
    ``maximum_packet_size`` is in bytes and ``keepalive`` in seconds, both None where
    the server leaves it to the client.
    """

    receive_maximum: int = 65535
    maximum_packet_size: int | None = None
    maximum_qos: int = 2
    retain_available: bool = True
    identifiers_available: bool = False
    wildcards_available: bool = True
    shares_available: bool = True
    keepalive: int | None = None

    @classmethod
    def of(cls, properties: Properties | None) -> Self:
        """Return the limits in a CONNACK's properties; None is 3.1.1's."""
        if properties is None:
            return cls()

        def value(name: str, default: Any) -> Any:
            return getattr(properties, name, default)

        return cls(
            receive_maximum=value("ReceiveMaximum", 65535),
            maximum_packet_size=value("MaximumPacketSize", None),
            maximum_qos=value("MaximumQoS", 2),
            retain_available=bool(value("RetainAvailable", 1)),
            identifiers_available=bool(value("SubscriptionIdentifierAvailable", 1)),
            wildcards_available=bool(value("WildcardSubscriptionAvailable", 1)),
            shares_available=bool(value("SharedSubscriptionAvailable", 1)),
            keepalive=value("ServerKeepAlive", None),
        )

    def why_not(self, topic_filter: str) -> int | None:
        """Return the reason code of MQTT 5 for a filter that the server has not."""
        if not self.shares_available and topic_filter.startswith("$share/"):
            return _NO_SHARES
        if not self.wildcards_available and (
            "+" in topic_filter or "#" in topic_filter
        ):
            return _NO_WILDCARDS
        return None
