"""What a lane's network can show: its answer to a drawn digit, its busiest units, what it takes for what.

Computed at each request from what the lane has sent; nothing is kept here.
"""

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.events import Evaluation, Parameters
from app.training.network import OUTPUTS, Network, as_pixels

UNITS = 6
SHOWN = 60
Bytes = NDArray[np.uint8]


def network(config: RunConfig, parameters: Parameters) -> Network:
    """The network that a lane has sent."""
    return Network.of(parameters.theta, config.hidden, config.activation)


def probabilities(network: Network, ink: Bytes) -> list[float] | None:
    """Of the ten digits, for one image of 784 bytes; None for a network that has overflowed."""
    with np.errstate(over="ignore", invalid="ignore"):
        z = network.scores(as_pixels(ink[None]))[0].astype(float)
        p = np.exp(z - z.max())
        p /= p.sum()
    probabilities: list[float] = p.tolist()
    return probabilities if np.isfinite(p).all() else None


def busiest_units(network: Network, images: Bytes) -> list[int]:
    """The UNITS units of the first layer with the largest mean output, in the order of their numbers."""
    with np.errstate(over="ignore", invalid="ignore"):
        W, b = network.layers[0]
        h = as_pixels(images) @ W + b
        network.activation.apply(h)
    busiest = np.argsort(-np.nan_to_num(h.mean(axis=0)), kind="stable")[:UNITS]
    return sorted(busiest.tolist())


def unit_images(network: Network, units: list[int]) -> NDArray[np.int8]:
    """The weights from each pixel to these units, shape (units, 784), each unit's largest |weight| being 127."""
    W = np.nan_to_num(network.layers[0].W[:, units].T, posinf=0, neginf=0)
    largest = np.abs(W).max(axis=1, keepdims=True)
    return np.rint(W * (127 / np.where(largest > 0, largest, 1))).astype(np.int8)


def confusion(labels: Bytes, answers: Bytes) -> list[list[int]]:
    """How many test digits of each label (row) got each answer (column)."""
    counts = np.bincount(labels.astype(int) * OUTPUTS + answers, minlength=OUTPUTS**2)
    matrix: list[list[int]] = counts.reshape(OUTPUTS, OUTPUTS).tolist()
    return matrix


def confused(labels: Bytes, evaluation: Evaluation, label: int, answer: int) -> list[int]:
    """Test digits of this label that got this answer: the SHOWN surest of them, the surest first."""
    found = np.flatnonzero((labels == label) & (evaluation.answers == answer))
    sure = np.nan_to_num(evaluation.confidence[found])
    shown: list[int] = found[np.argsort(-sure, kind="stable")[:SHOWN]].tolist()
    return shown
