"""The database of runs, sweeps and lessons, SQLite or PostgreSQL. It blocks: call it from a thread of your own."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url

from app.lessons.lesson import KeptLesson
from app.storage.lesson_rows import LessonRecords, find_lessons, write_lessons
from app.storage.migrate import migrate
from app.storage.records import DamagedRun, Limits, Records, Unknown
from app.storage.restore import StoredRun
from app.storage.retention import FINAL, prune
from app.storage.retention_clock import RetentionClock
from app.storage.run_rows import find_run, write_run
from app.storage.submissions import SubmissionRecord, delete_submissions, see_submissions, write_submission
from app.storage.sweep_records import StoredSweep, SweepRecords
from app.storage.sweep_rows import find_sweep, interrupt_sweeps, write_sweep
from app.storage.tables import leadership, lessons, runs, servers, submissions, sweeps, votes
from app.storage.takeover import Left, check_term, interrupt_all, interrupt_runs, take_over

# What a file of runs and sweeps that are over, which is only read, has no use for.
OF_SERVERS = (votes, lessons, submissions, servers, leadership)
# Which jobs this server has is noted so often.
SEE_EVERY_S = 10.0


class Damaged(Exception):
    """The SQLite file is damaged: nothing is read from it or written to it."""


class Database:
    """`where` is an SQLite file or an SQLAlchemy URL; `digits` identifies the data set that runs learn.

    Older versions stored `former_digits` instead, if that is given.
    """

    def __init__(self, where: str | sa.URL | Path, digits: str, former_digits: str | None = None) -> None:
        self.digits, self.former_digits = digits, former_digits
        parts = sa.URL.create("sqlite", database=str(where)) if isinstance(where, Path) else make_url(where)
        sqlite = parts.get_backend_name() == "sqlite"
        if sqlite:
            arguments: dict[str, Any] = {"timeout": 5}
        else:
            arguments = {"connect_timeout": 5, "options": "-c statement_timeout=5000"}
        self._engine = sa.create_engine(parts, connect_args=arguments, pool_pre_ping=not sqlite)
        self._file = Path(parts.database) if sqlite and parts.database and "mode" not in parts.query else None
        if self._file:
            sa.event.listen(self._engine, "connect", _configure_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)
        self._writing = self._engine.execution_options(writes=True)
        self._opened: tuple[int, int] | None = None
        # Of a server that shares the database with others: in which it leads.
        self._term: int | None = None
        self._clock = RetentionClock()
        self._see_at = 0.0

    def open(self, shared: bool = False, seen_since: datetime | None = None) -> Left:
        """Bring the tables to the newest version, and call interrupted what was left when the server before ended.

        Returns what that is, and which sweeps are to be gone on with: those that a server was seen to have since a
        moment. Raises Damaged, and writes nothing, if a file is not whole. If it is `shared` with other servers, what
        they have begun stays as it is until this one is to `lead`.
        """
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if self._file.exists():
                self._check(self._file)
        with self._writing.begin() as connection:
            migrate(connection)
            left = Left([], [], [], {})
            if not shared:
                left = take_over(connection, seen_since, False) if seen_since else interrupt_all(connection)
            self._clock = _clock_of(connection)
        self._opened = self._identity()
        return left

    def lead(self, term: int, seen_since: datetime) -> Left:
        """From now on, write as the server that leads in this term. Raises NotLeader if it does not any more.

        Returns what the server before has left; sweeps as at `open`.
        """
        self._term = term
        with self._writing.begin() as connection:
            check_term(connection, term)
            return take_over(connection, seen_since, runs_go_on=True)

    def interrupt(self, kept_ids: Sequence[str]) -> None:
        """These runs and sweeps can't be gone on with."""
        with self._writing.begin() as connection:
            self._check_term(connection)
            interrupt_runs(connection, runs.c.id.in_(kept_ids))
            interrupt_sweeps(connection, sweeps.c.id.in_(kept_ids))
            delete_submissions(connection, kept_ids)

    def is_over(self, kept_id: str) -> bool:
        """Whether a run or sweep is over, or not stored at all."""
        kept = [sa.select(table.c.status).where(table.c.id == kept_id) for table in (runs, sweeps)]
        with self._engine.connect() as connection:
            return set(connection.execute(sa.union(*kept)).scalars()) <= set(FINAL)

    def _check(self, file: Path) -> None:
        """Check the file, in the thread that opens it: 100 MB take some tenths of a second."""
        try:
            # Read-only: closing would otherwise bring a log that belongs to another file into this one for good.
            with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
                [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as problem:
            found = str(problem)
        if found != "ok":
            raise Damaged(
                f"{file} is damaged ({' '.join(found.split())}): stop the server and put a copy back with "
                "`playground restore`, or move the file and what lies beside it away"
            )

    def _identity(self) -> tuple[int, int] | None:
        """The identity of the file at this path."""
        if not self._file or not self._file.exists():
            return None
        there = self._file.stat()
        return there.st_dev, there.st_ino

    def close(self) -> None:
        self._engine.dispose()

    def write(self, records: Sequence[Records | SweepRecords | LessonRecords | SubmissionRecord]) -> None:
        """All or nothing. Raises Unknown when what is there of a run is not what came before."""
        if self._opened != self._identity():
            # SQLite would go on writing to a file that was taken away.
            self._engine.dispose()
            self.open()
        with self._writing.begin() as connection:
            self._check_term(connection)
            for each in records:
                match each:
                    case LessonRecords():
                        write_lessons(connection, each)
                    case SubmissionRecord():
                        write_submission(connection, each)
                    case SweepRecords():
                        write_sweep(connection, each, self.digits)
                    case Records():
                        self._write(connection, each)
            if over := list(filter(None, map(_over, records))):
                delete_submissions(connection, over)
            if monotonic() >= self._see_at:
                see_submissions(connection)
                self._see_at = monotonic() + SEE_EVERY_S

    def find(self, run_id: str) -> tuple[StoredRun, bool] | None:
        """The records of a run, and whether it learned this server's digits. Raises DamagedRun if it can't be read."""
        try:
            return self._find(run_id)
        except (AttributeError, TypeError, ValueError) as problem:
            # A time that is none, in a file of SQLite, which takes anything for anything.
            raise DamagedRun(str(problem)) from problem

    def _find(self, run_id: str) -> tuple[StoredRun, bool] | None:
        with self._engine.connect() as connection:
            found = find_run(connection, run_id)
        return found and (found[0], found[1] in (self.digits, self.former_digits))

    def find_sweep(self, sweep_id: str) -> tuple[StoredSweep, bool] | None:
        """The same for a sweep."""
        with self._engine.connect() as connection:
            found = find_sweep(connection, sweep_id)
        return found and (found, found.digits in (self.digits, self.former_digits))

    def find_lessons(self) -> list[KeptLesson]:
        """Those that have not ended; the others are deleted."""
        with self._writing.begin() as connection:
            self._check_term(connection)
            return find_lessons(connection)

    def prune(self, limits: Limits) -> list[str]:
        """Delete what exceeds the limits; returns the ids of those runs and sweeps."""
        with self._writing.begin() as connection:
            self._check_term(connection)
            gone = prune(connection, limits, self._clock.now() - timedelta(days=limits.days))
        if gone and self._file:
            with self._engine.connect() as connection:
                # Gives the room back to the disk.
                connection.connection.cursor().execute("PRAGMA incremental_vacuum").fetchall()
        return gone

    def _check_term(self, connection: Connection) -> None:
        if self._term is not None:
            check_term(connection, self._term)

    def single_file(self) -> None:
        """Make it one small file without companions, which can be read from a read-only folder."""
        with self._engine.connect() as connection:
            cursor = connection.connection.cursor()
            # Every table and index takes whole pages, even an empty one, and nothing will be deleted that leaves room.
            for table in OF_SERVERS:
                cursor.execute(f"DROP TABLE {table.name}")
            for pragma in ("journal_mode=DELETE", "auto_vacuum=NONE", "page_size=1024"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.execute("VACUUM")

    def _write(self, connection: Connection, records: Records) -> None:
        try:
            write_run(connection, records, self.digits)
        except sa.exc.IntegrityError as problem:
            # It is there already: the connection was lost in the moment of committing.
            if records.whole:
                raise
            raise Unknown(records.run_id) from problem


def _over(records: Any) -> str | None:
    """The id of what these are of, if it is over."""
    match records:
        case Records(run_id=kept_id, row=row) | SweepRecords(sweep_id=kept_id, row=row):
            return str(kept_id) if row["status"] in FINAL else None
    return None


def _configure_sqlite(connection: Any, _: object) -> None:
    # Transactions are begun below: the driver would leave the making of tables out of them.
    connection.isolation_level = None
    cursor = connection.cursor()
    # A killed server loses nothing that was written; a machine that loses power may lose the last moments.
    for pragma in ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # Two that have read and then want to write would wait for each other.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _clock_of(connection: Connection) -> RetentionClock:
    clock = RetentionClock()
    # A time that is none, in a file of SQLite, is no reason to stay closed.
    with suppress(TypeError, ValueError):
        if newest := connection.scalar(
            sa.select(sa.func.max(runs.c.created_at)).where(runs.c.created_at <= clock.now())
        ):
            clock.begin_after(newest)
    return clock
