"""The fewest machines on which waits keep their bounds."""

from typing import NamedTuple

import numpy as np

from benchmarks.simulation.queueing import Load, Simulated, Times, requests, simulate

MEDIAN_S, P99_S = 5.0, 30.0
# Enough for waits at p99, and for a simulation of a million visitors an hour to take seconds: six minutes of theirs.
MOST_REQUESTS = 200_000
SEED = 42
HOURS = 10


class Needed(NamedTuple):
    """For one load."""

    load: Load
    machines: int
    simulated: Simulated
    starts_per_s: float
    """Races asked for a second, in the busiest minute."""


def enough(simulated: Simulated) -> bool:
    """Whether waits keep their bounds."""
    return simulated.median < MEDIAN_S and simulated.p99 < P99_S


def machines_for(load: Load, service_s: Times) -> Needed:
    """The fewest machines with waits under MEDIAN_S at the median and P99_S at p99; from a hundred on, within 1 %."""
    rng = np.random.default_rng(SEED)
    seconds = min(3600.0, 3600 * MOST_REQUESTS / (load.visitors * load.races_each))
    asked = requests(load, seconds, rng)
    # The same for any number of machines.
    takes = rng.choice(service_s, len(asked))

    # Fewer do not keep up: their queue grows for as long as the load lasts.
    high = max(1, int(np.ceil(len(asked) / seconds * service_s.mean())))
    low = high - 1
    while not enough(found := simulate(asked, high, takes)):
        low, high = high, high + max(1, high // 10)
    while high - low > max(1, high // 100):
        middle = (low + high) // 2
        if enough(simulated := simulate(asked, middle, takes)):
            high, found = middle, simulated
        else:
            low = middle
    return Needed(load, high, found, np.bincount((asked // 60).astype(int)).max() / 60)


def visitors_of_one(service_s: Times) -> int:
    """How many visitors an hour, none of them in a lecture, one machine serves with these waits; within 2 %."""

    def serves(visitors: int) -> bool:
        rng = np.random.default_rng(SEED)
        # Many hours, of which some are worse than others.
        asked = requests(Load(visitors, lecture=1, lecture_share=0), HOURS * 3600.0, rng)
        return enough(simulate(asked, 1, rng.choice(service_s, len(asked))))

    low, high = 0, int(3600 / service_s.mean())
    while high - low > max(1, high // 50):
        middle = (low + high) // 2
        low, high = (middle, high) if serves(middle) else (low, middle)
    return low
