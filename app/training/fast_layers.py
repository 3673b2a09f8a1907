"""The two kinds of layers of a `FastNetwork`, and what stands between them: arithmetic in memory that is taken once.

What a step writes to is made at the start, on the boundary of a cache line, and written to with `out=`. Products can be
cut into pieces, for processors that are faster at small ones. The loss and the order of things are not here.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from app.training.activations import ACTIVATIONS, Activation
from app.training.network import Floats, Layer

CACHE_LINE_BYTES = 64
# OpenBLAS has a kernel of its own for products of up to about a million multiplications. With AVX-512 it takes 0.5 to
# 0.8 of the time when the columns fill whole vectors, and more when they don't, nor with many digits to sum over.
SMALL_PRODUCT = 1_000_000
VECTORS = 32
FEWEST_ROWS = 8
MOST_DIGITS = 128
# The arguments of np.matmul(a, b, out).
Product = tuple[Floats, Floats, Floats]


def zeros(shape: Sequence[int], dtype: DTypeLike) -> np.ndarray:
    """As np.zeros, on the boundary of a cache line."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.zeros(size + CACHE_LINE_BYTES, np.uint8)
    start = -memory.ctypes.data % CACHE_LINE_BYTES
    return memory[start : start + size].view(dtype).reshape(shape)


def in_pieces(a: Floats, b: Floats, out: Floats) -> Product:
    """The same product as many small ones, each of some rows of `a`; or as it is, where that would not be faster."""
    (rows, inner), columns = a.shape, b.shape[1]
    most_rows = min(rows, SMALL_PRODUCT // (inner * columns))
    sizes = range(most_rows, FEWEST_ROWS - 1, -1) if columns % VECTORS == 0 else ()
    size = next((size for size in sizes if rows % size == 0), rows)
    if size == rows:
        return a, b, out
    return a.reshape(-1, size, inner), b, out.reshape(-1, size, columns)


class Dense:
    """outputs = inputs · W + b, and backwards: from `delta`, the slope of the loss by the outputs, those by W and b."""

    def __init__(self, inputs: Floats, here: Layer, gradient: Layer, split: bool) -> None:
        shape = (len(inputs), here.W.shape[1])
        self.W, self.b, self.db = here.W, here.b, gradient.b
        self.outputs: Floats = zeros(shape, inputs.dtype)
        self.delta: Floats = zeros(shape, inputs.dtype)
        self._forward = in_pieces(inputs, self.W, self.outputs) if split else (inputs, self.W, self.outputs)
        backward = inputs.T, self.delta, gradient.W
        self._backward = in_pieces(*backward) if split and len(inputs) <= MOST_DIGITS else backward

    def passes_to(self, before: "Dense") -> None:
        """Have `backward_to_inputs` write to the delta of the layer that the inputs come from."""
        self._to_inputs = self.delta, self.W.T, before.delta

    def forward(self) -> None:
        np.matmul(*self._forward)
        np.add(self.outputs, self.b, out=self.outputs)

    def backward(self) -> None:
        np.matmul(*self._backward)
        self.delta.sum(axis=0, out=self.db)

    def backward_to_inputs(self) -> None:
        np.matmul(*self._to_inputs)


class Pixels(Dense):
    """The same from bytes of ink, 0 to 255, with the bias among the weights: it is that of a pixel full of ink.

    The 1/255 is applied behind the product, where there are fewer numbers.
    """

    def __init__(self, inputs: Floats, here: Layer, gradient: Layer, split: bool) -> None:
        super().__init__(inputs, here, gradient, split)
        self._per_ink = inputs.dtype.type(1 / 255)

    def forward(self) -> None:
        np.matmul(*self._forward)
        np.multiply(self.outputs, self._per_ink, out=self.outputs)

    def backward(self) -> None:
        np.multiply(self.delta, self._per_ink, out=self.delta)
        np.matmul(*self._backward)


class Units:
    """The activation of a layer: its sums become outputs, and its `delta` that by the sums."""

    def __init__(self, layer: Dense, activation: Activation) -> None:
        self._outputs, self._delta, self._activation = layer.outputs, layer.delta, activation

    def forward(self) -> None:
        self._activation.apply(self._outputs)

    def backward(self) -> None:
        np.multiply(self._delta, self._activation.slope(self._outputs), out=self._delta)


class ReLUs(Units):
    """The same of ReLU, without new arrays."""

    def __init__(self, layer: Dense, activation: Activation) -> None:
        super().__init__(layer, activation)
        self._nothing = np.zeros_like(layer.outputs)
        self._active = np.empty(layer.outputs.shape, bool)

    def forward(self) -> None:
        np.maximum(self._outputs, self._nothing, out=self._outputs)

    def backward(self) -> None:
        np.greater(self._outputs, 0, out=self._active)
        np.multiply(self._delta, self._active, out=self._delta)


def units(layer: Dense, activation: Activation) -> Units:
    return ReLUs(layer, activation) if activation is ACTIVATIONS["relu"] else Units(layer, activation)
