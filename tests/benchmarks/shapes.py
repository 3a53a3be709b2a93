"""What is measured: one function a shape, run for each side in turn."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import time
from typing import Final

from ..support.server import MqttServer
from .child import BenchError
from .lab import (
    Lab,
    Messages,
    Plan,
    Side,
    announce,
    bridge,
    broker,
    lab,
    plain_sensor,
    sensor,
)
from .publisher import Publisher, Subscriber

type Figures = dict[str, float]
type Run = Callable[[Plan, Side, MqttServer, Publisher], Awaitable[Figures]]

_MICRO: Final = 1e6
_MILLI: Final = 1e3
_TICK: Final = 0.002
_SENSORS: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table. ``goal`` is the ratio core/ours that is wanted, at least."""

    key: str
    title: str
    unit: str
    goal: float | None = None
    limit: float | None = None
    """The most that ours may be."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A measurement: it gives a figure for each of its rows."""

    name: str
    run: Run
    rows: tuple[Row, ...]
    tls: bool = False
    persistent: bool = False


# --- streams of messages --------------------------------------------------------------


def _values(count: int, sensors: int) -> Iterator[tuple[int, str]]:
    """Yield which sensor gets which value next: always another than it had."""
    for number in range(count):
        yield number % sensors, f"{number * 7 % 1000 / 10 + number / 100_000:.4f}"


def _plain(count: int, sensors: int = _SENSORS) -> tuple[Messages, dict[str, str]]:
    """Return messages for sensors, and the states that they lead to."""
    messages: Messages = []
    last: dict[str, str] = {}
    for number, value in _values(count, sensors):
        messages.append((f"bench/{number}", value))
        last[f"sensor.b{number}"] = value
    return messages, last


async def _stream(
    running: Lab,
    messages: Messages,
    last: dict[str, str],
    *,
    qos: int = 0,
    warm: bool = True,
) -> float:
    """Return the CPU time per message, in microseconds."""
    if warm:
        # Caches, and the many things that Home Assistant does the first time only.
        await running.send(messages[: len(messages) // 5], qos=qos)
    found = await running.measure(messages, qos=qos)
    await running.check(last)
    return found["cpu"] / len(messages) * _MICRO


def _plain_stream(*, qos: int = 0, tls: bool = False) -> Run:
    async def run(
        plan: Plan, side: Side, server: MqttServer, publisher: Publisher
    ) -> Figures:
        sensors = [sensor(each, f"bench/{each}", qos=qos) for each in range(_SENSORS)]
        await announce(publisher, sensors, qos=qos)
        messages, last = _plain(plan.count(20_000))
        async with lab(plan, side, server, publisher) as running:
            await running.set_up(_SENSORS, tls=tls)
            figures = {"cpu": await _stream(running, messages, last, qos=qos)}
            if not (qos or tls):
                floor = await running.ha.call("write_states", plan.count(20_000))
                figures["floor"] = floor * _MICRO
            return figures

    return run


def _json_stream(count: int, padding: int = 0) -> Run:
    async def run(
        plan: Plan, side: Side, server: MqttServer, publisher: Publisher
    ) -> Figures:
        template = "{{ value_json.temperature }}"
        await announce(
            publisher,
            [sensor(each, f"bench/{each}", template) for each in range(_SENSORS)],
        )
        rest = '"humidity":50.1,"battery":98,"linkquality":120'
        if padding:
            rest = f'"text":"{"x" * padding}"'
        messages, last = _plain(plan.count(count))
        messages = [
            (topic, f'{{"temperature":{value!s},{rest}}}') for topic, value in messages
        ]
        # A number of JSON loses its zeros at the end.
        last = {entity_id: str(float(value)) for entity_id, value in last.items()}
        async with AsyncExitStack() as stack:
            port = None
            if padding:
                port = await stack.enter_async_context(bridge(server.port, 1))
            running = await stack.enter_async_context(
                lab(plan, side, server, publisher)
            )
            await running.set_up(_SENSORS, port)
            return {"cpu": await _stream(running, messages, last)}

    return run


async def _ten(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    await announce(
        publisher,
        [
            sensor(each, f"bench/{each // 10}", f"{{{{ value_json.v{each % 10} }}}}")
            for each in range(_SENSORS)
        ],
    )
    messages: Messages = []
    last: dict[str, str] = {}
    for number in range(plan.count(4000)):
        device = number % (_SENSORS // 10)
        values = [number + 1 + each / 10 for each in range(10)]
        pairs = (f'"v{each}":{value}' for each, value in enumerate(values))
        messages.append((f"bench/{device}", f"{{{','.join(pairs)}}}"))
        for each, value in enumerate(values):
            last[f"sensor.b{device * 10 + each}"] = str(value)
    async with lab(plan, side, server, publisher) as running:
        await running.set_up(_SENSORS)
        cpu = await _stream(running, messages, last)
        return {"cpu": cpu, "each": cpu / 10}


async def _steady(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Publish 1,000 messages a second; each says when it was sent."""
    sensors = 100
    await announce(
        publisher, [plain_sensor(each, f"bench/{each}") for each in range(sensors)]
    )
    async with lab(plan, side, server, publisher) as running:
        await running.set_up(sensors)
        await running.ha.call("note_delays", sensors)
        await running.ha.call("begin", _TICK)
        begin = time.monotonic()
        count = plan.count(20_000)
        for number in range(count):
            due = begin + number / 1000
            if (delay := due - time.monotonic()) > 0:
                await asyncio.sleep(delay)
            await publisher.publish([(f"bench/{number % 100}", repr(time.monotonic()))])
        await running.handled()
        found = await running.ha.call("end")
        return {
            "cpu": found["cpu"] / count * _MICRO,
            "p50": found["p50"] * _MILLI,
            "p99": found["p99"] * _MILLI,
            "p999": found["p999"] * _MILLI,
            "stop": found["stop"] * _MILLI,
        }


async def _packed(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    await announce(publisher, [sensor(n, f"bench/{n}") for n in range(_SENSORS)])
    messages, last = _plain(plan.count(20_000))
    async with (
        bridge(server.port, 500) as port,
        lab(plan, side, server, publisher) as running,
    ):
        await running.set_up(_SENSORS, port)
        return {"cpu": await _stream(running, messages, last)}


# --- large payloads -------------------------------------------------------------------


async def _large(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    template = "{{ value | length }}"
    await announce(publisher, [plain_sensor(0, "bench/0", template)])
    domain = "mqtt" if side == "core" else "mqtt_websocket"
    figures: Figures = {}
    async with (
        bridge(server.port, 1) as port,
        lab(plan, side, server, publisher) as running,
    ):
        await running.set_up(1, port)
        for size in (1, 5):
            data = {"topic": "bench/none", "size": size * 1024 * 1024}
            await running.ha.call("call", domain, "publish", data)
            await running.ha.call("begin", _TICK)
            for _ in range(3):
                await running.ha.call("call", domain, "publish", data)
                await running.handled()
            figures[f"out{size}"] = (await running.ha.call("end"))["stop"] * _MILLI
        for size in (1, 5):
            await running.ha.call("begin", _TICK)
            for _ in range(3):
                payload = b"x" * (size * 1024 * 1024)
                await publisher.publish([("bench/0", payload)])
                if not await running.ha.call(
                    "until_state", "sensor.b0", str(len(payload))
                ):
                    raise BenchError(f"{size} MiB did not arrive")
                await publisher.publish([("bench/0", b"x")])
                await running.ha.call("until_state", "sensor.b0", "1")
            figures[f"in{size}"] = (await running.ha.call("end"))["stop"] * _MILLI
    return figures


# --- many entities, many filters ------------------------------------------------------


def _set_up(many: bool) -> Run:
    async def run(
        plan: Plan, side: Side, server: MqttServer, publisher: Publisher
    ) -> Figures:
        count = plan.many if many else _SENSORS
        await announce(publisher, [sensor(n, f"bench/{n}") for n in range(count)])
        async with (
            bridge(server.port, 1) as port,
            lab(plan, side, server, publisher) as running,
        ):
            await running.ha.call("begin", _TICK)
            await running.set_up(count, port)
            found = await running.ha.call("end")
            return {
                "wall": found["wall"],
                "cpu": found["cpu"],
                "memory": found["memory"] / count / 1024,
                "stop": found["stop"] * _MILLI,
            }

    return run


async def _entities(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Send the same messages to the same ten sensors, alone and among many."""
    figures: Figures = {}
    messages, last = _plain(plan.count(20_000), 10)
    for name, count in (("few", 10), ("many", plan.many)):
        await announce(publisher, [sensor(n, f"bench/{n}") for n in range(count)])
        async with (
            bridge(server.port, 1) as port,
            lab(plan, side, server, publisher) as running,
        ):
            await running.set_up(count, port)
            figures[name] = await _stream(running, messages, last)
    await _withdraw(publisher, plan.many)
    return figures | {"growth": figures["many"] / figures["few"]}


async def _filters(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Send to ten filters with a wildcard, alone and among many.

    On topics that have been heard before, and on topics that are all new.
    """
    figures: Figures = {}
    for name, count in (("few", 10), ("many", plan.many)):
        await announce(publisher, [sensor(n, f"bench/+/{n}") for n in range(count)])
        messages, last = _plain(plan.count(20_000), 10)
        known: Messages = [
            (f"bench/{number // 10 % 100}/{topic[6:]}", value)
            for number, (topic, value) in enumerate(messages)
        ]
        messages, last_new = _plain(plan.count(2000), 10)
        new: Messages = [
            (f"bench/new{number}/{topic[6:]}", value)
            for number, (topic, value) in enumerate(messages)
        ]
        async with (
            bridge(server.port, 1) as port,
            lab(plan, side, server, publisher) as running,
        ):
            await running.set_up(count, port)
            figures[f"known_{name}"] = await _stream(running, known, last)
            figures[f"new_{name}"] = await _stream(running, new, last_new, warm=False)
    await _withdraw(publisher, plan.many)
    for kind in ("known", "new"):
        growth = figures[f"{kind}_many"] / figures[f"{kind}_few"]
        figures[f"{kind}_growth"] = growth
    return figures


async def _withdraw(publisher: Publisher, count: int) -> None:
    """Let the other side begin with as little."""
    topics = (f"homeassistant/sensor/bench/b{n}/config" for n in range(count))
    await publisher.publish([(topic, b"") for topic in topics], qos=1, retain=True)


async def _reconnect(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Restart the broker, and see how soon all states are what is retained then."""
    count = plan.many
    async with Publisher(server.port) as fresh:  # the first one ends with a restart
        await announce(fresh, [sensor(n, f"bench/{n}") for n in range(count)])
    async with (
        bridge(server.port, 1) as port,
        lab(plan, side, server, publisher) as running,
    ):
        await running.set_up(count, port)
        await running.ha.call("begin", _TICK)
        await server.restart()
        begin = time.perf_counter()
        # What one side leaves retained is not what the other one waits for.
        more = 1 if side == "core" else 2
        values = {n: f"{n / 10 + more}" for n in range(count)}
        async with Publisher(server.port) as again:
            retained: Messages = [(f"bench/{n}", value) for n, value in values.items()]
            await again.publish(retained, qos=1, retain=True)
            await running.ha.call(
                "until_states", {f"sensor.b{n}": value for n, value in values.items()}
            )
        wall = time.perf_counter() - begin
        found = await running.ha.call("end")
        return {"wall": wall, "cpu": found["cpu"], "stop": found["stop"] * _MILLI}


# --- the other way, and too much ------------------------------------------------------


async def _rules(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Publish 10,000 states that all change; core has mqtt_statestream for that."""
    count = plan.count(10_000)
    await announce(publisher, [])
    async with (
        lab(plan, side, server, publisher) as running,
        Subscriber(server.port, "states/#") as subscriber,
    ):
        ha = running.ha
        await running.set_up(0)
        await ha.call("set_states", count, "0")
        if side == "core":
            include = {"entity_globs": ["sensor.other*"]}
            config = {"base_topic": "states", "include": include}
            await ha.call("set_up", "mqtt_statestream", config)
        else:
            rule = {"base": "states", "entity_globs": ["sensor.other*"]}
            await ha.call("add_subentry", "publish_rule", "All", rule)
            await subscriber.collect(count)
        await ha.call("set_states", count, "1")
        await subscriber.collect(count)
        await ha.call("begin", _TICK)
        await ha.call("set_states", count, "2")
        await subscriber.collect(count)
        found = await ha.call("end")
        return {
            "cpu": found["cpu"] / count * _MICRO,
            "wall": found["wall"],
            "stop": found["stop"] * _MILLI,
        }


async def _flood(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Send 50,000 messages with QoS 1 at once, with a recorder that records them."""
    sensors = [sensor(each, f"bench/{each}", qos=1) for each in range(_SENSORS)]
    await announce(publisher, sensors, qos=1)
    messages, last = _plain(plan.count(50_000))
    async with lab(plan, side, server, publisher, recorder=True) as running:
        await running.set_up(_SENSORS)
        await asyncio.sleep(2)  # the recorder has its own start behind it
        found = await running.measure(messages, qos=1, tick=0.01)
        await running.check(last)
        return {
            "late": found["stop"] * _MILLI,
            "gc": found["gc"] * _MILLI,
            "wall": found["wall"],
            "peak": found["peak"] / 1024 / 1024,
        }


def _cpu(title: str, goal: float | None = None) -> Row:
    return Row(key="cpu", title=title, unit="µs", goal=goal)


SHAPES: Final = (
    Shape(
        name="plain",
        run=_plain_stream(),
        rows=(
            _cpu("Plain value, per message", 2.5),
            Row(key="floor", title="Home Assistant's own share of that", unit="µs"),
        ),
    ),
    Shape(
        name="json",
        run=_json_stream(20_000),
        rows=(_cpu("JSON with one template, per message", 3.0),),
    ),
    Shape(
        name="ten",
        run=_ten,
        rows=(
            _cpu("JSON for ten sensors, per message", 3.5),
            Row(key="each", title="The same, per state", unit="µs", limit=15),
        ),
    ),
    Shape(
        name="qos1",
        run=_plain_stream(qos=1),
        rows=(_cpu("Plain value with QoS 1, per message", 2.0),),
    ),
    *(
        Shape(
            name=name,
            run=_json_stream(count, kilobytes * 1000),
            rows=(_cpu(f"JSON of {kilobytes} KB, per message"),),
        )
        for name, kilobytes, count in (
            ("1k", 1, 10_000),
            ("10k", 10, 5000),
            ("100k", 100, 1000),
        )
    ),
    Shape(
        name="wss",
        run=_plain_stream(tls=True),
        tls=True,
        rows=(_cpu("Plain value over wss, per message"),),
    ),
    Shape(
        name="packed",
        run=_packed,
        rows=(_cpu("500 packets in a frame, per message"),),
    ),
    Shape(
        name="steady",
        run=_steady,
        rows=(
            _cpu("1,000 messages a second, per message"),
            Row(key="p50", title="Latency, median", unit="ms"),
            Row(key="p99", title="Latency, 99 %", unit="ms"),
            Row(key="p999", title="Latency, 99.9 %", unit="ms"),
            Row(key="stop", title="Longest stop of the event loop", unit="ms"),
        ),
    ),
    Shape(
        name="large",
        run=_large,
        rows=(
            Row(key="out1", title="Publishing 1 MiB, longest stop", unit="ms"),
            Row(
                key="out5", title="Publishing 5 MiB, longest stop", unit="ms", limit=10
            ),
            Row(key="in1", title="Receiving 1 MiB, longest stop", unit="ms"),
            Row(key="in5", title="Receiving 5 MiB, longest stop", unit="ms", limit=10),
        ),
    ),
    *(
        Shape(
            name=name,
            run=_set_up(many),
            rows=(
                Row(key="wall", title=f"Set-up of {title} entities", unit="s"),
                Row(key="cpu", title="CPU for that", unit="s", goal=goal),
                Row(key="memory", title="Memory per entity", unit="KB", goal=goal),
                Row(key="stop", title="Longest stop of the event loop", unit="ms"),
            ),
        )
        for name, title, many, goal in (
            ("setup", "1,000", False, None),
            ("setup-many", "9,900", True, 1.0),
        )
    ),
    Shape(
        name="entities",
        run=_entities,
        rows=(
            Row(key="few", title="10 entities, per message", unit="µs"),
            Row(key="many", title="The same 10 among 9,900", unit="µs"),
            Row(key="growth", title="Growth", unit="×", limit=1.1),
        ),
    ),
    Shape(
        name="filters",
        run=_filters,
        rows=(
            Row(key="known_few", title="10 wildcards, topics known", unit="µs"),
            Row(key="known_many", title="The same among 9,900", unit="µs"),
            Row(key="known_growth", title="Growth", unit="×", limit=1.1),
            Row(key="new_few", title="10 wildcards, topics new", unit="µs"),
            Row(key="new_many", title="The same among 9,900", unit="µs"),
            Row(key="new_growth", title="Growth", unit="×", limit=1.1),
        ),
    ),
    Shape(
        name="reconnect",
        run=_reconnect,
        persistent=True,
        rows=(
            Row(key="wall", title="Back with 9,900 subscriptions", unit="s"),
            Row(key="cpu", title="CPU for that", unit="s"),
            Row(key="stop", title="Longest stop of the event loop", unit="ms"),
        ),
    ),
    Shape(
        name="rules",
        run=_rules,
        rows=(
            _cpu("Publishing 10,000 states, per state"),
            Row(key="wall", title="Until the last is out", unit="s"),
            Row(key="stop", title="Longest stop of the event loop", unit="ms"),
        ),
    ),
    Shape(
        name="flood",
        run=_flood,
        rows=(
            Row(key="late", title="Flood: 100 Hz timer late by", unit="ms", limit=50),
            Row(key="gc", title="Flood: longest garbage collection", unit="ms"),
            Row(key="wall", title="Flood: until all is handled", unit="s"),
            Row(key="peak", title="Flood: memory at most", unit="MB"),
        ),
    ),
)


@asynccontextmanager
async def broker_for(shape: Shape) -> AsyncIterator[tuple[MqttServer, Publisher]]:
    """Run the broker that a shape needs."""
    async with broker(tls=shape.tls, persistent=shape.persistent) as running:
        yield running
