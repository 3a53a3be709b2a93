"""WebSocket pings of our own (RFC 6455 section 5.5.2), after a time of silence.

aiohttp's heartbeat blames the server when our own event loop was held, or when we did
not read because Home Assistant could not keep up. This one does not.
"""

import asyncio
import contextlib
from typing import Final

import aiohttp

from .errors import KeepaliveLost
from .pipe import Pipe

# Half the interval, in short waits: a loop that is held uses up one of them at most.
_LOOKS: Final = 5


async def keep_pinging(pipe: Pipe, seconds: float) -> None:
    """End the pipe with KeepaliveLost if a ping stays unanswered.

    Anything that comes is an answer. A server that is gone is found within 1.5 times
    ``seconds``.
    """
    while True:
        seen = pipe.frames
        await asyncio.sleep(seconds)
        if pipe.frames != seen or pipe.held:
            continue
        try:
            # A ping waits only if what was written before does not get through either.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds / 2):
                    await pipe.ping()
        except aiohttp.ClientError, OSError:
            return  # the pipe ends by itself
        for _ in range(_LOOKS):
            await asyncio.sleep(seconds / 2 / _LOOKS)
            if pipe.frames != seen:
                break
        else:
            pipe.give_up(KeepaliveLost(seconds=f"{seconds * 1.5:g}"))
            return
