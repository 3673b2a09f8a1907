"""A run as the records that are stored of it; `restore.py` makes a run of them again. Pure: it knows no database.

A run is the fold of its events, so its events are stored: those of its log as text, the columns of its history in
pieces, and of each lane the newest answers and parameters. Columns are read from a cursor, as a viewer reads them.
"""

import hashlib
import zlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.events import PUSH_BINS
from app.runs.history import COLUMNS, Block, Cursor, Kind
from app.runs.run import Run
from app.storage.event_text import encode_event

# What is stored in columns: the number of the kind in the database, and how many columns (a push once had fewer).
# Evaluations are in the log, with every digit.
STORED_COLUMNS = {
    1: (Kind.METRICS, len(COLUMNS[Kind.METRICS])),
    3: (Kind.PUSH, 1 + 3 * PUSH_BINS),
    4: (Kind.PUSH, len(COLUMNS[Kind.PUSH])),
}
STORED_AS = {kind: number for number, (kind, _) in STORED_COLUMNS.items()}
# Of a lane only the newest is kept: what it answers to the test digits, how sure it is, its network.
SNAPSHOTS: dict[str, np.dtype[Any]] = {
    "answers": np.dtype("u1"),
    "confidence": np.dtype("<f4"),
    "parameters": np.dtype("<f2"),
}


def digits_of(test_labels: NDArray[np.uint8], test_images: NDArray[np.uint8] | None = None) -> str:
    """The identity of a data set, of labels and every hundredth image; or of labels alone, as was stored once."""
    digest = hashlib.sha256(test_labels.tobytes())
    if test_images is not None:
        digest.update(test_images[::100].tobytes())
    return digest.hexdigest()


class Limits(NamedTuple):
    """How many runs are stored, how long, and how many bytes; beyond that, the oldest are deleted."""

    days: float
    runs: int
    megabytes: float


class Unknown(Exception):
    """Changes of a run were to be written, but what came before them is not stored: write it whole."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.run_id = run_id


class DamagedRun(Exception):
    """The records of a run are not what was stored; another attempt would not help."""


class Snapshot(NamedTuple):
    """The newest of its kind of a lane, taken after `step` steps. `values` has shape (n,)."""

    lane: int
    kind: str
    step: int
    values: NDArray[Any]


class Checkpoint(NamedTuple):
    """How much of a run has been recorded. `lane_events`: all effects of so many lane events are."""

    cursor: Cursor
    events: int
    snapshots: tuple[tuple[int, str, int], ...]
    lane_events: int = 0


class Records(NamedTuple):
    """What has changed in a run since a checkpoint; if `whole`, all of it from the start.

    The arrays are views of memory that is never written again: no copies, and safe in any thread.
    """

    run_id: str
    # By column of the table `runs`.
    row: dict[str, Any]
    whole: bool
    first_event: int
    log: list[str]
    blocks: list[Block]
    snapshots: list[Snapshot]


def changes_since(run: Run, checkpoint: Checkpoint | None, live: bool = False) -> tuple[Records, Checkpoint]:
    """The changes after `checkpoint` (None: all), at most one block a lane and kind, and the checkpoint after them.

    Parameters are among them once the run is over: before that they change too often to be stored. `live`: always.
    """
    whole, checkpoint = checkpoint is None, checkpoint or Checkpoint(run.history.start(), 0, ())
    blocks, cursor = run.history.read(checkpoint.cursor, run.history.end())
    newest = _snapshots(run, live)
    known = set(checkpoint.snapshots)
    row = {"created_at": run.created_at, "status": run.status, "config": run.config.model_dump_json()}
    records = Records(
        run.id,
        {**row, "owner": run.owner, "per_epoch": run.batches_per_epoch},
        whole,
        checkpoint.events,
        [encode_event(event) for event in run.log[checkpoint.events :]],
        [block for block in blocks if block.kind in STORED_AS],
        [each for each in newest if (each.lane, each.kind, each.step) not in known],
    )
    after = checkpoint_of(run, live)
    if cursor != after.cursor:
        after = after._replace(cursor=cursor, lane_events=checkpoint.lane_events)
    return records, after


def checkpoint_of(run: Run, live: bool = False) -> Checkpoint:
    """The checkpoint at which everything of the run has been recorded."""
    newest = tuple((each.lane, each.kind, each.step) for each in _snapshots(run, live))
    return Checkpoint(run.history.end(), len(run.log), newest, run.lane_events)


def has_changes(records: Records) -> bool:
    """Whether there is anything to record."""
    return bool(records.whole or records.log or records.blocks or records.snapshots)


def pack(values: NDArray[Any]) -> bytes:
    return zlib.compress(np.ascontiguousarray(values).tobytes(), 1)


def pack_block(block: Block) -> bytes:
    return pack(block.columns.astype("<f4", copy=False))


def pack_snapshot(snapshot: Snapshot) -> bytes:
    # A network that has overflowed in float16 has overflowed anyway.
    with np.errstate(over="ignore", invalid="ignore"):
        return pack(snapshot.values.astype(SNAPSHOTS[snapshot.kind], copy=False))


def _snapshots(run: Run, live: bool) -> list[Snapshot]:
    """None of a sweep's trainings, which are many."""
    found: list[Snapshot] = []
    if run.sweep:
        return found
    for number, lane in enumerate(run.lanes):
        if (newest := lane.whole_evaluation) and len(newest.answers):
            found.append(Snapshot(number, "answers", newest.step, newest.answers))
            found.append(Snapshot(number, "confidence", newest.step, newest.confidence))
        if (live or run.status.final) and lane.parameters:
            found.append(Snapshot(number, "parameters", lane.parameters.step, lane.parameters.theta))
    return found
