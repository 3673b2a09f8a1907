"""The training loop as a textbook has it: what `trainer` does, without frames, evaluations and commands.

The page *How it works* shows this function, and the numbers of its microscope come from it. A test holds its losses
to those of a real lane, bit for bit.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import DTypeLike

from app.config import RunConfig
from app.training.dataset import Dataset, batches
from app.training.network import Network, as_pixels
from app.training.optimizers import OPTIMIZERS, Optimizer


def train_by_the_book(
    dataset: Dataset, config: RunConfig, lane: int, dtype: DTypeLike = np.float32
) -> Iterator[tuple[float, Network, Optimizer]]:
    """Yields the loss of every batch, and network and optimizer as they are after it. Takes no schedule.

    `network.gradient` is then what it was before the update.
    """
    rng, choice = np.random.default_rng(config.seed), config.lanes[lane]
    network = Network(config.hidden, rng, dtype, config.activation, config.initialisation)
    make, rate = OPTIMIZERS[choice.optimizer], config.learning_rate_of(lane)
    optimizer = make(network.theta, rate, weight_decay=choice.weight_decay, **choice.hyperparameters())
    for _ in range(config.epochs):
        for rows in batches(dataset.train_labels, config.batch_size, rng):
            x, y = as_pixels(dataset.train_images[rows], dtype), dataset.train_labels[rows]
            loss, _ = network.loss_and_gradient(x, y)
            g = network.gradient * optimizer.gradient_factor
            optimizer.update(network.theta, g)
            yield loss, network, optimizer
