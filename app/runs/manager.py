"""Starts runs, lets them wait for their turn, stops them, and keeps those that are over for a while."""

import asyncio
import secrets
from collections import deque
from functools import partial

from app.config import RunConfig
from app.engine.base import Engine
from app.errors import InvalidConfig, RunNotFound, TooManyRuns
from app.events import LaneEnded, LaneEvent, LaneStatus, RunStarted, StopRequested
from app.runs.run import Run, RunStatus
from app.settings import Settings
from app.training.dataset import PIXELS, Dataset


class Manager:
    """All runs of this server. Open it in a running event loop before the first call."""

    def __init__(self, settings: Settings, engine: Engine, dataset: Dataset) -> None:
        self._settings = settings
        self._engine = engine
        self._dataset = dataset
        self._runs: dict[str, Run] = {}
        self._queue: deque[Run] = deque()
        self._racing: dict[str, asyncio.Task[None]] = {}
        self._stops: dict[str, asyncio.Event] = {}

    async def open(self) -> None:
        await self._engine.open()

    async def close(self) -> None:
        """End every run at once and leave nothing running."""
        for run in list(self._queue):
            self.stop(run.id)
        racing = [self._runs[run_id] for run_id in self._racing]
        for task in self._racing.values():
            task.cancel()
        await asyncio.gather(*self._racing.values(), return_exceptions=True)
        # A race that was cancelled before its first step has not ended its lanes itself.
        for run in racing:
            self._fail_rest(run, "The server is shutting down.")
        await self._engine.close()

    def start(self, config: RunConfig) -> Run:
        """A new run, racing or in the queue. Raises InvalidConfig or TooManyRuns."""
        per_epoch = self._checked_batches_per_epoch(config)
        if self._all_busy() and len(self._queue) >= self._settings.max_queued:
            raise TooManyRuns(
                f"All places are taken: {len(self._racing)} racing, {len(self._queue)} waiting. Try again in a minute."
            )
        run = Run(secrets.token_urlsafe(8), config, self._dataset.test_labels, per_epoch)
        self._runs[run.id] = run
        self._queue.append(run)
        self._start_waiting()
        return run

    def get(self, run_id: str) -> Run:
        """Raises RunNotFound."""
        try:
            return self._runs[run_id]
        except KeyError:
            raise RunNotFound(
                f"There is no run {run_id!a} on this server. Runs live as long as the server does, "
                f"and it keeps the last {self._settings.max_kept}."
            ) from None

    def stop(self, run_id: str) -> Run:
        """Ask a run to stop; one that is over or stopping already stays as it is. Raises RunNotFound."""
        run = self.get(run_id)
        if run in self._queue:
            self._queue.remove(run)
            run.apply(StopRequested())
            for lane in range(len(run.lanes)):
                run.apply(LaneEnded(lane, LaneStatus.STOPPED, 0))
            run.pulse.notify()
            self._forget()
            self._start_waiting()
        elif run.status is RunStatus.RUNNING:
            self._stops[run_id].set()
            run.apply(StopRequested())
            run.pulse.notify()
        return run

    async def wait(self, run_id: str) -> Run:
        """The run, once it is over."""
        run = self.get(run_id)
        while not run.status.final:
            await run.pulse.next.wait()
        return run

    def _all_busy(self) -> bool:
        return len(self._racing) >= self._settings.max_running

    def _start_waiting(self) -> None:
        while self._queue and not self._all_busy():
            run = self._queue.popleft()
            waited = run.position is not None
            run.apply(RunStarted(self._engine.form))
            if waited:
                # Of a run that starts at once nobody knows yet, and the first wake-up is the first batch's.
                run.pulse.notify()
            self._stops[run.id] = asyncio.Event()
            task = asyncio.create_task(self._race(run, self._stops[run.id]), name=f"run {run.id}")
            self._racing[run.id] = task
            task.add_done_callback(partial(self._over, run))
        for position, run in enumerate(self._queue, start=1):
            run.move_to(position)
            run.pulse.notify()

    async def _race(self, run: Run, stop: asyncio.Event) -> None:
        def tell(event: LaneEvent) -> None:
            run.apply(event)
            run.pulse.notify()

        reason = "The server is shutting down."
        try:
            await self._engine.run(run.config, tell, stop)
        except Exception as error:
            # Told on the lanes, where the visitor looks; the server goes on.
            reason = f"The race could not go on: {error}"
        finally:
            self._fail_rest(run, reason)

    def _fail_rest(self, run: Run, reason: str) -> None:
        """End the lanes that have not told their end themselves."""
        for number, lane in enumerate(run.lanes):
            if not lane.status.final:
                run.apply(LaneEnded(number, LaneStatus.FAILED, run.history.steps(number), reason))
                run.pulse.notify()

    def _over(self, run: Run, _: asyncio.Task[None]) -> None:
        del self._racing[run.id], self._stops[run.id]
        self._forget()
        self._start_waiting()

    def _forget(self) -> None:
        kept = [other for other in self._runs.values() if other.status.final]
        for old in kept[: -self._settings.max_kept]:
            del self._runs[old.id]

    def _checked_batches_per_epoch(self, config: RunConfig) -> int:
        digits = len(self._dataset.train_labels)
        if config.batch_size > digits:
            raise InvalidConfig(
                f"batch_size should be at most {digits:,}, the number of training digits; got {config.batch_size:,}."
            )
        per_epoch = digits // config.batch_size
        if per_epoch * config.epochs > self._settings.max_steps:
            raise InvalidConfig(
                f"{config.epochs} epochs of batches of {config.batch_size} are {per_epoch * config.epochs:,} steps "
                f"a lane; this server does at most {self._settings.max_steps:,}. Take fewer epochs or larger batches."
            )
        # Of each digit of a batch the pixels, as bytes and as float32; of each hidden unit its value, its gradient and
        # a zero, as float32, and whether it is active.
        megabytes = config.batch_size * (5 * PIXELS + 13 * sum(config.hidden)) // 1_000_000
        if megabytes > self._settings.max_lane_memory_mb:
            raise InvalidConfig(
                f"A batch of {config.batch_size:,} with hidden widths {config.hidden} needs about {megabytes:,} MB a "
                f"lane; this server allows {self._settings.max_lane_memory_mb:,}. Take smaller batches or fewer units."
            )
        return per_epoch
