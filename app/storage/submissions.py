"""Who has submitted the runs and sweeps that are not over, and how, in a table of a database, over its connection.

A row is deleted when its job is over: nothing is kept of a visitor who waits for nothing.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.engine import Connection

from app.storage.tables import submissions


class Submission(NamedTuple):
    """Of a visitor, as one is kept; to start `paused`; before all others with `priority`."""

    visitor: str = ""
    paused: bool = False
    priority: bool = False


class SubmissionRecord(NamedTuple):
    """That of the run or sweep of this id."""

    job_id: str
    submission: Submission


def write_submission(connection: Connection, record: SubmissionRecord) -> None:
    delete_submissions(connection, [record.job_id])
    row = {"job_id": record.job_id, **record.submission._asdict(), "seen_at": datetime.now(UTC)}
    connection.execute(submissions.insert(), row)


def delete_submissions(connection: Connection, job_ids: Collection[str]) -> None:
    connection.execute(submissions.delete().where(submissions.c.job_id.in_(job_ids)))


def see_submissions(connection: Connection) -> None:
    """There is a server that has all these jobs."""
    connection.execute(submissions.update().values(seen_at=datetime.now(UTC)))


def find_submissions(connection: Connection) -> dict[str, Submission]:
    """By the ids of their jobs."""
    found = connection.execute(submissions.select()).all()
    # SQLite takes anything for anything.
    return {row.job_id: Submission(str(row.visitor), bool(row.paused), bool(row.priority)) for row in found}
