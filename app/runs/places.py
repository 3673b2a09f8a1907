"""Who races, who waits for a place, and how long that will take."""

import asyncio
from collections.abc import Iterable

from app.runs.outlook import Outlook
from app.runs.run import Run, RunStatus
from app.runs.turns import Turns
from app.settings import Settings


class Places:
    """As many as may race at once, and the line of those that wait. To be asked in a running event loop."""

    def __init__(self, settings: Settings, evaluated: int) -> None:
        """`evaluated` digits are measured at each evaluation of a lane."""
        self._places, self._waiting = settings.max_running, settings.max_queued
        # Those that have a place: racing, paused, or about to end.
        self.racing: list[Run] = []
        # In the order of the line; with each, whether it is to start paused.
        self.queued: dict[Run, bool] = {}
        self._turns = Turns(settings.max_turn_s)
        self._outlook = Outlook(settings.max_running, evaluated, self._turns)

    @property
    def full(self) -> bool:
        """Whether one that came now could not even wait."""
        return self._all_taken() and len(self.queued) >= self._waiting

    def line_up(self, run: Run, paused: bool) -> None:
        """At the end of the line; it is paused from its start on if that is wanted."""
        self.queued[run] = paused

    def leave_line(self, run: Run) -> None:
        del self.queued[run]

    def take(self) -> tuple[Run, bool] | None:
        """The first in line gets a place, if there is one; with it, whether it starts paused."""
        if not self.queued or self._all_taken():
            return None
        run, paused = next(iter(self.queued.items()))
        del self.queued[run]
        self.racing.append(run)
        return run, paused

    def begin(self, run: Run) -> None:
        """Its turn begins now."""
        self._turns.begin(run, now := _now())
        self._outlook.look([run], now)

    def leave(self, run: Run) -> None:
        """Its place is free again."""
        self.racing.remove(run)
        self._turns.end(run)
        self._outlook.look([run], _now())

    @property
    def wanted(self) -> int:
        """Places that those in line wait for and that nobody is leaving yet."""
        return max(0, len(self.queued) - sum(not run.status.racing for run in self.racing))

    def over(self) -> list[Run]:
        """As many as are wanted of the races whose turn is over, the longest first."""
        now = _now()
        over = [run for run in self.racing if run.status.racing and not self._turns.left(run, now)]
        return over[: self.wanted]

    @property
    def wait_s(self) -> float | None:
        """About how long one that came now would wait; None if nobody knows."""
        return self._waits()[-1]

    def first_left_s(self, runs: Iterable[Run]) -> float | None:
        """About how long until the first of these that race is over; None if nobody knows."""
        lefts = [self._outlook.left(run, bool(self.queued)) for run in runs if run in self.racing]
        return min((left for left in lefts if left is not None), default=None)

    def look_ahead(self) -> None:
        """Tell those in line about how long they will wait. To be called about once a second."""
        self._outlook.look(self.racing, _now())
        held_up = any(run.status is RunStatus.PAUSED for run in self.racing)
        for (run, paused), wait_s in zip(self.queued.items(), self._waits(), strict=False):
            if run.expect(wait_s, held_up and wait_s is None):
                run.pulse.notify()
            held_up = held_up or paused

    def _waits(self) -> list[float | None]:
        return self._outlook.waits(self.racing, list(self.queued.items()))

    def _all_taken(self) -> bool:
        return len(self.racing) >= self._places


def _now() -> float:
    return asyncio.get_running_loop().time()
