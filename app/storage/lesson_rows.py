"""Lessons and their votes in the tables of a database: what is new of them, and lessons as they were saved."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.lessons.lesson import KeptLesson, Shown
from app.lessons.lessons import Lessons
from app.logs import about
from app.storage.records import DamagedRun
from app.storage.tables import lessons as lesson_table
from app.storage.tables import votes

_log = logging.getLogger(__name__)
# How much is saved of each lesson: all up to this version of it.
LessonCheckpoint = Mapping[str, int]


class LessonChange(NamedTuple):
    """Of one lesson: its row as the table of lessons has it, all its votes, and who has voted since it was saved."""

    row: dict[str, Any]
    votes: dict[str, str]
    voted: list[str]


class LessonRecords(NamedTuple):
    """What is new of all lessons, and the ids of those that have ended."""

    changed: list[LessonChange]
    ended: list[str]

    @property
    def any(self) -> bool:
        return bool(self.changed or self.ended)


def lesson_changes(lessons: Lessons, saved: LessonCheckpoint) -> tuple[LessonRecords, LessonCheckpoint]:
    """What came after a checkpoint, and the checkpoint after it."""
    kept = lessons.kept
    changed = [
        LessonChange(_row(each), dict(each.votes), lesson.voted_since(saved.get(each.id, -1)))
        for lesson, each in kept
        if lesson.version > saved.get(each.id, -1)
    ]
    after = {lesson.id: lesson.version for lesson, _ in kept}
    return LessonRecords(changed, [each for each in saved if each not in after]), after


def restore_lesson(row: Mapping[str, Any], votes: dict[str, str]) -> KeptLesson:
    """The lesson of these rows. Raises DamagedRun when they are not those of a lesson."""
    try:
        guesses = {str(key): str(label) for key, label in json.loads(row["guesses"]).items()}
        if lost := set(votes.values()) - set(guesses):
            raise ValueError(f"no guess of the lesson is {lost.pop()!a}")
        kind, result, ends_at = row["result_kind"], row["result_id"], row["ends_at"]
        if kind not in ("run", "sweep", None) or not isinstance(ends_at, datetime):
            raise ValueError(f"expected a run or a sweep, and a time, got {kind!a} and {ends_at!a}")
        of_lesson = row["id"], row["experiment"], guesses, row["owner"], row["visitor"]
        if not all(isinstance(each, str) for each in (*of_lesson[:2], *of_lesson[3:], *votes)):
            raise TypeError("expected texts")
        ends_at = ends_at if ends_at.tzinfo else ends_at.replace(tzinfo=UTC)
        shown = Shown(kind, str(result)) if kind else None
        return KeptLesson(*of_lesson, ends_at, bool(row["votes_shown"]), shown, votes)
    except Exception as problem:
        # Of any kind: the file can be changed by anyone who may write to the disk.
        raise DamagedRun(f"{type(problem).__name__}: {problem}") from problem


def _row(lesson: KeptLesson) -> dict[str, Any]:
    return {
        "id": lesson.id,
        "experiment": lesson.experiment,
        "guesses": json.dumps(lesson.guesses),
        "owner": lesson.owner,
        "visitor": lesson.visitor,
        "ends_at": lesson.ends_at,
        "votes_shown": lesson.votes_shown,
        "result_kind": lesson.result.kind if lesson.result else None,
        "result_id": lesson.result.id if lesson.result else None,
    }


def write_lessons(connection: Connection, records: LessonRecords) -> None:
    """What is new of each; all of it that is in the records if it is not there."""
    for change in records.changed:
        _write(connection, change)
    if records.ended:
        connection.execute(lesson_table.delete().where(lesson_table.c.id.in_(records.ended)))


def find_lessons(connection: Connection) -> list[KeptLesson]:
    """Those that have not ended; the others are deleted."""
    connection.execute(lesson_table.delete().where(lesson_table.c.ends_at <= datetime.now(UTC)))
    cast: dict[str, dict[str, str]] = {}
    for lesson_id, voter, choice in connection.execute(sa.select(votes.c.lesson_id, votes.c.voter, votes.c.choice)):
        cast.setdefault(lesson_id, {})[voter] = choice
    found = []
    for row in connection.execute(lesson_table.select()).mappings().all():
        try:
            found.append(restore_lesson(dict(row), cast.get(row["id"], {})))
        except DamagedRun as problem:
            _log.warning("saved lesson cannot be read", extra=about(lesson=row["id"], reason=f"{problem}"))
    return found


def _write(connection: Connection, change: LessonChange) -> None:
    lesson_id = change.row["id"]
    there = connection.execute(
        lesson_table.update().where(lesson_table.c.id == lesson_id).values(**change.row)
    ).rowcount
    if not there:
        connection.execute(lesson_table.insert(), change.row)
    voted = change.voted if there else list(change.votes)
    if voted:
        again = votes.delete().where(votes.c.lesson_id == lesson_id, votes.c.voter.in_(voted))
        connection.execute(again)
        rows = [{"lesson_id": lesson_id, "voter": voter, "choice": change.votes[voter]} for voter in voted]
        connection.execute(votes.insert(), rows)
