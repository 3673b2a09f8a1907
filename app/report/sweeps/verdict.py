"""The verdicts on a sweep: each optimizer with its default and with its best learning rate, trained from fresh seeds.

Which optimizer wins depends on how much each was tuned (Choi et al., 2019), so both rates are trained; and the best of
many trainings was also lucky, so it is trained again with seeds that played no part in the choice. See docs/method.md.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import NamedTuple

from app.choices import SETTINGS
from app.events import LaneStatus
from app.report.result import reached_at
from app.report.sweeps.result import ALONG, AVERAGED, Spread, SweepCurve, curve_key
from app.runs.description import LaneDescription
from app.sweeps.grid import Cell, Grid, cell_at, usual_rate
from app.sweeps.state import CellState

MARK = 0.95


class Trial(NamedTuple):
    """One learning rate of one optimizer, from fresh seeds."""

    rate: float
    accuracy: Spread | None
    """Of all trainings; None if one of them did not finish."""
    batches: Spread | None
    """Until MARK of the test digits are read correctly; None if a training did not get there."""
    seconds: Spread | None
    """The same, in CPU seconds of training."""

    @classmethod
    def of(cls, rate: float, lanes: Sequence[LaneDescription]) -> "Trial":
        if any(lane["status"] != LaneStatus.FINISHED for lane in lanes):
            return cls(rate, None, None, None)
        reached = [hit for lane in lanes if (hit := reached_at(lane, MARK))]
        arrived = len(reached) == len(lanes)
        return cls(
            rate,
            Spread.of([lane["test_accuracy"] or 0.0 for lane in lanes]),
            Spread.of([float(hit["step"]) for hit in reached]) if arrived else None,
            Spread.of([hit["seconds"] for hit in reached]) if arrived else None,
        )


class Verdict(NamedTuple):
    """The trials of one curve: its optimizer with its default learning rate, and with its best."""

    curve: SweepCurve
    as_it_comes: Trial
    tuned: Trial

    @property
    def name(self) -> str:
        return self.curve.name


def fresh_cells(grid: Grid, curves: Iterable[SweepCurve]) -> list[Cell]:
    """What is trained again: each curve at its best rate and at its optimizer's default.

    With as many seeds as in the grid, none of which played a part in the choice of the rate.
    """
    return [
        cell_at({**cell.at, ALONG: rate, AVERAGED: seed}, grid.base)
        for curve in curves
        if curve.best
        for cell in [next(cell for cell in grid.cells if curve_key(cell) == curve.key)]
        for rate in dict.fromkeys((curve.best.rate, usual_rate(curve.optimizer)))
        for seed in _unseen(grid.axes.get(AVERAGED, [cell.config.seed]))
    ]


def verdicts(curves: Iterable[SweepCurve], fresh: Sequence[CellState]) -> list[Verdict]:
    """Those on the curves whose trainings on fresh seeds are all over."""

    def trial(curve: SweepCurve, rate: float) -> Trial | None:
        states = [
            each for each in fresh if curve_key(each.cell) == curve.key and each.cell.config.learning_rate == rate
        ]
        over = bool(states) and all(each.trained for each in states)
        return Trial.of(rate, [each.result.lane for each in states]) if over else None

    found = []
    for curve in curves:
        if curve.best:
            tuned, as_it_comes = trial(curve, curve.best.rate), trial(curve, usual_rate(curve.optimizer))
            if tuned and as_it_comes:
                found.append(Verdict(curve, as_it_comes, tuned))
    return found


def _unseen(seeds: Sequence[int]) -> list[int]:
    """As many other seeds: those that follow, and after the highest possible one those from 0 on."""
    highest = int((SETTINGS[AVERAGED].range or (0, 0))[1])
    others = (seed for seed in chain(range(max(seeds) + 1, highest + 1), range(highest)) if seed not in seeds)
    return list(islice(others, len(seeds)))
