"""How often something may happen, for each of many keys, by a clock that nobody can set: `time.monotonic`.

The libraries for this count by the time of day: set back by an hour, a limit of a minute would hold for an hour.
"""

from collections import OrderedDict, deque
from time import monotonic
from typing import NamedTuple

# Whoever comes under ever new keys is not to fill the memory: the key that was used least lately goes first.
MOST_KEYS = 50_000


class Rate(NamedTuple):
    """So many within any so many seconds."""

    amount: int
    per_s: int


class RateLimit:
    """Holds each key to a rate. What is refused is not counted."""

    def __init__(self, rate: Rate) -> None:
        self.amount, self.per_s = rate
        # The times of the hits of each key, the oldest first; the key that was hit last is the last.
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()

    def hit(self, key: str = "") -> bool:
        """Count one more, if it may be."""
        if not self.test(key):
            return False
        self._hits.setdefault(key, deque()).append(monotonic())
        self._hits.move_to_end(key)
        if len(self._hits) > MOST_KEYS:
            self._hits.popitem(last=False)
        return True

    def test(self, key: str = "") -> bool:
        """Whether one more may be; counts nothing."""
        return len(self._recent(key)) < self.amount

    def wait_s(self, key: str = "") -> float:
        """Until one more may be."""
        hits = self._recent(key)
        return 0.0 if len(hits) < self.amount else max(0.0, hits[0] + self.per_s - monotonic())

    def _recent(self, key: str) -> deque[float]:
        oldest = monotonic() - self.per_s
        # Of these keys there is nothing left to count.
        while self._hits and next(iter(self._hits.values()))[-1] <= oldest:
            self._hits.popitem(last=False)
        hits = self._hits.get(key, deque())
        while hits and hits[0] <= oldest:
            hits.popleft()
        return hits
