"""One connection from open to close: an ``aiomqtt.Client`` and the pipe under it.

Private names of aiomqtt and paho are touched here, in client.py and, around a PUBREC,
in answers.py. Here: ``aiomqtt.Client._client`` (its paho client),
``aiomqtt.Client._disconnected`` (the future that ends with the connection),
``paho.Client._send_puback``, ``paho.Client._keepalive`` (what the server wants instead
of ours) and ``paho.Client._sock_close`` (the hard end; without it a failed connect
leaves a socket and a task behind).
"""

import asyncio
from collections.abc import Callable
import contextlib
import secrets
from typing import Any, Final, cast

import aiohttp
import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt import client as paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from .answers import Answers
from .client import MAX_IN_FLIGHT, make_client, pahos_keepalive
from .errors import (
    BrokerError,
    NotConnected,
    ProtocolViolation,
    PublishRefused,
    PublishTimedOut,
    SubscribeTimedOut,
)
from .failure import timed_out
from .heartbeat import keep_pinging
from .limits import ServerLimits
from .message import MessageHandler
from .packets import PUBLISH, MalformedPacket, packet_id, read_publish
from .pipe import ClientSocket, End, Pipe
from .properties import packet_properties
from .reasons import explain_connack, explain_end, explain_lost
from .settings import Settings
from .websocket import Progress, certificate_expiry, open_websocket

_CLOSE_SECONDS: Final = 2.0
_ANSWER_SECONDS: Final = 10.0
# The fixed header, the topic's length, a packet id: what a PUBLISH adds at most.
_PUBLISH_OVERHEAD: Final = 16


def random_client_id() -> str:
    """Return a client id that every server must take (MQTT 5 section 3.1.3.1)."""
    return f"ha{secrets.token_hex(10)}"


async def _first_of(*futures: asyncio.Future[Any]) -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


class Session:
    """One connection attempt and, if it succeeds, one connection. Never opened twice.

    ``lost`` gets a result, the reason, when an open connection has ended.
    ``handler`` is called with each message, which is acknowledged when it returns. It
    must not raise: that would end the connection.

    With ``hold``, what the broker kept of an earlier session is neither handled nor
    acknowledged before ``release``.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: Settings,
        protocol: str,
        client_id: str,
        handler: MessageHandler,
        *,
        hold: bool = False,
    ) -> None:
        """Prepare one attempt with MQTT ``protocol`` ("5" or "3.1.1")."""
        self.protocol = protocol
        self.client_id = client_id
        self.session_present = False
        self.certificate_expiry: float | None = None
        self.limits = ServerLimits()
        self._connack_properties: Properties | None = None
        self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._keepalive = settings.keepalive
        self._http = http
        self._settings = settings
        self._handler = handler
        self._hold = hold
        self._heartbeat: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[BrokerError] = self._loop.create_future()
        self._progress = Progress()
        self._pipe: Pipe | None = None
        self._socket: ClientSocket | None = None
        self._mqtt5 = protocol == "5"
        self._client: aiomqtt.Client | None = None
        self._connack: ReasonCode | None = None
        self._disconnect: tuple[ReasonCode, Properties | None] | None = None
        self._entered = False
        self._answers = Answers()

    # --- life ---------------------------------------------------------------------

    async def open(self, deadline: float, *, patience: float = 1.0) -> None:
        """Connect before a time of the event loop's clock, or raise ConnectError.

        ``patience`` is which part of what is left of the time may go by until CONNACK.
        """
        try:
            async with asyncio.timeout_at(deadline) as timeout:
                await self._open(timeout, patience)
        except TimeoutError:
            await self._tear_down()
            if self._progress.error is not None:
                raise self._progress.error from None
            settings = self._settings
            raise timed_out(
                settings.address,
                self._progress.proxy,
                self._progress.phase,
                settings.timeout,
            ) from None
        except BaseException:
            await self._tear_down()
            raise

    def release(self) -> None:
        """Let through what was held, on an open connection."""
        assert self._pipe is not None
        self._pipe.release()

    async def close(self) -> None:
        """Send DISCONNECT, close the WebSocket, leave nothing behind. Takes 4 s at most."""
        if not self.lost.done():
            self.lost.set_result(NotConnected())
        try:
            client, pipe = self._client, self._pipe
            if self._entered and client is not None and pipe is not None:
                with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                    async with asyncio.timeout(_CLOSE_SECONDS):
                        await client.__aexit__(None, None, None)
                    await pipe.finish()
        finally:
            await self._tear_down()

    async def _open(self, timeout: asyncio.Timeout, patience: float) -> None:
        websocket = await open_websocket(self._http, self._settings, self._progress)
        self._pipe = pipe = Pipe(
            websocket, self._deliver, self._settings.give_way, hold=self._hold
        )
        self.certificate_expiry = certificate_expiry(websocket)
        self._progress.phase = "connack"
        if patience < 1 and (end := timeout.when()) is not None:
            now = self._loop.time()
            timeout.reschedule(now + (end - now) * patience)
        self._socket = sock = await pipe.open()
        try:
            client = make_client(
                self._settings,
                sock,
                self._handler,
                protocol=self.protocol,
                client_id=self.client_id,
                prepare=self._listen_in,
            )
            entering = self._loop.create_task(client.__aenter__())
        except BaseException:
            sock.close()
            raise
        try:
            # A client that chokes on an answer goes on waiting for a better one.
            await _first_of(entering, pipe.ended, self.lost)
            if self._connack is not None:
                # It is answered, and aiomqtt is about to notice.
                await asyncio.wait({entering}, timeout=_CLOSE_SECONDS)
        finally:
            if not entering.done():
                entering.cancel()
                await asyncio.wait({entering})
        error = None if entering.cancelled() else entering.exception()
        if isinstance(error, MqttConnectError):
            raise explain_connack(error.rc, self._connack_properties) from None
        if error is not None or entering.cancelled():
            cause = pipe.ended.result() if pipe.ended.done() else None
            answered = self._connack is not None
            raise explain_end(pipe.head, cause, answered=answered) from error
        self._entered = True
        if not self.session_present:
            pipe.release()
        pipe.ended.add_done_callback(self._on_pipe_ended)
        if self._settings.ping is not None:
            self._heartbeat = self._loop.create_task(
                keep_pinging(pipe, self._settings.ping)
            )

    def _obey(self, inner: paho.Client, limits: ServerLimits) -> None:
        """Keep to what the server allows; paho 2.1 does not read it."""
        self.limits = limits
        self._in_flight = asyncio.Semaphore(min(limits.receive_maximum, MAX_IN_FLIGHT))
        if limits.keepalive is not None:
            self._keepalive = limits.keepalive
            inner._keepalive = pahos_keepalive(limits.keepalive)  # noqa: SLF001

    def _listen_in(self, client: aiomqtt.Client) -> None:
        """Note what paho knows and aiomqtt drops."""
        # Before CONNECT: should that fail, this is torn down as well.
        self._client = client
        # A client that chokes on what comes right behind CONNACK forgets it later.
        ended: asyncio.Future[None] = client._disconnected  # noqa: SLF001
        ended.add_done_callback(self._on_client_disconnected)
        inner = client._client  # noqa: SLF001
        on_connect = cast(Callable[..., None], inner.on_connect)
        on_disconnect = cast(Callable[..., None], inner.on_disconnect)

        def connected(
            client: paho.Client,
            userdata: Any,
            flags: paho.ConnectFlags,
            reason: ReasonCode,
            properties: Properties | None,
        ) -> None:
            self._connack = reason
            self.session_present = flags.session_present
            # 3.1.1 has none; paho makes up empty ones.
            said = properties if self._mqtt5 else None
            self._connack_properties = said
            self.client_id = getattr(said, "AssignedClientIdentifier", self.client_id)
            self._obey(client, ServerLimits.of(said))
            on_connect(client, userdata, flags, reason, properties)

        def disconnected(
            client: paho.Client,
            userdata: Any,
            flags: paho.DisconnectFlags,
            reason: ReasonCode,
            properties: Properties | None,
        ) -> None:
            self._disconnect = reason, properties
            on_disconnect(client, userdata, flags, reason, properties)

        inner.on_connect = connected
        inner.on_disconnect = disconnected
        self._answers.listen(inner)

    async def _tear_down(self) -> None:
        """End hard what is left. Safe at any moment, more than once."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        client, self._client = self._client, None
        if client is not None:
            client._client._sock_close()  # noqa: SLF001
            disconnected: asyncio.Future[None] = client._disconnected  # noqa: SLF001
            if disconnected.done() and not disconnected.cancelled():
                disconnected.exception()  # retrieved: nobody else will
        self._answers.fail(NotConnected())
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            await pipe.close()

    # --- what comes -----------------------------------------------------------------

    def _deliver(self, packet: bytes, body: int, now: float) -> None:
        """Handle a packet. Raises MalformedPacket.

        The hot path: messages don't go through paho, but for those with QoS 2.
        """
        # The pump runs between _open and _tear_down: both are there.
        assert self._client is not None
        assert self._socket is not None
        inner = self._client._client  # noqa: SLF001
        first = packet[0]
        if first >> 4 == PUBLISH and not first & 0x04:
            message = read_publish(packet, body, now, mqtt5=self._mqtt5)
            self._handler(message)
            if message.qos:
                inner._send_puback(packet_id(packet, body))  # noqa: SLF001
            return
        self._socket.feed(packet)
        try:
            inner.loop_read()
        except Exception as err:
            # Whatever paho or aiomqtt chokes on.
            raise MalformedPacket(f"{type(err).__name__}: {err}") from err

    # --- why there is none, or none any more --------------------------------------

    def _on_client_disconnected(self, future: asyncio.Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None and not isinstance(error, aiomqtt.MqttError):
            # paho or aiomqtt choked on what the server sent.
            self.end(ProtocolViolation(reason=f"{type(error).__name__}: {error}"))

    def _on_pipe_ended(self, future: asyncio.Future[End]) -> None:
        tail = b"" if self._pipe is None or self.protocol != "5" else self._pipe.tail
        self.end(explain_lost(future.result(), self._disconnect, tail, self._keepalive))

    def end(self, error: BrokerError) -> None:
        """Serve nobody any more, for this reason; ``close`` is still to come."""
        if not self.lost.done():
            self.lost.set_result(error)
        self._answers.fail(error)

    # --- what a connection is for -------------------------------------------------

    async def publish(
        self,
        topic: str,
        payload: bytes,
        qos: int,
        retain: bool,
        properties: Properties | None,
    ) -> int | None:
        """Return when written (QoS 0) or acknowledged (QoS 1 and 2), in 10 s at most.

        The result is the reason code of the acknowledgement: 0, or 16 if nobody listens
        (MQTT 5 section 3.4.2.1). None if there is none.

        A server without QoS 2, or 1, gets the highest that it has. Raises
        PublishRefused, PublishTimedOut or the error that ended the connection.
        """
        limits = self.limits
        size = len(payload) + len(topic.encode()) + _PUBLISH_OVERHEAD
        if limits.maximum_packet_size is not None and size > limits.maximum_packet_size:
            raise PublishRefused(topic=topic, reason="Packet too large")
        if retain and not limits.retain_available:
            raise PublishRefused(topic=topic, reason="Retain not supported")
        qos = min(qos, limits.maximum_qos)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                if qos == 0:
                    return await self._publish(topic, payload, qos, retain, properties)
                async with self._in_flight:
                    return await self._publish(topic, payload, qos, retain, properties)
        except TimeoutError:
            raise PublishTimedOut(topic=topic, seconds=f"{_ANSWER_SECONDS:g}") from None

    async def _publish(
        self,
        topic: str,
        payload: bytes,
        qos: int,
        retain: bool,
        properties: Properties | None,
    ) -> int | None:
        """Publish through aiomqtt's paho client.

        aiomqtt's own publish drops the broker's reason, and counts all pending calls
        each time.
        """
        info = self._inner.publish(topic, payload, qos, retain, properties)
        if info.rc == paho.MQTT_ERR_QUEUE_SIZE:
            raise PublishRefused(topic=topic, reason=paho.error_string(info.rc))
        if info.rc != paho.MQTT_ERR_SUCCESS:
            raise NotConnected
        (reason,) = await self._answers.to(info.mid)
        if reason.is_failure:
            raise PublishRefused(topic=topic, reason=reason)
        code: int = reason.value
        return code if qos else None

    async def subscribe(
        self,
        filters: list[tuple[str, int]],
        *,
        identifier: int | None = None,
        replay: bool = True,
        late: Callable[[list[ReasonCode]], None] = lambda _: None,
    ) -> list[ReasonCode]:
        """Send one SUBSCRIBE for (filter, QoS) pairs; return a reason code for each.

        MQTT 5 has ``identifier`` for all of them, and ``replay``, whether to send what
        is retained. A server that has no such filters would end the connection: it is
        not asked for them. Raises SubscribeTimedOut or the error that ended the
        connection. After SubscribeTimedOut, ``late`` gets the reason codes if they come.
        """
        impossible = {
            name: code
            for name, _ in filters
            if (code := self.limits.why_not(name)) is not None
        }
        possible = [pair for pair in filters if pair[0] not in impossible]

        def of_all(codes: list[ReasonCode]) -> list[ReasonCode]:
            answers = iter(codes)
            return [
                ReasonCode(PacketTypes.SUBACK, identifier=impossible[name])
                if name in impossible
                else next(answers)
                for name, _ in filters
            ]

        if not possible:
            return of_all([])
        return of_all(
            await self._subscribe(
                possible, identifier, replay, lambda codes: late(of_all(codes))
            )
        )

    async def _subscribe(
        self,
        filters: list[tuple[str, int]],
        identifier: int | None,
        replay: bool,
        late: Callable[[list[ReasonCode]], None],
    ) -> list[ReasonCode]:
        request: Any = filters
        properties = None
        if self.protocol == "5":
            handling = (
                SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE
                if replay
                else SubscribeOptions.RETAIN_DO_NOT_SEND
            )
            request = [
                (name, SubscribeOptions(qos=qos, retainHandling=handling))
                for name, qos in filters
            ]
            if identifier is not None:
                properties = packet_properties(
                    PacketTypes.SUBSCRIBE, SubscriptionIdentifier=identifier
                )
        inner = self._inner
        return await self._asked(
            inner.subscribe(request, properties=properties), filters[0][0], late
        )

    async def unsubscribe(self, filters: list[str]) -> list[ReasonCode]:
        """Send one UNSUBSCRIBE; return a reason code for each filter.

        3.1.1 has none. Raises as ``subscribe`` does.
        """
        return await self._asked(self._inner.unsubscribe(filters), filters[0])

    @property
    def _inner(self) -> paho.Client:
        """The paho client. Raises NotConnected."""
        if self._client is None or self.lost.done():
            raise NotConnected
        return self._client._client  # noqa: SLF001

    async def _asked(
        self,
        sent: tuple[MQTTErrorCode, int | None],
        topic: str,
        late: Callable[[list[ReasonCode]], None] | None = None,
    ) -> list[ReasonCode]:
        """Await the answer to what was sent; ``late`` gets it if it comes too late.

        aiomqtt's own ``subscribe`` and ``unsubscribe`` drop reasons.
        """
        result, mid = sent
        if result != paho.MQTT_ERR_SUCCESS or mid is None:
            raise NotConnected
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._answers.to(mid)
        except TimeoutError:
            if late is not None:
                self._answers.later(mid, late)
            raise SubscribeTimedOut(
                topic=topic, seconds=f"{_ANSWER_SECONDS:g}"
            ) from None
