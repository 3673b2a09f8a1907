"""Backs up the SQLite file of a server, which may be running, and restores it when none is.

The files beside it belong to it: SQLite's write-ahead log holds what is not yet in the file, and would damage another
file that took its place.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from app.errors import BadDatabaseUrl
from app.settings import Settings
from app.storage.location import location
from app.storage.migrate import NEWEST_VERSION

BESIDE = ("-wal", "-shm", "-journal")
# The bytes that SQLite locks, whatever the file holds: https://www.sqlite.org/fileformat2.html#the_lock_byte_page
LOCK_BYTES, LOCKED = 512, 0x40000000


def database_file(settings: Settings) -> Path:
    """The path of the SQLite file. Raises BadDatabaseUrl, with what to do instead, where another database is used."""
    where = location(settings)
    if where is None:
        raise BadDatabaseUrl("DATABASE_URL is empty: runs are kept in memory alone, and there is nothing to copy.")
    if isinstance(where, Path):
        return where
    url = make_url(where)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BadDatabaseUrl("Runs are kept in PostgreSQL: copy them with pg_dump, and put them back with pg_restore.")
    return Path(url.database)


def back_up(database: Path, copy: Path) -> int:
    """Write `copy` as one file, while a server may go on; returns how many runs are in it.

    Raises BadDatabaseUrl if there is nothing to copy, it is damaged, or the copy can't be written.
    """
    if not database.is_file():
        raise BadDatabaseUrl(f"{database} is not there: no server has kept runs in it yet, or RUNS_DIR is another.")
    if copy.exists() and copy.samefile(database):
        raise BadDatabaseUrl(f"{copy} is the file that runs are kept in; name another one for the copy.")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    try:
        runs = _copied(database, unfinished)
        unfinished.replace(copy)
    except (sqlite3.Error, OSError) as problem:
        raise BadDatabaseUrl(f"{database} could not be copied to {copy}: {problem}.") from problem
    finally:
        unfinished.unlink(missing_ok=True)
    return runs


def restore(copy: Path, database: Path) -> tuple[int, Path | None]:
    """Replace `database` by a copy; returns how many runs are in it, and where the replaced file is now.

    Raises BadDatabaseUrl, and changes nothing, if the copy is invalid or a server uses the database.
    """
    if not copy.is_file():
        raise BadDatabaseUrl(f"{copy} is not there; name a file that `playground backup` has written.")
    if database.exists() and copy.samefile(database):
        raise BadDatabaseUrl(f"{copy} is the file that runs are kept in; name a copy of it.")
    unfinished = database.with_name(f"{database.name}.unfinished")
    before = _free(f"{database}.before-restore")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        runs = _copied(copy, unfinished)
        with _unused(database):
            existed = database.exists()
            for end in (*BESIDE, ""):
                if (old := Path(f"{database}{end}")).exists():
                    old.replace(f"{before}{end}")
                else:
                    Path(f"{before}{end}").unlink(missing_ok=True)
            unfinished.replace(database)
    except (sqlite3.Error, OSError) as problem:
        raise BadDatabaseUrl(f"{copy} could not be put in the place of {database}: {problem}.") from problem
    finally:
        unfinished.unlink(missing_ok=True)
    return runs, before if existed else None


def _free(name: str) -> Path:
    """A path that does not exist: this one, or with a number appended, as earlier restores kept files, too."""
    names = (f"{name}{number}" for number in ("", *(f"-{i}" for i in range(2, 10_000))))
    return next(path for path in map(Path, names) if not path.exists())


def _copied(source: Path, target: Path) -> int:
    """How many runs are in the copy, after checking it and its tables, and syncing it to disk."""
    target.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        # One file, without companions.
        new.execute("PRAGMA journal_mode=DELETE")
        if (found := new.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise BadDatabaseUrl(f"{source} is damaged: {found}.")
        try:
            [version] = new.execute("SELECT version_num FROM alembic_version").fetchone()
            [runs] = new.execute("SELECT count(*) FROM runs").fetchone()
        except (sqlite3.Error, TypeError):
            raise BadDatabaseUrl(f"{source} is no file of the playground's runs.") from None
    if version > NEWEST_VERSION:
        raise BadDatabaseUrl(
            f"{source} was written by a newer playground, with tables of version {version}: upgrade first."
        )
    with target.open("rb") as written:
        os.fsync(written.fileno())
    return int(runs)


@contextmanager
def _unused(database: Path) -> Iterator[None]:
    """Lock it meanwhile. Raises BadDatabaseUrl if it is in use."""
    if not database.exists():
        yield
        return
    with database.open("rb+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, LOCK_BYTES, LOCKED)
        except OSError:
            raise BadDatabaseUrl(f"A server uses {database}: stop it, restore, and start it again.") from None
        yield
