"""This server as one of several on a PostgreSQL: what it does as their leader, and what as one that follows."""

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

# What has changed of who watches is told so soon, and all of it so often.
TELL_SOON_S, TELL_EVERY = 0.25, 4
ANSWER_WITHIN_S = 5.0


class Servers:
    """Opens and closes the manager as this server's role asks for. `url` is where the others reach it."""

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
        self.members = Membership(Election(database, secrets.token_urlsafe(9), url), self._lead, self._follow)
        self._watching = Watching()
        self._client: httpx.AsyncClient | None = None
        self._mirrors = Mirrors(self.members, self.client, manager.registry, manager.sweeps, labels)
        manager.registry.find_with(lambda run_id: self._mirrors.find_run(run_id, store.find))
        manager.sweeps.find_with(lambda sweep_id: self._mirrors.find_sweep(sweep_id, store.find_sweep))
        # Of the leader, as it was told last.
        self._capacity: dict[str, Any] | None = None
        self._telling: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Returns when it is known who leads, or that the database does not say; never fails for want of that."""
        # What it is made with takes a while to import, which no visitor is to wait for.
        self.client()
        await self._store.open()
        await self.members.open()
        self._telling = asyncio.create_task(keep_going("watching", self._tell_on), name="watching")

    async def close(self) -> None:
        """Before the manager, which may save what races: no other server leads before that."""
        if self._telling:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
            self._telling = None
        await self._mirrors.close()

    async def resign(self) -> None:
        """After the manager: let another server lead."""
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
        """None where the database is for one server alone, or no other server could reach this one."""
        where = location(settings)
        if store is None or not url or not str(where).startswith("postgresql"):
            return None
        return cls(str(where), url, manager, store, admission, lessons, dataset.test_labels)

    def client(self) -> "httpx.AsyncClient":
        """For what is asked of the leader."""
        import httpx

        if self._client is None:
            limits = httpx.Limits(max_connections=2 * CONNECTIONS)
            self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN_S, limits=limits, trust_env=False)
        return self._client

    def look(self, own: Look) -> Look:
        """What a visitor finds: as the leader last told it, of a visitor who has no runs yet."""

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
        for job in left:
            # Whose it is was told to no database: each is as of a visitor of its own.
            self._manager.take_over(job, visitor=job.id)

    async def _follow(self) -> None:
        for kept in self._going_on():
            kept.apply(Moved())
        await self._manager.step_down()

    async def _tell_on(self) -> None:
        told: dict[str, Any] = {}
        rounds = 0
        while True:
            await asyncio.sleep(TELL_SOON_S)
            rounds += 1
            if self.members.leads:
                self._take_in()
                continue
            if rounds % TELL_EVERY == 0:
                self._mirrors.end_idle()
            seen = {"viewers": viewers_of(self._mirrors.kept), "streams": dict(self._admission.streams)}
            if seen != told or rounds % TELL_EVERY == 0:
                told = seen
                await self._tell(seen)

    def _take_in(self) -> None:
        """As the leader: what the others have told."""
        self._admission.streams_elsewhere = self._watching.streams()
        for kept in self._going_on():
            if (viewers := self._watching.viewers(kept.id)) != kept.viewers_elsewhere:
                kept.apply(WatchedElsewhere(viewers))

    def _going_on(self) -> list[Run | Sweep]:
        kept: list[Run | Sweep] = [*self._manager.registry.runs, *self._manager.sweeps.runs]
        return [each for each in kept if not each.status.final]

    async def _tell(self, seen: dict[str, Any]) -> None:
        import httpx

        url, standing = self.members.leader_url, self.members.standing
        if not url or not standing:
            return
        headers = {SECRET: standing.secret, SERVER: self.members.id}
        # Told again in a second.
        with contextlib.suppress(httpx.HTTPError, ValueError):
            answer = await self.client().put(f"{url}/api/servers/watching", json=seen, headers=headers)
            if answer.status_code == 200:
                told = answer.json()
                self._admission.streams_elsewhere = Counter(told["streams"])
                self._capacity = told["capacity"]
                self._lessons.hold_elsewhere(Classes(*told["classes"]))
