"""The lanes of a run as its story sees them: what they are called, how they stand, how they were evaluated, and how far
their weights are moved.
"""

from collections.abc import Sequence
from math import isfinite, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.events import PUSH_BINS
from app.report.lane_names import names
from app.runs.description import Description, LaneDescription
from app.runs.history import COLUMNS, Kind

Tables = Sequence[NDArray[np.float32]]

_PUSHES = COLUMNS[Kind.PUSH]
_MEDIANS = [_PUSHES.index(f"q50_{b}") for b in range(PUSH_BINS)]


class Evaluated(NamedTuple):
    """One evaluation of a lane."""

    step: int
    seconds: float
    test_accuracy: float
    test_loss: float
    train_accuracy: float
    quick: float


class Pushed(NamedTuple):
    """How far a lane's weights are moved, as `events.Push` has it: the medians of |Δw| by half decades of |gradient|,
    NaN where there are none.
    """

    step: int
    slope: float
    decades: float
    medians: list[float]


class LaneView(NamedTuple):
    """One lane: its part of the run's description, its evaluations, oldest first, and the columns of its pushes."""

    name: str
    lane: LaneDescription
    evaluations: list[Evaluated]
    pushes: NDArray[np.float32]

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

    def pushed(self, until: float) -> Pushed | None:
        """How far its weights were moved last, not after this step."""
        rows = int(np.searchsorted(self.pushes[0], until, "right"))
        if rows == 0:
            return None
        row = self.pushes[:, rows - 1].tolist()
        slope, decades = (row[_PUSHES.index(name)] for name in ("slope", "decades"))
        medians = [row[place] if isfinite(row[place]) else nan for place in _MEDIANS]
        return Pushed(int(row[0]), slope, decades, medians)


def lane_views(run: Description, evaluations: Tables, pushes: Tables) -> list[LaneView]:
    """From a run's description and, for each lane, the columns of its evaluations and of its pushes."""
    return [
        LaneView(name, lane, _evaluated(table), pushed)
        for name, lane, table, pushed in zip(names(run["config"]), run["lanes"], evaluations, pushes, strict=True)
    ]


def _evaluated(table: NDArray[np.float32]) -> list[Evaluated]:
    steps, *measured = (table[COLUMNS[Kind.EVALUATIONS].index(name)].tolist() for name in Evaluated._fields)
    return list(map(Evaluated, map(int, steps), *measured))
