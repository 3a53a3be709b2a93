"""Device triggers: what devices have announced, and the automations that wait for it.

An automation knows a trigger by its device, its type and its subtype. It may be there
before the trigger is announced, and outlives what is announced: changes, reloads of the
broker, removal. So both meet here, in a place that is no broker's own.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_DEVICE,
    CONF_PAYLOAD,
    CONF_PLATFORM,
    CONF_TYPE,
    CONF_VALUE_TEMPLATE,
)
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.trigger import TriggerActionType, TriggerInfo
from homeassistant.util.hass_dict import HassKey

from ..bad_payloads import BadPayloads
from ..broker.broker import Broker
from ..broker.message import Message
from ..const import ATTR_CONFIG_ENTRY_ID
from ..mapping.payload import PayloadError, json_value, text
from ..mapping.schemas import EntityConfig
from ..mapping.schemas.device_automation import CONF_SUBTYPE
from ..mapping.template import CommandTemplate, TemplateScope, ValueTemplate
from .base import Listener

type Name = tuple[str, str]
"""A trigger's type and subtype: what no two triggers of a device have in common."""


@dataclass(frozen=True, slots=True)
class _Automation:
    job: HassJob[..., Any]
    info: TriggerInfo


class _Slot:
    """One trigger of one device: who announces it, and who waits for it."""

    __slots__ = ("announced", "automations")

    def __init__(self) -> None:
        self.announced: AnnouncedTrigger | None = None
        self.automations: list[_Automation] = []

    @property
    def is_empty(self) -> bool:
        return self.announced is None and not self.automations


class AnnouncedTriggers:
    """The triggers of all devices, whichever broker they are on."""

    def __init__(self) -> None:
        """Start with none."""
        self._slots: dict[str, dict[Name, _Slot]] = {}

    def of_device(self, device_id: str) -> Iterator[Name]:
        """Yield the triggers that a device has announced."""
        for name, slot in self._slots.get(device_id, {}).items():
            if slot.announced is not None:
                yield name

    def announced(self, device_id: str, name: Name) -> AnnouncedTrigger | None:
        """Return what was announced under a name."""
        slot = self._slots.get(device_id, {}).get(name)
        return None if slot is None else slot.announced

    @callback
    def announce(self, trigger: AnnouncedTrigger) -> None:
        """Let a trigger be there: the automations that wait for it have it."""
        slot = self._slot(trigger.device_id, trigger.name)
        slot.announced = trigger
        if slot.automations:
            trigger.listen(slot.automations)

    @callback
    def withdraw(self, trigger: AnnouncedTrigger) -> None:
        """Let a trigger go; the automations wait until it is announced again."""
        self._slot(trigger.device_id, trigger.name).announced = None
        trigger.stop()
        self._clean_up(trigger.device_id, trigger.name)

    @callback
    def attach(
        self,
        device_id: str,
        name: Name,
        action: TriggerActionType,
        info: TriggerInfo,
    ) -> CALLBACK_TYPE:
        """Let an automation have a trigger, announced or not; return the end of it."""
        slot = self._slot(device_id, name)
        automation = _Automation(
            HassJob(action, f"mqtt_websocket device trigger {name}"), info
        )
        slot.automations.append(automation)
        if slot.announced is not None:
            slot.announced.listen(slot.automations)

        @callback
        def detach() -> None:
            slot.automations.remove(automation)
            if slot.announced is not None and not slot.automations:
                slot.announced.stop()
            self._clean_up(device_id, name)

        return detach

    def _slot(self, device_id: str, name: Name) -> _Slot:
        return self._slots.setdefault(device_id, {}).setdefault(name, _Slot())

    def _clean_up(self, device_id: str, name: Name) -> None:
        """Forget what nobody announces and nobody waits for."""
        of_device = self._slots[device_id]
        if of_device[name].is_empty:
            del of_device[name]
            if not of_device:
                del self._slots[device_id]


_TRIGGERS: Final[HassKey[AnnouncedTriggers]] = HassKey("mqtt_websocket.device_triggers")


@callback
def async_get_announced_triggers(hass: HomeAssistant) -> AnnouncedTriggers:
    """Return the triggers of all devices."""
    if (found := hass.data.get(_TRIGGERS)) is None:
        found = hass.data[_TRIGGERS] = AnnouncedTriggers()
    return found


class AnnouncedTrigger(Listener):
    """A trigger that is announced: which messages it is about.

    It listens only while an automation wants it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        broker: Broker,
        bad_payloads: BadPayloads,
        config: EntityConfig,
        device_id: str,
        scope: TemplateScope,
    ) -> None:
        """Take a validated config. Raises CommandTemplateError: its payload is none."""
        super().__init__(hass, entry, broker, bad_payloads, config)
        self.device_id: Final = device_id
        self.name: Final[Name] = (config[CONF_TYPE], config[CONF_SUBTYPE])
        self.label = f"the device trigger {self.name}"
        # As in core, an empty one is none, and a payload may be a template, too.
        self._wanted = CommandTemplate(
            hass, config[CONF_PAYLOAD] or None, scope=scope
        ).render()
        self._value = ValueTemplate(
            hass, config[CONF_VALUE_TEMPLATE] or None, scope=scope
        )
        self._automations: list[_Automation] = []

    @callback
    def listen(self, automations: list[_Automation]) -> None:
        """Trigger these automations, and those that are added to the list later."""
        self._automations = automations
        self.start()

    @override
    def _take(self, message: Message) -> None:
        payload = text(message)
        if self._wanted is not None and not self._is_wanted(message):
            return
        data: dict[str, Any] = {
            CONF_PLATFORM: CONF_DEVICE,
            "topic": message.topic,
            "payload": payload,
            "qos": message.qos,
            "description": f"mqtt topic {message.topic}",
            "broker": self._entry.title,
            ATTR_CONFIG_ENTRY_ID: self._entry.entry_id,
        }
        with suppress(PayloadError):  # as in core, there is no such variable then
            data["payload_json"] = json_value(message)
        for automation in tuple(self._automations):
            self._hass.async_run_hass_job(
                automation.job,
                {"trigger": {**automation.info["trigger_data"], **data}},
            )

    def _is_wanted(self, message: Message) -> bool:
        """Whether a message says what the trigger is about. Raises PayloadError."""
        value = self._value.render(message, None)
        return bool(value) and value == self._wanted
