"""Trains the cells of a sweep, as many at a time as there are places, in the order of the grid."""

import asyncio
from collections.abc import Callable, Iterable

from app.engine.base import Engine
from app.engine.commands import CommandQueue
from app.events import Detail, LaneStatus, RunStarted
from app.runs.run import Run
from app.scheduling.racing import Observe, end_rest, race, unobserved


async def train_all(
    engine: Engine,
    runs: Iterable[Run],
    places: int | Callable[[], int],
    over: Callable[[Run], None],
    detail: Detail = Detail.RESULT,
    observe: Observe = unobserved,
    begun: Callable[[Run], CommandQueue] = lambda _: CommandQueue(),
    again: Callable[[Run], Run | None] = lambda _: None,
) -> None:
    """Train all runs, which are queued, and report each that is over; one that fails does not affect the others.

    The next of `runs` is taken when there is a place for it; `places`, if it may change, is called whenever one ends.
    `begun` returns the command queue of each run that has started, and `again` the run that replaces one that is over,
    or None. When this is cancelled, those that were training are interrupted, and the others stay queued.
    """
    waiting = iter(runs)
    training: dict[asyncio.Task[None], Run] = {}

    async def train(run: Run, commands: CommandQueue) -> None:
        await race(engine, run, commands, observe, detail)
        over(run)

    def start(run: Run) -> None:
        run.apply(RunStarted(engine.kernel))
        training[asyncio.create_task(train(run, begun(run)), name=f"run {run.id}")] = run

    try:
        while True:
            most = places if isinstance(places, int) else places()
            while len(training) < max(1, most) and (run := next(waiting, None)):
                start(run)
            if not training:
                return
            ended, _ = await asyncio.wait(training, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                run = training.pop(task)
                task.result()
                if another := again(run):
                    start(another)
    finally:
        for task in training:
            task.cancel()
        await asyncio.gather(*training, return_exceptions=True)
        for run in training.values():
            # One that was cancelled before its first step has not ended itself.
            end_rest(run, LaneStatus.INTERRUPTED, observe=observe)
