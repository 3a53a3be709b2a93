"""Config flows over REST, for what is not seen in the browser."""

from typing import Any, Final

from tests.support.stack import RunningStack

DOMAIN: Final = "mqtt_websocket"


def run_flow(stack: RunningStack, kind: str, first: Any, *steps: Any) -> dict[str, Any]:
    """Run a flow over REST and return its end."""
    path = f"config/config_entries/{kind}"
    flow: dict[str, Any] = stack.call("POST", path, first)
    for step in steps:
        flow = stack.call("POST", f"{path}/{flow['flow_id']}", step)
    assert flow["type"] == "create_entry", flow
    return flow


def broker_entry_id(stack: RunningStack) -> str:
    """Return the entry of the broker, which is added if it is not there yet."""
    entries = stack.call("GET", f"config/config_entries/entry?domain={DOMAIN}")
    if entries:
        entry_id: str = entries[0]["entry_id"]
    else:
        flow = run_flow(stack, "flow", {"handler": DOMAIN}, {"url": stack.ws_url})
        entry_id = flow["result"]["entry_id"]
    return entry_id
