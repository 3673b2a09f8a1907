"""You don't need every example: full batch beside 1,024 and 64, by passes over the data and by seconds."""

from collections.abc import Callable
from typing import NamedTuple

from app.experiments.base import Answer, CellResult, Experiment, Guess, Next, Passed, Sweep, SweepResult
from app.experiments.picture import OTHERS, Line, logged
from app.report.formats import count, fixed, listed, percent, seconds, target

MARK = 0.9
SIZES = (64, 1_024, 60_000)


class _Passing(NamedTuple):
    """A batch size whose training passed MARK."""

    size: int
    passed: Passed


def answer(result: SweepResult) -> Answer:
    passings = [_Passing(cell.at["batch_size"], hit) for cell in result.cells if (hit := cell.passed(MARK))]
    if not passings:
        return Answer(None, [f"No training has read {target(MARK)} of the unseen digits."])
    by_passes = _first(passings, lambda passed: passed.epochs)
    by_seconds = _first(passings, lambda passed: passed.seconds)
    sentences = [
        f"By passes over the data, {_name(by_passes.size)} is first to {target(MARK)}: after "
        f"{_list(passings, lambda passed: f'{fixed(passed.epochs, 2)} passes')}.",
        f"By seconds of training, {_name(by_seconds.size)} is first: after "
        f"{_list(passings, lambda passed: seconds(passed.seconds))}.",
        *_short(result.cells, passings),
        *_ends(result.cells),
    ]
    if not result.finished:
        return Answer(None, sentences)
    return Answer(str(by_passes.size) if by_passes.size == by_seconds.size else "depends", sentences)


def _first(passings: list[_Passing], by: Callable[[Passed], float]) -> _Passing:
    return min(passings, key=lambda each: by(each.passed))


def _list(passings: list[_Passing], write: Callable[[Passed], str]) -> str:
    return listed([f"{write(each.passed)} with {_name(each.size)}" for each in passings])


def _short(cells: list[CellResult], passings: list[_Passing]) -> list[str]:
    there = {each.size for each in passings}
    short = [_name(cell.at["batch_size"]) for cell in cells if cell.at["batch_size"] not in there and cell.evaluations]
    return [f"With {listed(short)} it never got there."] if short else []


def _ends(cells: list[CellResult]) -> list[str]:
    ends = [f"{percent(cell.accuracy)} with {_name(cell.at['batch_size'])}" for cell in cells if cell.accuracy]
    return [f"After all passes it reads {listed(ends)}."] if ends else []


def _name(size: int) -> str:
    return f"all {count(size)} at once" if size == SIZES[-1] else f"{count(size)} at a time"


def picture(result: SweepResult) -> list[Line]:
    """Test accuracy by seconds of training, these on a log scale."""
    return [
        Line(OTHERS[number], logged((each.seconds, each.test_accuracy) for each in cell.evaluations))
        for number, cell in enumerate(result.cells)
    ]


EXPERIMENT = Experiment(
    order=1,
    name="every-example",
    title="You don't need every example",
    claim=(
        "Instead of one slow update per epoch using all data, you get hundreds of quick updates. Training that "
        "took minutes with full-batch finishes in seconds with mini-batches."
    ),
    question=(
        "The same network learns from 64 examples at a time, from 1,024, or from all 60,000. Which is first to read "
        "90\u202f% of unseen digits?"
    ),
    guesses=(
        Guess("64", "64 at a time"),
        Guess("1024", "1,024 at a time"),
        Guess("60000", "All 60,000 at once"),
        Guess("depends", "It depends: passes or seconds"),
    ),
    runs=Sweep({"batch_size": list(SIZES)}, answer, picture, {"epochs": 20, "lanes": [{"optimizer": "adam"}]}),
    look="Watch the same curves by passes over the data, then by seconds.",
    next=Next("Watch a full-batch race update by update.", "/?lanes=adam&batch_size=60000&epochs=20"),
)
