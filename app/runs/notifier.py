"""Wakes the viewers of a run, all at once and not too often."""

import asyncio

INTERVAL_S = 0.05


class Notifier:
    """Any number of `notify` calls become at most one wake-up in INTERVAL_S; the first of a quiet time is immediate."""

    def __init__(self) -> None:
        self.next = asyncio.Event()
        # When the first of those came that no one has taken note of; for whoever measures how old news gets.
        self.oldest: float | None = None
        self._last = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def notify(self) -> None:
        """Something changed: everybody who waits for `next` will be woken."""
        if self.oldest is None:
            self.oldest = asyncio.get_running_loop().time()
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._last + INTERVAL_S), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._last = asyncio.get_running_loop().time()
        woken, self.next = self.next, asyncio.Event()
        woken.set()
