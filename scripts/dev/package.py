"""Pack the integration for a release: `python3 -m scripts.dev.package TAG ZIP`.

HACS and the Marketplace unpack the zip into custom_components/mqtt_websocket, so its
files stand at the root; the manifest in it has the tag's version. Needs only a Python,
also an older one than the integration's.
"""

import json
from pathlib import Path
import re
import sys
import zipfile

_INTEGRATION = Path(__file__).parents[2] / "custom_components" / "mqtt_websocket"
_VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc|-(alpha|beta|rc)\.?)\d+)?")


class PackageError(Exception):
    """The tag is of no use; the message says why."""


def version_of(tag: str) -> str:
    """Return the version that a tag stands for: "v1.2.3" and "1.2.3" are the same.

    Raises PackageError.
    """
    version = tag.removeprefix("v")
    if not _VERSION.fullmatch(version):
        raise PackageError(f"{tag} is no tag like v1.2.3 or v1.2.3b1")
    return version


def package(version: str, path: Path) -> None:
    """Write the zip. The same files and version give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sorted(_INTEGRATION.rglob("*")):
            if source.is_dir() or source.suffix == ".pyc":
                continue
            content = source.read_bytes()
            name = source.relative_to(_INTEGRATION).as_posix()
            if name == "manifest.json":
                manifest = {**json.loads(content), "version": version}
                content = f"{json.dumps(manifest, indent=2)}\n".encode()
            entry = zipfile.ZipInfo(name)
            # Else `unzip` makes files that only its user can read, which need not be
            # Home Assistant's.
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    try:
        package(version_of(sys.argv[1]), Path(sys.argv[2]))
    except PackageError as error:
        sys.exit(f"package: {error}")
