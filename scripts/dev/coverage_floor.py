"""Fail if a module has less coverage than it should: `python -m scripts.dev.coverage_floor`.

Reads what the last run of all tests measured, lines and branches. A flow is what a
person goes through to set something up: there every line and branch is tested. Elsewhere
two lines or branches may be missing: of a small module one is more than 3 %.
"""

from collections.abc import Iterable
import json
from pathlib import Path
import sys
import tempfile
from typing import Final

from coverage import Coverage
from coverage.exceptions import CoverageException

from .broker import find_mosquitto

FLOOR: Final = 97.0
FLOW_FLOOR: Final = 100.0
MAY_MISS: Final = 2
"""Lines and branches together, of a module that is no flow."""
_FLOWS: Final = ("config_flow.py", "broker_form.py", "options_flow.py", "subentry_flow")
_INTEGRATION: Final = "custom_components/mqtt_websocket/"


def floor_of(module: str) -> float:
    """Return the least coverage, in percent, of a module by its path in the project."""
    path = module.removeprefix(_INTEGRATION)
    return FLOW_FLOOR if path.split("/")[0] in _FLOWS else FLOOR


def too_low(measured: Iterable[tuple[str, float, int]]) -> list[str]:
    """Return a line for each module below its floor.

    Given are the path, the percentage, and how many lines and branches are missing.
    """
    return [
        f"{module}: {percent:.1f} %, at least {floor:g} % wanted"
        for module, percent, missing in measured
        if percent < (floor := floor_of(module))
        and (missing > MAY_MISS or floor == FLOW_FLOOR)
    ]


def _measured() -> list[tuple[str, float, int]]:
    coverage = Coverage()
    coverage.load()
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        coverage.json_report(outfile=report.name)
        files = json.loads(Path(report.name).read_text("utf-8"))["files"]
    return [
        (
            name,
            summary["percent_covered"],
            summary["missing_lines"] + summary["missing_branches"],
        )
        for name, found in sorted(files.items())
        if (summary := found["summary"])["num_statements"]
    ]


if __name__ == "__main__":
    if find_mosquitto() is None:
        print("coverage: not compared, as what needs Mosquitto was skipped")
        sys.exit()
    try:
        problems = too_low(_measured())
    except CoverageException as error:
        problems = [f"nothing to compare: {error}"]
    print("\n".join(problems) or "coverage: every module has what it should")
    sys.exit(bool(problems))
