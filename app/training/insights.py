"""What a lane sends beside its metrics, and how often: its push, and its parameters.

Both are sent a few times a second, with evaluations, and when the lane comes to rest; never twice for a step.
"""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.events import Parameters, Push
from app.training.example_weights import ExampleWeights
from app.training.learner import Learner
from app.training.network import Network
from app.training.push import PushMeter

PUSH_S = 1 / 3
# Sending parameters costs as much as some steps. Early evaluations follow each other quickly.
PARAMETERS_S, EVALUATED_PARAMETERS_S = 0.5, 0.2
MOST_BYTES_PER_S = 4_000_000


class Insights:
    """Of lane number `lane`. The untrained network is sent first. `pixels`: as `example_pixels` has them."""

    def __init__(self, lane: int, learner: Learner, pixels: NDArray[np.int64]) -> None:
        self._lane, self._learner = lane, learner
        widths = [outputs for _, outputs in learner.network().shapes]
        examples = ExampleWeights(pixels, learner.first_weights(pixels), widths[0])
        self._meter = PushMeter(learner.theta, learner.gradient, widths, examples)
        self._push_step, self._push_at = 0, time.monotonic()
        self._parameters_step: int | None = None
        self._parameters_s = 0.0

    def step(self, rows: NDArray[np.int64]) -> None:
        """A step of the learner, looked at."""
        self._learner.differentiate(rows)
        self._meter.before(self._learner.gradient_factor)
        self._learner.update()
        self._meter.after()

    def first(self, untrained: Network) -> Iterator[Parameters]:
        yield self._parameters(0, untrained)

    def due(self, step: int) -> Iterator[Push | Parameters]:
        """While training: what was last sent some time ago."""
        yield from self._newer(step, PUSH_S, max(PARAMETERS_S, self._parameters_s))

    def evaluated(self, step: int) -> Iterator[Push | Parameters]:
        """With an evaluation."""
        yield from self._newer(step, 0, max(EVALUATED_PARAMETERS_S, self._parameters_s))

    def at_rest(self, step: int) -> Iterator[Push | Parameters]:
        """When there may be no other occasion for long."""
        yield from self._newer(step, 0, 0)

    def _newer(self, step: int, push_s: float, parameters_s: float) -> Iterator[Push | Parameters]:
        """The newest of what was last sent longer ago than that, for an earlier step."""
        if self._parameters_step is None:
            return
        now = time.monotonic()
        if step > self._push_step and now >= self._push_at + push_s:
            self._push_step, self._push_at = step, now
            yield Push(self._lane, step, *self._meter.look())
        if step > self._parameters_step and now >= self._parameters_at + parameters_s:
            yield self._parameters(step, self._learner.network())

    def _parameters(self, step: int, network: Network) -> Parameters:
        theta = np.array(network.theta, np.float32)
        self._parameters_step, self._parameters_at = step, time.monotonic()
        self._parameters_s = theta.nbytes / MOST_BYTES_PER_S
        return Parameters(self._lane, step, theta)


class NoInsights(Insights):
    """Tells nothing and does not look."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner

    def step(self, rows: NDArray[np.int64]) -> None:
        self._learner.step(rows)

    def first(self, untrained: Network) -> Iterator[Parameters]:
        yield from ()

    def due(self, step: int) -> Iterator[Push | Parameters]:
        yield from ()

    evaluated = at_rest = due
