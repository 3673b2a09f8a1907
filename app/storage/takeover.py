"""What a server does, over its connection, with the runs and sweeps that the one before it has left."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.events import RunStatus
from app.storage.retention import FINAL
from app.storage.submissions import Submission, delete_submissions, find_submissions
from app.storage.sweep_rows import interrupt_sweeps, tell_anew
from app.storage.tables import cells, leadership, runs, submissions, sweeps
from app.sweeps.sweep import VERSIONS_PER_SERVER

MOST_SERVERS = 10


class NotLeader(Exception):
    """Another server is the leader, and writes to this database."""


class Left(NamedTuple):
    """Ids of what was not over, the first first: runs that are interrupted now; runs, and sweeps, to be gone on with.

    With these, as far as it is known, who has submitted them.
    """

    interrupted: list[str]
    runs: list[str]
    sweeps: list[str]
    submissions: dict[str, Submission]


def interrupt_all(connection: Connection) -> Left:
    """Call interrupted all that is not over."""
    interrupt_sweeps(connection, sweeps.c.status.not_in(FINAL))
    return Left(interrupt_runs(connection, runs.c.status.not_in(FINAL)), [], [], {})


def take_over(connection: Connection, seen_since: datetime, runs_go_on: bool) -> Left:
    """Call interrupted the trainings of sweeps, and all runs unless these `runs_go_on`.

    So are sweeps that were to stop, that no server was seen to have since a moment, or that so many servers have not
    brought to an end: one of them may be what ended these. The others are gone on with.
    """
    seen = sa.select(submissions.c.job_id).where(submissions.c.seen_at >= seen_since)
    given_up = sweeps.c.version >= MOST_SERVERS * VERSIONS_PER_SERVER
    ends = sa.or_(sweeps.c.status == RunStatus.STOPPING, sweeps.c.id.not_in(seen), given_up)
    interrupt_sweeps(connection, sweeps.c.status.not_in(FINAL), ends)
    tell_anew(connection, sweeps.c.status.not_in(FINAL))
    trainings = runs.c.id.in_(sa.select(cells.c.run_id).where(cells.c.run_id.is_not(None)))
    which = [trainings] if runs_go_on else []
    interrupted = interrupt_runs(connection, runs.c.status.not_in(FINAL), *which)
    left_runs, left_sweeps = _not_over(connection, runs), _not_over(connection, sweeps)
    submitted = find_submissions(connection)
    delete_submissions(connection, set(submitted) - {*left_runs, *left_sweeps})
    return Left(interrupted, left_runs, left_sweeps, submitted)


def _not_over(connection: Connection, table: sa.Table) -> list[str]:
    ids = sa.select(table.c.id).where(table.c.status.not_in(FINAL)).order_by(table.c.created_at)
    return list(connection.execute(ids).scalars())


def interrupt_runs(connection: Connection, *which: sa.ColumnElement[bool]) -> list[str]:
    """Mark these as interrupted; returns their ids."""
    left = runs.update().where(*which).values(status=RunStatus.INTERRUPTED).returning(runs.c.id)
    return list(connection.execute(left).scalars())


def check_term(connection: Connection, term: int) -> None:
    """Keep other servers from becoming the leader during this transaction. Raises NotLeader if one already is."""
    newest = connection.scalar(sa.select(leadership.c.term).with_for_update(read=True))
    # A database that was emptied is filled again by the server that led until then.
    if newest not in (None, term):
        raise NotLeader(f"this server led in term {term}, and now is term {newest}")
