"""What a server does with the runs that the server before it left, over a connection to the database."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.events import RunStatus
from app.storage.retention import FINAL
from app.storage.sweep_rows import interrupt_sweeps
from app.storage.tables import cells, leadership, runs, sweeps


class NotLeader(Exception):
    """Another server is the leader, and writes to this database."""


class Left(NamedTuple):
    """Ids, in order, of what was not over: runs that are interrupted now; runs to go on with; sweeps that wait."""

    interrupted: list[str]
    runs: list[str]
    sweeps: list[str]


def interrupt_all(connection: Connection) -> list[str]:
    """Mark everything that is not over as interrupted; returns the ids of those runs."""
    interrupt_sweeps(connection, FINAL)
    return interrupt_runs(connection, runs.c.status.not_in(FINAL))


def take_over(connection: Connection) -> Left:
    """Mark the sweeps that were training, and their trainings, as interrupted; the rest can be continued."""
    interrupt_sweeps(connection, [*FINAL, RunStatus.QUEUED])
    of_sweeps = runs.c.id.in_(sa.select(cells.c.run_id).where(cells.c.run_id.is_not(None)))
    interrupted = interrupt_runs(connection, runs.c.status.not_in(FINAL), of_sweeps)
    left = (
        sa.select(table.c.id).where(table.c.status.not_in(FINAL)).order_by(table.c.created_at)
        for table in (runs, sweeps)
    )
    return Left(interrupted, *(list(connection.execute(each).scalars()) for each in left))


def interrupt_runs(connection: Connection, *which: sa.ColumnElement[bool]) -> list[str]:
    """Mark these as interrupted; returns their ids."""
    left = runs.update().where(*which).values(status=RunStatus.INTERRUPTED).returning(runs.c.id)
    return list(connection.execute(left).scalars())


def check_term(connection: Connection, term: int) -> None:
    """Keep other servers from becoming the leader during this transaction. Raises NotLeader if one already is."""
    newest = connection.scalar(sa.select(leadership.c.term).with_for_update(read=True))
    # A database that was emptied is filled again by whoever led until then.
    if newest not in (None, term):
        raise NotLeader(f"this server led in term {term}, and now is term {newest}")
