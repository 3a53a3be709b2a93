"""What everybody else talks to: one broker, connected for as long as it is wanted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
import contextlib
from enum import StrEnum
import logging
import random
from typing import Final

import aiohttp
from paho.mqtt.properties import Properties

from .attempt import open_session
from .counters import Counters
from .errors import (
    BrokerError,
    ConnectError,
    NotConnected,
    PayloadNotText,
    Renewed,
    SubscribeRefused,
)
from .limits import ServerLimits
from .message import Message, MessageHandler
from .second_look import certificate_expiry_now
from .session import Session, random_client_id
from .settings import Announcement, Settings
from .subscriptions import Subscriptions
from .topics import validate_topic

_LOGGER = logging.getLogger(__name__)

_FIRST_DELAY: Final = 1.0
_LONGEST_DELAY: Final = 60.0
_STABLE_SECONDS: Final = 60.0
_LONGEST_HOLD: Final = 30.0
_UNCLAIMED_SECONDS: Final = 60.0
_GOODBYE_SECONDS: Final = 2.0

type SettingsSource = Callable[[], Awaitable[Settings]]

type Payload = str | bytes | int | float | None


class ConnectionState(StrEnum):
    """Where a broker's connection stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    STOPPED = "stopped"


def _encode(payload: Payload) -> bytes:
    if isinstance(payload, bytes):
        return payload
    return b"" if payload is None else str(payload).encode()


def _delay(attempts: int) -> float:
    """Return how long to wait after so many attempts: doubling, with jitter."""
    longest = min(_LONGEST_DELAY, _FIRST_DELAY * float(2 ** min(attempts, 10)))
    return longest * random.uniform(0.5, 1)


async def probe(http: aiohttp.ClientSession, settings: Settings) -> str:
    """Connect once and close again; return the version of MQTT ("5" or "3.1.1").

    Messages that the broker keeps for this client id stay there, unacknowledged.
    Raises ConnectError.
    """
    client_id = settings.client_id or random_client_id()
    session = await open_session(http, settings, client_id, lambda _: None, hold=True)
    await session.close()
    return session.protocol


class Broker:
    """A broker: connects for ever, subscribes, publishes, tells its state.

    ``http`` was made with ``websocket.session_arguments``. All methods are called in
    the event loop. ``connected`` is whether there is a connection now. ``last_error`` is
    why the last attempt or connection ended, None while all is well.
    ``certificate_expiry`` is when the certificate that the server showed last ends, in
    seconds since 1970; None without one that was verified.

    ``ready``, if it is set before ``start``, is awaited before each birth message: who
    hears that may say at once what somebody has to be there to hear.

    ``source``, if there is one, is asked for the settings before each attempt: tokens
    in headers and URLs expire. It may raise ConnectError.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: Settings,
        *,
        name: str,
        source: SettingsSource | None = None,
    ) -> None:
        """Prepare; ``start`` connects."""
        self.settings = settings
        self.name = name
        self.counters = Counters()
        self.last_error: BrokerError | None = None
        self.client_id = settings.client_id or random_client_id()
        self.protocol: str | None = None
        self.certificate_expiry: float | None = None
        self.ready: Callable[[], Awaitable[None]] | None = None
        self._http = http
        self._state = ConnectionState.STOPPED
        self.connected = False
        self._loop = asyncio.get_running_loop()
        self._session: Session | None = None
        self._source = source
        self._opening: asyncio.Task[Session] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._held = False
        self._releasing: asyncio.TimerHandle | None = None
        self._forgetting: asyncio.TimerHandle | None = None
        self._hurry = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._refusal_listeners: list[Callable[[], None]] = []
        self._told: Mapping[str, SubscribeRefused] | None = None
        self._subscriptions = Subscriptions(name, self.counters, self._ask)
        self._asked = asyncio.Event()
        self._settled = asyncio.Event()

    # --- state --------------------------------------------------------------------

    @property
    def state(self) -> ConnectionState:
        """Where the connection stands."""
        return self._state

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each change of ``state``; return how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _set_state(self, state: ConnectionState) -> None:
        if state is not self._state:
            self._state = state
            self.connected = state is ConnectionState.CONNECTED
            self._tell(self._listeners)

    def _tell(self, listeners: list[Callable[[], None]]) -> None:
        for listener in tuple(listeners):
            try:
                listener()
            except Exception:
                _LOGGER.exception("A listener to the state of %s failed", self.name)

    # --- life ---------------------------------------------------------------------

    async def start(self, *, hold: bool = False) -> None:
        """Connect and stay connected.

        Raises ConnectError, and then leaves nothing behind, if there is no first
        connection.

        With ``hold``, messages that the broker kept for this client wait there until
        ``release``, or for 30 s: what arrives before its handler would be lost.
        """
        self._set_state(ConnectionState.CONNECTING)
        self._held = hold
        if self.settings.session_expiry:
            # Before there is a connection: messages may come right behind CONNACK.
            self._subscriptions.keep_unclaimed()
        try:
            session = await self._first_session()
        except BaseException:
            self._subscriptions.forget_unclaimed()
            self._set_state(ConnectionState.STOPPED)
            raise
        if hold:
            self._releasing = self._loop.call_later(_LONGEST_HOLD, self.release)
        self._forgetting = self._loop.call_later(
            _UNCLAIMED_SECONDS if session.session_present else 0,
            self._subscriptions.forget_unclaimed,
        )
        self._adopt(session)
        self._keeper = self._loop.create_task(
            self._keep_connected(session), name=f"mqtt_websocket {self.name}"
        )

    async def _first_session(self) -> Session:
        """Connect in a task of its own, which stop() can end."""
        opening = self._opening = self._loop.create_task(self._connect())
        try:
            await asyncio.wait({opening})
        except BaseException:
            opening.cancel()
            await asyncio.wait({opening})
            if not opening.cancelled() and opening.exception() is None:
                await opening.result().close()
            raise
        finally:
            self._opening = None
        if opening.cancelled():
            raise ConnectError(reason="stopped")
        session = opening.result()
        if self._state is ConnectionState.STOPPED:
            await session.close()
            raise ConnectError(reason="stopped")
        return session

    def release(self) -> None:
        """Let in what ``start`` held: the handlers are there."""
        self._held = False
        if self._releasing is not None:
            self._releasing.cancel()
            self._releasing = None
        if self._session is not None:
            self._session.release()

    async def stop(self) -> None:
        """Say goodbye, close, and leave nothing behind. Takes some 6 s at most."""
        if self._opening is not None:
            self._opening.cancel()
        keeper, self._keeper = self._keeper, None
        session = self._session
        self.release()
        if self._forgetting is not None:
            self._forgetting.cancel()
            self._forgetting = None
        if session is not None and self.connected:
            # DISCONNECT makes the broker forget the will, and it is true now.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    for goodbye in self.settings.will, self.settings.farewell:
                        if goodbye is not None:
                            await self._announce(session, goodbye)
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait({keeper})
        if session is not None:
            # A task that is cancelled before its first step closes nothing.
            self._session = None
            await session.close()
        self._set_state(ConnectionState.STOPPED)

    def reconnect_now(self) -> None:
        """End the wait for the next attempt; nothing happens while connected."""
        if not self.connected:
            self._hurry.set()

    async def reconnect(self) -> None:
        """Connect anew, at once; return when that is done.

        Raises the ConnectError that prevents it, and NotConnected while stopped.
        """
        done: asyncio.Future[BrokerError | None] = self._loop.create_future()
        tried = self._state is ConnectionState.CONNECTING

        def look() -> None:
            nonlocal tried
            if done.done():
                return
            match self._state:
                case ConnectionState.CONNECTING:
                    tried = True
                case ConnectionState.CONNECTED:
                    done.set_result(None)
                case ConnectionState.DISCONNECTED if tried:
                    done.set_result(self.last_error)
                case ConnectionState.STOPPED:
                    done.set_result(NotConnected())

        if self._state is ConnectionState.STOPPED:
            raise NotConnected
        unlisten = self.listen(look)
        try:
            if not tried:
                self._hurry.set()
            if self._session is not None:
                self._session.end(Renewed())
            error = await done
        finally:
            unlisten()
        if error is not None:
            raise error

    async def look_at_certificate(self) -> None:
        """Find out which certificate the server shows by now.

        A connection knows only the one that it began with. Takes three seconds at most.
        """
        if self.certificate_expiry is not None:
            expiry = await certificate_expiry_now(self._http, self.settings)
            self.certificate_expiry = expiry or self.certificate_expiry

    async def _connect(self) -> Session:
        try:
            if self._source is not None:
                self.settings = await self._source()
            session = await open_session(
                self._http,
                self.settings,
                self.client_id,
                self._receive,
                self.protocol,
                hold=self._held,
            )
        except ConnectError as err:
            self.last_error = err
            raise
        self.protocol = session.protocol
        # The server may have another idea of it (MQTT 5 section 3.2.2.3.7).
        self.client_id = session.client_id
        self.certificate_expiry = session.certificate_expiry
        self.counters.connections += 1
        return session

    async def _keep_connected(self, session: Session) -> None:
        attempts = 0
        while True:
            since = self._loop.time()
            try:
                self.last_error = await self._serve(session)
                # Before the close, which may take seconds: nobody is served any more.
                self._session = None
                self._set_state(ConnectionState.DISCONNECTED)
            finally:
                self._session = None
                await session.close()
            if self._loop.time() - since >= _STABLE_SECONDS:
                attempts = 0
                self._subscriptions.lasted()
            while True:
                await self._wait_before(attempts)
                attempts += 1
                self._set_state(ConnectionState.CONNECTING)
                try:
                    session = await self._connect()
                except ConnectError as err:
                    _LOGGER.debug("No connection to %s: %s", self.name, err)
                    self._set_state(ConnectionState.DISCONNECTED)
                except Exception as err:
                    # A fault of ours must not end the attempts.
                    _LOGGER.exception("Connecting to %s failed", self.name)
                    self.last_error = ConnectError(reason=type(err).__name__)
                    self._set_state(ConnectionState.DISCONNECTED)
                else:
                    self._adopt(session)
                    break

    async def _wait_before(self, attempts: int) -> None:
        """Wait before the next attempt."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_delay(attempts)):
                await self._hurry.wait()
        self._hurry.clear()

    def _adopt(self, session: Session) -> None:
        """Begin to use a session: every subscription goes out again."""
        self._subscriptions.renew(session)
        self._session = session
        self._hurry.clear()
        self.last_error = None
        self._set_state(ConnectionState.CONNECTED)

    async def _serve(self, session: Session) -> BrokerError:
        """Use a session until it is lost; return why it was."""
        asking = self._loop.create_task(self._keep_subscribed(session))
        try:
            return await session.lost
        finally:
            asking.cancel()
            await asyncio.wait({asking})
            self._settled.set()

    async def _announce(self, session: Session, announcement: Announcement) -> None:
        """Publish a birth or will message; a broker that refuses it is none the worse."""
        try:
            await session.publish(
                announcement.topic,
                _encode(announcement.payload),
                announcement.qos,
                announcement.retain,
                None,
            )
        except BrokerError as err:
            _LOGGER.warning(
                "%s did not take %s: %s", self.name, announcement.topic, err
            )

    # --- subscriptions ------------------------------------------------------------

    def subscribe(
        self, topic_filter: str, handler: MessageHandler, qos: int = 0
    ) -> Callable[[], None]:
        """Call ``handler`` with each message of the filter; return how to stop that.

        Works while disconnected too: the subscription stands for every connection.
        SUBSCRIBE goes out with others, soon. Each handler gets a retained message of
        its filter once a connection. Raises InvalidTopic.
        """
        return self._subscriptions.add(topic_filter, handler, qos)

    @property
    def refused(self) -> Mapping[str, SubscribeRefused]:
        """The filters that the broker did not take, and why."""
        return self._subscriptions.refused

    def listen_refused(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` once ``refused`` is known, and after each change of it.

        Return how to stop that.
        """
        self._refusal_listeners.append(listener)
        return lambda: self._refusal_listeners.remove(listener)

    def _tell_refused(self) -> None:
        """Tell what has changed now that the broker has answered all.

        And once in any case, so that everybody knows that it has.
        """
        if self._told is None or self._told.keys() != self.refused.keys():
            self._told = dict(self.refused)
            self._tell(self._refusal_listeners)

    @property
    def limits(self) -> ServerLimits | None:
        """What the server allows on this connection; None while there is none."""
        return None if self._session is None else self._session.limits

    async def settled(self) -> None:
        """Return when the broker has answered all subscriptions asked for so far.

        Returns at once while disconnected.
        """
        if self.connected:
            await self._settled.wait()

    def _ask(self) -> None:
        self._settled.clear()
        self._asked.set()

    async def _keep_subscribed(self, session: Session) -> None:
        """Send what subscribe() asks for as it comes; after the first lot, the birth."""
        birth: asyncio.Task[None] | None = None
        try:
            while True:
                await self._asked.wait()
                self._asked.clear()
                try:
                    await self._subscriptions.send(session)
                except BrokerError:
                    return  # the connection is gone, and _serve knows
                self._tell_refused()
                if self.settings.birth is not None and birth is None:
                    # Not awaited: what makes it wait may be more subscriptions.
                    birth = self._loop.create_task(
                        self._give_birth(session, self.settings.birth)
                    )
                if not self._asked.is_set():
                    self._settled.set()
        finally:
            if birth is not None:
                birth.cancel()
                await asyncio.wait({birth})

    async def _give_birth(self, session: Session, birth: Announcement) -> None:
        if self.ready is not None:
            await self.ready()
        await self._announce(session, birth)

    # --- messages -----------------------------------------------------------------

    def _receive(self, message: Message) -> None:
        """Hand a message to the handlers of its topic. Must not raise."""
        counters = self.counters
        counters.received += 1
        counters.bytes_received += len(message.buffer)
        self._subscriptions.dispatch(message)

    async def publish(
        self,
        topic: str,
        payload: Payload,
        qos: int = 0,
        retain: bool = False,
        properties: Properties | None = None,
    ) -> int | None:
        """Return when the message is written (QoS 0) or acknowledged (QoS 1 and 2).

        The result is the reason code of the acknowledgement: 0, or 16 if the broker says
        that nobody listens. None with QoS 0.

        Text is sent as UTF-8, numbers as text, None as an empty payload.
        ``properties`` are MQTT 5's; 3.1.1 has none. Raises InvalidTopic, PayloadNotText,
        NotConnected, PublishRefused, PublishTimedOut, or the error that ended the
        connection.
        """
        validate_topic(topic)
        session = self._session
        if session is None:
            raise NotConnected
        try:
            data = _encode(payload)
        except UnicodeEncodeError:
            raise PayloadNotText(topic=topic) from None
        code = await session.publish(topic, data, qos, retain, properties)
        self.counters.published += 1
        self.counters.bytes_published += len(data)
        return code
