"""What a lane tells of itself beside its numbers, and how often: its push, and its parameters.

Told at every evaluation, when the lane comes to rest, and a few times a second in between; never twice for a step.
"""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.events import Parameters, Push
from app.training.learner import Learner
from app.training.network import Network
from app.training.push import PushMeter

PUSH_S = 1 / 3
PARAMETERS_S = 0.5
MOST_BYTES_PER_S = 4_000_000


class Insights:
    """Of lane number `lane`. The first thing told is the untrained network."""

    def __init__(self, lane: int, learner: Learner) -> None:
        self._lane, self._learner = lane, learner
        self._meter = PushMeter(learner.weights)
        self._push_step = 0
        self._parameters_step: int | None = None
        self._push_due = self._parameters_due = 0.0

    def step(self, rows: NDArray[np.int64]) -> None:
        """A step of the learner, looked at."""
        self._learner.differentiate(rows)
        self._meter.before(self._learner.gradient_factor)
        self._learner.update()
        self._meter.after()

    def first(self, untrained: Network) -> Iterator[Parameters]:
        self._push_due = time.monotonic() + PUSH_S
        yield self._parameters(0, untrained)

    def due(self, step: int) -> Iterator[Push | Parameters]:
        """What has not been told for some time."""
        if self._parameters_step is None:
            return
        now = time.monotonic()
        if now >= self._push_due and step > self._push_step:
            yield self._push(step)
        if now >= self._parameters_due and step > self._parameters_step:
            yield self._parameters(step, self._learner.network())

    def now(self, step: int) -> Iterator[Push | Parameters]:
        """Everything."""
        self._push_due = self._parameters_due = 0
        yield from self.due(step)

    def _push(self, step: int) -> Push:
        self._push_step, self._push_due = step, time.monotonic() + PUSH_S
        return Push(self._lane, step, self._meter.quartiles())

    def _parameters(self, step: int, network: Network) -> Parameters:
        theta = np.array(network.theta, np.float32)
        self._parameters_step = step
        self._parameters_due = time.monotonic() + max(PARAMETERS_S, theta.nbytes / MOST_BYTES_PER_S)
        return Parameters(self._lane, step, theta)
