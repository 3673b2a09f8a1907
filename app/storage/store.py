"""Saves runs and sweeps while they go on, and finds those no longer in memory. No race waits for the database.

The store reads a run as a viewer does, from a checkpoint. What could not be written is read again from there: while a
database is away, or a disk is full, runs are not saved, and that is all.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from app.errors import StoreUnavailable
from app.events import SavedChanged
from app.logs import about
from app.runs.run import Run
from app.settings import Settings
from app.storage.changes import AKept, Changes, Kept, Mark, any_changes, changes_of, checkpoint, is_behind
from app.storage.location import location
from app.storage.records import Checkpoint, DamagedRun, Limits, Unknown, digits_of, restore
from app.storage.serial_thread import SerialThread
from app.storage.sweep_records import restore_sweep
from app.sweeps.sweep import Sweep
from app.training.dataset import Dataset

if TYPE_CHECKING:
    from app.storage.database import Database

EVERY_S = 1.0
LONGEST_PAUSE_S = 60.0
PRUNE_EVERY_S = 3600.0
LATE_S = 10.0
FIND_WITHIN_S = 5.0
CLOSE_WITHIN_S = 3.0
# What an id looks like; nothing else is looked up.
ID = re.compile(r"[\w-]{1,64}", re.ASCII)

_log = logging.getLogger(__name__)


class Store:
    """Open it in a running event loop before the first call. `errors` counts what went wrong since."""

    def __init__(self, where: str | Path, limits: Limits, dataset: Dataset) -> None:
        self.errors = 0
        self._where = where
        self._limits = limits
        self._labels = dataset.test_labels
        self._digits = digits_of(dataset.test_labels, dataset.test_images)
        self._database: Database | None = None
        self._ready = asyncio.Event()
        # How much of each run is saved: None is nothing, or nothing that can be gone on from.
        self._checkpoints: dict[Kept, Mark | None] = {}
        # Those that are over and saved, as long as they are in memory elsewhere.
        self._saved: WeakValueDictionary[str, Kept] = WeakValueDictionary()
        self._writes = self._finds = True
        self._wanted = asyncio.Event()
        self._closing = False
        # A find does not wait for a write that does not end.
        self._writer, self._reader = SerialThread("store writer"), SerialThread("store reader")
        self._saving: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, settings: Settings, dataset: Dataset) -> "Store | None":
        """None if the operator wants nothing kept. Raises BadDatabaseUrl for a DATABASE_URL that is none."""
        limits = Limits(settings.keep_days, settings.keep_runs, settings.keep_mb)
        where = location(settings)
        return None if where is None else cls(where, limits, dataset)

    async def open(self) -> None:
        """Never fails, and does not wait: a database that is not there now is tried again."""
        self._loop = asyncio.get_running_loop()
        self._saving = asyncio.create_task(self._save_on(), name="store")

    async def close(self) -> None:
        """Save what is new and end; within some seconds, whatever the database does."""
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
        """Save this run or sweep from now on, until all of it is saved and it is over; what is there may be `saved`."""
        self._checkpoints[run] = checkpoint(run) if saved else None
        self._wanted.set()
        run.apply(SavedChanged(self._writes))

    def drop(self, run: Kept) -> None:
        """There is no room for it in memory. It stays until it is saved, but not for a database that is away."""
        if not self._writes:
            self._checkpoints.pop(run, None)

    def save_soon(self) -> None:
        """Something has happened that should be saved at once: a run is over."""
        self._wanted.set()

    async def find(self, run_id: str) -> Run | None:
        """The run as it was saved, or is about to be; None if there is none.

        Raises StoreUnavailable if that is unknown.
        """
        waiting = self._checkpointed(run_id, Run)
        return waiting or await self._look_for("run", run_id, self._find)

    async def find_sweep(self, sweep_id: str) -> Sweep | None:
        """The same of a sweep."""
        waiting = self._checkpointed(sweep_id, Sweep)
        return waiting or await self._look_for("sweep", sweep_id, self._find_sweep)

    def _checkpointed(self, kept_id: str, kind: type[AKept]) -> AKept | None:
        return next((each for each in self._checkpoints if each.id == kept_id and isinstance(each, kind)), None)

    async def _look_for(self, noun: str, kept_id: str, find: Callable[[str], AKept | None]) -> AKept | None:
        if not ID.fullmatch(kept_id):
            return None
        try:
            if not (self._writes or self._ready.is_set()):
                raise TimeoutError("the database is not there")
            async with asyncio.timeout(FIND_WITHIN_S):
                await self._ready.wait()
                found = await self._reader.run(partial(find, kept_id))
        except Exception as problem:
            self.errors += 1
            if self._finds:
                _log.warning("store cannot be read", extra=about(reason=_reason(problem)))
            self._finds = False
            raise StoreUnavailable(
                f"The server cannot look for {noun} {kept_id} at the moment. Try again in a few seconds."
            ) from problem
        self._finds = True
        if found:
            self._saved[kept_id] = found
        return found

    def _find(self, run_id: str) -> Run | None:
        assert self._database
        try:
            kept, same_digits = self._database.find(run_id) or (None, False)
            if not kept:
                return None
            run = restore(kept, self._labels, same_digits)
        except DamagedRun as problem:
            _log.warning("saved run cannot be read", extra=about(run=run_id, reason=_first_line(problem)))
            return None
        run.apply(SavedChanged(True))
        return run

    def _find_sweep(self, sweep_id: str) -> Sweep | None:
        assert self._database
        try:
            kept, same_digits = self._database.find_sweep(sweep_id) or (None, False)
            sweep = restore_sweep(kept) if kept and same_digits else None
        except DamagedRun as problem:
            _log.warning("saved sweep cannot be read", extra=about(sweep=sweep_id, reason=_first_line(problem)))
            return None
        if sweep:
            sweep.apply(SavedChanged(True))
        return sweep

    def _open(self) -> None:
        # Takes a while to import, which the first visitor does not have to wait for.
        from app.storage.database import Database

        database = self._database or Database(self._where, self._digits, former_digits=digits_of(self._labels))
        self._database = database
        for run_id in database.open():
            _log.warning("run found interrupted", extra=about(run=run_id))
        self._prune()

    def _prune(self) -> None:
        assert self._database
        for run_id in self._database.prune(self._limits):
            self._loop.call_soon_threadsafe(self._pruned, run_id)

    def _pruned(self, run_id: str) -> None:
        """What is still in memory of it would not survive this server."""
        if run := self._saved.pop(run_id, None):
            run.apply(SavedChanged(False))

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
        self._ready.set()
        prune_at = loop.time() + PRUNE_EVERY_S
        while True:
            last = self._closing
            ended = await self._save()
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

    async def _save(self) -> bool:
        """Write what is new of every run, piece by piece; whether one is over and complete now."""
        assert self._database
        behind = True
        while behind:
            behind = False
            changes: list[tuple[Kept, Changes, Mark]] = []
            for run, (records, after) in self._changes():
                if any_changes(records):
                    changes.append((run, records, after))
                    behind = behind or is_behind(run, after)
            if not changes:
                break
            try:
                if not await self._try(partial(self._database.write, [records for _, records, _ in changes])):
                    return False
            except Unknown as lost:
                # The database is another one, or was emptied, or did not say that it had written.
                self._checkpoints.update((run, None) for run in self._checkpoints if run.id == lost.run_id)
                behind = True
            else:
                self._checkpoints.update((run, after) for run, _, after in changes if run in self._checkpoints)
        over = [run for run, (records, _) in self._changes() if run.status.final and not any_changes(records)]
        for run, mark in self._checkpoints.items():
            run.apply(SavedChanged(True, mark.lane_events if isinstance(mark, Checkpoint) else 0))
        for run in over:
            del self._checkpoints[run]
            self._saved[run.id] = run
        return bool(over)

    def _changes(self) -> list[tuple[Kept, tuple[Changes, Mark]]]:
        """Of all that is kept. What makes no record is saved no more, and keeps nothing else from being saved."""
        made = []
        for run, mark in list(self._checkpoints.items()):
            try:
                made.append((run, changes_of(run, mark)))
            except Exception:
                self.errors += 1
                _log.exception("cannot be saved", extra=about(id=run.id))
                del self._checkpoints[run]
                run.apply(SavedChanged(False))
        return made

    async def _try(self, work: Callable[[], object]) -> bool:
        """Do it in the writing thread; whether it went well. A failure is logged, counted, and shown on the runs."""
        doing = asyncio.ensure_future(self._writer.run(work))
        if not (await asyncio.wait([doing], timeout=LATE_S))[0]:
            self._failed(TimeoutError(f"the database has not answered for {LATE_S:g} s"))
        try:
            await doing
        except Unknown:
            raise
        except Exception as problem:  # whatever it is, the races go on
            self._failed(problem)
            return False
        if not self._writes:
            _log.info("runs are saved again")
            self._writes = True
        return True

    def _failed(self, problem: Exception) -> None:
        self.errors += 1
        if self._writes:
            _log.warning("runs are not saved", extra=about(reason=_reason(problem)))
        self._writes = False
        for run in self._checkpoints:
            run.apply(SavedChanged(False))


def _reason(problem: Exception) -> str:
    """In one line, without the statement that failed."""
    return _first_line(getattr(problem, "orig", None) or problem)


def _first_line(problem: object) -> str:
    return f"{problem}".partition("\n")[0]
