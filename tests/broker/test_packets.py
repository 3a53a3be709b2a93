"""What is read of a stream of MQTT: where packets end, and what a PUBLISH says."""

from typing import Any

from hypothesis import given, strategies as st
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
import pytest

from custom_components.mqtt_websocket.broker.packets import (
    MalformedPacket,
    PacketSplitter,
    packet_id,
    read_publish,
)
from custom_components.mqtt_websocket.broker.properties import packet_properties

_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0+#"), max_size=40
)


def _packed(
    topic: str, payload: bytes, qos: int, retain: bool, properties: Properties | None
) -> bytes:
    """Return the packet that paho would send, with packet id 513."""
    mqtt5 = properties is not None
    client: Any = paho.Client(
        CallbackAPIVersion.VERSION2,
        protocol=paho.MQTTv5 if mqtt5 else paho.MQTTv311,
    )
    packets: list[bytes] = []
    client._packet_queue = lambda _, packet, *rest: packets.append(bytes(packet))
    client._sock = object()
    client._send_publish(
        513, topic.encode(), payload, qos, retain, properties=properties
    )
    client._sock = None
    return packets[0]


def _alone(data: bytes) -> tuple[bytes, int]:
    """Return the one packet that these bytes are."""
    (packet,) = PacketSplitter().split(data)
    return packet


@given(
    packets=st.lists(
        st.binary(max_size=300).map(
            lambda payload: _packed("a", payload, 0, False, None)
        ),
        max_size=20,
    ),
    cuts=st.lists(st.integers(1, 400), min_size=1, max_size=50),
)
def test_however_the_stream_is_cut(packets: list[bytes], cuts: list[int]) -> None:
    """The same packets come out of any pieces."""
    stream = b"".join(packets)
    splitter = PacketSplitter()
    found: list[bytes] = []
    position = 0
    for cut in cuts * 200:
        if position >= len(stream):
            break
        found += [
            packet for packet, _ in splitter.split(stream[position : position + cut])
        ]
        position += cut
    found += [packet for packet, _ in splitter.split(stream[position:])]
    assert found == packets


def test_a_short_packet_in_two_pieces() -> None:
    """The smallest packet (a PINGRESP) is out with its last byte, not with the next."""
    splitter = PacketSplitter()
    assert splitter.split(b"\xd0") == []
    assert splitter.split(b"\x00") == [(b"\xd0\x00", 2)]


def test_packets_that_come_together() -> None:
    """Each has its own body, whose beginning depends on its length."""
    short = _packed("a", b"", 0, False, None)
    long = _packed("a", bytes(200), 0, False, None)
    assert PacketSplitter().split(short + long + short) == [
        (short, 2),
        (long, 3),
        (short, 2),
    ]


def test_a_large_packet_in_many_pieces() -> None:
    """A packet whose length takes four bytes."""
    data = _packed("a", bytes(3_000_000), 0, False, None)
    splitter = PacketSplitter()
    pieces = [data[start : start + 65536] for start in range(0, len(data), 65536)]
    *before, last = (splitter.split(piece) for piece in pieces)
    assert not any(before)
    ((packet, body),) = last
    assert (packet, body) == (data, 5)


def test_a_whole_packet_is_not_copied() -> None:
    """The usual frame is one packet: it is taken as it is."""
    data = _packed("a", b"payload", 0, False, None)
    assert _alone(data)[0] is data


def test_a_length_without_end() -> None:
    """The fifth byte of a length is none (MQTT 5 section 1.5.5)."""
    with pytest.raises(MalformedPacket):
        PacketSplitter().split(b"\x30\xff\xff\xff\xff\x01")


@given(
    topic=_TEXT.filter(bool),
    payload=st.binary(max_size=200),
    qos=st.integers(0, 1),
    retain=st.booleans(),
    mqtt5=st.booleans(),
)
def test_publish(
    topic: str, payload: bytes, qos: int, retain: bool, mqtt5: bool
) -> None:
    """What paho writes is read as it was meant."""
    properties = packet_properties(PacketTypes.PUBLISH) if mqtt5 else None
    packet, body = _alone(_packed(topic, payload, qos, retain, properties))
    message = read_publish(packet, body, 1.5, mqtt5=mqtt5)
    assert (message.topic, message.payload) == (topic, payload)
    assert (message.qos, message.retain, message.time) == (qos, retain, 1.5)
    assert message.properties is None
    if qos:
        assert packet_id(packet, body) == 513


def test_a_long_topic() -> None:
    """The length of a topic has two bytes."""
    topic = "t" * 0x1234
    packet, body = _alone(_packed(topic, b"payload", 1, False, None))
    message = read_publish(packet, body, 0, mqtt5=False)
    assert (message.topic, message.payload) == (topic, b"payload")
    assert packet_id(packet, body) == 513


def test_long_properties() -> None:
    """So have the lengths of texts, and an alias does no harm where there is a topic."""
    said = {
        "ContentType": "c" * 300,
        "CorrelationData": b"d" * 600,
        "TopicAlias": 0x0102,
    }
    properties = packet_properties(PacketTypes.PUBLISH, **said)
    packet, body = _alone(_packed("topic", b"payload", 0, False, properties))
    message = read_publish(packet, body, 0, mqtt5=True)
    assert message.payload == b"payload"
    assert vars(message.properties) == said


def test_properties_without_payload() -> None:
    """An empty payload, which clears a retained message, may have properties."""
    properties = packet_properties(PacketTypes.PUBLISH, ContentType="text/plain")
    packet, body = _alone(_packed("topic", b"", 0, True, properties))
    message = read_publish(packet, body, 0, mqtt5=True)
    assert (message.topic, message.payload) == ("topic", b"")
    assert vars(message.properties) == {"ContentType": "text/plain"}


@given(
    said=st.fixed_dictionaries(
        {},
        optional={
            "PayloadFormatIndicator": st.integers(0, 1),
            "MessageExpiryInterval": st.integers(0, 0xFFFF_FFFF),
            "ContentType": _TEXT,
            "ResponseTopic": _TEXT,
            "CorrelationData": st.binary(max_size=50),
            "SubscriptionIdentifier": st.integers(1, 268_435_455).map(
                lambda one: [one]
            ),
            "UserProperty": st.lists(st.tuples(_TEXT, _TEXT), min_size=1, max_size=4),
        },
    )
)
def test_properties(said: dict[str, Any]) -> None:
    """Every property that a message may have is read, and paho's names are kept."""
    properties = packet_properties(PacketTypes.PUBLISH, **said)
    packet, body = _alone(_packed("topic", b"payload", 1, False, properties))
    message = read_publish(packet, body, 0, mqtt5=True)
    assert message.payload == b"payload"
    assert ({} if message.properties is None else vars(message.properties)) == said


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00", id="half a length"),
        pytest.param(b"\x00\x05abc", id="a topic that is longer than the packet"),
        pytest.param(b"\x00\x00\x00", id="no topic"),
        pytest.param(b"\x00\x02\xff\xfe\x00", id="a topic that is not UTF-8"),
        pytest.param(b"\x00\x03a/+\x00", id="a topic with a wildcard"),
        pytest.param(b"\x00\x03a/#\x00", id="a topic with the other wildcard"),
        pytest.param(b"\x00\x01a", id="no properties"),
        pytest.param(b"\x00\x01a\x05\x0b", id="properties longer than the packet"),
        pytest.param(b"\x00\x01a\x02\x0b\x80\x01", id="an identifier beyond its end"),
        pytest.param(b"\x00\x01a\x02\x7f\x01", id="a property that there is not"),
        pytest.param(b"\x00\x01a\x04\x01\x00\x01\x01", id="a property twice"),
        pytest.param(b"\x00\x01a\x03\x02\x00\x01xx", id="a property that is cut off"),
    ],
)
def test_malformed(body: bytes) -> None:
    """Nothing is made of what is no PUBLISH."""
    packet, start = _alone(bytes([0x30, len(body)]) + body)
    with pytest.raises(MalformedPacket):
        read_publish(packet, start, 0, mqtt5=True)


def test_malformed_311() -> None:
    """Nor in MQTT 3.1.1, where nothing stands between topic and payload."""
    packet, start = _alone(b"\x30\x05\x00\x05abc")
    with pytest.raises(MalformedPacket):
        read_publish(packet, start, 0, mqtt5=False)


@pytest.mark.parametrize("mqtt5", [False, True])
def test_a_large_payload(mqtt5: bool) -> None:
    """It is the same to whoever reads it, as bytes or only once."""
    payload = bytes(range(256)) * 2000
    properties = None
    if mqtt5:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ContentType = "image/png"
    packet, start = _alone(_packed("a/b", payload, 1, True, properties))
    message = read_publish(packet, start, 2.5, mqtt5=mqtt5)
    assert bytes(message.buffer) == payload
    assert message.payload == payload
    assert message.payload is message.payload
    assert (message.topic, message.qos, message.retain) == ("a/b", 1, True)
    assert message.time == 2.5
    assert getattr(message.properties, "ContentType", None) == (
        "image/png" if mqtt5 else None
    )
    assert not hasattr(message, "anything_else")
