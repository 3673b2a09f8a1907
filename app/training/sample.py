"""Many digits, laid out for judging networks by them again and again.

Most of a digit is paper. Digits that look alike are put into groups, and a group keeps only the pixels that have ink in
any of its digits: 435 of 784 in the mean for MNIST, and so half of the multiplications. What networks are and how they
learn is not here.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.training.dataset import INK
from app.training.fast_layers import in_pieces, zeros
from app.training.idx import Bytes
from app.training.network import Floats, Network

# Fewer digits have fewer pixels together, more are worth selecting their weights. A power of two divides into pieces.
GROUP = 256


class Stopped(Exception):
    """The evaluation is not wanted any more."""


class Group(NamedTuple):
    """Which pixels are kept, then 784 for the bias; uint8 images (n, len(pixels)), the last column full of ink."""

    pixels: NDArray[np.intp]
    images: Bytes


class Judgement(NamedTuple):
    """Accuracy from 0 to 1, mean cross-entropy in nats; answers and their probabilities in the order of the images."""

    accuracy: float
    loss: float
    answers: NDArray[np.uint8]
    confidence: NDArray[np.float32]


class Sample:
    """Images uint8 (n, 784) and their labels uint8 (n,), sorted into groups."""

    def __init__(self, images: Bytes, labels: Bytes) -> None:
        # Alike are the same digits of the same width: with ink in as many of the 28 columns.
        width = np.count_nonzero(images.reshape(-1, 28, 28).any(axis=1), axis=1)
        self._order = np.lexsort((width, labels))
        self._labels = labels[self._order]
        self._groups = [_group(images[self._order[i : i + GROUP]]) for i in range(0, len(labels), GROUP)]

    def judge(self, network: Network, split: bool, stopped: Callable[[], bool] = lambda: False) -> Judgement:
        """As `answers` and `accuracy_and_loss` of `network.scores`. Raises Stopped when `stopped`, checked often."""
        z = self._scores(network, split, stopped)
        answers = z.argmax(axis=0)
        z -= z.max(axis=0)
        z_true = z[self._labels, np.arange(len(answers))]
        total = np.exp(z, out=z).sum(axis=0)
        return Judgement(
            np.count_nonzero(answers == self._labels) / len(answers),
            float((np.log(total) - z_true).mean()),
            self._as_given(answers.astype(np.uint8)),
            # The largest score is 0 now, and exp(0) is 1.
            self._as_given(1 / total),
        )

    def _scores(self, network: Network, split: bool, stopped: Callable[[], bool]) -> Floats:
        """Shape (10, n): NumPy is several times faster along long rows than along short ones."""
        (W, b), *hidden, last = network.layers
        weights = np.vstack([W, b]) / np.float32(INK)
        # Where this array begins decides about a quarter of the time.
        selected: Floats = zeros(weights.shape, np.float32)
        scores = []
        for pixels, images in self._groups:
            if stopped():
                raise Stopped
            W = weights.take(pixels, axis=0, out=selected[: len(pixels)], mode="clip")
            h = _product(images.astype(np.float32), W, split)
            network.activation.apply(h)
            for layer in hidden:
                h = _product(h, layer.W, split)
                h += layer.b
                network.activation.apply(h)
            scores.append(last.W.T @ h.T + last.b[:, None])
        return np.concatenate(scores, axis=1)

    def _as_given(self, values: np.ndarray) -> np.ndarray:
        given = np.empty_like(values)
        given[self._order] = values
        return given


def _group(images: Bytes) -> Group:
    pixels = np.flatnonzero(images.any(axis=0))
    kept = np.full((len(images), len(pixels) + 1), INK, np.uint8)
    kept[:, :-1] = images[:, pixels]
    return Group(np.append(pixels, images.shape[1]), kept)


def _product(a: Floats, b: Floats, split: bool) -> Floats:
    out: Floats = np.empty((len(a), b.shape[1]), np.float32)
    np.matmul(*(in_pieces(a, b, out) if split else (a, b, out)))
    return out
