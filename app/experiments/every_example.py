"""You don't need every example: full batch beside 1,024 and 64, by passes over the data and by seconds."""

from collections.abc import Callable
from typing import NamedTuple

from app.config import RunConfig
from app.experiments.base import MARK, Answer, CellResult, Experiment, Guess, Measured, Next, Sweep, SweepResult
from app.experiments.picture import Line, Picture, logged
from app.experiments.verdict import Part, claim
from app.report.drawing import looks
from app.report.formats import count, counted, fine_seconds, fixed, listed, percent, plain, target

# An early and a late stage of learning.
MARKS = (MARK, 0.97)
# A batch size that needs at most this many times what the first needed is level with it: runs differ as much by chance.
LEVEL = 1.1
LESS_APART = percent(LEVEL - 1, 0)
MINUTE_S = 60
SIZES = (64, 1_024, 60_000)
AXES: dict[str, Callable[[Measured], float]] = {
    "passes over the data": lambda passed: passed.epochs,
    "seconds of training": lambda passed: passed.seconds,
}


class _Passing(NamedTuple):
    """A batch size whose training passed a mark."""

    size: int
    passed: Measured


def answer(result: SweepResult) -> Answer:
    sentences: list[str] = []
    firsts: list[set[int]] = []
    for mark in MARKS:
        passings = [_Passing(cell.at["batch_size"], hit) for cell in result.cells if (hit := cell.passed(mark))]
        if passings:
            sentences += _race_to(mark, passings)
            firsts += [_firsts(passings, by) for by in AXES.values()]
            never = [_name(cell.at["batch_size"]) for cell in result.cells if not cell.passed(mark)]
            if never and result.finished:
                sentences.append(f"{_capital(listed(never))} did not get to {target(mark)}.")
    sentences += _ends(result.cells)
    if not sentences:
        return Answer(None, [f"No training has read {target(MARKS[0])} of the unseen digits."])
    if not result.finished or not firsts or len(result.cells) < 2:
        return Answer(None, sentences)
    everywhere = set.intersection(*firsts)
    if len(everywhere) > 1:
        sentences.append(f"{_capital(listed([_name(size) for size in sorted(everywhere)]))} are level.")
    sentences += [_doubt(result.cells), *_verdict(result.cells)]
    if len(everywhere) > 1:
        return Answer(None, sentences)
    return Answer(_key(everywhere.pop()) if everywhere else "depends", sentences)


def _doubt(cells: list[CellResult]) -> str:
    """How sure that is."""
    seeds = len({cell.at.get("seed") for cell in cells})
    trained = "With one seed each, chance may decide" if seeds == 1 else f"With {counted(seeds, 'seed')} each"
    return f"{trained}: less than {LESS_APART} apart counts as level."


def _race_to(mark: float, passings: list[_Passing]) -> list[str]:
    """Which batch size was first by each measure, and what each needed."""
    found = []
    for axis, by in AXES.items():
        needed = listed([f"{_name(each.size)} needed {_amount(axis, by(each.passed))}" for each in passings])
        firsts = [_name(size) for size in sorted(_firsts(passings, by))]
        level = f" So {listed(firsts)} are level, less than {LESS_APART} apart." if len(firsts) > 1 else ""
        found.append(f"To {target(mark)} by {axis}: {needed}.{level}")
    return found


def _firsts(passings: list[_Passing], by: Callable[[Measured], float]) -> set[int]:
    """The batch size that needed the least, and those level with it."""
    least = min(by(each.passed) for each in passings)
    return {each.size for each in passings if by(each.passed) <= least * LEVEL}


def _verdict(cells: list[CellResult]) -> list[str]:
    """Whether full batch took minutes, and small batches seconds; nothing where one of the two was not trained."""
    mark = MARKS[0]
    full = next((cell for cell in cells if _key(cell.at["batch_size"]) == "full"), None)
    small = [_Passing(cell.at["batch_size"], hit) for cell in cells if cell is not full and (hit := cell.passed(mark))]
    if full is None or not small:
        return []
    first = min(small, key=lambda each: each.passed.seconds)
    passed, name = full.passed(mark), _name(full.at["batch_size"])
    spent = passed.seconds if passed else full.evaluations[-1].seconds if full.evaluations else 0.0
    took = f"{name} {'took' if passed else 'did not get there in'} {fine_seconds(spent)}"
    minutes = f"{took}, not minutes" if spent < MINUTE_S else took
    return [
        claim(
            [
                Part(
                    passed is None or first.passed.seconds < passed.seconds,
                    f"to {target(mark)}, {_name(first.size)} took {fine_seconds(first.passed.seconds)}",
                ),
                Part(spent >= MINUTE_S, minutes),
            ]
        )
    ]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _amount(axis: str, value: float) -> str:
    if axis.startswith("seconds"):
        return fine_seconds(value)
    return fixed(value, 2) if value >= 0.005 else "less than 0.01"


def _ends(cells: list[CellResult]) -> list[str]:
    """The accuracy of each at its end, or, if it has not ended, so far."""
    done = [cell for cell in cells if cell.accuracy is not None and cell.evaluations]
    short = [cell for cell in cells if cell.accuracy is None and cell.evaluations]
    found = []
    if done:
        passes = counted(fixed(max(cell.evaluations[-1].epochs for cell in done), 0), "pass", "passes")
        ends = listed([f"{percent(cell.accuracy or 0)} with {_name(cell.at['batch_size'])}" for cell in done])
        found.append(f"After {passes} the network reads {ends}.")
    for cell in short:
        epochs, accuracy = cell.evaluations[-1].epochs, cell.evaluations[-1].test_accuracy
        found.append(
            f"{_capital(_name(cell.at['batch_size']))} got to {percent(accuracy)} in {fixed(epochs, 2)} passes."
        )
    return found


def _name(size: int) -> str:
    return f"all {count(size)} at once" if _key(size) == "full" else f"{count(size)} at a time"


def _key(size: int) -> str:
    """The key of the guess for a batch size."""
    return str(size) if size in SIZES[:-1] else "full"


def picture(result: SweepResult) -> Picture:
    """Test accuracy by seconds of training, these on a log scale."""
    lines = [
        Line(
            _name(cell.at["batch_size"]),
            look,
            logged((each.seconds, each.test_accuracy) for each in cell.evaluations),
            given=_key(cell.at["batch_size"]) == "full",
        )
        for cell, look in zip(result.cells, looks([cell.at["optimizer"] for cell in result.cells]), strict=True)
    ]
    return Picture("Test accuracy by seconds of training", lines)


EXPERIMENT = Experiment(
    order=1,
    name="every-example",
    title="You don’t need every example",
    claim=(
        "Instead of one slow update per epoch using all data, you get hundreds of quick updates. Training that "
        "took minutes with full-batch finishes in seconds with mini-batches."
    ),
    question=(
        "The same network learns with Adam from 64 examples at a time, from 1,024 or from all 60,000, at the learning "
        f"rate {plain(RunConfig().learning_rate)}. Which is fastest, by passes over the data and by seconds?"
    ),
    guesses=(
        Guess("64", "64 at a time, by both"),
        Guess("1024", "1,024 at a time, by both"),
        Guess("full", "All 60,000 at once, by both"),
        Guess("depends", "It depends on what is counted, and on how far"),
    ),
    runs=Sweep({"optimizer": ["adam"], "batch_size": list(SIZES)}, answer, picture, {"epochs": 20}),
    look="Watch the same curves by epochs, then by seconds.",
    next=Next("Watch a full-batch race update by update.", "/?lanes=adam&batch_size=60000&epochs=20"),
)
