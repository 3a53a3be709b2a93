"""A heard value, and where it belongs: what names and entity configs are made of."""

from dataclasses import dataclass

from .classify import Kind
from .grouping import Place
from .heard import Value
from .homie import Property


@dataclass(slots=True, kw_only=True)
class Candidate:
    """A value on its way to a proposal."""

    topic: str
    value: Value
    place: Place
    kind: Kind
    meta: Property | None
    parts: tuple[str, ...]
