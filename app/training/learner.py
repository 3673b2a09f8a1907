"""A lane's network and optimizer together, one step after another, in one of several forms of the same arithmetic."""

from typing import Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from app.config import RunConfig
from app.training.dataset import Dataset
from app.training.fast_network import FastNetwork
from app.training.forms import Form
from app.training.network import Floats, Network, as_pixels
from app.training.optimizers import OPTIMIZERS, Optimizer

# The several passes of an update go over so many parameters before the next ones: they stay in the processor's cache.
# That pays with wide layers; the default network is one block.
BLOCK = 2**17


class Learner(Protocol):
    def step(self, rows: NDArray[np.int64]) -> None:
        """One update, from the training digits with these numbers."""

    def metrics(self) -> tuple[Floats, Floats]:
        """Loss (nats) and accuracy of every batch since the last time this was asked, each before its update."""

    def network(self) -> Network:
        """The network as it is now."""


def learner(
    dataset: Dataset, config: RunConfig, lane: int, form: Form, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> Learner:
    """A learner for lane number `lane`, its weights drawn from `rng`."""
    if form is Form.PLAIN:
        network = Network(config.hidden, rng, dtype)
        return PlainLearner(dataset, network, _optimizer(config, lane, network.theta))
    split = form is Form.SPLIT
    fast = FastNetwork(dataset, config.hidden, config.batch_size, rng, split, dtype)
    blocks = [slice(i, i + BLOCK) for i in range(0, len(fast.theta), BLOCK)]
    return FastLearner(fast, [(block, _optimizer(config, lane, fast.theta[block])) for block in blocks])


class PlainLearner:
    """As a textbook has it: the reference, and the slowest."""

    def __init__(self, dataset: Dataset, network: Network, optimizer: Optimizer) -> None:
        self._dataset, self._network, self._optimizer = dataset, network, optimizer
        self._losses: list[float] = []
        self._accuracies: list[float] = []

    def step(self, rows: NDArray[np.int64]) -> None:
        theta, g = self._network.theta, self._network.gradient
        x = as_pixels(self._dataset.train_images[rows], theta.dtype)
        loss, accuracy = self._network.loss_and_gradient(x, self._dataset.train_labels[rows])
        g *= theta.dtype.type(self._optimizer.gradient_factor)
        self._optimizer.update(theta, g)
        self._losses.append(loss)
        self._accuracies.append(accuracy)

    def metrics(self) -> tuple[Floats, Floats]:
        columns = np.array(self._losses), np.array(self._accuracies)
        self._losses, self._accuracies = [], []
        return columns

    def network(self) -> Network:
        return self._network


class FastLearner:
    """The same with a `FastNetwork`, its parameters dealt out to as many optimizers as there are blocks of them."""

    def __init__(self, network: FastNetwork, optimizers: list[tuple[slice, Optimizer]]) -> None:
        self._network = network
        self._blocks = [(network.theta[block], network.gradient[block], optimizer) for block, optimizer in optimizers]
        self._factor = optimizers[0][1].gradient_factor
        self.metrics = network.metrics
        self.network = network.plain

    def step(self, rows: NDArray[np.int64]) -> None:
        self._network.loss_and_gradient(rows, self._factor)
        for theta, gradient, optimizer in self._blocks:
            optimizer.update(theta, gradient)


def _optimizer(config: RunConfig, lane: int, theta: Floats) -> Optimizer:
    choice = config.lanes[lane]
    return OPTIMIZERS[choice.optimizer](theta, config.learning_rate_of(lane), **choice.hyperparameters())
