"""A file of SQLite is for one server: it holds a lock beside the file, which ends with its process, however that ends.

Whoever only reads, or copies, does not ask for the lock.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import CannotStart
from app.logs import about
from app.settings import Settings
from app.storage.location import location

_log = logging.getLogger(__name__)


@contextmanager
def only_server(settings: Settings) -> Iterator[None]:
    """Keep other servers from the file that runs are kept in, if it is one. Raises CannotStart if one has it."""
    file = _sqlite_file(settings)
    lock = None if file is None else _locked(file.resolve())
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _locked(file: Path) -> int | None:
    """The descriptor that holds the lock, until it is closed; None where there is no lock to be had."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # No process that is started from here inherits it.
        lock = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as problem:
        _tell_unlocked(file, problem)
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise CannotStart(
            f"Another server keeps its runs in {file}: give this one another file (RUNS_DIR or DATABASE_URL), "
            "or let both share a PostgreSQL (DATABASE_URL=postgresql://…)."
        ) from None
    except OSError as problem:
        os.close(lock)
        _tell_unlocked(file, problem)
        return None
    return lock


def _tell_unlocked(file: Path, problem: OSError) -> None:
    """As on some network file systems, or where nothing may be written: the server starts all the same."""
    _log.warning("other servers cannot be kept from the file", extra=about(file=str(file), reason=problem.strerror))


def _sqlite_file(settings: Settings) -> Path | None:
    where = location(settings)
    if where is None or isinstance(where, Path):
        return where
    if not where.startswith("sqlite"):
        return None
    # Takes a while to import, which the usual setting does not need.
    from sqlalchemy.engine import make_url

    url = make_url(where)
    return Path(url.database) if url.database and "mode" not in url.query else None
