"""Down the slope, and what keeps going in one direction: SGD, Momentum, Nesterov, Lion."""

from typing import ClassVar

import numpy as np

from app.training.optimizers.base import TINY, Floats, Optimizer, decay_apart, decay_rate


class SGD(Optimizer):
    """Stochastic gradient descent: θ ← θ - η g."""

    name = "sgd"
    label = "SGD"
    year = 1951
    source = "Robbins & Monro, 1951"
    in_short = "one step size for every weight"
    sentence = "A step straight downhill, scaled by the learning rate η."
    formula = "w ← w − η g"

    @property
    def gradient_factor(self) -> float:
        return self.learning_rate

    def move(self, theta: Floats, g: Floats) -> None:
        theta -= g


class Momentum(SGD):
    """Heavy-ball momentum (Polyak 1964; Sutskever et al. 2013), undamped: v ← β v + g; θ ← θ - η v.

    What is kept is η v.
    """

    name = "momentum"
    label = "Momentum"
    year = 1964
    source = "Polyak, 1964"
    in_short = "keeps rolling the way it went"
    sentence = "Slopes that keep their direction add up, like a ball gathering speed."
    formula = "v ← β v + g,  w ← w − η v"
    hyperparameters: ClassVar = {"momentum": decay_rate("β", 0.9, "gradients", called="momentum")}

    def __init__(self, theta: Floats, learning_rate: float, momentum: float, weight_decay: float = 0.0) -> None:
        super().__init__(theta, learning_rate, weight_decay)
        self.beta = momentum
        self.v = np.zeros_like(theta)
        self.v_learning_rate = learning_rate
        self.moments = [(self.v, TINY)]

    def move(self, theta: Floats, g: Floats) -> None:
        theta -= self.accelerated(g)

    def accelerated(self, g: Floats) -> Floats:
        """η v, given η g; with another η than the last time, the same v is another η v."""
        v = self.v
        v *= self.beta * self.learning_rate / self.v_learning_rate
        v += g
        self.v_learning_rate = self.learning_rate
        return v

    def averages(self) -> dict[str, Floats]:
        return {"v": self.v / self.v_learning_rate}


class Nesterov(Momentum):
    """Nesterov's momentum (Sutskever et al. 2013, eq. 3 and 4): the gradient is taken where momentum will lead.

    θ is that place (Bengio et al. 2013, "Advances in Optimizing Recurrent Networks", section 3.5):
    v ← β v + g; θ ← θ - η (g + β v).
    """

    name = "nesterov"
    label = "Nesterov"
    year = 1983
    source = "Sutskever et al., 2013"
    in_short = "momentum that looks a step ahead"
    sentence = "Momentum that looks ahead: the slope already counts where the ball rolls next."
    formula = "v ← β v + g\nw ← w − η (g + β v)"

    def move(self, theta: Floats, g: Floats) -> None:
        v = self.accelerated(g)
        theta -= g
        theta -= np.multiply(v, self.beta, out=g)


class Lion(Optimizer):
    """Lion (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", algorithm 2): all steps equally long.

    c ← β₁ m + (1 - β₁) g;  θ ← θ - η (sign(c) + λ θ);  m ← β₂ m + (1 - β₂) g
    With the gradient times 1 - β₂, m is as above.
    """

    name = "lion"
    label = "Lion"
    year = 2023
    source = "Chen et al., 2023"
    in_short = "steps of equal length for every weight"
    sentence = "Only the direction of an averaged slope counts: all steps are equally long."
    formula = "u = β₁ m + (1−β₁) g,  m ← β₂ m + (1−β₂) g\nw ← w − η sign(u) − η λ w"
    usual_learning_rate = 0.001
    hyperparameters: ClassVar = {
        "beta1": decay_rate("β₁", 0.9, "gradients that a step follows"),
        "beta2": decay_rate("β₂", 0.99, "gradients that is carried on"),
    }

    def __init__(
        self, theta: Floats, learning_rate: float, beta1: float, beta2: float, weight_decay: float = 0.0
    ) -> None:
        super().__init__(theta, learning_rate, weight_decay)
        self.beta1, self.beta2 = beta1, beta2
        self.m = np.zeros_like(theta)
        # Small, since however small m is, its sign counts.
        self.moments = [(self.m, 1e-30)]

    @property
    def gradient_factor(self) -> float:
        return 1 - self.beta2

    def decay(self, theta: Floats, g: Floats) -> None:
        decay_apart(self, theta)

    def move(self, theta: Floats, g: Floats) -> None:
        m = self.m
        # c times (1 - β₂) / (1 - β₁), which has the same sign.
        c = np.multiply(m, self.beta1 * (1 - self.beta2) / (1 - self.beta1), out=self.scratch)
        c += g
        m *= self.beta2
        m += g
        # Not in place: that takes NumPy thirty times longer.
        step = np.sign(c, out=g)
        step *= self.learning_rate
        theta -= step
