"""The table, the JSON and the plot of what was measured."""

from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
import json
import os
from pathlib import Path
import platform
from statistics import median
import subprocess
import time
from typing import Any, Final

from ..support.server import MOSQUITTO
from .lab import Figures, Plan, Side
from .shapes import Row, Shape

type Rounds = dict[Side, list[Figures]]
type Failures = dict[Side, str]

TOO_SLOW: Final = "does not end in"
"""What a failure begins with if it is the deadline that ended the side."""


@dataclass(frozen=True)
class Line:
    """A row of the table with its medians, and how many rounds they are the median of.

    ``failures`` has why a side has no figure.
    """

    shape: str
    row: Row
    core: float | None
    ours: float | None
    rounds: int
    failures: Failures = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """How many times less ours is. Of two ratios it would tell nothing."""
        if not self.core or not self.ours or self.row.unit == "×":
            return None
        return self.core / self.ours

    @property
    def most(self) -> float | None:
        """The most that ours may be for its goal."""
        if self.row.goal is not None:
            return None if self.core is None else self.core / self.row.goal
        return self.row.limit

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached, if there is one and it can be told."""
        if self.ours is None or self.most is None:
            return None
        return self.ours <= self.most

    @property
    def verdict(self) -> str:
        """What was wanted, and whether it is so."""
        row = self.row
        if self.reached is None:
            return ""
        if row.goal is None:
            wanted = f"≤ {row.limit:g} {row.unit}".rstrip()
        else:
            wanted = "no more than core" if row.goal == 1 else f"≥ {row.goal:g} times"
        return wanted if self.reached else f"{wanted}: NOT REACHED"

    def shown(self, side: Side) -> str:
        """Return a side's figure, or in words why there is none."""
        value = self.core if side == "core" else self.ours
        return self.failures.get(side, "–") if value is None else number(value)


def lines(shape: Shape, rounds: Rounds, failures: Failures | None = None) -> list[Line]:
    """Return a shape's lines: the median of the rounds, side by side."""

    def of(side: Side, row: Row) -> float | None:
        figures = [each[row.key] for each in rounds.get(side, []) if row.key in each]
        return median(figures) if figures else None

    count = min((len(each) for each in rounds.values() if each), default=0)
    return [
        Line(
            shape.name,
            row,
            of("core", row),
            of("ours", row),
            count,
            {side: _short(why) for side, why in (failures or {}).items()},
        )
        for row in shape.rows
    ]


def _short(why: str) -> str:
    """Return a failure as it fits into a cell."""
    return why if why.startswith(TOO_SLOW) else "failed"


def number(value: float) -> str:
    """Return a figure as people read it."""
    if not value:
        return "0"
    return (
        f"{value:.2f}"
        if value < 10
        else f"{value:.1f}"
        if value < 100
        else f"{value:,.0f}"
    )


def table(found: list[Line]) -> str:
    """Return a Markdown table."""
    rows = [("", "unit", "core", "ours", "core / ours", "rounds", "goal")]
    rows += [
        (
            line.row.title,
            line.row.unit,
            line.shown("core"),
            line.shown("ours"),
            "" if line.ratio is None else number(line.ratio),
            str(line.rounds),
            line.verdict,
        )
        for line in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    to_the_right = range(2, 6)
    aligned = [
        "| "
        + " | ".join(
            cell.rjust(width) if column in to_the_right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in rows
    ]
    rule = "|".join(
        "-" * (width + 1) + (":" if column in to_the_right else "-")
        for column, width in enumerate(widths)
    )
    return "\n".join([aligned[0], f"|{rule}|", *aligned[1:]])


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for each in info.read_text().splitlines():
            if each.startswith("model name"):
                return each.partition(": ")[2]
    return platform.machine()


def _os() -> str:
    system = f"{platform.system()} {platform.release()}"
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {system}"
    except OSError:
        return system


def circumstances(plan: Plan) -> dict[str, Any]:
    """Return what a figure means nothing without."""
    mosquitto = "none"
    if MOSQUITTO is not None:
        told = subprocess.run(
            [MOSQUITTO, "-h"], capture_output=True, text=True, check=False
        ).stdout
        mosquitto = told.split("\n", 1)[0].removeprefix("mosquitto version ")
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "os": _os(),
        "python": platform.python_version(),
        "home_assistant": version("homeassistant"),
        "aiomqtt": version("aiomqtt"),
        "paho": version("paho-mqtt"),
        "aiohttp": version("aiohttp"),
        "ulid_transform": version("ulid-transform"),
        "ulid_compiled": find_spec("ulid_transform._ulid_impl") is not None,
        "mosquitto": mosquitto,
        "mqtt": f"{plan.protocol} on both sides",
        "quick": plan.quick,
    }


def headline(about: dict[str, Any]) -> list[str]:
    """Return the lines above the table and the plot."""
    ulid = (
        "compiled" if about["ulid_compiled"] else "in Python, without its C extension"
    )
    quick = ", A TENTH OF EVERYTHING (--quick)" if about["quick"] else ""
    return [
        f"{about['cpu']}, {about['cores']} cores, {about['os']},"
        f" load {about['load']:.1f} before",
        f"Home Assistant {about['home_assistant']}, Python {about['python']},"
        f" aiomqtt {about['aiomqtt']}, paho-mqtt {about['paho']},"
        f" aiohttp {about['aiohttp']},"
        f" ulid-transform {about['ulid_transform']} {ulid}",
        f"Mosquitto {about['mosquitto']} over WebSocket, MQTT {about['mqtt']},"
        f" {about['date']}{quick}",
    ]


def write_json(
    path: Path,
    found: list[Line],
    raw: dict[str, Rounds],
    failed: dict[str, Failures],
    about: dict[str, Any],
) -> None:
    """Write everything, each round too, and what gave no figure and why."""
    document = {
        "circumstances": about,
        "medians": [
            {
                "shape": line.shape,
                "figure": line.row.key,
                "title": line.row.title,
                "unit": line.row.unit,
                "core": line.core,
                "ours": line.ours,
                "ratio": line.ratio,
                "rounds": line.rounds,
                "goal": line.verdict,
                "reached": line.reached,
            }
            for line in found
        ],
        "rounds": raw,
        "failed": failed,
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
