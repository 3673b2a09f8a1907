"""The story of a run that is over as a replay tells it: anew wherever a lane was evaluated or came to its end. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.events import LaneStatus, RunStatus
from app.report.lane_view import LaneView, lane_views
from app.report.story import told_of
from app.runs.description import Description, LaneDescription
from app.runs.history import COLUMNS, Kind

SECONDS = {kind: COLUMNS[kind].index("seconds") for kind in (Kind.METRICS, Kind.EVALUATIONS)}

Tables = Sequence[NDArray[np.float32]]


class Moment(NamedTuple):
    """What is told once every lane has trained for so many seconds of its own, until the next moment."""

    seconds: float
    sentences: list[str]


def moments(run: Description, batches: Tables, evaluations: Tables) -> Iterator[Moment]:
    """In their order, from a run's description and, for each lane, the columns of its batches and its evaluations."""
    views = lane_views(run, evaluations)
    trained = [table[SECONDS[Kind.METRICS]] for table in batches]
    evaluated = [table[SECONDS[Kind.EVALUATIONS]] for table in evaluations]
    for at in np.unique(np.concatenate([*evaluated, *(seconds[-1:] for seconds in trained)])):
        lanes = []
        for view, steps, measured in zip(views, trained, evaluated, strict=True):
            step = int(np.searchsorted(steps, at, "right"))
            known = int(np.searchsorted(measured, at, "right"))
            lanes.append(view if step == len(steps) else _beginning(view, step, known))
        yield Moment(float(at), told_of(_as_it_was(run, lanes), lanes))


def _beginning(view: LaneView, steps: int, evaluated: int) -> LaneView:
    """A lane after its first steps and evaluations."""
    newest = view.evaluations[evaluated - 1] if evaluated else None
    lane: LaneDescription = {
        **view.lane,
        "status": LaneStatus.RUNNING,
        "reason": None,
        "ended_at": None,
        "steps": steps,
        "quick": bool(newest and newest.quick),
        "test_accuracy": newest and newest.test_accuracy,
        "train_accuracy": newest and newest.train_accuracy,
        "reached": [hit for hit in view.lane["reached"] if hit["step"] <= steps],
        "learning_rate_changes": [each for each in view.lane["learning_rate_changes"] if each["step"] <= steps],
    }
    return LaneView(view.name, lane, view.evaluations[:evaluated])


def _as_it_was(run: Description, lanes: Sequence[LaneView]) -> Description:
    then: Description = {**run, "lanes": [view.lane for view in lanes]}
    if all(view.lane["status"] != LaneStatus.RUNNING for view in lanes):
        return then
    return {**then, "status": RunStatus.RUNNING, "paused_by": None, "stopped_by": None}
