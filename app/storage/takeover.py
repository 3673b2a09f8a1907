"""What a server does, over its connection, with the runs that the one before it has left."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.events import RunStatus
from app.storage.retention import FINAL
from app.storage.sweep_rows import interrupt_sweeps
from app.storage.tables import cells, leadership, runs, sweeps


class NotLeader(Exception):
    """Another server writes the runs of this database now."""


class Left(NamedTuple):
    """Ids of what was not over, the first first: runs that are interrupted now; runs, and sweeps that wait."""

    interrupted: list[str]
    runs: list[str]
    sweeps: list[str]


def interrupt_all(connection: Connection) -> list[str]:
    """Call interrupted all that is not over; the ids of those runs."""
    interrupt_sweeps(connection, FINAL)
    return interrupt_runs(connection, runs.c.status.not_in(FINAL))


def take_over(connection: Connection) -> Left:
    """Call interrupted the sweeps that were being trained, and their trainings; the rest is gone on with."""
    interrupt_sweeps(connection, [*FINAL, RunStatus.QUEUED])
    of_sweeps = runs.c.id.in_(sa.select(cells.c.run_id).where(cells.c.run_id.is_not(None)))
    interrupted = interrupt_runs(connection, runs.c.status.not_in(FINAL), of_sweeps)
    left = (
        sa.select(table.c.id).where(table.c.status.not_in(FINAL)).order_by(table.c.created_at)
        for table in (runs, sweeps)
    )
    return Left(interrupted, *(list(connection.execute(each).scalars()) for each in left))


def interrupt_runs(connection: Connection, *which: sa.ColumnElement[bool]) -> list[str]:
    """Call these interrupted; their ids."""
    left = runs.update().where(*which).values(status=RunStatus.INTERRUPTED).returning(runs.c.id)
    return list(connection.execute(left).scalars())


def check_term(connection: Connection, term: int) -> None:
    """Let no other server begin to lead before this transaction is over. Raises NotLeader if one has begun already."""
    newest = connection.scalar(sa.select(leadership.c.term).with_for_update(read=True))
    # A database that was emptied is filled again by whoever led until then.
    if newest not in (None, term):
        raise NotLeader(f"this server led in term {term}, and now is term {newest}")
