"""Which states the rules of one broker publish, and under which topics."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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
from ..broker.message import Message
from ..devices import Devices
from .active import ActiveRule
from .announcing import may_announce
from .commands import Commands
from .counters import Counters
from .feed import Feed
from .ledger import async_get_ledger
from .loops import hears
from .outbox import Outbox
from .renames import rename_in_rule
from .rule import Rule, rule_from_data
from .sender import Sender
from .status import Status

_LOGGER = logging.getLogger(__name__)

_PROBLEMS_LOGGED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The entities of a rule: with their topics, those of announcements, or why not."""

    rule_id: str
    topics: dict[str, str]
    announced: dict[str, str]
    problems: dict[str, str]


class Publishing:
    """The publish rules of one broker at work.

    What a rule makes of an entity's state goes out when the rule comes, on every
    connect, and whenever that is something else than before. A topic that no entity of
    any rule feeds any more is cleared if something was retained there: the entity is
    gone or called differently, lives in another area, lost an attribute, or the rule
    changed, be it while Home Assistant was not running.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        broker: Broker,
        devices: Devices,
        status: Status | None = None,
    ) -> None:
        """Prepare for the rules of a config entry; nothing happens before ``start``.

        ``status`` is what the will of the broker's connection is about.
        """
        self.status = status
        self._hass = hass
        self._entry_id = entry_id
        self._broker = broker
        self._devices = devices
        self.counters = Counters()
        self._rules: dict[str, ActiveRule] = {}
        ledger = async_get_ledger(hass, entry_id)
        self._outbox = Outbox(hass, broker, ledger, self.counters)
        self._sender = Sender(
            hass,
            broker,
            self._rules,
            self._outbox,
            ledger,
            self.counters,
            status,
            announces=self._announces,
        )
        self._commands = Commands(
            hass,
            entry_id,
            broker,
            self._outbox,
            self.counters,
            find=self._commanding_rule,
            is_ours=self.publishes_to,
        )
        self._fed: Counter[str] = Counter()
        """How many entities have a topic for their state."""
        self._by_entity: defaultdict[str, set[str]] = defaultdict(set)
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._unfollow: CALLBACK_TYPE | None = None
        self._started = False
        self._connected = False

    @property
    def topics(self) -> dict[str, dict[str, str]]:
        """The topic of each entity of each rule."""
        return {each.rule_id: each.topics for each in self.matched()}

    def matched(self) -> Iterator[Matched]:
        """Yield the entities of each rule."""
        for rule_id, active in self._rules.items():
            yield Matched(
                rule_id=rule_id,
                topics={each: feed.topic for each, feed in active.feeds.items()},
                announced={
                    each: feed.announced.topic
                    for each, feed in active.feeds.items()
                    if feed.announced is not None
                },
                problems=dict(active.problems),
            )

    # --- life -------------------------------------------------------------------------

    @callback
    def start(self) -> None:
        """Begin to publish; the broker may connect before or after."""
        self._started = True
        self._sender.start()
        if self.status is not None and self.status.is_ours:
            self._unsubscribe.append(
                self._broker.subscribe(self.status.topic, self._status_heard, qos=1)
            )
        bus = self._hass.bus
        self._unsubscribe += [
            self._broker.listen(self._broker_changed),
            bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._entity_changed),
            bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, self._device_changed),
            bus.async_listen(ar.EVENT_AREA_REGISTRY_UPDATED, self._area_changed),
            async_at_started(self._hass, self._home_assistant_started),
        ]
        self._follow_states()
        # Entities may have come since the rules did.
        for rule_id, active in self._rules.items():
            self._match(rule_id)
            for entity_id in active.feeds:
                self._sender.mark(rule_id, entity_id)
        self._follow_commands()
        self._broker_changed()
        # It begins at once, so that it comes last.
        self._sender.run()

    @callback
    def stop(self) -> None:
        """Stop publishing. What the broker retains stays there."""
        self._started = False
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self._follow_states()
        self._commands.stop()
        self._sender.stop()

    async def _home_assistant_started(self, _hass: HomeAssistant) -> None:
        """Look for ghosts once all entities had the time to come."""
        await self._sender.complete()

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
        self._rules[rule_id] = active = ActiveRule.of(self._hass, rule, self.status)
        if old is not None:
            active.problems = old.problems
            active.feeds = old.feeds
            if replace(old.rule, selection=rule.selection) != rule:
                self._sender.renew(rule_id)
            if old.rule.announce or rule.announce:
                for entity_id in active.feeds:
                    self._announce_again(entity_id)
        self._match(rule_id)
        self._follow_states()
        self._follow_commands()
        self._sender.look_for_ghosts()

    @callback
    def remove_rule(self, rule_id: str) -> None:
        """Remove a rule and clear its topics."""
        if (active := self._rules.get(rule_id)) is not None:
            for entity_id in list(active.feeds):
                self._drop(rule_id, entity_id)
            del self._rules[rule_id]
            self._follow_states()
            self._follow_commands()

    def _follow_states(self) -> None:
        """Listen to states while there are rules.

        Whoever listens pays for each change in Home Assistant, of whatever entity.
        """
        wanted = self._started and bool(self._rules)
        if wanted and self._unfollow is None:
            self._unfollow = self._hass.bus.async_listen(
                EVENT_STATE_CHANGED, self._state_changed
            )
        elif not wanted and self._unfollow is not None:
            self._unfollow()
            self._unfollow = None

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
            self._announce_again(entity_id)
        else:
            self._leave(feed.topic)
            feed.topic = topic
            feed.renew()
            self._sender.look_for_ghosts()
        self._fed[topic] += 1
        self._sender.mark(rule_id, entity_id)

    def _drop(self, rule_id: str, entity_id: str) -> None:
        """Publish an entity no longer, and leave nothing of it."""
        feed = self._rules[rule_id].feeds.pop(entity_id, None)
        if feed is None:
            return
        self._leave(feed.topic)
        self._by_entity[entity_id].discard(rule_id)
        if not self._by_entity[entity_id]:
            del self._by_entity[entity_id]
        self._announce_again(entity_id)
        self._sender.silence((rule_id, entity_id), feed)

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

    # --- announcing -------------------------------------------------------------------

    def _announces(self, rule_id: str, entity_id: str) -> bool:
        """Whether it is this rule that announces an entity: the first that does so."""
        feeding = self._by_entity[entity_id]
        first = next(
            (
                each
                for each, active in self._rules.items()
                if each in feeding
                and active.announcer is not None
                and may_announce(self._hass, active.rule, entity_id)
            ),
            None,
        )
        return first == rule_id

    def _announce_again(self, entity_id: str) -> None:
        """Announce an entity as it is now: what it is may be new, or by which rule."""
        for rule_id in self._by_entity.get(entity_id, ()):
            active = self._rules[rule_id]
            if active.announcer is not None:
                active.feeds[entity_id].described = None
                self._sender.mark(rule_id, entity_id)

    def _say_online(self) -> None:
        """Say that the entities are there, until the broker says otherwise."""
        if self.status is not None and self.status.is_ours:
            self._outbox.put(self.status.topic, self.status.online, 1, retain=True)

    @callback
    def _status_heard(self, message: Message) -> None:
        """Contradict the will of a connection that was lost before this one began."""
        if (
            self.status is not None
            and message.payload == self.status.offline.encode()
            and not message.retain
        ):
            self._say_online()

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

    def publishes_to(self, topic: str) -> bool:
        """Whether a rule publishes to a topic: what is heard there says nothing new."""
        return self._fed[topic] > 0 or self._sender.retains(topic)

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
                self._sender.silence((rule_id, entity_id), feed)
            elif old is None or old.state != new.state or active.attributes_count:
                self._sender.mark(rule_id, entity_id)
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
        self._announce_again(entity_id)
        changes = event.data["changes"].keys()
        if changes & {"area_id", "device_id", "disabled_by", "entity_id", "labels"}:
            self._reconsider(entity_id)

    @callback
    def _device_changed(self, event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        if event.data["action"] != "update":
            return
        is_elsewhere = event.data["changes"].keys() & {"area_id", "labels"}
        for entity in er.async_entries_for_device(
            er.async_get(self._hass), event.data["device_id"]
        ):
            if is_elsewhere:
                self._reconsider(entity.entity_id)
            self._announce_again(entity.entity_id)

    @callback
    def _area_changed(self, _event: Event[ar.EventAreaRegistryUpdatedData]) -> None:
        """Match all: an area's labels are those of what is in it, and it is rare."""
        for rule_id, active in self._rules.items():
            if not active.rule.selection.is_fixed:
                self._match(rule_id)
            if active.announcer is not None:
                for entity_id in active.feeds:
                    self._announce_again(entity_id)

    def _rename(self, rule_id: str, old: str, new: str) -> None:
        """Follow an entity that is named; the rule's subentry learns the name, too."""
        rule = self._rules[rule_id].rule
        selection = rule.selection.renamed(old, new)
        if selection == rule.selection:
            return
        self._rules[rule_id].rule = replace(rule, selection=selection)
        self._match(rule_id)
        entry = self._hass.config_entries.async_get_entry(self._entry_id)
        if entry and (subentry := entry.subentries.get(rule_id)):
            rename_in_rule(self._hass, entry, subentry, old, new)

    @callback
    def _broker_changed(self) -> None:
        connected = self._broker.connected
        if connected and not self._connected:
            # All of it: the broker may have forgotten what it retained, and changes
            # while there was no connection were not worth keeping one by one.
            for rule_id in self._rules:
                self._sender.renew(rule_id)
            self._say_online()
        self._connected = connected
        self._outbox.online(connected)
