"""Saves runs while they go on, and finds those that are no longer in memory. Nobody waits for the database.

The store reads a run as a viewer does, from a mark. What could not be written is read again from there: a database that
is away, or a disk that is full, costs nothing but a run's promise to last.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from app.runs.database import Database, Limits, Unknown
from app.runs.records import Mark, Records, digits_of, is_news, news, revive
from app.runs.run import Run
from app.settings import Settings
from app.training.dataset import Dataset

EVERY_S = 1.0
LONGEST_PAUSE_S = 60.0
PRUNE_EVERY_S = 3600.0
LATE_S = 10.0
CLOSE_WITHIN_S = 4.0

logger = logging.getLogger(__name__)


class Store:
    """Open it in a running event loop before the first call. `errors` counts what went wrong since."""

    def __init__(self, url: str, limits: Limits, dataset: Dataset) -> None:
        self.errors = 0
        self._limits = limits
        self._labels = dataset.test_labels
        self._database = Database(url, digits_of(dataset.test_labels))
        self._marks: dict[Run, Mark | None] = {}
        self._working = True
        self._opened = False
        self._wanted = asyncio.Event()
        # One thread writes, in order; another reads, and does not wait for a write that does not end.
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._reader = ThreadPoolExecutor(1, "store-reader")
        self._saving: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, settings: Settings, dataset: Dataset) -> "Store | None":
        """None if the operator wants nothing kept."""
        url = settings.database_url
        if url is None:
            url = f"sqlite:///{settings.runs_dir / 'runs.db'}"
        limits = Limits(settings.keep_days, settings.keep_runs, settings.keep_mb)
        return cls(url, limits, dataset) if url else None

    async def open(self) -> None:
        """Never fails: a database that is not there now is tried again."""
        await self._try(self._open)
        self._saving = asyncio.create_task(self._save_on(), name="store")

    async def close(self) -> None:
        """Save what is new and end; within some seconds, whatever the database does."""
        if self._saving:
            self._saving.cancel()
            await asyncio.gather(self._saving, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._save()
        self._writer.shutdown(wait=False, cancel_futures=True)
        self._reader.shutdown(wait=False, cancel_futures=True)
        self._database.close()

    def keep(self, run: Run) -> None:
        """Save this run from now on, until all of it is saved and it is over."""
        self._marks[run] = None
        run.mark_saved(self._working)

    def drop(self, run: Run) -> None:
        """There is no room for this run in memory. It stays until it is saved, but not for a database that is away."""
        if not self._working:
            self._marks.pop(run, None)

    def hurry(self) -> None:
        """Something has happened that should be saved at once: a run is over."""
        self._wanted.set()

    async def find(self, run_id: str) -> Run | None:
        """The run as it was saved, or is about to be; None if it is not there, or the database is not."""
        if waiting := next((run for run in self._marks if run.id == run_id), None):
            return waiting
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._reader, self._find, run_id)
        except Exception as problem:  # the visitor is told that the run is not there; why is in the log
            self._failed(problem)
            return None

    def _find(self, run_id: str) -> Run | None:
        if not self._opened:
            return None
        found = self._database.find(run_id)
        run = found and revive(found[0], self._labels, found[1])
        if run:
            run.saved = True
        return run or None

    def _open(self) -> None:
        self._database.open()
        self._database.prune(self._limits)
        self._opened = True

    async def _save_on(self) -> None:
        pause, prune_at = EVERY_S, 0.0
        loop = asyncio.get_running_loop()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wanted.wait()
            self._wanted.clear()
            ended = await self._save()
            pause = EVERY_S if self._working else min(2 * pause, LONGEST_PAUSE_S)
            if self._working and (ended or loop.time() >= prune_at):
                await self._try(partial(self._database.prune, self._limits))
                prune_at = loop.time() + PRUNE_EVERY_S

    async def _save(self) -> bool:
        """Write what is new of every run, piece by piece; whether one is over and complete now."""
        behind = True
        while behind:
            behind = False
            told: list[tuple[Run, Records, Mark]] = []
            for run, mark in self._marks.items():
                records, after = news(run, mark)
                if is_news(records):
                    told.append((run, records, after))
                    behind = behind or after.cursor != run.history.end()
            if not told:
                break
            if not await self._try(partial(self._write, [records for _, records, _ in told])):
                return False
            self._marks.update((run, after) for run, _, after in told if run in self._marks)
        over = [run for run in self._marks if run.status.final and not is_news(news(run, self._marks[run])[0])]
        for run in self._marks:
            self._tell(run, saved=True)
        for run in over:
            del self._marks[run]
        return bool(over)

    def _write(self, records: list[Records]) -> None:
        if not self._opened:
            self._open()
        self._database.write(records)

    async def _try(self, work: Callable[[], object]) -> bool:
        """Do it in the writing thread; whether it went well. What did not is told to everybody who should know."""
        doing = asyncio.get_running_loop().run_in_executor(self._writer, work)
        if not (await asyncio.wait([doing], timeout=LATE_S))[0]:
            self._failed(TimeoutError(f"the database has not answered for {LATE_S:g} s"))
        try:
            await doing
        except Unknown as lost:
            # The database is another one, or was emptied.
            self._marks.update((run, None) for run in self._marks if run.id == str(lost))
            return False
        except Exception as problem:  # whatever it is, the races go on
            self._failed(problem)
            return False
        if not self._working:
            logger.info("Runs are saved again.")
            self._working = True
        return True

    def _failed(self, problem: Exception) -> None:
        self.errors += 1
        if self._working:
            logger.warning("Runs are not saved: %s. It is tried again.", str(problem).partition("\n")[0])
        self._working = False
        for run in self._marks:
            self._tell(run, saved=False)

    def _tell(self, run: Run, saved: bool) -> None:
        if run.saved != saved:
            run.mark_saved(saved)
            run.pulse.notify()
