"""A sweep as the records that are stored of it, and the sweep restored from them. Pure: it knows no database.

The result of each training is stored beside its run, so a sweep is restored without reading its runs.
"""

import json
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from app.events import RunStatus
from app.storage.records import DamagedRun
from app.sweeps.grid import Cell, cell_at, grid
from app.sweeps.state import Result
from app.sweeps.sweep import Sweep

_RESULT = TypeAdapter(Result)


class SweepCheckpoint(NamedTuple):
    """How much of a sweep has been recorded."""

    version: int
    status: RunStatus
    fresh: int


class CellRecord(NamedTuple):
    """A training by its number, those on fresh seeds after those of the grid; its run; when it changed; its result."""

    number: int
    run_id: str | None
    changed: int
    result: str


class SweepRecords(NamedTuple):
    """What has changed in a sweep since a checkpoint. `row` is that of the table `sweeps`."""

    sweep_id: str
    row: dict[str, Any]
    cells: list[CellRecord]
    any: bool


class StoredSweep(NamedTuple):
    """All records of a sweep, as they were read. `digits` identifies the data set that it was trained on."""

    sweep_id: str
    created_at: datetime
    status: str
    stopped_by: str | None
    grid: str
    fresh: str
    owner: str
    train_digits: int
    digits: str
    version: int
    cells: list[CellRecord]


def sweep_checkpoint(sweep: Sweep) -> SweepCheckpoint:
    """The checkpoint at which everything has been recorded."""
    return SweepCheckpoint(sweep.version, sweep.status, len(sweep.fresh))


def sweep_changes_since(sweep: Sweep, checkpoint: SweepCheckpoint | None) -> tuple[SweepRecords, SweepCheckpoint]:
    """The changes after the checkpoint (None: all), and the checkpoint after them."""
    after = sweep_checkpoint(sweep)
    # What has yet to begin is as the grid has it.
    known = checkpoint.version if checkpoint else 0
    changed = [
        CellRecord(number, each.result.run, each.changed, json.dumps(each.result, allow_nan=False))
        for number, each in enumerate(sweep.trainings)
        if each.changed > known
    ]
    grid = {"axes": sweep.grid.axes, "base": sweep.grid.base}
    row = {
        "created_at": sweep.created_at,
        "status": sweep.status,
        "stopped_by": sweep.stopped_by,
        "grid": json.dumps(grid, allow_nan=False),
        "fresh": json.dumps([each.cell.at for each in sweep.fresh], allow_nan=False),
        "owner": sweep.owner,
        "train_digits": sweep.digits,
        "version": sweep.version,
    }
    # What else changes, such as the time left, is not kept.
    new = checkpoint is None or bool(changed) or checkpoint[1:] != after[1:]
    return SweepRecords(sweep.id, row, changed, new), after


def restore_sweep(kept: StoredSweep, goes_on: bool = False) -> Sweep:
    """The sweep; what was training when its server ended is interrupted, or, if it `goes_on`, has not begun.

    Raises DamagedRun if the records are not those of a sweep.
    """
    try:
        chosen = json.loads(kept.grid)
        swept = grid(chosen["axes"], chosen["base"])
        sweep = Sweep(kept.sweep_id, swept, kept.train_digits, owner=kept.owner, created_at=kept.created_at)
        if fresh := json.loads(kept.fresh):
            curves = [_curve(cell) for cell in swept.cells]
            cells = [cell_at(at, swept.base) for at in fresh]
            if lost := [cell.at for cell in cells if _curve(cell) not in curves]:
                raise ValueError(f"no training of the grid is like {lost[0]}")
            sweep.train_again(cells)
        results = {cell.number: (cell.changed, read_result(cell.result, cell.run_id)) for cell in kept.cells}
        sweep.restore(RunStatus(kept.status), kept.version, results)
        if not goes_on:
            sweep.interrupt()
    except Exception as problem:
        # Of any kind: the file can be changed by anyone who may write to the disk.
        raise DamagedRun(f"{type(problem).__name__}: {problem}") from problem
    return sweep


def _curve(cell: Cell) -> dict[str, Any]:
    """Where it is, but for what is trained again with other values."""
    return {name: value for name, value in cell.at.items() if name not in ("learning_rate", "seed")}


def read_result(text: str, run_id: str | None) -> Result:
    """Raises ValueError if it is not a result."""
    result = _RESULT.validate_json(text)
    # SQLite takes anything for anything.
    if not isinstance(run_id, str | None):
        raise TypeError(f"a run's id should be a text, got {run_id!a}")
    # What is no number could not be sent to anyone.
    json.dumps(result, allow_nan=False)
    return result._replace(run=run_id)
