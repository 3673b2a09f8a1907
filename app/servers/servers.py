"""This server as one of several that share a PostgreSQL: its work as their leader, and as a follower."""

import asyncio
import contextlib
import secrets
from collections import Counter
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
from app.servers.feeds import SERVER, feed_routes
from app.servers.forwarding import CONNECTIONS, SECRET
from app.servers.membership import Membership
from app.servers.mirrors import Mirrors
from app.servers.watching import Watching, viewers_of
from app.settings import Settings
from app.storage.location import location
from app.storage.store import Store
from app.sweeps.sweep import Sweep
from app.training.dataset import Dataset
from app.web.admission.admission import Admission
from app.web.capacity import Look

if TYPE_CHECKING:
    import httpx

# Followers look for changes of who watches this often, and report without one at every fourth look.
REPORT_CHANGES_S, REPORT_EVERY = 0.25, 4
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
        self._manager, self._store, self._admission, self._lessons = manager, store, admission, lessons
        store.share()
        election = Election(database, secrets.token_urlsafe(9), url)
        self.members = Membership(election, self._lead, self._follow, lambda: manager.draining)
        self._watching = Watching()
        self._client: httpx.AsyncClient | None = None
        self._mirrors = Mirrors(self.members, self.client, manager.registry, manager.sweeps, labels)
        manager.registry.find_with(lambda run_id: self._mirrors.find_run(run_id, store.find))
        manager.sweeps.find_with(lambda sweep_id: self._mirrors.find_sweep(sweep_id, store.find_sweep))
        # The leader's, as it answered last.
        self._capacity: dict[str, Any] | None = None
        self._reporting: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Returns once it is known who leads, or that the database does not answer, which is no error."""
        # Imports httpx, which takes a while, before the first visitor comes.
        self.client()
        await self._store.open()
        await self.members.open()
        self._reporting = asyncio.create_task(keep_going("watching", self._report_viewers), name="watching")

    async def close(self) -> bool:
        """Call it before the manager is closed, which saves what races: until then no other server leads.

        Returns whether there is another one to lead.
        """
        if self._reporting:
            self._reporting.cancel()
            await asyncio.gather(self._reporting, return_exceptions=True)
            self._reporting = None
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
            return self._capacity if self._capacity and not self.members.leads else own(request)

        return look

    def routes(self, look: Look) -> APIRouter:
        return feed_routes(
            self._manager, self._admission, self._lessons, self._watching, lambda: self.members.leads, look
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

    async def _report_viewers(self) -> None:
        reported: dict[str, Any] = {}
        rounds = 0
        while True:
            await asyncio.sleep(REPORT_CHANGES_S)
            rounds += 1
            if self.members.leads:
                self._apply_reports()
                continue
            if rounds % REPORT_EVERY == 0:
                self._mirrors.end_idle()
            seen = {"viewers": viewers_of(self._mirrors.kept), "streams": dict(self._admission.streams)}
            if seen != reported or rounds % REPORT_EVERY == 0:
                reported = seen
                await self._send_report(seen)

    def _apply_reports(self) -> None:
        """As the leader: counts the viewers and streams that the others have reported."""
        self._admission.streams_elsewhere = self._watching.streams()
        for kept in self._going_on():
            if (viewers := self._watching.viewers(kept.id)) != kept.viewers_elsewhere:
                kept.apply(WatchedElsewhere(viewers))

    def _going_on(self) -> list[Run | Sweep]:
        kept: list[Run | Sweep] = [*self._manager.registry.runs, *self._manager.sweeps.runs]
        return [each for each in kept if not each.status.final]

    async def _send_report(self, seen: dict[str, Any]) -> None:
        import httpx

        url, standing = self.members.leader_url, self.members.standing
        if not url or not standing:
            return
        headers = {SECRET: standing.secret, SERVER: self.members.id}
        # It is sent again within a second.
        with contextlib.suppress(httpx.HTTPError, ValueError):
            answer = await self.client().put(f"{url}/api/servers/watching", json=seen, headers=headers)
            if answer.status_code == 200:
                answered = answer.json()
                self._admission.streams_elsewhere = Counter(answered["streams"])
                self._capacity = answered["capacity"]
                self._lessons.hold_elsewhere(Classes(*answered["classes"]))
