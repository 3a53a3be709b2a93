"""Cases: what is announced, and what happens then."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from ..support.peer import Payload
from .world import PREFIX, Before, World

__all__ = [
    "Announce",
    "Announced",
    "Automate",
    "Before",
    "Case",
    "Do",
    "Elapse",
    "Say",
    "Step",
]

type Announced = dict[str, Payload]
"""Payloads by topic, below the discovery prefix, without ``/config``."""


class Step(Protocol):
    """Something that happens in a world; the harness waits for the end of it."""

    async def __call__(self, world: World) -> None:
        """Make it happen."""


@dataclass(frozen=True)
class Say:
    """A device says something."""

    topic: str
    payload: Payload
    retain: bool = False
    qos: int = 1

    async def __call__(self, world: World) -> None:
        """Publish."""
        await world.say(self.topic, self.payload, retain=self.retain, qos=self.qos)


@dataclass(frozen=True)
class Announce:
    """More is announced, or the same anew. The payload "" withdraws."""

    announced: Announced

    async def __call__(self, world: World) -> None:
        """Publish, retained."""
        for topic, payload in self.announced.items():
            await world.say(f"{PREFIX}/{topic}/config", payload, retain=True)
            if len(self.announced) > 1:
                # Core loads platforms side by side, and takes first what is first ready.
                await world.settled()


@dataclass(frozen=True, init=False)
class Do:
    """A person does something."""

    service: str
    entity_id: str | None
    data: dict[str, Any]

    def __init__(self, service: str, entity_id: str | None = None, **data: Any) -> None:
        """Name a service of the entity's domain, or ``domain.service``."""
        object.__setattr__(self, "service", service)
        object.__setattr__(self, "entity_id", entity_id)
        object.__setattr__(self, "data", data)

    async def __call__(self, world: World) -> None:
        """Call the action; what it raises is a part of what is compared."""
        await world.do(self.service, self.entity_id, self.data)


@dataclass(frozen=True)
class Automate:
    """A person makes an automation with a trigger of a device."""

    kind: str
    subtype: str
    identifier: str = "dev"

    async def __call__(self, world: World) -> None:
        """Attach it, for the rest of the story."""
        await world.automate(self.identifier, self.kind, self.subtype)


@dataclass(frozen=True)
class Elapse:
    """Time passes, for timers only."""

    seconds: float

    async def __call__(self, world: World) -> None:
        """Fire the timers that are due by then."""
        world.elapse(self.seconds)


@dataclass(frozen=True, init=False)
class Case:
    """One story, told to both worlds."""

    name: str
    announced: Announced
    steps: tuple[Step, ...]
    restored: tuple[Before, ...]
    refused: bool

    def __init__(
        self,
        name: str,
        announced: Announced,
        *steps: Step,
        restored: Iterable[Before] = (),
        refused: bool = False,
    ) -> None:
        """Tell a story. ``refused``: nothing may come out of it."""
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "announced", announced)
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "restored", tuple(restored))
        object.__setattr__(self, "refused", refused)


DEVICE = {"identifiers": ["dev"], "name": "Device"}


def announce(platform: str, object_id: str = "it", /, **config: Any) -> Announced:
    """Return the announcement of one component; ``...`` leaves out what is usual."""
    payload = {"name": "It", "unique_id": object_id, "device": DEVICE, **config}
    return {f"{platform}/{object_id}": _said(payload)}


def announce_device(
    components: dict[str, dict[str, Any]], object_id: str = "dev", /, **shared: Any
) -> Announced:
    """Return a device announcement."""
    payload = {
        "device": DEVICE,
        "origin": {"name": "parity"},
        "components": components,
        **shared,
    }
    return {f"device/{object_id}": _said(payload)}


def _said(payload: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if value is not ...}
