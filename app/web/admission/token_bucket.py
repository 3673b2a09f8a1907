"""A rate with a burst: so much at once, and then so much a second."""


class TokenBucket:
    """Starts full with `burst` tokens and gains `per_s` of them a second, up to `burst`."""

    __slots__ = ("_at", "_burst", "_left", "_per_s")

    def __init__(self, burst: float, per_s: float, now: float) -> None:
        self._burst, self._per_s = burst, per_s
        self._left, self._at = burst, now

    def take(self, tokens: float, now: float) -> bool:
        """Whether there are so many; they are gone then. `now` is in seconds, by a clock that only goes forward."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if tokens > self._left:
            return False
        self._left -= tokens
        return True
