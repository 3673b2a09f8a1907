"""A race's result: who is ahead, and how soon each lane reached each target. `static/js/model/result.js` says the same.

All functions take the description of a run, so that they work for recorded runs too.
"""

from typing import Any, Literal, NamedTuple

from app.events import TARGETS, RunStatus
from app.report.formats import count, seconds
from app.runs.description import Description, LaneDescription, Reached


class Reach(NamedTuple):
    """What a lane needed to a target, and whether no lane needed less."""

    text: str
    best: bool


def arrived(run: Description, lane: LaneDescription) -> bool:
    """Whether a lane has ended at the accuracy that its race goes to."""
    target = run["config"]["target_accuracy"]
    return target is not None and lane["status"] == "finished" and (lane["test_accuracy"] or 0) >= target


def is_over(run: Description) -> bool:
    return RunStatus(run["status"]).final


def has_fallen(lane: LaneDescription) -> bool:
    return lane["status"] in ("diverged", "failed")


def ranking(run: Description) -> list[int]:
    """The numbers of the lanes, best first."""
    return sorted(range(len(run["lanes"])), key=lambda number: -_score(run, run["lanes"][number]))


def _score(run: Description, lane: LaneDescription) -> float:
    accuracy = lane["test_accuracy"]
    if accuracy is None:
        return -1
    # A race to a target is won by the lane that needed the fewest batches.
    if arrived(run, lane):
        return 2 + 1 / (1 + (lane["ended_at"] or 0))
    # A lane that fell out was good once; that does not put it ahead of those still in the race.
    return accuracy - 2 if has_fallen(lane) else accuracy


def reach_table(run: Description, unit: Literal["step", "seconds"]) -> list[list[Reach]]:
    """For each lane its cells of the table "Batches to reach", one for each target."""
    rows = [[_needed(lane, target, unit) for target in TARGETS] for lane in run["lanes"]]
    best = [
        min((row[column] for row in rows if row[column] is not None), default=None) for column in range(len(TARGETS))
    ]
    write = seconds if unit == "seconds" else count
    return [
        [
            Reach("–" if value is None else write(value), value is not None and value == best[i])
            for i, value in enumerate(row)
        ]
        for row in rows
    ]


def reached_at(lane: LaneDescription, target: float) -> Reached | None:
    """When a lane first had one of `events.TARGETS`; None if it never did."""
    return next((hit for hit in lane["reached"] if hit["accuracy"] == target), None)


def _needed(lane: LaneDescription, target: float, unit: Literal["step", "seconds"]) -> Any:
    hit = reached_at(lane, target)
    return hit and hit[unit]
