"""The places for races on a cluster, and who has them. On which nodes they are is left to the cluster.

A new place takes some seconds, so one for a race of the usual number of lanes is always kept ready, and a place that a
race has left goes to the next. A cluster that can grow does so because of a place that does not fit on it yet.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from app.engine.node_host import TakenOver
from app.engine.remote_place import RemotePlace
from app.errors import NodeLost, PlaygroundError
from app.logs import about

# A place beside the spare one is given up when no race has wanted it for so long.
UNUSED_S = 20.0
ATTEMPTS = 3

_log = logging.getLogger(__name__)


class _Wanted:
    """A race that waits for its place."""

    def __init__(self, lanes: int, exactly: bool) -> None:
        self.lanes, self.exactly = lanes, exactly
        self.failures = 0
        self.problem: PlaygroundError | None = None

    def fits(self, place: RemotePlace) -> bool:
        return place.lanes == self.lanes or (place.lanes > self.lanes and not self.exactly)

    def failed(self, problem: PlaygroundError) -> None:
        self.failures += 1
        if not isinstance(problem, NodeLost) or self.failures == ATTEMPTS:
            self.problem = problem


class Places:
    """Creates missing places with `start`; `spare_lanes` is the size of the place that is kept ready."""

    def __init__(self, start: Callable[[int], RemotePlace], spare_lanes: int) -> None:
        self.lost = 0
        self._start, self._spare_lanes = start, spare_lanes
        # With the time since when.
        self._idle: dict[RemotePlace, float] = {}
        self._starting: dict[RemotePlace, asyncio.Task[None]] = {}
        self._busy: set[RemotePlace] = set()
        self._waiting: list[_Wanted] = []
        self._changed = asyncio.Event()
        self._ending: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def spare(self) -> bool:
        """Whether a race of the usual number of lanes could start at once."""
        return any(place.lanes == self._spare_lanes for place in self._idle)

    async def take(self, lanes: int, exactly: bool) -> RemotePlace:
        """Returns a place for so many lanes, or more unless `exactly`, once there is one. Raises PlaygroundError."""
        wanted = _Wanted(lanes, exactly)
        self._waiting.append(wanted)
        try:
            while True:
                fitting = sorted(filter(wanted.fits, self._idle), key=lambda place: place.lanes)
                if fitting:
                    del self._idle[fitting[0]]
                    self._busy.add(fitting[0])
                    return fitting[0]
                if wanted.problem:
                    raise wanted.problem
                self._arrange()
                self._changed.clear()
                await self._changed.wait()
        finally:
            self._waiting.remove(wanted)
            self._arrange()

    def add(self, place: RemotePlace, busy: bool) -> None:
        """Add a place that another server left, with a race on it if `busy`."""
        if busy:
            self._busy.add(place)
        else:
            self.give_back(place)

    def give_back(self, place: RemotePlace) -> None:
        self._busy.discard(place)
        self._idle[place] = asyncio.get_running_loop().time()
        self._changed.set()
        self._arrange()

    def drop(self, place: RemotePlace, lost: bool = False, end: bool = True) -> None:
        """Give up a place that was taken, and end it or not."""
        self._busy.discard(place)
        self._idle.pop(place, None)
        self.lost += lost
        if end:
            self._end(place)
        self._arrange()

    async def look_after(self) -> None:
        """Drop lost and unused places, and keep the others alive: call it every few seconds, or they all end."""
        idle = list(self._idle)
        answers = await asyncio.gather(*(place.stay() for place in idle), return_exceptions=True)
        for place, answer in zip(idle, answers, strict=True):
            # Another race may have taken it meanwhile, and learns by itself.
            if isinstance(answer, NodeLost | TakenOver) and place in self._idle:
                self.drop(place, lost=True)
        now, spares = asyncio.get_running_loop().time(), 0
        for place, since in list(self._idle.items()):
            spares += place.lanes == self._spare_lanes
            if now - since > UNUSED_S and (place.lanes != self._spare_lanes or spares > 1):
                self.drop(place)
        self._arrange()

    def reopen(self) -> None:
        self._closing = False

    async def close(self, leave_busy: bool = False, leave_idle: bool = False) -> None:
        """Create no more, and end all; `leave_busy` spares those with a race, `leave_idle` those ready for one."""
        self._closing = True
        starting = list(self._starting.values())
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)
        for place in [*(() if leave_idle else self._idle), *(() if leave_busy else self._busy)]:
            self._end(place)
        self._idle.clear()
        self._busy.clear()
        await asyncio.gather(*self._ending)

    def _end(self, place: RemotePlace) -> None:
        task = asyncio.create_task(place.end(), name="end of a place")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _arrange(self) -> None:
        """Create what is missing, and give up what takes its room."""
        if self._closing:
            return
        there, missing = [*self._idle, *self._starting], []
        for wanted in self._waiting:
            if fitting := next(filter(wanted.fits, there), None):
                there.remove(fitting)
            else:
                missing.append(wanted.lanes)
        if missing:
            for place in [idle for idle in self._idle if not any(wanted.fits(idle) for wanted in self._waiting)]:
                del self._idle[place]
                self._end(place)
        elif not self._waiting:
            spare = self.spare
            for place, task in self._starting.items():
                if spare or place.lanes != self._spare_lanes:
                    task.cancel()
                spare = spare or place.lanes == self._spare_lanes
            if not spare:
                missing.append(self._spare_lanes)
        for lanes in missing:
            place = self._start(lanes)
            task = self._starting[place] = asyncio.create_task(self._open(place), name="place")
            task.add_done_callback(partial(self._opened, place))

    async def _open(self, place: RemotePlace) -> None:
        try:
            await place.open()
        except PlaygroundError as problem:
            self._end(place)
            if wanted := next((wanted for wanted in self._waiting if wanted.fits(place)), None):
                wanted.failed(problem)
            else:
                _log.error("place cannot be opened", extra=about(reason=str(problem)))
        except BaseException:
            self._end(place)
            raise
        else:
            self._idle[place] = asyncio.get_running_loop().time()

    def _opened(self, place: RemotePlace, _: asyncio.Task[None]) -> None:
        # A task that is cancelled at once has not run at all.
        del self._starting[place]
        self._changed.set()
