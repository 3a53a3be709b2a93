"""Many entities, many filters, many states."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
import time

from ..support.server import MqttServer
from .lab import (
    MICRO,
    MILLI,
    SENSORS,
    TICK,
    Figures,
    Lab,
    Messages,
    Plan,
    Run,
    Side,
    announce,
    announce_together,
    bridge,
    broker,
    lab,
    sensor,
)
from .publisher import Publisher, Subscriber
from .streams import plain, stream


def set_up(many: bool) -> Run:
    """Set up a thousand announced entities, or many."""

    async def run(
        plan: Plan, side: Side, server: MqttServer, publisher: Publisher
    ) -> Figures:
        count = plan.many if many else SENSORS
        await announce(publisher, [sensor(n, f"bench/{n}") for n in range(count)])
        async with (
            bridge(server.port, 1) as port,
            lab(plan, side, server, publisher) as running,
        ):
            await running.ha.call("begin", TICK)
            await running.set_up(count, port)
            found = await running.ha.call("end")
            return {
                "wall": found["wall"],
                "cpu": found["cpu"],
                "memory": found["memory"] / count / 1024,
                "stop": found["stop"] * MILLI,
            }

    return run


@asynccontextmanager
async def _few_and_many(
    plan: Plan, side: Side, announced: Callable[[Publisher, int], Awaitable[None]]
) -> AsyncIterator[dict[str, Lab]]:
    """Run a Home Assistant with ten entities and one with many, each with a broker.

    At the same time, so that they can be measured in turns: what else the machine does
    meanwhile is much more than the tenth that they may differ by.
    """
    async with AsyncExitStack() as stack:
        labs: dict[str, Lab] = {}
        for name, count in (("few", 10), ("many", plan.many)):
            server, publisher = await stack.enter_async_context(broker())
            await announced(publisher, count)
            port = await stack.enter_async_context(bridge(server.port, 1))
            labs[name] = await stack.enter_async_context(
                lab(plan, side, server, publisher)
            )
            await labs[name].set_up(count, port)
        yield labs


async def _in_turns(
    labs: dict[str, Lab], parts: list[tuple[Messages, dict[str, str]]]
) -> dict[str, float]:
    """Return the CPU time per message of each, the median of the parts.

    Without what it takes to begin, to see that all is handled, and to end: of a part
    with few messages that would be much.
    """
    idle = {
        name: median([(await running.measure([]))["cpu"] for _ in range(3)]) * MICRO
        for name, running in labs.items()
    }
    found: dict[str, list[float]] = {name: [] for name in labs}
    for messages, last in parts:
        for name, running in labs.items():
            cpu = await stream(running, messages, last, warm=False)
            found[name].append(cpu - idle[name] / len(messages))
    return {name: median(each) for name, each in found.items()}


async def entities(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Send the same messages to the same ten sensors, alone and among many."""

    async def announced(publisher: Publisher, count: int) -> None:
        await announce(publisher, [sensor(n, f"bench/{n}") for n in range(count)])

    part = plain(plan.count(4000), 10)
    async with _few_and_many(plan, side, announced) as labs:
        for running in labs.values():
            await running.send(part[0])
        figures = await _in_turns(labs, [part] * 7)
    return figures | {"growth": figures["many"] / figures["few"]}


def _spread(
    count: int, word: str, topics: int | None = None
) -> tuple[Messages, dict[str, str]]:
    """Return messages for ten filters, on so many topics each or each on its own."""
    messages, last = plain(count, 10)
    return [
        (f"bench/{word}{number // 10 % (topics or count)}/{topic[6:]}", value)
        for number, (topic, value) in enumerate(messages)
    ], last


async def filters(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Send to ten filters with a wildcard, alone and among many.

    On topics that have been heard before, and on topics that are all new. The sensors
    are announced a hundred at a time: core compares each announcement with all filters
    that there are, and takes minutes for ten thousand one by one.
    """

    async def announced(publisher: Publisher, count: int) -> None:
        await announce_together(
            publisher, [sensor(n, f"bench/+/{n}") for n in range(count)]
        )

    known = _spread(plan.count(4000), "known", 40)
    # So few at once that core, with 25 ms for each, stays connected.
    new = [_spread(plan.count(400), f"new{part}") for part in range(5)]
    figures: Figures = {}
    async with _few_and_many(plan, side, announced) as labs:
        for running in labs.values():
            await running.send(known[0])
        for kind, parts in (("known", [known] * 5), ("new", new)):
            cpu = await _in_turns(labs, parts)
            figures |= {f"{kind}_{name}": each for name, each in cpu.items()}
            figures[f"{kind}_growth"] = cpu["many"] / cpu["few"]
    return figures


async def reconnect(
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
        await running.ha.call("begin", TICK)
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
        return {
            "wall": wall,
            "cpu": found["cpu"],
            "stop": found["stop"] * MILLI,
            "apart": found["apart"] * MILLI,
        }


async def rules(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Publish 10,000 states that all change; core has mqtt_statestream for that."""
    count = plan.count(10_000)
    await announce(publisher, [])
    base = f"states/{side}"  # what the other side left retained is not counted
    async with (
        lab(plan, side, server, publisher) as running,
        Subscriber(server.port, f"{base}/#") as subscriber,
    ):
        ha = running.ha
        await running.set_up(0)
        await ha.call("set_states", count, "0")
        if side == "core":
            include = {"entity_globs": ["sensor.other*"]}
            config = {"base_topic": base, "include": include}
            await ha.call("set_up", "mqtt_statestream", config)
        else:
            rule = {"base": base, "globs": ["sensor.other*"]}
            await ha.call("add_subentry", "publish_rule", "All", rule)
            await subscriber.collect(count)
        await ha.call("set_states", count, "1")
        await subscriber.collect(count)
        await ha.call("begin", TICK)
        await ha.call("set_states", count, "2")
        await subscriber.collect(count)
        found = await ha.call("end")
        return {
            "cpu": found["cpu"] / count * MICRO,
            "wall": found["wall"],
            "stop": found["stop"] * MILLI,
        }
