"""What device triggers and tag scanners have in common: they listen to one topic."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..bad_payloads import BadPayloads
from ..broker.broker import Broker
from ..broker.message import Message
from ..mapping.payload import PayloadError
from ..mapping.schemas import EntityConfig
from ..mapping.schemas.common import CONF_QOS, CONF_TOPIC


class Listener:
    """A component of a device that is no entity, and listens to one topic.

    As with events, a retained message says what was, not what happens: it is ignored.
    """

    label: str
    """What the log calls it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        broker: Broker,
        bad_payloads: BadPayloads,
        config: EntityConfig,
    ) -> None:
        """Take a validated config."""
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._bad_payloads = bad_payloads
        self._topic: Final[str] = config[CONF_TOPIC]
        self._qos: Final[int] = config[CONF_QOS]
        self._unsubscribe: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> None:
        """Listen; nothing happens if it does already."""
        if self._unsubscribe is None:
            self._unsubscribe = self._broker.subscribe(
                self._topic, self._receive, self._qos
            )

    @callback
    def stop(self) -> None:
        """Listen no more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @callback
    def _receive(self, message: Message) -> None:
        if message.retain:
            return
        try:
            self._take(message)
        except PayloadError as err:
            self._complain(message, err)

    def _take(self, message: Message) -> None:
        """Do what a message asks for. Raises PayloadError if that is nothing."""
        raise NotImplementedError

    def _complain(self, message: Message, reason: object) -> None:
        self._bad_payloads.add(message, self.label, reason)
