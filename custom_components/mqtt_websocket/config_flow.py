"""The forms of a broker: the first one, new credentials, changes."""

from collections.abc import Mapping
import contextlib
from dataclasses import replace
import logging
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.core import callback

from .broker.address import Address, parse_url
from .broker.errors import (
    BadCredentials,
    BrokerError,
    CertificateRefused,
    CertificateUnusable,
    ClientCertificateRefused,
    ClientIdRejected,
    ClosedWithoutAnswer,
    ConnackRefused,
    ConnectError,
    ConnectionRefused,
    HttpBadRequest,
    HttpForbidden,
    HttpNotFound,
    HttpRedirect,
    HttpUnauthorized,
    InvalidHandshake,
    InvalidUrl,
    NameNotResolved,
    NotAuthorized,
    NotHttp,
    NotMqtt,
    ProtocolUnsupported,
    ProxyRefused,
    ProxyUnauthorized,
    ProxyUnreachable,
    ProxyUnsupported,
    ServerMoved,
    TemplateFailed,
    TimedOut,
    TlsExpected,
    TlsFailed,
    TlsNotSpoken,
    Unreachable,
    WrongSubprotocol,
)
from .broker_form import (
    CREDENTIALS,
    HEADERS,
    SCHEMA,
    FormError,
    masked,
    opened,
    sections_in_use,
    stored_form,
)
from .connection import async_probe, async_settings, render_setting
from .const import (
    CONF_CONNECTION,
    CONF_HEADERS,
    CONF_PASSWORD,
    CONF_SECURITY,
    CONF_URL,
    CONF_USERNAME,
    DOMAIN,
    SUBENTRY_DEVICE,
    SUBENTRY_PUBLISH_RULE,
)
from .options_flow import MqttWebsocketOptionsFlow
from .subentry_flow import DeviceSubentryFlow, PublishRuleSubentryFlow

_LOGGER = logging.getLogger(__name__)

# Where in the form a person can do something about it. The first class that fits
# counts; what is not here concerns the form as a whole.
_FIELDS: Final[tuple[tuple[type[BrokerError], str], ...]] = (
    (InvalidUrl, CONF_URL),
    (NameNotResolved, CONF_URL),
    (Unreachable, CONF_URL),
    (ConnectionRefused, CONF_URL),
    (ClosedWithoutAnswer, CONF_URL),
    (TlsNotSpoken, CONF_URL),
    (TlsExpected, CONF_URL),
    (NotHttp, CONF_URL),
    (HttpBadRequest, CONF_URL),
    (HttpNotFound, CONF_URL),
    (HttpRedirect, CONF_URL),
    (InvalidHandshake, CONF_URL),
    (WrongSubprotocol, CONF_URL),
    (NotMqtt, CONF_URL),
    (ServerMoved, CONF_URL),
    (TimedOut, CONF_URL),
    (CertificateRefused, CONF_SECURITY),
    (CertificateUnusable, CONF_SECURITY),
    (ClientCertificateRefused, CONF_SECURITY),
    (TlsFailed, CONF_SECURITY),
    # Tokens for a web server are headers.
    (HttpUnauthorized, CONF_CONNECTION),
    (HttpForbidden, CONF_CONNECTION),
    (ProxyUnreachable, CONF_CONNECTION),
    (ProxyUnauthorized, CONF_CONNECTION),
    (ProxyRefused, CONF_CONNECTION),
    (ProxyUnsupported, CONF_CONNECTION),
    (TemplateFailed, CONF_CONNECTION),
    (ClientIdRejected, CONF_CONNECTION),
    (ProtocolUnsupported, CONF_CONNECTION),
    (NotAuthorized, CONF_USERNAME),
    (BadCredentials, CONF_PASSWORD),
)

# Texts hold no URLs, so that nobody translates them.
_EXAMPLES: Final = {
    "example_url": "ws://192.168.1.10:9001/mqtt",
    "example_secure_url": "wss://broker.example.com:8084/mqtt",
    "example_proxy": "http://proxy.example.com:3128",
}
# What the texts of errors name. Whatever an error does not say still has to be there:
# the frontend shows the braces otherwise.
_UNKNOWN: Final = dict.fromkeys(
    (
        "close",
        "error",
        "fingerprint",
        "header",
        "host",
        "issuer",
        "location",
        "offered",
        "path",
        "port",
        "reason",
        "received",
        "reference",
        "scheme",
        "seconds",
        "setting",
        "status",
        "topic",
    ),
    "?",
)
_PLAIN_PATHS: Final = ("/mqtt", "/ws")


def _titles(address: Address) -> tuple[str, str]:
    """Return what a new broker may be called, the second if the first is taken.

    Paths that say nothing are left out.
    """
    path = address.path.rstrip("/")
    if path in _PLAIN_PATHS:
        path = ""
    return f"{address.host}{path}", f"{address.host}:{address.port}{path}"


def _wants_headers(entry: ConfigEntry) -> bool:
    """Return whether it may be headers that are refused: those of a web server."""
    reason = entry.error_reason_translation_key
    if entry.state is ConfigEntryState.LOADED:
        error = entry.runtime_data.broker.last_error
        reason = error and error.key
    return reason in (HttpUnauthorized.key, HttpForbidden.key) or bool(
        entry.data.get(CONF_CONNECTION, {}).get(CONF_HEADERS)
    )


class MqttWebsocketConfigFlow(ConfigFlow, domain=DOMAIN):
    """Adds a broker, and changes how it is reached."""

    VERSION = 1
    MINOR_VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the form for what a broker is used for."""
        return MqttWebsocketOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can be added to a broker."""
        return {
            SUBENTRY_DEVICE: DeviceSubentryFlow,
            SUBENTRY_PUBLISH_RULE: PublishRuleSubentryFlow,
        }

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add a broker."""
        error: FormError | None = None
        if user_input is not None:
            try:
                address, data = await self._async_checked(user_input)
            except FormError as err:
                error = err
            else:
                return self.async_create_entry(title=self._title(address), data=data)
        return self._show("user", SCHEMA, user_input or {}, error)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change how a broker is reached."""
        entry = self._get_reconfigure_entry()
        error: FormError | None = None
        if user_input is not None:
            try:
                address, data = await self._async_checked(user_input, entry)
            except FormError as err:
                error = err
            else:
                return self._save(entry, data, address)
        values = masked(entry.data) if user_input is None else user_input
        return self._show("reconfigure", SCHEMA, values, error)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for other credentials: the broker refused these."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for what the broker refuses; everything else stays.

        That is a user name and a password, and headers where a web server wants them.
        """
        entry = self._get_reauth_entry()
        fields = {**CREDENTIALS, **(HEADERS if _wants_headers(entry) else {})}
        asked = {str(field) for field in fields}
        error: FormError | None = None
        if user_input is not None:
            forgotten = dict.fromkeys((CONF_USERNAME, CONF_PASSWORD))
            entered = {**entry.data, **forgotten, **user_input}
            if CONF_HEADERS in asked:
                headers = entered.pop(CONF_HEADERS, [])
                entered[CONF_CONNECTION] = {
                    **entry.data.get(CONF_CONNECTION, {}),
                    CONF_HEADERS: headers,
                }
                asked.add(CONF_CONNECTION)
            try:
                address, data = await self._async_checked(entered, entry)
            except FormError as err:
                error = err
                if err.field == CONF_CONNECTION and CONF_HEADERS in asked:
                    err.field = CONF_HEADERS
            else:
                kept = {k: v for k, v in entry.data.items() if k not in asked}
                new = {k: v for k, v in data.items() if k in asked}
                return self._save(entry, {**kept, **new}, address)
        values = user_input
        if values is None:
            values = masked(entry.data)
            values |= values.get(CONF_CONNECTION, {})
        return self._show("reauth_confirm", vol.Schema(fields), values, error)

    def _show(
        self,
        step_id: str,
        schema: vol.Schema,
        values: Mapping[str, Any],
        error: FormError | None,
    ) -> ConfigFlowResult:
        """Show a form with values, and what is wrong with them."""
        errors: dict[str, str] = {}
        placeholders = {**_EXAMPLES, **_UNKNOWN}
        in_use = sections_in_use(values)
        if error is not None:
            placeholders |= error.placeholders
            errors[error.field if error.field in schema.schema else "base"] = error.key
            in_use.add(error.field)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                opened(schema, in_use), values
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _async_checked(
        self, entered: Mapping[str, Any], entry: ConfigEntry | None = None
    ) -> tuple[Address, dict[str, Any]]:
        """Return what to store, after a connection was made with it.

        ``entry`` is the one that this is about, if there is one. Raises FormError, and
        AbortFlow for a broker that is known.
        """
        try:
            url = render_setting(self.hass, entered[CONF_URL], CONF_URL)
            address, data = await self.hass.async_add_executor_job(
                stored_form, entered, entry.data if entry else {}, url
            )
            self._abort_if_known(data)
            await self._async_try(data, entry)
        except BrokerError as err:
            field = next(
                (name for kind, name in _FIELDS if isinstance(err, kind)), "base"
            )
            if err.details.get("setting") == CONF_URL:
                field = CONF_URL
            raise FormError(field, err.key, **err.details) from err
        return address, data

    def _abort_if_known(self, data: Mapping[str, Any]) -> None:
        """Abort if another entry has this URL and user name.

        Two of them would make every entity twice, and answer every command twice.
        """
        match = {CONF_URL: data[CONF_URL]}
        if CONF_USERNAME in data:
            match[CONF_USERNAME] = data[CONF_USERNAME]
        # A match can't ask for a key that is missing.
        elif not any(
            entry.data[CONF_URL] == data[CONF_URL] and CONF_USERNAME not in entry.data
            for entry in self._async_current_entries(include_ignore=False)
            if entry.entry_id != self.context.get("entry_id")
        ):
            return
        self._async_abort_entries_match(match)

    async def _async_try(
        self, data: Mapping[str, Any], entry: ConfigEntry | None
    ) -> None:
        """Connect once, or raise a BrokerError, whatever goes wrong."""
        try:
            await self._async_probe(data, entry)
        except BrokerError:
            raise
        except Exception as err:
            _LOGGER.exception("The connection can't be tried")
            raise ConnectError(reason=type(err).__name__) from err

    async def _async_probe(
        self, data: Mapping[str, Any], entry: ConfigEntry | None
    ) -> None:
        """Connect once, or raise ConnectError."""
        options = {} if entry is None else entry.options
        settings = await async_settings(self.hass, data, options)
        if (
            settings.client_id is not None
            and entry is not None
            and entry.state is ConfigEntryState.LOADED
        ):
            # A test with the client id of the running connection would end that one.
            # Only a broker that wants this very id has to be asked with it.
            try:
                await async_probe(self.hass, replace(settings, client_id=None))
            except ConnackRefused:
                pass
            else:
                return
        await async_probe(self.hass, settings)

    def _title(self, address: Address) -> str:
        """Return a title that no other broker has, as far as possible."""
        short, long = _titles(address)
        taken = {
            entry.title
            for entry in self._async_current_entries()
            if entry.entry_id != self.context.get("entry_id")
        }
        return long if short in taken else short

    def _save(
        self, entry: ConfigEntry, data: dict[str, Any], address: Address
    ) -> ConfigFlowResult:
        """Store the data, have the entry reload once, and end the flow."""
        title = entry.title
        with contextlib.suppress(InvalidUrl):  # which may be what is repaired here
            before = parse_url(entry.data[CONF_URL])[0]
            if address != before and title in _titles(before):
                title = self._title(address)
        if entry.state is not ConfigEntryState.LOADED:
            # Its update listener is gone, so nothing else would reload it.
            return self.async_update_reload_and_abort(entry, title=title, data=data)
        if data == entry.data:
            # The listener reloads for changed data only, and somebody wants to see it
            # connect with these.
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_update_and_abort(entry, title=title, data=data)
