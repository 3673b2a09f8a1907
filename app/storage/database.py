"""The database of runs, sweeps and lessons, SQLite or PostgreSQL. It blocks: call it from a thread of your own."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url

from app.lessons.lesson import KeptLesson
from app.storage.lesson_records import LessonRecords
from app.storage.lesson_rows import find_lessons, write_lessons
from app.storage.migrate import migrate
from app.storage.records import STORED_AS, DamagedRun, Limits, Records, Unknown, pack_block, pack_snapshot
from app.storage.restore import StoredRun
from app.storage.retention import FINAL, prune
from app.storage.retention_clock import RetentionClock
from app.storage.sweep_records import StoredSweep, SweepRecords
from app.storage.sweep_rows import find_sweep, write_sweep
from app.storage.tables import log, pieces, runs, snapshots, sweeps
from app.storage.takeover import Left, check_term, interrupt_all, interrupt_runs, take_over


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

    def open(self, shared: bool = False) -> list[str]:
        """Migrate the tables, and mark as interrupted what the last server left unfinished.

        Returns the ids of those runs. Raises Damaged, and writes nothing, if the file is damaged. `shared` with other
        servers: their runs stay as they are until this server is to `lead`.
        """
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if self._file.exists():
                self._check(self._file)
        with self._writing.begin() as connection:
            migrate(connection)
            interrupted = [] if shared else interrupt_all(connection)
            self._clock = _clock_of(connection)
        self._opened = self._identity()
        return interrupted

    def lead(self, term: int) -> Left:
        """Write as the leader in this term from now on. Raises NotLeader if another server leads.

        Returns what the last leader left unfinished.
        """
        self._term = term
        with self._writing.begin() as connection:
            check_term(connection, term)
            return take_over(connection)

    def interrupt(self, run_ids: Sequence[str]) -> None:
        """Mark these, which cannot be continued, as interrupted."""
        with self._writing.begin() as connection:
            self._check_term(connection)
            interrupt_runs(connection, runs.c.id.in_(run_ids))

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

    def write(self, records: Sequence[Records | SweepRecords | LessonRecords]) -> None:
        """Write all or nothing. Raises Unknown if what is stored of a run is not what these records follow."""
        if self._opened != self._identity():
            # SQLite would go on writing to a file that was taken away.
            self._engine.dispose()
            self.open()
        with self._writing.begin() as connection:
            self._check_term(connection)
            for each in records:
                if isinstance(each, LessonRecords):
                    write_lessons(connection, each)
                    continue
                if isinstance(each, SweepRecords):
                    write_sweep(connection, each, self.digits)
                    continue
                try:
                    self._write(connection, each)
                except sa.exc.IntegrityError as problem:
                    # It is there already: the connection was lost in the moment of committing.
                    if each.whole:
                        raise
                    raise Unknown(each.run_id) from problem

    def find(self, run_id: str) -> tuple[StoredRun, bool] | None:
        """The records of a run, and whether it learned this server's digits. Raises DamagedRun if it can't be read."""
        try:
            return self._find(run_id)
        except (AttributeError, TypeError, ValueError) as problem:
            # A time that is none, in a file of SQLite, which takes anything for anything.
            raise DamagedRun(str(problem)) from problem

    def _find(self, run_id: str) -> tuple[StoredRun, bool] | None:
        with self._engine.connect() as connection:
            row = connection.execute(runs.select().where(runs.c.id == run_id)).one_or_none()
            if row is None:
                return None
            events = connection.execute(sa.select(log.c.event).where(log.c.run_id == run_id).order_by(log.c.number))
            columns = connection.execute(
                sa.select(pieces.c.kind, pieces.c.lane, pieces.c.columns)
                .where(pieces.c.run_id == run_id)
                .order_by(pieces.c.kind, pieces.c.lane, pieces.c.first)
            )
            newest = connection.execute(
                sa.select(snapshots.c.lane, snapshots.c.kind, snapshots.c.step, snapshots.c.data).where(
                    snapshots.c.run_id == run_id
                )
            )
            kept = StoredRun(
                row.id,
                row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC),
                row.config,
                row.owner,
                row.per_epoch,
                list(events.scalars()),
                list(map(tuple, columns)),
                list(map(tuple, newest)),
            )
            return kept, row.digits in (self.digits, self.former_digits)

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
            for pragma in ("journal_mode=DELETE", "auto_vacuum=NONE", "page_size=1024"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.execute("VACUUM")

    def _write(self, connection: Connection, records: Records) -> None:
        packed = [pack_block(block) for block in records.blocks]
        newest = [pack_snapshot(snapshot) for snapshot in records.snapshots]
        size = sum(map(len, [*records.log, *packed, *newest]))
        if records.whole:
            connection.execute(runs.delete().where(runs.c.id == records.run_id))
            row = {**records.row, "id": records.run_id, "digits": self.digits, "bytes": size}
            connection.execute(runs.insert(), row)
        else:
            changed = connection.execute(
                runs.update()
                .where(runs.c.id == records.run_id)
                .values(status=records.row["status"], bytes=runs.c.bytes + size)
            )
            if changed.rowcount == 0:
                raise Unknown(records.run_id)
        of_run: dict[str, Any] = {"run_id": records.run_id}
        for number, event in enumerate(records.log, start=records.first_event):
            connection.execute(log.insert(), {**of_run, "number": number, "event": event})
        for block, data in zip(records.blocks, packed, strict=True):
            place = {"lane": block.lane, "kind": STORED_AS[block.kind], "first": block.first}
            connection.execute(pieces.insert(), {**of_run, **place, "columns": data})
        for snapshot, data in zip(records.snapshots, newest, strict=True):
            of_lane: dict[str, Any] = {**of_run, "lane": snapshot.lane, "kind": snapshot.kind}
            this = [snapshots.c[name] == value for name, value in of_lane.items()]
            if before := connection.scalar(sa.select(sa.func.length(snapshots.c.data)).where(*this)):
                connection.execute(snapshots.delete().where(*this))
                connection.execute(runs.update().where(runs.c.id == records.run_id).values(bytes=runs.c.bytes - before))
            connection.execute(snapshots.insert(), {**of_lane, "step": snapshot.step, "data": data})


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
