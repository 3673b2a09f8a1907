"""Noise: batches of 1, 8, 64 and 512, and what the luck of a batch does to learning."""

import statistics
from itertools import pairwise

from app.experiments.base import Answer, CellResult, Experiment, Guess, Next, Sweep, SweepResult
from app.experiments.picture import OTHERS, Line
from app.report.formats import count, listed, percent, points
from app.report.story_order import LEVEL

SIZES = (1, 8, 64, 512)


def answer(result: SweepResult) -> Answer:
    done = [(cell.at["batch_size"], cell.accuracy, cell) for cell in result.cells if cell.accuracy is not None]
    if not done:
        return Answer(None, ["No training has come to its end yet."])
    size, best, _ = max(done, key=lambda each: each[1])
    told = listed([f"{percent(accuracy)} with batches of {count(each)}" for each, accuracy, _ in done])
    sentences = [f"After the same passes over the data: {told}.", *_wobbles([(each, cell) for each, _, cell in done])]
    if not result.finished:
        return Answer(None, sentences)
    fallen = [count(cell.at["batch_size"]) for cell in result.cells if cell.accuracy is None]
    if fallen:
        sentences.append(f"With batches of {listed(fallen)} it did not come through.")
    level = [each for each, accuracy, _ in done if best - accuracy < LEVEL]
    return Answer(str(size) if len(level) == 1 else None, sentences)


def _wobbles(cells: list[tuple[int, CellResult]]) -> list[str]:
    """How ragged the curves are in the second half of the training."""
    sizes = [(size, fall) for size, cell in cells if (fall := _falls_back(cell)) is not None]
    if len(sizes) < 2:
        return []
    told = listed([f"{points(fall)} with {count(size)}" for size, fall in sizes])
    noisiest, most = max(sizes, key=lambda each: each[1])
    if not most:
        return ["None of the curves falls back from one evaluation to the next."]
    smallest = min(size for size, _ in sizes)
    whose = "The smallest batches are" if noisiest == smallest else f"Batches of {count(noisiest)} are"
    return [f"{whose} the noisiest: from one evaluation to the next the test accuracy falls back by {told} on average."]


def _falls_back(cell: CellResult) -> float | None:
    """Climbing, however steep, is no noise."""
    half = [each for each in cell.evaluations if each.epochs >= cell.evaluations[-1].epochs / 2]
    falls = [max(0.0, before.test_accuracy - after.test_accuracy) for before, after in pairwise(half)]
    return statistics.fmean(falls) if len(falls) > 1 else None


def picture(result: SweepResult) -> list[Line]:
    """Test accuracy by passes over the data."""
    return [
        Line(OTHERS[number], [(each.epochs, each.test_accuracy) for each in cell.evaluations])
        for number, cell in enumerate(result.cells)
    ]


EXPERIMENT = Experiment(
    order=6,
    name="noise",
    title="How much noise is good?",
    claim=(
        "Each mini-batch gradient is noisy, not the exact direction from all 60,000 examples. But it points roughly "
        "right. And it's fast."
    ),
    question=(
        "SGD learns from batches of 1, 8, 64 or 512 digits, with as many passes over the data. Which reads unseen "
        "digits best?"
    ),
    guesses=tuple(Guess(str(size), f"Batches of {size}") for size in SIZES),
    runs=Sweep({"optimizer": ["sgd"], "batch_size": list(SIZES)}, answer, picture, {"epochs": 2}),
    look="Watch how ragged each curve is, and where it ends.",
    next=Next("Watch single batches of one digit go by, slowly.", "/?lanes=sgd&batch_size=1&pace=50"),
)
