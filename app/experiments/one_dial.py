"""One dial for all weights: a sweep of learning rates for each optimizer."""

import statistics
from typing import NamedTuple

from app.experiments.base import Answer, Experiment, Guess, Next, Sweep, SweepResult
from app.experiments.picture import Line, colour_of, logged
from app.report.formats import listed, plain, target
from app.report.sweep_result import Plateau
from app.report.sweep_verdict import decades
from app.sweeps.grid import spaced_rates
from app.training.optimizers import OPTIMIZERS

MARK = 0.9
# Ranges whose widths differ by less than this many decades are as wide as each other.
ALIKE = 0.3


class _Range(NamedTuple):
    """The learning rates without a gap, around the best one, at which an optimizer passes MARK."""

    optimizer: str
    rates: Plateau

    def __str__(self) -> str:
        low, high, at_least = self.rates
        least = "at least " if at_least else ""
        return f"{_label(self.optimizer)} from {plain(low)} to {plain(high)}, {least}{decades(self.rates)}"


def answer(result: SweepResult) -> Answer:
    ranges = sorted(_ranges(result), key=lambda each: -each.rates.decades)
    if not ranges:
        return Answer(None, [f"No training has read {target(MARK)} of the unseen digits."])
    sentences = [f"{target(MARK)} or more of the unseen digits: {'; '.join(map(str, ranges))}."]
    missing = sorted({cell.at["optimizer"] for cell in result.cells} - {each.optimizer for each in ranges})
    if missing:
        sentences.append(f"{listed(list(map(_label, missing)))} did not get there at any rate.")
    if len(ranges) > 1:
        low, high = max(each.rates.low for each in ranges), min(each.rates.high for each in ranges)
        sentences.append(
            _shared(low, high)
            if low <= high
            else "No single rate serves all of them: the ranges are shifted, not only of different width."
        )
    if not result.finished:
        return Answer(None, sentences)
    alike = len(ranges) > 1 and ranges[0].rates.decades - ranges[1].rates.decades < ALIKE
    return Answer("alike" if alike else ranges[0].optimizer, sentences)


def _shared(low: float, high: float) -> str:
    if low == high:
        return f"One rate of the sweep serves all of them, {plain(low)}."
    return f"Rates from {plain(low)} to {plain(high)} serve all of them."


def _ranges(result: SweepResult) -> list[_Range]:
    found: dict[str, dict[float, list[float]]] = {}
    for cell in result.cells:
        rates = found.setdefault(cell.at["optimizer"], {}).setdefault(cell.at["learning_rate"], [])
        # One that diverged reads nothing.
        rates.append(cell.accuracy or 0.0)
    means = {
        name: sorted((rate, statistics.fmean(each)) for rate, each in rates.items()) for name, rates in found.items()
    }
    return [around for name, points in means.items() if (around := _around_best(name, points))]


def _around_best(optimizer: str, points: list[tuple[float, float]]) -> _Range | None:
    best = max(range(len(points)), key=lambda i: points[i][1])
    if points[best][1] < MARK:
        return None
    low = high = best
    while low > 0 and points[low - 1][1] >= MARK:
        low -= 1
    while high < len(points) - 1 and points[high + 1][1] >= MARK:
        high += 1
    at_least = low == 0 or high == len(points) - 1
    return _Range(optimizer, Plateau(points[low][0], points[high][0], at_least))


def _label(optimizer: str) -> str:
    return OPTIMIZERS[optimizer].label


def picture(result: SweepResult) -> list[Line]:
    """Test accuracy by learning rate, this on a log scale; what fell out reads nothing."""
    optimizers = dict.fromkeys(cell.at["optimizer"] for cell in result.cells)
    return [
        Line(
            colour_of(optimizer, number),
            sorted(
                logged(
                    (cell.at["learning_rate"], cell.accuracy or 0.0)
                    for cell in result.cells
                    if cell.at["optimizer"] == optimizer
                )
            ),
        )
        for number, optimizer in enumerate(optimizers)
    ]


EXPERIMENT = Experiment(
    order=3,
    name="one-dial",
    title="One dial for all weights",
    claim=(
        "In practice, Adam is the default choice for most problems. It converges faster and is less sensitive to the "
        "initial learning rate."
    ),
    question=(
        "Thirteen learning rates, from 0.0001 to 1. Which optimizer reads 90\u202f% of unseen digits over the widest "
        "range of them?"
    ),
    guesses=(
        Guess("sgd", "SGD"),
        Guess("momentum", "Momentum"),
        Guess("adam", "Adam"),
        Guess("alike", "All about as wide"),
    ),
    runs=Sweep(
        {"optimizer": ["sgd", "momentum", "adam"], "learning_rate": spaced_rates(1e-4, 1, 13)},
        answer,
        picture,
        {"epochs": 1},
    ),
    look="Watch how wide each curve is at the top, and also where it stands.",
    next=Next(
        "Race each optimizer at its own best rate.",
        "/?sgd.learning_rate=0.3&momentum.learning_rate=0.03&adam.learning_rate=0.003",
    ),
)
