"""What all optimizers have in common: a learning rate, weight decay, and running averages free of denormal numbers."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

FLUSH_EVERY = 256
# Of a weight or a running average of gradients, and of their squares: far too small to move a weight.
TINY, TINY_SQUARED = 1e-20, 1e-30


class Hyperparameter(NamedTuple):
    """A number of a rule beside the learning rate: its letter, what it is called, what it does, and what it can be."""

    symbol: str
    label: str
    help: str
    default: float
    low: float
    high: float
    presets: tuple[float, ...]
    """Values worth trying."""


def decay_rate(symbol: str, default: float, of: str, called: str = "decay rate") -> Hyperparameter:
    """How slowly a running average forgets; `of` is what it averages."""
    text = f"The closer to 1, the longer the past counts in the running average of {of}."
    return Hyperparameter(symbol, f"{called} {symbol}", text, default, 0, 0.99999, (0, 0.5, 0.9, 0.95, 0.99, 0.999))


def smallest_divisor(default: float) -> Hyperparameter:
    text = "Keeps steps finite where gradients are close to zero; the larger, the more all weights are moved alike."
    return Hyperparameter("ε", "stability term ε", text, default, 1e-12, 1, (1e-10, 1e-8, 1e-6, 1e-3))


class Optimizer(ABC):
    """One update after another of the same vector θ. η, the `learning_rate`, may be set between updates.

    Everything that is said of an optimizer anywhere stands on its class, and `__init__` takes its `hyperparameters` by
    name.
    """

    name: ClassVar[str]
    """In configs, links and on command lines: lower-case letters alone, since a number after it counts lanes."""
    label: ClassVar[str]
    year: ClassVar[int]
    """When the idea was published first; that is the order in which optimizers are listed."""
    source: ClassVar[str]
    in_short: ClassVar[str]
    """What it does, in a few words beside its name."""
    sentence: ClassVar[str]
    """What it does, for people."""
    formula: ClassVar[str]
    """The rule as it is shown, w being the weights: in lines what is kept, and in the last one the step itself."""
    usual_learning_rate: ClassVar[float | None] = None
    """What a new lane starts with; None is the learning rate that all lanes share."""
    usual_weight_decay: ClassVar[float] = 0
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {}

    def __init__(self, theta: Floats, learning_rate: float, weight_decay: float = 0.0) -> None:
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.t = 0
        self.scratch = np.empty_like(theta)
        # What decays when its weight gets no gradient, and below what it may as well be zero.
        self.moments: list[tuple[Floats, float]] = []

    @property
    def gradient_factor(self) -> float:
        """What `update` wants its gradient multiplied by: with fewer numbers than θ has, that is cheaper done earlier.

        It follows the learning rate.
        """
        return 1.0

    def update(self, theta: Floats, g: Floats) -> None:
        """Change `theta` in place, given the gradient times `gradient_factor`. May use `g` as scratch space."""
        self.t += 1
        if self.weight_decay:
            self.decay(theta, g)
        self.move(theta, g)
        if self.t % FLUSH_EVERY == 0:
            for moment, tiny in self.moments:
                flush_denormals(moment, tiny)
            if self.weight_decay:
                flush_denormals(theta, TINY)

    def decay(self, theta: Floats, g: Floats) -> None:
        """g ← g + λ θ, the slope of a penalty ½ λ |θ|² on the loss."""
        np.multiply(theta, self.weight_decay * self.gradient_factor, out=self.scratch)
        g += self.scratch

    def evaluated(self, theta: Floats) -> Floats:
        """The parameters to evaluate, show and predict by: θ itself, unless the rule averages what it trains.

        They may lie in scratch space, until the next update.
        """
        return theta

    def averages(self) -> dict[str, Floats]:
        """What is kept after an update, by the letters and at the scale of `formula`: for looking, not for training."""
        return {}

    @abstractmethod
    def move(self, theta: Floats, g: Floats) -> None:
        """The rule itself, for update number t."""


def decay_apart(optimizer: Optimizer, theta: Floats) -> None:
    """θ ← θ - η λ θ, apart from the gradient (Loshchilov & Hutter 2017, "Decoupled Weight Decay Regularization")."""
    theta *= 1 - optimizer.learning_rate * optimizer.weight_decay


def flush_denormals(moment: Floats, tiny: float) -> None:
    """Zero what has decayed to nothing.

    The moment of a weight that gets no gradient any more shrinks for ever, and numbers below about 1e-38 make
    the processor several times slower.
    """
    moment *= np.abs(moment) >= tiny
