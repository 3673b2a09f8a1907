"""Where the time of a step goes: its parts one by one, in the plain form and in the one that a worker chooses."""

from pathlib import Path

import numpy as np

from app.config import RunConfig
from app.training.dataset import Dataset, open_dataset
from app.training.fast_layers import Product, in_pieces, zeros
from app.training.kernels import Kernel, fastest_kernel
from app.training.network import OUTPUTS, as_pixels
from app.training.optimizers import OPTIMIZERS
from benchmarks.effort import Effort
from benchmarks.rounds import Batches, Contender, endless_batches, stay_on_one_core, step_us
from benchmarks.steps import our_step


def measure_anatomy(prepared: Path, effort: Effort) -> dict[str, dict[str, dict[str, float]]]:
    """For "plain" and "fast", for each optimizer, microseconds of the parts of a step of the default race.

    "the rest" is what the others leave of the whole: ReLU, softmax, metrics, Python between them, and that a part alone
    finds its numbers in the cache, where in a step another part has just been.
    """
    stay_on_one_core()
    dataset, config = open_dataset(prepared), RunConfig()
    kernels = {"plain": Kernel.PLAIN, "fast": fastest_kernel()}
    contenders: dict[str, Contender] = {}
    for name, kernel in kernels.items():
        contenders[f"{name} products"] = _products(dataset, config, kernel)
        contenders[f"{name} gather"] = _gather(dataset, config, kernel)
        for lane, choice in enumerate(config.lanes):
            contenders[f"{name} {choice.optimizer} update"] = _update(dataset, config, lane, kernel)
            contenders[f"{name} {choice.optimizer}"] = our_step(dataset, config, lane, kernel)
    us = step_us(contenders, endless_batches(dataset, config), effort.anatomy_rounds, effort.step_round_s)
    return {
        name: {
            choice.optimizer: _parts(
                us[f"{name} {choice.optimizer}"],
                {
                    "matrix products": us[f"{name} products"],
                    "gathering the batch": us[f"{name} gather"],
                    "the optimizer": us[f"{name} {choice.optimizer} update"],
                },
            )
            for choice in config.lanes
        }
        for name in kernels
    }


def _parts(whole: float, parts: dict[str, float]) -> dict[str, float]:
    return {**parts, "the rest": whole - sum(parts.values())}


def _products(dataset: Dataset, config: RunConfig, kernel: Kernel) -> Contender:
    """Those of a step, of the widths and in the pieces of this form."""
    n, (h,) = config.batch_size, config.hidden
    width = _width(dataset, kernel)
    x, hidden, scores = (zeros((n, m), np.float32) for m in (width, h, OUTPUTS))
    W, V = zeros((width, h), np.float32), zeros((h, OUTPUTS), np.float32)
    products: list[Product] = [
        (x, W, hidden),
        (hidden, V, scores),
        (hidden.T, scores, V),
        (scores, V.T, hidden),
        (x.T, hidden, W),
    ]
    if kernel is Kernel.SPLIT:
        products = [in_pieces(*product) for product in products]

    def multiply(rows_of_batches: Batches) -> None:
        for _ in rows_of_batches:
            for product in products:
                np.matmul(*product)

    return multiply


def _gather(dataset: Dataset, config: RunConfig, kernel: Kernel) -> Contender:
    """The pixels of a batch as numbers."""
    shape = config.batch_size, dataset.live_images.shape[1]
    stored, x = zeros(shape, np.uint8), zeros(shape, np.float32)

    def gather(rows_of_batches: Batches) -> None:
        for rows in rows_of_batches:
            if kernel is Kernel.PLAIN:
                as_pixels(dataset.train_images[rows])
            else:
                dataset.live_images.take(rows, axis=0, out=stored, mode="clip")
                np.copyto(x, stored)

    return gather


def _update(dataset: Dataset, config: RunConfig, lane: int, kernel: Kernel) -> Contender:
    """The optimizer alone, on as many parameters."""
    (h,), choice = config.hidden, config.lanes[lane]
    theta = zeros((_width(dataset, kernel) * h + h * OUTPUTS,), np.float32)
    gradient = zeros(theta.shape, np.float32)
    optimizer = OPTIMIZERS[choice.optimizer](theta, config.learning_rate_of(lane), **choice.hyperparameters())

    def update(rows_of_batches: Batches) -> None:
        for _ in rows_of_batches:
            optimizer.update(theta, gradient)

    return update


def _width(dataset: Dataset, kernel: Kernel) -> int:
    images = dataset.train_images if kernel is Kernel.PLAIN else dataset.live_images
    return int(images.shape[1])
