"""The triggers on the connection: it is there, it is lost."""

import abc
from typing import Any, ClassVar, Final, override

import voluptuous as vol

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import (
    TriggerActionRunner,
    TriggerNotTriggeredReporter,
)

from ..const import ATTR_CONFIG_ENTRY_ID
from ..runtime import MqttWebsocketConfigEntry
from .base import BrokerTrigger
from .follow import ConnectionFollower

CONNECTION_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_OPTIONS, default=dict): {
            vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string
        }
    }
)

REASON_UNLOADED: Final = "unloaded"


class _ConnectionTrigger(BrokerTrigger):
    """Fires when the connection changes, in one of the two directions."""

    _schema = CONNECTION_SCHEMA

    _connected: ClassVar[bool]

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Watch the connection for as long as the trigger is attached."""

        def changed(entry: MqttWebsocketConfigEntry, connected: bool) -> None:
            # When Home Assistant stops, nobody wants to hear that brokers are lost.
            if connected is self._connected and not self._hass.is_stopping:
                data = {ATTR_CONFIG_ENTRY_ID: entry.entry_id, "broker": entry.title}
                run_action(data | self._details(entry), self._description(entry))

        return ConnectionFollower(self._hass, self._config_entry_id, changed).start()

    @abc.abstractmethod
    def _details(self, entry: MqttWebsocketConfigEntry) -> dict[str, Any]:
        """Return what else the automation gets to know."""

    @abc.abstractmethod
    def _description(self, entry: MqttWebsocketConfigEntry) -> str:
        """Return what happened, for traces and the logbook."""


class BrokerConnectedTrigger(_ConnectionTrigger):
    """Fires when a broker is connected, for the first time or again."""

    _connected = True

    @override
    def _details(self, entry: MqttWebsocketConfigEntry) -> dict[str, Any]:
        return {"protocol": entry.runtime_data.broker.protocol}

    @override
    def _description(self, entry: MqttWebsocketConfigEntry) -> str:
        return f"connection to {entry.title}"


class BrokerDisconnectedTrigger(_ConnectionTrigger):
    """Fires when the connection to a broker is lost, or ended by Home Assistant."""

    _connected = False

    @override
    def _details(self, entry: MqttWebsocketConfigEntry) -> dict[str, Any]:
        error = entry.runtime_data.broker.last_error
        if error is None:
            return {"reason": REASON_UNLOADED, "details": {}}
        return {"reason": error.key, "details": dict(error.details)}

    @override
    def _description(self, entry: MqttWebsocketConfigEntry) -> str:
        return f"lost connection to {entry.title}"
