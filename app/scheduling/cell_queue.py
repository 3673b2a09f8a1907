"""The trainings of a sweep: as many at a time as there are places, in the order of the grid."""

import asyncio
from collections.abc import Callable, Iterable

from app.engine.base import Engine
from app.engine.commands import CommandQueue
from app.events import Detail, RunStarted
from app.runs.run import Run
from app.scheduling.racing import race


async def train_all(
    engine: Engine,
    runs: Iterable[Run],
    places: int,
    over: Callable[[Run], None],
    detail: Detail = Detail.RESULT,
) -> None:
    """Train all runs, which are queued, and say of each when it is over; one that fails keeps no other from its result.

    When this is cancelled, those that were training are interrupted, and the others stay queued.
    """
    waiting = iter(runs)

    async def keep_training() -> None:
        for run in waiting:
            run.apply(RunStarted(engine.kernel))
            await race(engine, run, CommandQueue(), detail=detail)
            over(run)

    async with asyncio.TaskGroup() as group:
        for _ in range(places):
            group.create_task(keep_training())
