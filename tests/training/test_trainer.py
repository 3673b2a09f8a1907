"""One lane's events: which come, in which order, with which numbers."""

import numpy as np
import pytest

from app.config import RunConfig
from app.events import Evaluation, Frame, LaneEnded, LaneEvent, LaneStatus, Parameters, Push
from app.training.control import Allowance, Waiting
from app.training.dataset import Dataset
from app.training.trainer import train
from tests.training.lane import SMALL, Stops, column, evaluations, frames, numbers, trained


@pytest.mark.parametrize("lane", range(3))
def test_every_step_comes_once_and_in_order_and_then_the_end(few_digits: Dataset, lane: int) -> None:
    events = trained(few_digits, lane)

    steps = [frame.first_step + i for frame in frames(events) for i in range(len(frame.loss))]
    assert steps == list(range(1, 63))
    assert all(len(f.loss) == len(f.accuracy) == len(f.seconds) > 0 for f in frames(events))
    assert {event.lane for event in events} == {lane}
    assert events[-1] == LaneEnded(lane, LaneStatus.FINISHED, 62)
    assert not any(isinstance(event, LaneEnded) for event in events[:-1])


def test_metrics_are_those_of_learning_digits(few_digits: Dataset) -> None:
    events = trained(few_digits, lane=2)
    loss, accuracy, seconds = (column(events, name) for name in ("loss", "accuracy", "seconds"))

    assert {loss.dtype, accuracy.dtype, seconds.dtype} == {np.dtype(np.float32)}
    assert 2 < loss[0] < 4, "near ln 10"
    assert loss[-10:].mean() < 1
    assert accuracy[-10:].mean() > 0.7
    assert np.array_equal(accuracy * 64, np.round(accuracy * 64)), "shares of a batch of 64"
    assert seconds[0] > 0
    assert (np.diff(seconds) >= 0).all()


@pytest.mark.parametrize(
    ("batch_size", "epochs", "last", "evaluated"),
    [
        (2000, 3, 3, [0, 1, 2, 3]),
        (1999, 2, 2, [0, 1, 2]),
        (600, 2, 6, [0, 1, 2, 3, 4, 5, 6]),
        (1, 1, 2000, [0, 10, 100, 171, 292, 500, 1000, 1500, 2000]),
    ],
    ids=["full batch", "all but one", "the rest dropped", "one digit a step"],
)
def test_odd_batch_sizes(
    few_digits: Dataset, batch_size: int, epochs: int, last: int, evaluated: list[int]
) -> None:  # fmt: skip
    events = trained(few_digits, batch_size=batch_size, epochs=epochs, learning_rate=0.001)

    assert len(column(events, "loss")) == last
    assert events[-1] == LaneEnded(0, LaneStatus.FINISHED, last)
    assert [e.step for e in evaluations(events) if not e.quick] == evaluated


@pytest.mark.parametrize("steps", [0, 1, 10, 61])
def test_a_lane_stops_before_the_next_step_and_keeps_what_came_before(few_digits: Dataset, steps: int) -> None:
    events = list(train(few_digits, RunConfig.of(SMALL), 0, Stops(steps)))

    assert events[-1] == LaneEnded(0, LaneStatus.STOPPED, steps)
    assert sum(len(frame.loss) for frame in frames(events)) == steps
    all_steps = [e.step for e in evaluations(trained(few_digits))]
    assert [e.step for e in evaluations(events)] == [step for step in all_steps if step <= steps and steps > 0]
    if steps:
        assert np.array_equal(column(events, "loss"), column(trained(few_digits), "loss")[:steps])


def test_a_lane_stops_in_the_middle_of_an_evaluation(few_digits: Dataset) -> None:
    events = list(train(few_digits, RunConfig.of(SMALL), 0, Stops(questions=2)))

    assert len(column(events, "loss")) == 1
    assert not evaluations(events)
    assert events[-1] == LaneEnded(0, LaneStatus.STOPPED, 1)


class Holds:
    """A control that lets a lane go on by so many steps whenever it has been left waiting, and by none before."""

    pending = False

    def __init__(self, steps: int) -> None:
        self.steps, self.last = steps, 0

    def poll(self, step: int) -> Allowance:
        return Allowance(self.last)

    def stopped(self) -> bool:
        return False

    def let_go(self) -> None:
        self.last += self.steps


def held(dataset: Dataset, steps: int) -> list[LaneEvent | Waiting]:
    """All events of a lane that has to wait after every so many steps."""
    control, told = Holds(steps), []
    for event in train(dataset, RunConfig.of(SMALL), 0, control):
        told.append(event)
        if isinstance(event, Waiting):
            control.let_go()
    return told


def test_a_lane_that_starts_paused_is_evaluated_untrained_first(few_digits: Dataset) -> None:
    untrained, first, second, third, *_ = held(few_digits, 1)

    assert isinstance(untrained, Parameters)
    assert isinstance(first, Evaluation)
    assert (untrained.step, first.step, first.seconds) == (0, 0, 0)
    assert second == Waiting(None)
    assert isinstance(third, Frame)


def test_a_lane_reports_all_its_steps_before_it_waits(few_digits: Dataset) -> None:
    step = told = 0
    for event in held(few_digits, 7):
        if isinstance(event, Frame):
            step += len(event.loss)
        elif isinstance(event, Waiting):
            assert step == told
            told += 7


def test_a_waiting_lane_has_sent_push_and_parameters_of_its_last_step(few_digits: Dataset) -> None:
    newest: dict[type, int] = {}
    for event in held(few_digits, 7):
        if isinstance(event, Push | Parameters):
            newest[type(event)] = event.step
        elif isinstance(event, Frame):
            step = event.first_step + len(event.loss) - 1
        elif isinstance(event, Waiting) and len(newest) == 2:
            assert newest == {Push: step, Parameters: step}
    assert len(newest) == 2


def test_waiting_does_not_change_the_numbers(few_digits: Dataset) -> None:
    waited = [event for event in held(few_digits, 3) if not isinstance(event, Waiting)]

    assert numbers(waited) == numbers(trained(few_digits))
    assert waited[-1] == LaneEnded(0, LaneStatus.FINISHED, 62)


def test_an_evaluation_does_not_wait_when_its_step_was_made(few_digits: Dataset) -> None:
    events = held(few_digits, 62)

    assert [event for event in events if isinstance(event, Waiting)] == [Waiting(None)]


def test_the_first_point_does_not_wait_for_the_untrained_network_to_be_judged(few_digits: Dataset) -> None:
    first, untrained, second, *_ = trained(few_digits)

    assert (first.first_step, len(first.loss)) == (1, 1)
    assert (untrained.step, second.step, second.seconds) == (0, 0, 0)
    assert second.test_loss == pytest.approx(np.log(10), rel=0.5), "of the network before that step"


def test_a_learning_rate_that_is_too_large_ends_as_diverged_at_a_named_step(few_digits: Dataset) -> None:
    events = trained(few_digits, learning_rate=10, hidden=[64, 64, 64])
    end, losses = events[-1], column(events, "loss")

    assert isinstance(end, LaneEnded)
    assert end.status is LaneStatus.DIVERGED
    assert 1 < end.step == len(losses) + 1 < 62
    assert np.isfinite(losses).all()
    assert evaluations(events)[0].step == 0
    assert end.reason
    assert f"batch {end.step} " in end.reason
    assert "smaller learning rate" in end.reason


def test_a_lane_that_finishes_has_a_network_that_still_works(few_digits: Dataset) -> None:
    """The last update may be the one that was too large: its own loss was a number, the evaluation after it is not."""
    dataset = Dataset.of(few_digits.train_images[:200], few_digits.train_labels[:200], *few_digits[2:4])
    too_fast = {"learning_rate": 10, "hidden": [256, 256, 256], "batch_size": 200}
    races = [trained(dataset, **too_fast, epochs=epochs) for epochs in range(1, 8)]

    assert {events[-1].status for events in races} == {LaneStatus.FINISHED, LaneStatus.DIVERGED}
    for events in races:
        if events[-1].status is LaneStatus.FINISHED:
            assert np.isfinite([e.test_loss for e in evaluations(events)]).all()
