"""Trainings whose results are all that is wanted: few evaluations, the same numbers."""

import math

import numpy as np
import pytest

from app.config import RunConfig
from app.events import Detail, Evaluation, Frame, LaneEnded, LaneEvent, LaneStatus
from app.training.dataset import Dataset
from app.training.evaluation import result_evaluation_steps
from app.training.trainer import train

ADAM = 2
CONFIG = RunConfig.of({"epochs": 2, "hidden": [16]})


def of(events: list[LaneEvent], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def losses(events: list[LaneEvent]) -> list[float]:
    return np.concatenate([frame.loss for frame in of(events, Frame)]).tolist()


@pytest.mark.parametrize(
    ("total", "steps"),
    [(937, [30, 94, 296, 937]), (1, [1]), (10, [10]), (30_000, [30, 95, 300, 949, 3_000, 9_487, 30_000])],
)
def test_evaluations_are_two_a_decade_and_the_last(total: int, steps: list[int]) -> None:
    assert result_evaluation_steps(total) == steps


def test_the_result_equals_that_of_a_training_with_all_details(few_digits: Dataset) -> None:
    in_full = list(train(few_digits, CONFIG, ADAM))
    result = list(train(few_digits, CONFIG, ADAM, detail=Detail.RESULT))

    assert losses(result) == losses(in_full)
    last, whole = of(result, Evaluation)[-1], of(in_full, Evaluation)[-1]
    assert (last.step, last.test_accuracy, last.test_loss) == (whole.step, whole.test_accuracy, whole.test_loss)
    assert result[-1] == in_full[-1] == LaneEnded(ADAM, LaneStatus.FINISHED, last.step)


def test_all_evaluations_but_the_last_are_quick_and_none_is_of_training_digits(few_digits: Dataset) -> None:
    events = list(train(few_digits, CONFIG, ADAM, detail=Detail.RESULT))

    evaluations = of(events, Evaluation)
    total = len(losses(events))
    assert [each.step for each in evaluations] == result_evaluation_steps(total)
    assert [each.quick for each in evaluations] == [True] * (len(evaluations) - 1) + [False]
    assert all(math.isnan(each.train_accuracy) and math.isnan(each.train_loss) for each in evaluations)
    # Answers to ten thousand single digits would cost the server more than all other events.
    assert not any(len(each.answers) or len(each.confidence) for each in evaluations)
    assert {type(event) for event in events} == {Frame, Evaluation, LaneEnded}


def test_one_that_diverges_ends_there(few_digits: Dataset) -> None:
    config = RunConfig.of({"epochs": 2, "learning_rate": 10, "lanes": [{"optimizer": "momentum"}], "seed": 1})

    *_, end = train(few_digits, config, 0, detail=Detail.RESULT)
    *_, in_full = train(few_digits, config, 0)

    assert end == in_full
