"""Chooses the digits of the wall, such that in the recorded race they tell what all test digits tell.

A wall tells a share to one of its digits, which is a point. At every evaluation two things are wanted:

- The share of right answers on the wall is close to that on all test digits.
- Walls put two lanes, measured after the same batch, in the order that all test digits put them in: the lane with more
  right answers has more of the wall right if they are a point apart or more, or at the end of the race, and else not
  fewer.

Of a race that it was not chosen by, a wall is a sample of 100, and may tell another order where lanes are close.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.events import WALL
from app.training.idx import Bytes
from app.training.network import OUTPUTS

STARTS = 12
# A share counts by the fourth power of the points it is off, so that none is far off; at the end, where a race stays on
# show, so many times; a digit by which an order is missed as much as so many points.
AT_THE_END, ORDER = 10, 10

Race = Sequence[Mapping[int, NDArray[np.bool_]]]
"""Of each lane, by the batch it was evaluated after: which test digits it read right."""


def choose_wall(races: Sequence[Race], test_labels: Bytes) -> list[int]:
    """Numbers of WALL test digits, as many of each label, so that each has a row of the wall.

    From several random choices on, each digit is exchanged for the best of its label as long as that helps; the best
    outcome counts.
    """
    goal = _Goal(races)
    outcomes = [_exchanged(goal, test_labels, np.random.default_rng(start)) for start in range(STARTS)]
    return sorted(min(outcomes, key=lambda chosen: goal.missed_by(goal.lit(chosen)).item()).tolist())


class _Goal:
    """What is wanted of a wall at every evaluation of these races."""

    def __init__(self, races: Sequence[Race]) -> None:
        rows: list[NDArray[np.bool_]] = []
        ends: list[int] = []
        pairs: list[tuple[int, int]] = []
        for race in races:
            numbers: list[dict[int, int]] = []
            for lane in race:
                numbers.append({step: len(rows) + i for i, step in enumerate(lane)})
                rows.extend(lane.values())
                ends.append(len(rows) - 1)
            for one, other in combinations(numbers, 2):
                pairs.extend((one[step], other[step]) for step in one if step in other)
        # Of shape (evaluations, test digits).
        self.right = np.array(rows, np.float32)
        self._wanted = (self.right.mean(axis=1, dtype=float) * WALL).astype(np.float32)[:, None]
        self._weight = np.where(np.isin(np.arange(len(rows)), ends), AT_THE_END, 1).astype(np.float32)
        first, second = np.array(pairs, int).reshape(-1, 2).T
        apart = self._wanted[first, 0] - self._wanted[second, 0]
        # Equally good ones may be in any order.
        first, second, apart = (values[apart != 0] for values in (first, second, apart))
        self._better, self._worse = np.where(apart > 0, (first, second), (second, first))
        at_the_end = np.isin(first, ends) & np.isin(second, ends)
        self._more = ((np.abs(apart) >= 1) | at_the_end).astype(np.float32)[:, None]

    def lit(self, chosen: NDArray[np.int64]) -> NDArray[np.float32]:
        """How many of the chosen digits are read at each evaluation, of shape (evaluations, 1)."""
        lit: NDArray[np.float32] = self.right[:, chosen].sum(axis=1, keepdims=True)
        return lit

    def missed_by(self, lit: NDArray[np.float32]) -> NDArray[np.float32]:
        """How far from the goal walls are of which so many digits are `lit`: shape (evaluations, walls)."""
        short = np.maximum(0, self._more - (lit[self._better] - lit[self._worse]))
        off = np.square(np.square(lit - self._wanted))
        missed: NDArray[np.float32] = self._weight @ off + ORDER * short.sum(axis=0)
        return missed


def _exchanged(goal: _Goal, test_labels: Bytes, rng: np.random.Generator) -> NDArray[np.int64]:
    of_each = [np.flatnonzero(test_labels == label) for label in range(OUTPUTS)]
    chosen = np.concatenate([rng.choice(digits, WALL // OUTPUTS, replace=False) for digits in of_each])
    lit = goal.lit(chosen)
    least, before = goal.missed_by(lit).item(), np.inf
    while least < before:
        before = least
        for place in rng.permutation(WALL):
            others = np.setdiff1d(of_each[test_labels[chosen[place]]], chosen)
            exchanged = lit - goal.right[:, chosen[place], None] + goal.right[:, others]
            missed = goal.missed_by(exchanged)
            best = missed.argmin()
            if missed[best] < least:
                chosen[place], lit, least = others[best], exchanged[:, best, None], missed[best].item()
    return chosen
