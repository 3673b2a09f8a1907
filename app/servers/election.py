"""Elects the leader of the servers that share a PostgreSQL, with an advisory lock on a connection of its own.

PostgreSQL releases the lock when the connection or its server ends, and when the server has been silent for a while.
The next server that gets it writes itself into the table `leadership`: that, and not the lock, makes it the leader. So
a leader that lost its connection remains the leader if it gets the lock again before another does. Blocks: call it
from a thread.
"""

import secrets
from contextlib import suppress
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from app.storage.migrate import migrate
from app.storage.tables import leadership, servers

# The key of the lock: any number that no other program locks in the same database.
LEADING = 7_466_311
# After so long without a statement, of a server that hangs or is cut off, the database ends its connection.
SILENT_MS = 5000
# How long the others leave the lock to a leader that lost its connection; where all servers lost theirs, for how many
# of their turns.
LEFT_TO_LEADER, TURNS_LEFT_TO_LEADER = "1500 milliseconds", 4
# When a server that is gone is removed from the table.
FORGOTTEN_AFTER = "1 hour"


class Standing(NamedTuple):
    """`server` leads in this `term`, and is reached at `url`. `secret` is what servers identify themselves by."""

    term: int
    server: str
    url: str | None
    secret: str


class Election:
    """One server's part in it: `server` is its id, `url` where others reach it, `database` an SQLAlchemy URL."""

    def __init__(self, database: str, server: str, url: str) -> None:
        self.server, self.url = server, url
        options = f"-c statement_timeout={SILENT_MS} -c idle_session_timeout={SILENT_MS}"
        arguments = {"connect_timeout": 5, "options": options}
        self._engine = sa.create_engine(database, connect_args=arguments, poolclass=sa.NullPool)
        self._connection: Connection | None = None
        self._holds_lock = False
        self._leads = False
        self._turns_left = 0

    def turn(self, leaving: bool = False) -> Standing:
        """Take the lead if there is no leader; returns who leads. Call it twice a second. Raises SQLAlchemyError.

        A server that is `leaving` leads no more than it does, and is not there for others to rely on.
        """
        try:
            if self._connection:
                return self._turn(self._connection, leaving)
        except sa.exc.SQLAlchemyError:
            # The connection was lost since the last turn; a new one may work.
            self._drop()
        try:
            return self._turn(self._connected(), leaving)
        except Exception:
            self._drop()
            raise

    def has_successor(self) -> bool:
        """Whether another server is there that may lead next. Raises SQLAlchemyError."""
        recently = servers.c.seen_at > sa.func.now() - sa.text(f"interval '{SILENT_MS} milliseconds'")
        found = sa.select(sa.func.count()).where(servers.c.id != self.server, recently)
        return bool((self._connection or self._connected()).scalar(found))

    def resign(self) -> None:
        """Give up the lead and close all connections."""
        if self._connection:
            with suppress(sa.exc.SQLAlchemyError):
                self._connection.execute(servers.delete().where(servers.c.id == self.server))
        self._drop()
        self._engine.dispose()

    def _connected(self) -> Connection:
        with self._engine.begin() as connection:
            migrate(connection)
        self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._connection

    def _drop(self) -> None:
        if self._connection:
            # A regular close would send a statement to a database that may be gone.
            with suppress(sa.exc.SQLAlchemyError):
                self._connection.invalidate()
            self._connection.close()
            self._connection = None
            self._turns_left = 0 if self._leads else TURNS_LEFT_TO_LEADER
        self._holds_lock = False

    def _turn(self, connection: Connection, leaving: bool) -> Standing:
        now = {"url": self.url, "seen_at": sa.func.now()}
        seen = insert(servers).values(id=self.server, **now).on_conflict_do_update(index_elements=["id"], set_=now)
        gone = servers.delete().where(servers.c.id == self.server)
        connection.execute(gone if leaving and not self._leads else seen)
        self._turns_left = max(0, self._turns_left - 1)
        if not leaving and not self._holds_lock and not self._turns_left and not self._other_leads(connection):
            self._holds_lock = bool(connection.scalar(sa.text(f"SELECT pg_try_advisory_lock({LEADING})")))
            if self._holds_lock:
                self._enter(connection)
        where = leadership.outerjoin(servers, servers.c.id == leadership.c.server)
        columns = leadership.c.term, leadership.c.server, servers.c.url, leadership.c.secret
        standing = Standing(*connection.execute(sa.select(*columns).select_from(where)).one())
        self._leads = standing.server == self.server
        return standing

    def _other_leads(self, connection: Connection) -> bool:
        """Whether another server leads and was seen by the database just now."""
        recently = servers.c.seen_at > sa.func.now() - sa.text(f"interval '{LEFT_TO_LEADER}'")
        other = servers.c.id == leadership.c.server, servers.c.id != self.server, recently
        return bool(connection.scalar(sa.select(sa.func.count()).where(*other)))

    def _enter(self, connection: Connection) -> None:
        """Become the leader, in a new term unless this server led the last one."""
        first = {"id": 1, "term": 1, "server": self.server, "secret": secrets.token_urlsafe(32)}
        connection.execute(insert(leadership).values(first).on_conflict_do_nothing())
        other = leadership.c.server != self.server
        connection.execute(leadership.update().where(other).values(term=leadership.c.term + 1, server=self.server))
        forgotten = servers.c.seen_at < sa.func.now() - sa.text(f"interval '{FORGOTTEN_AFTER}'")
        connection.execute(servers.delete().where(forgotten))
