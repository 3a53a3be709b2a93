"""scripts/develop brings up a Home Assistant that a developer can use at once."""

from pathlib import Path
import urllib.request

import pytest

from .support.stack import running_stack


@pytest.mark.usefixtures("socket_enabled")
def test_everything_comes_up(tmp_path: Path) -> None:
    """The frontend answers, the entry is loaded, nobody logs an error."""
    with running_stack(tmp_path / "config") as stack:
        with urllib.request.urlopen(stack.url, timeout=30) as page:
            assert b"<home-assistant>" in page.read()
        path = "config/config_entries/entry?domain=mqtt_websocket"
        (entry,) = stack.call("GET", path)
        assert entry["state"] == "loaded"
        errors = [line for line in stack.log.splitlines() if " ERROR " in line]
        assert errors == []
