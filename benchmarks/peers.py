"""The same training step in other libraries, where they are installed: same shapes, batches, float32, one thread.

They get the pixels ready as float32 (ours unpacks bytes in every step), and give loss and accuracy of every batch as
numbers. `make bench-peers` installs them; nothing in the playground needs them.
"""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import numpy as np

from app.config import RunConfig
from app.training.dataset import Dataset
from benchmarks.rounds import STEPS_AT_ONCE, Contender


def contenders(dataset: Dataset, config: RunConfig, every_kernel: bool) -> dict[str, Contender]:
    """For each lane "pytorch sgd", "jax sgd" and so on; with `every_kernel` also what they offer to be faster."""
    if not all(find_spec(name) for name in ("torch", "jax")):
        return {}
    from benchmarks.peer_jax import jax_step
    from benchmarks.peer_pytorch import pytorch_step

    images = np.multiply(dataset.train_images, np.float32(1 / 255), dtype=np.float32)
    labels = dataset.train_labels.astype(np.int64)
    kernels: dict[str, Callable[[int], Contender]] = {
        "pytorch": partial(pytorch_step, images, labels, config, fused=False),
        "jax": partial(jax_step, images, labels, config, steps_at_once=1),
    }
    if every_kernel:
        kernels["pytorch fused"] = partial(pytorch_step, images, labels, config, fused=True)
        kernels[f"jax scan of {STEPS_AT_ONCE}"] = partial(jax_step, images, labels, config, steps_at_once=STEPS_AT_ONCE)
    return {
        f"{kernel} {choice.optimizer}": make(lane)
        for kernel, make in kernels.items()
        for lane, choice in enumerate(config.lanes)
    }
