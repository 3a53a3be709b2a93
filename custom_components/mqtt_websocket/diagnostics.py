"""Diagnostics: what a person can attach to a public report. Holds no secret."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlsplit

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.util import dt as dt_util

from .announcements import Announcements
from .broker.broker import Broker
from .broker.proxy import ENVIRONMENT
from .const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_ID,
    CONF_CLIENT_KEY,
    CONF_CLIENT_KEY_PASSWORD,
    CONF_CONNECTION,
    CONF_HEADERS,
    CONF_PASSWORD,
    CONF_PROXY,
    CONF_URL,
    CONF_USERNAME,
)
from .devices import RunningDevice
from .registry import registered_entity_id
from .runtime import MqttWebsocketConfigEntry

_REDACT: Final = frozenset(
    {
        CONF_PASSWORD,
        CONF_USERNAME,
        # A stranger who knows the client id can take the connection over.
        CONF_CLIENT_ID,
        # All of the PEM texts: people paste their keys into any of them.
        CONF_CA_CERTIFICATE,
        CONF_CLIENT_CERTIFICATE,
        CONF_CLIENT_KEY,
        CONF_CLIENT_KEY_PASSWORD,
    }
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: MqttWebsocketConfigEntry
) -> dict[str, Any]:
    """Return what is configured, what runs, and what went wrong."""
    if entry.state is not ConfigEntryState.LOADED:
        # When it does not work it is wanted most.
        return _configuration(entry)
    runtime = entry.runtime_data
    return {
        **_general(entry),
        "devices": [_device(hass, each) for each in runtime.devices.running.values()],
        "publish_rules": {
            each.rule_id: {
                "entities": each.topics,
                "announced": each.announced,
                "problems": each.problems,
            }
            for each in runtime.publishing.matched()
        },
        "published_states": asdict(runtime.publishing.counters),
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: MqttWebsocketConfigEntry, device: AnyDeviceEntry
) -> dict[str, Any]:
    """Return the same of one device alone."""
    if entry.state is not ConfigEntryState.LOADED:
        return _configuration(entry)
    return {
        **_general(entry),
        "devices": [
            _device(hass, each)
            for each in entry.runtime_data.devices.running.values()
            if each.device_id == device.id
        ],
    }


def _configuration(entry: MqttWebsocketConfigEntry) -> dict[str, Any]:
    return {
        "state": entry.state.value,
        "reason": entry.error_reason_translation_key,
        "reason_details": entry.error_reason_translation_placeholders,
        "data": redacted(entry.data),
        "options": dict(entry.options),
        "subentries": [
            {
                "id": subentry.subentry_id,
                "type": subentry.subentry_type,
                "data": dict(subentry.data),
            }
            for subentry in entry.subentries.values()
        ],
    }


def _general(entry: MqttWebsocketConfigEntry) -> dict[str, Any]:
    runtime = entry.runtime_data
    return {
        **_configuration(entry),
        "broker": _broker(runtime.broker),
        "bad_payloads": {
            "count": runtime.bad_payloads.count,
            "topics": dict(runtime.bad_payloads.topics),
        },
        "announcements": _announcements(runtime.announcements),
    }


def _announcements(announcements: Announcements | None) -> dict[str, Any] | None:
    if announcements is None:
        return None
    return {
        "unsupported_platforms": announcements.unsupported,
        "refused": {
            "count": announcements.refused_count,
            "topics": dict(announcements.refused),
        },
        "had_by_other_entries": announcements.contested.counts,
    }


def _broker(broker: Broker) -> dict[str, Any]:
    error = broker.last_error
    return {
        "state": broker.state,
        "protocol": broker.protocol,
        "last_error": error and {"key": error.key, "details": error.details},
        "server_limits": broker.limits and asdict(broker.limits),
        "certificate_ends": broker.certificate_expiry
        and dt_util.utc_from_timestamp(broker.certificate_expiry),
        "refused_topics": {
            topic: refusal.details for topic, refusal in broker.refused.items()
        },
        "counters": asdict(broker.counters),
    }


def _device(hass: HomeAssistant, running: RunningDevice) -> dict[str, Any]:
    registered = running.device_id and dr.async_get(hass).async_get(running.device_id)
    return {
        "source": "subentry" if running.device.subentry_id else "announcement",
        "key": running.device.key,
        "name": running.config.name,
        "disabled_by": registered.disabled_by if registered else None,
        "info": running.config.info,
        "origin": running.config.origin,
        "invalid_components": running.invalid,
        "entities": {key: _entity(hass, running, key) for key in running.plans},
        "listeners": running.config.listeners,
    }


def _entity(hass: HomeAssistant, running: RunningDevice, key: str) -> dict[str, Any]:
    plan = running.plans[key]
    entity = running.entities.get(key)
    entity_id = registered_entity_id(hass, plan) or (entity and entity.entity_id)
    registered = er.async_get(hass).async_get(entity_id) if entity_id else None
    state = hass.states.get(entity_id) if entity_id else None
    return {
        "entity_id": entity_id,
        "config": plan.config,
        "disabled_by": registered and registered.disabled_by,
        "state": state and state.state,
        "last_reported": state and state.last_reported.isoformat(),
    }


# --- secrets ---------------------------------------------------------------------


def redacted(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return entry data without anything secret, whichever field it is in."""
    shown: dict[str, Any] = async_redact_data(data, _REDACT)
    shown[CONF_URL] = _redacted_url(data[CONF_URL])
    if CONF_CONNECTION in data:
        connection = dict(shown[CONF_CONNECTION])
        proxy = connection.get(CONF_PROXY)
        if proxy and proxy != ENVIRONMENT:
            connection[CONF_PROXY] = _redacted_url(proxy)
        if headers := connection.get(CONF_HEADERS):
            connection[CONF_HEADERS] = [
                {"name": header["name"], "value": REDACTED} for header in headers
            ]
        shown[CONF_CONNECTION] = connection
    return shown


def _redacted_url(url: str) -> str:
    """Return a URL with neither credentials nor query nor fragment."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises where what precedes a "?" was a password
    except ValueError:
        return REDACTED
    if not parts.netloc:
        return REDACTED  # without a scheme nobody knows what is what
    host = parts.netloc.rpartition("@")[2]
    credentials = f"{REDACTED}@" if "@" in parts.netloc else ""
    query = f"?{REDACTED}" if parts.query else ""
    return f"{parts.scheme}://{credentials}{host}{parts.path}{query}"
