"""How far a learning rate may move from the best and still be good, and how that is written."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from app.report.formats import counted, fixed, plain


class Plateau(NamedTuple):
    """Good learning rates around the best, without a gap."""

    low: float
    high: float
    at_least: bool
    """Whether it goes on to an end of the grid, and so perhaps beyond."""

    @classmethod
    def around(cls, best: int, good: Sequence[bool], rates: Sequence[float]) -> "Plateau":
        """From the rate at the place `best` as far as all are good; `rates` are in order."""
        low = high = best
        while low > 0 and good[low - 1]:
            low -= 1
        while high < len(good) - 1 and good[high + 1]:
            high += 1
        return cls(rates[low], rates[high], low == 0 or high == len(rates) - 1)

    @property
    def decades(self) -> float:
        return math.log10(self.high / self.low)


def in_short(plateau: Plateau) -> str:
    """In a table, "≥ 1.5 decades: 0.01 to 0.3"."""
    low, high, at_least = plateau
    if low == high:
        return f"at {plain(low)}, perhaps beyond" if at_least else f"only {plain(low)}"
    return f"{'≥ ' if at_least else ''}{decades(plateau)}: {plain(low)} to {plain(high)}"


def extent(plateau: Plateau) -> str:
    """In a sentence, "over at least 1.5 decades (0.01 to 0.3)"."""
    low, high, at_least = plateau
    if low == high:
        return f"at {plain(low)} and perhaps beyond" if at_least else f"only at {plain(low)}"
    return f"over {'at least ' if at_least else ''}{decades(plateau)} ({plain(low)} to {plain(high)})"


def decades(plateau: Plateau) -> str:
    """How wide it is, "1.5 decades"."""
    return counted(fixed(plateau.decades, 1), "decade")
