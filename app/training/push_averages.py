"""Averages of |gradient| and of |Δw| of some weights, from look to look; the newest look counts most."""

import numpy as np
from numpy.typing import NDArray

# Far below what is shown. An average that shrinks on would become a denormal number, and slow.
TINY = 1e-30
# Averages of a weight that gets no gradient any more only fade away, all at the same rate, whatever moved it. So many
# looks without a gradient, or up to twice as many, and it drops out.
SILENT_LOOKS = 12
# A sum that has only faded may be larger than it should by so much: it was rounded at every look.
ROUNDED = 1.001


class PushAverages:
    """Of so many weights. From one look to the next, all before it counts for `kept` of what it did.

    The caller writes to `gradient` and `change`, then calls `add`.
    """

    def __init__(self, weights: int, kept: float) -> None:
        self._kept = np.float32(kept)
        self._seen: NDArray[np.float32] = np.zeros((2, weights), np.float32)
        self.gradient, self.change = self._seen
        # What is summed is not yet divided by the sum of the looks' own weights.
        self.sums = np.zeros_like(self._seen)
        self._weight = 0.0
        # The sums of |gradient| every SILENT_LOOKS looks, and which of them had only faded since the time before.
        self._looks = 0
        self._then = np.zeros(weights, np.float32)
        self._silent = np.zeros(weights, bool)

    def add(self) -> None:
        np.abs(self._seen, out=self._seen)
        np.multiply(self.sums, self._kept, out=self.sums)
        np.add(self.sums, self._seen, out=self.sums)
        self._weight = self._weight * float(self._kept) + 1
        self._looks += 1
        if self._looks % SILENT_LOOKS == 0:
            self._silent = self._faded(SILENT_LOOKS)
            np.copyto(self._then, self.sums[0])

    def means(self) -> NDArray[np.float32]:
        """First those of |gradient|, then those of |Δw|: shape (2, weights). NaN before the first look.

        Both are 0 of a weight that is silent.
        """
        self.sums *= self.sums > TINY
        silent = self._silent & self._faded(self._looks % SILENT_LOOKS)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.sums * ~silent / np.float32(self._weight))

    def _faded(self, looks: int) -> NDArray[np.bool_]:
        """Whose sums have got nothing for so many looks."""
        return np.asarray(self.sums[0] <= self._then * np.float32(ROUNDED * float(self._kept) ** looks))
