"""A fully connected network, pixels in and digit scores out, with its loss and gradient.

All parameters are one flat vector θ; the weights W and biases b of each layer are views into it, and so are their
gradients into the vector g. An optimizer therefore updates the whole network with a few operations on θ and g.
An activation between layers; softmax and cross-entropy at the end. Nothing here knows of optimizers, epochs or files.
"""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from app.training.activations import ACTIVATIONS
from app.training.initialisations import INITIALISATIONS

INPUTS, OUTPUTS = 784, 10
# A probability that teaches nothing any more: the rounding of p[y] is ten thousand times larger.
NEGLIGIBLE = 1e-12
Floats = NDArray[np.floating]


class Layer(NamedTuple):
    """Views into a flat vector: W has shape (inputs, outputs), b has shape (outputs,)."""

    W: Floats
    b: Floats


class Network:
    """784 inputs, `hidden` widths, 10 outputs. `theta` is the flat parameter vector, `layers` its views."""

    def __init__(
        self,
        hidden: list[int],
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
        activation: str = "relu",
        initialisation: str = "he",
    ) -> None:
        shapes = itertools.pairwise([INPUTS, *hidden, OUTPUTS])
        self._hold(np.zeros(sum((n + 1) * m for n, m in shapes), dtype), hidden, activation)
        spread = INITIALISATIONS[initialisation]
        for layer in self.layers:
            layer.W[...] = rng.standard_normal(layer.W.shape) * spread(*layer.W.shape)

    @classmethod
    def of(cls, theta: Floats, hidden: list[int], activation: str) -> "Network":
        """The network that has these parameters; `theta` is not copied."""
        network = cls.__new__(cls)
        network._hold(theta, hidden, activation)
        return network

    def _hold(self, theta: Floats, hidden: list[int], activation: str) -> None:
        self.activation = ACTIVATIONS[activation]
        self.shapes = list(itertools.pairwise([INPUTS, *hidden, OUTPUTS]))
        self.theta = theta
        self.gradient: Floats = np.zeros(len(theta), theta.dtype)
        self.layers = self._views(self.theta)
        self._gradients = self._views(self.gradient)

    def _views(self, flat: Floats) -> list[Layer]:
        layers, start = [], 0
        for n, m in self.shapes:
            W = flat[start : start + n * m].reshape(n, m)
            b = flat[start + n * m : start + (n + 1) * m]
            layers.append(Layer(W, b))
            start += (n + 1) * m
        return layers

    def scores(self, x: Floats) -> Floats:
        """The unnormalised log-probabilities (logits) of ten digits, shape (n, 10), for pixels x (n, 784) in 0…1."""
        for W, b in self.layers[:-1]:
            x = x @ W + b
            self.activation.apply(x)
        W, b = self.layers[-1]
        return x @ W + b

    def loss_and_gradient(self, x: Floats, y: NDArray[np.uint8]) -> tuple[float, float]:
        """Mean cross-entropy (nats) and accuracy of one batch; leaves the gradient of the loss in `gradient`.

        x has shape (n, 784), values in 0…1; y holds the n right digits.
        """
        activations: list[Floats] = [x]
        for W, b in self.layers[:-1]:
            h: Floats = activations[-1] @ W
            h += b
            self.activation.apply(h)
            activations.append(h)
        W, b = self.layers[-1]
        z: Floats = activations[-1] @ W
        z += b
        rows = np.arange(len(y))
        accuracy = np.count_nonzero(z.argmax(axis=1) == y) / len(y)

        # softmax and cross-entropy: p = exp(z) / Σ exp(z), loss = mean(-log p[y]); dloss/dz = (p - onehot(y)) / n
        z -= z.max(axis=1, keepdims=True)
        z_true = z[rows, y]
        p: Floats = np.exp(z, out=z)
        total = p.sum(axis=1, keepdims=True)
        loss = float(np.mean(np.log(total[:, 0]) - z_true))
        p /= total
        # Or else there are denormal numbers, and slow ones, among the squares of the gradient, which Adam takes.
        p *= p > NEGLIGIBLE
        delta = p
        delta[rows, y] -= 1
        delta /= len(y)

        for i in reversed(range(len(self.layers))):
            h, (dW, db) = activations[i], self._gradients[i]
            np.matmul(h.T, delta, out=dW)
            delta.sum(axis=0, out=db)
            if i > 0:
                delta = delta @ self.layers[i].W.T
                delta *= self.activation.slope(h)
        return loss, accuracy


def as_pixels(images: NDArray[np.uint8], dtype: DTypeLike = np.float32) -> Floats:
    """Stored bytes (n, 784) as numbers from 0 to 1."""
    pixels: Floats = images.astype(dtype)
    pixels *= pixels.dtype.type(1 / 255)
    return pixels


def answers(scores: Floats) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The most likely digit of each row of scores (n, 10), and its probability."""
    z = scores - scores.max(axis=1, keepdims=True)
    # The largest score is now 0, so its probability is exp(0) / Σ exp(z).
    confidence = 1 / np.exp(z).sum(axis=1)
    return z.argmax(axis=1).astype(np.uint8), confidence.astype(np.float32)


def accuracy_and_loss(scores: Floats, y: NDArray[np.uint8]) -> tuple[float, float]:
    """Accuracy from 0 to 1 and mean cross-entropy in nats of scores (n, 10) for the right digits y (n,)."""
    z = scores - scores.max(axis=1, keepdims=True)
    loss = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]
    return np.count_nonzero(z.argmax(axis=1) == y) / len(y), float(loss.mean())
