"""Which batch size is the first at the mark, by passes and by seconds, and whether one seed decides that."""

from collections.abc import Callable
from typing import NamedTuple

from app.experiments.base import MARK, CellResult, Measured
from app.report.formats import count, fine_seconds, fixed, listed, plain, target

SIZES = (64, 1_024, 60_000)
# A training that needed less than this many times what the first one needed may be as fast with another seed. Adam at
# the learning rate 0.01 with the seeds 42 to 47: to 90 %, 1,024 at a time needed 3.3 to 8.4 times the passes and 1.8 to
# 4.3 times the seconds of 64 at a time, so 64 is first beyond chance; to 95 %, 0.8 to 1.3 times the seconds, so chance
# decides. To 97 % the same training with 64 needed 5.2 to 9.2 passes, and only 2.5 where sums were rounded differently.
SURE = 1.5
AXES: dict[str, Callable[[Measured], float]] = {
    "passes over the data": lambda passed: passed.epochs,
    "seconds of training": lambda passed: passed.seconds,
}


class Order(NamedTuple):
    """Who was first at MARK, by one of AXES."""

    axis: str
    needed: dict[int, float]
    """By batch size, of those that got there."""
    firsts: list[int]
    """The batch sizes that may be the first: one alone if that is decided."""

    @property
    def first(self) -> int | None:
        return self.firsts[0] if len(self.firsts) == 1 else None

    def told(self, finished: bool) -> str:
        needed = listed([f"{name_of(size)} needed {_written(self.axis, value)}" for size, value in self.needed.items()])
        first = f": {names_of(self.firsts)} {'is first' if self.first else 'cannot be told apart'}" if finished else ""
        return f"To {target(MARK)} by {self.axis}: {needed}{first}."


def order_by(cells: list[CellResult], axis: str) -> Order:
    by, needed, earliest = AXES[axis], dict[int, float](), dict[int, float]()
    for cell in cells:
        size, passed = cell.at["batch_size"], cell.passed(MARK)
        if passed:
            # It got there after the evaluation before, if there is one.
            before = [by(each) for each in cell.evaluations if each.step < passed.step]
            needed[size] = by(passed)
            earliest[size] = min([*before[-1:], needed[size] / SURE])
        elif cell.accuracy is not None and cell.evaluations:
            earliest[size] = by(cell.evaluations[-1])
    least = min(needed.values(), default=0.0)
    return Order(axis, needed, [size for size in earliest if needed.get(size) == least or earliest[size] < least])


def doubt() -> str:
    """How sure that is."""
    return (
        f"With one seed each, chance may decide: less than {plain(SURE)} times as much, or less than the distance of "
        "two evaluations, counts as level."
    )


def name_of(size: int) -> str:
    return f"all {count(size)} at once" if key_of(size) == "full" else f"{count(size)} at a time"


def names_of(sizes: list[int]) -> str:
    return listed(list(map(name_of, sizes)))


def key_of(size: int) -> str:
    """The key of the guess for a batch size."""
    return str(size) if size in SIZES[:-1] else "full"


def _written(axis: str, value: float) -> str:
    if axis.startswith("seconds"):
        return fine_seconds(value)
    return fixed(value, 2) if value >= 0.005 else "less than 0.01"
