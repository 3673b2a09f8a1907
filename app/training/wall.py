"""The wall: the test digits that are followed one by one, so that a share of right answers can be seen.

Those of the digits on board are chosen by `record`, such that the share of them that is read is close to the accuracy
on all; of other digits every class gets as many, evenly spread.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.events import WALL
from app.training.idx import Bytes

CHOSEN = Path(__file__).parent / "data" / "wall.json"
EXCHANGES = 20_000


def wall_digits(test_labels: Bytes) -> NDArray[np.int64]:
    """Numbers of at most WALL test digits, sorted by label."""
    chosen = json.loads(CHOSEN.read_text())
    if labels_digest(test_labels) == chosen["test_labels"]:
        return _by_label(chosen["digits"], test_labels)
    classes = [np.flatnonzero(test_labels == label) for label in np.unique(test_labels)]
    each = -(-WALL // max(1, len(classes)))
    spread = [rows[np.linspace(0, len(rows) - 1, min(each, len(rows)), dtype=int)] for rows in classes]
    # One of each class in turn, until there are enough.
    in_turn = sorted((place, int(row)) for rows in spread for place, row in enumerate(rows))
    return _by_label([row for _, row in in_turn[:WALL]], test_labels)


def choose_wall(right: NDArray[np.bool_], test_labels: Bytes) -> list[int]:
    """WALL test digits whose share of right answers is close to the share of all, in every row of `right`.

    `right` has shape (evaluations, test digits). Each label has as many as its share of all; digits are exchanged for
    others of their label as long as that makes the largest difference smaller.
    """
    rng = np.random.default_rng(0)
    wanted = right.mean(axis=1) * WALL
    counts = np.diff(np.round(np.cumsum(np.bincount(test_labels, minlength=10)) * WALL / len(test_labels)), prepend=0)
    chosen = np.concatenate(
        [rng.choice(np.flatnonzero(test_labels == label), int(n), False) for label, n in enumerate(counts)]
    )
    lit = right[:, chosen].sum(axis=1, dtype=float)

    def worst(lit: NDArray[np.float64]) -> float:
        # The largest difference decides, and of equal ones the sum of squares.
        difference = np.abs(lit - wanted)
        return float(difference.max() + (difference**2).mean() / 100)

    for _ in range(EXCHANGES):
        place = rng.integers(WALL)
        other = rng.choice(np.flatnonzero(test_labels == test_labels[chosen[place]]))
        exchanged = lit - right[:, chosen[place]] + right[:, other]
        if other not in chosen and worst(exchanged) < worst(lit):
            chosen[place], lit = other, exchanged
    return sorted(chosen.tolist())


def labels_digest(test_labels: Bytes) -> str:
    """What a data set is known by."""
    return hashlib.sha256(test_labels.tobytes()).hexdigest()


def _by_label(digits: Sequence[int], test_labels: Bytes) -> NDArray[np.int64]:
    return np.array(sorted(digits, key=lambda digit: (test_labels[digit], digit)), np.int64)
