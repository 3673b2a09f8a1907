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
    """A claim holds if all its parts hold with every seed, and fails if no part holds with any."""

    HOLDS = "holds"
    PARTLY = "holds partly"
    FAILS = "doesn't"


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
    """One statement of a claim, and whether it holds with each seed."""

    says: str
    holds: Sequence[bool]
    figures: Sequence[Figure]

    @property
    def answer(self) -> str:
        """ "yes", "no", or with how many of the seeds."""
        if all(self.holds):
            return "yes"
        return f"with {sum(self.holds)} of {len(self.holds)} seeds" if any(self.holds) else "no"


class Claim(NamedTuple):
    """A sentence of the article, what was trained to test it, and how its parts are read from that."""

    quote: str
    trained: str
    parts: Callable[[Measured], list[Part]]


def verdict(parts: Sequence[Part]) -> Verdict:
    seen = [held for part in parts for held in part.holds]
    if all(seen):
        return Verdict.HOLDS
    return Verdict.PARTLY if any(seen) else Verdict.FAILS


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
