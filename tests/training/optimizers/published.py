"""The published update rules, line by line in float64, without regard to speed.

Each takes θ, the gradients, the learning rate of each step and the weight decay λ. `coupled` adds λθ to the gradient.
"""

from collections.abc import Callable, Sequence

import numpy as np

Vector = np.ndarray
Gradients = Sequence[Vector]
Rates = Sequence[float]


def coupled(g: Vector, theta: Vector, decay: float) -> Vector:
    return g + decay * theta


def sgd(theta: Vector, gradients: Gradients, rates: Rates, decay: float) -> Vector:
    for g, lr in zip(gradients, rates, strict=True):
        theta = theta - lr * coupled(g, theta, decay)
    return theta


def momentum(theta: Vector, gradients: Gradients, rates: Rates, decay: float, momentum: float) -> Vector:
    """Sutskever et al. 2013 with the learning rate outside: nothing damps the gradient."""
    velocity = np.zeros_like(theta)
    for g, lr in zip(gradients, rates, strict=True):
        velocity = momentum * velocity + coupled(g, theta, decay)
        theta = theta - lr * velocity
    return theta


def nesterov(theta: Vector, gradients: Gradients, rates: Rates, decay: float, momentum: float) -> Vector:
    """As in PyTorch."""
    velocity = np.zeros_like(theta)
    for g, lr in zip(gradients, rates, strict=True):
        g = coupled(g, theta, decay)
        velocity = momentum * velocity + g
        theta = theta - lr * (g + momentum * velocity)
    return theta


def nesterov_behind(theta: Vector, gradients: Gradients, lr: float, momentum: float) -> Vector:
    """Sutskever et al. 2013, equations 3 and 4; the gradients are those at θ + μ v, and that place is answered."""
    velocity = np.zeros_like(theta)
    for g in gradients:
        velocity = momentum * velocity - lr * g
        theta = theta + velocity
    return theta + momentum * velocity


def adagrad(theta: Vector, gradients: Gradients, rates: Rates, decay: float, epsilon: float) -> Vector:
    """Duchi et al. 2011, figure 1, without a regulariser: s is the norm of all gradients so far, H = δI + diag(s)."""
    seen: list[Vector] = []
    for g, lr in zip(gradients, rates, strict=True):
        seen.append(coupled(g, theta, decay))
        theta = theta - lr * seen[-1] / (epsilon + np.linalg.norm(seen, axis=0))
    return theta


def rmsprop(theta: Vector, gradients: Gradients, rates: Rates, decay: float, rho: float, epsilon: float) -> Vector:
    """Tieleman & Hinton 2012, lecture 6e: MeanSquare(w, t) = 0.9 MeanSquare(w, t-1) + 0.1 (∂E/∂w)²."""
    mean_square = np.zeros_like(theta)
    for g, lr in zip(gradients, rates, strict=True):
        g = coupled(g, theta, decay)
        mean_square = rho * mean_square + (1 - rho) * g**2
        theta = theta - lr * g / (np.sqrt(mean_square) + epsilon)
    return theta


def adadelta(theta: Vector, gradients: Gradients, rates: Rates, decay: float, rho: float, epsilon: float) -> Vector:
    """Zeiler 2012, algorithm 1, line by line."""
    mean_g2, mean_delta2 = np.zeros_like(theta), np.zeros_like(theta)
    for g, lr in zip(gradients, rates, strict=True):
        g = coupled(g, theta, decay)
        mean_g2 = rho * mean_g2 + (1 - rho) * g**2
        delta = -np.sqrt(mean_delta2 + epsilon) / np.sqrt(mean_g2 + epsilon) * g
        mean_delta2 = rho * mean_delta2 + (1 - rho) * delta**2
        theta = theta + lr * delta
    return theta


def adam(
    theta: Vector, gradients: Gradients, rates: Rates, decay: float, beta1: float, beta2: float, epsilon: float
) -> Vector:
    """Kingma & Ba 2014, algorithm 1, line by line."""
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t, (g, lr) in enumerate(zip(gradients, rates, strict=True), start=1):
        g = coupled(g, theta, decay)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + epsilon)
    return theta


def nadam(
    theta: Vector, gradients: Gradients, rates: Rates, decay: float, beta1: float, beta2: float, epsilon: float
) -> Vector:
    """Dozat 2016, algorithm 2, with one μ for all steps and Adam's n̂."""
    m, n = np.zeros_like(theta), np.zeros_like(theta)
    for t, (g, lr) in enumerate(zip(gradients, rates, strict=True), start=1):
        g = coupled(g, theta, decay)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        n_hat = n / (1 - beta2**t)
        theta = theta - lr / (np.sqrt(n_hat) + epsilon) * m_hat
    return theta


def adamw(
    theta: Vector, gradients: Gradients, rates: Rates, decay: float, beta1: float, beta2: float, epsilon: float
) -> Vector:
    """Loshchilov & Hutter 2017, algorithm 2, with the learning rate as a factor of both terms."""
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t, (g, lr) in enumerate(zip(gradients, rates, strict=True), start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - lr * (m_hat / (np.sqrt(v_hat) + epsilon) + decay * theta)
    return theta


def lion(theta: Vector, gradients: Gradients, rates: Rates, decay: float, beta1: float, beta2: float) -> Vector:
    """Chen et al. 2023, algorithm 2, line by line."""
    m = np.zeros_like(theta)
    for g, lr in zip(gradients, rates, strict=True):
        c = beta1 * m + (1 - beta1) * g
        theta = theta - lr * (np.sign(c) + decay * theta)
        m = beta2 * m + (1 - beta2) * g
    return theta


def schedule_free_descent(
    theta: Vector,
    gradient_at: Callable[[int, Vector], Vector],
    rates: Rates,
    decay: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> tuple[Vector, Vector]:
    """Defazio et al. 2024, algorithm 1, line by line: x, and the next y. The gradient of step t is that at y."""
    x, z, v = theta, theta, np.zeros_like(theta)
    squares = 0.0
    for t, lr in enumerate(rates):
        y = (1 - beta1) * z + beta1 * x
        g = gradient_at(t, y)
        v = beta2 * v + (1 - beta2) * g**2
        lr = lr * np.sqrt(1 - beta2 ** (t + 1))
        z = z - lr * g / (np.sqrt(v) + epsilon) - lr * decay * y
        squares += lr**2
        c = lr**2 / squares
        x = (1 - c) * x + c * z
    return x, (1 - beta1) * z + beta1 * x


def schedulefree(theta: Vector, gradients: Gradients, rates: Rates, decay: float, **choices: float) -> Vector:
    return schedule_free_descent(theta, lambda t, y: gradients[t], rates, decay, **choices)[0]


RULES = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adadelta": adadelta,
    "adam": adam,
    "nadam": nadam,
    "adamw": adamw,
    "lion": lion,
    "schedulefree": schedulefree,
}
