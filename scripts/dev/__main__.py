"""The command line of scripts/develop."""

import argparse
import asyncio
import json
from pathlib import Path
import signal
import sys
import time

from .devices import TOPICS
from .processes import StackError
from .seed import PASSWORD, TOKEN_FILE, USER
from .stack import Stack, run_until

ROOT = Path(__file__).parents[2]
_BEGIN = time.monotonic()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/develop",
        description="Run Home Assistant with this integration, a broker and simulated "
        "devices until Ctrl-C.",
    )
    add = parser.add_argument
    any_port = "(0: any; default: %s, or any if that is taken)"
    add("--port", type=int, help="Home Assistant's port " + any_port % 8123)
    add("--mqtt-port", type=int, help="the broker's plain port " + any_port % 1883)
    add("--ws-port", type=int, help="the broker's WebSocket port " + any_port % 9001)
    add("--broker", choices=("auto", "mosquitto", "amqtt"), default="auto")
    add("--config", type=Path, default=ROOT / ".develop", help="configuration folder")
    add("--fresh", action="store_true", help="forget everything of earlier runs")
    add("--no-devices", action="store_true", help="simulate no devices")
    add("--no-entry", action="store_true", help="add no config entry for the broker")
    add(
        "--exit-when-ready",
        action="store_true",
        help="start, stop, and say if it worked",
    )
    add(
        "--json",
        action="store_true",
        help="say where everything is in one line of JSON",
    )
    return parser.parse_args()


def _say(text: str) -> None:
    """Speak to the terminal; standard output is for the result."""
    seconds = time.monotonic() - _BEGIN
    print(f"[{seconds:5.1f} s] {text}", file=sys.stderr, flush=True)


def _show(stack: Stack, as_json: bool) -> None:
    if as_json:
        where = {
            "url": stack.url,
            "token": stack.token,
            "mqtt_url": stack.mqtt_url,
            "ws_url": stack.ws_url,
            "config": str(stack.config),
        }
        print(json.dumps(where), flush=True)
        return
    topics = "\n                   ".join(TOPICS if stack.devices else ("none",))
    print(
        f"""
  Home Assistant   {stack.url}   user {USER}, password {PASSWORD}
  Broker           {stack.ws_url}   {stack.mqtt_url}
  Topics           {topics}
  Logs             {stack.log_folder}
  Access token     {stack.config / TOKEN_FILE}

  Edits of the integration count after a restart of Home Assistant. Ctrl-C ends all.
""",
        flush=True,
    )


async def _main(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()
    assert main is not None
    # While things start there is nobody who looks at the event.
    starting = True

    def on_signal() -> None:
        stop.set()
        if starting:
            main.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, on_signal)
    async with Stack(
        config=options.config.resolve(),
        port=options.port,
        mqtt_port=options.mqtt_port,
        ws_port=options.ws_port,
        broker=options.broker,
        fresh=options.fresh,
        devices=not options.no_devices,
        entry=not options.no_entry,
        say=_say,
    ) as stack:
        starting = False
        _show(stack, options.json)
        if not options.exit_when_ready:
            await run_until(stop, stack)


def main() -> int:
    """Run; return the exit code."""
    try:
        asyncio.run(_main(_options()))
    except StackError as err:
        _say(str(err))
        return 1
    except asyncio.CancelledError:
        _say("stopped while starting")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
