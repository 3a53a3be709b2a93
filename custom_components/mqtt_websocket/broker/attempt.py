"""One attempt at a connection: with the newest version of MQTT that the broker takes."""

import asyncio

import aiohttp

from .errors import (
    ClosedBeforeConnack,
    ConnackTimedOut,
    NotMqtt,
    ProtocolUnsupported,
    TimedOut,
)
from .message import MessageHandler
from .session import Session
from .settings import Settings


def _protocols(settings: Settings, known: str | None) -> tuple[str, ...]:
    """Return the versions of MQTT to try, in order."""
    if settings.protocol != "auto":
        return (settings.protocol,)
    return ("3.1.1", "5") if known == "3.1.1" else ("5", "3.1.1")


async def open_session(
    http: aiohttp.ClientSession,
    settings: Settings,
    client_id: str,
    handler: MessageHandler,
    known: str | None = None,
    *,
    hold: bool = False,
) -> Session:
    """Return an open session with the first version of MQTT that the broker takes.

    ``known`` is the version that it took before. The deadline is one for all versions.
    """
    deadline = asyncio.get_running_loop().time() + settings.timeout
    *others, last = _protocols(settings, known)
    silent: ConnackTimedOut | None = None
    refused: ProtocolUnsupported | None = None
    for protocol in others:
        session = Session(http, settings, protocol, client_id, handler, hold=hold)
        try:
            await session.open(deadline, patience=1 if protocol == known else 0.5)
        except ProtocolUnsupported as err:
            refused = err
            continue
        except ClosedBeforeConnack:
            # Brokers without MQTT 5 hang up, if they don't say so. One that is going
            # down hangs up as well, and must not be taken for one of them.
            if protocol == known:
                raise
            continue
        except ConnackTimedOut as err:
            # Some even wait for the rest of a CONNECT that they take for shorter.
            if protocol == known:
                raise
            silent = err
            continue
        return session
    session = Session(http, settings, last, client_id, handler, hold=hold)
    try:
        await session.open(deadline)
    except TimedOut as err:
        # How far the second attempt came in what was left of the time says nothing.
        raise silent or err from None
    except NotMqtt as err:
        # An answer that could be understood says more.
        raise refused or err from None
    return session
