"""Publishes the states that the rules of one broker name."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
import logging
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.exceptions import TemplateError
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.start import async_at_started

from ..broker.broker import Broker
from ..broker.errors import InvalidTopic
from ..devices import Devices
from .commands import Commands
from .counters import Counters
from .feed import Feed
from .ledger import async_get_ledger
from .loops import hears
from .outbox import Outbox
from .payloads import Shape
from .retained import Key, Retained
from .rule import Rule, rule_from_data
from .selection import EXCLUDE_PREFIX, Kind
from .topics import TopicTemplate

_LOGGER = logging.getLogger(__name__)

_SLICE_SECONDS: Final = 0.01
"""So long at a time payloads are made, then everything else has its turn."""

_PROBLEMS_LOGGED: Final = 10


@dataclass(slots=True)
class _ActiveRule:
    rule: Rule
    template: TopicTemplate
    shape: Shape
    feeds: dict[str, Feed] = field(default_factory=dict)  # by entity
    problems: dict[str, str] = field(default_factory=dict)  # by entity


class Publishing:
    """The publish rules of one broker at work.

    What a rule makes of an entity's state goes out when the rule comes, on every
    connect, and whenever that is something else than before. A topic that no entity of
    any rule feeds any more is cleared if something was retained there: the entity is
    gone or called differently, lives in another area, lost an attribute, or the rule
    changed, be it while Home Assistant was not running.
    """

    def __init__(
        self, hass: HomeAssistant, entry_id: str, broker: Broker, devices: Devices
    ) -> None:
        """Prepare for the rules of a config entry; nothing happens before ``start``."""
        self._hass = hass
        self._entry_id = entry_id
        self._broker = broker
        self._devices = devices
        self.counters = Counters()
        self._ledger = async_get_ledger(hass, entry_id)
        self._outbox = Outbox(hass, broker, self._ledger, self.counters)
        self._commands = Commands(
            hass,
            entry_id,
            broker,
            self._outbox,
            self.counters,
            find=self._commanding_rule,
            is_ours=self._is_ours,
        )
        self._rules: dict[str, _ActiveRule] = {}
        self._fed: Counter[str] = Counter()
        """How many entities have a topic for their state."""
        self._by_entity: defaultdict[str, set[str]] = defaultdict(set)
        self._retained = Retained(self._outbox, self._ledger)
        self._dirty: dict[Key, None] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._started = False
        self._connected = False
        self._complete = False
        """Whether all entities had the time to come."""
        self._sweep = False

    @property
    def topics(self) -> dict[str, dict[str, str]]:
        """The topic of each entity of each rule."""
        return {
            rule_id: {entity: feed.topic for entity, feed in active.feeds.items()}
            for rule_id, active in self._rules.items()
        }

    def matched(self) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
        """Yield the entities of each rule with their topics, or with why not."""
        for rule_id, topics in self.topics.items():
            yield rule_id, topics, dict(self._rules[rule_id].problems)

    # --- life -------------------------------------------------------------------------

    @callback
    def start(self) -> None:
        """Begin to publish; the broker may connect before or after."""
        self._started = True
        self._outbox.start()
        bus = self._hass.bus
        self._unsubscribe = [
            self._broker.listen(self._broker_changed),
            bus.async_listen(EVENT_STATE_CHANGED, self._state_changed),
            bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._entity_changed),
            bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, self._device_changed),
            bus.async_listen(ar.EVENT_AREA_REGISTRY_UPDATED, self._area_changed),
            async_at_started(self._hass, self._home_assistant_started),
        ]
        # Entities may have come since the rules did.
        for rule_id, active in self._rules.items():
            self._match(rule_id)
            for entity_id in active.feeds:
                self._mark(rule_id, entity_id)
        self._follow_commands()
        self._broker_changed()
        # It begins at once, so that it comes last.
        self._task = self._hass.async_create_background_task(
            self._run(), f"mqtt_websocket states for {self._broker.name}"
        )

    @callback
    def stop(self) -> None:
        """Stop publishing. What the broker retains stays there."""
        self._started = False
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for active in self._rules.values():
            for feed in active.feeds.values():
                feed.stop()
        self._commands.stop()
        self._outbox.stop()

    async def _home_assistant_started(self, _hass: HomeAssistant) -> None:
        """Look for ghosts once all entities had the time to come."""
        await self._ledger.load()
        self._complete = True
        self._look_for_ghosts()

    # --- rules ------------------------------------------------------------------------

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
        old = self._rules.get(rule_id)
        if old is not None and old.rule == rule:
            return
        self._rules[rule_id] = active = _ActiveRule(
            rule,
            TopicTemplate(self._hass, rule.topic, rule.base),
            Shape(self._hass, rule),
        )
        if old is not None:
            active.problems = old.problems
            active.feeds = old.feeds
            if replace(old.rule, selection=rule.selection) != rule:
                for entity_id, feed in active.feeds.items():
                    feed.renew()
                    self._mark(rule_id, entity_id)
        self._match(rule_id)
        self._follow_commands()
        self._look_for_ghosts()

    @callback
    def remove_rule(self, rule_id: str) -> None:
        """Remove a rule and clear its topics."""
        if (active := self._rules.get(rule_id)) is not None:
            for entity_id in list(active.feeds):
                self._drop(rule_id, entity_id)
            del self._rules[rule_id]
            self._follow_commands()

    def _match(self, rule_id: str) -> None:
        """Find the entities of a rule."""
        active = self._rules[rule_id]
        found = active.rule.selection.all_matching(self._hass, self._entry_id)
        active.problems, known = {}, active.problems
        for entity_id in active.feeds.keys() - set(found):
            self._drop(rule_id, entity_id)
        for entity_id in found:
            self._place(rule_id, entity_id)
        new = [
            (entity_id, problem)
            for entity_id, problem in active.problems.items()
            if known.get(entity_id) != problem
        ]
        for entity_id, problem in new[:_PROBLEMS_LOGGED]:
            self._log_problem(entity_id, problem)

    def _log_problem(self, entity_id: str, problem: str) -> None:
        _LOGGER.warning(
            "%s is not published to %s, its topic is invalid: %s",
            entity_id,
            self._broker.name,
            problem,
        )

    def _place(self, rule_id: str, entity_id: str) -> None:
        """Give an entity of a rule the topic that it has now."""
        active = self._rules[rule_id]
        try:
            topic = active.template.render(entity_id)
            problem = (
                f"{topic} is where it comes from"
                if hears(self._hass, self._devices, entity_id, topic)
                else None
            )
        except (TemplateError, InvalidTopic) as err:
            problem = str(err)
        if problem is not None:
            active.problems[entity_id] = problem
            self._drop(rule_id, entity_id)
            return
        active.problems.pop(entity_id, None)
        feed = active.feeds.get(entity_id)
        if feed is not None and feed.topic == topic:
            return
        if feed is None:
            active.feeds[entity_id] = Feed(topic)
            self._by_entity[entity_id].add(rule_id)
        else:
            self._leave(feed.topic)
            feed.topic = topic
            feed.renew()
            self._look_for_ghosts()
        self._fed[topic] += 1
        self._mark(rule_id, entity_id)

    def _drop(self, rule_id: str, entity_id: str) -> None:
        """Publish an entity no longer, and leave nothing of it."""
        feed = self._rules[rule_id].feeds.pop(entity_id, None)
        if feed is None:
            return
        self._leave(feed.topic)
        self._by_entity[entity_id].discard(rule_id)
        if not self._by_entity[entity_id]:
            del self._by_entity[entity_id]
        self._silence((rule_id, entity_id), feed)

    def _silence(self, key: Key, feed: Feed) -> None:
        """Leave nothing of an entity that has no state, or is not published any more."""
        feed.renew()
        feed.stop()
        self._retained.release(key, feed, feed.retained)
        if feed.silent:
            # What it left alone was not its own doing, and only the ledger knows it.
            feed.silent = False
            self._look_for_ghosts()

    def _look_for_ghosts(self) -> None:
        """Clear what nothing feeds any more, once the rest has gone out."""
        if self._complete:
            self._sweep = True
            self._wake.set()

    def _leave(self, topic: str) -> None:
        self._fed[topic] -= 1
        if not self._fed[topic]:
            del self._fed[topic]

    def _reconsider(self, entity_id: str) -> None:
        """Match an entity, of which something else than the state is new."""
        for rule_id, active in self._rules.items():
            if active.rule.selection.matches(self._hass, entity_id, self._entry_id):
                known = active.problems.get(entity_id)
                self._place(rule_id, entity_id)
                problem = active.problems.get(entity_id)
                if problem is not None and problem != known:
                    self._log_problem(entity_id, problem)
            else:
                active.problems.pop(entity_id, None)
                self._drop(rule_id, entity_id)

    # --- commands ---------------------------------------------------------------------

    def _follow_commands(self) -> None:
        if self._started:
            rules = [active.rule for active in self._rules.values()]
            self._commands.follow({rule.base for rule in rules if rule.commands})

    def _commanding_rule(self, base: str, entity_id: str) -> Rule | None:
        """Return the rule by which an entity takes commands; the most permissive."""
        rules = [
            self._rules[rule_id].rule for rule_id in self._by_entity.get(entity_id, ())
        ]
        return max(
            (rule for rule in rules if rule.commands and rule.base == base),
            key=lambda rule: (rule.command_locks, rule.command_errors),
            default=None,
        )

    def _is_ours(self, topic: str) -> bool:
        return self._fed[topic] > 0 or topic in self._retained

    # --- what happens in Home Assistant -----------------------------------------------

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        entity_id = event.data["entity_id"]
        old, new = event.data["old_state"], event.data["new_state"]
        if old is None:
            self._reconsider(entity_id)
        for rule_id in self._by_entity.get(entity_id, ()):
            active = self._rules[rule_id]
            if new is None:
                feed = active.feeds[entity_id]
                self._silence((rule_id, entity_id), feed)
            elif old is None or old.state != new.state or active.shape.attributes_count:
                self._mark(rule_id, entity_id)
        if new is None and er.async_get(self._hass).async_get(entity_id) is None:
            # Nobody knows it any more, except a rule that names it.
            for rule_id in list(self._by_entity.get(entity_id, ())):
                if entity_id not in self._rules[rule_id].rule.selection.named:
                    self._drop(rule_id, entity_id)

    @callback
    def _entity_changed(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        entity_id = event.data["entity_id"]
        if event.data["action"] != "update":
            self._reconsider(entity_id)
            return
        if (old_entity_id := event.data.get("old_entity_id")) is not None:
            for rule_id in list(self._rules):
                self._rename(rule_id, old_entity_id, entity_id)
            self._reconsider(old_entity_id)
        changes = event.data["changes"].keys()
        if changes & {"area_id", "device_id", "disabled_by", "entity_id", "labels"}:
            self._reconsider(entity_id)

    @callback
    def _device_changed(self, event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        if event.data["action"] == "update" and (
            event.data["changes"].keys() & {"area_id", "labels"}
        ):
            for entity in er.async_entries_for_device(
                er.async_get(self._hass), event.data["device_id"]
            ):
                self._reconsider(entity.entity_id)

    @callback
    def _area_changed(self, _event: Event[ar.EventAreaRegistryUpdatedData]) -> None:
        """Match all: an area's labels are those of what is in it, and it is rare."""
        for rule_id, active in self._rules.items():
            if not active.rule.selection.is_fixed:
                self._match(rule_id)

    def _rename(self, rule_id: str, old: str, new: str) -> None:
        """Follow an entity that is named; the rule's subentry learns the name, too."""
        entry = self._hass.config_entries.async_get_entry(self._entry_id)
        subentry = entry and entry.subentries.get(rule_id)
        rule = self._rules[rule_id].rule
        selection = rule.selection.renamed(old, new)
        if selection == rule.selection:
            return
        self._rules[rule_id].rule = replace(rule, selection=selection)
        self._match(rule_id)
        if entry and subentry:
            data = dict(subentry.data)
            for key in (Kind.ENTITIES, f"{EXCLUDE_PREFIX}{Kind.ENTITIES}"):
                if old in (names := data.get(key, ())):
                    data[key] = list(
                        dict.fromkeys(new if name == old else name for name in names)
                    )
            self._hass.config_entries.async_update_subentry(entry, subentry, data=data)

    @callback
    def _broker_changed(self) -> None:
        connected = self._broker.connected
        if connected and not self._connected:
            # All of it: the broker may have forgotten what it retained, and changes
            # while there was no connection were not worth keeping one by one.
            for rule_id, active in self._rules.items():
                for entity_id, feed in active.feeds.items():
                    feed.renew()
                    self._mark(rule_id, entity_id)
        self._connected = connected
        self._outbox.online(connected)

    # --- what goes out ----------------------------------------------------------------

    def _mark(self, rule_id: str, entity_id: str) -> None:
        """Let an entity's state go out, soon; which one that is turns out then."""
        if self._started:
            self._dirty[rule_id, entity_id] = None
            self._wake.set()

    async def _run(self) -> None:
        loop = self._hass.loop
        while True:
            await self._wake.wait()
            until = loop.time() + _SLICE_SECONDS
            while self._dirty:
                batch, self._dirty = self._dirty, {}
                for key in batch:
                    try:
                        self._publish(key)
                    except Exception:
                        _LOGGER.exception("%s can't be published", key[1])
                        self.counters.failed += 1
                    if loop.time() > until:
                        await asyncio.sleep(0)
                        await self._outbox.has_room()
                        until = loop.time() + _SLICE_SECONDS
            self._wake.clear()
            if self._sweep:
                self._sweep = False
                self._retained.clear_ghosts(
                    (active.rule, feed)
                    for active in self._rules.values()
                    for feed in active.feeds.values()
                )

    def _publish(self, key: Key) -> None:
        rule_id, entity_id = key
        active = self._rules.get(rule_id)
        feed = active and active.feeds.get(entity_id)
        if not active or not feed:
            return
        rule = active.rule
        state = self._hass.states.get(entity_id)
        if state is None:
            self._silence(key, feed)
            return
        now = self._hass.loop.time()
        if feed.not_before > now:
            if feed.timer is None:
                feed.timer = self._hass.loop.call_at(feed.not_before, self._due, key)
            return
        if feed.is_small_change(rule, state):
            return
        try:
            messages = active.shape.messages(state, feed.topic)
        except TemplateError as err:
            self.counters.failed += 1
            if not feed.complained:
                feed.complained = True
                _LOGGER.warning(
                    "The payload of %s for %s can't be made: %s",
                    entity_id,
                    self._broker.name,
                    err,
                )
            messages = None
        feed.silent = messages is None
        if messages is None:
            elsewhere = {topic for topic in feed.retained if not feed.owns(topic)}
            self._retained.release(key, feed, elsewhere)
            return
        retained = {topic for topic, payload in messages.items() if payload}
        self._retained.hold(key, feed, retained if rule.retain else set())
        changed = False
        for topic, payload in messages.items():
            if feed.sent.get(topic) != (digest := hash(payload)):
                feed.sent[topic] = digest
                changed = True
                self._outbox.put(topic, payload, rule.qos, rule.retain)
        if changed:
            feed.state = state.state
            feed.not_before = now + rule.minimum_interval

    @callback
    def _due(self, key: Key) -> None:
        rule_id, entity_id = key
        active = self._rules.get(rule_id)
        if active is not None and (feed := active.feeds.get(entity_id)) is not None:
            feed.timer = None
            self._mark(rule_id, entity_id)
