"""Lessons that last: found again with their votes, deleted when they have ended, or with what they were answered by."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.lessons.lesson import KeptLesson, Shown
from app.lessons.lessons import LIVES_S, Lessons
from app.storage.backup import back_up, restore
from app.storage.database import Database
from app.storage.lesson_rows import lesson_changes, restore_lesson, write_lessons
from app.storage.records import DamagedRun, Limits
from app.storage.tables import lessons as lesson_table
from app.storage.tables import votes as vote_table
from tests.storage.test_database import database, run_of, write

__all__ = ["database"]

GUESSES = {"adam": "Adam", "sgd": "SGD"}
ROW = {
    "id": "a-lesson",
    "experiment": "pulls-ahead",
    "guesses": '{"adam": "Adam", "sgd": "SGD"}',
    "owner": "owner",
    "visitor": "visitor",
    "ends_at": datetime(2030, 1, 1, tzinfo=UTC),
    "votes_shown": True,
    "result_kind": "run",
    "result_id": "a-run",
}


def saved(database, lessons: Lessons, before=None) -> dict[str, int]:
    records, after = lesson_changes(lessons, before or {})
    database.write([records])
    return after


def found(database) -> Lessons:
    again = Lessons()
    again.restore(database.find_lessons())
    return again


def started(lessons: Lessons):
    return lessons.start("pulls-ahead", GUESSES, "owner", "visitor", "address")


def test_a_lesson_is_found_as_it_was_with_every_vote(database):
    lessons = Lessons()
    lesson = started(lessons)
    lesson.vote("one", "adam")
    mark = saved(database, lessons)
    lesson.vote("one", "sgd")
    lesson.vote("two", "adam")
    lesson.show_votes(True)
    mark = saved(database, lessons, mark)
    lesson.reveal(Shown("run", "a-run"))
    saved(database, lessons, mark)

    again = found(database).find(lesson.id)

    assert again.describe() == lesson.describe()
    assert (again.owner, again.votes) == ("owner", {"one": "sgd", "two": "adam"})


def test_only_what_is_new_is_written(database):
    lessons = Lessons()
    lesson, other = started(lessons), started(lessons)
    lesson.vote("one", "adam")
    _, mark = lesson_changes(lessons, {})
    assert not lesson_changes(lessons, mark)[0].any

    lesson.vote("two", "sgd")

    [changed] = lesson_changes(lessons, mark)[0].changed
    assert (changed.row["id"], changed.voted) == (lesson.id, ["two"])
    assert other.id in mark


def test_a_database_that_was_emptied_gets_all_of_it(database):
    lessons = Lessons()
    lesson = started(lessons)
    lesson.vote("one", "adam")
    mark = saved(database, lessons)
    with database._engine.begin() as connection:
        connection.execute(lesson_table.delete())

    lesson.vote("two", "sgd")
    saved(database, lessons, mark)

    assert found(database).find(lesson.id).votes == {"one": "adam", "two": "sgd"}


def test_one_that_has_ended_is_deleted_with_its_votes(database, monkeypatch):
    lessons = Lessons()
    lesson, stays = started(lessons), started(lessons)
    lesson.vote("one", "adam")
    stays.vote("one", "adam")
    mark = saved(database, lessons)

    lessons._end(lesson)
    saved(database, lessons, mark)

    assert [kept.id for kept in database.find_lessons()] == [stays.id]
    with database._engine.connect() as connection:
        assert list(connection.execute(sa.select(vote_table.c.lesson_id)).scalars()) == [stays.id]
    with database._engine.begin() as connection:
        connection.execute(lesson_table.update().values(ends_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert database.find_lessons() == []
    with database._engine.connect() as connection:
        assert [*connection.execute(lesson_table.select()), *connection.execute(vote_table.select())] == []


def test_a_lesson_goes_with_the_run_that_answers_it(database):
    lessons = Lessons()
    goes, stays = started(lessons), started(lessons)
    write(database, run_of("old", days_ago=9), run_of("new"))
    goes.reveal(Shown("run", "old"))
    stays.reveal(Shown("run", "new"))
    saved(database, lessons)

    gone = database.prune(Limits(days=5, runs=10, megabytes=10))
    for run_id in gone:
        lessons.end_with(run_id)

    assert [kept.id for kept in database.find_lessons()] == [stays.id]
    assert [lesson.id for lesson, _ in lessons.kept] == [stays.id]


def test_who_started_how_many_is_known_to_the_next_server(database):
    lessons = Lessons()
    started(lessons)
    saved(database, lessons)

    [kept] = found(database).kept

    assert kept[1].visitor == "visitor"


@pytest.mark.parametrize(("hours", "left_s"), [(-1, 0), (1, 3600), (9000, LIVES_S)])
def test_a_lesson_lives_no_longer_than_its_hours_whatever_the_clock_says(hours, left_s, monkeypatch):
    monkeypatch.setattr("app.lessons.lessons.monotonic", lambda: 100.0)
    lessons = Lessons()
    kept = KeptLesson("id", "pulls-ahead", GUESSES, "", "", datetime.now(UTC) + timedelta(hours=hours), False, None, {})

    lessons.restore([kept])

    assert lessons._held["id"].ends == pytest.approx(100 + left_s, abs=60)


@pytest.mark.slow
def test_a_copy_has_the_lessons_and_brings_them_back(tmp_path):
    lessons, file, copy = Lessons(), tmp_path / "runs.db", tmp_path / "copy.db"
    lesson = started(lessons)
    lesson.vote("one", "sgd")
    before = Database(file, "digits")
    before.open()
    saved(before, lessons)
    back_up(file, copy)
    lesson.vote("two", "adam")
    saved(before, lessons)
    before.close()

    restore(copy, file)

    after = Database(file, "digits")
    after.open()
    assert found(after).find(lesson.id).votes == {"one": "sgd"}
    after.close()


def test_rows_are_a_lesson_again():
    kept = restore_lesson(ROW, {"one": "sgd"})

    assert (kept.result, kept.votes_shown, kept.votes) == (Shown("run", "a-run"), True, {"one": "sgd"})


@pytest.mark.parametrize(
    "damage",
    [
        {"guesses": "{"},
        {"guesses": "[]"},
        {"ends_at": "soon"},
        {"owner": None},
        {"result_kind": "race"},
        {"visitor": 5},
    ],
)
def test_damaged_rows_are_reported(damage):
    with pytest.raises(DamagedRun):
        restore_lesson(ROW | damage, {})


@pytest.mark.parametrize("votes", [{"one": "lion"}, {5: "adam"}])
def test_a_vote_that_cannot_be_is_damage(votes):
    with pytest.raises(DamagedRun):
        restore_lesson(ROW, votes)


def test_a_lesson_that_cannot_be_read_keeps_no_other_from_being_found(database):
    lessons = Lessons()
    broken, whole = started(lessons), started(lessons)
    saved(database, lessons)
    with database._engine.begin() as connection:
        connection.execute(lesson_table.update().where(lesson_table.c.id == broken.id).values(guesses="{"))

    assert [kept.id for kept in database.find_lessons()] == [whole.id]


def test_a_class_that_votes_at_once_is_one_transaction(database):
    lessons = Lessons()
    lesson = started(lessons)
    mark = saved(database, lessons)
    for number in range(300):
        lesson.vote(f"browser {number}", "adam")
    records, _ = lesson_changes(lessons, mark)
    statements = []
    sa.event.listen(database._engine, "before_cursor_execute", lambda *about: statements.append(about[2]))

    with database._writing.begin() as connection:
        write_lessons(connection, records)

    assert len(found(database).find(lesson.id).votes) == 300
    assert sum(text.startswith("INSERT") for text in statements) == 1
