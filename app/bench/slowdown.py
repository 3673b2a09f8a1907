"""Whether a lane gets slower the longer it trains, with each optimizer at each learning rate the page offers.

Moments that decay to denormal numbers would do that. A lane that has trained for nine epochs takes turns with a fresh
one, so that the machine's own drift falls out.
"""

import math
import statistics
from itertools import islice
from pathlib import Path

from app.bench.effort import Effort
from app.bench.rounds import cpu_seconds, endless_batches
from app.bench.steps import our_step
from app.config import RunConfig
from app.training.dataset import open_dataset
from app.training.forms import fastest_form

LEARNING_RATES = (1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0001)
STEPS_A_TURN = 90


def measure_slowdown(prepared: Path, optimizer: str, learning_rate: float, effort: Effort) -> float | None:
    """How many times longer a step of the tenth epoch takes than one of the first; None for a lane that diverged."""
    config = RunConfig.of({"learning_rate": learning_rate, "lanes": [{"optimizer": optimizer}]})
    dataset, form = open_dataset(prepared), fastest_form()
    old, fresh = (our_step(dataset, config, 0, form) for _ in range(2))
    stream = endless_batches(dataset, config)
    for _ in range(0, effort.old_steps, STEPS_A_TURN):
        if not math.isfinite(old(list(islice(stream, STEPS_A_TURN)))[-1]):
            return None
    turns = []
    for _ in range(effort.pairs):
        rows_of_batches = list(islice(stream, STEPS_A_TURN))
        turns.append(cpu_seconds(old, rows_of_batches) / cpu_seconds(fresh, rows_of_batches))
    return statistics.median(turns)
