"""What proposed entities are called: as short as they can be, and told apart."""

from collections.abc import Sequence
import re
from typing import Any, Final

from homeassistant.const import CONF_PLATFORM, Platform

from .candidate import Candidate
from .classify import without_unit
from .grouping import capital, spoken
from .heard import words
from .suggestions.units import SPELLINGS
from .suggestions.words import VAGUE

_QUANTITIES: Final = ("current", "power", "voltage")
"""What a unit in a key says, and a name should too."""
_MAIN: Final = (Platform.SWITCH, Platform.LIGHT, Platform.COVER)
_TYPE: Final = re.compile(r"[A-Z]+\d[A-Z0-9]*")
"""A chip, which has no words."""


def names_of(
    candidates: Sequence[Candidate], set_by: Sequence[dict[str, Any] | None]
) -> list[str | None]:
    """Return a name for each: as short as it can be without being another one's."""
    switches = [
        index
        for index, command in enumerate(set_by)
        if command is not None and command[CONF_PLATFORM] in _MAIN
    ]
    # What a device is for has the device's name.
    main = switches[0] if len(switches) == 1 else None
    if main is not None and not _is_main(candidates[main]):
        main = None
    lengths = [shortest(candidate) for candidate in candidates]
    while True:
        names = [
            None if index == main else name_of(candidate, length)
            for index, (candidate, length) in enumerate(
                zip(candidates, lengths, strict=True)
            )
        ]
        again = False
        for index, name in enumerate(names):
            if (
                name is not None
                and names.count(name) > 1
                and lengths[index] < len(candidates[index].parts)
            ):
                lengths[index] += 1
                again = True
                # A number alone is no beginning. More parts than there are is all.
                if candidates[index].parts[-lengths[index]].isdigit():
                    lengths[index] += 1
        if not again:
            break
    for index, candidate in enumerate(candidates):
        if candidate.meta is not None and candidate.meta.name:
            names[index] = candidate.meta.name
    return names


def _is_main(candidate: Candidate) -> bool:
    named = [part for part in candidate.parts if not part.isdigit()]
    text = words(named[-1]) if named else "state"
    return text in ("state", "output", "power", "relay")


def shortest(candidate: Candidate) -> int:
    """Return how many of the last parts say something together."""
    parts = candidate.parts
    length = 1
    rule = candidate.kind.rule
    if rule is not None and rule.device_class == words(parts[-1] if parts else ""):
        return length
    while length < len(parts) and all(
        word in VAGUE or word.isdigit() or len(word) == 1
        for part in parts[len(parts) - length :]
        for word in words(part).split()
    ):
        length += 1
    return length


def name_of(candidate: Candidate, length: int) -> str | None:
    """Return the last parts as a name; None for a device's only value."""
    found: list[str] = []
    without = False
    for part in candidate.parts[-length:] if candidate.parts else ():
        whole = words(part)
        text = without_unit(whole, candidate.kind.unit)
        is_unit = SPELLINGS.get(whole) == candidate.kind.unit is not None
        without = without or text != whole or is_unit
        if found and (is_unit or (text != whole and len(text) == 1)):
            continue  # "V", "tC": the unit, or the quantity's letter with it
        text = part if _TYPE.fullmatch(part) else spoken(text)
        if text and (not found or found[-1] != text):
            found.append(text)
    if len(found) > 1 and found[0].isdigit():
        found = [*found[1:], found[0]]
    name = " ".join(found)
    rule = candidate.kind.rule
    quantity = None if rule is None else rule.device_class
    if without and quantity in _QUANTITIES and quantity not in name:
        name = f"{name} {quantity}"
    if rule is not None and rule.inverted:
        name = name.removesuffix(" ok")
    name = name.removeprefix(f"{spoken(candidate.place.title)} ")
    return capital(name) or None
