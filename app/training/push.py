"""How far weights move by what their gradients are: whether all of them get the same push.

A sample of the weights is looked at in one step of LOOK_EVERY, before its update and after it. What to do with the
picture, and when to tell it, is decided elsewhere.
"""

import math
from itertools import count

import numpy as np
from numpy.typing import NDArray

from app.events import LOWEST_PUSH, PUSH_BINS
from app.training.network import Floats

SAMPLE = 2000
LOOK_EVERY = 4
# Of the averages, from one look to the next: what is 100 batches old counts for 1/e of what is new.
KEPT = math.exp(-LOOK_EVERY / 100)
FEWEST = 5
# Far below what is shown. An average that shrinks on would become a denormal number, and slow.
TINY = 1e-30


class PushMeter:
    """Averages of |gradient| and of |Δw|, for about SAMPLE weights.

    `weights` are matrices W of a network with those of their gradients: views of the vectors that training changes.
    """

    def __init__(self, weights: list[tuple[Floats, Floats]]) -> None:
        widths = [W.shape[1] for W, _ in weights]
        # Prime to the widths, so that every unit of a layer is met.
        least = max(1, sum(W.size for W, _ in weights) // SAMPLE)
        stride = next(n for n in count(least) if all(math.gcd(n, width) == 1 for width in widths))
        self._weights = [W.reshape(-1)[::stride] for W, _ in weights]
        self._gradients = [dW.reshape(-1)[::stride] for _, dW in weights]
        self.sampled = sum(map(len, self._weights))
        self._before: NDArray[np.float32] = np.empty(self.sampled, np.float32)
        # Rows: the gradient, Δw. What is summed is not yet divided by the sum of the looks' own weights.
        self._seen: NDArray[np.float32] = np.zeros((2, self.sampled), np.float32)
        self.sums: NDArray[np.float32] = np.zeros((2, self.sampled), np.float32)
        self._looks = 0.0

    def before(self, gradient_factor: float) -> None:
        """Look before an update: the gradients are `gradient_factor` times the loss's own."""
        np.concatenate(self._weights, out=self._before)
        np.concatenate(self._gradients, out=self._seen[0])
        # Where it is 0, as at the very end of a schedule, all of them are, and what they were is not known.
        self._factor = gradient_factor

    def after(self) -> None:
        """Look after the update."""
        if not self._factor:
            return
        gradient, change = self._seen
        gradient *= np.float32(1 / self._factor)
        np.concatenate(self._weights, out=change)
        change -= self._before
        np.abs(self._seen, out=self._seen)
        self.sums *= np.float32(KEPT)
        self.sums += self._seen
        self._looks = self._looks * KEPT + 1

    def quartiles(self) -> NDArray[np.float32]:
        """As `events.Push` has them: shape (PUSH_BINS, 3)."""
        self.sums *= self.sums > TINY
        with np.errstate(divide="ignore", invalid="ignore"):
            return quartiles(*(self.sums / np.float32(self._looks)))


def quartiles(gradient: Floats, change: Floats) -> NDArray[np.float32]:
    """Quartiles of `change` for each half decade of `gradient`: shape (PUSH_BINS, 3), NaN for fewer than FEWEST."""
    with np.errstate(divide="ignore", invalid="ignore"):
        half_decades = np.floor(2 * (np.log10(gradient) - LOWEST_PUSH))
    # Weights that never move have a gradient of 0, those of a network that has overflowed have none.
    shown = (half_decades >= 0) & (half_decades < PUSH_BINS) & np.isfinite(change)
    bins, change = half_decades[shown].astype(int), change[shown]
    ordered = np.append(change[np.lexsort((change, bins))], [np.nan, np.nan])
    counts = np.bincount(bins, minlength=PUSH_BINS)
    first = np.cumsum(counts) - counts
    # As np.quantile has it: between two weights in proportion.
    place = first[:, None] + np.maximum(counts - 1, 0)[:, None] * np.array([0.25, 0.5, 0.75])
    below = place.astype(int)
    found = ordered[below] + (place - below) * (ordered[below + 1] - ordered[below])
    found[counts < FEWEST] = np.nan
    return np.asarray(found, np.float32)
