"""Whether a lane gets slower the longer it trains, with each optimizer at each learning rate the page offers.

Moments that decay to denormal numbers would do that. A lane that has trained for nine epochs, or as long as there is
time, takes turns with a fresh one, so that the machine's own drift falls out.
"""

import math
import statistics
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from app.config import RunConfig
from app.training.dataset import open_dataset
from app.training.kernels import fastest_kernel
from benchmarks.effort import Effort, Rounds
from benchmarks.rounds import cpu_seconds, endless_batches
from benchmarks.steps import our_step

STEPS_A_TURN = 90
# A moment that decays as 0.9^t is denormal after 830 steps.
LEAST_OLD_STEPS, LEAST_PAIRS = 1800, 7
# Of the time, for growing old; the rest is for the turns.
OLD_SHARE = 0.6


class Slowdown(NamedTuple):
    """How many times longer a step took after so many steps than at first; None for a lane that diverged."""

    old_steps: int
    ratio: float | None


def measure_slowdown(prepared: Path, optimizer: str, learning_rate: float, effort: Effort, seconds: float) -> Slowdown:
    """Within about so many seconds."""
    config = RunConfig.of({"learning_rate": learning_rate, "lanes": [{"optimizer": optimizer}]})
    dataset, kernel = open_dataset(prepared), fastest_kernel()
    old, fresh = (our_step(dataset, config, 0, kernel) for _ in range(2))
    stream = endless_batches(dataset, config)
    turns = effort.old_steps // STEPS_A_TURN
    old_steps = 0
    for _ in Rounds(turns, OLD_SHARE * seconds, least=LEAST_OLD_STEPS // STEPS_A_TURN):
        old_steps += STEPS_A_TURN
        if not math.isfinite(old(list(islice(stream, STEPS_A_TURN)))[-1]):
            return Slowdown(old_steps, None)
    ratios = []
    for _ in Rounds(effort.pairs, (1 - OLD_SHARE) * seconds, least=LEAST_PAIRS):
        rows_of_batches = list(islice(stream, STEPS_A_TURN))
        ratios.append(cpu_seconds(old, rows_of_batches) / cpu_seconds(fresh, rows_of_batches))
    return Slowdown(old_steps, statistics.median(ratios))
