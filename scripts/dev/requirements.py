"""What Home Assistant would install when it starts with the stack's configuration.

`python -m scripts.dev.requirements` prints it for the installed version: the packages of
the group "develop" in pyproject.toml, which have to be there as it starts without pip.
"""

import json
from pathlib import Path
from typing import Any

import homeassistant
from homeassistant.auth.mfa_modules import totp
from homeassistant.bootstrap import DEFAULT_INTEGRATIONS
from homeassistant.const import BASE_PLATFORMS

_COMPONENTS = Path(homeassistant.__file__).parent / "components"
# Named in the stack's configuration; mqtt is core's own, for comparisons.
_CONFIGURED = {"config", "frontend", "history", "logbook", "mqtt"}
# What an integration needs that can be discovered in these ways.
_DISCOVERY = {
    "dhcp": ("dhcp",),
    "mqtt": ("mqtt",),
    "ssdp": ("ssdp",),
    "zeroconf": ("zeroconf", "homekit"),
}


def _manifest(domain: str) -> dict[str, Any]:
    path = _COMPONENTS / domain / "manifest.json"
    manifest: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return manifest


def requirements() -> set[str]:
    """Return what the integrations and all that they depend on name, pinned."""
    # Login with a one-time password is no integration.
    found = set(totp.REQUIREMENTS)
    # Two platforms are not loaded before something uses them.
    domains = (set(BASE_PLATFORMS) - {"calendar", "todo"}) | set(DEFAULT_INTEGRATIONS)
    todo = domains | _CONFIGURED
    seen: set[str] = set()
    while todo:
        domain = todo.pop()
        seen.add(domain)
        manifest = _manifest(domain)
        found.update(manifest.get("requirements", ()))
        todo.update(manifest.get("dependencies", ()))
        todo.update(manifest.get("after_dependencies", ()))
        for helper, keys in _DISCOVERY.items():
            if any(key in manifest for key in keys):
                todo.add(helper)
        todo -= seen
    return found


if __name__ == "__main__":
    print("\n".join(sorted(requirements(), key=str.lower)))
