"""A direction that keeps going and a step length for each weight: Adam and what has been made of it."""

from typing import ClassVar

import numpy as np

from app.training.optimizers.base import (
    TINY,
    TINY_SQUARED,
    Floats,
    Optimizer,
    decay_apart,
    decay_rate,
    smallest_divisor,
)

MOMENTS = "m ← β₁ m + (1−β₁) g,  v ← β₂ v + (1−β₂) g²"
CORRECTED = "m̂ = m / (1−β₁ᵗ),  v̂ = v / (1−β₂ᵗ)"


class Adam(Optimizer):
    """Adam (Kingma & Ba 2014, algorithm 1, with bias correction).

    m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  θ ← θ - η · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
    With the gradient times 1 - β₁, m is as above and what is kept of v is v · (1 - β₁)² / (1 - β₂).
    """

    name = "adam"
    label = "Adam"
    year = 2014
    source = "Kingma & Ba, 2014"
    in_short = "a step size for each weight"
    sentence = "Averages of the slope and of its square give every weight a step of its own size."
    formula = f"{MOMENTS}\n{CORRECTED}\nw ← w − η m̂ / (√v̂ + ε)"
    hyperparameters: ClassVar = {
        "beta1": decay_rate("β₁", 0.9, "gradients"),
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
        self.m = np.zeros_like(theta)
        self.v = np.zeros_like(theta)
        self.moments = [(self.m, TINY), (self.v, TINY_SQUARED)]

    @property
    def gradient_factor(self) -> float:
        return 1 - self.beta1

    def corrections(self) -> tuple[float, float]:
        """c₁ = 1 - β₁ᵗ, and c with v̂ = c² v as it is kept.

        Numbers, not vectors: m̂ / (√v̂ + ε) = m / (√v + ε / c) / (c c₁).
        """
        c1, c2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        return c1, ((1 - self.beta2) / c2) ** 0.5 / (1 - self.beta1)

    def move(self, theta: Floats, g: Floats) -> None:
        m, v = self.m, self.v
        m *= self.beta1
        m += g
        v *= self.beta2
        g *= g
        v += g
        c1, c = self.corrections()
        np.sqrt(v, out=g)
        g += self.epsilon / c
        np.divide(m, g, out=g)
        g *= self.learning_rate / (c * c1)
        theta -= g

    def averages(self) -> dict[str, Floats]:
        c1, c = self.corrections()
        v = self.v * (1 - self.beta2) / (1 - self.beta1) ** 2
        return {"m": self.m.copy(), "v": v, "m̂": self.m / c1, "v̂": self.v * c**2}


class NAdam(Adam):
    """Adam with Nesterov's momentum (Dozat 2016, "Incorporating Nesterov Momentum into Adam", algorithm 2, all μ = β₁).

    m and v as in Adam;  m̂ ← β₁ m / (1 - β₁ᵗ⁺¹) + (1 - β₁) g / (1 - β₁ᵗ);  θ ← θ - η m̂ / (√(v / (1 - β₂ᵗ)) + ε)
    The last is Adam's: the paper has another factor β₂ under the root.
    """

    name = "nadam"
    label = "NAdam"
    year = 2016
    source = "Dozat, 2016"
    in_short = "Adam that looks a step ahead"
    sentence = "Adam that looks ahead, as Nesterov’s momentum does."
    formula = f"{MOMENTS}\nm̄ = β₁ m / (1−β₁ᵗ⁺¹) + (1−β₁) g / (1−β₁ᵗ),  v̂ = v / (1−β₂ᵗ)\nw ← w − η m̄ / (√v̂ + ε)"

    def move(self, theta: Floats, g: Floats) -> None:
        m, v, ahead, root = self.m, self.v, self.scratch, self.scratch
        m *= self.beta1
        m += g
        v *= self.beta2
        v += np.multiply(g, g, out=self.scratch)
        c1, c = self.corrections()
        g *= self.learning_rate / (c * c1)
        g += np.multiply(m, self.learning_rate * self.beta1 / (1 - self.beta1 ** (self.t + 1)) / c, out=ahead)
        np.sqrt(v, out=root)
        root += self.epsilon / c
        g /= root
        theta -= g


class AdamW(Adam):
    """Adam with weight decay apart from the gradient (Loshchilov & Hutter 2017, algorithm 2).

    θ ← θ - η λ θ, then as Adam; η has the paper's learning rate and schedule together, as in PyTorch.
    """

    name = "adamw"
    label = "AdamW"
    year = 2017
    source = "Loshchilov & Hutter, 2017"
    in_short = "Adam whose weights also shrink"
    sentence = "Adam, with every weight also shrinking a little, whatever its slope."
    formula = f"{MOMENTS}\n{CORRECTED}\nw ← w − η m̂ / (√v̂ + ε) − η λ w"
    usual_weight_decay = 0.01

    def decay(self, theta: Floats, g: Floats) -> None:
        decay_apart(self, theta)
