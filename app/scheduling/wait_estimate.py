"""Estimates how long a run will wait for its place, from the measured speed of this machine and what is left to train.

When a paused run will be resumed is unknown, but while others wait no run keeps its place longer than its time slice.
Without time slices, the wait behind a paused run is unknown (None), and so is that behind a run at full speed before a
speed has been measured.
"""

import heapq
import math
from collections.abc import Sequence

import numpy as np

from app.events import RunStatus
from app.scheduling.job import Job
from app.scheduling.race_speeds import SHORTEST_S, RaceSpeeds
from app.scheduling.sweep_estimate import SweepEstimate
from app.scheduling.time_slices import TimeSlices
from app.scheduling.work import done, lanes_of, training_lanes, whole
from app.sweeps.sweep import Sweep

STOPPING_S = 0.5
# Times that differ by no more than this share count as equal.
SAME = 0.1
# How long a sweep will still be trained is not told to be more before it is by this share: mostly the machine is busy
# for a moment.
DOUBTED_RISE = 0.25
# A pace is not kept if more than this share of the steps that were due are missing, and more than a few.
MISSING_SHARE, FEW_STEPS = 0.2, 2


class WaitEstimate:
    """All times are of one clock."""

    def __init__(self, places: int, evaluated: int, slices: TimeSlices) -> None:
        """Of so many runs at once; `evaluated` digits are measured at each evaluation that is not quick."""
        self._places, self._evaluated, self._slices = places, evaluated, slices
        self._speeds, self._sweeps, self._now = RaceSpeeds(evaluated), SweepEstimate(), 0.0

    @property
    def speed(self) -> float | None:
        """Multiply-adds a second of all lanes of a run at full speed; None before one was measured."""
        return self._speeds.full_speed

    def measure(self, racing: Sequence[Job], now: float) -> None:
        """Note how far each run is. Call it often while a run races, and once more when it is over."""
        self._now = now
        self._speeds.measure(racing, now)
        for job in racing:
            if isinstance(job, Sweep):
                self._sweeps.measure(job, now)

    def waits(self, racing: Sequence[Job], queued: Sequence[tuple[Job, bool]]) -> list[float | None]:
        """Seconds until each queued run starts, and, last, one that came now. With each: whether it starts paused."""
        free = [self._left_of_slice(run) for run in racing] + [0.0] * (self._places - len(racing))
        heapq.heapify(free)
        waits = []
        for run, paused in queued:
            waits.append(heapq.heappop(free))
            slice_s = self._slices.whole(run, paused)
            heapq.heappush(free, waits[-1] + (slice_s if paused else _within(slice_s, self._whole(run))))
        return [wait if math.isfinite(wait) else None for wait in (*waits, free[0])]

    def left(self, run: Job, others_wait: bool) -> float | None:
        """Seconds that a racing run will still take."""
        left = self._left_of_slice(run) if others_wait else self._left(run)
        return left if math.isfinite(left) else None

    def left_of_sweep(self, sweep: Sweep) -> float | None:
        """Seconds that it will still be trained; None while that would be no more than a guess."""
        return self._sweeps.left(sweep)

    def _left_of_slice(self, run: Job) -> float:
        slice_s = max(self._slices.left(run, self._now), STOPPING_S)
        return slice_s if run.status is RunStatus.PAUSED else _within(slice_s, self._left(run))

    def _left(self, run: Job) -> float:
        if run.status is not RunStatus.RUNNING:
            return math.inf if run.status is RunStatus.PAUSED else STOPPING_S
        lanes = training_lanes(run)
        steps, work = np.maximum(0, whole(run, self._evaluated)[:, None] - done(run, self._evaluated))[:, lanes]
        seconds, made = self._speeds.progress(run)
        made = made[:, lanes]
        if run.pace:
            # In steps alone: an evaluation holds a lane up no longer than until it has caught up.
            slowest, due = made[0].min(), run.pace * seconds
            kept = not slowest or due - slowest <= max(FEW_STEPS, due * MISSING_SHARE)
            return float(steps.max() / (run.pace if kept else slowest / seconds))
        if seconds >= SHORTEST_S and made.any():
            # Of all lanes together: they share the cores, and a lane that ends leaves its core to the others.
            return float(work.sum() * seconds / made[1].sum())
        return self._whole(run) * float(work.max() / whole(run, self._evaluated)[1])

    def _whole(self, run: Job) -> float:
        """Seconds that a run takes from its start. A pace is hardly ever more than the machine can do."""
        steps, work = whole(run, self._evaluated)
        paced = float(steps) / run.pace if run.pace else 0.0
        return max(paced, lanes_of(run) * float(work) / self.speed) if self.speed else paced or math.inf


def _within(slice_s: float, seconds: float) -> float:
    """Seconds that a race keeps its place. Before any speed is known, its time slice is an upper bound."""
    return min(slice_s, seconds) if math.isfinite(seconds) else seconds


def steady(before_s: float | None, now_s: float | None, doubted_rise: float = SAME) -> float | None:
    """In whole seconds, and as before if that is about the same: each change goes to everyone who waits.

    It grows only by more than the share `doubted_rise` of what it was.
    """
    rounded = None if now_s is None else float(round(now_s))
    if rounded is None or before_s is None:
        return rounded
    same = before_s * (SAME if rounded < before_s else doubted_rise)
    return before_s if abs(rounded - before_s) < max(1, same) else rounded
