"""Starts runs, keeps them waiting for their turn, and commands them."""

import asyncio
import secrets
from collections.abc import Collection
from functools import partial
from typing import Literal

from app.config import RunConfig
from app.engine.base import Engine
from app.engine.commands import CommandQueue, Pause, Resume, SetLearningRate, SetPace, Step, Stop
from app.errors import (
    NotRunning,
    RunNotFound,
    ShuttingDown,
    Starting,
    TooManyChanges,
    TooManyRuns,
)
from app.events import (
    LaneStatus,
    PaceChanged,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStatus,
    StopRequested,
)
from app.runs.run import Run
from app.scheduling.check_limits import batches_per_epoch
from app.scheduling.racing import end_rest, race
from app.scheduling.run_metrics import RunMetrics
from app.scheduling.run_queue import RunQueue
from app.scheduling.run_registry import RunRegistry
from app.settings import Settings
from app.storage.store import Store
from app.training.dataset import Dataset
from app.training.evaluation import TRAIN_SAMPLE

# Try again after so long where the wait is unknown.
UNKNOWN_S = 30.0
MOST_CHANGES = 100


class Manager:
    """All runs of this server. Open it in a running event loop before the first call."""

    def __init__(self, settings: Settings, engine: Engine, dataset: Dataset, store: Store | None = None) -> None:
        self._settings = settings
        self._engine = engine
        self._dataset = dataset
        self.metrics = RunMetrics()
        self.opened = self.draining = False
        self._store = store
        self.registry = RunRegistry(settings, store)
        self.queue = RunQueue(settings, len(dataset.test_labels) + min(TRAIN_SAMPLE, len(dataset.train_labels)))
        # Of the runs that are racing.
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._commands: dict[str, CommandQueue] = {}

    async def open(self) -> None:
        self.draining = False
        if self._store:
            await self._store.open()
        await self._engine.open()
        self.opened = True

    @property
    def ready(self) -> bool:
        """Whether a race could start now, if there is a place."""
        return self.opened and self._engine.ready

    @property
    def workers_replaced(self) -> int:
        return self._engine.replaced

    def drain(self) -> None:
        """Let nothing start any more; what races goes on until `close`."""
        self.draining = True

    def check_open(self) -> None:
        """Raises ShuttingDown if nothing starts any more, Starting if nothing starts yet."""
        self._check_not_draining()
        if not self.opened:
            raise Starting("The server is starting. Try again in a few seconds.")

    def _check_not_draining(self) -> None:
        if self.draining:
            raise ShuttingDown("The server is about to restart, and starts no more runs. Try again in a few seconds.")

    async def close(self) -> None:
        """End every run at once, as interrupted, and leave nothing running."""
        self.drain()
        self.opened = False
        for run in list(self.queue.queued):
            self.queue.dequeue(run)
            run.apply(StopRequested())
            end_rest(run, LaneStatus.INTERRUPTED, observe=self.metrics.lane_event)
            self.metrics.run_ended(run)
        racing = list(self.queue.racing)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        # A race that was cancelled before its first step has not ended its lanes itself.
        for run in racing:
            end_rest(run, LaneStatus.INTERRUPTED, observe=self.metrics.lane_event)
        # Each may have to wait for what does not answer, and both together have only so long.
        await asyncio.gather(self._engine.close(), *([self._store.close()] if self._store else []))

    def start(
        self,
        config: RunConfig,
        pace: float | None = None,
        paused: bool = False,
        owner: str = "",
        visitor: str = "",
        priority: bool = False,
    ) -> Run:
        """A new run of this visitor, racing or in the queue. Raises InvalidConfig, TooManyRuns or ShuttingDown."""
        self._check_not_draining()
        per_epoch = batches_per_epoch(config, len(self._dataset.train_labels), self._settings)
        if self.queue.full and not priority:
            racing, queued = self.queue.racing, self.queue.queued
            raise TooManyRuns(
                f"All places are taken: {len(racing)} racing, {len(queued)} waiting. Try again later.",
                self.queue.first_left_s(racing) or UNKNOWN_S,
            )
        run = Run(secrets.token_urlsafe(8), config, self._dataset.test_labels, per_epoch, owner=owner)
        if pace is not None:
            run.apply(PaceChanged(pace))
        self.registry.put(run)
        self.queue.enqueue(run, paused, visitor, priority)
        self._start_waiting()
        while self.queue.overfull and (over := self.queue.passed_over):
            self.stop(over[0].id, by="unwatched")
        if run.status is RunStatus.QUEUED:
            self.metrics.run_queued(run, len(self.queue.queued))
        return run

    @property
    def runs(self) -> Collection[Run]:
        """Those in memory that raced here."""
        return self.registry.runs

    def stop_overdue(self) -> None:
        """Stop races whose turn is over while others wait. To be called about once a second."""
        for run in self.queue.overdue():
            self.stop(run.id, by="others")

    async def find(self, run_id: str) -> Run:
        """The run, from memory or the store. Raises RunNotFound, StoreUnavailable or Overloaded."""
        return await self.registry.find(run_id)

    def get(self, run_id: str) -> Run:
        """A run in memory, where `find` brings it. Raises RunNotFound."""
        return self.registry.get(run_id)

    def stop(self, run_id: str, by: Literal["owner", "unwatched", "others"] = "owner") -> Run:
        """Ask a run to stop; one that is over or stopping already stays as it is. Raises RunNotFound."""
        run = self.get(run_id)
        if run in self.queue.queued:
            self.queue.dequeue(run)
            run.apply(StopRequested(by))
            end_rest(run, LaneStatus.STOPPED, observe=self.metrics.lane_event)
            self._ended(run)
        elif run.status.racing:
            self._commands[run_id].put(Stop())
            run.apply(StopRequested(by))
        return run

    def pause(self, run_id: str, unwatched: bool = False) -> Run:
        """Let all lanes wait; a run that is paused stays as it is. Raises RunNotFound or NotRunning."""
        run = self._get_racing(run_id, "paused")
        if run.status is RunStatus.RUNNING:
            self._commands[run_id].put(Pause())
            run.apply(RunPaused(unwatched))
        return run

    def resume(self, run_id: str) -> Run:
        """Let all lanes go on; a run that is not paused stays as it is. Raises RunNotFound or NotRunning."""
        run = self._get_racing(run_id, "resumed")
        if run.status is RunStatus.PAUSED:
            self._commands[run_id].put(Resume())
            run.apply(RunResumed())
        return run

    def step(self, run_id: str) -> Run:
        """Let every lane that still trains make one more step, then wait. Raises RunNotFound or NotRunning."""
        run = self._get_racing(run_id, "stepped")
        self._commands[run_id].put(Step())
        if run.status is RunStatus.RUNNING:
            run.apply(RunPaused())
        return run

    def set_pace(self, run_id: str, batches_per_s: float | None) -> Run:
        """Hold every lane to a pace, or to none; from the start on if it waits. Raises RunNotFound or NotRunning."""
        run = self.get(run_id)
        if run.status is not RunStatus.QUEUED:
            self._get_racing(run_id, "paced")
            self._commands[run_id].put(SetPace(batches_per_s))
        run.apply(PaceChanged(batches_per_s))
        return run

    def set_learning_rate(self, run_id: str, lane: int, learning_rate: float) -> Run:
        """Change what a lane trains with. Raises RunNotFound, NotRunning or TooManyChanges."""
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
        self._commands[run_id].put(SetLearningRate(lane, learning_rate))
        return run

    async def wait(self, run_id: str) -> Run:
        """The run, once it is over."""
        run = self.get(run_id)
        while not run.status.final:
            await run.notifier.next.wait()
        return run

    def _get_racing(self, run_id: str, done: str) -> Run:
        run = self.get(run_id)
        if not run.status.racing:
            raise NotRunning(f"A run can be {done} only while it races; this one is {run.status}.")
        return run

    def _start_waiting(self) -> None:
        while not self.draining and (first := self.queue.start_next()):
            run, paused = first
            commands = self._commands[run.id] = CommandQueue()
            if run.pace is not None:
                commands.put(SetPace(run.pace))
            if paused:
                commands.put(Pause())
            run.apply(RunStarted(self._engine.kernel, paused))
            self.metrics.run_started(run, paused)
            task = self._tasks[run.id] = asyncio.create_task(
                race(self._engine, run, commands, self.metrics.lane_event), name=f"run {run.id}"
            )
            self.queue.begin(run)
            task.add_done_callback(partial(self._over, run))
        self.queue.measure()
        self.queue.publish_order()

    def _over(self, run: Run, _: asyncio.Task[None]) -> None:
        del self._tasks[run.id], self._commands[run.id]
        self.queue.end(run)
        self._ended(run)

    def _ended(self, run: Run) -> None:
        self.metrics.run_ended(run)
        if self._store:
            self._store.save_soon()
        self.registry.forget()
        self._start_waiting()
