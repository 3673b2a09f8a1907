"""Wakes the viewers of a run, all at once and not too often."""

import asyncio

INTERVAL_S = 0.05


class Notifier:
    """Any number of `notify` calls become at most one wake-up in INTERVAL_S; the first of a quiet time is immediate.

    While no one waits, nothing is done: a run may be folded from its events anywhere, without an event loop.
    """

    def __init__(self) -> None:
        # When the first change came that waiting readers have not read yet; for measuring the age of frames.
        self.oldest: float | None = None
        self._next: asyncio.Event | None = None
        self._last = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    @property
    def next(self) -> asyncio.Event:
        """Is set at the first wake-up from now on."""
        self._next = self._next or asyncio.Event()
        return self._next

    def notify(self) -> None:
        """Something changed."""
        if self._next is None:
            return
        loop = asyncio.get_running_loop()
        if self.oldest is None:
            self.oldest = loop.time()
        if self._timer is None:
            self._timer = loop.call_at(max(loop.time(), self._last + INTERVAL_S), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._last = asyncio.get_running_loop().time()
        woken, self._next = self._next, None
        if woken:
            woken.set()
