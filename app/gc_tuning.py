"""When Python looks for what is only held by itself: often among the newest objects, seldom among all.

With thousands of viewers there are a million objects, and looking through them all holds the stream up for a tenth of a
second. But a connection that has lasted is among the old ones when it ends, and leaves such a cycle: never looking
would keep a little of every viewer for good.
"""

import gc

# Before the newest are looked through, in a crowd that comes at once.
THRESHOLDS = 100_000, 50, 1_000
ALL_EVERY_S = 60.0
# Looking through all of so few takes some hundredths of a second.
FEW_VIEWERS = 200


class Garbage:
    """Of a process that has started all it needs; what is there now stays."""

    def __init__(self, now: float) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        self._all_at = now + ALL_EVERY_S
        self._left_at_last = 0

    def collect(self, now: float, viewers: int, left: int) -> None:
        """To be called about once a second; so many viewers are there, so many have `left` since the start."""
        # All, when a crowd has mostly stayed, would be a lot to look through for little.
        mostly_new = viewers <= FEW_VIEWERS or left - self._left_at_last >= viewers
        if now < self._all_at or not mostly_new:
            gc.collect(0)
            return
        gc.collect()
        self._all_at, self._left_at_last = now + ALL_EVERY_S, left
