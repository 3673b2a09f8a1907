"""The lanes of a run as its story sees them: what they are called, how they stand, how they were evaluated."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.report.lane_names import names
from app.runs.description import Description, LaneDescription
from app.runs.history import COLUMNS, Kind


class Evaluated(NamedTuple):
    """One evaluation of a lane."""

    step: int
    seconds: float
    test_accuracy: float
    test_loss: float
    train_accuracy: float
    quick: float


class LaneView(NamedTuple):
    """One lane: its part of the run's description, and its evaluations, oldest first."""

    name: str
    lane: LaneDescription
    evaluations: list[Evaluated]

    @property
    def number(self) -> int:
        return self.lane["lane"]

    @property
    def accuracy(self) -> float:
        return self.lane["test_accuracy"] or 0.0

    @property
    def ended_at(self) -> int:
        return self.lane["ended_at"] or 0

    def at(self, step: int | None) -> Evaluated | None:
        """The evaluation after this step, if there is one."""
        return next((each for each in reversed(self.evaluations) if each.step == step), None)

    def newest(self, until: float) -> Evaluated | None:
        """The newest evaluation that is not after this step."""
        return next((each for each in reversed(self.evaluations) if each.step <= until), None)


def lane_views(run: Description, evaluations: Sequence[NDArray[np.float32]]) -> list[LaneView]:
    """From a run's description and, for each lane, the columns of its evaluations."""
    return [
        LaneView(name, lane, _evaluated(table))
        for name, lane, table in zip(names(run["config"]), run["lanes"], evaluations, strict=True)
    ]


def _evaluated(table: NDArray[np.float32]) -> list[Evaluated]:
    steps, *measured = (table[COLUMNS[Kind.EVALUATIONS].index(name)].tolist() for name in Evaluated._fields)
    return list(map(Evaluated, map(int, steps), *measured))
