"""A path to a value within JSON, as people write it: battery.level, items[0].name."""

from dataclasses import dataclass
import re
from typing import Any, Final, Self

_STEP: Final = re.compile(
    r"""
    \.?(?P<name>[^.\[\]"']+)            # .name, or name at the beginning
    | \[(?P<index>-?\d+)\]              # [0], [-1] is the last one
    | \[(?P<quote>["'])(?P<quoted>.*?)(?P=quote)\]   # ["a name with dots"]
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path of names and positions. An empty one is the whole document."""

    steps: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the path that a text stands for, with or without ``$`` before it.

        Raises ValueError.
        """
        rest = text.strip().removeprefix("$")
        steps: list[str | int] = []
        position = 0
        while position < len(rest):
            found = _STEP.match(rest, position)
            if found is None or (steps and rest[position] not in ".["):
                raise ValueError(f"can't be read from {rest[position:]!r} on")
            index = found["index"]
            if index is not None:
                steps.append(int(index))
            else:
                name = found["name"]
                steps.append(found["quoted"] if name is None else name)
            position = found.end()
        return cls(tuple(steps))

    def find(self, document: Any) -> Any:
        """Return the value at the path. Raises LookupError if there is none."""
        value = document
        for step in self.steps:
            match value:
                case dict():
                    value = value[str(step)]
                case list():
                    try:
                        value = value[int(step)]  # items.0 means items[0]
                    except ValueError as err:
                        raise LookupError(step) from err
                case _:
                    raise LookupError(step)
        return value
