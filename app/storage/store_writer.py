"""Saves what is new of runs and sweeps: the writing half of `storage.store`."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from app.errors import Starting
from app.events import SavedChanged
from app.logs import about
from app.storage.changes import Changes, Kept, Mark, any_changes, changes_of, is_behind
from app.storage.records import Checkpoint, Unknown
from app.storage.serial_thread import SerialThread
from app.storage.store_reader import StoreReader, reason_of
from app.storage.submissions import Submission, SubmissionRecord

LATE_S = 10.0
# A start waits at most this long for being saved; most take some milliseconds.
FIRST_WITHIN_S = 2.0

_log = logging.getLogger(__name__)


class StoreWriter(StoreReader):
    """Of all that has a checkpoint. All is written in one thread, one after the other."""

    def __init__(self, labels: NDArray[np.uint8]) -> None:
        super().__init__(labels)
        self._writer = SerialThread("store writer")
        self._submissions: WeakKeyDictionary[Kept, Submission] = WeakKeyDictionary()
        # Set, and replaced, when something was written, or could not be, or is not to be.
        self._written = asyncio.Event()

    def submitted(self, run: Kept, submission: Submission) -> None:
        """So was one that is saved from now on, until it is over."""
        self._submissions[run] = submission

    async def first_saved(self, run: Kept) -> None:
        """Return once what is kept will be found by the next server, or it tells that it is not `saved`.

        Raises Starting if another server leads by then, which has nothing of it.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_WITHIN_S):
                while self._writes and self._checkpoints.get(run, run) is None:
                    await self._written.wait()
        if not self._leads:
            raise Starting("Another server takes commands now, and does not have this. Start it again.")
        if self._checkpoints.get(run, run) is None:
            run.apply(SavedChanged(False))

    async def _save(self) -> bool:
        """Write what is new of every run, what has just begun before all else; whether one is over and complete now."""
        begun = [run for run, mark in self._checkpoints.items() if mark is None]
        if not (await self._write(begun) and await self._write(self._checkpoints)):
            return False
        now = self._changes(self._checkpoints)
        over = [run for run, (records, _) in now if run.status.final and not any_changes(records)]
        for run, mark in self._checkpoints.items():
            run.apply(SavedChanged(True, mark.lane_events if isinstance(mark, Checkpoint) else 0))
        for run in over:
            del self._checkpoints[run]
            self._saved[run.id] = run
        return bool(over)

    async def _write(self, runs: Iterable[Kept]) -> bool:
        """Write what is new of these, piece by piece; whether that went well."""
        assert self._database
        behind = True
        while behind:
            behind = False
            changes: list[tuple[Kept, Changes, Mark]] = []
            for run, (new_of_it, after) in self._changes(runs):
                if any_changes(new_of_it):
                    changes.append((run, new_of_it, after))
                    behind = behind or is_behind(run, after)
            if not changes:
                break
            new = [run for run, _, _ in changes if self._checkpoints[run] is None and run in self._submissions]
            submitted = [SubmissionRecord(run.id, self._submissions[run]) for run in new]
            records = [*submitted, *(each for _, each, _ in changes)]
            try:
                if not await self._try(partial(self._database.write, records)):
                    return False
            except Unknown as lost:
                # The database is another one, or was emptied, or did not say that it had written.
                self._checkpoints.update((run, None) for run in self._checkpoints if run.id == lost.run_id)
                behind = True
            else:
                self._checkpoints.update((run, after) for run, _, after in changes if run in self._checkpoints)
                self._tell_written()
        return True

    def _tell_written(self) -> None:
        written, self._written = self._written, asyncio.Event()
        written.set()

    def _changes(self, runs: Iterable[Kept]) -> list[tuple[Kept, tuple[Changes, Mark]]]:
        """Of those that are kept. What makes no record is saved no more, and keeps nothing else from being saved."""
        made = []
        for run in [run for run in runs if run in self._checkpoints]:
            try:
                made.append((run, changes_of(run, self._checkpoints[run])))
            except Exception:
                self.errors += 1
                _log.exception("cannot be saved", extra=about(id=run.id))
                del self._checkpoints[run]
                run.apply(SavedChanged(False))
                self._tell_written()
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
            _log.warning("runs are not saved", extra=about(reason=reason_of(problem)))
        self._writes = False
        for run in self._checkpoints:
            run.apply(SavedChanged(False))
        self._tell_written()
