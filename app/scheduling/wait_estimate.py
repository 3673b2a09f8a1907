"""How long a run will have to wait for its place: from how fast runs go on this machine, and what is left of them.

A paused run goes on nobody knows when, but while others wait no run holds its place longer than its turn. Where turns
have no bound, nobody knows how long others wait behind a paused run, and nobody knows it behind a run at full speed
before the first speed is measured: that is None.
"""

import heapq
import math
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from app.events import RunStatus
from app.runs.run import Run
from app.scheduling.check_limits import weights
from app.scheduling.time_slices import TimeSlices

# A run's speed is that of the last seconds, once there is one.
WINDOW_S, SHORTEST_S = 10.0, 2.0
# What a step costs beside its arithmetic, in multiply-adds.
STEP_OVERHEAD = 2_000_000
# Evaluations of a lane: early ones, and in each epoch. They only go forward, which is a third of a step's arithmetic.
EARLY_EVALUATIONS, EVALUATIONS_AN_EPOCH, FORWARD_SHARE = 10, 4, 1 / 3
STOPPING_S = 0.5
# A pace is taken as not kept when so many of the batches that were due are missing, and more than a few.
MISSING_SHARE, FEW_BATCHES = 0.2, 2
# How much what was seen last says about the next run.
NEWEST_SHARE = 0.3


class _Sample(NamedTuple):
    """What each lane has done by then, in multiply-adds, and in batches."""

    at: float
    done: list[float]
    steps: list[int]


class WaitEstimate:
    """Looks at racing runs now and then, and remembers how fast they went. All times are those of one clock."""

    def __init__(self, places: int, evaluated: int, turns: TimeSlices) -> None:
        """Of so many runs at once, in `turns`; `evaluated` digits are measured at each evaluation."""
        self._run_queue = places
        self._evaluated = evaluated
        self._time_slices = turns
        self._now = 0.0
        self._samples: dict[Run, deque[_Sample]] = {}
        self._as: dict[Run, tuple[RunStatus, float | None]] = {}
        # Multiply-adds that all lanes of a run get done in a second at full speed.
        self._speed: float | None = None

    def look(self, racing: Sequence[Run], now: float) -> None:
        """Take note of how far each run is: often while it races, and once more when it is over."""
        self._now = now
        for run in racing:
            if run.status.final and run not in self._samples:
                continue
            samples = self._samples.setdefault(run, deque())
            if self._as.get(run) != (run.status, run.pace) and not run.status.final:
                # What was measured before was at another speed.
                self._as[run] = run.status, run.pace
                samples.clear()
            lanes = range(len(run.lanes))
            samples.append(_Sample(now, [self._done(run, n) for n in lanes], [run.history.steps(n) for n in lanes]))
            while now - samples[0].at > WINDOW_S:
                samples.popleft()
            seconds, done = _since(samples)
            if self._as[run] == (RunStatus.RUNNING, None) and any(done) and (seconds >= SHORTEST_S or run.status.final):
                self._learn(sum(done) / seconds)
        for over in [run for run in self._samples if run.status.final]:
            del self._samples[over], self._as[over]

    def waits(self, racing: Sequence[Run], queued: Sequence[tuple[Run, bool]]) -> list[float | None]:
        """Seconds until each queued run starts, and, last, one that came now. With each: whether it starts paused."""
        free = [self._left_of_turn(run) for run in racing] + [0.0] * (self._run_queue - len(racing))
        heapq.heapify(free)
        waits = []
        for run, paused in queued:
            waits.append(heapq.heappop(free))
            whole = self._whole(run)
            turn = self._time_slices.whole(run, paused)
            heapq.heappush(free, waits[-1] + (turn if paused else _within(turn, whole)))
        waits.append(free[0])
        return [wait if math.isfinite(wait) else None for wait in waits]

    def left(self, run: Run, others_wait: bool) -> float | None:
        """Seconds that a racing run will still take."""
        left = self._left_of_turn(run) if others_wait else self._left(run)
        return left if math.isfinite(left) else None

    def _left_of_turn(self, run: Run) -> float:
        turn = max(self._time_slices.left(run, self._now), STOPPING_S)
        return turn if run.status is RunStatus.PAUSED else _within(turn, self._left(run))

    def _left(self, run: Run) -> float:
        if run.status is RunStatus.PAUSED:
            return math.inf
        if run.status is not RunStatus.RUNNING:
            return STOPPING_S
        if run.pace:
            return self._left_at(run.pace, run)
        to_go = {
            number: max(0.0, self._cost(run) - self._done(run, number))
            for number, lane in enumerate(run.lanes)
            if not lane.status.final
        }
        seconds, done = _since(self._samples.get(run, deque()))
        made = sum((done[lane] for lane in to_go), 0.0) if seconds >= SHORTEST_S else 0.0
        if made:
            # Of all lanes together: they share the cores, and whoever is ahead leaves them to the others at its end.
            return sum(to_go.values()) * seconds / made
        return self._whole(run) * max(to_go.values(), default=0.0) / self._cost(run)

    def _left_at(self, pace: float, run: Run) -> float:
        """Of a paced run. In batches alone: an evaluation holds a lane up no longer than until it has caught up."""
        to_go = {
            number: _total(run) - run.history.steps(number)
            for number, lane in enumerate(run.lanes)
            if not lane.status.final
        }
        if to_go and (samples := self._samples.get(run)):
            seconds = samples[-1].at - samples[0].at
            made = min(samples[-1].steps[lane] - samples[0].steps[lane] for lane in to_go)
            due = pace * seconds
            if made and due - made > max(FEW_BATCHES, due * MISSING_SHARE):
                # The machine is not as fast as that.
                pace = made / seconds
        return max(to_go.values(), default=0) / pace

    def _whole(self, run: Run) -> float:
        """Seconds that a run takes from its start."""
        paced = _total(run) / run.pace if run.pace else 0.0
        if not self._speed:
            # A pace is hardly ever more than the machine can do.
            return paced or math.inf
        return max(paced, len(run.lanes) * self._cost(run) / self._speed)

    def _cost(self, run: Run) -> float:
        """Multiply-adds of a lane, from start to end."""
        evaluations = EARLY_EVALUATIONS + EVALUATIONS_AN_EPOCH * run.config.epochs
        return _total(run) * _step(run) + evaluations * self._evaluation(run)

    def _done(self, run: Run, lane: int) -> float:
        return run.history.steps(lane) * _step(run) + run.history.end().evaluations[lane] * self._evaluation(run)

    def _evaluation(self, run: Run) -> float:
        return self._evaluated * weights(run.config) * FORWARD_SHARE

    def _learn(self, speed: float) -> None:
        share = 1.0 if self._speed is None else NEWEST_SHARE
        self._speed = (self._speed or 0.0) * (1 - share) + speed * share


def _since(samples: deque[_Sample]) -> tuple[float, list[float]]:
    """Seconds between the first and the last of them, and what each lane has done meanwhile."""
    if not samples:
        return 0.0, []
    first, last = samples[0], samples[-1]
    return last.at - first.at, [after - before for before, after in zip(first.done, last.done, strict=True)]


def _within(turn: float, seconds: float) -> float:
    """Seconds that a race holds its place. Before any speed is known, its turn says no more than the most it can be."""
    return min(turn, seconds) if math.isfinite(seconds) else seconds


def _total(run: Run) -> int:
    return run.batches_per_epoch * run.config.epochs


def _step(run: Run) -> float:
    return STEP_OVERHEAD + run.config.batch_size * weights(run.config)
