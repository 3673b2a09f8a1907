"""Contenders that train on the same batches in turns, and the medians of their times. Knows none of them.

All in one process on one core with one BLAS thread. Times are CPU time of the process, which neither waiting nor a
busy neighbour bends.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.training.dataset import Dataset, batches
from benchmarks.effort import Rounds

Batches = list[NDArray[np.int64]]
# Trains on the batches of these rows, one after another, and has loss and accuracy of each in the end.
Contender = Callable[[Batches], object]

# A contender may take this many steps in one call of its library: a round is a multiple of it.
STEPS_AT_ONCE = 16


def stay_on_one_core() -> None:
    """Where the system can: some libraries start as many threads as they see cores, whatever they are told."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def endless_batches(dataset: Dataset, config: RunConfig) -> Iterator[NDArray[np.int64]]:
    """Epoch after epoch."""
    rng = np.random.default_rng(config.seed)
    while True:
        yield from batches(dataset.train_labels, config.batch_size, rng)


def step_us(
    contenders: dict[str, Contender], stream: Iterator[NDArray[np.int64]], rounds: Rounds, round_s: float
) -> dict[str, float]:
    """Median microseconds of one step of each; a round, in which each has its turn, takes about `round_s`."""
    warm_up = list(islice(stream, STEPS_AT_ONCE))
    for train in contenders.values():
        train(warm_up)
    warm_s = sum(cpu_seconds(train, warm_up) for train in contenders.values())
    steps = STEPS_AT_ONCE * max(1, round(round_s / warm_s))
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in rounds:
        rows_of_batches = list(islice(stream, steps))
        for name, train in contenders.items():
            times[name].append(cpu_seconds(train, rows_of_batches) / steps * 1e6)
    return {name: statistics.median(turns) for name, turns in times.items()}


def cpu_seconds(train: Contender, rows_of_batches: Batches) -> float:
    """CPU time of this process, all its threads together."""
    started = time.process_time()
    train(rows_of_batches)
    return time.process_time() - started
