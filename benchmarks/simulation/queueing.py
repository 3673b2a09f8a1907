"""Visitors who ask for races, and machines that have a place each: how long each visitor waits, by SimPy. Pure.

All machines take from one queue, first come, first served, as the runs of one server do when each visitor has one.
"""

from collections.abc import Generator
from typing import Any, NamedTuple

import numpy as np
import simpy
from numpy.typing import NDArray

Times = NDArray[np.float64]


class Load(NamedTuple):
    """Who comes within an hour. Whoever comes asks for one race at once, and for others later."""

    visitors: int
    races_each: float = 2.0
    """On average; the further ones are asked for after `thinking_s` each, on average."""
    thinking_s: float = 60.0
    stays_s: float = 120.0
    """How long a page is open, beside its wait."""
    lecture: int = 300
    """Students who come within `lecture_s`; at least one lecture in any case."""
    lecture_s: float = 60.0
    lecture_share: float = 0.2
    """Of all visitors."""
    joining: float = 0.0
    """The share of a lecture's students who ask for the same race as others: they watch that one."""

    @property
    def lectures(self) -> int:
        """Within an hour."""
        return max(1, round(self.visitors * self.lecture_share / self.lecture))


class Simulated(NamedTuple):
    """What came of a load on so many machines."""

    waits: Times
    """Seconds from asking for a race to its start, one for each race."""
    busy: float
    """The share of all machines' time, until the last race ended, that they raced."""

    @property
    def median(self) -> float:
        return float(np.median(self.waits))

    @property
    def p99(self) -> float:
        return float(np.percentile(self.waits, 99))


def requests(load: Load, seconds: float, rng: np.random.Generator) -> Times:
    """When races are asked for within so many seconds, in order. Lectures begin at equal distances."""
    alone = max(0, load.visitors - load.lectures * load.lecture)
    arrivals = [rng.uniform(0, seconds, rng.poisson(alone * seconds / 3600))]
    count = max(1, round(load.lectures * seconds / 3600))
    own = max(1, round(load.lecture * (1 - load.joining)))
    begins = (np.arange(count) + 0.5) * seconds / count
    arrivals += [begin + rng.uniform(0, load.lecture_s, own) for begin in begins]
    first = np.concatenate(arrivals)
    more = rng.poisson(load.races_each - 1, len(first))
    gaps = [rng.exponential(load.thinking_s, number).cumsum() for number in more]
    # These seconds are some of many that are alike: what falls behind their end had its like before their beginning.
    later = [(at + gap) % seconds for at, gap in zip(first, gaps, strict=True)]
    return np.sort(np.concatenate([first, *later]))


def simulate(asked: Times, machines: int, takes: Times) -> Simulated:
    """Races asked for at these seconds, in order, on so many machines; each takes so many seconds."""
    env = simpy.Environment()
    free = simpy.Store(env)
    free.items.extend(range(machines))
    waits = np.empty(len(asked))

    def race(number: int) -> Generator[simpy.Event, Any, None]:
        machine = yield free.get()
        waits[number] = env.now - asked[number]
        yield env.timeout(takes[number])
        yield free.put(machine)

    def visitors() -> Generator[simpy.Event, Any, None]:
        for number, at in enumerate(asked):
            yield env.timeout(max(0.0, at - env.now))
            env.process(race(number))

    env.process(visitors())
    env.run()
    return Simulated(waits, float(takes.sum() / (machines * env.now)))
