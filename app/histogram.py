"""How often a measured value was how large: as little as an operator's graphs need. Knows nothing of who reads it."""

from bisect import bisect_left


class Histogram:
    """Counts by upper bounds, ascending; the last count is of what was above all of them."""

    def __init__(self, *bounds: float) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value
