"""When a lane is evaluated, and on what."""

import numpy as np
import pytest

from app.events import TARGETS, Evaluation, Frame, LaneEnded, LaneStatus
from app.training.dataset import Dataset
from app.training.evaluation import QUICK_DIGITS, QUICK_ERROR, evaluation_steps, near_target, quick_evaluation_steps
from app.training.wall import wall_digits
from tests.training.lane import column, evaluations, trained


def test_evaluations_are_dense_at_first_and_then_four_an_epoch() -> None:
    early, first_epoch, last_epoch = [10, 100, 133, 176], [234, 468, 702, 937], [3982, 4216, 4450, 4685]
    steps = sorted(evaluation_steps(937, 5))

    assert steps[:8] == early + first_epoch
    assert steps[-4:] == last_epoch
    assert len(steps) == 4 + 5 * 4


def test_the_first_hundred_batches_are_evaluated_often_and_quickly() -> None:
    steps = sorted(quick_evaluation_steps(937))

    assert steps == [1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 16, 20, 25, 30, 37, 45, 55, 67, 82, 100]
    assert sorted(quick_evaluation_steps(3)) == [1]


def test_a_quick_evaluation_uses_a_part_of_the_digits_and_contains_the_wall(digits: Dataset) -> None:
    told = evaluations(trained(digits, lane=2, epochs=1, batch_size=600))
    quick, whole = [e for e in told if e.quick], [e for e in told if not e.quick]
    labels = digits.test_labels[wall_digits(digits.test_labels)]

    assert len(quick) >= 5
    assert all(round(e.test_accuracy * QUICK_DIGITS, 6).is_integer() for e in quick)
    assert not any(len(e.answers) for e in quick)
    for e in told:
        assert len(e.wall) == len(labels) == 100
    for e in whole:
        assert [int(answer) for answer in e.wall] == e.answers[wall_digits(digits.test_labels)].tolist()


def test_a_lane_that_may_have_passed_a_target_is_evaluated_over_all_test_digits(digits: Dataset) -> None:
    """However quick the evaluation was to be: a target counts when it is passed by all."""
    before = 0.0
    for e in evaluations(trained(digits, lane=2, epochs=1)):
        if e.quick:
            assert not any(before < target <= e.test_accuracy + QUICK_ERROR for target in TARGETS)
        else:
            before = max(before, e.test_accuracy)


@pytest.mark.parametrize(
    ("accuracy", "near"),
    [(0.889, False), (0.891, True), (0.9, False), (0.944, False), (0.946, True), (0.979, True), (0.98, False)],
)
def test_just_below_a_target_is_near_it(accuracy: float, near: bool) -> None:
    assert near_target(accuracy, TARGETS) is near


def test_just_below_a_target_of_ones_own_is_near_it(few_digits: Dataset) -> None:
    assert not near_target(0.79, TARGETS)
    assert near_target(0.79, (*TARGETS, 0.8))

    aimed, unaimed = (
        {e.step for e in evaluations(trained(few_digits, 2, epochs=20, target_accuracy=target))}
        for target in (0.8, None)
    )
    assert aimed - unaimed, "a closer look"


def test_a_lane_ends_at_its_first_evaluation_at_or_above_the_target(few_digits: Dataset) -> None:
    events = trained(few_digits, 2, epochs=20, target_accuracy=0.8)
    *before, last = evaluations(events)

    assert all(e.test_accuracy < 0.8 for e in before)
    assert last.test_accuracy >= 0.8
    assert events[-1] == LaneEnded(2, LaneStatus.FINISHED, last.step)
    losses = column(events, "loss")
    assert len(losses) == last.step < 20 * 31
    assert np.array_equal(losses, column(trained(few_digits, 2, epochs=20), "loss")[: last.step])


def test_a_lane_that_does_not_reach_the_target_trains_all_epochs(few_digits: Dataset) -> None:
    assert trained(few_digits, target_accuracy=0.999)[-1] == LaneEnded(0, LaneStatus.FINISHED, 62)


def test_an_evaluation_comes_right_after_the_step_it_measures(few_digits: Dataset) -> None:
    step, seconds = 0, 0.0
    for event in trained(few_digits):
        if isinstance(event, Frame):
            step, seconds = event.first_step + len(event.loss) - 1, float(event.seconds[-1])
        elif isinstance(event, Evaluation) and event.step:
            assert event.step == step
            assert event.seconds == pytest.approx(seconds)


def test_an_evaluation_contains_the_answer_to_every_test_digit(few_digits: Dataset) -> None:
    for e in (e for e in evaluations(trained(few_digits)) if not e.quick):
        assert e.test_accuracy == np.mean(e.answers == few_digits.test_labels)
        assert e.answers.dtype == np.uint8
        assert e.confidence.shape == (500,)
        assert (e.confidence > 0.1).all() and (e.confidence <= 1).all()


@pytest.mark.parametrize("target", [None, 0.8], ids=["after all epochs", "at the target"])
def test_the_last_evaluation_covers_all_training_digits(digits: Dataset, target: float | None) -> None:
    """Those after the fixed 10,000 are mislabelled here, which shows when they are evaluated."""
    labels = digits.train_labels[:12_000].copy()
    labels[10_000:] = (labels[10_000:] + 1) % 10
    dataset = Dataset.of(digits.train_images[:12_000], labels, digits.test_images, digits.test_labels)
    *before, last = evaluations(trained(dataset, lane=1, epochs=1, target_accuracy=target))

    assert before[-1].train_accuracy > 0.75
    assert last.train_accuracy < 0.75
    assert last.train_accuracy * 12_000 == pytest.approx(round(last.train_accuracy * 12_000))
    assert last.test_accuracy > 0.8
