"""The table, the JSON and the plot of what was measured."""

from dataclasses import dataclass
from html import escape
from importlib.metadata import version
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

_BAR: Final = 14
_LEFT: Final = 290
_WIDTH: Final = 420


@dataclass(frozen=True)
class Line:
    """A row of the table with its medians."""

    shape: str
    row: Row
    core: float | None
    ours: float | None

    @property
    def ratio(self) -> float | None:
        """How many times less ours is."""
        return self.core / self.ours if self.core and self.ours else None

    @property
    def verdict(self) -> str:
        """What was wanted, and whether it is so."""
        row, reached = self.row, True
        if row.goal is not None and self.ratio is not None:
            wanted, reached = f"≥ {row.goal:g} times", self.ratio >= row.goal
        elif row.limit is not None and self.ours is not None:
            wanted, reached = f"≤ {row.limit:g} {row.unit}", self.ours <= row.limit
        else:
            return ""
        return wanted if reached else f"{wanted}: NOT REACHED"


def lines(shape: Shape, rounds: Rounds) -> list[Line]:
    """Return a shape's lines: the median of the rounds, side by side."""

    def of(side: Side, row: Row) -> float | None:
        figures = [each[row.key] for each in rounds.get(side, []) if row.key in each]
        return median(figures) if figures else None

    return [
        Line(shape.name, row, of("core", row), of("ours", row)) for row in shape.rows
    ]


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return (
        f"{value:.2f}"
        if value < 10
        else f"{value:.1f}"
        if value < 100
        else f"{value:,.0f}"
    )


def table(found: list[Line]) -> str:
    """Return a Markdown table."""
    rows = [("", "unit", "core", "ours", "core / ours", "goal")]
    rows += [
        (
            line.row.title,
            line.row.unit,
            _number(line.core),
            _number(line.ours),
            _number(line.ratio),
            line.verdict,
        )
        for line in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    aligned = [
        "| "
        + " | ".join(
            cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in rows
    ]
    rule = "|".join(
        "-" * (width + 1) + (":" if 2 <= column <= 4 else "-")
        for column, width in enumerate(widths)
    )
    return "\n".join([aligned[0], f"|{rule}|", *aligned[1:]])


def circumstances(plan: Plan, rounds: int) -> dict[str, Any]:
    """Return what a figure means nothing without."""
    mosquitto = "none"
    if MOSQUITTO is not None:
        told = subprocess.run(
            [MOSQUITTO, "-h"], capture_output=True, text=True, check=False
        ).stdout
        mosquitto = told.split("\n", 1)[0].removeprefix("mosquitto version ")
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        for each in info.read_text().splitlines():
            if each.startswith("model name"):
                cpu = each.partition(": ")[2]
                break
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "home_assistant": version("homeassistant"),
        "aiomqtt": version("aiomqtt"),
        "paho": version("paho-mqtt"),
        "aiohttp": version("aiohttp"),
        "mosquitto": mosquitto,
        "mqtt": f"{plan.protocol} on both sides",
        "rounds": rounds,
        "quick": plan.quick,
    }


def write_json(
    path: Path,
    found: list[Line],
    raw: dict[str, Rounds],
    failed: list[str],
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
                "goal": line.verdict,
            }
            for line in found
        ],
        "rounds": raw,
        "failed": failed,
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def write_svg(path: Path, found: list[Line], about: dict[str, Any]) -> None:
    """Draw what both sides have a figure for; each pair of bars has its own scale."""
    drawn = [line for line in found if line.core and line.ours]
    height = 64 + len(drawn) * (2 * _BAR + 14)
    note = (
        f"Home Assistant {about['home_assistant']}, Mosquitto {about['mosquitto']},"
        f" MQTT {about['mqtt']}, {about['cpu']}, {about['date']}"
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 150}"'
        f' height="{height}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        '<text x="12" y="20" font-size="15" font-weight="bold">'
        "Less is better: core's mqtt (grey), MQTT over WebSocket (blue)</text>",
        f'<text x="12" y="38" fill="#666">{escape(note)}</text>',
    ]
    top = 56
    for line in drawn:
        assert line.core is not None
        assert line.ours is not None
        longest = max(line.core, line.ours)
        parts.append(
            f'<text x="{_LEFT - 8}" y="{top + _BAR + 4}" text-anchor="end">'
            f"{escape(line.row.title)}</text>"
        )
        for value, colour, offset in (
            (line.core, "#9e9e9e", 0),
            (line.ours, "#03a9f4", _BAR),
        ):
            width = max(1.0, value / longest * _WIDTH)
            parts.append(
                f'<rect x="{_LEFT}" y="{top + offset}" width="{width:.1f}"'
                f' height="{_BAR - 1}" fill="{colour}"/>'
                f'<text x="{_LEFT + width + 6:.1f}" y="{top + offset + 11}">'
                f"{_number(value)} {escape(line.row.unit)}</text>"
            )
        top += 2 * _BAR + 14
    path.write_text("\n".join([*parts, "</svg>", ""]))
