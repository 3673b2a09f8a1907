"""How long a sweep will still be trained: from what a batch of each curve has cost so far, and how fast lanes get on.

The work that `work` computes is too rough for that: a batch of one digit costs four times as much as it says.
"""

import heapq
import math
from collections import defaultdict, deque
from typing import NamedTuple

from app.events import RunStatus
from app.report.sweeps.result import CurveKey, curve_key
from app.scheduling.work import AGAIN, first_of_curves, step_work
from app.sweeps.sweep import Sweep, Training

# Nothing is said before trainings have spent so much of the processor, and have been measured for so long: the longer
# of these times for a sweep that goes on longer.
SPENT_S, MEASURED_S, WELL_MEASURED_S = 1.0, 3.0, 10.0
LONG_S = 120.0
# A machine is busy for a moment, and then is not: the last seconds, so many or all so far, say how fast lanes get on.
REMEMBERED_S = 60.0
# The newest measurements that tell how many lanes train at once.
LOOKS = 5


class _Pace:
    """How much of the processor a lane of a sweep gets, as a share of the time that passes."""

    def __init__(self, now: float, spent_s: float) -> None:
        self._at, self._spent_s = now, spent_s
        self.measured_s = self.made_s = 0.0
        # The same, where what is long ago counts less.
        self._lane_s = self._lanes_made_s = 0.0
        self._lanes = deque([1], maxlen=LOOKS)

    @property
    def lanes(self) -> int:
        """How many train at once. Between two trainings a lane has none for a moment."""
        return max(self._lanes)

    def measure(self, now: float, spent_s: float, lanes: int) -> None:
        """`lanes` train now, and all trainings have spent `spent_s` so far."""
        self._lanes.append(lanes)
        # What trained on a machine that is lost is trained again.
        passed, made = now - self._at, max(0.0, spent_s - self._spent_s)
        kept = math.exp(-passed / max(REMEMBERED_S, self.measured_s))
        self._lane_s = kept * self._lane_s + passed * max(1, self.lanes)
        self._lanes_made_s = kept * self._lanes_made_s + made
        self.measured_s += passed
        self.made_s += made
        self._at, self._spent_s = now, spent_s

    @property
    def share(self) -> float:
        return self._lanes_made_s / self._lane_s


class _Costs(NamedTuple):
    """Seconds of the processor: for a batch of each curve that is known, and for a multiply-add of all others."""

    of_step: dict[CurveKey, float]
    of_work: float

    @classmethod
    def of(cls, sweep: Sweep) -> "_Costs":
        spent: defaultdict[CurveKey, float] = defaultdict(float)
        steps: defaultdict[CurveKey, int] = defaultdict(int)
        work = 0.0
        for training in sweep.trainings:
            if made := training.steps:
                key = curve_key(training.cell)
                spent[key] += training.spent_s
                steps[key] += made
                work += made * step_work(training.cell.config)
        return cls({key: spent[key] / steps[key] for key in steps}, sum(spent.values()) / work if work else 0.0)

    def seconds(self, training: Training, steps: int) -> float:
        known = self.of_step.get(curve_key(training.cell))
        return steps * (self.of_work * step_work(training.cell.config) if known is None else known)


class SweepEstimate:
    """Of the sweeps that have a place. All times are those of one clock."""

    def __init__(self) -> None:
        self._paces: dict[Sweep, _Pace] = {}

    def measure(self, sweep: Sweep, now: float) -> None:
        """Note how far it is: about once a second while it is trained, and once more when it is over."""
        if sweep.status is not RunStatus.RUNNING:
            self._paces.pop(sweep, None)
            return
        lanes = len(_under_way(sweep))
        spent_s = sum(training.spent_s for training in sweep.trainings)
        if pace := self._paces.get(sweep):
            pace.measure(now, spent_s, lanes)
        elif any(training.steps for training in _under_way(sweep)):
            # From the first batch on: starting the first worker is no measure of how fast it trains.
            self._paces[sweep] = _Pace(now, spent_s)

    def left(self, sweep: Sweep) -> float | None:
        """Seconds until all of its trainings are over; None while too little is known."""
        pace = self._paces.get(sweep)
        if pace is None or pace.measured_s < MEASURED_S or pace.made_s < SPENT_S:
            return None
        costs = _Costs.of(sweep)
        going = [costs.seconds(each, each.planned_steps - each.steps) for each in _under_way(sweep)]
        waiting = [
            costs.seconds(each, each.planned_steps) for each in sweep.trainings if each.run is None and not each.over
        ]
        # What is trained on fresh seeds, before it is known at which rates.
        again = [costs.seconds(each, each.planned_steps) for each in first_of_curves(sweep)] * AGAIN
        going += [0.0] * (pace.lanes - len(going))
        left = _until_all_are_over(going, waiting + again) / pace.share
        return left if pace.measured_s >= WELL_MEASURED_S or left < LONG_S else None


def _under_way(sweep: Sweep) -> list[Training]:
    return [training for training in sweep.trainings if training.run is not None]


def _until_all_are_over(going: list[float], waiting: list[float]) -> float:
    """Each that waits follows the first that is over, so at the end some cores have nothing to do."""
    heapq.heapify(going)
    for seconds in waiting:
        heapq.heapreplace(going, going[0] + seconds)
    return max(going)
