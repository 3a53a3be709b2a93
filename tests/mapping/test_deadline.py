"""Where templates of strangers can't be ended, they run as they are."""

from collections.abc import Iterator
import signal
import threading
import time

import pytest

from custom_components.mqtt_websocket.mapping.deadline import (
    SECONDS,
    Deadline,
    TookTooLong,
)


@pytest.fixture(autouse=True)
def free_signal() -> Iterator[None]:
    """Let the test find the signal as nobody's."""
    before = signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGVTALRM, before)


def work(seconds: float = 2 * SECONDS) -> None:
    """Use that much CPU time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_it_ends_what_takes_too_long() -> None:
    """And leaves alone what comes after that, and what is short."""
    deadline = Deadline()
    with pytest.raises(TookTooLong), deadline:
        work(60)
    work()
    with deadline:
        work(SECONDS / 10)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_signal_of_somebody_else() -> None:
    """It stays theirs, with its timer; nothing is ended."""
    heard: list[int] = []

    def theirs(signum: int, _frame: object) -> None:
        heard.append(signum)

    signal.signal(signal.SIGVTALRM, theirs)
    deadline = Deadline()
    for _ in range(2):
        with deadline:
            assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
            work()
    assert signal.getsignal(signal.SIGVTALRM) is theirs
    assert not heard


def test_not_in_the_main_thread() -> None:
    """Python has signals in the main thread only: elsewhere nothing is ended."""
    done: list[bool] = []

    def run() -> None:
        with Deadline():
            work()
        done.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done
    assert signal.getsignal(signal.SIGVTALRM) is signal.SIG_DFL
