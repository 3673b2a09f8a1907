"""The tables of stored runs, on SQLite and on PostgreSQL: from the first version up, and never more than is kept."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from app.config import RunConfig
from app.events import LaneEnded, LaneStatus, RunStarted, RunStatus
from app.runs.run import Run
from app.storage import database as module
from app.storage.database import Database
from app.storage.migrate import NEWEST_VERSION
from app.storage.records import Limits, Unknown, changes_since, digits_of
from app.storage.retention import FINAL
from app.storage.tables import metadata

CONFIG = RunConfig.of({"hidden": [4]})
LABELS = np.arange(20, dtype=np.uint8) % 10
NO_LIMITS = Limits(days=1_000, runs=1_000, megabytes=1_000)


@pytest.fixture
def database(database_url):
    database = Database(database_url.replace("postgresql://", "postgresql+psycopg://"), digits_of(LABELS))
    database.open()
    yield database
    database.close()


def run_of(run_id: str, days_ago: float = 0, over: bool = True) -> Run:
    created_at = datetime.now(UTC) - timedelta(days=days_ago)
    run = Run(run_id, CONFIG, LABELS, 937, owner="", created_at=created_at)
    run.apply(RunStarted("whole"))
    if over:
        for lane in range(3):
            run.apply(LaneEnded(lane, LaneStatus.STOPPED, 0))
    return run


def write(database: Database, *runs: Run) -> None:
    database.write([changes_since(run, None)[0] for run in runs])


def ids(database: Database, *runs: Run) -> list[str]:
    return [run.id for run in runs if database.find(run.id)]


def rows(database: Database) -> dict[str, int]:
    with database._engine.connect() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in metadata.sorted_tables
        }


def test_the_migrations_make_the_tables_that_the_code_speaks_of(database):
    scripts = ScriptDirectory(str(Path(module.__file__).parent / "migrations"))
    assert scripts.get_current_head() == NEWEST_VERSION

    inspector = sa.inspect(database._engine)
    made = {
        name: {column["name"] for column in inspector.get_columns(name)}
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }
    assert made == {table.name: {column.name for column in table.columns} for table in metadata.sorted_tables}


def test_opening_again_changes_nothing(database, database_url):
    write(database, run_of("over"))
    before = rows(database)

    database.open()

    assert rows(database) == before


def test_a_migration_that_breaks_off_leaves_nothing_half_done(database_url, monkeypatch):
    broken = Database(database_url.replace("postgresql://", "postgresql+psycopg://"), digits_of(LABELS))

    def create_some_and_break(connection: sa.Connection) -> None:
        metadata.tables["runs"].create(connection)
        raise RuntimeError("the power is gone")

    monkeypatch.setattr(module, "migrate", create_some_and_break)
    with pytest.raises(RuntimeError):
        broken.open()
    monkeypatch.undo()

    broken.open()
    write(broken, run_of("first"))
    assert broken.find("first")
    broken.close()


def test_what_was_racing_when_a_server_ended_is_interrupted_at_the_next_start(database):
    racing, over = run_of("racing", over=False), run_of("over")
    write(database, racing, over)

    found = database.open()

    with database._engine.connect() as connection:
        told = dict(connection.execute(sa.select(module.runs.c.id, module.runs.c.status)).all())
    assert told == {"racing": "interrupted", "over": "stopped"}
    assert found.interrupted == ["racing"]
    assert database.open().interrupted == []


def test_the_statuses_that_are_final_are_those_of_a_run():
    assert set(FINAL) == {status for status in RunStatus if status.final}


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        (NO_LIMITS, ["old", "middle", "new", "racing"]),
        (NO_LIMITS._replace(days=5), ["middle", "new", "racing"]),
        (NO_LIMITS._replace(runs=1), ["new", "racing"]),
        (NO_LIMITS._replace(megabytes=0), ["racing"]),
    ],
    ids=["all", "days", "runs", "megabytes"],
)
def test_the_oldest_runs_go_first_and_none_that_races(database, limits, kept):
    runs = [run_of("old", 9), run_of("middle", 4), run_of("new", 1), run_of("racing", 10, over=False)]
    write(database, *runs)

    assert len(database.prune(limits)) == len(runs) - len(kept)

    assert ids(database, *runs) == kept
    assert rows(database)["runs"] == len(kept)
    assert rows(database)["log"] == sum(len(run.log) for run in runs if run.id in kept)


MONTH = NO_LIMITS._replace(days=30)
YEARS_S = 74 * 365.25 * 86_400


@pytest.mark.parametrize("jump_s", [YEARS_S, -YEARS_S], ids=["ahead", "back"])
def test_a_clock_that_is_set_makes_no_run_older(database, monkeypatch, jump_s):
    kept, too_old = run_of("kept", 29), run_of("old", 31)
    write(database, kept, too_old)
    of_day = time.time() + jump_s
    monkeypatch.setattr(time, "time", lambda: of_day)
    # What is raced while the clock is wrong has its date.
    write(database, run_of("jumped", -jump_s / 86_400))

    database.prune(MONTH)

    assert ids(database, kept, too_old) == ["kept"]


@pytest.mark.parametrize("jump_s", [YEARS_S, -YEARS_S], ids=["ahead", "back"])
def test_a_server_that_starts_with_a_wrong_clock_forgets_nothing_that_would_stay(database, monkeypatch, jump_s):
    kept = run_of("kept", 28), run_of("newest", 0)
    write(database, *kept)
    of_day = time.time() + jump_s
    monkeypatch.setattr(time, "time", lambda: of_day)

    database.open()
    database.prune(MONTH)

    assert ids(database, *kept) == ["kept", "newest"]


def test_runs_from_a_clock_that_was_ahead_make_no_other_older(database):
    runs = run_of("kept", 28), run_of("old", 31), run_of("future", -27_000), run_of("today", 0)
    write(database, *runs)

    database.open()
    database.prune(MONTH)

    assert ids(database, *runs) == ["kept", "future", "today"]


def test_a_run_grows_old_while_the_server_goes_on(database, monkeypatch):
    run = run_of("run", 29)
    write(database, run)
    database.open()
    later = time.monotonic() + 30 * 86_400
    monkeypatch.setattr(time, "monotonic", lambda: later)

    assert database.prune(MONTH) == ["run"]


def test_room_is_counted_in_what_is_stored(database):
    runs = [run_of(str(days), days) for days in range(6)]
    write(database, *runs)
    with database._engine.connect() as connection:
        size = connection.scalar(sa.select(sa.func.max(module.runs.c.bytes)))

    database.prune(NO_LIMITS._replace(megabytes=3.5 * size / 1e6))

    assert ids(database, *runs) == ["0", "1", "2"]


def test_continuing_an_unknown_run_raises(database):
    run = run_of("lost", over=False)
    _, mark = changes_since(run, None)
    run.apply(LaneEnded(0, LaneStatus.STOPPED, 0))

    with pytest.raises(Unknown) as lost:
        database.write([changes_since(run, mark)[0]])

    assert lost.value.run_id == "lost"


def test_writing_rows_twice_raises(database):
    run = run_of("twice", over=False)
    write(database, run)
    _, mark = changes_since(run, None)
    run.apply(LaneEnded(0, LaneStatus.STOPPED, 0))
    more, _ = changes_since(run, mark)
    database.write([more])

    with pytest.raises(Unknown):
        database.write([more])

    write(database, run)
    assert rows(database)["log"] == len(run.log)


def test_a_run_of_other_digits_comes_without_its_answers(database):
    write(database, run_of("ours"))
    kept, same_digits = database.find("ours")
    assert (kept.run_id, same_digits) == ("ours", True)

    database.digits = "others"

    assert database.find("ours")[1] is False


def test_runs_that_an_earlier_version_stored_keep_their_answers(database):
    """Older versions distinguished data sets only by their labels."""
    write(database, run_of("before"))

    database.digits, database.former_digits = digits_of(LABELS, np.zeros((20, 784), np.uint8)), digits_of(LABELS)

    assert database.find("before")[1] is True
