"""The wall: the test digits that are followed one by one, so that a share of right answers can be seen.

Those of the digits on board are chosen by `record` (see `wall_choice`), such that in the recorded race they tell what
all test digits tell; of other digits every class gets as many, evenly spread.
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


def labels_digest(test_labels: Bytes) -> str:
    """What a data set is known by."""
    return hashlib.sha256(test_labels.tobytes()).hexdigest()


def _by_label(digits: Sequence[int], test_labels: Bytes) -> NDArray[np.int64]:
    return np.array(sorted(digits, key=lambda digit: (test_labels[digit], digit)), np.int64)
