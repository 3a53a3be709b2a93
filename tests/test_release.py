"""What a release consists of: the zip for HACS, and the source archive of the tag."""

import json
from pathlib import Path
import zipfile

import pytest

from scripts.dev.package import PackageError, package, version_of

from .support.hassfest import INTEGRATION, MANIFEST

_ROOT = Path(__file__).parents[1]


def test_zip(tmp_path: Path) -> None:
    """All files of the integration stand at its root, the manifest with the version."""
    path = tmp_path / "mqtt_websocket.zip"
    package(version_of("v12.3.4"), path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        # Who unpacks it by hand need not be the user that Home Assistant runs as.
        assert {each.external_attr >> 16 for each in archive.infolist()} == {0o100644}
        manifest = json.loads(archive.read("manifest.json"))
        for name in names - {"manifest.json"}:
            assert archive.read(name) == (INTEGRATION / name).read_bytes()
    own = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))
    assert names == {
        path.relative_to(INTEGRATION).as_posix()
        for path in INTEGRATION.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"__init__.py", "translations/en.json", "brand/icon.png"} <= names
    assert manifest == {**own, "version": "12.3.4"}
    assert list(manifest) == list(own)
    MANIFEST(manifest)


def test_zip_is_reproducible(tmp_path: Path) -> None:
    """Whoever packs the same tag gets the same bytes."""
    for name in ("a.zip", "b.zip"):
        package("1.0.0", tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize(
    ("tag", "version"),
    [("v1.2.3", "1.2.3"), ("1.2.3", "1.2.3"), ("v1.2.3b1", "1.2.3b1")],
)
def test_tags(tag: str, version: str) -> None:
    """A tag may begin with a v; a version that hassfest takes comes out."""
    assert version_of(tag) == version
    own = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))
    MANIFEST({**own, "version": version})


@pytest.mark.parametrize("tag", ["", "v1", "latest", "1.2.3; rm -rf /", "v1.2.3.4.5"])
def test_bad_tags(tag: str) -> None:
    """A release with such a tag fails before anything is uploaded."""
    with pytest.raises(PackageError):
        version_of(tag)


def test_the_workflow_packs_so() -> None:
    """The release uses what is tested here, under the name that hacs.json promises."""
    workflow = (_ROOT / ".github/workflows/release.yml").read_text("utf-8")
    name = json.loads((_ROOT / "hacs.json").read_text("utf-8"))["filename"]
    assert f'scripts.dev.package "$TAG" {name}' in workflow
    assert f'gh release upload "$TAG" {name}' in workflow


def test_the_source_archive_is_complete() -> None:
    """The Marketplace may install from the tag itself: nothing is left out of it."""
    attributes = (_ROOT / ".gitattributes").read_text("utf-8").splitlines()
    rules = [line for line in attributes if not line.startswith("#")]
    assert not [rule for rule in rules if "export-ignore" in rule]
