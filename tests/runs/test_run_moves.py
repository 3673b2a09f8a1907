"""Which events a run takes when, and which cursors are its own."""

import numpy as np
import pytest

from app.config import RunConfig
from app.errors import CursorMismatch, IllegalMove
from app.events import (
    PUSH_BINS,
    Event,
    Frame,
    LaneEnded,
    LaneStatus,
    LearningRateChanged,
    PaceChanged,
    Parameters,
    PlaceChanged,
    Push,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStatus,
    SavedChanged,
    StopRequested,
    ViewersChanged,
)
from app.runs.history import Cursor
from app.runs.run import Run


def frame(lane: int, first_step: int, count: int) -> Frame:
    ones = np.ones(count, np.float32)
    return Frame(lane, first_step, ones, ones, ones)


def push(lane: int, step: int = 5) -> Push:
    return Push(lane, step, np.ones((PUSH_BINS, 3), np.float32))


def parameters(lane: int, step: int = 5) -> Parameters:
    return Parameters(lane, step, np.zeros(4, np.float32))


def ended(lane: int, status: LaneStatus = LaneStatus.FINISHED) -> LaneEnded:
    return LaneEnded(lane, status, 0)


START, STOP = RunStarted("whole"), StopRequested()
PAUSE, RESUME, PACE, RATE = RunPaused(), RunResumed(), PaceChanged(2), LearningRateChanged(1, 1, 0.5)
OVER = [START, ended(0), ended(1), ended(2)]


@pytest.fixture
def run() -> Run:
    return Run("a-run", RunConfig(), np.zeros(5, np.uint8), per_epoch=937)


@pytest.mark.parametrize(
    ("before", "illegal", "message"),
    [
        ([], frame(0, 1, 1), "Frame needs a run that is running or paused or stopping; this one is queued."),
        ([], ended(0), "LaneEnded needs a run that is running or paused or stopping; this one is queued."),
        ([START], START, "RunStarted needs a run that is queued; this one is running."),
        ([STOP], START, "RunStarted needs a run that is queued; this one is stopping."),
        ([START, STOP], STOP, "StopRequested needs a run that is queued or running or paused; this one is stopping."),
        (OVER, STOP, "StopRequested needs a run that is queued or running or paused; this one is finished."),
        (OVER, frame(0, 1, 1), "Frame needs a run that is running or paused or stopping; this one is finished."),
        (OVER, START, "RunStarted needs a run that is queued; this one is finished."),
        ([], PAUSE, "RunPaused needs a run that is running; this one is queued."),
        ([START, PAUSE], PAUSE, "RunPaused needs a run that is running; this one is paused."),
        ([START], RESUME, "RunResumed needs a run that is paused; this one is running."),
        ([START, STOP], PAUSE, "RunPaused needs a run that is running; this one is stopping."),
        (OVER, RESUME, "RunResumed needs a run that is paused; this one is finished."),
        (OVER, PACE, "PaceChanged needs a run that is queued or running or paused; this one is finished."),
        ([START, ended(1)], RATE, "Lane 1 is finished, but a LearningRateChanged came."),
        ([START, ended(1)], ended(1), "Lane 1 is finished, but a LaneEnded came."),
        ([START, ended(1)], frame(1, 1, 1), "Lane 1 is finished, but a Frame came."),
        ([START, ended(1)], push(1), "Lane 1 is finished, but a Push came."),
        ([], parameters(0), "Parameters needs a run that is running or paused or stopping; this one is queued."),
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


def test_lanes_may_go_on_and_end_while_the_run_is_paused(run: Run) -> None:
    for event in (START, PAUSE, frame(0, 1, 3), ended(0), ended(1)):
        run.apply(event)
    assert run.status is RunStatus.PAUSED

    run.apply(ended(2))
    assert run.status is RunStatus.FINISHED


def test_a_paused_run_resumes_or_stops(run: Run) -> None:
    told = []
    for event in (START, PAUSE, RESUME, PAUSE, STOP):
        run.apply(event)
        told.append(run.describe()["status"])

    assert told == ["running", "paused", "running", "paused", "stopping"]


def test_a_run_may_start_paused(run: Run) -> None:
    run.apply(RunStarted("whole", paused=True))

    assert run.status is RunStatus.PAUSED


@pytest.mark.parametrize("before", [[], [START], [START, PAUSE]], ids=["queued", "running", "paused"])
def test_the_pace_may_change_until_the_end(run: Run, before: list[Event]) -> None:
    assert run.describe()["pace"] is None
    for event in (*before, PACE):
        run.apply(event)
    assert run.describe()["pace"] == 2

    run.apply(PaceChanged(None))
    assert run.describe()["pace"] is None


def test_the_version_changes_with_everything_but_what_is_not_described(run: Run) -> None:
    versions = [run.version]
    run.apply(PlaceChanged(2))
    versions.append(run.version)
    for event in (START, PACE, RATE, PAUSE, RESUME, ended(0), STOP):
        run.apply(event)
        versions.append(run.version)
    for event in (frame(1, 1, 9), push(1), parameters(1)):
        run.apply(event)

    assert versions == sorted(set(versions))
    assert run.version == versions[-1]


def test_a_batch_of_a_paused_race_is_a_new_version_since_its_story_names_it(run: Run) -> None:
    run.apply(START)
    run.apply(PAUSE)
    version = run.version
    run.apply(frame(1, 1, 9))

    assert run.version == version + 1


def test_the_same_place_in_the_queue_is_no_news(run: Run) -> None:
    run.apply(PlaceChanged(2))
    version = run.version
    run.apply(PlaceChanged(2))

    assert run.version == version


async def test_every_event_that_viewers_are_sent_wakes_them(run: Run) -> None:
    """`apply` does it: no one else has to."""
    told = [PlaceChanged(2), SavedChanged(True), START, ViewersChanged(3, announced=True), frame(1, 1, 9), PAUSE, STOP]
    for event in told:
        woken = run.notifier.next
        run.apply(event)
        await woken.wait()


async def test_viewers_who_come_and_go_are_announced_now_and_then(run: Run) -> None:
    version, woken = run.version, run.notifier.next
    run.apply(ViewersChanged(3))

    assert (run.describe()["viewers"], run.version, woken.is_set()) == (3, version, False)
    for _ in range(2):
        run.apply(ViewersChanged(3, announced=True))
    assert run.version == version + 1


def test_what_happens_around_a_race_is_not_in_its_log(run: Run) -> None:
    for event in (PlaceChanged(1), ViewersChanged(1, announced=True), SavedChanged(True), START):
        run.apply(event)

    assert run.log == [START]


def test_a_cursor_that_is_left_out_means_from_the_start(run: Run) -> None:
    run.apply(START)
    run.apply(frame(1, 1, 5))

    assert run.cursor() == Cursor(*[(0, 0, 0)] * 3)
    assert run.cursor([0, 5, 0], None) == Cursor((0, 5, 0), (0, 0, 0), (0, 0, 0))


def test_only_the_newest_parameters_of_a_lane_are_kept(run: Run) -> None:
    for event in (START, parameters(1, 0), parameters(1, 9), parameters(2, 3)):
        run.apply(event)

    assert [lane.parameters and lane.parameters.step for lane in run.lanes] == [None, 9, 3]


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": [0, 6, 0]},
        {"steps": [0, -1, 0]},
        {"steps": [0, 0]},
        {"steps": [0, 0, 0, 0]},
        {"steps": []},
        {"evaluations": [1, 0, 0]},
        {"evaluations": [0, 0, 0, 0]},
        {"pushes": [0, 0, 2]},
        {"pushes": [1, 1]},
    ],
)
def test_a_cursor_of_another_run_is_refused(run: Run, wrong: dict[str, list[int]]) -> None:
    for event in (START, frame(1, 1, 5), push(2)):
        run.apply(event)

    with pytest.raises(CursorMismatch, match="does not belong to this run, which has") as refusal:
        run.cursor(**{"steps": [0, 5, 0], "pushes": [0, 0, 1], **wrong})

    assert str(*wrong.values()) in str(refusal.value)
