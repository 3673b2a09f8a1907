"""The default race on all digits, and whether what the page claims about it is true."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from app.config import RunConfig
from app.events import TARGETS, Frame, LaneEnded, LaneEvent, LaneStatus
from app.training.dataset import open_dataset
from app.training.evaluation import evaluation_steps, near_target, quick_evaluation_steps
from app.training.trainer import train
from tests.training.lane import evaluations

pytestmark = pytest.mark.slow

SGD, MOMENTUM, ADAM = range(3)
STEPS = 5 * 937


def raced(prepared: Path, lane: int) -> list[LaneEvent]:
    return list(train(open_dataset(prepared), RunConfig(), lane))


@pytest.fixture(scope="module")
def race(prepared_digits: Path) -> list[list[LaneEvent]]:
    """The events of each lane. One process for each: about ten seconds on two cores."""
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(raced, [prepared_digits] * 3, range(3)))


@pytest.mark.parametrize(("lane", "low", "high"), [(SGD, 0.915, 0.930), (MOMENTUM, 0.962, 0.973), (ADAM, 0.957, 0.973)])
def test_final_test_accuracy(race: list[list[LaneEvent]], lane: int, low: float, high: float) -> None:
    last = evaluations(race[lane])[-1]

    assert last.step == STEPS
    assert low <= last.test_accuracy <= high


@pytest.mark.parametrize(("lane", "low", "high"), [(SGD, 1500, 1750), (MOMENTUM, 200, 240), (ADAM, 50, 70)])
def test_batches_to_reach_90_percent(race: list[list[LaneEvent]], lane: int, low: int, high: int) -> None:
    reached = next(e.step for e in evaluations(race[lane]) if e.test_accuracy >= 0.9)

    assert low <= reached <= high


@pytest.mark.parametrize("lane", [SGD, MOMENTUM, ADAM])
def test_every_batch_of_five_epochs_is_reported(race: list[list[LaneEvent]], lane: int) -> None:
    frames = [event for event in race[lane] if isinstance(event, Frame)]

    assert frames[0].first_step == 1
    for frame, after in pairwise(frames):
        assert frame.first_step + len(frame.loss) == after.first_step
    assert frames[-1].first_step + len(frames[-1].loss) - 1 == STEPS
    assert race[lane][-1] == LaneEnded(lane, LaneStatus.FINISHED, STEPS)


def test_all_lanes_lose_the_same_on_their_first_batch(race: list[list[LaneEvent]]) -> None:
    first = [next(event for event in events if isinstance(event, Frame)) for events in race]

    assert len({(float(frame.loss[0]), float(frame.accuracy[0])) for frame in first}) == 1


@pytest.mark.parametrize("lane", [SGD, MOMENTUM, ADAM])
def test_a_lane_is_evaluated_on_schedule_and_more_often_just_below_a_target(
    race: list[list[LaneEvent]], lane: int
) -> None:
    told = evaluations(race[lane])
    scheduled = {0, *evaluation_steps(937, 5), *quick_evaluation_steps(937)}

    assert scheduled <= {e.step for e in told}
    for before, e in pairwise(told):
        if e.step not in scheduled:
            assert near_target(before.test_accuracy, TARGETS)
        if near_target(before.test_accuracy, TARGETS):
            assert e.step - before.step <= max(1, before.step / 16)


def test_the_early_race_is_adams_and_the_end_is_not_sgds(race: list[list[LaneEvent]]) -> None:
    def test_accuracy(lane: int, step: int) -> float:
        return next(e.test_accuracy for e in evaluations(race[lane]) if e.step == step)

    assert test_accuracy(ADAM, 100) > test_accuracy(MOMENTUM, 100) > test_accuracy(SGD, 100)
    assert test_accuracy(SGD, STEPS) < min(test_accuracy(MOMENTUM, STEPS), test_accuracy(ADAM, STEPS))
