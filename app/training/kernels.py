"""The forms that a lane's arithmetic can take, and which of them is the fastest on this machine.

They agree but for rounding. With the same form, a run's numbers are the same bit for bit.
"""

import statistics
import time
from enum import StrEnum

import numpy as np

from app.training.fast_layers import Product, in_pieces, zeros

ROUNDS = 15
# So clearly must pieces be faster that a machine under load chooses as it would at rest.
CLEARLY = 0.9


class Kernel(StrEnum):
    """How a step is computed: as in a textbook; in place, from live pixels; the same, large products in pieces."""

    PLAIN = "plain"
    WHOLE = "whole"
    SPLIT = "split"


def fastest_kernel() -> Kernel:
    """Measured with the two large products of a step of the default run, in about ten milliseconds.

    Which processors gain from pieces, and by how much, depends on what their BLAS has for small matrices.
    """
    x, W, h = (zeros(shape, np.float32) for shape in ((64, 720), (720, 128), (64, 128)))
    gradient = zeros(W.shape, np.float32)
    whole: list[Product] = [(x, W, h), (x.T, h, gradient)]
    pieces = [in_pieces(*product) for product in whole]
    ratios = [_seconds(pieces) / _seconds(whole) for _ in range(ROUNDS)]
    return Kernel.SPLIT if statistics.median(ratios) < CLEARLY else Kernel.WHOLE


def _seconds(products: list[Product]) -> float:
    started = time.thread_time()
    for product in products:
        np.matmul(*product)
    return time.thread_time() - started
