"""How far weights move by what their gradients are: whether all of them get the same push.

A sample of the weights is looked at in one step of LOOK_EVERY, before its update and after it. What to do with the
picture, and when to tell it, is decided elsewhere.
"""

import math
from itertools import count

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from app.events import LOWEST_PUSH, PUSH_BINS
from app.training.network import Floats

SAMPLE = 2000
# So many neighbours are looked at together: they are in one cache line, and most of a look is waiting for those.
PIECE = 16
LOOK_EVERY = 8
# Of the averages, from one look to the next: what is 100 batches old counts for 1/e of what is new.
KEPT = np.float32(math.exp(-LOOK_EVERY / 100))
FEWEST = 5
QUARTERS = np.array([0.25, 0.5, 0.75])
# Behind the last weight, for half decades that have none.
NEITHER = np.full(2, np.nan, np.float32)
# Far below what is shown. An average that shrinks on would become a denormal number, and slow.
TINY = 1e-30


class PushMeter:
    """Averages of |gradient| and of |Δw|, for about SAMPLE weights.

    `theta` and `gradient` are the vectors that training changes. Nearly all in them are weights. `widths` are those of
    the layers' outputs.
    """

    def __init__(self, theta: Floats, gradient: Floats, widths: list[int]) -> None:
        least = max(PIECE, len(theta) * PIECE // SAMPLE)
        # Prime to the widths, so that every unit of a layer is met; unless all weights are.
        stride = next(n for n in count(least) if n == PIECE or all(math.gcd(n, width) == 1 for width in widths))
        self._theta, self._gradient = (sliding_window_view(flat, PIECE)[::stride] for flat in (theta, gradient))
        self.sampled = self._theta.size
        self._before = np.empty(self._theta.shape, np.float32)
        # First the gradient, then Δw. What is summed is not yet divided by the sum of the looks' own weights.
        self._seen: NDArray[np.float32] = np.zeros((2, *self._theta.shape), np.float32)
        self._seen_gradient, self._seen_change = self._seen
        self.sums = np.zeros_like(self._seen)
        self._looks = 0.0

    def before(self, gradient_factor: float) -> None:
        """Look before an update: the gradients are `gradient_factor` times the loss's own."""
        # Where it is 0, as at the very end of a schedule, all of them are, and what they were is not known.
        self._factor = gradient_factor
        if gradient_factor:
            np.copyto(self._before, self._theta)
            np.multiply(self._gradient, np.float32(1 / gradient_factor), out=self._seen_gradient)

    def after(self) -> None:
        """Look after the update."""
        if self._factor:
            np.subtract(self._theta, self._before, out=self._seen_change)
            np.abs(self._seen, out=self._seen)
            np.multiply(self.sums, KEPT, out=self.sums)
            np.add(self.sums, self._seen, out=self.sums)
            self._looks = self._looks * float(KEPT) + 1

    def quartiles(self) -> NDArray[np.float32]:
        """As `events.Push` has them: shape (PUSH_BINS, 3)."""
        self.sums *= self.sums > TINY
        with np.errstate(divide="ignore", invalid="ignore"):
            return quartiles(*(self.sums / np.float32(self._looks)).reshape(2, -1))


def quartiles(gradient: NDArray[np.float32], change: NDArray[np.float32]) -> NDArray[np.float32]:
    """Quartiles of `change` for each half decade of `gradient`: shape (PUSH_BINS, 3), NaN for fewer than FEWEST."""
    with np.errstate(divide="ignore", invalid="ignore"):
        half_decades = 2 * (np.log10(gradient) - LOWEST_PUSH)
    # Weights that never move have a gradient of 0, those of a network that has overflowed have none.
    shown = (half_decades >= 0) & (half_decades < PUSH_BINS) & (change < np.inf)
    bins = half_decades[shown].astype(np.int64)
    # By half decade, then by change: numbers that are not negative are in the order of their bits.
    keys = np.sort(bins << 32 | change[shown].view(np.int32))
    ordered = np.append(keys.astype(np.int32).view(np.float32), NEITHER)
    counts = np.bincount(bins, minlength=PUSH_BINS)
    first = np.cumsum(counts) - counts
    # As np.quantile has it: between two weights in proportion.
    place = first[:, None] + np.maximum(counts - 1, 0)[:, None] * QUARTERS
    below = place.astype(int)
    found = ordered[below] + (place - below) * (ordered[below + 1] - ordered[below])
    found[counts < FEWEST] = np.nan
    return np.asarray(found, np.float32)
