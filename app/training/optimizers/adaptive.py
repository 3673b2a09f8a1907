"""A step length of its own for each weight, from the squares of its gradients: AdaGrad, RMSProp, Adadelta."""

import math
from typing import ClassVar

import numpy as np

from app.training.optimizers.base import TINY_SQUARED, Floats, Optimizer, decay_rate, smallest_divisor


class AdaGrad(Optimizer):
    """AdaGrad (Duchi et al. 2011, fig. 1, diagonal, with ε outside the root): v ← v + g²; θ ← θ - η g / (√v + ε)."""

    name = "adagrad"
    label = "AdaGrad"
    year = 2011
    source = "Duchi et al., 2011"
    in_short = "steps that shrink with every slope seen"
    sentence = "The more slope a weight has seen, the smaller its steps become, for good."
    formula = "G ← G + g²\nw ← w − η g / (√G + ε)"
    hyperparameters: ClassVar = {"epsilon": smallest_divisor(1e-10)}

    def __init__(self, theta: Floats, learning_rate: float, epsilon: float, weight_decay: float = 0.0) -> None:
        super().__init__(theta, learning_rate, weight_decay)
        self.epsilon = epsilon
        self.v = np.zeros_like(theta)

    def move(self, theta: Floats, g: Floats) -> None:
        v, root = self.v, self.scratch
        v += np.multiply(g, g, out=self.scratch)
        np.sqrt(v, out=root)
        root += self.epsilon
        g /= root
        g *= self.learning_rate
        theta -= g


class RMSProp(Optimizer):
    """RMSProp (Tieleman & Hinton 2012, lecture 6e of "Neural Networks for Machine Learning").

    v ← ρ v + (1 - ρ) g²;  θ ← θ - η g / (√v + ε)
    With the gradient times √(1 - ρ), v is as above.
    """

    name = "rmsprop"
    label = "RMSProp"
    year = 2012
    source = "Tieleman & Hinton, 2012"
    in_short = "steps measured by recent slopes"
    sentence = "Every slope is measured against how large that weight’s slopes were lately."
    formula = "v ← ρ v + (1−ρ) g²\nw ← w − η g / (√v + ε)"
    hyperparameters: ClassVar = {"rho": decay_rate("ρ", 0.9, "squared gradients"), "epsilon": smallest_divisor(1e-8)}

    def __init__(
        self, theta: Floats, learning_rate: float, rho: float, epsilon: float, weight_decay: float = 0.0
    ) -> None:
        super().__init__(theta, learning_rate, weight_decay)
        self.rho, self.epsilon = rho, epsilon
        self.v = np.zeros_like(theta)
        self.moments = [(self.v, TINY_SQUARED)]

    @property
    def gradient_factor(self) -> float:
        return math.sqrt(1 - self.rho)

    def move(self, theta: Floats, g: Floats) -> None:
        v, root = self.v, self.scratch
        v *= self.rho
        v += np.multiply(g, g, out=self.scratch)
        np.sqrt(v, out=root)
        root += self.epsilon
        g /= root
        g *= self.learning_rate / self.gradient_factor
        theta -= g


class Adadelta(Optimizer):
    """Adadelta (Zeiler 2012, algorithm 1); the paper has no η, or η = 1.

    v ← ρ v + (1 - ρ) g²;  Δ ← √(u + ε) / √(v + ε) · g;  u ← ρ u + (1 - ρ) Δ²;  θ ← θ - η Δ
    With the gradient times √(1 - ρ), u and v are as above and so is Δ times √(1 - ρ).
    """

    name = "adadelta"
    label = "Adadelta"
    year = 2012
    source = "Zeiler, 2012"
    in_short = "finds its own step sizes"
    sentence = "A weight’s last steps set the size of its next one, so no learning rate needs tuning."
    formula = "v ← ρ v + (1−ρ) g²,  Δ = g √(u+ε) / √(v+ε)\nu ← ρ u + (1−ρ) Δ²\nw ← w − η Δ"
    usual_learning_rate = 1
    hyperparameters: ClassVar = {"rho": decay_rate("ρ", 0.95, "squares"), "epsilon": smallest_divisor(1e-6)}

    def __init__(
        self, theta: Floats, learning_rate: float, rho: float, epsilon: float, weight_decay: float = 0.0
    ) -> None:
        super().__init__(theta, learning_rate, weight_decay)
        self.rho, self.epsilon = rho, epsilon
        self.u = np.zeros_like(theta)
        self.v = np.zeros_like(theta)
        self.moments = [(self.u, TINY_SQUARED), (self.v, TINY_SQUARED)]

    @property
    def gradient_factor(self) -> float:
        return math.sqrt(1 - self.rho)

    def move(self, theta: Floats, g: Floats) -> None:
        u, v, root, delta = self.u, self.v, self.scratch, g
        v *= self.rho
        v += np.multiply(g, g, out=self.scratch)
        np.add(v, self.epsilon, out=root)
        delta /= np.sqrt(root, out=root)
        np.add(u, self.epsilon, out=root)
        delta *= np.sqrt(root, out=root)
        u *= self.rho
        u += np.multiply(delta, delta, out=self.scratch)
        delta *= self.learning_rate / self.gradient_factor
        theta -= delta
