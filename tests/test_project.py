"""The files around the integration agree with each other and with what is installed."""

from importlib.metadata import version
import json
from pathlib import Path
import tomllib
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version
from PIL import Image
import pytest

from scripts.dev.coverage_floor import too_low
from scripts.dev.requirements import requirements

ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components" / "mqtt_websocket"
# Core pins versions of these that have no wheels for Python 3.14.
NEWER_THAN_PINNED = {"pymicro-vad", "pyspeex-noise"}


@pytest.fixture(name="project")
def read_project() -> dict[str, Any]:
    """Return the content of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(name="manifest")
def read_manifest() -> dict[str, Any]:
    """Return the integration's manifest."""
    manifest: dict[str, Any] = json.loads((INTEGRATION / "manifest.json").read_text())
    return manifest


def test_develop_group_is_what_home_assistant_needs() -> None:
    """Home Assistant starts without pip, so all that it would install is installed."""
    for line in requirements():
        needed = Requirement(line)
        if needed.name in NEWER_THAN_PINNED:
            assert Version(version(needed.name)).major >= 2
        else:
            assert needed.specifier.contains(version(needed.name)), line


def test_versions_agree(project: dict[str, Any], manifest: dict[str, Any]) -> None:
    """One version of the project, and one of each library."""
    assert project["project"]["version"] == manifest["version"]
    assert set(manifest["requirements"]) <= set(project["dependency-groups"]["test"])


def test_hacs(manifest: dict[str, Any]) -> None:
    """HACS finds what it needs, and nothing that it refuses."""
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs == {
        "name": manifest["name"],
        "filename": f"{manifest['domain']}.zip",
        "hide_default_branch": True,
        "homeassistant": "2026.10.0",
        "zip_release": True,
    }
    assert {
        "codeowners",
        "documentation",
        "domain",
        "issue_tracker",
        "name",
        "version",
    } <= manifest.keys()
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")


def test_manifest_is_sorted(manifest: dict[str, Any]) -> None:
    """Hassfest wants the domain and the name first, the rest in order."""
    keys = list(manifest)
    assert keys == ["domain", "name", *sorted(keys[2:])]


@pytest.mark.parametrize("theme", ["", "dark_"])
def test_brand(theme: str) -> None:
    """The images have the sizes that Home Assistant asks for."""
    for suffix, side in ("", 256), ("@2x", 512):
        with Image.open(INTEGRATION / "brand" / f"{theme}icon{suffix}.png") as icon:
            assert icon.size == (side, side)
        with Image.open(INTEGRATION / "brand" / f"{theme}logo{suffix}.png") as logo:
            assert side / 2 <= min(logo.size) <= side


def test_top_level_holds_nothing_else() -> None:
    """A visitor finds the way: few files, each with a reason."""
    allowed = {
        "LICENSE",
        "README.md",
        "custom_components",
        "docs",
        "hacs.json",
        "pyproject.toml",
        "scripts",
        "tests",
    }
    ignored = (ROOT / ".gitignore").read_text().split()
    found = {
        path.name
        for path in ROOT.iterdir()
        if not path.name.startswith(".") and f"/{path.name}" not in ignored
    }
    assert found <= allowed


def test_coverage_floor() -> None:
    """A flow is tested as a whole, a module nearly so, however small it is."""
    inside = "custom_components/mqtt_websocket"
    assert too_low(
        [
            (f"{inside}/config_flow.py", 99.9, 1),
            (f"{inside}/subentry_flow/forms/sensor.py", 100.0, 0),
            (f"{inside}/subentry_flow/device.py", 99.0, 2),
            (f"{inside}/broker/pipe.py", 97.0, 9),
            (f"{inside}/broker/session.py", 96.9, 9),
            (f"{inside}/broker/heartbeat.py", 90.0, 2),
            (f"{inside}/sensor.py", 96.9, 3),
        ]
    ) == [
        f"{inside}/config_flow.py: 99.9 %, at least 100 % wanted",
        f"{inside}/subentry_flow/device.py: 99.0 %, at least 100 % wanted",
        f"{inside}/broker/session.py: 96.9 %, at least 97 % wanted",
        f"{inside}/sensor.py: 96.9 %, at least 97 % wanted",
    ]
