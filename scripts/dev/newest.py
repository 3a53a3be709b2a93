"""Run the smoke run in another Python, on a broker: `python -m scripts.dev.newest PYTHON`.

The broker belongs to this Python, which has one even where Mosquitto is not installed.
"""

import asyncio
from pathlib import Path
import sys
import tempfile
from typing import Final

from .broker import running_broker
from .processes import HOST, StackError, choose_port

_TIMEOUT: Final = 300.0


async def _main(python: str) -> int:
    """Return the exit code of the smoke run."""
    mqtt_port, ws_port = choose_port(0, 0), choose_port(0, 0)
    with tempfile.TemporaryDirectory() as folder:
        async with running_broker("auto", mqtt_port, ws_port, Path(folder)):
            process = await asyncio.create_subprocess_exec(
                python,
                "-m",
                "scripts.dev.smoke",
                f"ws://{HOST}:{ws_port}/",
                f"{mqtt_port}",
            )
            try:
                async with asyncio.timeout(_TIMEOUT):
                    return await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
                raise StackError(f"the run took longer than {_TIMEOUT:.0f} s") from None


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(_main(sys.argv[1])))
    except StackError as error:
        sys.exit(f"newest: {error}")
