"""A claim of the article, taken apart, and whether each part holds with every seed."""

import re
import statistics
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from app.claims.measured import Measured
from app.report.formats import count, fixed

UNIT = re.compile(r"\D*$")


class Verdict(StrEnum):
    """A claim holds if all its parts hold with every seed, and fails if no part holds with any. If some of the others
    are undecided, it holds partly where one holds, and is not decided where none does.
    """

    HOLDS = "holds"
    PARTLY = "holds partly"
    FAILS = "doesn't"
    UNDECIDED = "not decided"


class Figure(NamedTuple):
    """What was measured with each seed; None where it was never reached."""

    name: str
    values: Sequence[float | None]
    write: Callable[[float], str]

    def __str__(self) -> str:
        """Its median and range, "Adam 62 (50 to 70)", with the unit after the last number alone."""
        known = [value for value in self.values if value is not None]
        if not known:
            return f"{self.name} never"
        median, low, high = (self.write(pick(known)) for pick in (statistics.median, min, max))
        unit = UNIT.search(high)
        spread = f" ({low.removesuffix(unit[0]) if unit else low} to {high})" if low != high else ""
        missing = len(self.values) - len(known)
        never = f", never with {missing} of {len(self.values)} seeds" if missing else ""
        return f"{self.name} {median}{spread}{never}"


class Part(NamedTuple):
    """One statement of a claim, and whether it holds with each seed; None where that is not decided."""

    says: str
    holds: Sequence[bool | None]
    figures: Sequence[Figure]

    @property
    def answer(self) -> str:
        """ "yes", "no", "not decided", or with how many of the seeds."""
        came_out, seeds = set(self.holds), len(self.holds)
        if len(came_out) == 1:
            return {True: "yes", False: "no", None: "not decided"}[came_out.pop()]
        open_with = self.holds.count(None)
        undecided = f", not decided with {open_with}" if open_with else ""
        return f"with {self.holds.count(True)} of {seeds} seeds{undecided}"


class Claim(NamedTuple):
    """A sentence of the article, what was trained to test it, and how its parts are read from that."""

    quote: str
    trained: str
    parts: Callable[[Measured], list[Part]]
    experiment: str = ""
    """The name of the one that tests it, too."""


def verdict(parts: Sequence[Part]) -> Verdict:
    seen = {held for part in parts for held in part.holds}
    if seen == {True}:
        return Verdict.HOLDS
    if True in seen:
        return Verdict.PARTLY
    return Verdict.UNDECIDED if None in seen else Verdict.FAILS


def fewest(mine: Sequence[float | None], *others: Sequence[float | None]) -> list[bool]:
    """With each seed: whether `mine` was reached, and needed less than all others; one never reached needed more."""
    return [
        own is not None and all(other is None or own < other for other in rest)
        for own, *rest in zip(mine, *others, strict=True)
    ]


def whole_number(value: float) -> str:
    return count(round(value))


def two_digits(value: float) -> str:
    return fixed(value, 2)


def signed_points(difference: float) -> str:
    """Of shares, in percentage points."""
    return f"{fixed(difference * 100, 2)} points"
