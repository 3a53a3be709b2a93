"""MQTT 5's properties of a packet that goes out."""

from typing import Any

from paho.mqtt.properties import Properties


def packet_properties(packet: int, **values: Any) -> Properties:
    """Return properties of a packet, which is one of paho's PacketTypes.

    Their names are paho's: ``SessionExpiryInterval``. Raises paho's MQTTException for
    one that this packet can't have, or a number that is out of its range (section 2.2.2).
    """
    properties = Properties(packet)  # type: ignore[no-untyped-call] # paho has no type
    for name, value in values.items():
        setattr(properties, name, value)
    return properties
