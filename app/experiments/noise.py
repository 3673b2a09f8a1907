"""Noise: batches of 1, 8, 64 and 512, and how the chance of which digits are in a batch affects learning."""

import statistics
from itertools import pairwise

from app.config import RunConfig
from app.experiments.base import MARK, Answer, CellResult, Experiment, Guess, Next, Sweep, SweepResult
from app.experiments.picture import Line, Picture
from app.experiments.verdict import Part, claim
from app.report.drawing import looks
from app.report.formats import count, fine_seconds, listed, percent, plain, points, target
from app.report.story_order import LEVEL

SIZES = (1, 8, 64, 512)
# The batch size whose line is drawn before a guess.
GIVEN = 64
# There are four evaluations a pass, so that the second half of the training has ENOUGH differences between them: with
# fewer, chance decides.
EPOCHS, ENOUGH = 4, 8


def answer(result: SweepResult) -> Answer:
    done = [(cell.at["batch_size"], cell.accuracy, cell) for cell in result.cells if cell.accuracy is not None]
    if not done:
        return Answer(None, ["No training has come to its end yet."])
    size, best, _ = max(done, key=lambda each: each[1])
    found = listed(
        [f"{percent(accuracy)} with batches of {count(each)}{_updates(cell)}" for each, accuracy, cell in done]
    )
    falls = {each: fall for each, _, cell in done if (fall := _falls_back(cell)) is not None}
    sentences = [f"After the same passes over the data: {found}.", _raggedness(falls)]
    if not result.finished:
        return Answer(None, sentences)
    fallen = [count(cell.at["batch_size"]) for cell in result.cells if cell.accuracy is None]
    if fallen:
        sentences.append(f"With batches of {listed(fallen)} it did not come through.")
    level = [each for each, accuracy, _ in done if best - accuracy < LEVEL]
    if len(level) > 1:
        sentences.append(f"Batches of {listed(list(map(count, level)))} are level: less than {points(LEVEL)} apart.")
    sentences += _verdict(result.cells, falls)
    return Answer(str(size) if len(level) == 1 else None, sentences)


def _updates(cell: CellResult) -> str:
    """How many updates each made: in the same number of epochs, small batches make more of them."""
    return f" ({count(round(cell.evaluations[-1].step))} updates)" if cell.evaluations else ""


def _verdict(cells: list[CellResult], falls: dict[int, float]) -> list[str]:
    """Whether small batches are noisy, lead anywhere, and fast: the smallest that were trained, beside the largest."""
    by_size = sorted(cells, key=lambda cell: int(cell.at["batch_size"]))
    smallest, largest = by_size[0], by_size[-1]
    hits = [(hit.seconds, cell) for cell in cells if (hit := cell.passed(MARK))]
    if smallest is largest or not hits:
        return []
    spent, first = min(hits, key=lambda hit: hit[0])
    late = largest.passed(MARK)
    last = f"needed {fine_seconds(late.seconds)}" if late else "did not get there"
    sizes = [count(cell.at["batch_size"]) for cell in (smallest, first, largest)]
    led = f"led to {percent(smallest.accuracy)}" if smallest.accuracy is not None else "did not come through"
    soonest = f"batches of {sizes[1]} were the first at {target(MARK)}, after {fine_seconds(spent)}"
    return [
        claim(
            [
                _noisy(falls, int(smallest.at["batch_size"]), int(largest.at["batch_size"])),
                Part((smallest.accuracy or 0.0) >= MARK, f"batches of {sizes[0]} {led}"),
                Part(None, "which way a gradient points is not measured here, but in the table of claims"),
                Part(first is not largest, soonest if first is largest else f"{soonest}, and {sizes[2]} {last}"),
            ]
        )
    ]


def _noisy(falls: dict[int, float], smallest: int, largest: int) -> Part:
    """Whether the curve of the smallest batches is noisier than that of the largest."""
    if not {smallest, largest} <= falls.keys():
        return Part(None, "the noise of small batches was not measured often enough")
    apart = falls[smallest] - falls[largest]
    if abs(apart) < LEVEL:
        return Part(None, f"the curves of batches of {count(smallest)} and {count(largest)} are about as ragged")
    more, less = (smallest, largest) if apart > 0 else (largest, smallest)
    return Part(apart > 0, f"the curve of batches of {count(more)} is more ragged than that of {count(less)}")


def _raggedness(falls: dict[int, float]) -> str:
    """How ragged the curves are in the second half of the training, by batch size."""
    if len(falls) < 2:
        return "There are too few evaluations to tell whose curve is the most ragged."
    fell = listed([f"{points(fall)} with {count(size)}" for size, fall in falls.items() if fall])
    noisiest = max(falls, key=lambda size: falls[size])
    if not falls[noisiest]:
        return "None of the curves falls back from one evaluation to the next."
    on_average = f"from one evaluation to the next the test accuracy falls back by {fell} on average"
    if never := [count(size) for size, fall in falls.items() if not fall]:
        on_average += f", and not at all with {listed(never)}"
    if falls[noisiest] - sorted(falls.values())[-2] < LEVEL:
        return f"{on_average[0].upper()}{on_average[1:]}: too little apart."
    whose = "The smallest batches are" if noisiest == min(falls) else f"Batches of {count(noisiest)} are"
    return f"{whose} the noisiest: {on_average}."


def _falls_back(cell: CellResult) -> float | None:
    """By how much the test accuracy falls from one evaluation to the next, on average; a rise counts as 0."""
    if not cell.evaluations:
        return None
    half = [each for each in cell.evaluations if each.epochs >= cell.evaluations[-1].epochs / 2]
    falls = [max(0.0, before.test_accuracy - after.test_accuracy) for before, after in pairwise(half)]
    return statistics.fmean(falls) if len(falls) >= ENOUGH else None


def picture(result: SweepResult) -> Picture:
    """Test accuracy by passes over the data."""
    lines = [
        Line(
            f"batches of {count(cell.at['batch_size'])}",
            look,
            [(each.epochs, each.test_accuracy) for each in cell.evaluations],
            given=cell.at["batch_size"] == GIVEN,
        )
        for cell, look in zip(result.cells, looks([cell.at["optimizer"] for cell in result.cells]), strict=True)
    ]
    return Picture("Test accuracy by passes over the data", lines)


EXPERIMENT = Experiment(
    order=6,
    name="noise",
    title="How much noise is good?",
    claim=(
        "Each mini-batch gradient is noisy, not the exact direction from all 60,000 examples. But it points roughly "
        "right. And it's fast."
    ),
    question=(
        f"SGD learns from batches of 1, 8, 64 or 512 digits, at one learning rate, {plain(RunConfig().learning_rate)}, "
        "with as many passes over the data: the smaller the batches, the more updates. Which reads unseen digits best?"
    ),
    guesses=tuple(Guess(str(size), f"Batches of {size}") for size in SIZES),
    runs=Sweep({"optimizer": ["sgd"], "batch_size": list(SIZES)}, answer, picture, {"epochs": EPOCHS}),
    look="Watch how ragged each curve is, and where it ends.",
    next=Next("Watch single batches of one digit go by, slowly.", "/?lanes=sgd&batch_size=1&pace=50"),
)
