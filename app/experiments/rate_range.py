"""The range of learning rates at which an optimizer reaches a mark, interpolated between the rates of a sweep."""

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.experiments.base import CellResult
from app.report.formats import counted, fixed, plain
from app.report.sweeps.plateau import Plateau
from app.report.sweeps.result import Spread
from app.training.optimizers import OPTIMIZERS

# Widths that differ by less, in decades, are level: what lies between two rates of a sweep is no more than estimated.
LEVEL = 0.1


class _Ends(NamedTuple):
    """The ends of the range with one seed, as decimal logarithms."""

    low: float
    high: float
    at_least: bool


class RateRange(NamedTuple):
    """The contiguous learning rates around the best one at which an optimizer reaches a mark."""

    optimizer: str
    ends: list[_Ends]
    """With each seed."""

    @property
    def low(self) -> float:
        return math.pow(10, statistics.fmean(each.low for each in self.ends))

    @property
    def high(self) -> float:
        return math.pow(10, statistics.fmean(each.high for each in self.ends))

    @property
    def at_least(self) -> bool:
        """Whether it reaches an end of the grid with any seed, so that it may go on beyond."""
        return any(each.at_least for each in self.ends)

    @property
    def decades(self) -> Spread:
        """Its width in decades, over the seeds."""
        return Spread.of([each.high - each.low for each in self.ends])

    def wider_than(self, other: "RateRange") -> bool:
        """Whether it is certainly wider: a range cut off at an end of the grid may be wider than was measured."""
        mine, others = self.decades, other.decades
        return mine.mean - others.mean >= LEVEL and not mine.within_spread(others) and not other.at_least

    def __str__(self) -> str:
        low, high = (plain(float(f"{rate:.2g}")) for rate in (self.low, self.high))
        label = OPTIMIZERS[self.optimizer].label
        if low == high:
            return f"{label} at {low} alone"
        return f"{label} from {low} to {high}, {'at least ' if self.at_least else ''}{_width(self.decades)}"


def _width(decades: Spread) -> str:
    width, spread = fixed(decades.mean, 1), fixed(decades.deviation, 1)
    if float(width) == 0:
        return "less than 0.1 decades"
    if decades.seeds < 2:
        return counted(width, "decade")
    # "± 0.0" would read as if nothing had been measured.
    return f"{counted(width, 'decade')} with every seed" if float(spread) == 0 else f"{width} ± {spread} decades"


def ranges_of(cells: Iterable[CellResult], mark: float) -> list[RateRange]:
    """The ranges of the optimizers that reach the mark with every seed, in the order of the cells."""
    found: dict[str, dict[int | None, dict[float, float]]] = {}
    for cell in cells:
        rates = found.setdefault(cell.at["optimizer"], {}).setdefault(cell.at.get("seed"), {})
        # A network that diverged reads no digit correctly.
        rates[cell.at["learning_rate"]] = cell.accuracy or 0.0
    by_seed = {name: [_ends(sorted(rates.items()), mark) for rates in seeds.values()] for name, seeds in found.items()}
    return [
        RateRange(name, [each for each in ends if each])
        for name, ends in by_seed.items()
        if all(each is not None for each in ends)
    ]


def _ends(points: Sequence[tuple[float, float]], mark: float) -> _Ends | None:
    """From (rate, accuracy) pairs in ascending order of rates; None if none reaches the mark."""
    best = max(range(len(points)), key=lambda i: points[i][1])
    if points[best][1] < mark:
        return None
    rates = [rate for rate, _ in points]
    around = Plateau.around(best, [accuracy >= mark for _, accuracy in points], rates)
    low, high = rates.index(around.low), rates.index(around.high)
    return _Ends(
        _crossing(points[low], points[low - 1], mark) if low > 0 else math.log10(around.low),
        _crossing(points[high], points[high + 1], mark) if high < len(points) - 1 else math.log10(around.high),
        around.at_least,
    )


def _crossing(inside: tuple[float, float], outside: tuple[float, float], mark: float) -> float:
    """Where the line between two points crosses the mark, over the logarithm of the rate."""
    (rate, good), (next_rate, bad) = inside, outside
    share = (good - mark) / (good - bad)
    return math.log10(rate) + share * math.log10(next_rate / rate)
