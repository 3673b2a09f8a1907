"""The curves of a run: append-only columns of float32 for each lane, read piece by piece from a cursor.

History is the only buffer between a race and its viewers. A viewer holds a cursor, not a queue: a slow one reads a
larger piece next time, and memory does not grow with viewers.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.events import EXAMPLES, PUSH_BINS, WALL, Evaluation, Frame, Push


class Kind(IntEnum):
    """What a block's columns are."""

    METRICS = 1
    EVALUATIONS = 2
    PUSH = 3


COLUMNS = {
    Kind.METRICS: ("loss", "accuracy", "seconds"),
    Kind.EVALUATIONS: (
        *("step", "seconds", "test_accuracy", "test_loss", "train_accuracy", "train_loss", "quick"),
        *(f"wall_{digit}" for digit in range(WALL)),
    ),
    Kind.PUSH: (
        "step",
        *(f"{quartile}_{b}" for b in range(PUSH_BINS) for quartile in ("q25", "q50", "q75")),
        *("slope", "decades"),
        *(f"{name}_{example}" for example in range(EXAMPLES) for name in ("weight", "gradient", "change")),
    ),
}
# So many rows a block that every kind of block stays below 200 KB.
MAX_ROWS = {kind: 3 * 16_384 // len(columns) for kind, columns in COLUMNS.items()}


class Cursor(NamedTuple):
    """How many rows of each lane a viewer has, of each kind."""

    steps: tuple[int, ...]
    evaluations: tuple[int, ...]
    pushes: tuple[int, ...]


class Block(NamedTuple):
    """Consecutive rows of one kind and lane. `first` rows came before; `columns` has shape (columns, rows)."""

    kind: Kind
    lane: int
    first: int
    columns: NDArray[np.float32]


class History:
    """The curves of `lanes` lanes."""

    def __init__(self, lanes: int) -> None:
        self._tables = {kind: [_Table(len(COLUMNS[kind])) for _ in range(lanes)] for kind in Kind}

    def add_frame(self, frame: Frame) -> None:
        self._tables[Kind.METRICS][frame.lane].append(np.stack([frame.loss, frame.accuracy, frame.seconds]))

    def add_evaluation(self, e: Evaluation) -> None:
        row = np.full(len(COLUMNS[Kind.EVALUATIONS]), np.nan, np.float32)
        measured = (e.step, e.seconds, e.test_accuracy, e.test_loss, e.train_accuracy, e.train_loss, e.quick)
        row[: len(measured)] = measured
        row[len(measured) : len(measured) + len(e.wall)] = [int(answer) for answer in e.wall]
        self._tables[Kind.EVALUATIONS][e.lane].append(row[:, None])

    def add_push(self, push: Push) -> None:
        row = np.full(len(COLUMNS[Kind.PUSH]), np.nan, np.float32)
        values = (push.step, *push.quartiles.ravel(), push.slope, push.decades, *push.examples.ravel())
        row[: len(values)] = values
        self._tables[Kind.PUSH][push.lane].append(row[:, None])

    def tables(self, kind: Kind) -> list[NDArray[np.float32]]:
        """All rows so far, for each lane, of shape (columns, rows)."""
        return [table.columns for table in self._tables[kind]]

    @property
    def nbytes(self) -> int:
        """Memory that the curves take."""
        return sum(table.nbytes for tables in self._tables.values() for table in tables)

    def start(self) -> Cursor:
        """The cursor of a viewer who has nothing."""
        nothing = (0,) * len(self._tables[Kind.METRICS])
        return Cursor(nothing, nothing, nothing)

    def end(self) -> Cursor:
        """The cursor of a viewer who has everything so far."""
        return Cursor(*(tuple(table.rows for table in self._tables[kind]) for kind in Kind))

    def steps(self, lane: int) -> int:
        return self._tables[Kind.METRICS][lane].rows

    def read(self, cursor: Cursor, end: Cursor) -> tuple[list[Block], Cursor]:
        """What came after `cursor` and not after `end`, at most MAX_ROWS of a kind a block, and the cursor after it."""
        blocks: list[Block] = []
        after: list[tuple[int, ...]] = []
        for kind, have, until in zip(Kind, cursor, end, strict=True):
            reached = []
            for lane, table in enumerate(self._tables[kind]):
                stop = min(until[lane], have[lane] + MAX_ROWS[kind])
                if stop > have[lane]:
                    blocks.append(Block(kind, lane, have[lane], table.columns[:, have[lane] : stop]))
                reached.append(stop)
            after.append(tuple(reached))
        return blocks, Cursor(*after)


class _Table:
    """Columns that grow by doubling. What has been appended never changes."""

    def __init__(self, columns: int) -> None:
        self._space = np.empty((columns, 64), np.float32)
        self.rows = 0

    @property
    def nbytes(self) -> int:
        return self._space.nbytes

    @property
    def columns(self) -> NDArray[np.float32]:
        return self._space[:, : self.rows]

    def append(self, columns: NDArray[np.float32]) -> None:
        needed = self.rows + columns.shape[1]
        if needed > self._space.shape[1]:
            larger = np.empty((len(self._space), max(needed, 2 * self._space.shape[1])), np.float32)
            larger[:, : self.rows] = self.columns
            self._space = larger
        self._space[:, self.rows : needed] = columns
        self.rows = needed
