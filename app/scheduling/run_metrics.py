"""What the operator sees of runs: a log line for each event, and counts since the server started.

Only the manager writes them. The format of the lines is set in `logs.py`, and `/metrics` reads the counts.
"""

import asyncio
import logging
from collections import Counter
from typing import Literal

from app.events import Frame, LaneEnded, LaneEvent, LaneSilent, LaneStatus
from app.histogram import Histogram
from app.logs import about
from app.runs.run import Run
from app.scheduling.job import Job
from app.sweeps.sweep import Sweep

# From what warm workers need to longer than anyone waits.
START_BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# From a place that is free at once to a queue of an hour.
QUEUE_BOUNDS_S = (0.1, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)

# A run, a stream, or anything else.
Asked = Literal["start", "viewer", "request"]

_log = logging.getLogger(__name__)


class RunMetrics:
    """Plain counts, so that they cost nothing measurable."""

    def __init__(self) -> None:
        self.started = 0
        self.ended: Counter[str] = Counter()
        # By error code. Not logged: a refused client may retry as often as it likes.
        self.refused: dict[Asked, Counter[str]] = {"start": Counter(), "viewer": Counter(), "request": Counter()}
        self.failed_lanes = 0
        self.steps = 0
        self.start_s = Histogram(*START_BOUNDS_S)
        self.queue_s = Histogram(*QUEUE_BOUNDS_S)
        self._queued: dict[str, float] = {}
        self._began: dict[str, float] = {}
        self._without_batch: set[str] = set()
        self._silent: set[tuple[str, int]] = set()

    def job_queued(self, job: Job, waiting: int) -> None:
        self._queued[job.id] = _now()
        _log.info(f"{_kind(job)} queued", extra=about(**{_kind(job): job.id}, waiting=waiting))

    def sweep_started(self, sweep: Sweep) -> None:
        self._starts(sweep)
        _log.info("sweep started", extra=about(sweep=sweep.id, trainings=len(sweep.cells)))

    def _starts(self, job: Job) -> None:
        self.started += 1
        self._began[job.id] = now = _now()
        self.queue_s.observe(now - self._queued.pop(job.id, now))

    def run_started(self, run: Run, paused: bool) -> None:
        self._starts(run)
        if not paused:
            self._without_batch.add(run.id)
        lanes = ",".join(lane.optimizer for lane in run.lanes)
        _log.info("run started", extra=about(run=run.id, lanes=lanes, epochs=run.config.epochs))

    def lane_event(self, run: Run, event: LaneEvent) -> None:
        if isinstance(event, Frame):
            self.steps += len(event.loss)
            if run.id in self._without_batch:
                self._without_batch.remove(run.id)
                self.start_s.observe(_now() - self._began[run.id])
        elif isinstance(event, LaneSilent):
            self._lane_silent(run, event)
        elif isinstance(event, LaneEnded) and event.status is LaneStatus.FAILED:
            self.failed_lanes += 1
            fields = about(run=run.id, lane=event.lane, step=event.step, reason=event.reason)
            _log.warning("lane failed", extra=fields)

    def _lane_silent(self, run: Run, event: LaneSilent) -> None:
        """Two lines for each silence, however long it is."""
        silent = run.id, event.lane
        if not event.seconds:
            self._silent.discard(silent)
            _log.info("lane answers again", extra=about(run=run.id, lane=event.lane))
        elif silent not in self._silent:
            self._silent.add(silent)
            _log.warning("lane does not answer", extra=about(run=run.id, lane=event.lane, seconds=event.seconds))

    def job_ended(self, job: Job) -> None:
        if not job.status.final:
            # It is left to another server.
            return
        self.ended[job.status] += 1
        self._without_batch.discard(job.id)
        self._queued.pop(job.id, None)
        self._silent = {silent for silent in self._silent if silent[0] != job.id}
        began = self._began.pop(job.id, None)
        seconds = None if began is None else round(_now() - began, 3)
        fields = about(**{_kind(job): job.id}, status=job.status, seconds=seconds, steps=_steps(job))
        _log.info(f"{_kind(job)} ended", extra=fields)


def _kind(job: Job) -> str:
    return "sweep" if isinstance(job, Sweep) else "run"


def _steps(job: Job) -> int:
    if isinstance(job, Sweep):
        return sum(training.steps for training in job.trainings)
    assert isinstance(job, Run)
    return sum(job.history.steps(lane) for lane in range(len(job.lanes)))


def _now() -> float:
    return asyncio.get_running_loop().time()
