"""An ``aiomqtt.Client`` on a socket of our own, whose CONNECT is on its way.

The private names of aiomqtt and paho that this needs: ``aiomqtt.Client._client`` (its
paho client), ``paho.Client._create_socket`` (where our end of the pair goes in),
``paho.Client._packet_queue`` and ``_out_packet`` (what is written, in which pieces),
``paho.Client._last_mid`` (where packet ids begin) and ``paho.Client._sock_close``.
"""

import asyncio
from collections.abc import Callable
import functools
import logging
import random
from typing import Final, cast, override

import aiomqtt
from paho.mqtt import client as paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from .message import Message, MessageHandler, PublishProperties
from .pipe import ClientSocket
from .properties import packet_properties
from .settings import Settings

# What aiomqtt and paho log is for who develops them, such as an UNSUBACK that nobody
# waits for any more; what a person needs to know comes as an error.
_LOGGER = logging.getLogger(__name__)
_LOGGER.setLevel(logging.CRITICAL)

MAX_IN_FLIGHT: Final = 100
"""Messages with QoS 1 or 2 that wait for their acknowledgement, at most."""


def _queue_type(handler: MessageHandler) -> type[asyncio.Queue[aiomqtt.Message]]:
    class HandedOver(asyncio.Queue[aiomqtt.Message]):
        """Hands each message to the handler at once: no queue, no task a message."""

        @override
        def put_nowait(self, item: aiomqtt.Message) -> None:
            # Those with QoS 2 only, which take paho two steps.
            handler(
                Message(
                    item.topic.value,
                    item.payload,
                    item.qos,
                    item.retain,
                    _publish_properties(item.properties),
                    asyncio.get_running_loop().time(),
                )
            )

    return HandedOver


def _publish_properties(found: Properties | None) -> PublishProperties | None:
    """Return what a message says, without paho's own attributes: those are lower-case."""
    values = {} if found is None else vars(found)
    said = {name: value for name, value in values.items() if name[0].isupper()}
    return PublishProperties(**said) if said else None


def pahos_keepalive(seconds: int) -> int:
    """Return the keepalive for paho, which finds a dead link after two of its own.

    Three quarters of what was asked for make that 1.5, as a server reckons.
    """
    return max(1, seconds * 3 // 4) if seconds else 0


def _write_in_large_pieces(inner: paho.Client) -> None:
    """Let paho write acknowledgements together, and cut views off what is large.

    It writes each packet by itself. While another thread is busy, such as the
    recorder's, Python lets it have 5 ms for each write: hundreds of acknowledgements
    would hold the event loop for a second. And for each piece that the socket takes it
    copies all that is left: milliseconds for some MiB.
    """
    queue = inner._packet_queue  # noqa: SLF001 - see above
    waiting = inner._out_packet  # noqa: SLF001 - see above

    def queue_packet(
        command: int,
        packet: bytes,
        mid: int,
        qos: int,
        info: paho.MQTTMessageInfo | None = None,
    ) -> MQTTErrorCode:
        if command != paho.PUBACK:
            packet = cast(bytes, memoryview(packet))
        elif (
            waiting and (last := waiting[-1])["command"] == command and not last["pos"]
        ):
            last["packet"] += packet
            last["to_process"] += len(packet)
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        return queue(command, packet, mid, qos, info)

    inner._packet_queue = queue_packet  # type: ignore[method-assign] # noqa: SLF001 - see above


def make_client(
    settings: Settings,
    sock: ClientSocket,
    handler: MessageHandler,
    *,
    protocol: str,
    client_id: str,
    prepare: Callable[[aiomqtt.Client], None],
) -> aiomqtt.Client:
    """Return a client that waits for CONNACK on ``sock``.

    ``prepare`` is called with it before CONNECT is sent.
    """
    mqtt5 = protocol == "5"
    # Under a made-up client id a session of 3.1.1 would stay with the broker for ever.
    persistent = bool(settings.session_expiry) and (
        mqtt5 or settings.client_id is not None
    )
    will = settings.will
    client = aiomqtt.Client(
        settings.address.host,
        settings.address.port,
        username=settings.username,
        password=settings.password,
        logger=_LOGGER,
        identifier=client_id,
        queue_type=_queue_type(handler),
        protocol=aiomqtt.ProtocolVersion.V5 if mqtt5 else aiomqtt.ProtocolVersion.V311,
        will=will
        if will is None
        else aiomqtt.Will(will.topic, will.payload, will.qos, will.retain),
        clean_session=None if mqtt5 else not persistent,
        # The deadline is the session's.
        timeout=settings.timeout + 1,
    )
    client.pending_calls_threshold = 1_000_000  # no warnings: it is bounded here
    inner = client._client  # noqa: SLF001
    inner.max_inflight_messages_set(MAX_IN_FLIGHT)
    prepare(client)
    # The one place where paho takes a socket of somebody else's making.
    inner._create_socket = lambda: sock  # type: ignore[method-assign] # noqa: SLF001 - see above
    _write_in_large_pieces(inner)
    if persistent:
        # The broker may know packet ids of an earlier connection.
        inner._last_mid = random.randrange(65535)  # noqa: SLF001
    # aiomqtt connects in a thread, which can't be cancelled, because paho blocks
    # there. With the socket at hand nothing blocks: connect here, and let aiomqtt
    # only wait for CONNACK.
    try:
        inner.connect(
            settings.address.host,
            settings.address.port,
            pahos_keepalive(settings.keepalive),
            clean_start=not persistent if mqtt5 else paho.MQTT_CLEAN_START_FIRST_ONLY,
            properties=_connect_properties(settings, persistent=persistent)
            if mqtt5
            else None,
        )
    except BaseException:
        # There is no CONNECT of these settings. aiomqtt's task would run for ever.
        inner._sock_close()  # noqa: SLF001
        raise
    if mqtt5 and persistent and settings.client_id is None:
        # Nobody will know this client id any more.
        forgetting = packet_properties(PacketTypes.DISCONNECT, SessionExpiryInterval=0)
        inner.disconnect = functools.partial(  # type: ignore[method-assign] # see above
            inner.disconnect, properties=forgetting
        )
    inner.connect = lambda *_: paho.MQTT_ERR_SUCCESS  # type: ignore[method-assign] # see above
    return client


def _connect_properties(settings: Settings, *, persistent: bool) -> Properties:
    """Return what CONNECT says of this client (MQTT 5 section 3.1.2.11)."""
    # A larger message would end the connection, each time anew if it is retained.
    values = {"MaximumPacketSize": settings.max_frame}
    if persistent:
        values["SessionExpiryInterval"] = settings.session_expiry
    return packet_properties(PacketTypes.CONNECT, **values)
