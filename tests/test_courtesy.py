"""A flood of messages, and what else Home Assistant has to do."""

import asyncio
from collections.abc import Iterator
from itertools import chain, repeat
import time

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.courtesy import async_give_way

from .conftest import AddEntry
from .support.peer import Peer


class RecorderBehind:
    """A recorder, as far as this integration looks at it."""

    def __init__(self, backlogs: Iterator[int]) -> None:
        """Be so many states behind, each time that somebody asks."""
        self._backlogs = backlogs
        self.asked = 0
        self.last = 0

    @property
    def backlog(self) -> int:
        """How many states wait to be written."""
        self.asked += 1
        self.last = next(self._backlogs)
        return self.last


def _turns(hass: HomeAssistant) -> list[int]:
    """Return a list that grows by one with each turn of the event loop."""
    turns: list[int] = []

    def note() -> None:
        turns.append(len(turns))
        if len(turns) < 10_000:
            hass.loop.call_soon(note)

    hass.loop.call_soon(note)
    return turns


@pytest.mark.parametrize("backlogs", [None, [0], [2_000]])
async def test_no_recorder_or_one_that_keeps_up_costs_one_turn(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    backlogs: list[int] | None,
) -> None:
    """Everything else has its turn, and messages go on."""
    if backlogs is not None:
        recorder = RecorderBehind(iter(backlogs))
        monkeypatch.setitem(hass.data, DATA_INSTANCE, recorder)
    turns = _turns(hass)
    await async_give_way(hass)
    assert turns == [0]


async def test_a_recorder_far_behind_is_waited_for(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would stop recording at 65,000."""
    backlogs = [30_000, 25_000, 25_000, 31_000, 18_000, 2_001, 1_900]
    recorder = RecorderBehind(iter(backlogs))
    monkeypatch.setitem(hass.data, DATA_INSTANCE, recorder)
    await async_give_way(hass)
    assert recorder.asked == len(backlogs)


async def test_a_recorder_that_is_stuck_is_not_waited_for(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup may lock the database for minutes."""
    recorder = RecorderBehind(chain([30_000, 29_999], repeat(29_999)))
    monkeypatch.setitem(hass.data, DATA_INSTANCE, recorder)
    async with asyncio.timeout(10):
        await async_give_way(hass)
    assert recorder.asked > 2


async def test_messages_wait_for_the_recorder(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    add_entry: AddEntry,
    peer: Peer,
) -> None:
    """What is not read yet stays with the broker."""
    broker = (await add_entry()).runtime_data.broker
    recorder = RecorderBehind(iter(range(30_000, 0, -1000)))
    behind: list[int] = []
    done = asyncio.Event()

    def work(message: Message) -> None:
        time.sleep(0.006)  # more than one turn's worth of work
        behind.append(recorder.last)
        if message.payload == b"1":
            done.set()

    broker.subscribe("work", work)
    await broker.settled()
    monkeypatch.setitem(hass.data, DATA_INSTANCE, recorder)
    for number in range(2):
        await peer.publish("work", str(number), qos=1)
    async with asyncio.timeout(10):
        await done.wait()
    assert behind == [0, 2_000]
