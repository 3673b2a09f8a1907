"""All runs there are: those in memory, and those that the store still has."""

import asyncio
import time
from collections.abc import Collection
from contextvars import ContextVar

from app.errors import Overloaded, RunNotFound, VisitorOverloaded
from app.quotas import Quota, Rate
from app.runs.run import Run
from app.settings import Settings
from app.storage.store import Store

# Whose request it is: no visitor may have the store look up so much that others have to wait.
VISITOR: ContextVar[str] = ContextVar("visitor", default="")
# Runs that are looked up at once, for all and for one visitor.
MOST_FINDING, SHARE = 200, 50
RETRY_S = 2.0
# What was not there is not looked up again so soon.
MISSED_S, MOST_MISSED = 5.0, 10_000


class RunRegistry:
    """Finds runs by their ids. Runs that are over make room for those that are asked for."""

    def __init__(self, settings: Settings, store: Store | None) -> None:
        self._settings = settings
        self._store = store
        # The one that was asked for longest ago is the first.
        self._runs: dict[str, Run] = {}
        self._shown: dict[str, Run] = {}
        self._finding: dict[str, asyncio.Task[Run | None]] = {}
        self._lookups = Quota(Rate(SHARE))
        # When each id was not there, the latest last.
        self._missed: dict[str, float] = {}

    def put(self, run: Run) -> None:
        """A new run, which is saved from now on."""
        self._runs[run.id] = run
        if self._store:
            self._store.keep(run)

    def show(self, run: Run) -> None:
        """Let a run be found that this server has not raced: it is over, and stays."""
        self._shown[run.id] = run

    @property
    def runs(self) -> Collection[Run]:
        """Those in memory that raced here."""
        return self._runs.values()

    def get(self, run_id: str) -> Run:
        """A run in memory. Raises RunNotFound."""
        try:
            return self._shown.get(run_id) or self._runs[run_id]
        except KeyError:
            raise RunNotFound(
                f"There is no run {run_id!a} on this server. It may have been one that is not kept any more."
            ) from None

    async def find(self, run_id: str) -> Run:
        """The run, wherever it is, from then on in memory for a while.

        Raises RunNotFound, StoreUnavailable or Overloaded.
        """
        if shown := self._shown.get(run_id):
            return shown
        if run_id not in self._runs and self._store and not self._has_missed(run_id):
            # A thousand viewers who come back at once are one lookup.
            found = await asyncio.shield(self._finding.get(run_id) or self._look_up(self._store, run_id))
            # Another run found in the same moment may have displaced it already.
            if found and run_id not in self._runs:
                self._runs[run_id] = found
                self.forget()
        run = self.get(run_id)
        self._runs[run_id] = self._runs.pop(run_id)
        return run

    def _has_missed(self, run_id: str) -> bool:
        return time.monotonic() - self._missed.get(run_id, -MISSED_S) < MISSED_S

    def _look_up(self, store: Store, run_id: str) -> asyncio.Task[Run | None]:
        visitor = VISITOR.get()
        if not self._lookups.test(visitor):
            raise VisitorOverloaded(
                f"One visitor may look for {SHARE} runs at once, and so many are being looked for.", RETRY_S, "lookups"
            )
        if len(self._finding) >= MOST_FINDING:
            raise Overloaded("Too many look for runs of earlier. Try again in a few seconds.", RETRY_S)
        self._lookups.hit(visitor)
        finding = self._finding[run_id] = asyncio.create_task(self._load(store, run_id))

        def found(finding: asyncio.Task[Run | None]) -> None:
            del self._finding[run_id]
            if not finding.cancelled():
                # All who asked may have left, and then nothing else retrieves it.
                finding.exception()
            self._lookups.release(visitor)

        finding.add_done_callback(found)
        return finding

    async def _load(self, store: Store, run_id: str) -> Run | None:
        if saved := await store.find(run_id):
            self._runs[run_id] = saved
            self.forget()
            return saved
        self._missed.pop(run_id, None)
        self._missed[run_id] = time.monotonic()
        if len(self._missed) > MOST_MISSED:
            del self._missed[next(iter(self._missed))]
        return None

    def forget(self) -> None:
        """Give back the memory of runs that are over, those asked for longest ago first."""
        over = [run for run in self._runs.values() if run.status.final]
        histories, networks = (
            megabytes * 1_000_000 for megabytes in (self._settings.max_kept_mb, self._settings.max_networks_mb)
        )
        for place, run in enumerate(reversed(over)):
            histories -= run.history.nbytes
            networks -= run.network_bytes
            if place >= self._settings.max_kept or (histories < 0 and place):
                del self._runs[run.id]
                if self._store:
                    self._store.drop(run)
            elif networks < 0:
                run.forget_networks()
