"""An end to templates and patterns of strangers that keep the event loop for seconds.

What loops in a template, or in a C function that it calls (a regular expression, a
sort, a long multiplication), is ended by the signal of a timer. The timer counts CPU
time, so that a busy machine is not mistaken for a long template. It costs a microsecond.
"""

import signal
import time
from types import FrameType
from typing import Final

SECONDS: Final = 0.25
"""CPU time that one of them may take, with its compilation."""
_AGAIN: Final = 0.05


class TookTooLong(BaseException):
    """Raised wherever the work is when its time is up.

    No Exception, since filters catch some of those to return a default.
    """


class Deadline:
    """Ends what runs in its context after SECONDS of CPU time, with TookTooLong.

    Nothing happens outside of the main thread.
    """

    def __init__(self) -> None:
        """Prepare; the signal is taken when it is needed first."""
        self._usable: bool | None = None
        self._armed = False
        self._started = 0.0

    def __enter__(self) -> None:
        """Begin to count. Must not be nested."""
        if self._usable is None:
            self._usable = self._take_signal()
        if self._usable:
            self._started = time.thread_time()
            self._armed = True
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS, _AGAIN)

    def __exit__(self, *_: object) -> None:
        """Stop counting."""
        if self._usable:
            self._armed = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _take_signal(self) -> bool:
        try:
            if signal.getsignal(signal.SIGVTALRM) is not signal.SIG_DFL:
                return False  # somebody else's
            signal.signal(signal.SIGVTALRM, self._time_is_up)
        except ValueError:
            return False  # not the main thread
        return True

    def _time_is_up(self, _signum: int, _frame: FrameType | None) -> None:
        # The timer counts the time of all threads, and it may be late.
        if self._armed and time.thread_time() - self._started >= SECONDS:
            self.__exit__()
            raise TookTooLong


DEADLINE: Final = Deadline()
