"""From an entry's data to a broker, and from a broker's errors to Home Assistant's."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
import hashlib
import ssl
from typing import Any, Final

import aiohttp

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, TemplateError
from homeassistant.helpers import instance_id
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.template import Template, is_template_string
from homeassistant.util import dt as dt_util

from .broker.address import parse_url
from .broker.broker import Broker, probe
from .broker.errors import BrokerError, TemplateFailed
from .broker.settings import Announcement, Settings
from .broker.websocket import session_arguments
from .const import (
    CONF_BIRTH,
    CONF_CLIENT_ID,
    CONF_CONNECT_TIMEOUT,
    CONF_CONNECTION,
    CONF_DISCOVERY,
    CONF_DISCOVERY_PREFIX,
    CONF_HEADERS,
    CONF_KEEPALIVE,
    CONF_LIMITS,
    CONF_MAX_FRAME,
    CONF_PASSWORD,
    CONF_PING,
    CONF_PROTOCOL,
    CONF_PROXY,
    CONF_SECURITY,
    CONF_SESSION_EXPIRY,
    CONF_URL,
    CONF_USERNAME,
    CONF_WILL,
    DEFAULT_CONNECT_TIMEOUT,
    DEFAULT_DISCOVERY_PREFIX,
    DEFAULT_KEEPALIVE,
    DEFAULT_MAX_FRAME,
    DOMAIN,
    PROTOCOL_AUTO,
)
from .courtesy import async_give_way
from .tls import async_ssl_context


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


async def async_make_broker(
    hass: HomeAssistant, entry: ConfigEntry[Any], will: Announcement | None = None
) -> Broker:
    """Return the broker of an entry that is being set up, not connected yet.

    With a ``will`` it is that one, whatever the options say. Raises what
    ``async_settings`` does.
    """
    data, options = entry.data, entry.options
    first = _with_will(await async_settings(hass, data, options), will)
    if first.session_expiry and first.client_id is None:
        # What the broker keeps is found again only under the same client id.
        first = replace(first, client_id=await _async_lasting_client_id(hass, entry))
    source: Callable[[], Awaitable[Settings]] | None = None
    if has_templates(data):

        async def render() -> Settings:
            again = _settings(hass, data, options, first.ssl)
            again = replace(again, client_id=first.client_id)
            return _with_will(again, will)

        source = render
    return Broker(async_http_session(hass), first, name=entry.title, source=source)


def _with_will(settings: Settings, will: Announcement | None) -> Settings:
    """Return settings with another will, if there is one.

    A connection has only one: what it would be otherwise is said when all ends well.
    """
    if will is None:
        return settings
    return replace(settings, will=will, farewell=settings.will)


async def _async_lasting_client_id(hass: HomeAssistant, entry: ConfigEntry[Any]) -> str:
    """Return a client id of this entry on this Home Assistant, the same for ever.

    23 letters and digits, which every broker takes (MQTT 5 section 3.1.3.1).
    """
    seed = f"{await instance_id.async_get(hass)} {entry.entry_id}"
    return f"ha{hashlib.sha256(seed.encode()).hexdigest()[:21]}"


async def async_settings(
    hass: HomeAssistant, data: Mapping[str, Any], options: Mapping[str, Any]
) -> Settings:
    """Return what entry data and options mean.

    Raises InvalidUrl, TemplateFailed, or CertificateUnusable for certificates and keys
    that can't be loaded.
    """
    settings = _settings(hass, data, options, None)
    if not settings.address.secure:
        return settings
    context = await async_ssl_context(hass, data.get(CONF_SECURITY, {}))
    return replace(settings, ssl=context)


@callback
def _settings(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    options: Mapping[str, Any],
    context: ssl.SSLContext | None,
) -> Settings:
    address, _, _ = parse_url(render_setting(hass, data[CONF_URL], CONF_URL))
    connection = data.get(CONF_CONNECTION, {})
    limits = options.get(CONF_LIMITS, {})
    return Settings(
        address=address,
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
        client_id=connection.get(CONF_CLIENT_ID),
        protocol=connection.get(CONF_PROTOCOL, PROTOCOL_AUTO),
        keepalive=connection.get(CONF_KEEPALIVE, DEFAULT_KEEPALIVE),
        headers={
            header["name"]: render_setting(hass, header["value"], header["name"])
            for header in connection.get(CONF_HEADERS, ())
        },
        proxy=connection.get(CONF_PROXY),
        ssl=context,
        birth=_announcement(CONF_BIRTH, data, options),
        will=_announcement(CONF_WILL, data, options),
        timeout=limits.get(CONF_CONNECT_TIMEOUT, DEFAULT_CONNECT_TIMEOUT),
        max_frame=limits.get(CONF_MAX_FRAME, DEFAULT_MAX_FRAME) * 1024 * 1024,
        ping=connection.get(CONF_PING),
        session_expiry=connection.get(CONF_SESSION_EXPIRY, 0),
        give_way=partial(async_give_way, hass),
    )


# --- templates -------------------------------------------------------------------------


def has_templates(data: Mapping[str, Any]) -> bool:
    """Return whether each connection asks anew what entry data mean."""
    headers = data.get(CONF_CONNECTION, {}).get(CONF_HEADERS, ())
    return is_template_string(data[CONF_URL]) or any(
        is_template_string(header["value"]) for header in headers
    )


@callback
def render_setting(hass: HomeAssistant, text: str, name: str) -> str:
    """Return what the setting of this name says now. Raises TemplateFailed.

    Templates get Home Assistant's limited environment, and three things without which
    no token would ever change: ``now()``, ``utcnow()`` and ``states("entity_id")``.
    """
    if not is_template_string(text):
        return text

    def states(entity_id: str) -> str | None:
        state = hass.states.get(entity_id)
        return None if state is None else state.state

    names = {"now": dt_util.now, "utcnow": dt_util.utcnow, "states": states}
    try:
        rendered = Template(text, hass).async_render(
            names,
            parse_result=False,
            limited=True,
            # It would log the template, which may hold a secret itself.
            log_fn=lambda _level, _message: None,
        )
    except TemplateError as err:
        # Not its message: that may quote what the template works on, a secret.
        cause = type(err.__cause__ or err).__name__
        raise TemplateFailed(setting=name, error=cause) from None
    return str(rendered).strip()


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


def broker_error(err: BrokerError) -> HomeAssistantError:
    """Return the translated error for what went wrong with a broker."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=err.key,
        translation_placeholders=err.details,
    )
