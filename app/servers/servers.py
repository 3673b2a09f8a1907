"""This server as one of several that share a PostgreSQL: its work as their leader, and as a follower."""

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from numpy.typing import NDArray
from starlette.requests import Request

from app.background_tasks import keep_going
from app.errors import StoreUnavailable
from app.events import Moved, WatchedElsewhere
from app.lessons.lessons import Classes, Lessons
from app.runs.run import Run
from app.scheduling.manager import Manager
from app.servers.election import Election
from app.servers.feeds import feed_routes
from app.servers.forwarding import CONNECTIONS
from app.servers.membership import Membership
from app.servers.mirrors import Mirrors
from app.servers.reporter import Reporter
from app.servers.watching import Watching
from app.settings import Settings
from app.storage.location import location
from app.storage.store import Store
from app.sweeps.sweep import Sweep
from app.training.dataset import Dataset
from app.web.admission.admission import Admission
from app.web.capacity import Look

if TYPE_CHECKING:
    import httpx

# The leader counts what the others report this often.
COUNT_EVERY_S = 0.25
# Followers look for idle feeds this often.
IDLE_EVERY_S = 1.0
ANSWER_WITHIN_S = 5.0


class Servers:
    """Opens the manager when this server leads and closes it when it does not. `url`: where the others reach it."""

    def __init__(
        self,
        database: str,
        url: str,
        manager: Manager,
        store: Store,
        admission: Admission,
        lessons: Lessons,
        labels: NDArray[Any],
    ) -> None:
        self._manager, self._store, self._streams, self._lessons = manager, store, admission.streams, lessons
        store.share()
        election = Election(database, secrets.token_urlsafe(9), url)
        self.members = Membership(election, self._lead, self._follow, lambda: manager.draining)
        self._watching = Watching()
        self._client: httpx.AsyncClient | None = None
        self._mirrors = Mirrors(self.members, self.client, manager.registry, manager.sweeps, labels)
        manager.registry.find_with(lambda run_id: self._mirrors.find_run(run_id, store.find))
        manager.sweeps.find_with(lambda sweep_id: self._mirrors.find_sweep(sweep_id, store.find_sweep))
        self._reporter = self._streams.elsewhere = Reporter(
            self.members, self.client, self._streams, lessons, self._watching, lambda: self._mirrors.kept
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Returns once it is known who leads, or that the database does not answer, which is no error."""
        # Imports httpx, which takes a while, before the first visitor comes.
        self.client()
        await self._store.open()
        await self.members.open()
        for name, work in (("watching", self._count_watching), ("idle feeds", self._end_idle_feeds)):
            self._tasks.append(asyncio.create_task(keep_going(name, work), name=name))

    async def close(self) -> bool:
        """Call it before the manager is closed, which saves what races: until then no other server leads.

        Returns whether there is another one to lead.
        """
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._reporter.admit_all()
        await self._mirrors.close()
        return await self.members.has_successor()

    async def resign(self) -> None:
        """Call it after the manager is closed: lets another server lead."""
        await self.members.close()
        if self._client:
            await self._client.aclose()
            self._client = None

    @classmethod
    def of(
        cls,
        settings: Settings,
        url: str,
        manager: Manager,
        store: Store | None,
        admission: Admission,
        lessons: Lessons,
        dataset: Dataset,
    ) -> "Servers | None":
        """None where the database serves one server alone (no PostgreSQL), or this one has no `url`."""
        where = location(settings)
        if store is None or not url or not str(where).startswith("postgresql"):
            return None
        return cls(str(where), url, manager, store, admission, lessons, dataset.test_labels)

    def client(self) -> "httpx.AsyncClient":
        """For requests to the leader."""
        import httpx

        if self._client is None:
            limits = httpx.Limits(max_connections=2 * CONNECTIONS)
            self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN_S, limits=limits, trust_env=False)
        return self._client

    def look(self, own: Look) -> Look:
        """How much room there is: of a follower, as the leader last answered, for a visitor without runs."""

        def look(request: Request) -> dict[str, Any]:
            return self._reporter.capacity if self._reporter.capacity and not self.members.leads else own(request)

        return look

    def routes(self, look: Look) -> APIRouter:
        return feed_routes(
            self._manager, self._streams, self._lessons, self._watching, lambda: self.members.leads, look
        )

    async def _lead(self, term: int) -> None:
        await self._mirrors.close()
        self._watching.clear()
        self._lessons.hold_elsewhere(Classes([], []))
        await self._manager.open()
        try:
            left = await self._store.lead(term)
        except Exception as problem:
            raise StoreUnavailable("The database does not let this server lead now.") from problem
        self._manager.take_over(left)

    async def _follow(self) -> None:
        for kept in self._going_on():
            kept.apply(Moved())
        await self._manager.step_down()

    async def _count_watching(self) -> None:
        while True:
            if self.members.leads:
                self._reporter.admit_all()
                self._apply_reports()
                await asyncio.sleep(COUNT_EVERY_S)
            else:
                await self._reporter.turn()

    async def _end_idle_feeds(self) -> None:
        while True:
            await asyncio.sleep(IDLE_EVERY_S)
            self._mirrors.end_idle()

    def _apply_reports(self) -> None:
        """As the leader: counts the viewers that the others have reported."""
        for kept in self._going_on():
            if (viewers := self._watching.viewers(kept.id)) != kept.viewers_elsewhere:
                kept.apply(WatchedElsewhere(viewers))

    def _going_on(self) -> list[Run | Sweep]:
        kept: list[Run | Sweep] = [*self._manager.registry.runs, *self._manager.sweeps.runs]
        return [each for each in kept if not each.status.final]
