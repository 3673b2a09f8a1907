"""A race under way, commanded while it goes on; and the processes of engines."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable

import numpy as np
import psutil

from app.config import RunConfig
from app.engine.base import Engine
from app.engine.commands import Command, CommandQueue, SetLearningRate
from app.events import Frame, LaneEnded, LaneEvent, LearningRateChanged
from tests.waiting import until_async


class Race:
    """All events of a race so far, with queries."""

    def __init__(self, config: RunConfig, *commands: Command) -> None:
        self.config = config
        self.commands = CommandQueue(*commands)
        self.events: list[LaneEvent] = []

    def of_lane(self, lane: int, kind: type) -> list[LaneEvent]:
        return [event for event in self.events if event.lane == lane and isinstance(event, kind)]

    @property
    def steps(self) -> list[int]:
        return [sum(len(frame.loss) for frame in self.of_lane(lane, Frame)) for lane in range(len(self.config.lanes))]

    @property
    def ends(self) -> list[LaneEnded]:
        """Of all lanes that have ended, in their order."""
        return [end for lane in range(len(self.config.lanes)) for end in self.of_lane(lane, LaneEnded)]

    @property
    def changes(self) -> list[LearningRateChanged]:
        return [event for event in self.events if isinstance(event, LearningRateChanged)]

    def losses(self, lane: int) -> np.ndarray:
        return np.concatenate([frame.loss for frame in self.of_lane(lane, Frame)])

    async def until(self, steps: int) -> None:
        await until_async(lambda: min(self.steps) >= steps, f"all lanes make {steps} steps; they are at {self.steps}")

    async def settled(self) -> list[int]:
        """The steps of all lanes once they have obeyed every order so far: answers to another order come behind."""
        before = len(self.changes)
        lanes = range(len(self.config.lanes))
        for lane in lanes:
            self.commands.put(SetLearningRate(lane, self.config.learning_rate_of(lane)))
        await until_async(lambda: len(self.changes) == before + len(lanes), "all lanes answer")
        return self.steps


# What else holds the processes of engines: nodes of a cluster, while there is one.
ELSEWHERE: list[Callable[[], list[psutil.Process]]] = []


def fork_servers() -> list[psutil.Process]:
    """Those of all engines in this process, and on its cluster. Other children may be Python's own helpers."""
    found = []
    for child in [*psutil.Process().children(), *itertools.chain.from_iterable(each() for each in ELSEWHERE)]:
        # One that has just ended has neither arguments nor children.
        with contextlib.suppress(psutil.NoSuchProcess):
            if _forks(child) and not _forks(child.parent()):
                found.append(child)
    return found


def _forks(process: psutil.Process | None) -> bool:
    """Whether it is a fork server, or forked from one."""
    return process is not None and "app.engine.fork_server" in " ".join(process.cmdline())


def workers() -> list[psutil.Process]:
    """The children of the fork servers; none while there is no fork server."""
    found = []
    for server in fork_servers():
        with contextlib.suppress(psutil.NoSuchProcess):
            found += server.children()
    return found


async def until_gone(processes: list[psutil.Process]) -> None:
    """Those of a cluster stay as zombies where the first process of a container collects none."""

    def gone(process: psutil.Process) -> bool:
        try:
            return process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    await until_async(lambda: all(map(gone, processes)), f"{processes} end")


@contextlib.asynccontextmanager
async def racing(engine: Engine, config: RunConfig, *commands: Command) -> AsyncIterator[Race]:
    """The race goes on inside, and to its end behind."""
    race = Race(config, *commands)
    running = asyncio.create_task(engine.run(config, race.events.append, race.commands))
    try:
        yield race
        await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
