"""Follows the broker that an automation means, from before it is set up until it is gone."""

from collections.abc import Callable
import logging
from typing import TYPE_CHECKING

import voluptuous as vol

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.typing import ConfigType

from ..const import ATTR_CONFIG_ENTRY_ID, DOMAIN
from ..runtime import MqttWebsocketConfigEntry, SeveralBrokers, async_find_entry

_LOGGER = logging.getLogger(__name__)


@callback
def async_is_connected(entry: MqttWebsocketConfigEntry) -> bool:
    """Return whether an entry is set up and its broker connected."""
    return (
        entry.state is ConfigEntryState.LOADED and entry.runtime_data.broker.connected
    )


@callback
def async_validated(
    hass: HomeAssistant, schema: vol.Schema, config: ConfigType
) -> ConfigType:
    """Return the validated configuration of a trigger or condition.

    Raises vol.Invalid, also unless it is clear which broker is meant.
    """
    validated: ConfigType = schema(config)
    config_entry_id = validated[CONF_OPTIONS].get(ATTR_CONFIG_ENTRY_ID)
    try:
        entry = async_find_entry(hass, config_entry_id)
    except SeveralBrokers:
        raise vol.Invalid(
            "there is more than one MQTT broker: choose one",
            path=[CONF_OPTIONS, ATTR_CONFIG_ENTRY_ID],
        ) from None
    if entry is None and config_entry_id is not None:
        raise vol.Invalid(
            f"there is no MQTT broker with the ID {config_entry_id}",
            path=[CONF_OPTIONS, ATTR_CONFIG_ENTRY_ID],
        )
    return validated


class BrokerFollower:
    """Tells when the broker that an automation means is there to work with.

    ``changed`` is called with the loaded entry, and with None when it is unloaded,
    reloaded, disabled or removed. Home Assistant announces the end of LOADED before
    the entry is taken down and its return after everything is set up.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        config_entry_id: str | None,
        changed: Callable[[MqttWebsocketConfigEntry | None], None],
    ) -> None:
        """Prepare to follow the chosen broker, or the only one."""
        self._hass = hass
        self._config_entry_id = config_entry_id
        self._changed = changed
        self._entry: MqttWebsocketConfigEntry | None = None
        self._warned = False

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Begin, ``changed`` is called at once if the broker is there; return the end."""
        unsubscribe = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed
        )
        self._look()

        @callback
        def stop() -> None:
            unsubscribe()
            self._follow(None)

        return stop

    @callback
    def _entry_changed(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN:
            self._look()

    def _look(self) -> None:
        try:
            entry = async_find_entry(self._hass, self._config_entry_id)
        except SeveralBrokers:
            entry = None
            if not self._warned:
                self._warned = True
                _LOGGER.warning(
                    "There is more than one MQTT broker now: an automation that names"
                    " none of them does not work until it does"
                )
        if entry is not None and entry.state is not ConfigEntryState.LOADED:
            entry = None
        self._follow(entry)

    def _follow(self, entry: MqttWebsocketConfigEntry | None) -> None:
        if entry is not self._entry:
            self._entry = entry
            self._changed(entry)


class ConnectionFollower:
    """Tells when the broker that an automation means connects, and when it is lost.

    ``changed`` is called with the entry and whether it is connected now. An entry that
    is not loaded is not connected.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        config_entry_id: str | None,
        changed: Callable[[MqttWebsocketConfigEntry, bool], None],
    ) -> None:
        """Prepare to follow the chosen broker, or the only one."""
        self._follower = BrokerFollower(hass, config_entry_id, self._entry_changed)
        self._changed = changed
        self._entry: MqttWebsocketConfigEntry | None = None
        self._unlisten: CALLBACK_TYPE | None = None
        self._connected = False
        self._started = False

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Begin: what is so already is no change. Return the end."""
        unfollow = self._follower.start()
        self._started = True

        @callback
        def stop() -> None:
            self._started = False
            unfollow()

        return stop

    def _entry_changed(self, entry: MqttWebsocketConfigEntry | None) -> None:
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        if entry is not None:
            self._entry = entry
            self._unlisten = entry.runtime_data.broker.listen(self._look)
        self._look()

    def _look(self) -> None:
        entry = self._entry
        if TYPE_CHECKING:
            assert entry is not None  # nobody calls before there was one
        is_connected = async_is_connected(entry)
        connected = is_connected and self._unlisten is not None
        if connected is self._connected:
            return
        self._connected = connected
        # A broker that is no longer meant, since there is a second one, is not lost.
        if self._started and connected is is_connected:
            self._changed(entry, connected)
