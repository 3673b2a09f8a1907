"""Saves runs, sweeps and lessons while they go on, and finds those no longer in memory. No race waits for the database.

The store reads a run as a viewer does, from a checkpoint. What could not be written is read again from there: while the
database is unreachable or the disk is full, runs go on unsaved.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from app.events import SavedChanged
from app.lessons.lessons import Lessons
from app.logs import about
from app.settings import Settings
from app.storage.changes import Kept, checkpoint
from app.storage.lesson_rows import LessonRecords
from app.storage.lesson_store import LessonStore
from app.storage.location import location
from app.storage.records import Limits, digits_of
from app.storage.store_reader import Found, LeftJob, find_left
from app.storage.store_writer import LATE_S, StoreWriter
from app.training.dataset import Dataset

EVERY_S = 1.0
LONGEST_PAUSE_S = 60.0
PRUNE_EVERY_S = 3600.0
CLOSE_WITHIN_S = 3.0

_log = logging.getLogger(__name__)


class Store(StoreWriter):
    """Open it in a running event loop before the first call. `errors` counts failures since then."""

    def __init__(self, where: str | Path, limits: Limits, dataset: Dataset, away_s: float = 0) -> None:
        """What an earlier server has left is gone on with if that was seen within `away_s`; 0 is always."""
        super().__init__(dataset.test_labels)
        self._where = where
        self._limits = limits
        self._away_s = away_s
        self._digits = digits_of(dataset.test_labels, dataset.test_images)
        self._wanted = asyncio.Event()
        self._closing = False
        self._saving: asyncio.Task[None] | None = None
        self._lessons = LessonStore(self._write_lessons, lambda: self._writes)
        self._take_over: Callable[[list[LeftJob]], None] = lambda _: None
        # When the database was opened.
        self._found = Found([], [])

    @classmethod
    def of(cls, settings: Settings, dataset: Dataset) -> "Store | None":
        """The store, or None if nothing is to be stored. Raises BadDatabaseUrl for an invalid DATABASE_URL."""
        limits = Limits(settings.keep_days, settings.keep_runs, settings.keep_mb)
        where = location(settings)
        return None if where is None else cls(where, limits, dataset, settings.unwatched_stop_s)

    def share(self) -> None:
        """Other servers share the database: find what they save, and write nothing until this server is to `lead`."""
        self._shared, self._leads = True, False

    @property
    def shared(self) -> bool:
        """Whether another server goes on with what this one leaves."""
        return self._shared

    def leave(self, run: Kept) -> None:
        """Save no more of it: another server continues it from here."""
        self._checkpoints.pop(run, None)

    async def lead(self, term: int) -> list[LeftJob]:
        """Save from now on. Returns what the last leader left: what raced, then what waits, each in order.

        Raises SQLAlchemyError, and NotLeader if another server leads already.
        """
        await self._ready.wait()
        found = await self._writer.run(partial(self._lead, term))
        self._lessons.restore(found.lessons)
        self._leads = True
        return found.jobs

    def follow(self) -> None:
        """Stop saving: another server does. What was not saved yet is lost to this server."""
        self._leads = False
        self._checkpoints.clear()
        self._saved.clear()
        self._lessons.clear()
        self._tell_written()

    async def open(self, take_over: Callable[[list[LeftJob]], None] | None = None) -> None:
        """Never fails, and does not wait: a database that is unreachable is tried again.

        `take_over` gets what is to be gone on with, once it is there; where it is shared, `lead` returns that.
        """
        if self._saving:
            return
        self._take_over = take_over or self._take_over
        self._loop = asyncio.get_running_loop()
        self._saving = asyncio.create_task(self._save_on(), name="store")

    async def close(self) -> None:
        """Save the latest changes and end, within some seconds even if the database hangs."""
        if not self._saving:
            return
        self._closing = True
        self._wanted.set()
        if not (await asyncio.wait([self._saving], timeout=CLOSE_WITHIN_S))[0]:
            _log.warning("store closed late", extra=about(unsaved=len(self._checkpoints)))
            self._saving.cancel()
        await asyncio.gather(self._saving, return_exceptions=True)
        self._saving = None
        self._reader.close()
        ending = asyncio.ensure_future(self._writer.run(self._end, even_if_abandoned=True))
        await asyncio.wait([ending], timeout=1)
        self._writer.close()

    def keep(self, run: Kept, saved: bool = False) -> None:
        """Save this run or sweep from now on, until it is over and saved. `saved`: what there is of it so far is."""
        self._checkpoints[run] = checkpoint(run) if saved else None
        self._wanted.set()
        run.apply(SavedChanged(self._writes))

    def drop(self, run: Kept) -> None:
        """It leaves memory. It is held until it is saved, unless the database is unreachable."""
        if not self._writes:
            self._checkpoints.pop(run, None)

    def save_soon(self) -> None:
        """Save at once, rather than within a second: a run is over."""
        self._wanted.set()

    def keep_lessons(self, lessons: Lessons) -> None:
        """Save these from now on; those saved before join them once the database is open."""
        self._lessons.keep(lessons)

    async def _write_lessons(self, records: LessonRecords) -> bool:
        await self._ready.wait()
        if not (self._saving and self._database and self._leads):
            return False
        return await self._try(partial(self._database.write, [records]))

    def _lead(self, term: int) -> Found:
        assert self._database
        return find_left(self._database, self._database.lead(term, self._seen_since()), self._labels)

    def _seen_since(self) -> datetime:
        return datetime.now(UTC) - timedelta(seconds=self._away_s) if self._away_s else datetime.fromtimestamp(0, UTC)

    def _open(self) -> None:
        # Takes a while to import, which the first visitor does not have to wait for.
        from app.storage.database import Database

        database = self._database or Database(self._where, self._digits, former_digits=digits_of(self._labels))
        self._database = database
        left = database.open(self._shared, self._seen_since())
        self._prune()
        if not self._shared:
            self._found = find_left(database, left, self._labels)

    def _prune(self) -> None:
        assert self._database
        if not self._leads:
            return
        for run_id in self._database.prune(self._limits):
            self._loop.call_soon_threadsafe(self._pruned, run_id)

    def _pruned(self, run_id: str) -> None:
        """It was deleted from the database; what is in memory would not survive this server."""
        if run := self._saved.pop(run_id, None):
            run.apply(SavedChanged(False))
        self._lessons.pruned(run_id)

    def _end(self) -> None:
        self._reader.join()
        if self._database:
            self._database.close()

    async def _save_on(self) -> None:
        pause, prune_at = EVERY_S, 0.0
        loop = asyncio.get_running_loop()
        while not await self._try(self._open):
            if self._closing:
                return
            await self._wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        if not self._shared:
            self._lessons.restore(self._found.lessons)
            self._take_over(self._found.jobs)
        self._ready.set()
        prune_at = loop.time() + PRUNE_EVERY_S
        while True:
            last = self._closing
            ended = await self._save()
            await self._lessons.save(within_s=LATE_S)
            if last:
                return
            pause = EVERY_S if self._writes else min(2 * pause, LONGEST_PAUSE_S)
            if self._writes and (ended or loop.time() >= prune_at):
                await self._try(self._prune)
                prune_at = loop.time() + PRUNE_EVERY_S
            await self._wait(pause)

    async def _wait(self, pause: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wanted.wait()
        self._wanted.clear()
