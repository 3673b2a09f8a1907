"""The result of a sweep over learning rates: a curve for each optimizer, its best rate, and the width of its plateau.

The method, and where it comes from, is in docs/method.md.
"""

import math
import statistics
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.events import LaneStatus
from app.report.formats import count, plain
from app.report.result import has_fallen
from app.report.sweeps.plateau import Plateau
from app.runs.description import LaneDescription
from app.sweeps.grid import Cell, Grid
from app.sweeps.state import CellState, SweepState
from app.training.optimizers import OPTIMIZERS

# A rate is on the plateau of good ones if its test accuracy is at most so much below the best.
POINT = 0.01
# Along a curve, and averaged over at each of its points.
ALONG, AVERAGED = "learning_rate", "seed"

# The other axes, and where a curve is on them.
CurveKey = tuple[tuple[str, Any], ...]


class Spread(NamedTuple):
    """The mean of several trainings, and their standard deviation; 0 for one alone."""

    mean: float
    deviation: float
    seeds: int
    resolution: float = 0.0
    """Of what is read at evaluations alone: how far the last one before lies, on average."""

    @classmethod
    def of(cls, values: Sequence[float], resolution: float = 0.0) -> "Spread":
        deviation = statistics.stdev(values) if len(values) > 1 else 0.0
        return cls(statistics.fmean(values), deviation, len(values), resolution)

    def within_spread(self, other: "Spread") -> bool:
        """Whether the means differ by no more than the sum of their deviations."""
        return abs(self.mean - other.mean) <= self.deviation + other.deviation

    def within_resolution(self, other: "Spread") -> bool:
        """Whether either may have been the first: the later one was there at most its resolution earlier."""
        first, later = sorted((self, other))
        return later.mean - first.mean < later.resolution

    def level(self, other: "Spread") -> bool:
        """Whether the two do not differ significantly."""
        return self.within_spread(other) or self.within_resolution(other)


class Point(NamedTuple):
    """The trainings at one learning rate that are over, by their seeds: the test accuracy of each that finished, and
    None for one that fell: diverged or failed.
    """

    rate: float
    by_seed: dict[int, float | None]

    @property
    def accuracies(self) -> list[float]:
        return [accuracy for accuracy in self.by_seed.values() if accuracy is not None]

    @property
    def fallen(self) -> int:
        return len(self.by_seed) - len(self.accuracies)

    @property
    def trained(self) -> bool:
        return bool(self.by_seed)

    @property
    def sound(self) -> bool:
        """Whether there is a result, and no training diverged or failed."""
        return bool(self.accuracies) and not self.fallen

    @property
    def mean(self) -> float:
        return statistics.fmean(self.accuracies)


class RateMap(NamedTuple):
    """Mean test accuracy by training and learning rate: shape (steps, rates), NaN where there is none."""

    steps: list[int]
    rates: list[float]
    accuracy: NDArray[np.float64]


class SweepCurve(NamedTuple):
    """One line of the picture: an optimizer, or another combination of values on all axes but rate and seed."""

    name: str
    optimizer: str
    key: CurveKey
    points: list[Point]

    @property
    def best(self) -> Point | None:
        """The point with the highest mean test accuracy, of those at which every training finished."""
        return max((point for point in self.points if point.sound), key=lambda point: point.mean, default=None)

    @property
    def plateau(self) -> Plateau | None:
        return self.reaching(self.best.mean - POINT) if self.best else None

    @property
    def seed_plateaus(self) -> list[Plateau]:
        """The plateau of each seed alone, around its own best; none with one seed, or unless that of each is known."""
        seeds = {seed: None for point in self.points for seed in point.by_seed}
        found = [self._of_seed(seed).plateau for seed in seeds]
        known = [plateau for plateau in found if plateau]
        return known if len(known) == len(found) > 1 else []

    def _of_seed(self, seed: int) -> "SweepCurve":
        points = [Point(rate, {seed: by_seed[seed]} if seed in by_seed else {}) for rate, by_seed in self.points]
        return self._replace(points=points)

    def reaching(self, accuracy: float) -> Plateau | None:
        """The learning rates around the best, without a gap, that have at least this mean test accuracy.

        None also while a rate next to them has yet to be trained, since their end is unknown then.
        """
        if not self.best or self.best.mean < accuracy:
            return None

        rates = [point.rate for point in self.points]
        good = [point.sound and point.mean >= accuracy for point in self.points]
        found = Plateau.around(self.points.index(self.best), good, rates)
        beside = slice(max(0, rates.index(found.low) - 1), rates.index(found.high) + 2)
        return found if all(point.trained for point in self.points[beside]) else None


def curves(grid: Grid, lanes: Iterable[LaneDescription]) -> list[SweepCurve]:
    """The curves of a grid, from the lanes of its cells in their order; lanes that are not over are left out."""
    found: dict[CurveKey, dict[float, Point]] = {}
    for cell, lane in zip(grid.cells, lanes, strict=True):
        points = found.setdefault(curve_key(cell), {})
        point = points.setdefault(cell.config.learning_rate, Point(cell.config.learning_rate, {}))
        if lane["status"] == LaneStatus.FINISHED and lane["test_accuracy"] is not None:
            point.by_seed[cell.config.seed] = lane["test_accuracy"]
        elif has_fallen(lane):
            point.by_seed[cell.config.seed] = None
    names = curve_names(found)
    return [
        SweepCurve(names[key], _optimizer(grid.cells, key), key, [points[rate] for rate in sorted(points)])
        for key, points in found.items()
    ]


def curves_of(sweep: SweepState) -> list[SweepCurve]:
    """Those of its grid."""
    return curves(sweep.grid, [state.result.lane for state in sweep.cells])


def rate_map(curve: SweepCurve, cells: Iterable[CellState]) -> RateMap:
    """The test accuracies of a curve's trainings at their evaluations."""
    rates = [point.rate for point in curve.points]
    found: dict[tuple[int, float], list[float]] = {}
    for cell, result in cells:
        if curve_key(cell) == curve.key:
            for step, _, _, accuracy, _ in result.evaluations:
                found.setdefault((int(step or 0), cell.config.learning_rate), []).append(accuracy or 0.0)
    steps = sorted({step for step, _ in found})
    means = np.array([[_mean(found.get((step, rate), [])) for rate in rates] for step in steps])
    return RateMap(steps, rates, means.reshape(len(steps), len(rates)))


def curve_key(cell: Cell) -> CurveKey:
    """Which curve a cell is part of."""
    return tuple((name, _frozen(value)) for name, value in cell.at.items() if name not in (ALONG, AVERAGED))


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else math.nan


def curve_names(keys: Collection[CurveKey]) -> dict[CurveKey, str]:
    """The name of each curve, from the axes on which the curves differ: "Adam", "Adam, batch size 512"."""
    axes = zip(*keys, strict=True)
    differing = {name for axis in axes for name, _ in axis if len({value for _, value in axis}) > 1}
    return {key: _named([part for part in key if part[0] in differing or not differing]) for key in keys}


def _named(parts: Sequence[tuple[str, Any]]) -> str:
    words = [
        OPTIMIZERS[value].label if name == "optimizer" else f"{name.replace('_', ' ')} {_text(value)}"
        for name, value in parts
    ]
    return ", ".join(words) or "all"


def _optimizer(cells: Sequence[Cell], key: CurveKey) -> str:
    return next((value for name, value in key if name == "optimizer"), cells[0].optimizer)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "-".join(map(str, value))
    if isinstance(value, int):
        return count(value)
    return plain(value) if isinstance(value, float) else str(value)
