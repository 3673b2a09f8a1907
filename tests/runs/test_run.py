"""A run is the fold of its events, and describes itself in strict JSON."""

import json
from itertools import zip_longest
from typing import Any

import numpy as np
import pytest

from app.config import RunConfig
from app.events import (
    Evaluation,
    Event,
    LaneEnded,
    LaneSilent,
    LaneStatus,
    LearningRateChanged,
    PlaceChanged,
    RunStarted,
    RunStatus,
    StopRequested,
)
from app.runs.run import Run
from app.training.dataset import Dataset
from app.training.trainer import train

CONFIG = RunConfig.of({"hidden": [16], "epochs": 2, "learning_rate": 0.05})
LABELS = np.arange(20, dtype=np.uint8) % 10
FINISHED, STOPPED, DIVERGED, FAILED, INTERRUPTED = (
    LaneStatus.FINISHED,
    LaneStatus.STOPPED,
    LaneStatus.DIVERGED,
    LaneStatus.FAILED,
    LaneStatus.INTERRUPTED,
)


@pytest.fixture(scope="module")
def told(few_digits: Dataset) -> list[Event]:
    """The events of a real race, its lanes taking turns."""
    turns = zip_longest(*(train(few_digits, CONFIG, lane) for lane in range(3)))
    return [RunStarted("whole"), *(event for turn in turns for event in turn if event)]


@pytest.fixture
def run() -> Run:
    return Run("a-run", CONFIG, LABELS, per_epoch=31)


@pytest.fixture
def racing(run: Run) -> Run:
    run.apply(RunStarted("whole"))
    return run


def evaluation(lane: int, step: int, test_accuracy: float, loss: float = 0.5) -> Evaluation:
    answers, confidence = np.zeros(20, np.uint8), np.full(20, 0.5, np.float32)
    return Evaluation(lane, step, step / 8, test_accuracy, loss, test_accuracy, loss, answers, confidence)


def end(run: Run, *statuses: LaneStatus) -> None:
    for lane, status in enumerate(statuses):
        run.apply(LaneEnded(lane, status, 0))


def content(run: Run) -> tuple[dict[str, Any], list[bytes]]:
    blocks, _ = run.history.read(run.history.start(), run.history.end())
    return {**run.describe(), "created_at": None}, [block.columns.tobytes() for block in blocks]


def test_the_same_events_make_the_same_run(told: list[Event], few_digits: Dataset) -> None:
    first, second = (Run("a-run", CONFIG, few_digits.test_labels, 31) for _ in range(2))
    for event in told:
        first.apply(event)
        second.apply(event)

        assert first.status == second.status
    assert content(first) == content(second)


def test_a_whole_race_is_folded_into_a_description(told: list[Event], few_digits: Dataset) -> None:
    run = Run("a-run", CONFIG, few_digits.test_labels, 31)
    for event in told:
        run.apply(event)
    described = run.describe()

    assert described["status"] == "finished"
    assert described["form"] == "whole"
    assert (described["batches_per_epoch"], described["total_steps"]) == (31, 62)
    for number, lane in enumerate(described["lanes"]):
        last = [event for event in told if isinstance(event, Evaluation) and event.lane == number][-1]
        assert (lane["lane"], lane["status"], lane["steps"], lane["reason"]) == (number, "finished", 62, None)
        assert (lane["test_accuracy"], lane["test_loss"]) == (last.test_accuracy, last.test_loss)
        assert (lane["train_accuracy"], lane["train_loss"]) == (last.train_accuracy, last.train_loss)
        assert lane["seconds"] == pytest.approx(last.seconds)
    assert [lane["optimizer"] for lane in described["lanes"]] == ["sgd", "momentum", "adam"]
    assert len(described["hard_digits"]) == 10
    for digit in described["hard_digits"]:
        assert digit["label"] == few_digits.test_labels[digit["index"]]
        assert all(0.1 < answer["confidence"] <= 1 for answer in digit["answers"])


def test_a_runs_description_is_strict_json_at_every_moment(told: list[Event], few_digits: Dataset) -> None:
    run = Run("a-run", CONFIG, few_digits.test_labels, 31)
    for event in told:
        assert json.loads(json.dumps(run.describe(), allow_nan=False)) == run.describe()
        run.apply(event)


def test_a_new_run_waits_with_nothing_to_tell(run: Run) -> None:
    run.apply(PlaceChanged(3))
    described = run.describe()

    assert (described["status"], described["position"]) == ("queued", 3)
    assert described["created_at"].endswith("Z")
    assert described["config"] == CONFIG.model_dump()
    assert described["hard_digits"] == []
    assert {lane["status"] for lane in described["lanes"]} == {"waiting"}
    assert {lane[name] for lane in described["lanes"] for name in ("test_accuracy", "test_loss", "train_loss")} == {
        None
    }


def test_starting_leaves_the_queue(run: Run) -> None:
    run.apply(PlaceChanged(1))
    run.apply(RunStarted("whole"))

    assert (run.status, run.place.position) == (RunStatus.RUNNING, None)
    assert {lane.status for lane in run.lanes} == {LaneStatus.RUNNING}


@pytest.mark.parametrize("queued", [True, False])
def test_a_run_that_is_to_stop_is_stopping_until_all_its_lanes_have_ended(run: Run, queued: bool) -> None:
    if not queued:
        run.apply(RunStarted("whole"))
    run.apply(StopRequested())
    for lane in range(3):
        assert run.status is RunStatus.STOPPING
        run.apply(LaneEnded(lane, STOPPED, 0))

    assert run.status is RunStatus.STOPPED


@pytest.mark.parametrize(
    ("lanes", "outcome"),
    [
        ((FINISHED, FINISHED, FINISHED), RunStatus.FINISHED),
        ((DIVERGED, FINISHED, FINISHED), RunStatus.FINISHED),
        ((DIVERGED, DIVERGED, DIVERGED), RunStatus.FINISHED),
        ((FAILED, FINISHED, DIVERGED), RunStatus.FINISHED),
        ((FAILED, FAILED, FAILED), RunStatus.FAILED),
        ((STOPPED, STOPPED, STOPPED), RunStatus.STOPPED),
        ((FINISHED, STOPPED, FAILED), RunStatus.STOPPED),
        ((FAILED, FAILED, STOPPED), RunStatus.STOPPED),
        ((INTERRUPTED, INTERRUPTED, INTERRUPTED), RunStatus.INTERRUPTED),
        ((FINISHED, STOPPED, INTERRUPTED), RunStatus.INTERRUPTED),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_the_outcome_of_a_run_is_that_of_its_lanes(
    racing: Run, lanes: tuple[LaneStatus, ...], outcome: RunStatus
) -> None:
    end(racing, *lanes[:2])
    assert racing.status is RunStatus.RUNNING
    racing.apply(LaneEnded(2, lanes[2], 0))

    assert racing.status is outcome
    assert racing.status.final


def test_a_lanes_description_has_its_reason(racing: Run) -> None:
    racing.apply(LaneEnded(1, DIVERGED, 8, "The loss of batch 8 is nan."))

    assert [lane["reason"] for lane in racing.describe()["lanes"]] == [None, "The loss of batch 8 is nan.", None]


def test_a_change_of_the_learning_rate_has_the_first_step_trained_with_it(racing: Run) -> None:
    for change in (LearningRateChanged(1, 8, 0.5), LearningRateChanged(1, 20, 0.1)):
        racing.apply(change)
    first, second, third = racing.describe()["lanes"]

    assert second["learning_rate"] == 0.1
    assert second["learning_rate_changes"] == [{"step": 8, "learning_rate": 0.5}, {"step": 20, "learning_rate": 0.1}]
    for other in (first, third):
        assert (other["learning_rate"], other["learning_rate_changes"]) == (0.05, [])


def test_a_learning_rate_that_no_step_was_trained_with_is_left_out(racing: Run) -> None:
    for rate in (0.5, 0.25):
        racing.apply(LearningRateChanged(1, 8, rate))

    assert racing.describe()["lanes"][1]["learning_rate_changes"] == [{"step": 8, "learning_rate": 0.25}]


def test_losses_that_are_no_numbers_are_null(racing: Run) -> None:
    lost = evaluation(0, 3, 0.1, loss=float("nan"))
    lost.confidence[:] = np.nan
    racing.apply(lost)
    racing.apply(evaluation(1, 3, 0.1, loss=float("inf")))
    described = json.loads(json.dumps(racing.describe(), allow_nan=False))

    assert [lane["test_loss"] for lane in described["lanes"]] == [None, None, None]
    assert [lane["train_loss"] for lane in described["lanes"]] == [None, None, None]
    assert [lane["test_accuracy"] for lane in described["lanes"]] == [0.1, 0.1, None]
    for digit in described["hard_digits"]:
        assert digit["answers"] == [{"digit": 0, "confidence": None}, {"digit": 0, "confidence": 0.5}, None]


def test_the_first_evaluation_at_or_above_a_target_is_kept(racing: Run) -> None:
    for step, accuracy in ((10, 0.5), (20, 0.9), (30, 0.96), (40, 0.89), (50, 0.975)):
        racing.apply(evaluation(2, step, accuracy))

    assert racing.describe()["lanes"][2]["reached"] == [
        {"accuracy": 0.9, "step": 20, "seconds": 2.5},
        {"accuracy": 0.95, "step": 30, "seconds": 3.75},
        {"accuracy": 0.97, "step": 50, "seconds": 6.25},
    ]
    assert racing.describe()["lanes"][0]["reached"] == []


def test_a_silent_lane_says_so_until_it_answers_and_this_is_not_stored(racing: Run) -> None:
    told, log, version = [], len(racing.log), racing.version
    for seconds in (10, 12, 0, 10):
        racing.apply(LaneSilent(1, seconds))
        told.append([lane["silent_s"] for lane in racing.describe()["lanes"]])
    racing.apply(LaneEnded(1, FAILED, 0, "It did not answer."))

    assert told == [[None, 10, None], [None, 12, None], [None] * 3, [None, 10, None]]
    assert racing.version == version + 5
    assert len(racing.log) == log + 1
    assert racing.describe()["lanes"][1]["silent_s"] is None
