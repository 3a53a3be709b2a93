"""Publishes the states that the rules of one broker name."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
import logging
from typing import Any

import voluptuous as vol

from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.event import (
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
)

from ..broker.broker import Broker
from .outbox import Counters, Outbox
from .rule import CONF_ENTITIES, Rule, Target, async_resolve_targets, rule_from_data

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class _ActiveRule:
    rule: Rule
    targets: dict[str, Target]  # by entity
    problems: dict[str, str]  # by entity
    unsubscribe: list[CALLBACK_TYPE] = field(default_factory=list)


class Publishing:
    """The publish rules of one broker at work.

    An entity's state goes out when the rule comes, on every connect, and whenever the
    state itself changes (a change of attributes alone is none). ``unavailable`` and
    ``unknown`` are published as these words. A topic that no entity of any rule feeds
    any more is cleared if the rule retains: the entity's state is gone, it is called
    differently, it lives in another area, or the rule changed.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str, broker: Broker) -> None:
        """Prepare for the rules of a config entry; nothing happens before ``start``."""
        self._hass = hass
        self._entry_id = entry_id
        self._broker = broker
        self._outbox = Outbox(hass, broker)
        self._rules: dict[str, _ActiveRule] = {}
        self._feeding: dict[str, set[str]] = {}  # the entities of a topic
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._started = False
        self._connected = False

    @property
    def counters(self) -> Counters:
        """What became of the states."""
        return self._outbox.counters

    @property
    def topics(self) -> dict[str, dict[str, str]]:
        """The topic of each entity of each rule."""
        return {
            rule_id: {entity: target.topic for entity, target in active.targets.items()}
            for rule_id, active in self._rules.items()
        }

    @callback
    def start(self) -> None:
        """Begin to publish; the broker may connect before or after."""
        self._started = True
        self._outbox.start()
        self._unsubscribe = [
            self._broker.listen(self._broker_changed),
            self._hass.bus.async_listen(
                dr.EVENT_DEVICE_REGISTRY_UPDATED, self._device_changed
            ),
        ]
        for rule_id in self._rules:
            self._track(rule_id)
        self._broker_changed()

    @callback
    def stop(self) -> None:
        """Stop publishing. What the broker retains stays there."""
        self._started = False
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        for active in self._rules.values():
            _untrack(active)
        self._outbox.stop()

    @callback
    def set_rule(self, rule_id: str, data: Mapping[str, Any]) -> None:
        """Add a rule, or change it: only what is different is published or cleared."""
        try:
            rule = rule_from_data(data)
        except vol.Invalid as err:
            _LOGGER.error(
                "A publish rule of %s is invalid and publishes nothing: %s",
                self._broker.name,
                err,
            )
            self.remove_rule(rule_id)
            return
        if (active := self._rules.get(rule_id)) is None or active.rule != rule:
            self._apply(rule_id, rule)

    @callback
    def remove_rule(self, rule_id: str) -> None:
        """Remove a rule and clear its topics."""
        if (active := self._rules.pop(rule_id, None)) is not None:
            _untrack(active)
            self._clear_abandoned(active.targets)

    def _apply(self, rule_id: str, rule: Rule) -> None:
        targets, problems = async_resolve_targets(self._hass, rule)
        old = self._rules.get(rule_id) or _ActiveRule(rule, {}, {})
        _untrack(old)
        self._rules[rule_id] = _ActiveRule(rule, targets, problems)
        for entity_id, problem in problems.items():
            if old.problems.get(entity_id) != problem:
                _LOGGER.warning(
                    "%s is not published to %s, its topic is invalid: %s",
                    entity_id,
                    self._broker.name,
                    problem,
                )
        self._clear_abandoned(old.targets)
        if self._started:
            self._track(rule_id)
            for entity_id, target in targets.items():
                if old.targets.get(entity_id) != target:
                    self._publish(entity_id, target)

    def _clear_abandoned(self, old: Mapping[str, Target]) -> None:
        """Clear what was retained for a rule and isn't any more, by any rule."""
        feeding: defaultdict[str, set[str]] = defaultdict(set)
        retained: set[str] = set()
        for active in self._rules.values():
            for entity_id, target in active.targets.items():
                feeding[target.topic].add(entity_id)
                if target.retain:
                    retained.add(target.topic)
        self._feeding = dict(feeding)
        if not self._started:
            return
        for target in old.values():
            if target.retain and target.topic not in retained:
                self._outbox.clear(target.topic, target.qos)

    def _track(self, rule_id: str) -> None:
        active = self._rules[rule_id]
        active.unsubscribe = [
            async_track_state_change_event(
                self._hass,
                active.rule.entities,
                partial(self._state_changed, active.targets),
            ),
            async_track_entity_registry_updated_event(
                self._hass,
                active.rule.entities,
                partial(self._entity_changed, rule_id),
            ),
        ]

    def _publish(self, entity_id: str, target: Target) -> None:
        if (state := self._hass.states.get(entity_id)) is not None:
            self._outbox.put(target.topic, state.state, target.qos, target.retain)

    @callback
    def _broker_changed(self) -> None:
        connected = self._broker.connected
        if connected and not self._connected:
            # All of it: the broker may have forgotten what it retained, and changes
            # while there was no connection were not worth keeping one by one.
            for active in self._rules.values():
                for entity_id, target in active.targets.items():
                    self._publish(entity_id, target)
        self._connected = connected
        self._outbox.online(connected)

    @callback
    def _state_changed(
        self, targets: Mapping[str, Target], event: Event[EventStateChangedData]
    ) -> None:
        entity_id = event.data["entity_id"]
        old, new = event.data["old_state"], event.data["new_state"]
        if (target := targets.get(entity_id)) is None:
            return  # its topic is invalid
        if new is None:
            if target.retain and self._feeding.get(target.topic) == {entity_id}:
                self._outbox.clear(target.topic, target.qos)
        elif old is None or old.state != new.state:
            self._outbox.put(target.topic, new.state, target.qos, target.retain)

    @callback
    def _entity_changed(
        self, rule_id: str, event: Event[er.EventEntityRegistryUpdatedData]
    ) -> None:
        if event.data["action"] != "update":
            return  # an entity that is removed loses its state as well
        rule = self._rules[rule_id].rule
        if (old_entity_id := event.data.get("old_entity_id")) is not None:
            entity_id = event.data["entity_id"]
            entities = (
                entity_id if entity == old_entity_id else entity
                for entity in rule.entities
            )
            rule = replace(rule, entities=tuple(dict.fromkeys(entities)))
            self._apply(rule_id, rule)
            self._remember(rule_id, rule)
        elif event.data["changes"].keys() & {"area_id", "device_id"}:
            self._apply(rule_id, rule)

    @callback
    def _device_changed(self, event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        if event.data["action"] == "update" and "area_id" in event.data["changes"]:
            for rule_id, active in list(self._rules.items()):
                self._apply(rule_id, active.rule)

    def _remember(self, rule_id: str, rule: Rule) -> None:
        """Write the new name of an entity into the rule's subentry."""
        entry = self._hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or (subentry := entry.subentries.get(rule_id)) is None:
            return
        self._hass.config_entries.async_update_subentry(
            entry, subentry, data={**subentry.data, CONF_ENTITIES: list(rule.entities)}
        )


def _untrack(active: _ActiveRule) -> None:
    for unsubscribe in active.unsubscribe:
        unsubscribe()
    active.unsubscribe.clear()
