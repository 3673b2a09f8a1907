"""At every moment of a replay the story is that of a run which has come so far."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.config import RunConfig
from app.events import PUSH_BINS, Evaluation, Frame, LaneEnded, LaneStatus, LearningRateChanged, Push, RunStarted
from app.report.story import emphasised_story, moments
from app.runs.history import COLUMNS, Kind
from app.runs.run import Run
from tests.runs.recorded import RECORDED, Recorded

WITH_BATCHES = [recorded for recorded in RECORDED if recorded.batches]
NO_ANSWERS = np.empty(0, np.uint8), np.empty(0, np.float32)
QUARTILES = [COLUMNS[Kind.PUSH].index(f"q50_{b}") for b in range(PUSH_BINS)]
TREND = [COLUMNS[Kind.PUSH].index(name) for name in ("slope", "decades")]
QUICK = COLUMNS[Kind.EVALUATIONS].index("quick")


class Followed:
    """A recorded run, replayed event by event."""

    def __init__(self, recorded: Recorded) -> None:
        described = recorded.run
        self.run = Run(
            "again", RunConfig.of(described["config"]), np.zeros(10, np.uint8), described["batches_per_epoch"]
        )
        self.run.apply(RunStarted("whole"))
        self._recorded = recorded

    def go_on(self, until_s: float) -> dict[str, Any]:
        """What happened in each lane within so many seconds of its own; the run as it is then."""
        for number, (told, batches, evaluations) in enumerate(
            zip(self._recorded.run["lanes"], self._recorded.batches, self._recorded.evaluations, strict=True)
        ):
            if self.run.lanes[number].status.final:
                continue
            had, seconds = self.run.history.steps(number), batches[2]
            new = batches[:, had : np.count_nonzero(seconds <= until_s)]
            if new.size:
                self.run.apply(Frame(number, had + 1, *new))
            known = len(self.run.history.tables(Kind.EVALUATIONS)[number][0])
            for row in evaluations[:, evaluations[1] <= until_s].T[known:].tolist():
                step, at, *measured = row[:6]
                quick = bool(row[QUICK])
                self.run.apply(Evaluation(number, int(step), at, *measured, *NO_ANSWERS, quick=quick))
            known = len(self.run.history.tables(Kind.PUSH)[number][0])
            for row in self._recorded.pushes[number].T[known:]:
                if row[0] <= self.run.history.steps(number):
                    quartiles = np.stack([row[QUARTILES]] * 3, axis=1)
                    self.run.apply(Push(number, int(row[0]), quartiles, *map(float, row[TREND])))
            for change in told["learning_rate_changes"][len(self.run.lanes[number].learning_rate_changes) :]:
                if change["step"] <= self.run.history.steps(number):
                    self.run.apply(LearningRateChanged(number, **change))
            if until_s >= seconds[-1] and told["ended_at"] is not None:
                self.run.apply(LaneEnded(number, LaneStatus(told["status"]), told["ended_at"], told["reason"]))
        return self.run.describe()

    def tables(self) -> list[list[NDArray[np.float32]]]:
        return [self.run.history.tables(kind) for kind in (Kind.EVALUATIONS, Kind.PUSH)]


def as_in_a_table(lane: dict[str, Any]) -> dict[str, Any]:
    """Tables have single precision, descriptions double: 0.7495 may be 74.9 % in one and 75.0 % in the other."""
    return lane | {name: float(np.float32(lane[name])) for name in ("test_accuracy", "train_accuracy")}


@pytest.mark.parametrize("recorded", WITH_BATCHES, ids=lambda recorded: recorded.name)
def test_every_moment_has_the_story_of_what_has_happened_by_then(recorded: Recorded) -> None:
    run = {**recorded.run, "lanes": [as_in_a_table(lane) for lane in recorded.run["lanes"]]}
    told = list(moments(run, recorded.batches, recorded.evaluations, recorded.pushes))
    followed = Followed(recorded)

    for moment in told:
        run = followed.go_on(moment.seconds)
        assert moment.sentences == emphasised_story(run, *followed.tables()), moment.seconds
    assert [moment.seconds for moment in told] == sorted({moment.seconds for moment in told})
    evaluated = {second for table in recorded.evaluations for second in table[1].tolist()}
    ended = {float(table[2][-1]) for table in recorded.batches}
    assert {moment.seconds for moment in told} == evaluated | ended


def test_why_a_run_was_stopped_is_said_once_it_has_been() -> None:
    recorded = next(each for each in WITH_BATCHES if each.name == "short")
    run = {**recorded.run, "status": "stopped", "stopped_by": "unwatched"}

    *before, end = [
        moment.sentences for moment in moments(run, recorded.batches, recorded.evaluations, recorded.pushes)
    ]

    assert "It was stopped because no one was watching any more." in end
    assert not any("stopped" in " ".join(sentences).lower() for sentences in before)


def test_a_lane_that_never_began_is_mentioned_from_the_first_moment() -> None:
    recorded = next(each for each in WITH_BATCHES if each.name == "short")
    fallen, *others = recorded.run["lanes"]
    fallen = {
        **fallen,
        "status": "failed",
        "reason": "It was killed.",
        "steps": 0,
        "ended_at": 0,
        "test_accuracy": None,
    }
    nothing = [table[:, :0] for table in (recorded.batches[0], recorded.evaluations[0])]

    told = moments(
        {**recorded.run, "lanes": [fallen, *others]},
        [nothing[0], *recorded.batches[1:]],
        [nothing[1], *recorded.evaluations[1:]],
        [recorded.pushes[0][:, :0], *recorded.pushes[1:]],
    )

    assert all("**SGD failed** at batch 0. It was killed." in moment.sentences for moment in told)


def test_before_a_run_begins_there_is_no_moment() -> None:
    recorded = next(each for each in RECORDED if each.name == "queued-next")
    nothing = [np.empty((3, 0), np.float32)] * 3

    assert list(moments(recorded.run, nothing, recorded.evaluations, recorded.pushes)) == []
