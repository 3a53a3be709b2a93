"""Core's integration and ours make the same of each case."""

from fnmatch import fnmatchcase
from importlib import import_module
import os
from pathlib import Path

import pytest

from . import cases
from .case import Case
from .differences import DIFFERENCES, Difference
from .play import Worlds, assert_same

_CASE = os.environ.get("PARITY_CASE", "*")

TABLES = sorted(
    path.stem
    for path in Path(cases.__path__[0]).glob("*.py")
    if not path.stem.startswith("_")
)


def cases_of(table: str) -> list[Case]:
    """Return the cases of a table, or those that were asked for."""
    found: list[Case] = import_module(f"{cases.__name__}.{table}").CASES
    names = [case.name for case in found]
    assert len(names) == len(set(names)), "two cases of one name"
    return [case for case in found if fnmatchcase(case.name, _CASE)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("table", TABLES)
async def test_table(worlds: Worlds, subtests: pytest.Subtests, table: str) -> None:
    """Each case of a table ends alike in both worlds."""
    seen: set[Difference] = set()
    for case in cases_of(table):
        with subtests.test(case.name):
            made, differences = await assert_same(worlds, table, case)
            seen |= differences
            assert made is not case.refused
    if _CASE == "*":
        # What is not seen any more is not to be expected any more.
        assert not [
            each for each in DIFFERENCES if each.table == table and each not in seen
        ]
