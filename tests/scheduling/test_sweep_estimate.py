"""How long a sweep is said to go on: on a clock of the tests, and a machine that is as fast as a test wants."""

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pytest

from app.events import Frame, LaneEnded, LaneStatus, RunStarted, StopRequested
from app.runs.run import Run
from app.scheduling.sweep_estimate import SweepEstimate
from app.scheduling.wait_estimate import DOUBTED_RISE, steady
from app.scheduling.work import step_work
from app.sweeps.grid import grid
from app.sweeps.sweep import Sweep, Training

LANES, DIGITS = 2, 6_400
# Multiply-adds a second of a lane.
SPEED = 1e9
Cost = Callable[[Training], float]


class Second(NamedTuple):
    """The estimate after so many seconds of a sweep."""

    at: int
    told: float | None


def new(axes: dict[str, list[object]], epochs: int = 1) -> Sweep:
    sweep = Sweep("a-sweep", grid(axes, {"epochs": epochs, "hidden": [16]}), DIGITS)
    sweep.apply(RunStarted("whole"))
    return sweep


def by_work(training: Training) -> float:
    """Seconds of the processor for a batch, as `work` foresees them."""
    return step_work(training.cell.config) / SPEED


class Machine:
    """Trains with LANES lanes; each second a lane has this share of a core."""

    def __init__(self, sweep: Sweep, cost: Cost, shares: Iterator[float]) -> None:
        self._sweep, self._cost, self._shares = sweep, cost, shares
        self._waiting = iter([sweep.cells[number] for number in sweep.grid.training_order])
        self._going: dict[int, tuple[Training, Run]] = {}

    def second(self) -> None:
        left = [next(self._shares)] * LANES
        if self.over and self._sweep.grid.compares_rates and not self._sweep.fresh:
            # Of each curve and seed two rates.
            self._sweep.train_again([cell for cell in self._sweep.grid.cells if cell.at["learning_rate"] in FRESH])
            self._waiting = iter(self._sweep.fresh)
        for lane in range(LANES):
            # What a lane has left of this second it spends on the next training.
            while left[lane] > 0 and (going := self._of(lane)):
                left[lane] -= self._train(lane, *going, left[lane])

    @property
    def over(self) -> bool:
        return all(training.over for training in self._sweep.trainings)

    def _of(self, lane: int) -> tuple[Training, Run] | None:
        if lane not in self._going and (training := next(self._waiting, None)):
            run = Run(f"run-{id(training)}", training.cell.config, np.zeros(5, np.uint8), training.per_epoch)
            run.apply(RunStarted("whole"))
            self._sweep.begin(training, run)
            self._going[lane] = training, run
        return self._going.get(lane)

    def _train(self, lane: int, training: Training, run: Run, seconds: float) -> float:
        """For so many seconds of the processor; those that it took."""
        cost, before = self._cost(training), training.steps
        after = min(training.planned_steps, before + round(seconds / cost))
        if after > before:
            ones = np.ones(after - before, np.float32)
            spent = (cost * np.arange(before + 1, after + 1)).astype(np.float32)
            run.apply(Frame(0, before + 1, ones, ones, spent))
        if after < training.planned_steps:
            return seconds
        run.apply(LaneEnded(0, LaneStatus.FINISHED, after))
        self._sweep.update(training)
        del self._going[lane]
        return cost * (after - before)


def observed(sweep: Sweep, cost: Cost, shares: Iterator[float]) -> list[Second]:
    machine, estimate, seconds = Machine(sweep, cost, shares), SweepEstimate(), []
    told: float | None = None
    for at in itertools.count(1):
        machine.second()
        if machine.over and (sweep.fresh or not sweep.grid.compares_rates):
            return seconds
        estimate.measure(sweep, float(at))
        told = steady(told, estimate.left(sweep), DOUBTED_RISE)
        seconds.append(Second(at, told))
    raise AssertionError


def rests() -> Iterator[float]:
    return itertools.repeat(1.0)


def is_busy() -> Iterator[float]:
    """For seconds at a time a lane gets nearly nothing, or all of a core."""
    rng = np.random.default_rng(1)
    while True:
        yield from [float(rng.choice([0.05, 0.3, 1.0]))] * int(rng.integers(3, 12))


FRESH = (0.01, 0.1)
RATES = {"optimizer": ["sgd", "momentum", "adam"], "learning_rate": [0.001, 0.01, 0.1, 1.0], "seed": [1, 2, 3]}
BATCHES: dict[str, list[object]] = {"batch_size": [1, 8, 64, 512]}


def dear_if_small(training: Training) -> float:
    """As measured: a batch of one digit costs four times as much as `work` foresees."""
    return by_work(training) * (4 if training.cell.config.batch_size == 1 else 1)


# Errors of some seconds at the very end don't matter.
SLACK_S = 5


def within(factor: float, seconds: list[Second]) -> bool:
    """Whether all estimates were right within this factor."""
    truths = [(told + SLACK_S, seconds[-1].at + 1 - at + SLACK_S) for at, told in seconds if told is not None]
    return all(max(pair) <= factor * min(pair) for pair in truths)


def rises(seconds: list[Second]) -> list[float]:
    """How often the estimate grew by more than a second."""
    told = [told for _, told in seconds if told is not None]
    return [after / before for before, after in itertools.pairwise(told) if after > before]


@pytest.mark.parametrize(
    ("axes", "epochs", "cost"), [(RATES, 60, by_work), (BATCHES, 4, dear_if_small)], ids=["rates", "batch sizes"]
)
def test_at_rest_the_time_left_comes_true_and_never_grows(axes, epochs, cost):
    """Whatever a batch costs, and although the last trainings have a core to themselves."""
    seconds = observed(new(axes, epochs), cost, rests())

    assert within(1.3, seconds)
    assert rises(seconds) == []
    assert [told for _, told in seconds[:2]] == [None, None]
    assert all(told is not None for _, told in seconds[12:])


@pytest.mark.parametrize(
    ("axes", "epochs", "cost"), [(RATES, 60, by_work), (BATCHES, 4, dear_if_small)], ids=["rates", "batch sizes"]
)
def test_on_a_busy_machine_it_is_about_right_and_seldom_grows(axes, epochs, cost):
    """Lanes are up to twenty times as slow for seconds at a time, as the machine has it."""
    seconds = observed(new(axes, epochs), cost, is_busy())

    assert within(2.2, seconds)
    assert len(rises(seconds)) <= 5
    assert all(rise < 1.4 for rise in rises(seconds))


def test_what_a_training_on_a_lost_machine_had_done_is_still_to_do():
    sweep, estimate = new(BATCHES, 4), SweepEstimate()
    machine = Machine(sweep, by_work, rests())
    for at in range(1, 20):
        machine.second()
        estimate.measure(sweep, float(at))
    before = estimate.left(sweep)
    assert before is not None

    sweep.lose(sweep.cells[0])
    estimate.measure(sweep, 20.0)

    assert (estimate.left(sweep) or 0) > before


def test_a_sweep_that_is_over_has_no_time_left():
    sweep, estimate = new(BATCHES, 4), SweepEstimate()
    machine = Machine(sweep, by_work, rests())
    for at in range(1, 20):
        machine.second()
        estimate.measure(sweep, float(at))
    assert estimate.left(sweep) is not None

    sweep.apply(StopRequested())
    estimate.measure(sweep, 20.0)

    assert estimate.left(sweep) is None
