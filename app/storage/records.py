"""A run as records that last, and the run that comes of them again. Pure: where the records lie is not known here.

A run is the fold of its events, so its events are what is kept: those of its log as text, the columns of its history in
pieces, and of each lane the newest answers and parameters. Columns are read from a cursor, as a viewer reads them.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.events import (
    PUSH_BINS,
    Evaluation,
    Event,
    Frame,
    LaneEnded,
    LaneStatus,
    Parameters,
    Push,
    RunStatus,
    StopRequested,
)
from app.runs.history import COLUMNS, Block, Cursor, Kind
from app.runs.run import Run
from app.storage.event_text import MOST, decode_event, encode_event
from app.training.network import INPUTS, OUTPUTS

# What is stored in columns, under which number and how many: a push had fewer once. Evaluations are in the log, with
# every digit.
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
    """What is kept: no run older, not more of them, not more of their bytes; the oldest go first."""

    days: float
    runs: int
    megabytes: float


class Unknown(Exception):
    """More of a run was to be written, but not what came before is there: it wants to be written whole."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.run_id = run_id


class DamagedRun(Exception):
    """What is kept of a run is not what was stored: asking again would not help."""


class Snapshot(NamedTuple):
    """The newest of its kind, after `step` updates of a lane. `values` has shape (n,)."""

    lane: int
    kind: str
    step: int
    values: NDArray[Any]


class Checkpoint(NamedTuple):
    """How much of a run has been recorded; of its lanes, all that came of so many events."""

    cursor: Cursor
    events: int
    snapshots: tuple[tuple[int, str, int], ...]
    lane_events: int = 0


class Records(NamedTuple):
    """What is new of a run since a checkpoint; if `whole`, all of it from the start.

    The arrays are views of what never changes: no copies, and safe in any thread.
    """

    run_id: str
    # As the table of runs has it.
    row: dict[str, Any]
    whole: bool
    first_event: int
    log: list[str]
    blocks: list[Block]
    snapshots: list[Snapshot]


class StoredRun(NamedTuple):
    """All records of a run, as they were found."""

    run_id: str
    created_at: datetime
    config: str
    owner: str
    per_epoch: int
    log: list[str]
    # Kind, lane, packed columns; of each kind and lane from the first row to the last.
    pieces: list[tuple[int, int, bytes]]
    # Lane, kind, step, packed values.
    snapshots: list[tuple[int, str, int, bytes]]


def changes_since(run: Run, checkpoint: Checkpoint | None, live: bool = False) -> tuple[Records, Checkpoint]:
    """What came after `checkpoint`, at most one block a lane and kind, and where that ends; None is the start.

    Networks are among it once the run is over, for before, they change too often to be kept; `live`, they always are.
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
    """When all there is of it has been recorded."""
    newest = tuple((each.lane, each.kind, each.step) for each in _snapshots(run, live))
    return Checkpoint(run.history.end(), len(run.log), newest, run.lane_events)


def has_changes(records: Records) -> bool:
    """Whether there is anything to record."""
    return bool(records.whole or records.log or records.blocks or records.snapshots)


def restore(kept: StoredRun, test_labels: NDArray[np.uint8], same_digits: bool, goes_on: bool = False) -> Run:
    """The run again, over, unless it `goes_on`. Its answers and networks only with the digits it learned.

    Raises DamagedRun when the records are not those of a run.
    """
    try:
        return _fold(kept, test_labels, same_digits, goes_on)
    except Exception as problem:
        # Whatever it is that does not fit: a file can be changed by whoever may write to the disk.
        raise DamagedRun(f"{type(problem).__name__}: {problem}") from problem


def _fold(kept: StoredRun, test_labels: NDArray[np.uint8], same_digits: bool, goes_on: bool) -> Run:
    run = Run(
        kept.run_id,
        RunConfig.model_validate_json(kept.config),
        test_labels,
        _count(kept.per_epoch),
        owner=_text(kept.owner),
        created_at=kept.created_at,
    )
    newest = _unpacked(kept.snapshots, run.config, len(test_labels)) if same_digits else {}
    for event in in_order([decode_event(text) for text in kept.log], _blocks(kept.pieces), newest):
        run.apply(event)
    if goes_on:
        return run
    if run.status is RunStatus.QUEUED:
        run.apply(StopRequested())
    for number, lane in enumerate(run.lanes):
        if not lane.status.final:
            run.apply(LaneEnded(number, LaneStatus.INTERRUPTED, run.history.steps(number)))
    return run


def pack(values: NDArray[Any]) -> bytes:
    return zlib.compress(np.ascontiguousarray(values).tobytes(), 1)


def pack_block(block: Block) -> bytes:
    return pack(block.columns.astype("<f4", copy=False))


def pack_snapshot(snapshot: Snapshot) -> bytes:
    # A network that has overflowed in float16 has overflowed anyway.
    with np.errstate(over="ignore", invalid="ignore"):
        return pack(snapshot.values.astype(SNAPSHOTS[snapshot.kind], copy=False))


def _snapshots(run: Run, live: bool) -> list[Snapshot]:
    """Nothing of a sweep's trainings: they are many."""
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


def _unpacked(
    snapshots: Iterable[tuple[int, str, int, bytes]], config: RunConfig, digits: int
) -> dict[tuple[int, str, int], NDArray[Any]]:
    """Raises ValueError for one that does not fit the network or the test digits."""
    shapes = pairwise([INPUTS, *config.hidden, OUTPUTS])
    lengths = {"answers": digits, "confidence": digits, "parameters": sum((n + 1) * m for n, m in shapes)}
    held = {}
    for lane, kind, step, data in snapshots:
        values = np.frombuffer(zlib.decompress(data), SNAPSHOTS[kind])
        if len(values) != lengths[kind] or (kind == "answers" and values.max(initial=0) >= OUTPUTS):
            raise ValueError(f"{kind} of {len(values)} values, expected {lengths[kind]}")
        held[_count(lane), kind, _count(step)] = values
    return held


def in_order(
    log: list[Event], blocks: Iterable[Block], held: dict[tuple[int, str, int], NDArray[Any]]
) -> Iterator[Event]:
    """As they may be applied: a lane takes in nothing after its end, and nothing else depends on what came before.

    `held` are snapshots by lane, kind and step.
    """
    ends = [event for event in log if isinstance(event, LaneEnded)]
    for event in log:
        if isinstance(event, Evaluation) and (event.lane, "confidence", event.step) in held:
            answers, confidence = (held[event.lane, kind, event.step] for kind in ("answers", "confidence"))
            yield event._replace(answers=answers, confidence=confidence)
        elif not isinstance(event, LaneEnded):
            yield event
    for kind, lane, first, columns in blocks:
        if kind is Kind.METRICS:
            if not np.isfinite(columns[1:]).all():
                raise ValueError("an accuracy or a time that is no number")
            yield Frame(_count(lane), first + 1, *columns)
        else:
            for row in columns.T:
                yield _push(_count(lane), row)
    for (lane, of, step), values in held.items():
        if of == "parameters":
            yield Parameters(lane, step, values.astype(np.float32))
    yield from ends


def _blocks(pieces: Iterable[tuple[int, int, bytes]]) -> Iterator[Block]:
    rows: Counter[tuple[Kind, int]] = Counter()
    for number, lane, data in pieces:
        kind, width = STORED_COLUMNS[number]
        columns = np.frombuffer(zlib.decompress(data), "<f4").reshape(width, -1)
        yield Block(kind, lane, rows[kind, lane], columns)
        rows[kind, lane] += columns.shape[1]


def _push(lane: int, row: NDArray[np.float32]) -> Push:
    quartiles, rest = row[1 : 1 + 3 * PUSH_BINS].reshape(-1, 3), row[1 + 3 * PUSH_BINS :]
    push = Push(lane, _count(int(row[0])), quartiles)
    if not len(rest):
        return push
    examples = rest[2:].reshape(-1, 3)
    return push._replace(slope=float(rest[0]), decades=float(rest[1]), examples=examples[~np.isnan(examples[:, 0])])


def _count(value: object) -> int:
    """Raises ValueError for what does not count anything."""
    if not isinstance(value, int) or not 0 <= value <= MOST:
        raise ValueError(f"expected a count, got {value!r}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {value!r}")
    return value
