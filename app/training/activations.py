"""What a hidden unit makes of its sum a: its output h = f(a), and the slope f'(a), computed from h alone."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


class Activation(NamedTuple):
    """`apply` turns sums into outputs in place; `slope` answers f'(a) for outputs h, as numbers or as truths."""

    apply: Callable[[Floats], object]
    slope: Callable[[Floats], Floats | NDArray[np.bool_]]


def _relu(a: Floats) -> None:
    # NumPy compares with an array of zeros three times faster than with a zero.
    np.maximum(a, np.zeros_like(a), out=a)


def _tanh(a: Floats) -> None:
    np.tanh(a, out=a)


def _sigmoid(a: Floats) -> None:
    """1 / (1 + exp(-a)) without overflow, and never nearly 0: denormal numbers would be slow."""
    a *= 0.5
    np.tanh(a, out=a)
    a += 1
    a *= 0.5


ACTIVATIONS = {
    "relu": Activation(_relu, lambda h: h > 0),
    "tanh": Activation(_tanh, lambda h: 1 - h * h),
    "sigmoid": Activation(_sigmoid, lambda h: h * (1 - h)),
}
