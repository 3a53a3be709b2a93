"""The command behind scripts/bench."""

import argparse
import asyncio
from pathlib import Path
import sys

from ..support.server import MOSQUITTO
from .child import BenchError
from .lab import Plan, Side
from .report import Line, Rounds, circumstances, lines, table, write_json, write_svg
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
        default=3,
        help="how often, alternately (3); medians count",
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


async def _measure(shape: Shape, plan: Plan, sides: tuple[Side, ...]) -> Rounds:
    """Measure a shape once for each side, on one broker."""
    found: Rounds = {}
    async with broker_for(shape) as (server, publisher):
        for side in sides:
            found[side] = [await shape.run(plan, side, server, publisher)]
    return found


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
    failed = False
    for number in range(arguments.rounds):
        for shape in shapes:
            _say(f"round {number + 1} of {arguments.rounds}: {shape.name}")
            # Whoever comes first finds another machine than whoever comes second.
            order = sides if number % 2 == 0 else sides[::-1]
            try:
                found = await _measure(shape, plan, order)
            except (BenchError, OSError, TimeoutError) as err:
                failed = True
                _say(f"{shape.name} failed: {err}")
                continue
            for side, figures in found.items():
                raw[shape.name].setdefault(side, []).extend(figures)
                for each in figures:
                    shown = (f"{key} {value:.4g}" for key, value in each.items())
                    _say(f"  {side}: {', '.join(shown)}")
    result: list[Line] = []
    for shape in shapes:
        result += lines(shape, raw[shape.name])
    about = circumstances(plan, arguments.rounds)
    arguments.output.mkdir(parents=True, exist_ok=True)
    write_json(arguments.output / "bench.json", result, raw, about)
    write_svg(arguments.output / "bench.svg", result, about)
    told = ", ".join(f"{key} {value}" for key, value in about.items())
    sys.stdout.write(f"{table(result)}\n\n{told}\n")
    _say(f"written: {arguments.output}/bench.json and bench.svg")
    return int(failed)


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")


if __name__ == "__main__":
    sys.exit(asyncio.run(_run(_arguments())))
