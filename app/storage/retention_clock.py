"""The clock for the age of stored runs: a wrong system time must not delete what visitors have saved."""

import time
from datetime import UTC, datetime, timedelta

LONGEST_PAUSE = timedelta(days=1)


class RetentionClock:
    """Begins at the system time, and then follows the monotonic clock, which cannot be set.

    It begins at most a day after the newest run: a system time that is years ahead looks like a server without races
    for years. Runs from the future, made when a clock was ahead, do not count as newest.
    """

    def __init__(self) -> None:
        self._began = datetime.fromtimestamp(time.time(), UTC)
        self._began_monotonic = time.monotonic()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=time.monotonic() - self._began_monotonic)

    def begin_after(self, newest: datetime) -> None:
        """`newest`: when the newest stored run was created, in UTC."""
        self._began = min(self._began, newest.replace(tzinfo=UTC) + LONGEST_PAUSE)
