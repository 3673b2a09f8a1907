"""One training step in JAX, compiled whole, from taking the batch to the updated weights."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.training.network import Network
from benchmarks.rounds import Batches, Contender

# Of jax.Array, nested as it comes.
Tree = Any
# Weights, (m, v, t) and gradient to new weights and (m, v, t).
Update = Callable[[Tree, Tree, Tree], tuple[Tree, Tree]]


def jax_step(
    images: NDArray[np.float32], labels: NDArray[np.int64], config: RunConfig, lane: int, steps_at_once: int
) -> Contender:
    """`steps_at_once`: so many steps are one call, a loop of the library's; their metrics come together."""
    # On one core, to hand a step to another thread costs more than it saves.
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    x_all, y_all = jnp.asarray(images), jnp.asarray(labels.astype(np.int32))
    update = UPDATES[config.lanes[lane].optimizer](
        config.learning_rate_of(lane), **config.lanes[lane].hyperparameters()
    )

    def step(state: Tree, rows: Tree, x_all: Tree, y_all: Tree) -> tuple[Tree, Tree]:
        theta, moments = state
        metrics, g = jax.value_and_grad(_loss_and_accuracy, has_aux=True)(theta, x_all[rows], y_all[rows])
        return update(theta, moments, g), metrics

    def steps(state: Tree, rows: Tree, x_all: Tree, y_all: Tree) -> tuple[Tree, Tree]:
        scanned: tuple[Tree, Tree] = jax.lax.scan(lambda state, rows: step(state, rows, x_all, y_all), state, rows)
        return scanned

    call = jax.jit(steps if steps_at_once > 1 else step, donate_argnums=0)
    theta = [
        (jnp.asarray(W), jnp.asarray(b)) for W, b in Network(config.hidden, np.random.default_rng(config.seed)).layers
    ]
    m, v = jax.tree.map(jnp.zeros_like, theta), jax.tree.map(jnp.zeros_like, theta)
    state = (theta, (m, v, jnp.float32(0)))

    def train(rows_of_batches: Batches) -> list[Tree]:
        nonlocal state
        metrics = []
        for i in range(0, len(rows_of_batches), steps_at_once):
            rows = np.stack(rows_of_batches[i : i + steps_at_once]) if steps_at_once > 1 else rows_of_batches[i]
            state, told = call(state, rows.astype(np.int32), x_all, y_all)
            metrics.append([np.asarray(value) for value in told])
        return metrics

    return train


def _loss_and_accuracy(theta: Tree, x: Tree, y: Tree) -> tuple[Tree, Tree]:
    for W, b in theta[:-1]:
        x = jax.nn.relu(x @ W + b)
    W, b = theta[-1]
    z = x @ W + b
    loss = -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1).mean()
    return loss, (z.argmax(axis=1) == y).mean()


def _sgd(rate: float) -> Update:
    return lambda theta, moments, g: (jax.tree.map(lambda p, g: p - rate * g, theta, g), moments)


def _momentum(rate: float, momentum: float) -> Update:
    def update(theta: Tree, moments: Tree, g: Tree) -> tuple[Tree, Tree]:
        m, v, t = moments
        m = jax.tree.map(lambda m, g: momentum * m + g, m, g)
        return jax.tree.map(lambda p, m: p - rate * m, theta, m), (m, v, t)

    return update


def _adam(rate: float, beta1: float, beta2: float, epsilon: float) -> Update:
    def update(theta: Tree, moments: Tree, g: Tree) -> tuple[Tree, Tree]:
        m, v, t = moments
        t += 1
        m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, g)
        v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, g)
        c1, c2 = 1 - beta1**t, 1 - beta2**t
        theta = jax.tree.map(lambda p, m, v: p - rate * (m / c1) / (jnp.sqrt(v / c2) + epsilon), theta, m, v)
        return theta, (m, v, t)

    return update


UPDATES: dict[str, Callable[..., Update]] = {"sgd": _sgd, "momentum": _momentum, "adam": _adam}
