"""How fast runs go on this machine: measured while they race, and remembered for the next one."""

from collections import deque
from collections.abc import Sequence

from app.events import RunStatus
from app.scheduling.job import Job
from app.scheduling.work import Work, done

# A run's speed is that of the last seconds, once there are enough.
WINDOW_S, SHORTEST_S = 10.0, 2.0
# How much the newest measurement counts for the next run.
NEWEST_SHARE = 0.3


class RaceSpeeds:
    """All times are those of one clock; `evaluated` digits are measured at each evaluation that is not quick."""

    def __init__(self, evaluated: int) -> None:
        self.full_speed: float | None = None
        """Multiply-adds a second of all lanes of a run at full speed; None before one was measured."""
        self._evaluated = evaluated
        # The work done by when, since the run has had this status and pace.
        self._modes: dict[Job, tuple[RunStatus, float | None]] = {}
        self._samples: dict[Job, deque[tuple[float, Work]]] = {}

    def measure(self, racing: Sequence[Job], now: float) -> None:
        """Note how far each run is: often while it races, and once more when it is over."""
        for run in racing:
            if not run.status.final and self._modes.get(run) != (run.status, run.pace):
                self._modes[run], self._samples[run] = (run.status, run.pace), deque()
            if not (samples := self._samples.get(run, deque())) and run.status.final:
                continue
            samples.append((now, done(run, self._evaluated)))
            while now - samples[0][0] > WINDOW_S:
                samples.popleft()
            seconds, made = self.progress(run)
            enough = made.any() and (seconds >= SHORTEST_S or run.status.final)
            if enough and self._modes[run] == (RunStatus.RUNNING, None):
                speed, before = float(made[1].sum()) / seconds, self.full_speed
                self.full_speed = speed if before is None else before + NEWEST_SHARE * (speed - before)
            if run.status.final:
                del self._modes[run], self._samples[run]

    def progress(self, run: Job) -> tuple[float, Work]:
        """Seconds between the first and the last sample, and the work of each lane meanwhile."""
        samples = self._samples.get(run) or [(0.0, done(run, self._evaluated))]
        (began, before), (ended, after) = samples[0], samples[-1]
        return ended - began, after - before
