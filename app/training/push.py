"""How far weights move by what their gradients are: whether all of them get the same push.

A sample of the weights is looked at in one step of LOOK_EVERY, before its update and after it, and so are a few that
are followed by name. What is done with the picture, and when it is sent, is decided elsewhere.
"""

import math
from itertools import count

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from app.events import LOWEST_PUSH, NO_EXAMPLES, PUSH_BINS, PUSH_DECADES
from app.training.example_weights import ExampleWeights
from app.training.network import Floats
from app.training.push_averages import PushAverages

SAMPLE = 2000
# So many neighbours are looked at together: they are in one cache line, and most of a look is waiting for those.
PIECE = 16
LOOK_EVERY = 8
# Of the averages, from one look to the next: what is 100 batches old counts for 1/e of what is new.
KEPT = math.exp(-LOOK_EVERY / 100)
FEWEST = 5
QUARTERS = np.array([0.25, 0.5, 0.75])
# Weights count as loud from here on, and so many are quieter than the quiet ones of which anything is said.
LOUD, QUIET = 0.95, 0.02
FEWEST_FITTED = 40
# Behind the last weight, for half decades that have none.
NEITHER = np.full(2, np.nan, np.float32)


class PushMeter:
    """Averages of |gradient| and of |Δw|, for about SAMPLE weights and for the `examples`, if there are any.

    `theta` and `gradient` are the vectors that training changes. Nearly all in them are weights. `widths` are those of
    the layers' outputs.
    """

    def __init__(
        self, theta: Floats, gradient: Floats, widths: list[int], examples: ExampleWeights | None = None
    ) -> None:
        least = max(PIECE, len(theta) * PIECE // SAMPLE)
        # Prime to the widths, so that every unit of a layer is met; unless all weights are.
        stride = next(n for n in count(least) if n == PIECE or all(math.gcd(n, width) == 1 for width in widths))
        self._flat = theta, gradient
        self._theta, self._gradient = (sliding_window_view(flat, PIECE)[::stride] for flat in (theta, gradient))
        self.sampled = self._theta.size
        self._examples, self._places = examples, np.empty(0, np.int64)
        self.averages = PushAverages(self.sampled + (len(examples) if examples else 0), KEPT)
        # Of each the sample, and behind it the examples.
        self._before = self._parts(np.empty_like(self.averages.change))
        self._seen_gradient, self._seen_change = self._parts(self.averages.gradient), self._parts(self.averages.change)

    def before(self, gradient_factor: float) -> None:
        """Look before an update: the gradients are `gradient_factor` times the loss's own."""
        # Where it is 0, as at the very end of a schedule, all of them are, and what they were is not known.
        self._factor = gradient_factor
        if not gradient_factor:
            return
        (theta, gradient), (sample, examples) = self._flat, self._seen_gradient
        np.copyto(self._before[0], self._theta)
        np.multiply(self._gradient, np.float32(1 / gradient_factor), out=sample)
        if self._examples:
            if not len(self._places):
                self._places = self._examples.places(gradient)
            theta.take(self._places, out=self._before[1], mode="clip")
            gradient.take(self._places, out=examples, mode="clip")
            np.multiply(examples, np.float32(1 / gradient_factor), out=examples)

    def after(self) -> None:
        """Look after the update."""
        if not self._factor:
            return
        sample, examples = self._seen_change
        np.subtract(self._theta, self._before[0], out=sample)
        if self._examples:
            self._flat[0].take(self._places, out=examples, mode="clip")
            np.subtract(examples, self._before[1], out=examples)
        self.averages.add()

    def look(self) -> tuple[NDArray[np.float32], float, float, NDArray[np.float32]]:
        """As `events.Push` has them: `quartiles`, `slope`, `decades`, `examples`."""
        means = self.averages.means()
        sample, examples = means[:, : self.sampled], means[:, self.sampled :]
        return quartiles(*sample), *trend(*sample), self._examples.numbered(examples) if self._examples else NO_EXAMPLES

    def _parts(self, values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return values[: self.sampled].reshape(self._theta.shape), values[self.sampled :]


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


def trend(gradient: NDArray[np.float32], change: NDArray[np.float32]) -> tuple[float, float]:
    """By how many decades `change` grows with each decade of `gradient`, and over how many decades that was measured.

    A straight line through the logarithms (least squares), in which every weight counts alike, so that a few odd ones
    turn nothing round. It is fitted to the weights up to PUSH_DECADES quieter than the loud ones. NaN and 0 where fewer
    than FEWEST_FITTED weights move, or all have the same gradient.
    """
    moved = (gradient > 0) & (gradient < np.inf) & (change > 0) & (change < np.inf)
    x, y = np.log10(gradient[moved]).astype(float), np.log10(change[moved]).astype(float)
    if len(x) < FEWEST_FITTED:
        return math.nan, 0.0
    quiet, loud = np.quantile(x, [QUIET, LOUD])
    fitted = x >= loud - PUSH_DECADES
    away = x[fitted] - x[fitted].mean()
    spread = away @ away
    return (float(away @ y[fitted] / spread), min(PUSH_DECADES, float(loud - quiet))) if spread > 0 else (math.nan, 0.0)
