"""Lessons and their votes in the tables of a database, over its connection."""

import logging
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.lessons.lesson import KeptLesson
from app.logs import about
from app.storage.lesson_records import LessonChange, LessonRecords, restore_lesson
from app.storage.records import DamagedRun
from app.storage.tables import lessons, votes

_log = logging.getLogger(__name__)


def write_lessons(connection: Connection, records: LessonRecords) -> None:
    """What is new of each; all of it that is in the records if it is not there."""
    for change in records.changed:
        _write(connection, change)
    if records.ended:
        connection.execute(lessons.delete().where(lessons.c.id.in_(records.ended)))


def find_lessons(connection: Connection) -> list[KeptLesson]:
    """Those that have not ended; the others are deleted."""
    connection.execute(lessons.delete().where(lessons.c.ends_at <= datetime.now(UTC)))
    cast: dict[str, dict[str, str]] = {}
    for lesson_id, voter, choice in connection.execute(sa.select(votes.c.lesson_id, votes.c.voter, votes.c.choice)):
        cast.setdefault(lesson_id, {})[voter] = choice
    found = []
    for row in connection.execute(lessons.select()).mappings().all():
        try:
            found.append(restore_lesson(dict(row), cast.get(row["id"], {})))
        except DamagedRun as problem:
            _log.warning("saved lesson cannot be read", extra=about(lesson=row["id"], reason=f"{problem}"))
    return found


def _write(connection: Connection, change: LessonChange) -> None:
    lesson_id = change.row["id"]
    there = connection.execute(lessons.update().where(lessons.c.id == lesson_id).values(**change.row)).rowcount
    if not there:
        connection.execute(lessons.insert(), change.row)
    voted = change.voted if there else list(change.votes)
    if voted:
        again = votes.delete().where(votes.c.lesson_id == lesson_id, votes.c.voter.in_(voted))
        connection.execute(again)
        rows = [{"lesson_id": lesson_id, "voter": voter, "choice": change.votes[voter]} for voter in voted]
        connection.execute(votes.insert(), rows)
