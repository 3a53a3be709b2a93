"""The form of a broker's options: what it is used for, and its limits."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.data_entry_flow import section

from .broker.errors import InvalidTopic
from .broker.topics import validate_topic
from .broker_form import FormError
from .const import (
    CONF_BIRTH,
    CONF_CONNECT_TIMEOUT,
    CONF_DISCOVERY,
    CONF_DISCOVERY_PREFIX,
    CONF_LIMITS,
    CONF_MAX_FRAME,
    CONF_WILL,
    DEFAULT_CONNECT_TIMEOUT,
    DEFAULT_DISCOVERY_PREFIX,
    DEFAULT_MAX_FRAME,
)
from .selectors import BOOLEAN, QOS, TEXT, whole_number

CONF_ENABLED: Final = "enabled"
CONF_TOPIC: Final = "topic"
CONF_PAYLOAD: Final = "payload"
CONF_QOS: Final = "qos"
CONF_RETAIN: Final = "retain"

_DEFAULT_LIMITS: Final = {
    CONF_CONNECT_TIMEOUT: DEFAULT_CONNECT_TIMEOUT,
    CONF_MAX_FRAME: DEFAULT_MAX_FRAME,
}
_LIMITS: Final = vol.Schema(
    {
        vol.Required(
            CONF_CONNECT_TIMEOUT, default=DEFAULT_CONNECT_TIMEOUT
        ): whole_number(1, 60, "s"),
        vol.Required(CONF_MAX_FRAME, default=DEFAULT_MAX_FRAME): whole_number(
            1, 255, "MiB"
        ),
    }
)

_PAYLOADS: Final = {CONF_BIRTH: "online", CONF_WILL: "offline"}


def _status_topic(prefix: str) -> str:
    """Return the topic that devices listen to, to know when to announce themselves."""
    return f"{prefix}/status"


def _announcement(name: str, prefix: str, *, collapsed: bool) -> section:
    return section(
        vol.Schema(
            {
                vol.Required(CONF_ENABLED, default=False): BOOLEAN,
                vol.Optional(CONF_TOPIC, default=_status_topic(prefix)): TEXT,
                vol.Optional(CONF_PAYLOAD, default=_PAYLOADS[name]): TEXT,
                vol.Required(CONF_QOS, default="0"): QOS,
                vol.Required(CONF_RETAIN, default=False): BOOLEAN,
            }
        ),
        {"collapsed": collapsed},
    )


class MqttWebsocketOptionsFlow(OptionsFlow):
    """Changes what a broker is used for."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the discovery prefix, the birth message, the will and the limits."""
        options = self.config_entry.options
        before = options.get(CONF_DISCOVERY_PREFIX, DEFAULT_DISCOVERY_PREFIX)
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            try:
                return self._save(self._options(user_input, before))
            except FormError as err:
                errors[err.field] = err.key
                placeholders |= err.placeholders
            values = user_input
        else:
            values = {
                CONF_DISCOVERY_PREFIX: before,
                **{
                    name: message
                    for name in _PAYLOADS
                    if (message := self._message(name)) is not None
                },
                CONF_LIMITS: options.get(CONF_LIMITS, {}),
            }
        schema = vol.Schema(
            {
                vol.Required(CONF_DISCOVERY_PREFIX): TEXT,
                **{
                    vol.Optional(name): _announcement(
                        name, before, collapsed=name not in {**values, **errors}
                    )
                    for name in _PAYLOADS
                },
                vol.Optional(CONF_LIMITS): section(
                    _LIMITS, {"collapsed": not values.get(CONF_LIMITS)}
                ),
            }
        )
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders=placeholders,
        )

    def _save(self, options: dict[str, Any]) -> ConfigFlowResult:
        """Store the options, and have an entry that could not be set up tried again."""
        entry, entries = self.config_entry, self.hass.config_entries
        if entry.state in (ConfigEntryState.SETUP_ERROR, ConfigEntryState.SETUP_RETRY):
            # Its update listener is gone, so nothing else would do that soon.
            entries.async_update_entry(entry, options=options)
            entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data=options)

    def _message(self, name: str) -> dict[str, Any] | None:
        """Return what the form shows of a message; None while it is off."""
        option = self.config_entry.options.get(name)
        if option:
            return {CONF_ENABLED: True, **option, CONF_QOS: str(option[CONF_QOS])}
        if option is None and self.config_entry.data.get(CONF_DISCOVERY):
            # Unless a person says otherwise: devices wait for it.
            return {CONF_ENABLED: True}
        return None

    def _options(self, entered: Mapping[str, Any], before: str) -> dict[str, Any]:
        """Return the options to store; what was not sent stays as it was.

        ``before`` is the discovery prefix until now. Raises FormError.
        """
        prefix = entered[CONF_DISCOVERY_PREFIX].strip().rstrip("/")
        options = {**self.config_entry.options, CONF_DISCOVERY_PREFIX: prefix}
        self._check_topic(CONF_DISCOVERY_PREFIX, prefix)
        if CONF_LIMITS in entered:
            options.pop(CONF_LIMITS, None)
            limits = {
                name: value
                for name, value in entered[CONF_LIMITS].items()
                if value != _DEFAULT_LIMITS[name]
            }
            if limits:
                options[CONF_LIMITS] = limits
        for name in _PAYLOADS:
            if name not in entered:
                continue
            message = dict(entered[name])
            options.pop(name, None)
            if not message.pop(CONF_ENABLED):
                if self.config_entry.data.get(CONF_DISCOVERY):
                    options[name] = {}  # without it there would be the default one
                continue
            if message[CONF_TOPIC] == _status_topic(before):
                # It was nobody's choice, so it follows the prefix.
                message[CONF_TOPIC] = _status_topic(prefix)
            self._check_topic(name, message[CONF_TOPIC])
            options[name] = {**message, CONF_QOS: int(message[CONF_QOS])}
        return options

    @staticmethod
    def _check_topic(field: str, topic: str) -> None:
        try:
            validate_topic(topic)
        except InvalidTopic as err:
            raise FormError(field, err.key, **err.details) from err
