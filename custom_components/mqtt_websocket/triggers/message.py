"""The trigger on a message."""

import codecs
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
import logging
from typing import TYPE_CHECKING, Any, Final, override

import voluptuous as vol

from homeassistant.const import CONF_OPTIONS, CONF_PAYLOAD, CONF_VALUE_TEMPLATE
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.template import Template
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType

from ..broker.errors import InvalidTopic
from ..broker.message import Message
from ..broker.topics import validate_filter, wildcards
from ..connection import broker_error
from ..const import ATTR_CONFIG_ENTRY_ID
from ..mapping.payload import DEFAULT_ENCODING, PayloadError, json_value, text
from ..mapping.template import ValueTemplate, ValueTemplateError
from ..properties import properties_as_dict
from ..runtime import MqttWebsocketConfigEntry
from .follow import BrokerFollower, async_validated

_LOGGER = logging.getLogger(__name__)

CONF_TOPIC: Final = "topic"
CONF_QOS: Final = "qos"
CONF_RETAINED: Final = "retained"
CONF_ENCODING: Final = "encoding"


class Retained(StrEnum):
    """What to do with messages that the broker had kept from before."""

    IGNORE = "ignore"
    INCLUDE = "include"
    ONLY = "only"


def _topic_filter(value: Any) -> Template:
    """Validate a topic filter, or a template that becomes one when it is attached."""
    template = cv.template(value)
    if template.is_static:
        try:
            validate_filter(template.template)
        except InvalidTopic as err:
            raise vol.Invalid(f"not a topic filter: {err}") from err
    return template


def _encoding(value: Any) -> str:
    """Validate the name of a text encoding; empty for bytes."""
    encoding = cv.string(value)
    if encoding:
        try:
            codecs.lookup(encoding)
        except LookupError as err:
            raise vol.Invalid(str(err)) from err
    return encoding


_CONFIG_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_OPTIONS): {
            vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
            vol.Required(CONF_TOPIC): _topic_filter,
            vol.Optional(CONF_PAYLOAD): cv.template,
            vol.Optional(CONF_VALUE_TEMPLATE): cv.template,
            vol.Optional(CONF_QOS, default=0): vol.All(
                vol.Coerce(int), vol.In((0, 1, 2))
            ),
            vol.Optional(CONF_RETAINED, default=Retained.IGNORE): vol.Coerce(Retained),
            vol.Optional(CONF_ENCODING, default=DEFAULT_ENCODING): _encoding,
        }
    }
)


class MessageReceivedTrigger(Trigger):
    """Fires on each message of a topic filter, or on those with a certain payload.

    The topic filter and the payload may be limited templates, rendered when the
    trigger is attached.
    """

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options, and that it is clear which broker is meant."""
        return async_validated(hass, _CONFIG_SCHEMA, config)

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Keep the validated options."""
        super().__init__(hass, config)
        if TYPE_CHECKING:
            assert config.options is not None
        self._options = config.options

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Listen for as long as the trigger is attached, whatever the broker does."""
        options = self._options
        try:
            topic_filter = validate_filter(_render(options[CONF_TOPIC]))
        except InvalidTopic as err:
            raise broker_error(err) from err
        listener = _Listener(self._hass, options, topic_filter, run_action)
        listener.did_not_trigger = did_not_trigger
        unsubscribe: CALLBACK_TYPE | None = None

        def follow(entry: MqttWebsocketConfigEntry | None) -> None:
            nonlocal unsubscribe
            if unsubscribe is not None:
                unsubscribe()
                unsubscribe = None
            if entry is not None:
                unsubscribe = entry.runtime_data.broker.subscribe(
                    topic_filter,
                    listener.handler(entry.entry_id),
                    options[CONF_QOS],
                )

        return BrokerFollower(
            self._hass, options.get(ATTR_CONFIG_ENTRY_ID), follow
        ).start()


def _render(template: Template) -> str:
    rendered: str = template.async_render(limited=True, parse_result=False)
    return rendered


class _Listener:
    """Decides about each message, and hands those that count to the automation."""

    def __init__(
        self,
        hass: HomeAssistant,
        options: dict[str, Any],
        topic_filter: str,
        run_action: TriggerActionRunner,
    ) -> None:
        self.did_not_trigger: TriggerNotTriggeredReporter | None = None
        self._topic_filter = topic_filter
        self._run_action = run_action
        self._retained: Retained = options[CONF_RETAINED]
        self._encoding: str = options[CONF_ENCODING]
        self._value: ValueTemplate | None = None
        if (template := options.get(CONF_VALUE_TEMPLATE)) is not None:
            self._value = ValueTemplate(
                hass, template.template, encoding=self._encoding
            )
        self._wanted: str | bytes | None = None
        if (payload := options.get(CONF_PAYLOAD)) is not None:
            self._wanted = _render(payload)
            if not self._encoding and self._value is None:
                self._wanted = self._wanted.encode()
        self._complained = False

    def handler(self, config_entry_id: str) -> Callable[[Message], None]:
        """Return the handler of the messages of one broker."""

        def handle(message: Message) -> None:
            self._handle(config_entry_id, message)

        return handle

    def _handle(self, config_entry_id: str, message: Message) -> None:
        if message.retain:
            if self._retained is Retained.IGNORE:
                return
        elif self._retained is Retained.ONLY:
            return
        data: dict[str, Any] = {}
        try:
            payload: str | bytes = (
                text(message, self._encoding) if self._encoding else message.payload
            )
            value: str | bytes | None = payload
            if self._value is not None:
                # Jinja's own errors, such as an undefined variable, give None.
                value = data["value"] = self._value.render(message, None)
                if value is None:
                    self._report(message, "value_template_failed", "no value")
                    return
        except ValueTemplateError as err:
            self._report(message, "value_template_failed", str(err))
            return
        except PayloadError as err:
            self._report(message, "payload_not_text", str(err))
            return
        if self._wanted is not None and value != self._wanted:
            return
        with suppress(PayloadError):  # without JSON there is no such variable
            data["payload_json"] = json_value(message, self._encoding)
        data |= {
            "topic": message.topic,
            "payload": payload,
            "qos": message.qos,
            "retain": message.retain,
            "wildcards": wildcards(self._topic_filter, message.topic),
            "properties": properties_as_dict(message.properties),
            ATTR_CONFIG_ENTRY_ID: config_entry_id,
        }
        self._run_action(data, f"MQTT message on {message.topic}")

    def _report(self, message: Message, reason: str, error: str) -> None:
        """Tell the automation's traces why nothing happened, and once the log."""
        if self.did_not_trigger is not None:
            self.did_not_trigger(
                NotTriggeredInfo(reason, {"topic": message.topic, "error": error})
            )
        if not self._complained:
            self._complained = True
            _LOGGER.warning(
                "A message on %s did not trigger an automation (%s): %s",
                message.topic,
                reason,
                error,
            )
