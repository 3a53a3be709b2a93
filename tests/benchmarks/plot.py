"""The plot of what was measured."""

from html import escape
from pathlib import Path
from typing import Any, Final

from .lab import Side
from .report import Line, headline, number

_BAR: Final = 13
_PAIR: Final = 2 * _BAR + 13
_LEFT: Final = 330
_WIDTH: Final = 400
_RIGHT: Final = 400
_TOP: Final = 112
_COLOURS: Final[dict[Side, str]] = {"core": "#9e9e9e", "ours": "#03a9f4"}
_GOAL: Final = "#212121"
_MISSED: Final = "#c62828"


def write_svg(path: Path, found: list[Line], about: dict[str, Any]) -> None:
    """Draw what there are figures for; each pair of bars has a scale of its own."""
    drawn = [line for line in found if line.core or line.ours]
    parts = [*_head(len(drawn), about)]
    for place, line in enumerate(drawn):
        parts += _pair(line, _TOP + place * _PAIR)
    path.write_text("\n".join([*parts, "</svg>", ""]))


def _head(count: int, about: dict[str, Any]) -> list[str]:
    width, height = _LEFT + _WIDTH + _RIGHT, _TOP + count * _PAIR + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        '<text x="12" y="22" font-size="15" font-weight="bold">'
        "What Home Assistant spends: less is better</text>",
    ]
    left = 12
    for text, colour, wide in (
        ("core's mqtt", _COLOURS["core"], 16),
        ("MQTT over WebSocket", _COLOURS["ours"], 16),
        ("goal: the blue bar ends before it", _GOAL, 2),
    ):
        parts.append(
            f'<rect x="{left}" y="33" width="{wide}" height="{_BAR}" fill="{colour}"/>'
            f'<text x="{left + wide + 6}" y="44">{escape(text)}</text>'
        )
        left += wide + 30 + 7 * len(text)
    parts += [
        f'<text x="12" y="{64 + 16 * place}" fill="#666">{escape(text)}</text>'
        for place, text in enumerate(headline(about))
    ]
    return parts


def _pair(line: Line, top: int) -> list[str]:
    """Draw a figure of both sides, the goal, and how many times less ours is."""
    most = line.most
    longest = max(line.core or 0, line.ours or 0, most or 0)
    parts = [
        f'<text x="{_LEFT - 8}" y="{top + _BAR + 4}" text-anchor="end">'
        f"{escape(line.row.title)}</text>"
    ]
    for offset, side in enumerate(_COLOURS):
        value = line.core if side == "core" else line.ours
        text = line.shown(side)
        width = 0.0
        if value is not None:
            width = max(1.0, value / longest * _WIDTH)
            text += f" {line.row.unit}"
            parts.append(
                f'<rect x="{_LEFT}" y="{top + offset * _BAR}" width="{width:.1f}"'
                f' height="{_BAR - 1}" fill="{_COLOURS[side]}"/>'
            )
        # Right of the goal where they would meet.
        end = width
        if side == "ours" and most is not None:
            goal = most / longest * _WIDTH
            if goal - 4 < width + 6 + 7 * len(text) and goal > width - 4:
                end = goal
        parts.append(
            f'<text x="{_LEFT + end + 6:.1f}" y="{top + offset * _BAR + 10}">'
            f"{escape(text)}</text>"
        )
    if most is not None:
        left = _LEFT + most / longest * _WIDTH
        parts.append(
            f'<rect x="{left - 1:.1f}" y="{top + _BAR - 3}" width="2"'
            f' height="{_BAR + 4}" fill="{_GOAL}"/>'
        )
    told = [] if line.ratio is None else [_compared(line.ratio)]
    told += [f"goal {line.verdict}"] if line.verdict else []
    if told:
        colour = _MISSED if line.reached is False else "#212121"
        parts.append(
            f'<text x="{_LEFT + _WIDTH + _RIGHT - 12}" y="{top + _BAR + 4}"'
            f' text-anchor="end" fill="{colour}">{escape("; ".join(told))}</text>'
        )
    return parts


def _compared(ratio: float) -> str:
    if ratio < 1:
        return f"{number(1 / ratio)} times more"
    return f"{number(ratio)} times less"
