"""A Home Assistant in a process of its own, which does what it is told on its input.

Each line of the standard input is a JSON list, a command and its arguments; each line of
the standard output is the answer. What is measured here is this process alone: neither
broker nor publisher runs in it.
"""

import asyncio
from collections.abc import Awaitable, Callable
import cProfile
import ctypes
import gc
import io
import json
import logging
from pathlib import Path
import pstats
import sys
import time
from types import MappingProxyType
from typing import Any, Final

from homeassistant import bootstrap
from homeassistant.components.mqtt.const import (
    CONFIG_ENTRY_MINOR_VERSION,
    CONFIG_ENTRY_VERSION,
)
from homeassistant.components.mqtt.models import DATA_MQTT
from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.runner import RuntimeConfig, create_event_loop
from homeassistant.setup import async_setup_component

_TIMEOUT: Final = 600.0  # the deadline of the side is what counts
_POLL: Final = 0.005
_TICK: Final = 0.002
_PAGE: Final = 4096
_END: Final = "sensor.b_end"
_LONGEST_LINE: Final = 64 * 1024 * 1024


def _rss() -> int:
    """Return the resident memory in bytes, after what is free was given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def _peak() -> int:
    """Return the most resident memory since that was reset, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


class _Collector:
    """Notes how long Python's garbage collector holds everything: at most, and in all."""

    def __init__(self) -> None:
        """Begin."""
        self.longest = 0.0
        self._total = 0.0
        self._began = 0.0
        gc.callbacks.append(self._note)

    @property
    def total(self) -> float:
        """The seconds up to now, of one that another thread has not told of, too."""
        running = time.perf_counter() - self._began if self._began else 0.0
        return self._total + running

    def _note(self, phase: str, _info: dict[str, int]) -> None:
        now = time.perf_counter()
        if phase == "start":
            self._began = now
        else:
            self._total += now - self._began
            self.longest = max(self.longest, now - self._began)
            self._began = 0.0


class _Ticker:
    """A timer that notes how late it comes: how long the event loop was held.

    ``latest_apart`` is the same without what the garbage collector held, ``busiest`` the
    most CPU time of this thread between two readings: what other processes took is not
    in it.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, period: float, collector: _Collector
    ) -> None:
        """Begin."""
        self._loop = loop
        self._period = period
        self._collector = collector
        self._collected = collector.total
        self.latest = 0.0
        self.latest_apart = 0.0
        self.busiest = 0.0
        self._cpu = time.thread_time()
        self._due = loop.time() + period
        self._handle = loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        late = now - self._due
        collected = self._collector.total
        self.latest = max(self.latest, late)
        self.latest_apart = max(self.latest_apart, late - collected + self._collected)
        self._collected = collected
        cpu = time.thread_time()
        self.busiest = max(self.busiest, cpu - self._cpu)
        self._cpu = cpu
        self._due = now + self._period
        self._handle = self._loop.call_at(self._due, self._tick)

    def stop(self) -> None:
        """End."""
        self._handle.cancel()


class Instance:
    """A Home Assistant with one of the two integrations."""

    def __init__(self, side: str, config: Path) -> None:
        """Take the side, ``core`` or ``ours``, and an empty folder."""
        self._side = side
        self._config = config
        self._hass: HomeAssistant
        self._entry: ConfigEntry
        self._cpu = self._wall = 0.0
        self._memory = 0
        self._ticker: _Ticker | None = None
        self._collector = _Collector()
        self._delays: list[float] = []
        self._changes = 0

    # --- life ---------------------------------------------------------------------

    async def start(self) -> None:
        """Start Home Assistant, without the integration."""
        # What is always there, and no more: a hundred integrations would only start later.
        bootstrap.DEFAULT_INTEGRATIONS.intersection_update({"network"})
        bootstrap.CRITICAL_INTEGRATIONS.clear()
        hass = await bootstrap.async_setup_hass(
            RuntimeConfig(config_dir=str(self._config), skip_pip=True)
        )
        assert hass is not None
        self._hass = hass
        await hass.async_start()
        await hass.async_block_till_done()

    async def stop(self) -> None:
        """Stop Home Assistant."""
        await self._hass.async_stop(force=True)

    async def add_entry(self, data: dict[str, Any], options: dict[str, Any]) -> None:
        """Add the config entry and set it up: it is connected afterwards."""
        core = self._side == "core"
        self._entry = ConfigEntry(
            data=data,
            discovery_keys=MappingProxyType({}),
            domain="mqtt" if core else "mqtt_websocket",
            minor_version=CONFIG_ENTRY_MINOR_VERSION if core else 1,
            options=options,
            source="user",
            subentries_data=None,
            title="bench",
            unique_id=None,
            version=CONFIG_ENTRY_VERSION if core else 1,
        )
        await self._hass.config_entries.async_add(self._entry)
        if self._entry.state is not ConfigEntryState.LOADED:
            raise RuntimeError(
                f"the entry is {self._entry.state}: {self._entry.reason}"
            )

    async def add_subentry(self, kind: str, title: str, data: dict[str, Any]) -> None:
        """Add a subentry to the entry."""
        self._hass.config_entries.async_add_subentry(
            self._entry,
            ConfigSubentry(
                data=MappingProxyType(data),
                subentry_type=kind,
                title=title,
                unique_id=None,
            ),
        )
        await self._hass.async_block_till_done()

    async def set_up(self, domain: str, config: dict[str, Any]) -> None:
        """Set up an integration that has no config entry."""
        assert await async_setup_component(self._hass, domain, {domain: config})
        await self._hass.async_block_till_done()

    # --- waiting ------------------------------------------------------------------

    async def _until(
        self, reached: Callable[[], bool], timeout: float = _TIMEOUT
    ) -> None:
        async with asyncio.timeout(timeout):
            while not reached():
                await asyncio.sleep(_POLL)

    async def until_entities(self, count: int) -> None:
        """Return when so many of the announced sensors have a state."""
        states = self._hass.states

        def reached() -> bool:
            if states.async_entity_ids_count("sensor") < count:
                return False
            ids = states.async_entity_ids("sensor")
            return sum(each.startswith("sensor.b") for each in ids) >= count

        await self._until(reached)

    async def until_subscribed(self) -> None:
        """Return when the broker has answered all that was asked for."""
        await self._hass.async_block_till_done()
        if self._side == "ours":
            await self._entry.runtime_data.announcements.settled()
            await self._entry.runtime_data.broker.settled()
            return
        client = self._hass.data[DATA_MQTT].client
        debouncers = (client._subscribe_debouncer, client._unsubscribe_debouncer)
        await self._until(
            lambda: (
                client.connected
                and not client._pending_subscriptions
                # An answer that came after core had given up on it stays for ever, done.
                and all(each.done() for each in client._pending_operations.values())
                and not any(each._task or each._timer for each in debouncers)
            )
        )

    async def until_state(
        self, entity_id: str, wanted: str, timeout: float = _TIMEOUT
    ) -> bool:
        """Return whether an entity's state becomes this within so many seconds."""
        get = self._hass.states.get

        def reached() -> bool:
            state = get(entity_id)
            return state is not None and state.state == wanted

        try:
            await self._until(reached, timeout)
        except TimeoutError:
            return False
        return True

    async def until_states(self, wanted: dict[str, str]) -> None:
        """Return when all these entities have these states."""
        get = self._hass.states.get
        left = dict(wanted)

        def reached() -> bool:
            for entity_id in list(left):
                state = get(entity_id)
                if state is None or state.state != left[entity_id]:
                    return False
                del left[entity_id]
            return True

        await self._until(reached)

    async def states(self, prefix: str) -> dict[str, str]:
        """Return the states of the entities whose id begins like this."""
        return {
            state.entity_id: state.state
            for state in self._hass.states.async_all("sensor")
            if state.entity_id.startswith(prefix)
        }

    # --- measuring ----------------------------------------------------------------

    async def write_states(self, count: int) -> float:
        """Return the seconds that Home Assistant itself needs to write a sensor's state.

        The announced sensors in turn, each time with another value: what no integration
        can do without.
        """
        entities = [
            entity
            for platform in async_get_platforms(self._hass, self._entry.domain)
            for entity_id, entity in platform.entities.items()
            if entity_id.startswith("sensor.b") and entity_id != _END
        ]
        values = [f"{number / 7:.4f}" for number in range(count)]
        begin = time.process_time()
        for number, value in enumerate(values):
            entity = entities[number % len(entities)]
            entity._attr_native_value = value  # type: ignore[attr-defined] # a sensor
            entity.async_write_ha_state()
        return (time.process_time() - begin) / count

    async def profile(self) -> None:
        """Begin to profile, which takes its time: nothing measured means much then."""
        self._profile = cProfile.Profile()
        self._profile.enable()

    async def profiled(self) -> str:
        """Return where the time went since ``profile``."""
        self._profile.disable()
        text = io.StringIO()
        pstats.Stats(self._profile, stream=text).sort_stats("tottime").print_stats(45)
        return text.getvalue()

    async def begin(self, tick: float = 0.0) -> None:
        """Begin to measure; ``tick`` is the period of the timer that notes delays."""
        self._memory = _rss()
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        self._delays.clear()
        if tick:
            self._ticker = _Ticker(self._hass.loop, tick, self._collector)
        self._collector.longest = 0.0
        self._cpu = time.process_time()
        self._wall = time.perf_counter()

    async def end(self) -> dict[str, float]:
        """Return what there was since ``begin``: seconds, bytes."""
        cpu = time.process_time() - self._cpu
        wall = time.perf_counter() - self._wall
        found = {"cpu": cpu, "wall": wall, "gc": self._collector.longest}
        if self._ticker is not None:
            self._ticker.stop()
            found["stop"] = self._ticker.latest
            found["apart"] = self._ticker.latest_apart
            found["busy"] = self._ticker.busiest
            self._ticker = None
        found["peak"] = _peak() - self._memory
        found["memory"] = _rss() - self._memory
        if self._delays:
            self._delays.sort()
            for name, part in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999)):
                found[name] = self._delays[int(part * (len(self._delays) - 1))]
        return found

    async def note_delays(self, count: int) -> None:
        """Note how old each state of the first sensors is: they are clock readings."""
        delays = self._delays
        clock = time.monotonic

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            state = event.data["new_state"]
            if state is not None and state.state[:1].isdigit():
                delays.append(clock() - float(state.state))

        async_track_state_change_event(
            self._hass, [f"sensor.b{number}" for number in range(count)], changed
        )

    async def count_changes(self) -> None:
        """Count how often the states of the announced sensors change from now on."""

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            entity_id = event.data["entity_id"]
            self._changes += entity_id.startswith("sensor.b") and entity_id != _END

        self._hass.bus.async_listen(EVENT_STATE_CHANGED, changed)

    async def changes(self) -> int:
        """Return how often they have changed."""
        return self._changes

    # --- doing --------------------------------------------------------------------

    async def call(self, domain: str, service: str, data: dict[str, Any]) -> None:
        """Call an action and wait for it. ``size`` makes a payload of so many bytes."""
        if (size := data.pop("size", None)) is not None:
            data["payload"] = "x" * size
        await self._hass.services.async_call(domain, service, data, blocking=True)

    async def set_states(self, count: int, value: str) -> None:
        """Set the states of so many entities that nobody else has, a hundred at a time."""
        for number in range(count):
            self._hass.states.async_set(f"sensor.other{number}", value)
            if number % 100 == 99:
                await asyncio.sleep(0)


async def _serve(instance: Instance) -> None:
    """Do what the lines say until there are no more."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer
    )
    while line := await reader.readline():
        name, *arguments = json.loads(line)
        command: Callable[..., Awaitable[Any]] = getattr(instance, name)
        try:
            answer = {"result": await command(*arguments)}
        except Exception as err:
            logging.getLogger(__name__).exception("%s failed", name)
            answer = {"error": f"{name}: {err!r}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Run: the arguments are the side and the folder."""
    side, folder = sys.argv[1:]
    loop = create_event_loop(False)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_serve(Instance(side, Path(folder))))


if __name__ == "__main__":
    main()
