"""Plays cases in both worlds and compares what comes of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from .case import Announce, Case
from .differences import DIFFERENCES, Difference, Found
from .world import CoreWorld, OurWorld, Record, World

type Worlds = tuple[CoreWorld, OurWorld]

_MISSING = "nothing"


async def assert_same(
    worlds: Worlds, table: str, case: Case
) -> tuple[bool, set[Difference]]:
    """Assert that a case ends alike in both worlds, but for what is meant to differ.

    Return whether core made anything of it, and the differences that were seen.
    """
    core, ours = await asyncio.gather(*(_played(each, case) for each in worlds))
    seen: set[Difference] = set()
    unexplained: list[Found] = []
    for found in _differences(table, case, core, ours):
        reasons = [each for each in DIFFERENCES if each.explains(found)]
        seen.update(reasons)
        if not reasons:
            unexplained.append(found)
    assert not unexplained, "\n".join(
        f"{each.step[:150]}: {each.path}: core {each.core!r}, ours {each.ours!r}"
        for each in unexplained
    )
    made = any(
        each.entities or any(each.triggers.values()) or each.happened for each in core
    )
    return made, seen


async def _played(world: World, case: Case) -> list[Record]:
    """Play a case in a world; return what there was after each step."""
    records = []

    async def step(name: str) -> None:
        await world.settled()
        records.append(await world.record(name))

    try:
        world.remember(case.restored)
        await Announce(case.announced)(world)
        await step("announced")
        for number, each in enumerate(case.steps):
            await each(world)
            await step(f"{number} {each}")
        await world.withdraw()
        await step("withdrawn")
    finally:
        await world.forget()
    return records


def _differences(
    table: str, case: Case, core: list[Record], ours: list[Record]
) -> Iterator[Found]:
    """Yield all values that differ."""
    for ours_then, core_then in zip(ours, core, strict=True):
        for path, core_value, our_value in _differ(
            "", asdict(core_then), asdict(ours_then)
        ):
            yield Found(table, case.name, core_then.step, path, core_value, our_value)


def _differ(path: str, core: Any, ours: Any) -> Iterator[tuple[str, Any, Any]]:
    prefix = f"{path}/" if path else ""
    if isinstance(core, dict) and isinstance(ours, dict):
        for key in sorted(core.keys() | ours.keys()):
            yield from _differ(
                f"{prefix}{key}", core.get(key, _MISSING), ours.get(key, _MISSING)
            )
    elif isinstance(core, list) and isinstance(ours, list) and len(core) == len(ours):
        for number, (one, other) in enumerate(zip(core, ours, strict=True)):
            yield from _differ(f"{prefix}{number}", one, other)
    elif core != ours or type(core) is not type(ours):
        yield path, core, ours
