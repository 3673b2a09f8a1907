"""Who comes, and when they ask for races: visitors one by one, and lectures, all at random times. Pure."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]


class Load(NamedTuple):
    """Who comes within an hour, on average. Whoever comes asks for one race at once, and for others later."""

    visitors: float
    races_each: float = 2.0
    """On average; the further ones are asked for after `thinking_s` each, on average."""
    thinking_s: float = 60.0
    stays_s: float = 120.0
    """How long a page is open."""
    lecture: int = 300
    """Students who come within `lecture_s`."""
    lecture_s: float = 60.0
    lecture_share: float = 0.2
    """Of all visitors."""
    joining: float = 0.0
    """The share of a lecture's students who ask for the same race as others: they watch that one."""

    @property
    def racing(self) -> float:
        """Visitors an hour who ask for races of their own."""
        return self.visitors * (1 - self.lecture_share * self.joining)


class Arrivals(NamedTuple):
    """What came of a load within some seconds, in order."""

    visitors: Times
    """When each comes; those too who watch another's race."""
    races: Times
    """When each race is asked for."""

    def viewers(self, stays_s: float) -> int:
        """The most who are there at once."""
        gone = self.visitors + stays_s
        return int((np.arange(1, len(gone) + 1) - np.searchsorted(gone, self.visitors, "right")).max(initial=0))


def arrivals(load: Load, seconds: float, rng: np.random.Generator) -> Arrivals:
    """Those of so many seconds. Lectures begin at random times too: some hours have none, and some two at once."""
    hours = seconds / 3600
    alone = rng.uniform(0, seconds, rng.poisson(load.visitors * (1 - load.lecture_share) * hours))
    lectures = rng.poisson(load.visitors * load.lecture_share / load.lecture * hours)
    begins = rng.uniform(0, max(0.0, seconds - load.lecture_s), lectures)
    students = [begin + rng.uniform(0, load.lecture_s, load.lecture) for begin in begins]
    own = max(1, round(load.lecture * (1 - load.joining)))
    first = np.concatenate([alone, *(each[:own] for each in students)])
    more = rng.poisson(load.races_each - 1, len(first))
    gaps = [rng.exponential(load.thinking_s, number).cumsum() for number in more]
    # These seconds are some of many that are alike: what falls behind their end had its like before their beginning.
    later = [(at + gap) % seconds for at, gap in zip(first, gaps, strict=True)]
    return Arrivals(np.sort(np.concatenate([alone, *students])), np.sort(np.concatenate([first, *later])))
