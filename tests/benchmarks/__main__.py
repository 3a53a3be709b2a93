"""The command behind scripts/bench."""

import argparse
import asyncio
from pathlib import Path
import signal
import sys
import time

from ..support.server import MOSQUITTO
from .child import BenchError
from .lab import Figures, Plan, Side
from .plot import write_svg
from .report import (
    TOO_SLOW,
    Failures,
    Line,
    Rounds,
    circumstances,
    headline,
    lines,
    table,
    write_json,
)
from .shapes import SHAPES, Shape, broker_for


def _arguments() -> argparse.Namespace:
    names = [shape.name for shape in SHAPES]
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Compare core's mqtt and this integration on the same Mosquitto,"
        " over WebSocket, each in a Home Assistant process of its own.",
        epilog="tests/benchmarks/README.md says what the figures mean.",
    )
    parser.add_argument(
        "shapes",
        nargs="*",
        metavar="SHAPE",
        choices=[*names, []],
        help=f"what to measure, all by default: {', '.join(names)}",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        help="how often, alternately; medians count (3, and once what takes minutes)",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a tenth of everything, to see that it runs",
    )
    parser.add_argument(
        "--protocol",
        choices=("5", "3.1.1"),
        default="5",
        help="the version of MQTT, on both sides (5, the default of both)",
    )
    parser.add_argument(
        "--side", choices=("core", "ours"), help="one of the two, without ratios"
    )
    parser.add_argument(
        "--profile",
        action="store_true",
        help="show where the time of streams goes, which makes the figures too high",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(".develop/bench"),
        help="where bench.json and bench.svg go (.develop/bench)",
    )
    return parser.parse_args()


async def _measure(
    shape: Shape, plan: Plan, sides: tuple[Side, ...]
) -> tuple[dict[Side, Figures], dict[Side, str]]:
    """Measure a shape once for each side, on one broker. Return figures and failures.

    A side that fails leaves a broker that nobody knows: the next one gets a new one.
    """
    found: dict[Side, Figures] = {}
    failures: dict[Side, str] = {}
    left = list(sides)
    while left:
        async with broker_for(shape) as (server, publisher):
            while left:
                side = left.pop(0)
                try:
                    async with asyncio.timeout(plan.deadline) as deadline:
                        found[side] = await shape.run(plan, side, server, publisher)
                except (BenchError, OSError, TimeoutError) as err:
                    if (task := asyncio.current_task()) and task.cancelling():
                        raise asyncio.CancelledError from err  # and not its failure
                    failures[side] = (
                        f"{TOO_SLOW} {plan.deadline:g} s"
                        if deadline.expired()
                        else str(err) or type(err).__name__
                    )
                    break
    return found, failures


async def _run(arguments: argparse.Namespace) -> int:
    if MOSQUITTO is None:
        sys.exit("bench: Mosquitto is not installed, and nothing takes its place here")
    plan = Plan(
        quick=arguments.quick, protocol=arguments.protocol, profile=arguments.profile
    )
    sides: tuple[Side, ...] = (arguments.side,) if arguments.side else ("core", "ours")
    shapes = [
        shape
        for shape in SHAPES
        if not arguments.shapes or shape.name in arguments.shapes
    ]
    raw: dict[str, Rounds] = {shape.name: {} for shape in shapes}
    failed: dict[str, Failures] = {shape.name: {} for shape in shapes}
    about = circumstances(plan)
    for number in range(arguments.rounds or max(shape.rounds for shape in shapes)):
        for shape in shapes:
            if number >= (arguments.rounds or shape.rounds):
                continue
            # Whoever comes first finds another machine than whoever comes second.
            order = sides if number % 2 == 0 else sides[::-1]
            # What took too long once is not waited for again.
            known = failed[shape.name]
            order = tuple(
                side for side in order if not known.get(side, "").startswith(TOO_SLOW)
            )
            begin = time.monotonic()
            found, failures = await _measure(shape, plan, order)
            took = time.monotonic() - begin
            _say(f"{shape.name}, round {number + 1}: {took:.0f} s")
            for side, figures in found.items():
                raw[shape.name].setdefault(side, []).append(figures)
                shown = (f"{key} {value:.4g}" for key, value in figures.items())
                _say(f"  {side}: {', '.join(shown)}")
            for side, why in failures.items():
                _say(f"  {side} failed: {why}")
            known.update(failures)
    result: list[Line] = []
    for shape in shapes:
        result += lines(shape, raw[shape.name], failed[shape.name])
    arguments.output.mkdir(parents=True, exist_ok=True)
    write_json(arguments.output / "bench.json", result, raw, failed, about)
    write_svg(arguments.output / "bench.svg", result, about)
    told = "\n".join(f"- {each}" for each in headline(about))
    notes = "".join(
        f"\n{name}, {side}: {why.splitlines()[0]}"
        for name, failures in failed.items()
        for side, why in failures.items()
    )
    sys.stdout.write(f"{told}\n\n{table(result)}\n{notes}\n")
    _say(f"written: {arguments.output}/bench.json and bench.svg")
    return int(bool(notes))


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")


async def _until_told(arguments: argparse.Namespace) -> int:
    """Run, or end all that runs when a signal says so."""
    running = asyncio.ensure_future(_run(arguments))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        return await running
    except asyncio.CancelledError:
        _say("stopped")
        return 130


if __name__ == "__main__":
    sys.exit(asyncio.run(_until_told(_arguments())))
