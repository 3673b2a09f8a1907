"""This server among those that share its database: whether it leads them, or where the one is that does.

The leader alone trains, queues and limits, and writes what comes of it; the others serve pages and streams. So nothing
has to be counted in two places.
"""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable

from app.background_tasks import keep_going
from app.errors import StoreUnavailable
from app.logs import about
from app.servers.election import Election, Standing
from app.storage.serial_thread import SerialThread
from app.web.health import Role

EVERY_S = 0.5
# At the end, a database that does not answer is not waited for.
RESIGN_WITHIN_S = 1.0

_log = logging.getLogger(__name__)


class Membership:
    """Calls `lead` when this server is to lead in a term, and `follow` when another one does instead.

    One call is over before the next begins, and what fails is tried again. Open it in a running event loop.
    """

    def __init__(
        self, election: Election, lead: Callable[[int], Awaitable[None]], follow: Callable[[], Awaitable[None]]
    ) -> None:
        self._election = election
        self._lead, self._follow = lead, follow
        self._thread = SerialThread("election")
        self._standing: Standing | None = None
        # Whether what belongs to the role has been done.
        self.leads = False
        self._tasks: list[asyncio.Task[None]] = []
        self._moved = asyncio.Event()
        self._away = False

    @property
    def id(self) -> str:
        return self._election.server

    @property
    def standing(self) -> Standing | None:
        """Who leads, as the database said last; None before it has said anything."""
        return self._standing

    @property
    def leader_url(self) -> str | None:
        """Where another server is that leads; None if there is none, or it is this one."""
        return self._standing.url if self._standing and self._standing.server != self.id else None

    def role(self) -> Role:
        """Whether it leads, or follows another; between the two, neither."""
        return "leads" if self.leads else "follows" if self.leader_url else "none"

    def knows(self, secret: str) -> bool:
        """Whether a server that comes with this secret shares the database."""
        return self._standing is not None and hmac.compare_digest(secret.encode(), self._standing.secret.encode())

    async def open(self) -> None:
        """Returns when the database has been asked once, and, if this server leads, when it is ready to."""
        await self._turn()
        if self._chosen():
            await self._lead_now()
        for name, work in (("election", self._take_turns), ("role", self._play)):
            self._tasks.append(asyncio.create_task(keep_going(name, work), name=name))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        resigning = asyncio.ensure_future(self._thread.run(self._election.resign, even_if_abandoned=True))
        await asyncio.wait([resigning], timeout=RESIGN_WITHIN_S)
        self._thread.close()

    async def next_move(self) -> None:
        """Wait until something about who leads may have changed."""
        await self._moved.wait()

    def _chosen(self) -> bool:
        return self._standing is not None and self._standing.server == self.id

    async def _take_turns(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self._turn()

    async def _turn(self) -> None:
        try:
            standing = await self._thread.run(self._election.turn)
        except Exception as problem:
            # Whoever leads leads on: no other can take over without the database.
            if not self._away:
                _log.warning("database does not say who leads", extra=about(reason=f"{problem}".partition("\n")[0]))
            self._away = True
            return
        self._away = False
        if standing != self._standing:
            self._standing = standing
            self._tell_move()

    def _tell_move(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _play(self) -> None:
        while True:
            moved = self._moved
            if self._chosen() and not self.leads:
                await self._lead_now()
            elif self.leads and not self._chosen():
                self.leads = False
                _log.warning("another server leads")
                await self._follow()
                self._tell_move()
            else:
                await moved.wait()

    async def _lead_now(self) -> None:
        assert self._standing
        try:
            await self._lead(self._standing.term)
        except StoreUnavailable:
            # Tried again when the database has answered once more.
            return
        self.leads = True
        _log.info("this server leads", extra=about(term=self._standing.term))
        self._tell_move()
