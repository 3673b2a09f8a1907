"""Races that pass the parts of a cluster and wait for one of its machines: how long each waits, by SimPy. Pure.

All machines take from one queue, first come, first served, as the runs of one server do when each visitor has one.
"""

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import numpy as np
import simpy

from benchmarks.simulation.arrivals import Times

# So often the events of a race are taken in while it goes on.
PIECES = 3
MINUTE_S = 60


class Part(NamedTuple):
    """One of a kind in a cluster, which all its races pass, first come, first served."""

    name: str
    start_s: float
    """What a race takes of it before it can wait for a machine."""
    race_s: float
    """What its events take of it while it races, and when it is over."""

    @property
    def seconds(self) -> float:
        """Of each race."""
        return self.start_s + self.race_s


class Simulated(NamedTuple):
    """What came of a load."""

    waits: Times
    """Seconds from asking for a race to its start, one for each race."""
    busy: float
    """The share of all machines' time, until the last race was over, that they were taken; 0 without a limit."""
    peaks: dict[str, float]
    """Of each part, what its busiest minute brings it, in minutes of its time: over 1 it falls behind."""

    @property
    def median(self) -> float:
        return float(np.median(self.waits))

    @property
    def p99(self) -> float:
        return float(np.percentile(self.waits, 99))


class _Queue:
    """Of one part. What comes takes a known time, so its end is known when it comes: one event for each."""

    def __init__(self, env: simpy.Environment, seconds: float) -> None:
        self._env = env
        self._free_at = 0.0
        self._brought_s = np.zeros(int(seconds // MINUTE_S) + 1)

    def take(self, seconds: float) -> float:
        """When it will be through with this."""
        now = self._env.now
        self._free_at = max(self._free_at, now) + seconds
        self._brought_s[min(int(now // MINUTE_S), len(self._brought_s) - 1)] += seconds
        return self._free_at

    @property
    def peak(self) -> float:
        # The last minute may be cut short, and has what comes after it.
        return float(self._brought_s[:-1].max(initial=0)) / MINUTE_S


def simulate(asked: Times, takes: Times, machines: int | None, parts: Sequence[Part] = ()) -> Simulated:
    """Races asked for at these seconds, in order, each of which takes so many on a machine; None: without a limit.

    A machine is free when all parts are through with what its race has told.
    """
    env = simpy.Environment()
    free = simpy.Store(env)
    free.items.extend(range(machines or 0))
    queues = [_Queue(env, asked[-1]) for _ in parts]
    waits = np.empty(len(asked))
    taken_s = 0.0

    def race(number: int) -> Generator[simpy.Event, Any, None]:
        nonlocal taken_s
        for part, queue in zip(parts, queues, strict=True):
            yield env.timeout(max(0.0, queue.take(part.start_s) - env.now))
        machine = (yield free.get()) if machines else None
        began = env.now
        waits[number] = began - asked[number]
        through = began
        for _ in range(PIECES if parts else 1):
            yield env.timeout(takes[number] / (PIECES if parts else 1))
            told = [queue.take(part.race_s / PIECES) for part, queue in zip(parts, queues, strict=True)]
            through = max([env.now, *told])
        yield env.timeout(max(0.0, through - env.now))
        taken_s += env.now - began
        if machines:
            yield free.put(machine)

    def visitors() -> Generator[simpy.Event, Any, None]:
        for number, at in enumerate(asked):
            yield env.timeout(max(0.0, at - env.now))
            env.process(race(number))

    env.process(visitors())
    env.run()
    busy = taken_s / (machines * env.now) if machines else 0.0
    return Simulated(waits, busy, {part.name: queue.peak for part, queue in zip(parts, queues, strict=True)})
