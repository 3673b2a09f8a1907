"""The fewest machines, in as many clusters as it takes, on which waits keep their bounds."""

from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from benchmarks.simulation.arrivals import Arrivals, Load, Times, arrivals
from benchmarks.simulation.queueing import Part, Simulated, simulate

MEDIAN_S, P99_S = 5.0, 30.0
SEEDS = range(5)
LEAST_S = 900.0
# What is searched for is found within this share of it.
WITHIN = 0.02
# How large clusters are tried to be, by the largest that its parts would bear.
SIZES = (0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9)


class Service(NamedTuple):
    """What serves a load."""

    race_s: Times
    """Seconds that races have taken on a machine."""
    parts: Sequence[Part] = ()
    sampled: int = 12_000
    """Races of a sample: enough for waits at p99, and for lectures that begin at the same time to be among them."""


class Drawn(NamedTuple):
    """Some time of a load's visitors, drawn at random, with what their races take on a machine."""

    arrivals: Arrivals
    takes: Times


class Waits(NamedTuple):
    """Of all samples together."""

    samples: Sequence[Simulated]

    @property
    def median(self) -> float:
        return float(np.median(self._all))

    @property
    def p99(self) -> float:
        return float(np.percentile(self._all, 99))

    @property
    def worst_p99(self) -> float:
        """Of the sample with the longest waits."""
        return max(each.p99 for each in self.samples)

    @property
    def busy(self) -> float:
        return float(np.mean([each.busy for each in self.samples]))

    @property
    def enough(self) -> bool:
        return self.median < MEDIAN_S and self.p99 < P99_S

    def peak(self, part: str) -> float:
        """In the busiest minute of all."""
        return max(each.peaks[part] for each in self.samples)

    @property
    def _all(self) -> Times:
        return np.concatenate([each.waits for each in self.samples])


class Needed(NamedTuple):
    """For one load: so many clusters of so many machines each, and what one of them is like."""

    load: Load
    clusters: int
    machines: int
    waits: Waits
    viewers: int
    """The most at once."""


def draw_samples(load: Load, service: Service) -> list[Drawn]:
    seconds = max(LEAST_S, 3600 * service.sampled / (load.racing * load.races_each))
    drawn = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        come = arrivals(load, seconds, rng)
        drawn.append(Drawn(come, rng.choice(service.race_s, len(come.races))))
    return drawn


def waits(drawn: Sequence[Drawn], machines: int | None, parts: Sequence[Part]) -> Waits:
    return Waits([simulate(each.arrivals.races, each.takes, machines, parts) for each in drawn])


def most_visitors(kind: Load, service: Service, machines: int | None) -> int:
    """How many visitors an hour of this kind one cluster serves within the bounds."""
    per_race = [part.seconds for part in service.parts]
    if machines:
        per_race.append(float(service.race_s.mean()) / machines)

    def serves(visitors: int) -> bool:
        return waits(draw_samples(kind._replace(visitors=visitors), service), machines, service.parts).enough

    racing = kind._replace(visitors=1.0).racing
    return _largest(serves, int(3600 / max(per_race) / kind.races_each / racing))


def most_viewers(kind: Load, at_once: int) -> int:
    """How many visitors an hour of this kind one web server serves that bears so many viewers."""

    def serves(visitors: int) -> bool:
        drawn = draw_samples(kind._replace(visitors=visitors), Service(np.ones(1)))
        return max(each.arrivals.viewers(kind.stays_s) for each in drawn) <= at_once

    return _largest(serves, int(at_once * 3600 / kind.stays_s))


def fewest_machines(load: Load, service: Service, most: float = inf) -> Needed | None:
    """In one cluster; None where it would be more than `most`, or where its other parts make races wait too long."""
    drawn, parts = draw_samples(load, service), service.parts
    if parts and not waits(drawn, None, parts).enough:
        return None
    # Fewer do not keep up: their queue grows for as long as the load lasts.
    high = max(1, int(np.ceil(load.racing * load.races_each / 3600 * service.race_s.mean())))
    low = high - 1
    while not (found := waits(drawn, high, parts)).enough:
        if high > most:
            return None
        low, high = high, high + max(1, high // 5)
    while high - low > max(1, int(high * WITHIN)):
        middle = (low + high) // 2
        if (fewer := waits(drawn, middle, parts)).enough:
            high, found = middle, fewer
        else:
            low = middle
    viewers = max(each.arrivals.viewers(load.stays_s) for each in drawn)
    return Needed(load, 1, high, found, viewers)


def best_size(kind: Load, service: Service) -> int:
    """Visitors an hour of a cluster that serves them with the fewest machines for each.

    A small one has machines for its lectures that are idle otherwise; in a large one, whose other parts are at their
    limit, more machines help little.
    """
    largest = most_visitors(kind, service, None)
    best, fewest = 0, inf
    for size in (int(largest * share) for share in SIZES):
        needed = fewest_machines(kind._replace(visitors=size), service, most=fewest * size)
        if needed and needed.machines / size < fewest:
            best, fewest = size, needed.machines / size
        elif best:
            break
    return best


def machines_for(load: Load, size: int, service: Service) -> Needed:
    """In clusters of at most `size` visitors an hour, which are alike, or in more if those don't do."""
    clusters = int(np.ceil(load.visitors / size))
    while not (needed := fewest_machines(load._replace(visitors=load.visitors / clusters), service)):
        clusters += max(1, clusters // 10)
    return needed._replace(load=load, clusters=clusters)


def _largest(serves: Callable[[int], bool], high: int) -> int:
    """The largest number that serves, at least 1; `high` is the first that can't."""
    low = 1
    while high - low > max(1, int(high * WITHIN)):
        middle = (low + high) // 2
        low, high = (middle, high) if serves(middle) else (low, middle)
    return low
