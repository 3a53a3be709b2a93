"""The action that publishes a message."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode
import voluptuous as vol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv, device_registry as dr

from ..broker.broker import Payload
from ..broker.errors import BrokerError, InvalidTopic, PublishRefused
from ..broker.topics import validate_topic
from ..const import ATTR_CONFIG_ENTRY_ID, DOMAIN
from ..mapping.schemas.common import qos_level
from ..properties import PROPERTIES_SCHEMA, properties_from_data
from ..runtime import async_get_broker, async_get_entry
from .common import (
    ATTR_QOS,
    ATTR_RETAIN,
    ATTR_TOPIC,
    PAYLOAD_SCHEMA,
    action_error,
    failed,
    invalid,
    payload_from_data,
    require_mqtt_5,
)

PUBLISH_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): vol.All(
            cv.ensure_list, [cv.string], vol.Length(min=1)
        ),
        vol.Optional(ATTR_DEVICE_ID): vol.All(cv.ensure_list, [cv.string]),
        vol.Required(ATTR_TOPIC): cv.string,
        **PAYLOAD_SCHEMA,
        vol.Optional(ATTR_QOS, default=0): qos_level,
        vol.Optional(ATTR_RETAIN, default=False): cv.boolean,
        **PROPERTIES_SCHEMA,
    }
)


@dataclass(slots=True, kw_only=True)
class _Outcome:
    """What became of the message at one broker."""

    config_entry_id: str
    broker: str
    error: HomeAssistantError | None = None
    reason: str | None = None
    reason_code: int | None = None

    @property
    def answered(self) -> bool:
        """Whether it is the broker's own word."""
        return self.error is None or self.reason is not None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        result: dict[str, Any] = {
            "config_entry_id": self.config_entry_id,
            "broker": self.broker,
            "success": self.error is None,
        }
        if self.reason_code is not None:
            result["reason_code"] = self.reason_code
        if self.reason is not None:
            result["reason"] = self.reason
        if self.error is not None:
            result["error"] = str(self.error)
        return result


def _reason_code(name: str) -> int | None:
    """Return the number of a reason that a broker gave for its refusal.

    None for what is refused without asking it, as its CONNACK said it would be.
    """
    try:
        code: int = ReasonCode(PacketTypes.PUBACK, aName=name).value
    except KeyError:
        return None
    return code


async def async_publish(call: ServiceCall) -> ServiceResponse:
    """Publish a message; return once the brokers have it (QoS 1, 2) or it is sent (QoS 0).

    With one broker missing, the others still get it. Whoever asks for the response
    finds there what each broker said, refusals too; an error is raised then only if
    none said anything. Else any failure is a HomeAssistantError.
    """
    data = call.data
    entries = _entries(call.hass, data)
    try:
        validate_topic(data[ATTR_TOPIC])
    except InvalidTopic as err:
        raise action_error(err) from err
    payload = payload_from_data(data)
    outcomes = await asyncio.gather(
        *(
            _publish_to(call.hass, entry_id, name, payload, data)
            for entry_id, name in entries.items()
        )
    )
    if call.return_response:
        if not any(outcome.answered for outcome in outcomes):
            _raise(outcomes)
        return {"brokers": [outcome.as_dict() for outcome in outcomes]}
    if any(outcome.error for outcome in outcomes):
        _raise(outcomes)
    return None


def _raise(outcomes: list[_Outcome]) -> None:
    """Raise for what failed: the error itself where there is one broker."""
    errors = [outcome for outcome in outcomes if outcome.error is not None]
    if len(outcomes) == 1:
        if TYPE_CHECKING:
            assert errors[0].error is not None
        raise errors[0].error
    raise failed(
        "publish_failed",
        failed=len(errors),
        total=len(outcomes),
        errors=" ".join(f"{one.broker}: {one.error}" for one in errors),
    )


async def _publish_to(
    hass: HomeAssistant,
    config_entry_id: str | None,
    name: str,
    payload: Payload,
    data: Mapping[str, Any],
) -> _Outcome:
    outcome = _Outcome(config_entry_id=config_entry_id or "", broker=name)
    try:
        broker = async_get_broker(hass, config_entry_id)
        require_mqtt_5(broker, PROPERTIES_SCHEMA, data)
        outcome.reason_code = await broker.publish(
            data[ATTR_TOPIC],
            payload,
            data[ATTR_QOS],
            data[ATTR_RETAIN],
            properties_from_data(data),
        )
    except HomeAssistantError as err:
        outcome.error = err
    except BrokerError as err:
        outcome.error = action_error(err)
        if isinstance(err, PublishRefused):
            outcome.reason = err.details["reason"]
            outcome.reason_code = _reason_code(outcome.reason)
    return outcome


@callback
def _entries(hass: HomeAssistant, data: Mapping[str, Any]) -> dict[str, str]:
    """Return the chosen brokers and their names, each once, loaded or not.

    Raises ServiceValidationError for what is no broker, before anything is published.
    """
    chosen: dict[str, str] = {}
    for entry_id in data.get(ATTR_CONFIG_ENTRY_ID, ()):
        chosen[entry_id] = async_get_entry(hass, entry_id).title
    for device_id in data.get(ATTR_DEVICE_ID, ()):
        entry = _entry_of_device(hass, device_id)
        chosen[entry.entry_id] = entry.title
    if not chosen:
        only = async_get_entry(hass, None)
        chosen[only.entry_id] = only.title
    return chosen


def _entry_of_device(hass: HomeAssistant, device_id: str) -> ConfigEntry:
    _, entry = dr.async_get_device_and_config_entry_for_domain(
        hass, device_id, domain=DOMAIN
    )
    if entry is None:
        raise invalid("no_broker_device", device_id=device_id)
    return entry
