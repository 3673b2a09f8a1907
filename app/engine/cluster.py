"""Races on a cluster of machines: each run is placed as a whole, so that its lanes start together on one node.

A place for a run is a `NodeHost`, and in it the same local engine as on one machine. To place and queue them, to grow,
and to notice that a node is gone is left to the cluster.
"""

import asyncio
import contextlib
import logging
from pathlib import Path

from app.background_tasks import keep_going
from app.config import RunConfig
from app.engine.base import Emit
from app.engine.commands import CommandQueue, SentCommand, Stop
from app.engine.places import ATTEMPTS, Places
from app.engine.remote_place import Cluster, NodeLost, RemotePlace
from app.errors import CannotStart
from app.events import Detail, Frame, LaneEnded, LaneEvent, LaneSilent, LaneStatus
from app.settings import LANES_OF_A_RACE
from app.training.kernels import Kernel

LOOK_EVERY_S = 2.0

_log = logging.getLogger(__name__)


class ClusterEngine:
    """Keeps one place for a race ready on the cluster, and starts and gives up others as races come and go."""

    def __init__(self, cluster: Cluster, prepared: Path, lane_memory_mb: int = 1024) -> None:
        self.kernel = Kernel.WHOLE
        self._cluster = cluster
        self._arguments = (lane_memory_mb, prepared.name)
        self._places = Places(self._new_place, LANES_OF_A_RACE)
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
        self._places.reopen()
        place = await self._places.take(LANES_OF_A_RACE, exactly=True)
        # One for all nodes and all races to come: else a race had other numbers elsewhere.
        self.kernel = place.fastest
        self._places.give_back(place)
        self._looking_after = asyncio.create_task(keep_going("cluster", self._look_after), name="cluster")

    async def run(
        self, config: RunConfig, emit: Emit, commands: CommandQueue, detail: Detail = Detail.EVERYTHING
    ) -> None:
        lanes = _Lanes(len(config.lanes), emit)
        given: list[SentCommand] = []
        place = await self._started(config, detail, commands, given)
        if not place:
            return lanes.end(LaneStatus.STOPPED)
        passing_on = asyncio.create_task(_pass_on(commands, place, len(given)), name="commands")
        try:
            await place.read_all(lanes.emit, lanes.silent)
        except NodeLost:
            self._places.drop(place, lost=True)
            lanes.end(LaneStatus.INTERRUPTED, str(NodeLost()))
        except BaseException:
            self._places.drop(place)
            raise
        else:
            self._places.give_back(place)
        finally:
            passing_on.cancel()
            await asyncio.wait([passing_on])

    async def close(self) -> None:
        if self._looking_after:
            self._looking_after.cancel()
            await asyncio.wait([self._looking_after])
            self._looking_after = None
        await self._places.close()
        await self._cluster.disconnect()

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self._cluster.connected:
                await self._connect_again()
            await self._places.look_after()

    async def _connect_again(self) -> None:
        _log.error("cluster is lost")
        while not self._cluster.connected:
            with contextlib.suppress(CannotStart):
                await self._cluster.connect()
            await asyncio.sleep(LOOK_EVERY_S)
        _log.info("cluster is there again")

    async def _started(
        self, config: RunConfig, detail: Detail, commands: CommandQueue, given: list[SentCommand]
    ) -> RemotePlace | None:
        """Where the race has begun; None if it was stopped before. Collects the commands until then in `given`."""
        for attempt in range(1, ATTEMPTS + 1):
            # What is trained for its result alone does not take the place of a race.
            place = await self._place(len(config.lanes), detail is Detail.RESULT, commands, given)
            if not place:
                return None
            try:
                given += commands.drain()
                await place.start(config, self.kernel, detail, given)
                return place
            except NodeLost:
                # Nothing has been told of it.
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
        return RemotePlace(self._cluster, lanes, self._arguments)


class _Lanes:
    """What has been told of each lane."""

    def __init__(self, count: int, emit: Emit) -> None:
        self._emit = emit
        # Those that have not ended.
        self._steps = dict.fromkeys(range(count), 0)
        self._silent = False

    def emit(self, event: LaneEvent) -> None:
        if isinstance(event, Frame):
            self._steps[event.lane] = event.first_step + len(event.loss) - 1
        elif isinstance(event, LaneEnded):
            del self._steps[event.lane]
        self._emit(event)

    def silent(self, seconds: int) -> None:
        """Their node has not answered for so long; 0: it answers."""
        if seconds or self._silent:
            self._silent = seconds > 0
            for lane in list(self._steps):
                self._emit(LaneSilent(lane, seconds))

    def end(self, status: LaneStatus, reason: str | None = None) -> None:
        for lane, step in list(self._steps.items()):
            self.emit(LaneEnded(lane, status, step, reason))


async def _until_stop(commands: CommandQueue, given: list[SentCommand]) -> None:
    while not any(isinstance(sent.command, Stop) for sent in given):
        await commands.wait()
        given += commands.drain()


async def _pass_on(commands: CommandQueue, place: RemotePlace, number: int) -> None:
    # The reader learns that the node is lost.
    with contextlib.suppress(NodeLost):
        while True:
            await commands.wait()
            sent = commands.drain()
            await place.deliver(number, sent)
            number += len(sent)
