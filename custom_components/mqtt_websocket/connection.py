"""From an entry's data to a broker, and from a broker's errors to Home Assistant's."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
import ssl
import tempfile
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util.ssl import get_default_context, get_default_no_verify_context

from .broker.address import parse_url
from .broker.broker import Broker, probe
from .broker.errors import BrokerError, CertificateUnusable
from .broker.settings import Announcement, Settings
from .broker.websocket import session_arguments
from .const import (
    CONF_BIRTH,
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_ID,
    CONF_CLIENT_KEY,
    CONF_CLIENT_KEY_PASSWORD,
    CONF_CONNECTION,
    CONF_DISCOVERY,
    CONF_DISCOVERY_PREFIX,
    CONF_HEADERS,
    CONF_KEEPALIVE,
    CONF_PASSWORD,
    CONF_PROTOCOL,
    CONF_PROXY,
    CONF_SECURITY,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
    CONF_WILL,
    DEFAULT_DISCOVERY_PREFIX,
    DEFAULT_KEEPALIVE,
    DOMAIN,
    PROTOCOL_AUTO,
)

if TYPE_CHECKING:
    from .runtime import MqttWebsocketConfigEntry


@callback
def async_http_session(hass: HomeAssistant) -> aiohttp.ClientSession:
    """Return a session with Home Assistant's resolver and connector.

    Cookies stay within it, so that a load balancer finds the same server again. Called
    in the set-up of an entry, it is let go of when that is unloaded.
    """
    return async_create_clientsession(hass, **session_arguments())


async def async_probe(hass: HomeAssistant, settings: Settings) -> str:
    """Connect once and close again; return the version of MQTT. Raises ConnectError.

    Nobody is told: a test that gets stuck must not end as somebody's last will.
    """
    settings = replace(settings, birth=None, will=None)
    http = async_create_clientsession(hass, auto_cleanup=False, **session_arguments())
    try:
        return await probe(http, settings)
    finally:
        http.detach()


async def async_settings(
    hass: HomeAssistant, data: Mapping[str, Any], options: Mapping[str, Any]
) -> Settings:
    """Return what entry data and options mean.

    Raises InvalidUrl, or CertificateUnusable for certificates and keys that can't be
    loaded.
    """
    address, _, _ = parse_url(data[CONF_URL])
    security = data.get(CONF_SECURITY, {})
    connection = data.get(CONF_CONNECTION, {})
    context = None
    if address.secure:
        context = await _async_ssl_context(hass, security)
    return Settings(
        address=address,
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
        client_id=connection.get(CONF_CLIENT_ID),
        protocol=connection.get(CONF_PROTOCOL, PROTOCOL_AUTO),
        keepalive=connection.get(CONF_KEEPALIVE, DEFAULT_KEEPALIVE),
        headers={
            header["name"]: header["value"]
            for header in connection.get(CONF_HEADERS, ())
        },
        proxy=connection.get(CONF_PROXY),
        ssl=context,
        birth=_announcement(CONF_BIRTH, data, options),
        will=_announcement(CONF_WILL, data, options),
    )


_STATUS: Final = {CONF_BIRTH: "online", CONF_WILL: "offline"}


def _announcement(
    name: str, data: Mapping[str, Any], options: Mapping[str, Any]
) -> Announcement | None:
    """Return the birth or will message; an empty option means that there is none."""
    option = options.get(name)
    if option is None and data.get(CONF_DISCOVERY):
        # As in core. It is what makes devices announce themselves again.
        prefix = options.get(CONF_DISCOVERY_PREFIX, DEFAULT_DISCOVERY_PREFIX)
        return Announcement(f"{prefix}/status", _STATUS[name], qos=0, retain=False)
    if not option:
        return None
    return Announcement(
        topic=option["topic"],
        payload=option["payload"],
        qos=int(option["qos"]),
        retain=option["retain"],
    )


async def _async_ssl_context(
    hass: HomeAssistant, security: Mapping[str, Any]
) -> ssl.SSLContext:
    """Return Home Assistant's own context unless the entry has certificates."""
    if security.get(CONF_CA_CERTIFICATE) or security.get(CONF_CLIENT_CERTIFICATE):
        return await hass.async_add_executor_job(_own_ssl_context, security)
    if security.get(CONF_VERIFY_SSL, True):
        return get_default_context()
    return get_default_no_verify_context()


def _own_ssl_context(security: Mapping[str, Any]) -> ssl.SSLContext:
    """Return a context with the entry's certificates. Reads and writes files."""
    try:
        # A private authority's certificate takes the place of the public ones.
        context = ssl.create_default_context(cadata=security.get(CONF_CA_CERTIFICATE))
        if not security.get(CONF_VERIFY_SSL, True):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate := security.get(CONF_CLIENT_CERTIFICATE):
            # OpenSSL reads a certificate's chain from a file only. mkstemp makes it
            # readable for this user alone.
            with tempfile.NamedTemporaryFile("w", suffix=".pem") as chain:
                chain.write(f"{certificate}\n{security.get(CONF_CLIENT_KEY, '')}")
                chain.flush()
                context.load_cert_chain(
                    Path(chain.name),
                    password=security.get(CONF_CLIENT_KEY_PASSWORD, ""),
                )
    except (ssl.SSLError, ValueError, OSError) as err:
        raise CertificateUnusable(reason=getattr(err, "reason", None) or err) from err
    return context


def broker_error(err: BrokerError) -> HomeAssistantError:
    """Return the translated error for what went wrong with a broker."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=err.key,
        translation_placeholders=err.details,
    )


async def async_get_broker(hass: HomeAssistant, config_entry_id: str | None) -> Broker:
    """Return the broker of an entry; without an id, the only one there is.

    Raises ServiceValidationError.
    """
    if config_entry_id is None:
        entries = hass.config_entries.async_entries(
            DOMAIN, include_ignore=False, include_disabled=False
        )
        if len(entries) != 1:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="no_broker" if not entries else "which_broker",
            )
        config_entry_id = entries[0].entry_id
    entry: MqttWebsocketConfigEntry = async_get_config_entry(
        hass, DOMAIN, config_entry_id
    )
    if TYPE_CHECKING:
        assert entry.state is ConfigEntryState.LOADED
    return entry.runtime_data.broker
