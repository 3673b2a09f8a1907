"""The runs that are at hand: those in memory, and those that the store still has."""

import asyncio
from collections.abc import Collection

from app.errors import RunNotFound
from app.runs.run import Run
from app.runs.store import Store
from app.settings import Settings


class Shelf:
    """Whoever has only an id finds its run here. What is over gives its place to what is asked for."""

    def __init__(self, settings: Settings, store: Store | None) -> None:
        self._settings = settings
        self._store = store
        # The one asked for least lately is the first.
        self._runs: dict[str, Run] = {}
        self._shown: dict[str, Run] = {}
        self._finding: dict[str, asyncio.Task[None]] = {}

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
        """The run, wherever it is; from then on it is in memory for a while. Raises RunNotFound or StoreAway."""
        if shown := self._shown.get(run_id):
            return shown
        if run_id not in self._runs and self._store:
            # A thousand viewers who come back at once ask once.
            finding = self._finding.get(run_id) or asyncio.create_task(self._take(self._store, run_id))
            self._finding[run_id] = finding
            await asyncio.shield(finding)
        run = self.get(run_id)
        self._runs[run_id] = self._runs.pop(run_id)
        return run

    async def _take(self, store: Store, run_id: str) -> None:
        try:
            if saved := await store.find(run_id):
                self._runs[run_id] = saved
                self.forget()
        finally:
            del self._finding[run_id]

    def forget(self) -> None:
        """Give back the memory of runs that are over, those asked for least lately first."""
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
