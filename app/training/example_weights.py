"""A few weights that are followed by name: the same ones in every lane, so that their steps can be compared.

How large the gradient of a weight from a pixel is depends on how much ink there is: without ink it is zero. So the
examples come from a pixel with much ink, one with some and one with hardly any, all to the same hidden unit, and its
bias is one more.
"""

import numpy as np
from numpy.typing import NDArray

from app.events import NO_EXAMPLES
from app.training.dataset import Dataset
from app.training.network import INPUTS, Floats

DIGITS = 1_000
# Of the ink of the pixel with the most.
INK = (1.0, 0.1, 0.01)


def example_pixels(dataset: Dataset) -> NDArray[np.int64]:
    """Numbers of the pixels whose mean ink is about INK of the largest, the loudest first.

    INPUTS comes before them: the bias is the weight of a pixel that is full of ink.
    """
    pixels = dataset.live_pixels
    ink = dataset.live_images[:DIGITS, : len(pixels)].mean(axis=0)
    lit, ink = pixels[ink > 0], np.log(ink[ink > 0])
    nearest = [int(lit[np.abs(ink - ink.max() - np.log(share)).argmin()]) for share in INK] if len(lit) else []
    return np.array([INPUTS, *dict.fromkeys(nearest)], np.int64)


class ExampleWeights:
    """The weights from `pixels` to one unit of the first layer, which has `units` of them.

    `starts`: where in the learner's vectors the weights from each of the pixels begin.
    """

    def __init__(self, pixels: NDArray[np.int64], starts: NDArray[np.int64], units: int) -> None:
        self._pixels, self._starts, self._units = pixels, starts, units
        self._unit: int | None = None

    def __len__(self) -> int:
        return len(self._pixels)

    def places(self, gradient: Floats) -> NDArray[np.int64]:
        """Where they are in the learner's vectors, if `gradient` is the first: all lanes have the same then.

        The unit is the one that the first batch changes the most.
        """
        # By the pixel with the most ink, or by the bias where there is no ink.
        start = self._starts[:2][-1]
        self._unit = int(np.abs(gradient[start : start + self._units]).argmax())
        return np.asarray(self._starts + self._unit)

    def numbered(self, means: NDArray[np.float32]) -> NDArray[np.float32]:
        """As `events.Push` has its examples, given |gradient| and |Δw| of each; none before `places` are known."""
        if self._unit is None:
            return NO_EXAMPLES
        numbers = self._pixels * self._units + self._unit
        return np.stack([numbers, *means], axis=1, dtype=np.float32)
