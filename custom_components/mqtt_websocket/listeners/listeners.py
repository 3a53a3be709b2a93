"""Which listeners one broker's devices have: made, replaced and ended."""

from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_PLATFORM
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..bad_payloads import BadPayloads
from ..broker.broker import Broker
from ..mapping.schemas import EntityConfig
from ..mapping.template import TemplateScope
from .base import Listener
from .tag_scanner import TagScanner
from .triggers import AnnouncedTrigger, async_get_announced_triggers


class ListenerError(Exception):
    """A listener can't be had; the text says why."""


@dataclass(frozen=True, slots=True)
class ListenerPlan:
    """One listener to be. Two equal plans make the same one."""

    config: EntityConfig
    device_id: str | None
    scope: TemplateScope


class Listeners:
    """The listeners of one broker's devices."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        broker: Broker,
        bad_payloads: BadPayloads,
    ) -> None:
        """Start with none."""
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._bad_payloads = bad_payloads
        self._triggers = async_get_announced_triggers(hass)
        self._running: dict[str, dict[str, tuple[ListenerPlan, Listener]]] = {}

    @callback
    def update(self, key: str, plans: dict[str, ListenerPlan]) -> dict[str, str]:
        """Let a device (its source's name for it) have these listeners, by component.

        What did not change is not touched. Returns why some are left out, by component.
        """
        running = self._running.setdefault(key, {})
        for component, (plan, listener) in tuple(running.items()):
            if plans.get(component) != plan:
                del running[component]
                self._stop(listener)
        invalid: dict[str, str] = {}
        for component, plan in plans.items():
            if component in running:
                continue
            try:
                running[component] = (plan, self._start(plan))
            except (ListenerError, HomeAssistantError) as err:
                invalid[component] = str(err)
        if not running:
            del self._running[key]
        return invalid

    @callback
    def stop(self) -> None:
        """End all of them: the entry is unloaded."""
        for key in tuple(self._running):
            self.update(key, {})

    def _start(self, plan: ListenerPlan) -> Listener:
        common = (
            self._hass,
            self._entry,
            self._broker,
            self._bad_payloads,
            plan.config,
        )
        if plan.config[CONF_PLATFORM] == "tag":
            scanner = TagScanner(*common, plan.device_id, plan.scope)
            scanner.start()
            return scanner
        if plan.device_id is None:
            raise ListenerError("a device trigger needs a device")
        trigger = AnnouncedTrigger(*common, plan.device_id, plan.scope)
        if self._triggers.announced(trigger.device_id, trigger.name) is not None:
            raise ListenerError("the device has a trigger of this type and subtype")
        self._triggers.announce(trigger)
        return trigger

    def _stop(self, listener: Listener) -> None:
        if isinstance(listener, AnnouncedTrigger):
            self._triggers.withdraw(listener)
        else:
            listener.stop()
