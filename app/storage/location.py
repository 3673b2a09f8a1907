"""Where runs are stored, by the operator's settings: an SQLite file, another database, or nowhere."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from app.errors import BadDatabaseUrl
from app.settings import Settings


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
