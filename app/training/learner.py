"""A lane's network and optimizer together, one step after another, in one of several forms of the same arithmetic."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from app.config import RunConfig
from app.training.dataset import Dataset
from app.training.fast_network import FastNetwork
from app.training.kernels import Kernel
from app.training.network import Floats, Network, as_pixels
from app.training.optimizers import OPTIMIZERS, Optimizer
from app.training.schedules import SCHEDULES

# The several passes of an update go over so many parameters before the next ones: they stay in the processor's cache.
# That pays with wide layers; the default network is one block.
BLOCK = 2**17


class Block(NamedTuple):
    """Views of some parameters and of their gradient, and the optimizer that has their state."""

    theta: Floats
    gradient: Floats
    optimizer: Optimizer


class Learner(ABC):
    """`theta` and `gradient` are flat vectors, laid out as the form has it.

    The learning rate of a step, counted from 1, is `learning_rate` times what `schedule` answers for it.
    """

    def __init__(self, theta: Floats, gradient: Floats, blocks: list[Block], schedule: Callable[[int], float]) -> None:
        self.theta, self.gradient = theta, gradient
        self._blocks, self._schedule = blocks, schedule
        self._steps = 0
        self._rate = 0.0
        self.gradient_factor = 1.0
        """What the loss's own gradient is multiplied by in `gradient`, between `differentiate` and `update`."""
        self.learning_rate = blocks[0].optimizer.learning_rate
        """The one in force, before its schedule; from the next step on another, when it is set."""

    def step(self, rows: NDArray[np.int64]) -> None:
        """One step, from the training digits with these numbers."""
        self.differentiate(rows)
        self.update()

    def differentiate(self, rows: NDArray[np.int64]) -> None:
        """The first half of a step: the gradient."""
        self._steps += 1
        rate = self.learning_rate * self._schedule(self._steps)
        if rate != self._rate:
            self._rate = rate
            for _, _, optimizer in self._blocks:
                optimizer.learning_rate = rate
            self.gradient_factor = self._blocks[0].optimizer.gradient_factor
        self._differentiate(rows)

    def update(self) -> None:
        """The second half: the parameters. What is in `gradient` is used up."""
        for theta, gradient, optimizer in self._blocks:
            optimizer.update(theta, gradient)

    @abstractmethod
    def _differentiate(self, rows: NDArray[np.int64]) -> None: ...

    @abstractmethod
    def first_weights(self, pixels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where in `theta` the weights from these pixels to the first layer begin; the bias is that of pixel INPUTS."""

    @abstractmethod
    def metrics(self) -> tuple[Floats, Floats]:
        """Loss (nats) and accuracy of every batch since the last call, each before its update."""

    @abstractmethod
    def network(self) -> Network:
        """The network as it is evaluated now, until the next step."""

    @contextmanager
    def _evaluated(self) -> Iterator[None]:
        """Meanwhile the parameters are those to evaluate by; for most optimizers they are the trained ones anyhow."""
        trained = []
        for theta, _, optimizer in self._blocks:
            evaluated = optimizer.evaluated(theta)
            if evaluated is not theta:
                trained.append((theta, theta.copy()))
                theta[...] = evaluated
        try:
            yield
        finally:
            for theta, kept in trained:
                theta[...] = kept


def learner(
    dataset: Dataset,
    config: RunConfig,
    lane: int,
    kernel: Kernel,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float32,
) -> Learner:
    """A learner for lane number `lane`, its weights drawn from `rng`."""
    choice = config.lanes[lane]
    network = Network(config.hidden, rng, dtype, config.activation, config.initialisation)
    total = len(dataset.train_labels) // config.batch_size * config.epochs
    schedule = partial(SCHEDULES[choice.schedule], total=total)

    def block(theta: Floats, gradient: Floats) -> Block:
        make = OPTIMIZERS[choice.optimizer]
        rate, decay = config.learning_rate_of(lane), choice.weight_decay
        return Block(theta, gradient, make(theta, rate, weight_decay=decay, **choice.hyperparameters()))

    if kernel is Kernel.PLAIN:
        return PlainLearner(network, dataset, [block(network.theta, network.gradient)], schedule)
    fast = FastNetwork(network, dataset, config.batch_size, kernel is Kernel.SPLIT)
    parts = [slice(i, i + BLOCK) for i in range(0, len(fast.theta), BLOCK)]
    blocks = [block(fast.theta[part], fast.gradient[part]) for part in parts]
    if choice.weight_decay:
        blocks.append(block(fast.dead, np.zeros_like(fast.dead)))
    return FastLearner(fast, blocks, schedule)


class PlainLearner(Learner):
    """As a textbook has it: the reference, and the slowest."""

    def __init__(
        self, network: Network, dataset: Dataset, blocks: list[Block], schedule: Callable[[int], float]
    ) -> None:
        super().__init__(network.theta, network.gradient, blocks, schedule)
        self._network, self._dataset = network, dataset
        self._losses: list[float] = []
        self._accuracies: list[float] = []

    def _differentiate(self, rows: NDArray[np.int64]) -> None:
        x = as_pixels(self._dataset.train_images[rows], self.theta.dtype)
        loss, accuracy = self._network.loss_and_gradient(x, self._dataset.train_labels[rows])
        self.gradient *= self.theta.dtype.type(self.gradient_factor)
        self._losses.append(loss)
        self._accuracies.append(accuracy)

    def first_weights(self, pixels: NDArray[np.int64]) -> NDArray[np.int64]:
        return pixels * self._network.shapes[0][1]

    def metrics(self) -> tuple[Floats, Floats]:
        columns = np.array(self._losses), np.array(self._accuracies)
        self._losses, self._accuracies = [], []
        return columns

    def network(self) -> Network:
        with self._evaluated():
            return copy.deepcopy(self._network)


class FastLearner(Learner):
    """The same with a `FastNetwork`, its parameters dealt out to as many optimizers as there are blocks of them."""

    def __init__(self, network: FastNetwork, blocks: list[Block], schedule: Callable[[int], float]) -> None:
        super().__init__(network.theta, network.gradient, blocks, schedule)
        self._network = network
        self._zero = [gradient for theta, gradient, _ in blocks if theta is network.dead]

    def _differentiate(self, rows: NDArray[np.int64]) -> None:
        self._network.loss_and_gradient(rows, self.gradient_factor)
        for gradient in self._zero:
            gradient.fill(0)

    def first_weights(self, pixels: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._network.first_weights(pixels)

    def metrics(self) -> tuple[Floats, Floats]:
        return self._network.metrics()

    def network(self) -> Network:
        with self._evaluated():
            return self._network.plain()
