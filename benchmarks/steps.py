"""One training step of each optimizer: against its bare matrix products, and against the peers, in many shapes."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.training.dataset import Dataset, open_dataset
from app.training.kernels import Kernel, fastest_kernel
from app.training.learner import learner
from app.training.network import INPUTS, OUTPUTS, Floats
from benchmarks import peers
from benchmarks.effort import Effort
from benchmarks.rounds import Batches, Contender, endless_batches, stay_on_one_core, step_us


def measure_steps(prepared: Path, effort: Effort) -> dict[str, float]:
    """Microseconds of one step of the default race: "floor", "sgd", …, and, if installed, "pytorch sgd", …"""
    stay_on_one_core()
    dataset, config = open_dataset(prepared), RunConfig()
    contenders = _contenders(dataset, config, every_kernel=True)
    return step_us(contenders, endless_batches(dataset, config), effort.step_rounds, effort.step_round_s)


def measure_shapes(prepared: Path, effort: Effort) -> dict[str, dict[str, float]]:
    """The same for each shape, named as "batch 16, 128-64"."""
    stay_on_one_core()
    dataset, figures = open_dataset(prepared), {}
    for config in effort.shapes:
        contenders = _contenders(dataset, config, every_kernel=False)
        figures[f"batch {config.batch_size}, {'-'.join(map(str, config.hidden))}"] = step_us(
            contenders, endless_batches(dataset, config), effort.shape_rounds, effort.shape_round_s
        )
    return figures


def our_step(dataset: Dataset, config: RunConfig, lane: int, kernel: Kernel) -> Callable[[Batches], Floats]:
    """A lane of a race without its evaluations; the call answers the losses."""
    network = learner(dataset, config, lane, kernel, np.random.default_rng(config.seed))

    def train(rows_of_batches: Batches) -> Floats:
        with np.errstate(over="ignore", invalid="ignore"):
            for rows in rows_of_batches:
                network.step(rows)
            losses, _ = network.metrics()
        return losses

    return train


def _contenders(dataset: Dataset, config: RunConfig, every_kernel: bool) -> dict[str, Contender]:
    """The floor, ours as a worker does it and, with `every_kernel`, as the textbook does, and the peers."""
    contenders: dict[str, Contender] = {"floor": _matrix_products(config)}
    for prefix, kernel in {"": fastest_kernel(), "plain ": Kernel.PLAIN}.items():
        if every_kernel or not prefix:
            contenders |= {
                prefix + choice.optimizer: our_step(dataset, config, lane, kernel)
                for lane, choice in enumerate(config.lanes)
            }
    return contenders | peers.contenders(dataset, config, every_kernel)


def _matrix_products(config: RunConfig) -> Contender:
    """The products of a forward and a backward pass, with nothing between them: five with one hidden layer."""
    rng = np.random.default_rng(0)

    def some(*shape: int) -> NDArray[np.float32]:
        return rng.standard_normal(shape).astype(np.float32)

    n = config.batch_size
    layers = [(some(n, i), some(i, j), some(n, j)) for i, j in pairwise([INPUTS, *config.hidden, OUTPUTS])]

    def multiply(rows_of_batches: Batches) -> None:
        for _ in rows_of_batches:
            for x, W, _ in layers:
                np.dot(x, W)
            for number, (x, W, delta) in enumerate(layers):
                np.dot(x.T, delta)
                if number > 0:
                    np.dot(delta, W.T)

    return multiply
