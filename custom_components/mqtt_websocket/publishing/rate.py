"""How much may happen in a time."""


class Rate:
    """A bucket that fills: so many at once, then so many a second.

    ``now`` is in seconds, of any clock that goes forward only.
    """

    __slots__ = ("_a_second", "_at_once", "_left", "_since")

    def __init__(self, at_once: int, a_second: float, now: float) -> None:
        """Begin with a full bucket."""
        self._at_once = at_once
        self._a_second = a_second
        self._left = float(at_once)
        self._since = now

    def take(self, now: float) -> bool:
        """Return whether one more may happen now."""
        filled = self._left + (now - self._since) * self._a_second
        self._left = min(self._at_once, filled)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def is_full(self, now: float) -> bool:
        """Whether nothing is left of what happened."""
        return self._left + (now - self._since) * self._a_second >= self._at_once
