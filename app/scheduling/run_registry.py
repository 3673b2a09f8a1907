"""Finds runs and sweeps by id: in memory, or in the store."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from contextvars import ContextVar
from typing import Generic, TypeVar

from app.errors import Overloaded, RunNotFound, VisitorOverloaded
from app.quotas import Quota, Rate
from app.runs.run import Run
from app.settings import Settings
from app.storage.store import Store
from app.sweeps.sweep import Sweep

# Whose request it is: look-ups are limited for each visitor, so that others need not wait.
VISITOR: ContextVar[str] = ContextVar("visitor", default="")
# How many runs are looked up at once, for all visitors and for one.
MOST_FINDING, SHARE = 200, 50
RETRY_S = 2.0
# For so long, an id that was not found is not looked up again.
MISSED_S, MOST_MISSED = 5.0, 10_000
# Sweeps that are over and stay in memory. One of a thousand cells takes some 2 MB.
MOST_SWEEPS = 20


Kept = TypeVar("Kept", Run, Sweep)


class Registry(Generic[Kept]):
    """Finds runs, or sweeps, by id. Finished ones leave memory, the least recently used first."""

    noun = ""

    def __init__(self, store: Store | None, find: Callable[[str], Awaitable[Kept | None]] | None) -> None:
        self._store = store
        self._find: Callable[[str], Awaitable[Kept | None]] | None = find
        # In order of use: the least recently used is the first.
        self._runs: dict[str, Kept] = {}
        self._shown: dict[str, Kept] = {}
        # Those that another server trains, as long as they are fed from there.
        self._mirrors: dict[str, Kept] = {}
        self._finding: dict[str, asyncio.Task[Kept | None]] = {}
        self._lookups = Quota(Rate(SHARE))
        # When each id was not there, the latest last.
        self._missed: dict[str, float] = {}

    def put(self, run: Kept, saved: bool = False) -> None:
        """Add a new one, which is saved from now on; or one of which everything so far is `saved`."""
        self._runs[run.id] = run
        if self._store:
            self._store.keep(run, saved)

    async def first_saved(self, run: Kept) -> None:
        """Return once the next server will find what has just begun, or it tells that it is not `saved`.

        Raises Starting if that server leads already, without it.
        """
        if self._store:
            await self._store.first_saved(run)

    def show(self, run: Kept) -> None:
        """Add a finished one that this server has not raced, and keep it in memory."""
        self._shown[run.id] = run

    def find_with(self, find: Callable[[str], Awaitable[Kept | None]]) -> None:
        """Replace the look-up of what is not in memory, which is in the store otherwise."""
        self._find = find

    def mirror(self, run: Kept) -> None:
        """Add one that another server trains, until `unmirror`."""
        self._mirrors[run.id] = run

    def unmirror(self, run: Kept) -> None:
        """It is no longer updated. If it is over, it stays as any other finished one."""
        del self._mirrors[run.id]
        if run.status.final:
            self._runs[run.id] = run
            self.forget()

    @property
    def mirrors(self) -> Collection[Kept]:
        """Those that another server trains."""
        return self._mirrors.values()

    def clear(self) -> None:
        """Forget all but what was added by `show`."""
        self._runs.clear()

    def is_shown(self, run_id: str) -> bool:
        """Whether it was added by `show`."""
        return run_id in self._shown

    @property
    def runs(self) -> Collection[Kept]:
        """Those in memory that raced here."""
        return self._runs.values()

    def get(self, run_id: str) -> Kept:
        """From memory alone. Raises RunNotFound."""
        try:
            return self._shown.get(run_id) or self._mirrors.get(run_id) or self._runs[run_id]
        except KeyError:
            raise RunNotFound(f"There is no {self.noun} {run_id!a} on this server. It may have expired.") from None

    async def find(self, run_id: str) -> Kept:
        """From memory or the store; then it stays in memory for a while.

        Raises RunNotFound, StoreUnavailable or Overloaded.
        """
        if known := self._shown.get(run_id) or self._mirrors.get(run_id):
            return known
        if run_id not in self._runs and self._find and not self._has_missed(run_id):
            # A thousand viewers who come back at once are one lookup.
            found = await asyncio.shield(self._finding.get(run_id) or self._look_up(self._find, run_id))
            if run_id in self._mirrors:
                return self._mirrors[run_id]
            # Another run that was found at the same moment may have displaced it.
            if found and run_id not in self._runs:
                self._runs[run_id] = found
                self.forget()
        run = self.get(run_id)
        self._runs[run_id] = self._runs.pop(run_id)
        return run

    def _has_missed(self, run_id: str) -> bool:
        return time.monotonic() - self._missed.get(run_id, -MISSED_S) < MISSED_S

    def _look_up(self, find: Callable[[str], Awaitable[Kept | None]], run_id: str) -> asyncio.Task[Kept | None]:
        visitor = VISITOR.get()
        if not self._lookups.test(visitor):
            raise VisitorOverloaded(
                f"You are looking up {SHARE} runs already, the most allowed at once.", RETRY_S, "lookups"
            )
        if len(self._finding) >= MOST_FINDING:
            raise Overloaded("Too many earlier runs are being looked up. Try again in a few seconds.", RETRY_S)
        self._lookups.hit(visitor)
        finding = self._finding[run_id] = asyncio.create_task(self._load(find, run_id))

        def found(finding: asyncio.Task[Kept | None]) -> None:
            del self._finding[run_id]
            if not finding.cancelled():
                # All callers may have left, and then nothing else retrieves it.
                finding.exception()
            self._lookups.release(visitor)

        finding.add_done_callback(found)
        return finding

    async def _load(self, find: Callable[[str], Awaitable[Kept | None]], run_id: str) -> Kept | None:
        if saved := await find(run_id):
            if run_id in self._mirrors:
                return saved
            self._runs[run_id] = saved
            self.forget()
            return saved
        self._missed.pop(run_id, None)
        self._missed[run_id] = time.monotonic()
        if len(self._missed) > MOST_MISSED:
            del self._missed[next(iter(self._missed))]
        return None

    def forget(self) -> None:
        """Drop finished ones from memory, the least recently used first."""
        raise NotImplementedError


class RunRegistry(Registry[Run]):
    """Of runs, the cells of sweeps among them."""

    noun = "run"

    def __init__(self, settings: Settings, store: Store | None) -> None:
        super().__init__(store, store.find if store else None)
        self._settings = settings

    def forget(self) -> None:
        """Drop finished runs from memory, the least recently used first."""
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


class SweepRegistry(Registry[Sweep]):
    """The registry of sweeps. A sweep takes hardly more memory than its description."""

    noun = "sweep"

    def __init__(self, store: Store | None) -> None:
        super().__init__(store, store.find_sweep if store else None)

    def forget(self) -> None:
        over = [sweep for sweep in self._runs.values() if sweep.status.final]
        for sweep in over[:-MOST_SWEEPS]:
            del self._runs[sweep.id]
            if self._store:
                self._store.drop(sweep)
