"""One dial for all weights: a sweep of learning rates for each optimizer."""

import math
import statistics
from itertools import pairwise
from typing import NamedTuple

from app.experiments.base import MARK, Answer, Experiment, Guess, Next, Sweep, SweepResult
from app.experiments.picture import Line, Picture, logged
from app.experiments.verdict import Part, claim
from app.report.drawing import looks
from app.report.formats import count, listed, plain, target
from app.report.sweeps.plateau import Plateau, decades
from app.sweeps.grid import spaced_rates
from app.training.optimizers import OPTIMIZERS

# The key of the guess that ranges are about equally wide, or that the sweep does not decide it.
ALIKE = "alike"


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
        sentences += _shifted(ranges)
    if not result.finished:
        return Answer(None, sentences)
    doubts = _doubts(ranges, _step(result))
    if doubts:
        sentences.append(f"Whose range is the widest cannot be told: {listed(doubts)}.")
    choice = ALIKE if doubts else ranges[0].optimizer
    return Answer(choice, [*sentences, *_verdict(result, choice)])


def _step(result: SweepResult) -> float:
    """The widest step of the grid from one learning rate to the next, in decades."""
    rates = sorted({cell.at["learning_rate"] for cell in result.cells})
    return max((math.log10(high / low) for low, high in pairwise(rates)), default=0.0)


def _doubts(ranges: list[_Range], step: float) -> list[str]:
    """Why the first range, the widest that was measured, may not be the widest."""
    first, *others = ranges
    name = _label(first.optimizer)
    # Rates are rounded to three digits.
    near = [_label(each.optimizer) for each in others if first.rates.decades - each.rates.decades < step * 1.05]
    cut = [_label(each.optimizer) for each in others if each.rates.at_least]
    doubts = []
    if near:
        doubts.append(f"{name} is no more than one step of the sweep ahead of {listed(near)}")
    if cut:
        doubts.append(f"the sweep ends before the range of {listed(cut)} does")
    return doubts


def _shifted(ranges: list[_Range]) -> list[str]:
    """Where the ranges lie, if they are shifted by more than they differ in width."""
    middles = [(_label(each.optimizer), math.sqrt(each.rates.low * each.rates.high)) for each in ranges]
    apart = math.log10(max(at for _, at in middles) / min(at for _, at in middles))
    if apart <= ranges[0].rates.decades - ranges[-1].rates.decades:
        return []
    found = listed([f"{plain(float(f'{at:.2g}'))} with {name}" for name, at in middles])
    return [f"The ranges are shifted more than they differ in width: their middles are {found}."]


def _verdict(result: SweepResult, choice: str) -> list[str]:
    """Whether Adam, if it was trained, needs the fewest batches, and is the least sensitive to the rate."""
    needed = sorted(_needed(result).items(), key=lambda each: each[1])
    optimizers = {cell.at["optimizer"] for cell in result.cells}
    if "adam" not in optimizers or len(optimizers) < 2 or not needed:
        return []
    least = needed[0][1]
    fewest = [name for name, batches in needed if batches == least]
    found = listed([f"{_label(name)} by batch {count(round(batches))}" for name, batches in needed])
    faster = fewest[0] == "adam" if len(fewest) == 1 else None if "adam" in fewest else False
    widest = None if choice == ALIKE else choice == "adam"
    sensitive = {
        None: "whether it is less sensitive to the learning rate is not decided",
        True: "its range of learning rates is the widest",
        False: f"{_label(choice) if choice != ALIKE else ''} has the widest range of learning rates",
    }[widest]
    return [
        claim(
            [
                Part(faster, f"{target(MARK)} was passed, each at the rate quickest to it, with {found}"),
                Part(widest, sensitive),
            ]
        )
    ]


def _needed(result: SweepResult) -> dict[str, float]:
    """The fewest batches to MARK at any rate, over the seeds; none for an optimizer that did not get there."""
    found: dict[tuple[str, float], list[float]] = {}
    for cell in result.cells:
        hit = cell.passed(MARK) if cell.accuracy is not None else None
        steps = found.setdefault((cell.at["optimizer"], cell.at["learning_rate"]), [])
        steps.append(hit.step if hit else math.inf)
    fewest: dict[str, float] = {}
    for (name, _), steps in found.items():
        if math.isfinite(mean := statistics.fmean(steps)):
            fewest[name] = min(mean, fewest.get(name, math.inf))
    return fewest


def _shared(low: float, high: float) -> str:
    if low == high:
        return f"One rate of the sweep serves all of them, {plain(low)}."
    return f"Rates from {plain(low)} to {plain(high)} serve all of them."


def _ranges(result: SweepResult) -> list[_Range]:
    found: dict[str, dict[float, list[float]]] = {}
    for cell in result.cells:
        rates = found.setdefault(cell.at["optimizer"], {}).setdefault(cell.at["learning_rate"], [])
        # A network that diverged reads no digit correctly.
        rates.append(cell.accuracy or 0.0)
    means = {
        name: sorted((rate, statistics.fmean(each)) for rate, each in rates.items()) for name, rates in found.items()
    }
    return [around for name, points in means.items() if (around := _around_best(name, points))]


def _around_best(optimizer: str, points: list[tuple[float, float]]) -> _Range | None:
    best = max(range(len(points)), key=lambda i: points[i][1])
    if points[best][1] < MARK:
        return None
    good = [accuracy >= MARK for _, accuracy in points]
    return _Range(optimizer, Plateau.around(best, good, [rate for rate, _ in points]))


def _label(optimizer: str) -> str:
    return OPTIMIZERS[optimizer].label


def picture(result: SweepResult) -> Picture:
    """Test accuracy by learning rate, this on a log scale; 0 where training diverged or failed."""
    optimizers = list(dict.fromkeys(cell.at["optimizer"] for cell in result.cells))
    lines = [
        Line(
            _label(optimizer),
            look,
            sorted(
                logged(
                    (cell.at["learning_rate"], cell.accuracy or 0.0)
                    for cell in result.cells
                    if cell.at["optimizer"] == optimizer
                )
            ),
            given=optimizer == "sgd",
        )
        for optimizer, look in zip(optimizers, looks(optimizers), strict=True)
    ]
    return Picture("Test accuracy by learning rate", lines)


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
        Guess(ALIKE, "About as wide, or it can't be told"),
    ),
    runs=Sweep(
        {"optimizer": ["sgd", "momentum", "adam"], "learning_rate": spaced_rates(1e-4, 1, 13)},
        answer,
        picture,
        {"epochs": 1},
    ),
    look="Watch how wide each curve is at the top, and also where it stands.",
    next=Next(
        "Race SGD at 0.464, Momentum at 0.1 and Adam at 0.00464: the best rates of the sweep recorded here.",
        "/?sgd.learning_rate=0.464&momentum.learning_rate=0.1&adam.learning_rate=0.00464",
    ),
)
