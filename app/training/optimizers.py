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

    gradient_factor: float
    """What `update` wants its gradient multiplied by: with fewer numbers than θ has, that is cheaper done earlier."""

    def update(self, theta: Floats, g: Floats) -> None:
        """Change `theta` in place, given the gradient times `gradient_factor`. May use `g` as scratch space."""


class SGD:
    """Stochastic gradient descent: θ ← θ - η g."""

    def __init__(self, theta: Floats, learning_rate: float) -> None:
        self.gradient_factor = learning_rate

    def update(self, theta: Floats, g: Floats) -> None:
        theta -= g


class Momentum:
    """Heavy-ball momentum (Polyak 1964; Sutskever et al. 2013), undamped: v ← β v + g; θ ← θ - η v.

    What is kept is η v.
    """

    def __init__(self, theta: Floats, learning_rate: float, momentum: float) -> None:
        self.gradient_factor = learning_rate
        self.beta = theta.dtype.type(momentum)
        self.v = np.zeros_like(theta)
        self.t = 0

    def update(self, theta: Floats, g: Floats) -> None:
        v = self.v
        v *= self.beta
        v += g
        theta -= v
        self.t += 1
        if self.t % FLUSH_EVERY == 0:
            flush_denormals(v, TINY)


class Adam:
    """Adam (Kingma & Ba 2014, algorithm 1, with bias correction).

    m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  θ ← θ - η · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)

    With the gradient times 1 - β₁, m is as above and what is kept of v is v · (1 - β₁)² / (1 - β₂).
    """

    def __init__(self, theta: Floats, learning_rate: float, beta1: float, beta2: float, epsilon: float) -> None:
        self.learning_rate, self.beta1, self.beta2, self.epsilon = learning_rate, beta1, beta2, epsilon
        self.gradient_factor = 1 - beta1
        self.m = np.zeros_like(theta)
        self.v = np.zeros_like(theta)
        self.t = 0

    def update(self, theta: Floats, g: Floats) -> None:
        m, v = self.m, self.v
        number = theta.dtype.type
        self.t += 1
        m *= number(self.beta1)
        m += g
        v *= number(self.beta2)
        g *= g
        v += g
        # The corrections are numbers, not vectors: with v̂ = c² v as kept, m̂ / (√v̂ + ε) = m / (√v + ε / c) / (c c₁).
        c1, c2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        c = ((1 - self.beta2) / c2) ** 0.5 / (1 - self.beta1)
        np.sqrt(v, out=g)
        g += number(self.epsilon / c)
        np.divide(m, g, out=g)
        g *= number(self.learning_rate / (c * c1))
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
