"""Warm worker processes on this machine, one lane each, one BLAS thread each."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from pathlib import Path

from app.background_tasks import keep_going
from app.config import RunConfig
from app.engine.base import SILENT_REPORTED_S, Capacity, Emit, LanesEndWithProcess
from app.engine.commands import CommandQueue, SentCommand
from app.engine.launcher import Launcher, WorkerDied
from app.engine.worker_process import WorkerProcess
from app.events import Detail, LaneEvent
from app.logs import about
from app.machine import cores
from app.training.kernels import Kernel

MB = 1024 * 1024
# Virtual memory of an idle worker, generously; the data that it maps and what a lane may take come on top.
IDLE_WORKER_MB = 768
LOOK_EVERY_S = 2.0

_log = logging.getLogger(__name__)


class LocalEngine(LanesEndWithProcess):
    """Keeps `warm` idle workers; a race takes one for each lane and gives them back."""

    def __init__(self, prepared: Path, warm: int, lane_memory_mb: int = 1024) -> None:
        self._warm = warm
        self.kernel = Kernel.WHOLE
        self.ready = False
        self.replaced = 0
        self.capacity = Capacity(cores())
        mapped = sum(file.stat().st_size for file in prepared.glob("*"))
        self._launcher = Launcher(prepared, (IDLE_WORKER_MB + 2 * lane_memory_mb) * MB + mapped)
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._looking_after: asyncio.Task[None] | None = None
        self._closing = False

    async def open(self) -> None:
        self._closing = False
        await self._start(self._warm - len(self._idle))
        # One for all lanes, and for all races to come: else they were not fair, nor the same again.
        self.kernel = self._idle[0].fastest
        self.ready = True
        if not self._looking_after:
            self._looking_after = asyncio.create_task(keep_going("workers", self._look_after), name="workers")

    async def run(
        self, config: RunConfig, emit: Emit, commands: CommandQueue, detail: Detail = Detail.EVERYTHING, **_: object
    ) -> None:
        children = await self._take(len(config.lanes))
        try:
            async with asyncio.TaskGroup() as group:
                given = commands.drain()
                trainings = [
                    child.train(config, lane, self.kernel, _concerning(lane, given), detail)
                    for lane, child in enumerate(children)
                ]
                lanes = [group.create_task(_emit_all(training, emit)) for training in trainings]
                # After the lanes: later commands must come behind the one to train.
                passing_on = group.create_task(_pass_on(commands, children))
                await asyncio.wait(lanes)
                passing_on.cancel()
        except BaseException:
            # In mid-race: the children are still training, and their events would not be read.
            for child in children:
                child.kill()
            raise
        finally:
            await self._give_back(children)

    async def close(self) -> None:
        self._closing, self.ready = True, False
        if self._looking_after:
            self._looking_after.cancel()
            await asyncio.wait([self._looking_after])
            self._looking_after = None
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        children, self._idle = self._idle, []
        await asyncio.gather(*(child.close() for child in children))
        await self._launcher.close()

    async def _take(self, count: int) -> list[WorkerProcess]:
        """So many live workers, all of them warm: the lanes of a race start together."""
        await self._drop_unfit()
        while len(self._idle) < count:
            if (missing := count - len(self._idle) - len(self._starting)) > 0:
                # Shielded: a process that is just starting must be kept track of, even if this race is cancelled.
                await asyncio.shield(asyncio.ensure_future(self._start(missing)))
            else:
                await asyncio.wait(self._starting, return_when=asyncio.FIRST_COMPLETED)
        children, self._idle = self._idle[:count], self._idle[count:]
        self._busy.update(children)
        return children

    async def _give_back(self, children: list[WorkerProcess]) -> None:
        self._busy.difference_update(children)
        unfit = []
        for child in children:
            if child.alive and not self._closing and len(self._idle) < self._warm:
                self._idle.append(child)
            else:
                unfit.append(child)
        await asyncio.gather(*(child.close() for child in unfit))
        self._replace_missing()

    async def _look_after(self) -> None:
        """Ping all workers, and replace those that are dead, or idle and silent."""
        now = asyncio.get_running_loop().time
        before = now()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            # Any longer, and this process was not awake to receive an answer.
            awake_s, before = min(now() - before, 2 * LOOK_EVERY_S), now()
            for child in [*self._idle, *self._busy]:
                child.look_after(awake_s)
            await self._launcher.tend()
            await self._drop_unfit()
            self._replace_missing()

    async def _drop_unfit(self) -> None:
        """Drop dead workers, and idle ones that do not answer."""
        unfit = [child for child in self._idle if not child.alive or child.silent_s >= SILENT_REPORTED_S]
        self._idle = [child for child in self._idle if child not in unfit]
        await asyncio.gather(*(child.close() for child in unfit))

    def _replace_missing(self) -> None:
        missing = self._warm - len(self._busy) - len(self._idle) - len(self._starting)
        if not self._closing:
            for _ in range(missing):
                self._keep(asyncio.create_task(self._replace_one()))

    async def _replace_one(self) -> None:
        try:
            await self._start_one()
        except WorkerDied as problem:
            if self.ready:
                _log.error("worker cannot be replaced", extra=about(reason=str(problem)))
            # Until the next look.
            self.ready = False
        else:
            self.replaced += 1
            if not self.ready and not self._closing:
                _log.info("worker is replaced again")
                self.ready = True

    async def _start(self, count: int) -> None:
        """Start so many more, concurrently. Raises WorkerDied."""
        starting = [self._keep(asyncio.create_task(self._start_one())) for _ in range(count)]
        await asyncio.gather(*starting)

    async def _start_one(self) -> None:
        try:
            child = await WorkerProcess.start(self._launcher)
        except WorkerDied:
            # Killed in that moment, perhaps.
            child = await WorkerProcess.start(self._launcher)
        self._idle.append(child)

    def _keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)
        return task


async def _emit_all(training: AsyncGenerator[LaneEvent], emit: Emit) -> None:
    async with contextlib.aclosing(training) as events:
        async for event in events:
            emit(event)


async def _pass_on(commands: CommandQueue, children: list[WorkerProcess]) -> None:
    while True:
        await commands.wait()
        given = commands.drain()
        for lane, child in enumerate(children):
            for command in _concerning(lane, given):
                child.deliver(command)


def _concerning(lane: int, commands: list[SentCommand]) -> list[SentCommand]:
    return [command for command in commands if command.concerns(lane)]
