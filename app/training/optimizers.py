"""Optimizers: each is some state and an in-place update of the flat parameter vector θ from the gradient g.

Letters as in the papers: η learning rate, β decay rates, m and v running averages. Nothing here knows of networks.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

FLUSH_EVERY = 256
# Of a running average of gradients, and of their squares: far too small to move a weight.
TINY, TINY_SQUARED = 1e-20, 1e-30


class Optimizer(Protocol):
    """One update after another of the same vector."""

    def update(self, theta: Floats, g: Floats) -> None:
        """Change `theta` in place. May use `g` as scratch space: it is worthless to the caller afterwards."""


class SGD:
    """Stochastic gradient descent: θ ← θ - η g."""

    def __init__(self, theta: Floats, learning_rate: float) -> None:
        self.learning_rate = theta.dtype.type(learning_rate)

    def update(self, theta: Floats, g: Floats) -> None:
        g *= self.learning_rate
        theta -= g


class Momentum:
    """Heavy-ball momentum (Polyak 1964; Sutskever et al. 2013), undamped: v ← β v + g; θ ← θ - η v."""

    def __init__(self, theta: Floats, learning_rate: float, momentum: float) -> None:
        self.learning_rate = theta.dtype.type(learning_rate)
        self.beta = theta.dtype.type(momentum)
        self.v = np.zeros_like(theta)
        self.t = 0

    def update(self, theta: Floats, g: Floats) -> None:
        v = self.v
        v *= self.beta
        v += g
        np.multiply(v, self.learning_rate, out=g)
        theta -= g
        self.t += 1
        if self.t % FLUSH_EVERY == 0:
            flush_denormals(v, TINY)


class Adam:
    """Adam (Kingma & Ba 2014, algorithm 1, with bias correction).

    m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  θ ← θ - η · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
    """

    def __init__(self, theta: Floats, learning_rate: float, beta1: float, beta2: float, epsilon: float) -> None:
        self.learning_rate, self.beta1, self.beta2, self.epsilon = learning_rate, beta1, beta2, epsilon
        self.m = np.zeros_like(theta)
        self.v = np.zeros_like(theta)
        self.t = 0
        self._scratch = np.empty_like(theta)

    def update(self, theta: Floats, g: Floats) -> None:
        m, v, scratch = self.m, self.v, self._scratch
        number = theta.dtype.type
        self.t += 1
        m *= number(self.beta1)
        np.multiply(g, number(1 - self.beta1), out=scratch)
        m += scratch
        v *= number(self.beta2)
        g *= g
        g *= number(1 - self.beta2)
        v += g
        # Both corrections are numbers, not vectors: √(v / c₂) + ε = (√v + ε √c₂) / √c₂.
        c1 = 1 - self.beta1**self.t
        root_c2 = (1 - self.beta2**self.t) ** 0.5
        np.sqrt(v, out=g)
        g += number(self.epsilon * root_c2)
        np.divide(m, g, out=g)
        g *= number(self.learning_rate * root_c2 / c1)
        theta -= g
        if self.t % FLUSH_EVERY == 0:
            flush_denormals(m, TINY)
            flush_denormals(v, TINY_SQUARED)


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {"sgd": SGD, "momentum": Momentum, "adam": Adam}


def flush_denormals(moment: Floats, tiny: float) -> None:
    """Zero what has decayed to nothing.

    The moment of a weight that gets no gradient any more shrinks for ever, and numbers below about 1e-38 make
    the processor several times slower.
    """
    moment *= np.abs(moment) >= tiny
