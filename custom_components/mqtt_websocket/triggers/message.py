"""The trigger on a message."""

from enum import StrEnum
import logging
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    TriggerActionRunner,
    TriggerNotTriggeredReporter,
)

from ..broker.message import Message, MessageHandler
from ..const import ATTR_CONFIG_ENTRY_ID
from ..mapping.schemas.common import qos_level
from ..runtime import MqttWebsocketConfigEntry
from .base import BrokerTrigger
from .filter import listen_to_filter, render_filter, topic_filter_template
from .match import MATCH_SCHEMA, MessageMatch, Unusable, possible_match

_LOGGER = logging.getLogger(__name__)

CONF_TOPIC: Final = "topic"
CONF_QOS: Final = "qos"
CONF_RETAINED: Final = "retained"


class Retained(StrEnum):
    """What to do with messages that the broker had kept from before."""

    IGNORE = "ignore"
    INCLUDE = "include"
    ONLY = "only"


_CONFIG_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_OPTIONS): vol.All(
            {
                vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
                vol.Required(CONF_TOPIC): topic_filter_template,
                **MATCH_SCHEMA,
                vol.Optional(CONF_QOS, default=0): qos_level,
                vol.Optional(CONF_RETAINED, default=Retained.IGNORE): vol.Coerce(
                    Retained
                ),
            },
            possible_match,
        )
    }
)


class MessageReceivedTrigger(BrokerTrigger):
    """Fires on each message of a topic filter, or on those with a certain payload.

    The topic filter and the payload may be limited templates, rendered when the
    trigger is attached, with the automation's ``trigger_variables``.
    """

    _schema = _CONFIG_SCHEMA

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Listen for as long as the trigger is attached, whatever the broker does."""
        options = self._options
        topic_filter = render_filter(options[CONF_TOPIC], self._variables)
        listener = _Listener(
            MessageMatch(self._hass, options, topic_filter, self._variables),
            options[CONF_RETAINED],
            run_action,
            did_not_trigger,
        )
        return listen_to_filter(
            self._hass,
            self._config_entry_id,
            topic_filter,
            options[CONF_QOS],
            listener.handler,
        )


class _Listener:
    """Hands those messages to the automation that count."""

    def __init__(
        self,
        match: MessageMatch,
        retained: Retained,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None,
    ) -> None:
        self._match = match
        self._retained = retained
        self._run_action = run_action
        self._did_not_trigger = did_not_trigger
        self._complained = False

    def handler(self, entry: MqttWebsocketConfigEntry) -> MessageHandler:
        """Return the handler of the messages of one broker."""

        def handle(message: Message) -> None:
            self._handle(entry, message)

        return handle

    def _handle(self, entry: MqttWebsocketConfigEntry, message: Message) -> None:
        if message.retain:
            if self._retained is Retained.IGNORE:
                return
        elif self._retained is Retained.ONLY:
            return
        try:
            data = self._match.read(message)
        except Unusable as err:
            self._report(message, err)
            return
        if data is None:
            return
        data |= {ATTR_CONFIG_ENTRY_ID: entry.entry_id, "broker": entry.title}
        self._run_action(data, f"MQTT message on {message.topic}")

    def _report(self, message: Message, err: Unusable) -> None:
        """Tell the automation's traces why nothing happened, and once the log."""
        if self._did_not_trigger is not None:
            info: dict[str, Any] = {"topic": message.topic, "error": err.error}
            self._did_not_trigger(NotTriggeredInfo(err.reason, info))
        if not self._complained:
            self._complained = True
            _LOGGER.warning(
                "A message on %s did not trigger an automation (%s): %s",
                message.topic,
                err.reason,
                err.error,
            )
