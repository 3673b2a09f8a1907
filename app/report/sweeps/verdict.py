"""The verdicts on a sweep: each optimizer with its default and with its best learning rate, trained from fresh seeds.

Which optimizer wins depends on how much each was tuned (Choi et al., 2019), so both rates are trained; and the best of
many trainings was also lucky, so it is trained again with seeds that played no part in the choice. See docs/method.md.
"""

import statistics
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import NamedTuple

from app.choices import SETTINGS
from app.events import LaneStatus
from app.report.result import reached_at
from app.report.sweeps.result import ALONG, AVERAGED, Spread, SweepCurve, curve_key
from app.runs.description import LaneDescription
from app.sweeps.grid import Cell, Grid, cell_at, usual_rate
from app.sweeps.state import CellState, Result

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
    def of(cls, rate: float, results: Sequence[Result]) -> "Trial":
        lanes = [result.lane for result in results]
        if any(lane["status"] != LaneStatus.FINISHED for lane in lanes):
            return cls(rate, None, None, None)
        accuracy = Spread.of([lane["test_accuracy"] or 0.0 for lane in lanes])
        hits = [hit for lane, result in zip(lanes, results, strict=True) if (hit := Hit.of(lane, _whens(result)))]
        if len(hits) < len(results):
            return cls(rate, accuracy, None, None)
        return cls(rate, accuracy, needed([hit.batches for hit in hits]), needed([hit.seconds for hit in hits]))


class Hit(NamedTuple):
    """The evaluation at which a training was at MARK, and the one before it: in batches, and in seconds."""

    batches: tuple[float, float]
    seconds: tuple[float, float]

    @classmethod
    def of(cls, lane: LaneDescription, evaluations: Iterable[tuple[float, float]]) -> "Hit | None":
        """`evaluations` are the batches and the seconds of those over all test digits. None if it never got there."""
        reached = reached_at(lane, MARK)
        if reached is None:
            return None
        first = (float(reached["step"]), reached["seconds"])
        step, at = max((each for each in evaluations if each[0] < first[0]), default=first)
        return cls((first[0], step), (first[1], at))


def _whens(result: Result) -> list[tuple[float, float]]:
    return [(step or 0.0, at or 0.0) for step, _, at, *_ in result.evaluations]


def needed(hits: Sequence[tuple[float, float]]) -> Spread:
    """Of what each needed, and, as the resolution of that, how far before the last evaluation was."""
    return Spread.of([at for at, _ in hits], statistics.fmean(at - before for at, before in hits))


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
        return Trial.of(rate, [each.result for each in states]) if over else None

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
