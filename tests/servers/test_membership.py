"""A server that is slow to lead stays the leader meanwhile, and follows if another has become it all the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from app.errors import StoreUnavailable
from app.servers.election import LEADING, Election
from app.servers.membership import Membership
from tests.waiting import TIMEOUT_S, until, until_async

pytestmark = pytest.mark.slow


class Database:
    """Statements from a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql://", "postgresql+psycopg://")
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._leading: Database | None = None

    def run(self, statement: str) -> list[Any]:
        result = self._connection.execute(sa.text(statement))
        return list(result.scalars()) if result.returns_rows else []

    def take_the_lead(self) -> None:
        """As another server does when the leader's connection has ended."""
        locks = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND "
        other = Database(self.url)
        waiting = Thread(target=other.run, args=[f"SELECT pg_advisory_lock({LEADING})"])
        waiting.start()
        until(lambda: self.run(f"{locks} NOT granted"), "this connection is the next to get the lock")
        [leader] = self.run(f"{locks} granted")
        self.run(f"SELECT pg_terminate_backend({leader})")
        waiting.join(TIMEOUT_S)
        self.run("UPDATE leadership SET term = term + 1, server = 'another'")
        self._leading = other

    def close(self) -> None:
        self._connection.close()
        if self._leading:
            self._leading.close()


@pytest.fixture
def database(postgres_url):
    database = Database(postgres_url)
    yield database
    database.close()


@asynccontextmanager
async def member(
    database: Database, lead: Callable[[int], Awaitable[None]], follow: Callable[[], Awaitable[None]]
) -> AsyncIterator[Membership]:
    member = Membership(Election(database.url, "this", "http://this"), lead, follow)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(member.close)
        await member.open()
        yield member


async def never() -> None:
    raise AssertionError("no other server leads")


async def test_a_server_that_is_slow_to_lead_is_seen_by_the_database_meanwhile(database):
    seen = "SELECT seen_at FROM servers WHERE id = 'this'"

    async def lead(term: int) -> None:
        for _ in range(2):
            before = database.run(seen)
            await until_async(lambda before=before: database.run(seen) != before, "its next turn")

    async with member(database, lead, never) as server:
        assert server.leads


@pytest.mark.parametrize("opening", [True, False])
@pytest.mark.parametrize("refused", [True, False])
async def test_a_server_that_lost_the_lead_before_it_could_lead_follows(database, opening, refused):
    """Whether the database has refused that it leads, or had it lead in a term that is over."""
    turns, followed = iter([True] if opening else [False, True]), asyncio.Event()

    async def lead(term: int) -> None:
        # It is retried until the next round says who leads.
        lost = next(turns, False)
        if lost:
            await asyncio.to_thread(database.take_the_lead)
        if refused or not lost:
            raise StoreUnavailable("The database does not let this server lead now.")

    async def follow() -> None:
        followed.set()

    async with member(database, lead, follow) as server:
        await asyncio.wait_for(followed.wait(), TIMEOUT_S)
        assert not server.leads
