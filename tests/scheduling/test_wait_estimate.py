"""How long runs take: paced ones from their pace, others once a speed is measured."""

import time
from typing import Any

import numpy as np
import pytest

from app.config import RunConfig
from app.events import Evaluation, Frame, LaneEnded, LaneStatus, PaceChanged, RunStarted
from app.runs.run import Run
from app.scheduling.time_slices import TimeSlices
from app.scheduling.wait_estimate import WaitEstimate
from app.training.dataset import Dataset
from app.training.evaluation import TRAIN_SAMPLE, Evaluator, evaluation_steps, quick_evaluation_steps
from app.training.trainer import train as trained

PACE, TOTAL = 10, 937 * 5


@pytest.fixture
def run() -> Run:
    run = Run("a-run", RunConfig(), np.zeros(5, np.uint8), per_epoch=937)
    run.apply(PaceChanged(PACE))
    run.apply(RunStarted("whole"))
    return run


def of(run: Run, turn_s: float = 0) -> WaitEstimate:
    """With turns that have no end, or of so many seconds."""
    turns = TimeSlices(turn_s)
    turns.begin(run, 0.0)
    return WaitEstimate(1, 20_000, turns)


def train(run: Run, steps: int) -> None:
    ones = np.ones(steps, np.float32)
    for lane in range(3):
        run.apply(Frame(lane, run.history.steps(lane) + 1, ones, ones, ones))


def evaluate(run: Run, quick: bool = False) -> None:
    for lane in range(3):
        answers = np.zeros(5, np.uint8), np.ones(5, np.float32)
        run.apply(Evaluation(lane, run.history.steps(lane), 1.0, 0.5, 1.0, 0.5, 1.0, *answers, quick=quick))


def test_what_is_left_of_a_paced_run_follows_from_its_pace_however_often_it_is_evaluated(run):
    wait_estimate, told = of(run), []
    wait_estimate.measure([run], 0.0)
    for second in range(1, 40):
        train(run, PACE)
        if second % 7 in (1, 2):
            evaluate(run)
        wait_estimate.measure([run], float(second))
        told.append(wait_estimate.waits([run], [])[0] * PACE + second * PACE)

    assert told == pytest.approx([TOTAL] * 39)


def test_a_batch_that_is_late_bends_nothing(run):
    wait_estimate = of(run)
    wait_estimate.measure([run], 0.0)
    train(run, 2 * PACE - 2)
    wait_estimate.measure([run], 2.0)

    assert wait_estimate.left(run, False) == pytest.approx((TOTAL - 18) / PACE)


def test_a_pace_the_machine_cannot_keep_is_not_believed(run):
    wait_estimate = of(run)
    wait_estimate.measure([run], 0.0)
    for second in range(1, 5):
        train(run, PACE // 2)
        wait_estimate.measure([run], float(second))

    assert wait_estimate.left(run, False) == pytest.approx((TOTAL - 20) / (PACE / 2))


def test_how_long_a_run_at_full_speed_takes_is_known_once_its_speed_is_measured_and_then_bounded_by_its_turn(run):
    wait_estimate = of(run, turn_s=100)
    run.apply(PaceChanged(None))
    wait_estimate.measure([run], 0.0)
    waiting = Run("waiting", RunConfig(), np.zeros(5, np.uint8), per_epoch=937)
    assert wait_estimate.waits([run], [(waiting, False)]) == [None, None]

    train(run, 100)
    wait_estimate.measure([run], 4.0)
    lone, after = wait_estimate.waits([run], [(waiting, False)])
    # Its evaluations take time too.
    assert (TOTAL - 100) / 25 < lone < 400 - 4
    assert TOTAL / 25 < after - lone < 400

    train(run, 1)
    wait_estimate.measure([run], 12.0)
    assert wait_estimate.waits([run], []) == [pytest.approx(400 - 12)]


def test_ten_quick_evaluations_are_as_much_work_as_a_whole_one(run):
    """Of 2,000 digits where others are of 20,000."""
    run.apply(PaceChanged(None))
    left = []
    for quick, evaluations in ((True, 10), (False, 1)):
        again = Run("again", run.config, np.zeros(5, np.uint8), per_epoch=937)
        again.apply(RunStarted("whole"))
        wait_estimate = of(again)
        wait_estimate.measure([again], 0.0)
        train(again, 100)
        for _ in range(evaluations):
            evaluate(again, quick)
        wait_estimate.measure([again], 4.0)
        left.append(wait_estimate.left(again, False))

    assert left[0] == pytest.approx(left[1])
    assert left[0] > 4 * (TOTAL - 100) / 200, "half of the four seconds went into evaluations"


STEPS, EVALUATIONS = 200, 3
# Measured, it is within 1.2, on a busy machine too.
FACTOR, ATTEMPTS = 2, 3


def cpu_seconds(digits: Dataset, evaluator: Evaluator, config: RunConfig) -> float:
    """Of the processor for a whole run, from the quickest of some steps and evaluations of each lane."""
    whole, per_epoch = 0.0, len(digits.train_labels) // config.batch_size
    for lane in range(len(config.lanes)):
        seconds: list[float] = []
        evaluations: dict[bool, list[float]] = {True: [], False: []}
        told = trained(digits, config, lane, evaluator=evaluator)
        while len(seconds) < STEPS or min(map(len, evaluations.values())) < EVALUATIONS:
            began, event = time.thread_time(), next(told)
            if isinstance(event, Frame):
                seconds.extend(event.seconds)
            elif isinstance(event, Evaluation):
                evaluations[event.quick].append(time.thread_time() - began)
        step = float(np.quantile(np.diff(seconds), 0.1))
        scheduled = evaluation_steps(per_epoch, config.epochs)
        quick = quick_evaluation_steps(per_epoch) - scheduled
        evaluated = min(evaluations[False]) * len(scheduled) + min(evaluations[True]) * len(quick)
        whole += step * per_epoch * config.epochs + evaluated
    return whole


@pytest.mark.slow
@pytest.mark.parametrize(
    ("raced", "waiting"),
    [
        ({"epochs": 20, "hidden": [32]}, {"epochs": 2, "hidden": [32]}),
        ({"epochs": 20, "hidden": [16]}, {"epochs": 2, "hidden": [128], "batch_size": 32}),
    ],
)
def test_how_long_a_run_takes_follows_from_how_long_another_took(
    digits: Dataset, raced: dict[str, Any], waiting: dict[str, Any]
) -> None:
    """On a machine with one core, which does nothing else."""
    evaluator, ratios = Evaluator(digits), []
    for _ in range(ATTEMPTS):
        before, after = (
            Run("a-run", config, np.zeros(5, np.uint8), len(digits.train_labels) // config.batch_size)
            for config in (RunConfig.of(raced), RunConfig.of(waiting))
        )
        wait_estimate = WaitEstimate(1, len(digits.test_labels) + TRAIN_SAMPLE, TimeSlices(0))
        before.apply(RunStarted("whole"))
        wait_estimate.measure([before], 0.0)
        train(before, before.batches_per_epoch * before.config.epochs)
        scheduled = evaluation_steps(before.batches_per_epoch, before.config.epochs)
        quick = quick_evaluation_steps(before.batches_per_epoch) - scheduled
        for step in scheduled | quick:
            evaluate(before, quick=step in quick)
        for lane in range(3):
            before.apply(LaneEnded(lane, LaneStatus.FINISHED, before.history.steps(lane)))
        wait_estimate.measure([before], cpu_seconds(digits, evaluator, before.config))

        _, told = wait_estimate.waits([], [(after, False)])
        ratios.append(told / cpu_seconds(digits, evaluator, after.config))
        if 1 / FACTOR <= ratios[-1] <= FACTOR:
            return
    pytest.fail(f"{ATTEMPTS} times in a row it was foretold wrong, by factors of {ratios}")
