"""How long a race may keep its place while others wait for one. Without others it may keep it as long as it likes."""

import math

from app.scheduling.job import Job

# At full speed a race is as short as it can be, and what it may be in all is bounded by its work.
FULL_SPEED = 4


class TimeSlices:
    """Of the races that have a place. A slice begins with the race, whether others wait or not; 0 is no bound."""

    def __init__(self, slice_s: float) -> None:
        self._slice_s = slice_s or math.inf
        self._began: dict[Job, float] = {}
        self._endless: set[Job] = set()

    def begin(self, run: Job, now: float, endless: bool = False) -> None:
        """An `endless` slice has no bound."""
        self._began[run] = now
        if endless:
            self._endless.add(run)

    def end(self, run: Job) -> None:
        del self._began[run]
        self._endless.discard(run)

    def whole(self, run: Job, paused: bool) -> float:
        """Seconds of a slice; shorter for a race that is paused or held to a pace."""
        return self._slice_s * (1 if paused or run.pace else FULL_SPEED)

    def left(self, run: Job, now: float) -> float:
        """Seconds of it that are left."""
        if run in self._endless:
            return math.inf
        return max(0.0, self._began[run] + self.whole(run, run.paused_by is not None) - now)
