"""What is measured: one function a shape, run for each side in turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from ..support.server import MqttServer
from . import many, streams
from .lab import Run, broker
from .publisher import Publisher


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
    rounds: int = 3
    """How often, if nobody says. Once for what takes minutes."""


def _cpu(title: str, goal: float | None = None) -> Row:
    return Row(key="cpu", title=title, unit="µs", goal=goal)


def _flood(title: str, late: float | None = None) -> tuple[Row, ...]:
    return (
        Row(key="late", title=f"{title}, 100 Hz timer late by", unit="ms", limit=late),
        Row(key="apart", title=f"{title}, garbage collection apart", unit="ms"),
        Row(key="gc", title=f"{title}, longest garbage collection", unit="ms"),
        Row(key="wall", title=f"{title}, until all is handled", unit="s"),
        Row(key="peak", title=f"{title}, memory at most", unit="MB"),
    )


SHAPES: Final = (
    Shape(
        name="plain",
        run=streams.plain_stream(),
        rows=(
            _cpu("Plain value, per message", 2.5),
            Row(
                key="floor", title="Plain value, Home Assistant's own share", unit="µs"
            ),
        ),
    ),
    Shape(
        name="json",
        run=streams.json_stream(20_000),
        rows=(_cpu("JSON with one template, per message", 3.0),),
    ),
    Shape(
        name="ten",
        run=streams.ten,
        rows=(
            _cpu("JSON for ten sensors, per message", 3.5),
            Row(
                key="each", title="JSON for ten sensors, per state", unit="µs", limit=15
            ),
        ),
    ),
    Shape(
        name="qos1",
        run=streams.plain_stream(qos=1),
        rows=(_cpu("Plain value with QoS 1, per message", 2.0),),
    ),
    *(
        Shape(
            name=name,
            run=streams.json_stream(count, kilobytes * 1000),
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
        run=streams.plain_stream(tls=True),
        tls=True,
        rows=(_cpu("Plain value over wss, per message"),),
    ),
    Shape(
        name="packed",
        run=streams.packed,
        rows=(_cpu("500 packets in a frame, per message"),),
    ),
    Shape(
        name="steady",
        run=streams.steady,
        rows=(
            _cpu("1,000 messages/s, per message"),
            Row(key="p50", title="1,000 messages/s, latency p50", unit="ms"),
            Row(key="p99", title="1,000 messages/s, latency p99", unit="ms"),
            Row(key="p999", title="1,000 messages/s, latency p99.9", unit="ms"),
            Row(key="stop", title="1,000 messages/s, longest stop", unit="ms"),
        ),
    ),
    Shape(
        name="large",
        run=streams.large,
        rows=(
            Row(key="out1", title="Publishing 1 MiB, longest stop", unit="ms"),
            Row(
                key="out5", title="Publishing 5 MiB, longest stop", unit="ms", limit=10
            ),
            Row(key="out5_busy", title="Publishing 5 MiB, CPU of that", unit="ms"),
            Row(key="in1", title="Receiving 1 MiB, longest stop", unit="ms"),
            Row(key="in5", title="Receiving 5 MiB, longest stop", unit="ms", limit=10),
            Row(key="in5_busy", title="Receiving 5 MiB, CPU of that", unit="ms"),
        ),
    ),
    *(
        Shape(
            name=name,
            run=many.set_up(more),
            rows=(
                Row(key="wall", title=f"Set-up of {title}", unit="s", goal=goal),
                Row(key="cpu", title=f"Set-up of {title}, CPU", unit="s", goal=goal),
                Row(
                    key="memory",
                    title=f"Set-up of {title}, memory for each",
                    unit="KB",
                    goal=goal,
                ),
                Row(key="stop", title=f"Set-up of {title}, longest stop", unit="ms"),
            ),
        )
        for name, title, more, goal in (
            ("setup", "1,000 entities", False, None),
            ("setup-many", "9,900 entities", True, 1.0),
        )
    ),
    Shape(
        name="entities",
        run=many.entities,
        rows=(
            Row(key="few", title="10 entities alone, per message", unit="µs"),
            Row(key="many", title="10 entities among 9,900, per message", unit="µs"),
            Row(
                key="growth", title="10 entities, growth to 9,900", unit="×", limit=1.1
            ),
        ),
    ),
    Shape(
        name="filters",
        run=many.filters,
        rounds=1,
        rows=(
            Row(key="known_few", title="10 wildcards alone, topics known", unit="µs"),
            Row(
                key="known_many",
                title="10 wildcards among 9,900, topics known",
                unit="µs",
            ),
            Row(
                key="known_growth",
                title="10 wildcards, growth, topics known",
                unit="×",
                limit=1.1,
            ),
            Row(key="new_few", title="10 wildcards alone, topics new", unit="µs"),
            Row(
                key="new_many", title="10 wildcards among 9,900, topics new", unit="µs"
            ),
            Row(
                key="new_growth",
                title="10 wildcards, growth, topics new",
                unit="×",
                limit=1.1,
            ),
        ),
    ),
    Shape(
        name="reconnect",
        run=many.reconnect,
        persistent=True,
        rounds=1,
        rows=(
            Row(key="wall", title="Back with 9,900 subscriptions", unit="s"),
            Row(key="cpu", title="Back with 9,900 subscriptions, CPU", unit="s"),
            Row(
                key="stop",
                title="Back with 9,900 subscriptions, longest stop",
                unit="ms",
            ),
            Row(key="apart", title="The same, garbage collection apart", unit="ms"),
        ),
    ),
    Shape(
        name="rules",
        run=many.rules,
        rows=(
            _cpu("Publishing 10,000 states, per state"),
            Row(
                key="wall",
                title="Publishing 10,000 states, until the last is out",
                unit="s",
            ),
            Row(key="stop", title="Publishing 10,000 states, longest stop", unit="ms"),
        ),
    ),
    Shape(
        name="flood",
        run=streams.flood(recorder=False),
        rows=_flood("Flood of 50,000", late=50),
    ),
    Shape(
        name="flood-recorded",
        run=streams.flood(recorder=True),
        rows=(
            *_flood("Flood with a recorder"),
            Row(
                key="lost",
                title="Flood with a recorder, acknowledged and not handled",
                unit="",
                limit=0,
            ),
        ),
    ),
)


@asynccontextmanager
async def broker_for(shape: Shape) -> AsyncIterator[tuple[MqttServer, Publisher]]:
    """Run the broker that a shape needs."""
    async with broker(tls=shape.tls, persistent=shape.persistent) as running:
        yield running
