"""Warm worker processes on this machine, one lane each, one BLAS thread each."""

import asyncio
import contextlib
import multiprocessing
from collections.abc import AsyncGenerator
from pathlib import Path

from app.config import RunConfig
from app.engine.base import Tell
from app.engine.child import Child
from app.engine.orders import Order, Orders
from app.events import LaneEvent
from app.training.forms import Form

MB = 1024 * 1024
# Virtual memory of an idle worker, generously; the data that it maps and what a lane may take come on top.
IDLE_WORKER_MB = 768


class LocalEngine:
    """Keeps `warm` idle workers; a race takes one for each lane and gives them back.

    `silent` lanes tell neither push nor parameters, so that the benchmarks can tell what these cost.
    """

    def __init__(self, prepared: Path, warm: int, lane_memory_mb: int = 1024, silent: bool = False) -> None:
        self._prepared = prepared
        self._warm = warm
        self._silent = silent
        self.form = Form.WHOLE
        mapped = sum(file.stat().st_size for file in prepared.glob("*"))
        self._memory_limit = (IDLE_WORKER_MB + 2 * lane_memory_mb) * MB + mapped
        self._context = multiprocessing.get_context("forkserver")
        self._idle: list[Child] = []
        self._busy = 0
        self._warming: set[asyncio.Task[None]] = set()
        self._closing = False

    async def open(self) -> None:
        self._context.set_forkserver_preload(["app.engine.worker"])
        self._closing = False
        await asyncio.gather(*(self._warm_one_more() for _ in range(self._warm - len(self._idle))))
        # One for all lanes, and for all races to come: else they were not fair, nor the same again.
        self.form = self._idle[0].fastest

    async def run(self, config: RunConfig, tell: Tell, orders: Orders) -> None:
        children = await self._take(len(config.lanes))
        try:
            async with asyncio.TaskGroup() as group:
                given = orders.take()
                trainings = [
                    child.train(config, lane, self.form, _concerning(lane, given), self._silent)
                    for lane, child in enumerate(children)
                ]
                lanes = [group.create_task(_tell_all(training, tell)) for training in trainings]
                # After the lanes: later orders must come behind the one to train.
                passing_on = group.create_task(_pass_on(orders, children))
                await asyncio.wait(lanes)
                passing_on.cancel()
        except BaseException:
            # In mid-race: the children are still training, and nobody listens to them any more.
            for child in children:
                child.kill()
            raise
        finally:
            await self._give_back(children)

    async def close(self) -> None:
        self._closing = True
        await asyncio.gather(*self._warming, return_exceptions=True)
        children, self._idle = self._idle, []
        await asyncio.gather(*(child.close() for child in children))

    async def _take(self, count: int) -> list[Child]:
        """As many live workers, all of them warm: the lanes of a race start together."""
        dead = [child for child in self._idle if not child.alive]
        self._idle = [child for child in self._idle if child.alive]
        for child in dead:
            await child.close()
        while len(self._idle) < count:
            # Shielded: a process that is just starting must be kept track of, even if this race is cancelled.
            await asyncio.shield(self._warm_one_more())
        children, self._idle = self._idle[:count], self._idle[count:]
        self._busy += count
        return children

    async def _give_back(self, children: list[Child]) -> None:
        self._busy -= len(children)
        for child in children:
            if child.alive and not self._closing and len(self._idle) < self._warm:
                self._idle.append(child)
            else:
                await child.close()
        missing = self._warm - self._busy - len(self._idle) - len(self._warming)
        if not self._closing:
            for _ in range(missing):
                self._warm_one_more()

    def _warm_one_more(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self._warm_one())
        self._warming.add(task)
        task.add_done_callback(self._warming.discard)
        return task

    async def _warm_one(self) -> None:
        self._idle.append(await Child.start(self._context, self._prepared, self._memory_limit))


async def _tell_all(training: AsyncGenerator[LaneEvent], tell: Tell) -> None:
    async with contextlib.aclosing(training) as events:
        async for event in events:
            tell(event)


async def _pass_on(orders: Orders, children: list[Child]) -> None:
    while True:
        await orders.wait()
        given = orders.take()
        for lane, child in enumerate(children):
            for order in _concerning(lane, given):
                child.hear(order)


def _concerning(lane: int, orders: list[Order]) -> list[Order]:
    return [order for order in orders if order.concerns(lane)]
