"""An average of all weights that training has come through, in place of a schedule: Schedule-Free AdamW."""

import math
from typing import ClassVar

import numpy as np

from app.training.optimizers.base import TINY, TINY_SQUARED, Floats, Optimizer, decay_rate, smallest_divisor


class ScheduleFreeAdamW(Optimizer):
    """Schedule-Free AdamW (Defazio et al. 2024, "The Road Less Scheduled", algorithm 1, without its optional warm-up).

    Three points: z takes the steps, x is the average of all z and what is evaluated, and gradients are taken at θ = y.
    y ← (1 - β₁) z + β₁ x;  v ← β₂ v + (1 - β₂) g²;  ηₜ ← η √(1 - β₂ᵗ)
    z ← z - ηₜ (g / (√v + ε) + λ y);  c ← ηₜ² / Σ ηₜ²;  x ← (1 - c) x + c z
    A learning-rate schedule may come on top of it and makes late steps count less in the average. With the gradient
    times √(1 - β₂), v is as above. x is not kept: it follows from y and z, and so β₁ can't be 0.
    """

    name = "schedulefree"
    label = "SF-AdamW"
    year = 2024
    source = "Defazio et al., 2024"
    in_short = "averages its weights, needs no schedule"
    sentence = "Schedule-Free AdamW: its weights are an average of all that it came through, so it needs no schedule."
    formula = (
        "y = (1−β₁) z + β₁ w,  g = ∇f(y)\n"
        "v ← β₂ v + (1−β₂) g²,  ηₜ = η √(1−β₂ᵗ)\n"
        "z ← z − ηₜ (g / (√v + ε) + λ y)\n"
        "w ← w − (w − z) ηₜ² / Σηₜ²"
    )
    hyperparameters: ClassVar = {
        "beta1": decay_rate("β₁", 0.9, "weights")._replace(low=0.1, presets=(0.5, 0.8, 0.9, 0.95, 0.98)),
        "beta2": decay_rate("β₂", 0.999, "squared gradients"),
        "epsilon": smallest_divisor(1e-8),
    }

    def __init__(
        self,
        theta: Floats,
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(theta, learning_rate, weight_decay)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.z = theta.copy()
        self.v = np.zeros_like(theta)
        self.sum_of_squares = 0.0
        self.moments = [(self.v, TINY_SQUARED), (self.z, TINY)]

    @property
    def gradient_factor(self) -> float:
        return math.sqrt(1 - self.beta2)

    def decay(self, theta: Floats, g: Floats) -> None:
        """In `move`: it is a part of the step of z."""

    def move(self, theta: Floats, g: Floats) -> None:
        y, z, v, root, step = theta, self.z, self.v, self.scratch, g
        rate = self.learning_rate * math.sqrt(1 - self.beta2**self.t)
        self.sum_of_squares += rate**2
        c = rate**2 / self.sum_of_squares
        v *= self.beta2
        v += np.multiply(g, g, out=self.scratch)
        np.sqrt(v, out=root)
        root += self.epsilon
        step /= root
        step *= rate / self.gradient_factor
        if self.weight_decay:
            step += np.multiply(y, rate * self.weight_decay, out=self.scratch)
        # (1 - β₁) z + β₁ x after x and z have moved, computed from y and z before that.
        towards_z = np.subtract(z, y, out=self.scratch)
        towards_z *= c
        y += towards_z
        z -= step
        step *= 1 - self.beta1 * (1 - c)
        y -= step

    def evaluated(self, theta: Floats) -> Floats:
        """x, from y = (1 - β₁) z + β₁ x."""
        x = np.subtract(theta, self.z, out=self.scratch)
        x /= self.beta1
        x += self.z
        return x
