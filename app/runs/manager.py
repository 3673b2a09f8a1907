"""Starts runs, lets them wait for their turn, and commands them."""

import asyncio
import secrets
from collections import deque
from collections.abc import Collection, Iterable
from functools import partial
from typing import Literal

from app.config import RunConfig
from app.engine.base import Engine
from app.engine.orders import Orders, Pause, Resume, SetLearningRate, SetPace, Step, Stop
from app.errors import Draining, NotRunning, RunNotFound, TooManyChanges, TooManyRuns
from app.events import (
    LaneEnded,
    LaneEvent,
    LaneStatus,
    PaceChanged,
    RunPaused,
    RunResumed,
    RunStarted,
    StopRequested,
)
from app.runs.journal import Journal
from app.runs.limits import batches_per_epoch
from app.runs.outlook import Outlook
from app.runs.run import Run, RunStatus
from app.runs.shelf import Shelf
from app.runs.store import Store
from app.runs.turns import Turns
from app.settings import Settings
from app.training.dataset import Dataset

# Worth another try after so long when nobody knows.
UNKNOWN_S = 30.0
MOST_CHANGES = 100


class Manager:
    """All runs of this server. Open it in a running event loop before the first call."""

    def __init__(self, settings: Settings, engine: Engine, dataset: Dataset, store: Store | None = None) -> None:
        self._settings = settings
        self._engine = engine
        self._dataset = dataset
        self.journal = Journal()
        self.ready = self.draining = False
        self._store = store
        self.shelf = Shelf(settings, store)
        self._queue: deque[Run] = deque()
        self._racing: dict[str, asyncio.Task[None]] = {}
        # Of the runs that are racing; those that are to start paused are in the queue.
        self._orders: dict[str, Orders] = {}
        self._start_paused: set[str] = set()
        self._turns = Turns(settings.max_turn_s)
        evaluated = len(dataset.test_labels) + min(10_000, len(dataset.train_labels))
        self._outlook = Outlook(settings.max_running, evaluated, self._turns)

    async def open(self) -> None:
        if self._store:
            await self._store.open()
        await self._engine.open()
        self.ready, self.draining = True, False

    def drain(self) -> None:
        """Let nothing start any more; what races goes on until `close`."""
        self.draining = True

    async def close(self) -> None:
        """End every run at once, as interrupted, and leave nothing running."""
        self.drain()
        self.ready = False
        while self._queue:
            run = self._queue.popleft()
            self._start_paused.discard(run.id)
            run.apply(StopRequested())
            self._end_rest(run, LaneStatus.INTERRUPTED)
            self.journal.run_ended(run)
        racing = [self.get(run_id) for run_id in self._racing]
        for task in self._racing.values():
            task.cancel()
        await asyncio.gather(*self._racing.values(), return_exceptions=True)
        # A race that was cancelled before its first step has not ended its lanes itself.
        for run in racing:
            self._end_rest(run, LaneStatus.INTERRUPTED)
        await self._engine.close()
        if self._store:
            await self._store.close()

    def start(self, config: RunConfig, pace: float | None = None, paused: bool = False, owner: str = "") -> Run:
        """A new run, racing or in the queue. Raises InvalidConfig, TooManyRuns or Draining."""
        per_epoch = batches_per_epoch(config, len(self._dataset.train_labels), self._settings)
        if self.draining:
            raise Draining("The server is about to restart, and starts no more runs. Try again in a few seconds.")
        if self.full:
            raise TooManyRuns(
                f"All places are taken: {len(self._racing)} racing, {len(self._queue)} waiting. Try again later.",
                self.first_left_s(self.racing) or UNKNOWN_S,
            )
        run = Run(secrets.token_urlsafe(8), config, self._dataset.test_labels, per_epoch, owner=owner)
        if pace is not None:
            run.apply(PaceChanged(pace))
        if paused:
            self._start_paused.add(run.id)
        self.shelf.put(run)
        self._queue.append(run)
        self._start_waiting()
        if run.status is RunStatus.QUEUED:
            self.look_ahead()
            self.journal.run_queued(run, len(self._queue))
        return run

    @property
    def runs(self) -> Collection[Run]:
        """Those in memory that raced here."""
        return self.shelf.runs

    @property
    def racing(self) -> list[Run]:
        """Those that have a place: racing, paused, or about to end."""
        return [self.get(run_id) for run_id in self._racing]

    @property
    def queued(self) -> int:
        return len(self._queue)

    @property
    def full(self) -> bool:
        """Whether one that came now would be refused."""
        return self._all_busy() and len(self._queue) >= self._settings.max_queued

    @property
    def wait_s(self) -> float | None:
        """About how long one that came now would wait; None if nobody knows."""
        return self._waits()[-1]

    def first_left_s(self, runs: Iterable[Run]) -> float | None:
        """About how long until the first of these that race is over; None if nobody knows."""
        lefts = [self._outlook.left(run, bool(self._queue)) for run in runs if run.id in self._racing]
        return min((left for left in lefts if left is not None), default=None)

    @property
    def wanted(self) -> int:
        """Places that those in the queue wait for and that nobody is leaving yet."""
        return max(0, len(self._queue) - sum(not run.status.racing for run in self.racing))

    def give_way(self) -> None:
        """Stop races whose turn is over, the longest first, while others wait. To be called about once a second."""
        now = asyncio.get_running_loop().time()
        over = [run for run in self.racing if run.status.racing and not self._turns.left(run, now)]
        for run in over[: self.wanted]:
            self.stop(run.id, by="others")

    def look_ahead(self) -> None:
        """Tell those in the queue about how long they will wait. To be called about once a second."""
        self._outlook.look(self.racing, asyncio.get_running_loop().time())
        held_up = any(run.status is RunStatus.PAUSED for run in self.racing)
        for run, wait_s in zip(self._queue, self._waits(), strict=False):
            if run.expect(wait_s, held_up and wait_s is None):
                run.pulse.notify()
            held_up = held_up or run.id in self._start_paused

    def _waits(self) -> list[float | None]:
        return self._outlook.waits(self.racing, [(run, run.id in self._start_paused) for run in self._queue])

    async def find(self, run_id: str) -> Run:
        """The run, wherever it is, from then on in memory for a while. Raises RunNotFound, StoreAway or Crowded."""
        return await self.shelf.find(run_id)

    def get(self, run_id: str) -> Run:
        """A run in memory; whoever has only its id finds it first. Raises RunNotFound."""
        return self.shelf.get(run_id)

    def stop(self, run_id: str, by: Literal["owner", "unwatched", "others"] = "owner") -> Run:
        """Ask a run to stop; one that is over or stopping already stays as it is. Raises RunNotFound."""
        run = self.get(run_id)
        if run in self._queue:
            self._queue.remove(run)
            self._start_paused.discard(run_id)
            run.apply(StopRequested(by))
            for lane in range(len(run.lanes)):
                run.apply(LaneEnded(lane, LaneStatus.STOPPED, 0))
            run.pulse.notify()
            self._ended(run)
        elif run.status.racing:
            self._orders[run_id].give(Stop())
            run.apply(StopRequested(by))
            run.pulse.notify()
        return run

    def pause(self, run_id: str, unwatched: bool = False) -> Run:
        """Let all lanes wait; a run that is paused stays as it is. Raises RunNotFound or NotRunning."""
        run = self._get_racing(run_id, "paused")
        if run.status is RunStatus.RUNNING:
            self._orders[run_id].give(Pause())
            run.apply(RunPaused(unwatched))
            run.pulse.notify()
        return run

    def resume(self, run_id: str) -> Run:
        """Let all lanes go on; a run that is not paused stays as it is. Raises RunNotFound or NotRunning."""
        run = self._get_racing(run_id, "resumed")
        if run.status is RunStatus.PAUSED:
            self._orders[run_id].give(Resume())
            run.apply(RunResumed())
            run.pulse.notify()
        return run

    def step(self, run_id: str) -> Run:
        """Let every lane that still trains make one more step, then wait. Raises RunNotFound or NotRunning."""
        run = self._get_racing(run_id, "stepped")
        self._orders[run_id].give(Step())
        if run.status is RunStatus.RUNNING:
            run.apply(RunPaused())
            run.pulse.notify()
        return run

    def set_pace(self, run_id: str, batches_per_s: float | None) -> Run:
        """Hold every lane to a pace, or to none; from the start on if it waits. Raises RunNotFound or NotRunning."""
        run = self.get(run_id)
        if run.status is not RunStatus.QUEUED:
            self._get_racing(run_id, "paced")
            self._orders[run_id].give(SetPace(batches_per_s))
        run.apply(PaceChanged(batches_per_s))
        run.pulse.notify()
        return run

    def set_learning_rate(self, run_id: str, lane: int, learning_rate: float) -> Run:
        """Change what a lane trains with; the lane tells from which step on.

        Raises RunNotFound, NotRunning or TooManyChanges.
        """
        run = self.get(run_id)
        if not 0 <= lane < len(run.lanes):
            raise RunNotFound(f"Run {run_id} has no lane {lane}; its lanes go from 0 to {len(run.lanes) - 1}.")
        self._get_racing(run_id, "given another learning rate")
        if (status := run.lanes[lane].status).final:
            raise NotRunning(f"Lane {lane} trains no more, it is {status}: its learning rate stays as it is.")
        if len(run.lanes[lane].learning_rate_changes) >= MOST_CHANGES:
            raise TooManyChanges(
                f"Lane {lane} has been given another learning rate {MOST_CHANGES} times, which is the most; it goes on "
                "with the last one."
            )
        self._orders[run_id].give(SetLearningRate(lane, learning_rate))
        return run

    async def wait(self, run_id: str) -> Run:
        """The run, once it is over."""
        run = self.get(run_id)
        while not run.status.final:
            await run.pulse.next.wait()
        return run

    def _get_racing(self, run_id: str, done: str) -> Run:
        run = self.get(run_id)
        if not run.status.racing:
            raise NotRunning(f"A run can be {done} only while it races; this one is {run.status}.")
        return run

    def _all_busy(self) -> bool:
        return len(self._racing) >= self._settings.max_running

    def _start_waiting(self) -> None:
        while self._queue and not self._all_busy() and not self.draining:
            run = self._queue.popleft()
            waited = run.position is not None
            orders = self._orders[run.id] = Orders()
            if run.pace is not None:
                orders.give(SetPace(run.pace))
            if paused := run.id in self._start_paused:
                self._start_paused.remove(run.id)
                orders.give(Pause())
            run.apply(RunStarted(self._engine.form, paused))
            self.journal.run_started(run, paused)
            if waited:
                # Of a run that starts at once nobody knows yet, and the first wake-up is the first batch's.
                run.pulse.notify()
            task = asyncio.create_task(self._race(run, orders), name=f"run {run.id}")
            self._racing[run.id] = task
            self._turns.begin(run, now := asyncio.get_running_loop().time())
            self._outlook.look([run], now)
            task.add_done_callback(partial(self._over, run))
        for position, run in enumerate(self._queue, start=1):
            run.move_to(position)
            run.pulse.notify()

    async def _race(self, run: Run, orders: Orders) -> None:
        def tell(event: LaneEvent) -> None:
            run.apply(event)
            self.journal.lane_told(run, event)
            run.pulse.notify()

        end, reason = LaneStatus.INTERRUPTED, None
        try:
            await self._engine.run(run.config, tell, orders)
        except Exception as error:
            # Told on the lanes, where the visitor looks; the server goes on.
            end, reason = LaneStatus.FAILED, f"The race could not go on: {error}"
        finally:
            self._end_rest(run, end, reason)

    def _end_rest(self, run: Run, status: LaneStatus, reason: str | None = None) -> None:
        """End the lanes that have not told their end themselves."""
        for number, lane in enumerate(run.lanes):
            if not lane.status.final:
                event = LaneEnded(number, status, run.history.steps(number), reason)
                run.apply(event)
                self.journal.lane_told(run, event)
                run.pulse.notify()

    def _over(self, run: Run, _: asyncio.Task[None]) -> None:
        del self._racing[run.id], self._orders[run.id]
        self._turns.end(run)
        self._outlook.look([run], asyncio.get_running_loop().time())
        self._ended(run)

    def _ended(self, run: Run) -> None:
        self.journal.run_ended(run)
        if self._store:
            self._store.hurry()
        self.shelf.forget()
        self._start_waiting()
