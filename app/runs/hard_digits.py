"""Which test digits distinguish the lanes: wrong for some and right for others, or the least sure."""

import numpy as np
from numpy.typing import NDArray

SHOWN = 10


def choose(
    labels: NDArray[np.uint8],
    answers: list[NDArray[np.uint8]],
    confidence: list[NDArray[np.float32]],
    shown: list[int],
) -> list[int]:
    """Ten test digits, with few changes: of `shown`, those that still distinguish the lanes keep their place.

    labels has shape (n,), answers and confidence one array (n,) for each lane that has evaluated, at least one.
    """
    wrong = np.stack(answers) != labels
    divided = wrong.any(axis=0) & ~wrong.all(axis=0)
    sure = np.nan_to_num(np.stack(confidence))
    # Most telling: the lanes are divided, and those that are wrong are sure of it. A tie of all is broken by doubt.
    telling = np.where(divided, 1 + np.where(wrong, sure, 0).max(axis=0), -sure.min(axis=0))
    # Looking at all 10,000 would take as long as dozens of steps: at most SHOWN are shown, and SHOWN kept beside them.
    first = np.argsort(-telling, kind="stable")[: 3 * SHOWN].tolist()
    ranked = [i for i in first if i not in shown]
    better = iter([i for i in ranked[:SHOWN] if divided[i]])
    kept = [i if divided[i] else next(better, i) for i in shown]
    fresh = (i for i in ranked if i not in kept)
    return kept + [next(fresh) for _ in range(min(SHOWN, len(labels)) - len(kept))]
