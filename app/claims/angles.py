"""How close the gradients of mini-batches, and Momentum's updates, are to the gradient of all examples: cosines."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from app.claims.measured import Angles
from app.config import RunConfig
from app.training.dataset import Dataset, batches
from app.training.kernels import Kernel
from app.training.learner import learner
from app.training.network import Floats, Network, as_pixels

# So many batches of the epoch are looked at, log-spaced, and so many of the first and of the last count as such.
LOOKS, ENDS = 10, 3
# Examples at a time: the pixels of all as float32 take much memory.
CHUNK = 5_000


class _Look(NamedTuple):
    gradient: float
    update: float


def angles(dataset: Dataset, seed: int) -> Angles:
    """Of the first epoch of the default race with this seed. Takes some seconds."""
    sgd, momentum = (list(_looks(dataset, seed, optimizer)) for optimizer in ("sgd", "momentum"))
    half = momentum[len(momentum) // 2 :]
    return Angles(
        first=_mean([look.gradient for look in sgd[:ENDS]]),
        later=_mean([look.gradient for look in sgd[-ENDS:]]),
        gradients=_mean([look.gradient for look in half]),
        updates=_mean([look.update for look in half]),
    )


def _looks(dataset: Dataset, seed: int, optimizer: str) -> Iterator[_Look]:
    config = RunConfig.of({"seed": seed, "epochs": 1, "lanes": [{"optimizer": optimizer}]})
    rng = np.random.default_rng(seed)
    trained = learner(dataset, config, 0, Kernel.PLAIN, rng)
    last = len(dataset.train_labels) // config.batch_size
    looked_at = {round(step) for step in np.geomspace(1, last, LOOKS).tolist()}
    for step, rows in enumerate(batches(dataset.train_labels, config.batch_size, rng), 1):
        before = trained.theta.copy() if step in looked_at else None
        trained.differentiate(rows)
        gradient = trained.gradient.copy() if before is not None else None
        trained.update()
        if before is not None and gradient is not None:
            whole = _whole_gradient(dataset, config, before)
            yield _Look(_cosine(gradient, whole), _cosine(before - trained.theta, whole))


def _whole_gradient(dataset: Dataset, config: RunConfig, theta: Floats) -> Floats:
    """Of the mean loss of all training examples."""
    network = Network.of(theta, list(config.hidden), config.activation)
    whole = np.zeros(len(theta))
    for i in range(0, len(dataset.train_labels), CHUNK):
        labels = dataset.train_labels[i : i + CHUNK]
        network.loss_and_gradient(as_pixels(dataset.train_images[i : i + CHUNK]), labels)
        whole += network.gradient * (len(labels) / len(dataset.train_labels))
    return whole


def _cosine(one: Floats, other: Floats) -> float:
    a, b = one.astype(float), other.astype(float)
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
