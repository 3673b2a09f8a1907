"""Finds what the store has saved: the reading half of `storage.store`."""

import asyncio
import logging
import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from app.errors import StoreUnavailable
from app.events import RunStatus, SavedChanged
from app.lessons.lesson import KeptLesson
from app.logs import about
from app.runs.run import Run
from app.storage.changes import AKept, Kept, Mark
from app.storage.records import DamagedRun
from app.storage.restore import restore
from app.storage.serial_thread import SerialThread
from app.storage.submissions import Submission
from app.storage.sweep_records import restore_sweep
from app.storage.takeover import Left
from app.sweeps.sweep import Sweep

if TYPE_CHECKING:
    from app.storage.database import Database

# What another server has left, and who has submitted it.
LeftJob = tuple[Kept, Submission]

FIND_WITHIN_S = 5.0
# What an id looks like; nothing else is looked up.
ID = re.compile(r"[\w-]{1,64}", re.ASCII)

_log = logging.getLogger(__name__)


class Found(NamedTuple):
    """What another server has left: what raced, then what waits, the first first; and lessons."""

    jobs: list[LeftJob]
    lessons: list[KeptLesson]


class NotOver(Exception):
    """Another server continues this, so what is saved of it is not all."""


class StoreReader:
    """Finds runs and sweeps by id, once the database is open. `errors` counts failures."""

    def __init__(self, labels: NDArray[np.uint8]) -> None:
        self.errors = 0
        self._labels = labels
        self._database: Database | None = None
        self._ready = asyncio.Event()
        # How much of each run is saved: None is nothing, or nothing that can be gone on from.
        self._checkpoints: dict[Kept, Mark | None] = {}
        # Those that are over and saved, as long as they are in memory elsewhere.
        self._saved: WeakValueDictionary[str, Kept] = WeakValueDictionary()
        self._writes = self._finds = True
        # Whether other servers have the same database, and whether this one writes it.
        self._shared, self._leads = False, True
        # A find does not wait for a write that does not end.
        self._reader = SerialThread("store reader")

    async def find(self, run_id: str) -> Run | None:
        """The run as it was saved, or is about to be; None if there is none.

        Raises StoreUnavailable if that is unknown.
        """
        return await self._look_for("run", run_id, Run, self._find)

    async def find_sweep(self, sweep_id: str) -> Sweep | None:
        """The same of a sweep."""
        return await self._look_for("sweep", sweep_id, Sweep, self._find_sweep)

    def _checkpointed(self, kept_id: str, kind: type[AKept]) -> AKept | None:
        return next((each for each in self._checkpoints if each.id == kept_id and isinstance(each, kind)), None)

    async def _look_for(
        self, noun: str, kept_id: str, kind: type[AKept], find: Callable[[str], AKept | None]
    ) -> AKept | None:
        if waiting := self._checkpointed(kept_id, kind):
            return waiting
        if not ID.fullmatch(kept_id):
            return None
        try:
            if not (self._writes or self._ready.is_set()):
                raise TimeoutError("the database is not there")
            async with asyncio.timeout(FIND_WITHIN_S):
                await self._ready.wait()
                if taken_over := self._checkpointed(kept_id, kind):
                    return taken_over
                found = await self._reader.run(partial(find, kept_id))
        except NotOver as problem:
            raise StoreUnavailable(
                f"{noun.capitalize()} {kept_id} is being taken over by another server. Try again in a few seconds."
            ) from problem
        except Exception as problem:
            self.errors += 1
            if self._finds:
                _log.warning("store cannot be read", extra=about(reason=reason_of(problem)))
            self._finds = False
            raise StoreUnavailable(
                f"The server cannot look for {noun} {kept_id} at the moment. Try again in a few seconds."
            ) from problem
        self._finds = True
        if found:
            self._saved[kept_id] = found
        return found

    def _find(self, run_id: str) -> Run | None:
        return find_run(self._readable(run_id), run_id, self._labels)

    def _find_sweep(self, sweep_id: str) -> Sweep | None:
        return find_sweep(self._readable(sweep_id), sweep_id)

    def _readable(self, kept_id: str) -> "Database":
        """What goes on is to be had of the server that leads, not from the database, where it would end here."""
        assert self._database
        if not self._leads and not self._database.is_over(kept_id):
            raise NotOver(kept_id)
        return self._database


def reason_of(problem: Exception) -> str:
    """In one line, without the statement that failed."""
    return first_line(getattr(problem, "orig", None) or problem)


def find_run(database: "Database", run_id: str, labels: NDArray[np.uint8], goes_on: bool = False) -> Run | None:
    """The run, over unless it `goes_on`; None if it is not stored, or cannot be read."""
    try:
        kept, same_digits = database.find(run_id) or (None, False)
        if not kept:
            return None
        run = restore(kept, labels, same_digits, goes_on)
    except DamagedRun as problem:
        _log.warning("saved run cannot be read", extra=about(run=run_id, reason=first_line(problem)))
        return None
    run.apply(SavedChanged(True))
    return run


def find_sweep(database: "Database", sweep_id: str, goes_on: bool = False) -> Sweep | None:
    """The same for a sweep; None, too, if it trained on other digits."""
    try:
        kept, same_digits = database.find_sweep(sweep_id) or (None, False)
        sweep = restore_sweep(kept, goes_on) if kept and same_digits else None
    except DamagedRun as problem:
        _log.warning("saved sweep cannot be read", extra=about(sweep=sweep_id, reason=first_line(problem)))
        return None
    if sweep:
        sweep.apply(SavedChanged(True))
    return sweep


def find_left(database: "Database", left: Left, labels: NDArray[np.uint8]) -> Found:
    """What another server has left, as it was saved."""
    for run_id in left.interrupted:
        _log.warning("run found interrupted", extra=about(run=run_id))
    runs = {run_id: find_run(database, run_id, labels, goes_on=True) for run_id in left.runs}
    sweeps = {sweep_id: find_sweep(database, sweep_id, goes_on=True) for sweep_id in left.sweeps}
    found: dict[str, Kept | None] = {**runs, **sweeps}
    if lost := [kept_id for kept_id, kept in found.items() if kept is None]:
        database.interrupt(lost)
    there = [kept for kept in found.values() if kept]
    there.sort(key=lambda each: (each.status is RunStatus.QUEUED, each.created_at))
    # One whose visitor is not known is as of a visitor of its own.
    jobs = [(kept, left.submissions.get(kept.id, Submission(kept.id))) for kept in there]
    return Found(jobs, database.find_lessons())


def first_line(problem: object) -> str:
    return f"{problem}".partition("\n")[0]
