"""Makes a run of its stored records again: the fold of their events. Pure: it knows no database.

The records may have been changed on disk, so each is checked before it is applied.
"""

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
from app.runs.history import Block, Kind
from app.runs.run import Run
from app.storage.event_text import MOST, decode_event
from app.storage.records import SNAPSHOTS, STORED_COLUMNS, DamagedRun
from app.training.evaluation import as_digits
from app.training.network import INPUTS, OUTPUTS
from app.training.wall import wall_digits


class StoredRun(NamedTuple):
    """All records of a run, as they were read."""

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


def restore(kept: StoredRun, test_labels: NDArray[np.uint8], same_digits: bool, goes_on: bool = False) -> Run:
    """The run, ended as interrupted if it was not over, unless it `goes_on`. Without `same_digits`, answers and
    parameters are left out: they mean something only with the digits that were learned. So are answers to a wall of
    other digits than it has now.

    Raises DamagedRun if the records are not those of a run.
    """
    try:
        return _fold(kept, test_labels, same_digits, goes_on)
    except Exception as problem:
        # Any error: the file may have been changed in any way.
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
    log = [decode_event(text) for text in kept.log]
    if not (same_digits and _of_this_wall(log, newest, test_labels)):
        log = [event._replace(wall="") if isinstance(event, Evaluation) else event for event in log]
    for event in in_order(log, _blocks(kept.pieces), newest):
        run.apply(event)
    if goes_on:
        return run
    if run.status is RunStatus.QUEUED:
        run.apply(StopRequested())
    for number, lane in enumerate(run.lanes):
        if not lane.status.final:
            run.apply(LaneEnded(number, LaneStatus.INTERRUPTED, run.history.steps(number)))
    return run


def _unpacked(
    snapshots: Iterable[tuple[int, str, int, bytes]], config: RunConfig, digits: int
) -> dict[tuple[int, str, int], NDArray[Any]]:
    """By lane, kind and step. Raises ValueError for one that does not fit the network or the test digits."""
    shapes = pairwise([INPUTS, *config.hidden, OUTPUTS])
    lengths = {"answers": digits, "confidence": digits, "parameters": sum((n + 1) * m for n, m in shapes)}
    held = {}
    for lane, kind, step, data in snapshots:
        values = np.frombuffer(zlib.decompress(data), SNAPSHOTS[kind])
        if len(values) != lengths[kind] or (kind == "answers" and values.max(initial=0) >= OUTPUTS):
            raise ValueError(f"{kind} of {len(values)} values, expected {lengths[kind]}")
        held[_count(lane), kind, _count(step)] = values
    return held


def _of_this_wall(
    log: Iterable[Event], held: dict[tuple[int, str, int], NDArray[Any]], test_labels: NDArray[np.uint8]
) -> bool:
    """Whether the newest answers to all test digits say of the wall what was stored: another version may have chosen
    other digits.
    """
    wall = wall_digits(test_labels)
    return all(
        event.wall in ("", as_digits(held[event.lane, "answers", event.step][wall]))
        for event in log
        if isinstance(event, Evaluation) and (event.lane, "answers", event.step) in held
    )


def in_order(
    log: list[Event], blocks: Iterable[Block], held: dict[tuple[int, str, int], NDArray[Any]]
) -> Iterator[Event]:
    """All events in an order in which they can be applied: the end of each lane comes last, the rest in any order.

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
    """Raises ValueError unless it is an integer from 0 to MOST."""
    if not isinstance(value, int) or not 0 <= value <= MOST:
        raise ValueError(f"expected a count, got {value!r}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {value!r}")
    return value
