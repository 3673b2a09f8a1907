"""Races on a cluster of machines: each run is placed as a whole, so that its lanes start together on one node.

A place for a run is a `NodeHost`, which has the same local engine as on one machine. Placing and queueing hosts,
growing, and noticing that a node is gone are left to the cluster.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from app.background_tasks import keep_going
from app.config import RunConfig
from app.engine.base import Capacity, Emit, Saved
from app.engine.commands import CommandQueue, SentCommand, Stop
from app.engine.lane_progress import LaneProgress, OnlyNew
from app.engine.node_host import LeftHost
from app.engine.places import ATTEMPTS, Places
from app.engine.reader import Lanes, Reader
from app.engine.remote_place import Cluster, RemotePlace
from app.engine.takeover import Takeover
from app.errors import CannotStart, NodeLost
from app.events import Detail, LaneStatus
from app.logs import about
from app.settings import LANES_OF_A_RACE
from app.training.kernels import Kernel

LOOK_EVERY_S = 2.0

_log = logging.getLogger(__name__)


class ClusterEngine:
    """Keeps one place for a race ready on the cluster, and creates and ends others as races come and go."""

    def __init__(self, cluster: Cluster, prepared: Path, lane_memory_mb: int = 1024) -> None:
        self.kernel = Kernel.WHOLE
        self.capacity = Capacity(LANES_OF_A_RACE)
        self._cluster = cluster
        self._lane_memory_mb, self._digits = lane_memory_mb, prepared.name
        # A server that takes over its hosts has another name.
        self._name = secrets.token_urlsafe(8)
        self._places = Places(self._new_place, LANES_OF_A_RACE)
        self._takeover: Takeover | None = None
        self._letting_go = self._leaving_ready = False
        self._looking_after: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        return self._looking_after is not None and self._cluster.connected

    @property
    def replaced(self) -> int:
        return self._places.lost

    async def open(self) -> None:
        """Raises CannotStart when there is no such cluster."""
        if self._looking_after:
            return
        await self._cluster.connect()
        self._letting_go = self._leaving_ready = False
        self._places.reopen()
        self.capacity = await self._cluster.capacity()
        kernels: list[Kernel] = []

        def add(place: RemotePlace, found: LeftHost) -> None:
            self._places.add(place, busy=any(not race.over for race in found.races.values()))
            kernels.append(found.kernel)

        self._takeover = Takeover(self._cluster, self._name, self._digits, add)
        await self._takeover.begin()
        # One for all nodes and all races to come: else a race had other numbers elsewhere.
        if kernels:
            self.kernel = kernels[0]
        else:
            place = await self._places.take(LANES_OF_A_RACE, exactly=True)
            self.kernel = place.kernel
            self._places.give_back(place)
        self._looking_after = asyncio.create_task(keep_going("cluster", self._look_after), name="cluster")

    async def run(
        self,
        config: RunConfig,
        emit: Emit,
        commands: CommandQueue,
        detail: Detail = Detail.EVERYTHING,
        *,
        run_id: str | None = None,
        saved: Saved | None = None,
    ) -> None:
        lanes = Lanes(len(config.lanes), emit)
        given: list[SentCommand] = []
        run = run_id or secrets.token_urlsafe(8)
        place = await self._started(run, config, detail, commands, given)
        if not place:
            return lanes.end(LaneStatus.STOPPED)
        reader = Reader(place, run, lanes, saved)
        try:
            # A training of which only the result is needed is repeated elsewhere.
            await self._follow(reader, commands, len(given), to_be_left=detail is not Detail.RESULT)
        except NodeLost as problem:
            lanes.end(LaneStatus.INTERRUPTED, str(problem))

    async def attach(
        self,
        run_id: str,
        received: Sequence[LaneProgress],
        emit: Emit,
        commands: CommandQueue,
        *,
        saved: Saved | None = None,
    ) -> bool:
        if not self._takeover or not (left := await self._takeover.take(run_id)):
            return False
        before, lanes = left.handover, Lanes(len(received), emit)
        reader = Reader(left.place, run_id, lanes, saved, before.cursor, OnlyNew(received, before.progress))
        if before.over:
            # Another race may be on its place.
            await reader.read_all()
        else:
            await self._follow(reader, commands, before.commands)
        return True

    async def _follow(self, reader: Reader, commands: CommandQueue, number: int, to_be_left: bool = True) -> None:
        """Read a race to its end, and give its place back; `number` commands have been passed on.

        If it is cancelled it is ended, or let go, if it is `to_be_left` then.
        """
        passing_on = asyncio.create_task(_pass_on(commands, reader, number), name="commands")
        try:
            await reader.read_all()
        except NodeLost:
            self._places.drop(reader.place, lost=True)
            raise
        except BaseException:
            self._places.drop(reader.place, end=not (self._letting_go and to_be_left))
            raise
        else:
            self._places.give_back(reader.place)
        finally:
            passing_on.cancel()
            await asyncio.wait([passing_on])

    def let_go(self, ready: bool = True) -> bool:
        self._letting_go, self._leaving_ready = True, ready
        return True

    async def close(self) -> None:
        if self._looking_after:
            self._looking_after.cancel()
            await asyncio.wait([self._looking_after])
            self._looking_after = None
        if self._takeover:
            await self._takeover.close()
        await self._places.close(leave_busy=self._letting_go, leave_idle=self._leaving_ready)
        await self._cluster.disconnect()

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self._cluster.connected:
                await self._connect_again()
            await self._places.look_after()
            with contextlib.suppress(NodeLost):
                self.capacity = await self._cluster.capacity()

    async def _connect_again(self) -> None:
        _log.error("cluster is lost")
        told = ""
        while not self._cluster.connected:
            try:
                await self._cluster.connect()
            except CannotStart as problem:
                if str(problem) != told:
                    told = str(problem)
                    _log.error("cluster cannot be used", extra=about(reason=told))
            await asyncio.sleep(LOOK_EVERY_S)
        _log.info("cluster is there again")

    async def _started(
        self, run: str, config: RunConfig, detail: Detail, commands: CommandQueue, given: list[SentCommand]
    ) -> RemotePlace | None:
        """Where the race has begun; None if it was stopped before. Commands until then are put into `given`."""
        for attempt in range(1, ATTEMPTS + 1):
            # What is trained for its result alone does not take the place of a race.
            place = await self._place(len(config.lanes), detail is Detail.RESULT, commands, given)
            if not place:
                return None
            try:
                given += commands.drain()
                # However long the race has waited: a lane would catch up with its pace in a burst.
                given[:] = [sent._replace(at=time.monotonic()) for sent in given]
                await place.start(run, config, self.kernel, detail, given)
                return place
            except NodeLost:
                # No event of it has come.
                self._places.drop(place, lost=True)
                if attempt == ATTEMPTS:
                    raise
            except BaseException:
                self._places.drop(place)
                raise
        raise AssertionError

    async def _place(
        self, lanes: int, exactly: bool, commands: CommandQueue, given: list[SentCommand]
    ) -> RemotePlace | None:
        taking = asyncio.create_task(self._places.take(lanes, exactly))
        stopping = asyncio.create_task(_until_stop(commands, given))
        place = None
        try:
            await asyncio.wait([taking, stopping], return_when=asyncio.FIRST_COMPLETED)
            if taking.done():
                place = taking.result()
        finally:
            taking.cancel()
            stopping.cancel()
            await asyncio.wait([taking, stopping])
            if not place and not taking.cancelled() and not taking.exception():
                self._places.give_back(taking.result())
        return place

    def _new_place(self, lanes: int) -> RemotePlace:
        return RemotePlace(self._cluster, self._name, lanes, (self._lane_memory_mb, self._digits))


async def _until_stop(commands: CommandQueue, given: list[SentCommand]) -> None:
    while not any(isinstance(sent.command, Stop) for sent in given):
        await commands.wait()
        given += commands.drain()


async def _pass_on(commands: CommandQueue, reader: Reader, number: int) -> None:
    # The reader learns that the node is lost.
    with contextlib.suppress(NodeLost):
        while True:
            await commands.wait()
            sent = commands.drain()
            await reader.place.deliver(reader.run, number, sent)
            number += len(sent)
