"""The order in which queued runs start: visitor by visitor, so that no visitor waits for all runs of another.

Start-time fair queueing (Goyal, Vin, Cheng, 1996), where each run is one unit of service: a visitor's next run is one
round after the visitor's last that races or waits, and a newcomer's is in the round of the run that started last. Lower
rounds start first, and within a round earlier arrivals. Runs with priority precede all others; unwatched ones come
last.
"""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from app.scheduling.job import Job


class Entry(NamedTuple):
    """One run or sweep that waits or races; `paused`: it starts paused."""

    run: Job
    visitor: str
    paused: bool
    priority: bool
    round: int


class FairQueue:
    """Keeps the order; it knows neither time nor capacity. Runs for which `unwatched` holds come after all others."""

    def __init__(self, unwatched: Callable[[Job], bool]) -> None:
        self._unwatched = unwatched
        # Both in the order in which they came.
        self._waiting: dict[Job, Entry] = {}
        self._racing: dict[Job, Entry] = {}
        # Of the run that started last.
        self._round = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, run: Job) -> bool:
        return run in self._waiting

    @property
    def waiting(self) -> Collection[Job]:
        return self._waiting.keys()

    def runs_of(self, owns: Callable[[str], bool]) -> list[Job]:
        """Those that race or wait and belong to a visitor for whom `owns` holds."""
        return [entry.run for entry in self._entries() if owns(entry.visitor)]

    def priority_of(self, run: Job) -> bool:
        return (self._waiting.get(run) or self._racing[run]).priority

    def add(self, run: Job, visitor: str, paused: bool, priority: bool) -> None:
        self._waiting[run] = Entry(run, visitor, paused, priority, self._round_of(visitor))

    def remove(self, run: Job) -> None:
        """Take it out of the queue; it does not start."""
        del self._waiting[run]

    def start(self) -> Entry:
        """Take the first out of the queue and start it; call `end` when it is over."""
        entry = next(self.ordered())
        del self._waiting[entry.run]
        self._racing[entry.run] = entry
        # A priority run, or one of a visitor who was served before, does not move newcomers forward.
        self._round = max(self._round, entry.round)
        return entry

    def take_over(self, run: Job, visitor: str) -> None:
        """Add one that started on another server and goes on here; call `end` when it is over."""
        self._racing[run] = Entry(run, visitor, False, False, self._round)

    def end(self, run: Job) -> None:
        del self._racing[run]

    def ordered(self) -> Iterator[Entry]:
        """The queued runs, the next to start first."""
        return iter(sorted(self._waiting.values(), key=self._place))

    def before(self, visitor: str, priority: bool) -> list[Entry]:
        """The runs that would start before one that this visitor started now."""
        newcomer = self._round_of(visitor)
        place = (not priority, False, newcomer)
        return [entry for entry in self.ordered() if self._place(entry) <= place]

    def _round_of(self, visitor: str) -> int:
        own = [entry.round + 1 for entry in self._entries() if entry.visitor == visitor]
        return max([self._round, *own])

    def _place(self, entry: Entry) -> tuple[bool, bool, int]:
        return not entry.priority, self._unwatched(entry.run), entry.round

    def _entries(self) -> Iterator[Entry]:
        yield from self._racing.values()
        yield from self._waiting.values()
