"""How much may be had or done, for each of many keys, by a clock that cannot be set: `time.monotonic`.

The libraries for this go by the time of day: set back by an hour, a limit of a minute would hold for an hour.
"""

import math
from collections import OrderedDict, deque
from time import monotonic
from typing import NamedTuple

# Ever new keys must not fill the memory: the key that was used longest ago goes first.
MOST_KEYS = 50_000


class Rate(NamedTuple):
    """So many within any so many seconds; without seconds, so many at once."""

    amount: int
    per_s: float = math.inf


class Quota:
    """Holds each key to a rate. What is refused is not counted."""

    def __init__(self, rate: Rate) -> None:
        self.amount, self.per_s = rate
        # The times of the hits of each key, the oldest first; the key that was hit last is the last.
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()

    def hit(self, key: str = "") -> bool:
        """Count one more, if that is allowed."""
        if not self.test(key):
            return False
        self._hits.setdefault(key, deque()).append(monotonic())
        self._hits.move_to_end(key)
        if len(self._hits) > MOST_KEYS:
            self._hits.popitem(last=False)
        return True

    def release(self, key: str = "") -> None:
        """Count one less: it is given back."""
        if hits := self._hits.get(key):
            hits.pop()
            if not hits:
                del self._hits[key]

    def test(self, key: str = "", elsewhere: int = 0) -> bool:
        """Whether one more is allowed, beside so many that are counted elsewhere; counts nothing."""
        return len(self._recent(key)) + elsewhere < self.amount

    @property
    def counts(self) -> dict[str, int]:
        """Of a quota without seconds: how many each key has."""
        return {key: len(hits) for key, hits in self._hits.items()}

    def wait_s(self, key: str = "") -> float:
        """Until one more is allowed."""
        hits = self._recent(key)
        return 0.0 if len(hits) < self.amount else max(0.0, hits[0] + self.per_s - monotonic())

    def _recent(self, key: str) -> deque[float]:
        oldest = monotonic() - self.per_s
        # Nothing is left to count of these keys.
        while self._hits and next(iter(self._hits.values()))[-1] <= oldest:
            self._hits.popitem(last=False)
        hits = self._hits.get(key, deque())
        while hits and hits[0] <= oldest:
            hits.popleft()
        return hits


class TokenBucket:
    """A rate with a burst, of amounts too many to keep the time of each: `burst` at once, then `per_s` a second."""

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
