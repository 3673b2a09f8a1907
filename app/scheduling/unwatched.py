"""Since when no one watches a run that races or waits."""

from collections.abc import Iterable

from app.scheduling.job import Job


class Unwatched:
    """All times are those of one clock. A run counts as unwatched from the first update on, until a viewer is there."""

    def __init__(self) -> None:
        self._since: dict[Job, float] = {}

    def update(self, runs: Iterable[Job], now: float) -> None:
        """To be called often, with all runs that count."""
        self._since = {run: self._since.get(run, now) for run in runs if not run.viewers}

    def seen(self, run: Job, now: float) -> None:
        """It was just looked at, without a stream."""
        self._since[run] = now

    def seconds(self, run: Job, now: float) -> float:
        """For how long no one has watched it."""
        return 0.0 if run.viewers else now - self._since.get(run, now)
