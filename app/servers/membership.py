"""This server among those that share its database: whether it leads, and otherwise where the leader is.

The leader alone trains, queues, applies limits and writes results; the others serve pages and streams. So nothing has
to be counted in two places.
"""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from app.background_tasks import keep_going
from app.errors import StoreUnavailable
from app.logs import about
from app.servers.election import Election, Standing
from app.storage.serial_thread import SerialThread
from app.web.health import Role

EVERY_S = 0.5
# When a leader is lost, another leads by then, as a rule; whoever waits for that looks again so often.
LEADER_WITHIN_S, LOOK_EVERY_S = 8.0, 0.2
# A server that ends does not wait longer for the database, each time.
END_WITHIN_S = 1.0

_log = logging.getLogger(__name__)


class Membership:
    """Calls `lead` with the term when this server is to lead, and `follow` when another one has taken its place.

    The calls never overlap, and one that fails is repeated. Open it in a running event loop. A server that is
    `leaving`, about to end, does not begin to lead.
    """

    def __init__(
        self,
        election: Election,
        lead: Callable[[int], Awaitable[None]],
        follow: Callable[[], Awaitable[None]],
        leaving: Callable[[], bool] = lambda: False,
    ) -> None:
        self._election = election
        self._lead, self._follow, self.leaving = lead, follow, leaving
        self._thread = SerialThread("election")
        self._standing: Standing | None = None
        # Only once `lead` has returned; it has begun, and may have opened something, from when on `_begun` is set.
        self.leads = self._begun = False
        self._tasks: list[asyncio.Task[None]] = []
        self._moved = asyncio.Event()
        self._away = False

    @property
    def id(self) -> str:
        return self._election.server

    @property
    def standing(self) -> Standing | None:
        """Who leads, by the database's latest answer; None before its first."""
        return self._standing

    @property
    def leader_url(self) -> str | None:
        """Where the leader is reached; None if there is none, or this server was elected."""
        return self._standing.url if self._standing and self._standing.server != self.id else None

    @property
    def term(self) -> int:
        """Of the current leader; 0 before the database's first answer."""
        return self._standing.term if self._standing else 0

    def role(self) -> Role:
        """ "none" while it neither leads nor knows of another leader."""
        return "leads" if self.leads else "follows" if self.leader_url else "none"

    def knows(self, secret: str) -> bool:
        """Whether the sender of this secret is a server on the same database."""
        return self._standing is not None and hmac.compare_digest(secret.encode(), self._standing.secret.encode())

    async def open(self) -> None:
        """Returns after the first query of the database, and, if this server is elected, once it is ready to lead."""
        await self._turn()
        # To lead may take longer than the database waits for the next turn.
        self._keep_going("election", self._take_turns)
        if self._chosen():
            await self._lead_now()
        self._keep_going("role", self._play)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        resigning = asyncio.ensure_future(self._thread.run(self._election.resign, even_if_abandoned=True))
        await asyncio.wait([resigning], timeout=END_WITHIN_S)
        self._thread.close()

    async def has_successor(self) -> bool:
        """Whether another server may lead next, as far as the database knows; True if it does not answer."""
        asking = asyncio.ensure_future(self._thread.run(self._election.has_successor))
        await asyncio.wait([asking], timeout=END_WITHIN_S)
        return not asking.done() or asking.exception() is not None or asking.result()

    async def look_again(self) -> None:
        """Wait until who leads has changed, but no longer than until the next look."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._moved.wait()

    def _keep_going(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(keep_going(name, work), name=name))

    def _chosen(self) -> bool:
        return self._standing is not None and self._standing.server == self.id

    async def _take_turns(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self._turn()

    async def _turn(self) -> None:
        try:
            standing = await self._thread.run(partial(self._election.turn, self.leaving()))
        except Exception as problem:
            # The leader goes on leading: without the database no other can take over.
            if not self._away:
                _log.warning("database does not say who leads", extra=about(reason=f"{problem}".partition("\n")[0]))
            self._away = True
            return
        self._away = False
        if standing != self._standing:
            self._standing = standing
            self._signal_move()

    def _signal_move(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _play(self) -> None:
        while True:
            moved = self._moved
            if self._chosen() and not self.leads and not self.leaving():
                await self._lead_now()
                if not self.leads:
                    # Tried again when the database may have answered once more.
                    await asyncio.sleep(EVERY_S)
            elif self._begun and not self._chosen():
                self.leads = False
                _log.warning("another server leads")
                await self._follow()
                self._begun = False
                self._signal_move()
            else:
                await moved.wait()

    async def _lead_now(self) -> None:
        assert self._standing
        term, self._begun = self._standing.term, True
        try:
            await self._lead(term)
        except StoreUnavailable:
            return
        self.leads = True
        _log.info("this server leads", extra=about(term=term))
        self._signal_move()
