"""A sweep at one moment, as plain values: its pictures, verdict and description are computed from these."""

from datetime import datetime
from typing import Literal, NamedTuple

from app.events import LaneStatus, PlaceChanged, RunStatus
from app.runs.description import LaneDescription
from app.sweeps.grid import Cell, Grid

Phase = Literal["grid", "fresh seeds"]
Stopper = Literal["owner", "unwatched", "others"]


class Result(NamedTuple):
    """What has come out of a training so far: the id of its run, its lane, and a row for each evaluation.

    The rows are step, epochs, seconds, test accuracy and test loss, the last None where it is not finite.
    """

    run: str | None
    lane: LaneDescription
    evaluations: list[list[float | None]]


class CellState(NamedTuple):
    cell: Cell
    result: Result

    @property
    def over(self) -> bool:
        return self.result.lane["status"].final

    @property
    def trained(self) -> bool:
        """Whether it finished, diverged or failed; a training that was stopped with its sweep did not."""
        return self.result.lane["status"] in (LaneStatus.FINISHED, LaneStatus.DIVERGED, LaneStatus.FAILED)


class SweepState(NamedTuple):
    """`fresh` are the trainings on fresh seeds; there are none before the grid is done."""

    id: str
    created_at: datetime
    status: RunStatus
    stopped_by: Stopper | None
    place: PlaceChanged
    left_s: float | None
    saved: bool | None
    grid: Grid
    cells: list[CellState]
    fresh: list[CellState]

    @property
    def phase(self) -> Phase:
        return "fresh seeds" if self.fresh else "grid"

    @property
    def current(self) -> list[CellState]:
        """The trainings of the phase."""
        return self.fresh or self.cells

    @property
    def cut_short(self) -> bool:
        return self.status in (RunStatus.STOPPED, RunStatus.INTERRUPTED)
