"""Streams of messages, small and large, at leisure and too many at once."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
import time

from ..support.server import MqttServer
from .child import BenchError
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
    bridge,
    lab,
    plain_sensor,
    sensor,
)
from .publisher import Publisher


def _values(count: int, sensors: int) -> Iterator[tuple[int, str]]:
    """Yield which sensor gets which value next: always another than it had."""
    for number in range(count):
        yield number % sensors, f"{number * 7 % 1000 / 10 + number / 100_000:.4f}"


def plain(count: int, sensors: int = SENSORS) -> tuple[Messages, dict[str, str]]:
    """Return messages for sensors, and the states that they lead to."""
    messages: Messages = []
    last: dict[str, str] = {}
    for number, value in _values(count, sensors):
        messages.append((f"bench/{number}", value))
        last[f"sensor.b{number}"] = value
    return messages, last


async def stream(
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
    return found["cpu"] / len(messages) * MICRO


def plain_stream(*, qos: int = 0, tls: bool = False) -> Run:
    """Send plain values."""

    async def run(
        plan: Plan, side: Side, server: MqttServer, publisher: Publisher
    ) -> Figures:
        sensors = [sensor(each, f"bench/{each}", qos=qos) for each in range(SENSORS)]
        await announce(publisher, sensors, qos=qos)
        messages, last = plain(plan.count(20_000))
        async with lab(plan, side, server, publisher) as running:
            await running.set_up(SENSORS, tls=tls)
            figures = {"cpu": await stream(running, messages, last, qos=qos)}
            if not (qos or tls):
                floor = await running.ha.call("write_states", plan.count(20_000))
                figures["floor"] = floor * MICRO
            return figures

    return run


def json_stream(count: int, padding: int = 0) -> Run:
    """Send JSON, each to a sensor with a template; ``padding`` bytes longer."""

    async def run(
        plan: Plan, side: Side, server: MqttServer, publisher: Publisher
    ) -> Figures:
        template = "{{ value_json.temperature }}"
        await announce(
            publisher,
            [sensor(each, f"bench/{each}", template) for each in range(SENSORS)],
        )
        rest = '"humidity":50.1,"battery":98,"linkquality":120'
        if padding:
            rest = f'"text":"{"x" * padding}"'
        messages, last = plain(plan.count(count))
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
            await running.set_up(SENSORS, port)
            return {"cpu": await stream(running, messages, last)}

    return run


async def ten(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Send JSON that ten sensors read, each something else."""
    await announce(
        publisher,
        [
            sensor(each, f"bench/{each // 10}", f"{{{{ value_json.v{each % 10} }}}}")
            for each in range(SENSORS)
        ],
    )
    messages: Messages = []
    last: dict[str, str] = {}
    for number in range(plan.count(4000)):
        device = number % (SENSORS // 10)
        values = [number + 1 + each / 10 for each in range(10)]
        pairs = (f'"v{each}":{value}' for each, value in enumerate(values))
        messages.append((f"bench/{device}", f"{{{','.join(pairs)}}}"))
        for each, value in enumerate(values):
            last[f"sensor.b{device * 10 + each}"] = str(value)
    async with lab(plan, side, server, publisher) as running:
        await running.set_up(SENSORS)
        cpu = await stream(running, messages, last)
        return {"cpu": cpu, "each": cpu / 10}


async def steady(
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
        await running.ha.call("begin", TICK)
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
            "cpu": found["cpu"] / count * MICRO,
            "p50": found["p50"] * MILLI,
            "p99": found["p99"] * MILLI,
            "p999": found["p999"] * MILLI,
            "stop": found["stop"] * MILLI,
        }


async def packed(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Send 500 packets in each WebSocket frame."""
    await announce(publisher, [sensor(n, f"bench/{n}") for n in range(SENSORS)])
    messages, last = plain(plan.count(20_000))
    async with (
        bridge(server.port, 500) as port,
        lab(plan, side, server, publisher) as running,
    ):
        await running.set_up(SENSORS, port)
        return {"cpu": await stream(running, messages, last)}


def flood(*, recorder: bool) -> Run:
    """Send 50,000 messages with QoS 1 at once, perhaps with a recorder for them.

    Where there is one, each change of a state is counted, too. Elsewhere nobody listens
    to them: what a listener costs is not what messages cost.
    """

    async def run(
        plan: Plan, side: Side, server: MqttServer, publisher: Publisher
    ) -> Figures:
        sensors = [sensor(each, f"bench/{each}", qos=1) for each in range(SENSORS)]
        await announce(publisher, sensors, qos=1)
        messages, last = plain(plan.count(50_000))
        async with lab(plan, side, server, publisher, recorder=recorder) as running:
            await running.set_up(SENSORS)
            if recorder:
                await asyncio.sleep(2)  # it has its own start behind it
                await running.ha.call("count_changes")
            found = await running.measure(messages, qos=1, tick=0.01)
            await running.check(last)
            figures = {
                "late": found["stop"] * MILLI,
                "apart": found["apart"] * MILLI,
                "gc": found["gc"] * MILLI,
                "wall": found["wall"],
                "peak": found["peak"] / 1024 / 1024,
            }
            if recorder:
                changes = await running.ha.call("changes")
                figures["lost"] = len(messages) - changes
            return figures

    return run


async def large(
    plan: Plan, side: Side, server: MqttServer, publisher: Publisher
) -> Figures:
    """Publish and receive payloads of some MiB."""
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
            await running.ha.call("begin", TICK)
            for _ in range(3):
                await running.ha.call("call", domain, "publish", data)
                await running.handled()
            found = await running.ha.call("end")
            figures[f"out{size}"] = found["stop"] * MILLI
            figures[f"out{size}_busy"] = found["busy"] * MILLI
        for size in (1, 5):
            await running.ha.call("begin", TICK)
            for _ in range(3):
                payload = b"x" * (size * 1024 * 1024)
                await publisher.publish([("bench/0", payload)])
                if not await running.ha.call(
                    "until_state", "sensor.b0", str(len(payload))
                ):
                    raise BenchError(f"{size} MiB did not arrive")
                await publisher.publish([("bench/0", b"x")])
                await running.ha.call("until_state", "sensor.b0", "1")
            found = await running.ha.call("end")
            figures[f"in{size}"] = found["stop"] * MILLI
            figures[f"in{size}_busy"] = found["busy"] * MILLI
    return figures
