"""Starts, queues and commands runs and sweeps."""

import asyncio
import secrets
from collections.abc import Coroutine, Iterable
from functools import partial

from app.config import RunConfig
from app.engine.base import Engine
from app.engine.commands import Stop
from app.errors import ShuttingDown, Starting, TooManyRuns
from app.events import LaneStatus, PaceChanged, RunStarted, RunStatus, StopRequested
from app.runs.run import Run
from app.scheduling.check_limits import batches_per_epoch, check_sweep, largest_bytes, places_for
from app.scheduling.job import Job
from app.scheduling.racing import end_rest, race
from app.scheduling.run_commands import RunCommands, commands_at_start, commands_so_far
from app.scheduling.run_metrics import RunMetrics
from app.scheduling.run_queue import RunQueue
from app.scheduling.run_registry import RunRegistry, SweepRegistry
from app.scheduling.sweeps import SweepTraining, new_sweep
from app.settings import Settings
from app.storage.store import Store
from app.storage.store_reader import LeftJob
from app.storage.submissions import Submission
from app.sweeps.grid import Grid
from app.sweeps.state import Stopper
from app.sweeps.sweep import Sweep
from app.training.dataset import Dataset
from app.training.evaluation import TRAIN_SAMPLE

Work = Coroutine[None, None, None]
# Try again after so long where the wait is unknown.
UNKNOWN_S = 30.0


class Manager(RunCommands):
    """All runs of this server. Open it in a running event loop before the first call."""

    def __init__(self, settings: Settings, engine: Engine, dataset: Dataset, store: Store | None = None) -> None:
        self._settings = settings
        self._engine = engine
        self._dataset = dataset
        self.metrics = RunMetrics()
        self.opened = self.draining = self._opening = self._letting_go = False
        self._store = store
        super().__init__(RunRegistry(settings, store))
        self.sweeps = SweepRegistry(store)
        self.queue = RunQueue(settings, len(dataset.test_labels) + min(TRAIN_SAMPLE, len(dataset.train_labels)))
        # Of the runs and sweeps that have a place; those of sweeps once more, to be stopped by.
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._trainings: dict[str, SweepTraining] = {}

    async def open(self) -> None:
        self.draining = self._letting_go = False
        self._opening = True  # What is taken over meanwhile waits for the engine.
        if self._store:
            await self._store.open(self.take_over)
        await self._engine.open()
        self.opened, self._opening = True, False
        self._start_waiting()

    @property
    def ready(self) -> bool:
        """Whether a race could start now, if there is a place."""
        return self.opened and self._engine.ready

    @property
    def workers_replaced(self) -> int:
        return self._engine.replaced

    def drain(self) -> None:
        """Start nothing more; what races goes on until `close`."""
        self.draining = True

    def check_open(self) -> None:
        """Raises ShuttingDown if nothing starts any more, Starting if nothing starts yet."""
        self._check_not_draining()
        if not self.opened:
            raise Starting("The server is starting. Try again in a few seconds.")

    def _check_not_draining(self) -> None:
        if self.draining:
            raise ShuttingDown("The server is about to restart, and starts no more runs. Try again in a few seconds.")

    async def close(self, succeeded: bool = False) -> None:
        """End every run at once, as interrupted, and leave nothing running.

        Left to another server are sweeps, if kept, and what is ready for races, if one is there: this is `succeeded`.
        """
        self.drain()
        self.opened, self._letting_go = False, self._store is not None
        shared = self._store is not None and self._store.shared
        for job in list(self.queue.queued):
            self.queue.dequeue(job)
            if not shared and not (self._store and isinstance(job, Sweep)):
                job.apply(StopRequested())
                self._end(job, LaneStatus.INTERRUPTED)
                self.metrics.job_ended(job)
        if self._store and shared and self._engine.let_go(ready=succeeded):
            for run in (job for job in self.queue.racing if isinstance(job, Run)):
                self._store.leave(run)
        await self._end_racing()
        # Each may wait for something that does not answer, so the time is limited for both together.
        await asyncio.gather(self._engine.close(), *([self._store.close()] if self._store else []))

    async def step_down(self) -> None:
        """Another server leads now: end everything here without a record, which is for that server to make."""
        self.opened = False
        if self._store:
            self._store.follow()
        for job in list(self.queue.queued):
            self.queue.dequeue(job)
        self._engine.let_go()
        await self._end_racing()
        self.registry.clear()
        self.sweeps.clear()
        await self._engine.close()

    async def _end_racing(self) -> None:
        racing = list(self.queue.racing)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        # A race that was cancelled before its first step has not ended its lanes itself.
        for job in racing:
            self._end(job, LaneStatus.INTERRUPTED)

    def start(
        self,
        config: RunConfig,
        pace: float | None = None,
        paused: bool = False,
        owner: str = "",
        visitor: str = "",
        priority: bool = False,
        run_id: str | None = None,
    ) -> Run:
        """A new run of this visitor, racing or in the queue. Raises InvalidConfig, TooManyRuns or ShuttingDown."""
        self._check_not_draining()
        per_epoch = batches_per_epoch(config, len(self._dataset.train_labels), self._settings)
        self._check_room(priority)
        run = Run(run_id or secrets.token_urlsafe(8), config, self._dataset.test_labels, per_epoch, owner=owner)
        if pace is not None:
            run.apply(PaceChanged(pace))
        self.registry.put(run)
        self._enqueue(run, Submission(visitor, paused, priority))
        return run

    def start_sweep(
        self, grid: Grid, owner: str = "", visitor: str = "", priority: bool = False, sweep_id: str | None = None
    ) -> Sweep:
        """A new sweep of this visitor, which takes one place, or waits for it, as a run. Raises what `start` does."""
        self._check_not_draining()
        check_sweep(grid, len(self._dataset.train_labels), self._settings)
        self._check_room(priority)
        sweep = new_sweep(grid, self._dataset, owner, sweep_id)
        self.sweeps.put(sweep)
        self._enqueue(sweep, Submission(visitor, False, priority))
        return sweep

    def take_over(self, left: Iterable[LeftJob]) -> None:
        """Go on with runs of another server, as they were saved when that was gone: wait, or read on from their lanes.

        Sweeps wait, and then train what was not over. Nothing starts before all of it waits.
        """
        for job, submission in left:
            self._take_over(job, submission)
        self._start_waiting()

    def _take_over(self, job: Run | Sweep, submission: Submission) -> None:
        if isinstance(job, Sweep):
            job.let_go()
            self.sweeps.put(job)
            return self._submit(job, submission)
        self.registry.put(run := job, saved=True)
        if run.status is RunStatus.QUEUED:
            return self._submit(run, submission)
        commands = self._commands[run.id] = commands_so_far(run)
        self.queue.take_over(run, submission.visitor)
        self._begin(run, race(self._engine, run, commands, self.metrics.lane_event, begun_elsewhere=True))

    def _check_room(self, priority: bool) -> None:
        if self.queue.full and not priority:
            racing, waiting = self.queue.racing, len(self.queue.queued)
            raise TooManyRuns(
                f"All slots are in use: {len(racing)} racing, {waiting} waiting. Try again later.",
                self.queue.first_left_s(racing) or UNKNOWN_S,
            )

    def _submit(self, job: Run | Sweep, submission: Submission) -> None:
        if self._store:
            self._store.submitted(job, submission)
        self.queue.enqueue(job, submission.paused, submission.visitor, submission.priority)

    def _enqueue(self, job: Run | Sweep, submission: Submission) -> None:
        self._submit(job, submission)
        self._start_waiting()
        while self.queue.overfull and (over := self.queue.passed_over):
            self.give_way(over[0], by="unwatched")
        if job.status is RunStatus.QUEUED:
            self.metrics.job_queued(job, len(self.queue.queued))

    def stop_overdue(self) -> None:
        """Stop races whose time slice is over while others wait. Call it about once a second."""
        for job in self.queue.overdue():
            self.give_way(job, by="others")

    def give_way(self, job: Job, by: Stopper) -> None:
        """Ask a run, or a sweep, that waits or has a place to stop; one that is stopping already stays as it is."""
        if job in self.queue.queued:
            self.queue.dequeue(job)
            job.apply(StopRequested(by))
            self._end(job, LaneStatus.STOPPED)
            self._ended(job)
        elif job.status.racing:
            job.apply(StopRequested(by))
            if isinstance(job, Sweep):
                self._trainings[job.id].stop()
            else:
                self._commands[job.id].put(Stop())

    def stop(self, run_id: str, by: Stopper = "owner") -> Run:
        """Ask a run to stop; one that is over or stopping already stays as it is. Raises RunNotFound."""
        self.give_way(run := self.get(run_id), by)
        return run

    async def wait(self, run_id: str) -> Run:
        """Returns the run once it is over and its place is free."""
        run = self.get(run_id)
        while not run.status.final:
            await run.notifier.next.wait()
        if task := self._tasks.get(run_id):
            await asyncio.wait([task])
        return run

    def _start_waiting(self) -> None:
        while not (self.draining or self._opening) and (first := self.queue.start_next()):
            job, paused = first
            assert isinstance(job, Run | Sweep)
            self._begin(job, self._sweep(job) if isinstance(job, Sweep) else self._race(job, paused))
        self.queue.measure()
        self.queue.publish_order()

    def _begin(self, job: Job, work: Work) -> None:
        task = self._tasks[job.id] = asyncio.create_task(work, name=f"job {job.id}")
        self.queue.begin(job)
        task.add_done_callback(partial(self._over, job))

    def _race(self, run: Run, paused: bool) -> Work:
        commands = self._commands[run.id] = commands_at_start(run, paused)
        run.apply(RunStarted(self._engine.kernel, paused))
        self.metrics.run_started(run, paused)
        return race(self._engine, run, commands, self.metrics.lane_event)

    def _sweep(self, sweep: Sweep) -> Work:
        """Train as many cells at once as the cores that other places leave, and the memory, allow."""
        largest = largest_bytes(sweep.grid, len(self._dataset.train_labels))

        def places() -> int:
            return places_for(largest, self._settings, self._engine.capacity, len(self.queue.racing) - 1)

        trainings = self._trainings[sweep.id] = SweepTraining(
            sweep, self._engine, self._dataset, places, self.registry.put, self._cell_over, self.metrics.lane_event
        )
        sweep.apply(RunStarted(self._engine.kernel))
        self.metrics.sweep_started(sweep)
        return trainings.run()

    def _cell_over(self, _: Run) -> None:
        self._save_soon()
        self.registry.forget()

    def _over(self, job: Job, _: asyncio.Task[None]) -> None:
        del self._tasks[job.id]
        self._commands.pop(job.id, None)
        self._trainings.pop(job.id, None)
        self._end(job, LaneStatus.INTERRUPTED)
        self.queue.end(job)
        self._ended(job)

    def _end(self, job: Job, status: LaneStatus) -> None:
        """End the lanes that have not ended by themselves."""
        if isinstance(job, Run):
            end_rest(job, status, observe=self.metrics.lane_event)
        elif isinstance(job, Sweep) and self._letting_go:
            job.let_go()
        elif isinstance(job, Sweep) and not job.status.final:
            job.end(interrupted=status is LaneStatus.INTERRUPTED)

    def _ended(self, job: Job) -> None:
        self.metrics.job_ended(job)
        self._save_soon()
        self.registry.forget()
        self.sweeps.forget()
        self._start_waiting()

    def _save_soon(self) -> None:
        if self._store:
            self._store.save_soon()
