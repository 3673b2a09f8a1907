"""Which runs and sweeps are deleted when they exceed the limits. A sweep is deleted together with its trainings.

A lesson is deleted together with the run or sweep that answered it.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.events import RunStatus
from app.storage.records import Limits
from app.storage.tables import cells, lessons, runs, sweeps

FINAL = [status for status in RunStatus if status.final]


def prune(connection: Connection, limits: Limits, oldest: datetime) -> list[str]:
    """Delete what exceeds the limits; returns the ids. What is not over does not count, and stays."""
    room = limits.megabytes * 1_000_000
    gone: dict[bool, list[str]] = {False: [], True: []}
    for place, row in enumerate(connection.execute(_newest_first(oldest)), start=1):
        room -= row.size
        if place > limits.runs or room < 0 or row.too_old:
            gone[bool(row.is_sweep)].append(row.id)
    trained = sa.select(cells.c.run_id).where(cells.c.sweep_id == sa.bindparam("gone"), cells.c.run_id.is_not(None))
    pruned = [*gone[False], *gone[True]]
    for sweep_id in gone[True]:
        pruned += connection.execute(trained, {"gone": sweep_id}).scalars()
    for column, ids in ((runs.c.id, pruned), (sweeps.c.id, gone[True]), (lessons.c.result_id, pruned)):
        if ids:
            each = [{"gone": this} for this in ids]
            connection.execute(column.table.delete().where(column == sa.bindparam("gone")), each)
    return pruned


def _newest_first(oldest: datetime) -> sa.Select[tuple[str, bool, bool, int]]:
    """Sweeps, with the bytes of all their trainings, and runs that do not belong to a sweep."""
    # Compared and converted there: one damaged row, in a file of SQLite, is not to keep the rest from going.
    trained = sa.select(cells.c.run_id).where(cells.c.run_id.is_not(None))
    of_runs = sa.select(
        runs.c.id,
        sa.literal(0).label("is_sweep"),
        runs.c.created_at.label("created_at"),
        _size(runs.c.bytes).label("size"),
    ).where(runs.c.status.in_(FINAL), runs.c.id.not_in(trained))
    of_trainings = (
        sa.select(cells.c.sweep_id, sa.func.sum(_size(runs.c.bytes)).label("bytes"))
        .join(runs, runs.c.id == cells.c.run_id)
        .group_by(cells.c.sweep_id)
        .subquery()
    )
    of_sweeps = (
        sa.select(
            sweeps.c.id,
            sa.literal(1).label("is_sweep"),
            sweeps.c.created_at.label("created_at"),
            _size(_size(sweeps.c.bytes) + _size(of_trainings.c.bytes)).label("size"),
        )
        .select_from(sweeps.outerjoin(of_trainings, of_trainings.c.sweep_id == sweeps.c.id))
        .where(sweeps.c.status.in_(FINAL))
    )
    either = sa.union_all(of_runs, of_sweeps).subquery()
    too_old = (either.c.created_at < oldest).label("too_old")
    return sa.select(either.c.id, either.c.is_sweep, too_old, either.c.size).order_by(either.c.created_at.desc())


def _size(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.cast(column, sa.BigInteger), 0)
