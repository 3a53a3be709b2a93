"""Commands for published entities: from a topic to a guarded action."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
import logging
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..broker.broker import Broker
from ..broker.message import Message
from ..const import ATTR_CONFIG_ENTRY_ID, ATTR_TOPIC, EVENT_COMMAND
from .command_table import COMMANDS
from .commands_data import CommandError
from .counters import Counters
from .outbox import Outbox
from .payloads import to_json
from .rate import Rate
from .rule import Rule
from .topics import COMMAND_LEVEL, ERROR_LEVEL, command_root

_LOGGER = logging.getLogger(__name__)

LOCK: Final = "lock"
MAX_BYTES: Final = 65_536
MAX_WAITING: Final = 20
"""So many commands may wait for one entity: a device that hangs must not gather more."""

_ACTION_SECONDS: Final = 60

# A slider sends ten a second. Nobody who can publish may keep a house busy.
ENTITY_AT_ONCE: Final = 20
ENTITY_A_SECOND: Final = 10
ALL_AT_ONCE: Final = 200
ALL_A_SECOND: Final = 100
_RATES_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class _Received:
    rule: Rule
    entity_id: str
    topic: str
    what: str
    payload: str


class Commands:
    """Carries out the commands for the entities of one broker's rules.

    ``find`` returns the rule by which an entity takes commands under a base topic;
    ``is_ours`` whether we publish to a topic ourselves.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        broker: Broker,
        outbox: Outbox,
        counters: Counters,
        find: Callable[[str, str], Rule | None],
        is_ours: Callable[[str], bool],
    ) -> None:
        """Prepare; nothing is subscribed to before ``follow``."""
        self._hass = hass
        self._entry_id = entry_id
        self._broker = broker
        self._outbox = outbox
        self._counters = counters
        self._find = find
        self._is_ours = is_ours
        self._subscriptions: dict[str, CALLBACK_TYPE] = {}
        self._rates: dict[str, Rate] = {}
        self._all = Rate(ALL_AT_ONCE, ALL_A_SECOND, hass.loop.time())
        self._waiting: dict[str, deque[_Received]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @callback
    def follow(self, bases: Iterable[str]) -> None:
        """Listen to the commands below these base topics, and to no other."""
        wanted = set(bases)
        for base in self._subscriptions.keys() - wanted:
            self._subscriptions.pop(base)()
        for base in wanted - self._subscriptions.keys():
            # One subscription for all, also for entities that come later.
            topic_filter = f"{base}/+/+/{COMMAND_LEVEL}/#"

            def handle(message: Message, base: str = base) -> None:
                self._receive(base, message)

            # QoS 0: with a session that the broker keeps, it would keep the others for
            # hours, and nobody expects a door to open then.
            self._subscriptions[base] = self._broker.subscribe(topic_filter, handle)

    @callback
    def stop(self) -> None:
        """Listen no more; what waits is not carried out."""
        self.follow(())
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()

    def _receive(self, base: str, message: Message) -> None:
        domain, object_id, _, *rest = message.topic[len(base) + 1 :].split("/")
        entity_id = f"{domain}.{object_id}"
        rule = self._find(base, entity_id)
        if rule is None:
            return
        if message.retain or self._is_ours(message.topic):
            # It was carried out when it was new, or was no command.
            self._counters.commands_ignored += 1
            return
        received = _Received(rule, entity_id, message.topic, "/".join(rest), "")
        try:
            self._check_rate(entity_id)
            payload = _payload(message, domain, rule)
        except CommandError as err:
            self._fail(received, str(err))
        else:
            self._queue(replace(received, payload=payload))

    def _check_rate(self, entity_id: str) -> None:
        now = self._hass.loop.time()
        if len(self._rates) >= _RATES_KEPT:
            self._rates = {
                each: rate
                for each, rate in self._rates.items()
                if not rate.is_full(now)
            }
        rate = self._rates.get(entity_id)
        if rate is None:
            rate = self._rates[entity_id] = Rate(ENTITY_AT_ONCE, ENTITY_A_SECOND, now)
        if not rate.take(now) or not self._all.take(now):
            raise CommandError("too many commands")

    def _queue(self, received: _Received) -> None:
        """Carry out the commands of one entity one after the other."""
        waiting = self._waiting.get(received.entity_id)
        if waiting is None:
            self._waiting[received.entity_id] = deque([received])
            task = self._hass.async_create_background_task(
                self._work(received.entity_id),
                f"mqtt_websocket commands for {received.entity_id}",
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif len(waiting) >= MAX_WAITING:
            self._fail(received, "too many commands wait")
        else:
            waiting.append(received)

    async def _work(self, entity_id: str) -> None:
        while waiting := self._waiting.get(entity_id):
            received = waiting[0]
            try:
                await self._carry_out(received)
            except (CommandError, HomeAssistantError, vol.Invalid, ValueError) as err:
                self._fail(received, str(err) or type(err).__name__)
            except TimeoutError:
                self._fail(received, f"it took longer than {_ACTION_SECONDS} seconds")
            except Exception as err:
                _LOGGER.exception("A command for %s failed", entity_id)
                self._fail(received, type(err).__name__)
            else:
                self._counters.commands += 1
            waiting.popleft()
        self._waiting.pop(entity_id, None)

    async def _carry_out(self, received: _Received) -> None:
        entity_id = received.entity_id
        domain = entity_id.partition(".")[0]
        command = COMMANDS.get(domain, {}).get(received.what)
        if command is None:
            raise CommandError(f"there is no such command for a {domain}")
        state = self._hass.states.get(entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            raise CommandError(f"{entity_id} is not available")
        call = command(received.payload, state)
        context = Context()
        # What happens from here on has this as its cause, also in the logbook.
        data: dict[str, Any] = {
            ATTR_ENTITY_ID: entity_id,
            ATTR_TOPIC: received.topic,
            ATTR_CONFIG_ENTRY_ID: self._entry_id,
        }
        self._hass.bus.async_fire(EVENT_COMMAND, data, context=context)
        async with asyncio.timeout(_ACTION_SECONDS):
            await self._hass.services.async_call(
                domain,
                call.service,
                {ATTR_ENTITY_ID: entity_id, **call.data},
                blocking=True,
                context=context,
            )

    def _fail(self, received: _Received, reason: str) -> None:
        self._counters.command_errors += 1
        _LOGGER.debug("Command on %s not carried out: %s", received.topic, reason)
        if received.rule.command_errors:
            root = command_root(received.rule.base, received.entity_id)
            self._outbox.put(
                f"{root}/{ERROR_LEVEL}",
                to_json({"topic": received.topic, "error": reason}),
                received.rule.qos,
                retain=False,
            )


def _payload(message: Message, domain: str, rule: Rule) -> str:
    """Return the text of a command that may be given, or raise CommandError."""
    if domain == LOCK and not rule.command_locks:
        raise CommandError("locks take no commands by this rule")
    if len(message.buffer) > MAX_BYTES:
        raise CommandError(f"the payload is longer than {MAX_BYTES} bytes")
    try:
        return message.payload.decode()
    except UnicodeDecodeError:
        raise CommandError("the payload is not UTF-8") from None
