"""Where runs are stored, by the operator's settings: an SQLite file, another database, or nowhere."""

import fcntl
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from app.errors import BadDatabaseUrl, CannotStart
from app.logs import about
from app.settings import Settings

_log = logging.getLogger(__name__)


def location(settings: Settings) -> str | Path | None:
    """An SQLite file, an SQLAlchemy URL, or None. Raises BadDatabaseUrl for an invalid DATABASE_URL."""
    url = settings.database_url
    if url is None:
        return settings.runs_dir / "runs.db"
    if not url:
        return None
    scheme, separator, rest = url.partition("://")
    known = scheme in ("postgresql", "postgres") or (scheme == "sqlite" and rest.strip("/") not in ("", ":memory:"))
    if not separator or not known:
        # Not the address itself: there may be a password in it.
        raise BadDatabaseUrl(
            "DATABASE_URL should be sqlite:///file or postgresql://…, or be empty to keep runs in memory alone; "
            f"it begins with {scheme[:12]!r}."
        )
    if scheme == "sqlite":
        return url
    if not find_spec("psycopg"):
        raise BadDatabaseUrl(
            "PostgreSQL needs another package: pip install 'optimizer-playground[postgres]', "
            "or leave DATABASE_URL out to keep runs in a file."
        )
    return f"postgresql+psycopg://{rest}"


def shared_name(settings: Settings) -> str | None:
    """A name that all servers with this database derive, whatever their login. Raises BadDatabaseUrl."""
    where = location(settings)
    if where is None:
        return None
    place = str(where.resolve()) if isinstance(where, Path) else where.rpartition("@")[2]
    return hashlib.sha256(place.encode()).hexdigest()[:16]


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
