"""The report of scripts/bench: medians, ratios, and whether a goal is reached."""

from importlib.metadata import version
import json
from pathlib import Path
import platform
from xml.dom import minidom

from .lab import Figures, Plan, Side
from .plot import write_svg
from .publisher import publish_packet
from .report import TOO_SLOW, Rounds, circumstances, headline, lines, table, write_json
from .shapes import SHAPES, Row, Shape


async def _run(*_: object) -> Figures:
    return {}


SHAPE = Shape(
    name="shape",
    run=_run,
    rows=(
        Row(key="cpu", title="A & B", unit="µs", goal=2.5),
        Row(key="each", title="Each", unit="µs", limit=15),
        Row(key="none", title="Nobody measured", unit="µs"),
    ),
)
ROUNDS: Rounds = {
    "core": [{"cpu": cpu, "each": 40.0} for cpu in (80.0, 300.0, 75.0)],
    "ours": [
        {"cpu": cpu, "each": each} for cpu, each in ((20, 16), (40, 20), (32, 17))
    ],
}


def test_table() -> None:
    """The medians side by side; what is missed is said aloud."""
    cpu, each, none = lines(SHAPE, ROUNDS)
    assert (cpu.core, cpu.ours, cpu.ratio) == (80, 32, 2.5)
    assert cpu.verdict == "≥ 2.5 times"
    assert each.verdict == "≤ 15 µs: NOT REACHED"
    assert (none.core, none.ours, none.ratio, none.verdict) == (None, None, None, "")
    shown = table([cpu, each, none]).splitlines()
    assert len({len(line) for line in shown}) == 1
    assert shown[2].split() == [
        "|",
        "A",
        "&",
        "B",
        "|",
        "µs",
        "|",
        "80.0",
        "|",
        "32.0",
        "|",
        "2.50",
        "|",
        "3",
        "|",
        "≥",
        "2.5",
        "times",
        "|",
    ]


def test_files(tmp_path: Path) -> None:
    """JSON has each round, and the plot is well-formed."""
    found = lines(SHAPE, ROUNDS)
    about = circumstances(Plan())
    write_json(
        tmp_path / "bench.json",
        found,
        {"shape": ROUNDS},
        {"shape": {"core": "slow"}},
        about,
    )
    document = json.loads((tmp_path / "bench.json").read_text())
    assert document["rounds"]["shape"] == ROUNDS
    assert document["failed"] == {"shape": {"core": "slow"}}
    assert document["medians"][0]["ratio"] == 2.5
    assert document["circumstances"]["mqtt"] == "5 on both sides"
    write_svg(tmp_path / "bench.svg", found, about)
    drawing = minidom.parse(str(tmp_path / "bench.svg"))  # noqa: S318 - our own
    # The background, three in the legend, and for each line with figures two bars and
    # the goal.
    assert len(drawing.getElementsByTagName("rect")) == 4 + 2 * 3


def test_headline() -> None:
    """What a figure means nothing without stands above it."""
    told = "\n".join(headline(circumstances(Plan(quick=True))))
    for each in (
        "cores",
        platform.python_version(),
        version("homeassistant"),
        version("paho-mqtt"),
        version("aiomqtt"),
        version("aiohttp"),
        version("ulid-transform"),
        "MQTT 5 on both sides",
        "--quick",
    ):
        assert each in told


def test_too_slow(tmp_path: Path) -> None:
    """A side that is not done in time is told in words, in the table and the plot."""
    why = f"{TOO_SLOW} 400 s"
    (cpu, *_) = lines(SHAPE, {"ours": ROUNDS["ours"]}, {"core": why})
    assert (cpu.core, cpu.ours, cpu.rounds) == (None, 32, 3)
    assert f"| {why} |" in table([cpu])
    write_svg(tmp_path / "bench.svg", [cpu], circumstances(Plan()))
    assert why in (tmp_path / "bench.svg").read_text()


def test_shapes() -> None:
    """Each has a name of its own, and rows that can be told apart."""
    names = [shape.name for shape in SHAPES]
    assert len(set(names)) == len(names)
    for shape in SHAPES:
        keys = [row.key for row in shape.rows]
        assert len(set(keys)) == len(keys)


def test_one_side_alone() -> None:
    """Without the other side there is no ratio, and no goal to miss."""
    side: Side = "ours"
    cpu, *_ = lines(SHAPE, {side: ROUNDS[side]})
    assert (cpu.core, cpu.ratio, cpu.verdict) == (None, None, "")


def test_publish_packet() -> None:
    """What the publisher writes is MQTT 3.1.1 (section 3.3)."""
    assert publish_packet("a/b", "x", qos=1, retain=True, mid=258) == (
        b"\x33\x08\x00\x03a/b\x01\x02x"
    )
    assert publish_packet("t", bytes(300))[:5] == b"\x30\xaf\x02\x00\x01"
