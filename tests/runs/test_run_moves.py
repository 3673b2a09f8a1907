"""Which events a run takes when, and which cursors are its own."""

import numpy as np
import pytest

from app.config import RunConfig
from app.errors import CursorMismatch, IllegalMove
from app.events import Event, Frame, LaneEnded, LaneStatus, RunStarted, StopRequested
from app.runs.history import Cursor
from app.runs.run import Run, RunStatus


def frame(lane: int, first_step: int, count: int) -> Frame:
    ones = np.ones(count, np.float32)
    return Frame(lane, first_step, ones, ones, ones)


def ended(lane: int, status: LaneStatus = LaneStatus.FINISHED) -> LaneEnded:
    return LaneEnded(lane, status, 0)


START, STOP = RunStarted("whole"), StopRequested()
OVER = [START, ended(0), ended(1), ended(2)]


@pytest.fixture
def run() -> Run:
    return Run("a-run", RunConfig(), np.zeros(5, np.uint8), per_epoch=937)


@pytest.mark.parametrize(
    ("before", "illegal", "message"),
    [
        ([], frame(0, 1, 1), "Frame needs a run that is running or stopping; this one is queued."),
        ([], ended(0), "LaneEnded needs a run that is running or stopping; this one is queued."),
        ([START], START, "RunStarted needs a run that is queued; this one is running."),
        ([STOP], START, "RunStarted needs a run that is queued; this one is stopping."),
        ([START, STOP], STOP, "StopRequested needs a run that is queued or running; this one is stopping."),
        (OVER, STOP, "StopRequested needs a run that is queued or running; this one is finished."),
        (OVER, frame(0, 1, 1), "Frame needs a run that is running or stopping; this one is finished."),
        (OVER, START, "RunStarted needs a run that is queued; this one is finished."),
        ([START, ended(1)], ended(1), "Lane 1 is finished, but a LaneEnded came."),
        ([START, ended(1)], frame(1, 1, 1), "Lane 1 is finished, but a Frame came."),
        ([START, frame(0, 1, 4)], frame(0, 4, 1), "Lane 0 is at step 4, but a frame came from step 4 on."),
        ([START, frame(0, 1, 4)], frame(0, 6, 1), "Lane 0 is at step 4, but a frame came from step 6 on."),
        ([START], frame(2, 0, 1), "Lane 2 is at step 0, but a frame came from step 0 on."),
    ],
)  # fmt: skip
def test_an_illegal_move_raises_and_says_what_was_expected(
    run: Run, before: list[Event], illegal: Event, message: str
) -> None:
    for event in before:
        run.apply(event)
    described, version = run.describe(), run.version

    with pytest.raises(IllegalMove) as refusal:
        run.apply(illegal)

    assert str(refusal.value) == message
    assert (run.describe(), run.version) == (described, version), "and nothing has moved"


def test_a_lane_may_go_on_while_the_run_is_stopping(run: Run) -> None:
    for event in (START, frame(0, 1, 3), STOP, frame(0, 4, 2), ended(0, LaneStatus.STOPPED)):
        run.apply(event)

    assert run.status is RunStatus.STOPPING
    assert run.history.steps(0) == 5


def test_the_version_changes_with_everything_but_steps(run: Run) -> None:
    versions = [run.version]
    run.move_to(2)
    versions.append(run.version)
    for event in (START, ended(0), STOP):
        run.apply(event)
        versions.append(run.version)
    run.apply(frame(1, 1, 9))

    assert versions == sorted(set(versions))
    assert run.version == versions[-1]


def test_the_same_place_in_the_queue_is_no_news(run: Run) -> None:
    run.move_to(2)
    version = run.version
    run.move_to(2)

    assert run.version == version


def test_a_cursor_that_is_left_out_means_from_the_start(run: Run) -> None:
    run.apply(START)
    run.apply(frame(1, 1, 5))

    assert run.cursor(None, None) == Cursor((0, 0, 0), (0, 0, 0))
    assert run.cursor([0, 5, 0], None) == Cursor((0, 5, 0), (0, 0, 0))


@pytest.mark.parametrize(
    ("steps", "evaluations"),
    [
        ([0, 6, 0], None),
        ([0, -1, 0], None),
        ([0, 0], None),
        ([0, 0, 0, 0], None),
        ([], None),
        (None, [1, 0, 0]),
        ([0, 5, 0], [0, 0, 0, 0]),
    ],
)
def test_a_cursor_of_another_run_is_refused(
    run: Run, steps: list[int] | None, evaluations: list[int] | None
) -> None:  # fmt: skip
    run.apply(START)
    run.apply(frame(1, 1, 5))

    with pytest.raises(CursorMismatch, match="is not one of this run, which has") as refusal:
        run.cursor(steps, evaluations)

    wrong = evaluations if steps in (None, [0, 5, 0]) else steps
    assert str(wrong) in str(refusal.value)
