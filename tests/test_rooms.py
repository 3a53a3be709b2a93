"""Who may know whom: what the rooms of the integration import of each other."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
import sys
from typing import NamedTuple

from custom_components.mqtt_websocket import PLATFORMS

INTEGRATION = Path(__file__).parents[1] / "custom_components" / "mqtt_websocket"

ENTITIES = {
    *PLATFORMS,
    "attributes",
    "availability",
    "control",
    "entity",
    "expiry",
    "publishing_sensors",
    "single",
}
FLOWS = {"broker_form", "config_flow", "options_flow", "selectors", "subentry_flow"}


class Import(NamedTuple):
    """A name that a module imports, ``of`` a module of ours if ``ours``."""

    by: str
    of: str
    name: str
    ours: bool

    @property
    def room(self) -> str:
        """The top-level module or package that it comes from."""
        return self.of.partition(".")[0]


def _module(path: Path) -> str:
    """Return a module's name within the integration; "" for the integration itself."""
    parts = path.relative_to(INTEGRATION).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _modules() -> dict[str, Path]:
    return {_module(path): path for path in INTEGRATION.rglob("*.py")}


def _imports_of(module: str) -> Iterator[Import]:
    path = _modules()[module]
    package = path.parent.relative_to(INTEGRATION).parts
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                yield from (Import(module, each.name, "", False) for each in names)
            case ast.ImportFrom(module=str(of), names=names, level=0):
                yield from (Import(module, of, each.name, False) for each in names)
            case ast.ImportFrom(module=below, names=names, level=level):
                kept = package[: len(package) - level + 1]
                base = ".".join((*kept, *([below] if below else ())))
                for each in names:
                    whole = f"{base}.{each.name}".lstrip(".")
                    of = whole if whole in _modules() else base
                    yield Import(module, of, each.name, True)


@cache
def _imports() -> tuple[Import, ...]:
    return tuple(each for module in _modules() for each in _imports_of(module))


def _of(*rooms: str) -> list[Import]:
    """Return what rooms import, but for themselves and Python's own modules."""
    return [
        each
        for each in _imports()
        if each.by.partition(".")[0] in rooms
        and each.room not in (rooms if each.ours else sys.stdlib_module_names)
    ]


def test_imports_are_found() -> None:
    """Else the others would find nothing wrong."""
    assert {
        Import("climate", "climate.temperatures", "ClimateTemperatures", True),
        Import("mapping.template", "broker.message", "Message", True),
        Import("publishing", "publishing.publisher", "Publishing", True),
        Import("sensor", "homeassistant.const", "Platform", False),
    } <= set(_imports())


def test_broker_knows_nobody() -> None:
    """It can be lifted out: it needs its libraries, and nothing of Home Assistant."""
    libraries = {"aiohttp", "aiomqtt", "cryptography", "paho", "yarl"}
    assert [
        each for each in _of("broker") if each.ours or each.room not in libraries
    ] == []


def test_mapping_knows_messages_and_topics() -> None:
    """It makes values of bytes: it knows no connection, no entity, no flow."""
    known = {"broker.errors", "broker.message", "broker.topics", "const"}
    assert [
        each
        for each in _of("mapping")
        if (each.ours and each.of not in known)
        or (
            each.of.startswith("homeassistant.components.")
            and each.name.endswith(("Entity", "EntityDescription"))
        )
    ] == []


def test_entities_know_mapping_and_broker() -> None:
    """They take a plan and messages, whichever way these came."""
    known = {
        "bad_payloads",
        "broker",
        "connection",
        "const",
        "mapping",
        "plan",
        "properties",
        "publishing",
        "runtime",
    }
    assert [
        each for each in _of(*ENTITIES) if each.ours and each.room not in known
    ] == []
    assert {each.by for each in _of(*ENTITIES) if each.room == "publishing"} == {
        "publishing_sensors"
    }


def test_nobody_imports_a_flow() -> None:
    """Forms come and go without what runs; nor do they know what runs."""
    assert [
        each
        for each in _imports()
        if each.ours and each.room in FLOWS and each.by.partition(".")[0] not in FLOWS
    ] == []
    known = {"broker", "connection", "const", "mapping", "publishing"}
    assert [each for each in _of(*FLOWS) if each.ours and each.room not in known] == []


def test_nobody_goes_in_circles() -> None:
    """Of two modules at most one knows the other, over however many corners."""
    known: dict[str, set[str]] = {}
    for each in _imports():
        if each.ours:
            known.setdefault(each.by, set()).add(each.of)
    TopologicalSorter(known).prepare()  # raises CycleError
