"""Tells people what became of a connection: in the log, and where they must act."""

import logging
from typing import Any, Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .broker.broker import Broker, ConnectionState
from .broker.errors import (
    BadCredentials,
    HttpForbidden,
    HttpUnauthorized,
    NotAuthorized,
)
from .connection import broker_error
from .registry import async_register_broker

_LOGGER = logging.getLogger(__name__)

AUTH_ERRORS: Final = (BadCredentials, HttpForbidden, HttpUnauthorized, NotAuthorized)
"""Only other credentials help, or other rights on the broker."""


class ConnectionWatch:
    """Logs a loss and a return once each; asks for other credentials once per loss.

    Who is let in again is not asked any more.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], broker: Broker
    ) -> None:
        """Watch a broker that is connected."""
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._lost = False
        self._asked = False

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Begin to watch; return how to stop."""
        return self._broker.listen(self._changed)

    @callback
    def _changed(self) -> None:
        broker = self._broker
        if broker.state is ConnectionState.STOPPED:
            return
        if broker.connected:
            if self._lost:
                _LOGGER.info("Connected to %s again", broker.name)
            if self._asked:
                self._withdraw()
            self._lost = self._asked = False
            # It may speak another version of MQTT than before.
            async_register_broker(self._hass, self._entry, broker)
            return
        if not self._lost:
            self._lost = True
            why = broker.last_error and broker_error(broker.last_error)
            _LOGGER.info("Lost the connection to %s: %s", broker.name, why)
        if isinstance(broker.last_error, AUTH_ERRORS) and not self._asked:
            self._asked = True
            self._entry.async_start_reauth(self._hass)

    def _withdraw(self) -> None:
        flows = self._hass.config_entries.flow
        for flow in self._entry.async_get_active_flows(self._hass, {SOURCE_REAUTH}):
            flows.async_abort(flow["flow_id"])
