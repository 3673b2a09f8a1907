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


def in_short(plateau: Plateau, of_seeds: Sequence[Plateau] = ()) -> str:
    """In a table, "≥ 1.5 decades: 0.01 to 0.3 (1.0 to 1.7 depending on the seed)"."""
    low, high, at_least = plateau
    spread = _spread(plateau, of_seeds)
    seeds = f" ({spread})" if spread else ""
    if low == high:
        return (f"at {plain(low)}, perhaps beyond" if at_least else f"only {plain(low)}") + seeds
    return f"{'≥ ' if at_least else ''}{decades(plateau)}: {plain(low)} to {plain(high)}{seeds}"


def extent(plateau: Plateau, of_seeds: Sequence[Plateau] = ()) -> str:
    """In a sentence, "over at least 1.5 decades (0.01 to 0.3; 1.0 to 1.7 depending on the seed)"."""
    low, high, at_least = plateau
    spread = _spread(plateau, of_seeds)
    if low == high:
        where = f"at {plain(low)} and perhaps beyond" if at_least else f"only at {plain(low)}"
        return f"{where} ({spread})" if spread else where
    seeds = f"; {spread}" if spread else ""
    return f"over {'at least ' if at_least else ''}{decades(plateau)} ({plain(low)} to {plain(high)}{seeds})"


def decades(plateau: Plateau) -> str:
    """How wide it is, "1.5 decades"."""
    return counted(fixed(plateau.decades, 1), "decade")


def width_range(of_seeds: Sequence[Plateau]) -> str:
    """From the narrowest to the widest of these, in decades: "1.0 to ≥ 1.7", or "1.0" where all are alike."""
    widths = sorted({fixed(each.decades, 1) for each in of_seeds}, key=float)
    widest = f"{'≥ ' if any(each.at_least for each in of_seeds) else ''}{widths[-1]}"
    return f"{widths[0]} to {widest}" if len(widths) > 1 else widest


def _spread(plateau: Plateau, of_seeds: Sequence[Plateau]) -> str:
    """How wide it is with each seed alone; empty for one seed."""
    if not of_seeds:
        return ""
    if {fixed(each.decades, 1) for each in of_seeds} == {fixed(plateau.decades, 1)}:
        return "with every seed"
    unit = " decades" if plateau.low == plateau.high else ""
    return f"{width_range(of_seeds)}{unit} depending on the seed"
