"""The time by which kept runs grow old. A wrong time of day is not to delete what visitors have saved."""

import time
from datetime import UTC, datetime, timedelta

LONGEST_PAUSE = timedelta(days=1)


class RetentionClock:
    """Begins at the time of day, then goes by the machine's monotonic clock, which cannot be set.

    It begins no later than a day after the newest run: a time of day that is years ahead looks the same as a server
    without races for years. Runs from the future, of a clock that was ahead, don't count as newest.
    """

    def __init__(self) -> None:
        self._began = datetime.fromtimestamp(time.time(), UTC)
        self._began_monotonic = time.monotonic()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=time.monotonic() - self._began_monotonic)

    def begin_after(self, newest: datetime) -> None:
        """`newest` is when the newest run that is kept was made, in UTC."""
        self._began = min(self._began, newest.replace(tzinfo=UTC) + LONGEST_PAUSE)
