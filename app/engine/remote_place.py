"""A place for a race on some node of a cluster, as the server sees it: it calls the `NodeHost` there."""

import asyncio
import contextlib
import pickle
from collections.abc import Callable
from typing import Any, Protocol

from app.config import RunConfig
from app.engine.commands import SentCommand
from app.engine.node_host import with_ages
from app.errors import PlaygroundError
from app.events import Detail, LaneEvent
from app.training.kernels import Kernel

ANSWER_WITHIN_S = 2.0
RETRY_S = 0.2
# A node that has not answered for so long is reported on its lanes, and after so long it is given up.
SILENT_REPORTED_S, SILENT_ENDED_S = 10.0, 60.0
# Hosts are ended through the head of the cluster; without it they end by themselves.
END_WITHIN_S = 3.0


class NodeLost(PlaygroundError):
    """The node does not answer any more, or the host on it has ended."""

    def __init__(self, message: str = "The machine that this race ran on was lost.") -> None:
        super().__init__(message)


class Unreachable(Exception):
    """Whether the call has come is unknown, and another one may come."""


class Cluster(Protocol):
    """What can be asked of a cluster. All raise NodeLost once it is not connected any more."""

    connected: bool

    async def connect(self) -> None:
        """Raises CannotStart."""

    async def create(self, lanes: int, *arguments: Any) -> Any:
        """A new NodeHost with these arguments, as soon as some node has room for so many lanes. Raises NodeLost."""

    async def call(self, host: Any, method: str, *arguments: Any) -> Any:
        """Call a method of it. Raises Unreachable, NodeLost, and what the method raises."""

    async def kill(self, host: Any) -> None:
        """End it, and all that runs in it."""

    async def disconnect(self) -> None: ...


class RemotePlace:
    """Room for one race of at most `lanes` lanes. What each method may raise beside what it says is NodeLost."""

    def __init__(self, cluster: Cluster, lanes: int, arguments: tuple[Any, ...]) -> None:
        self.lanes = lanes
        self.fastest = Kernel.WHOLE
        self._cluster, self._arguments = cluster, arguments
        self._creating: asyncio.Future[Any] | None = None
        self._races = 0

    async def open(self) -> None:
        """Return when a race can start at once. Raises the PlaygroundErrors of `NodeHost.open`."""
        self._creating = asyncio.create_task(self._cluster.create(self.lanes, *self._arguments))
        # Until there is room for it, however long that takes.
        self.fastest = await self._call("open", ended_after_s=None)

    async def start(self, config: RunConfig, kernel: Kernel, detail: Detail, given: list[SentCommand]) -> None:
        self._races += 1
        await self._call("start", self._races, config, kernel, detail, with_ages(given))

    async def deliver(self, number: int, commands: list[SentCommand]) -> None:
        await self._call("deliver", number, with_ages(commands))

    async def read_all(self, emit: Callable[[LaneEvent], None], silent: Callable[[int], None]) -> None:
        """Emit all there is until the race is over; `silent` gets how long the node has not answered, 0 when it does.

        Raises PlaygroundError if the race could not go on.
        """
        cursor, over, failure = 0, False, None
        while not over:
            events, over, failure = pickle.loads(await self._call("read", cursor, silent=silent))
            silent(0)
            cursor += len(events)
            for event in events:
                emit(event)
        if failure:
            raise PlaygroundError(failure)

    async def stay(self) -> None:
        """It is still wanted."""
        await self._call("stay")

    async def end(self) -> None:
        """Give it up, with all that runs there."""
        if self._creating:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(END_WITHIN_S):
                    await self._cluster.kill(await self._creating)

    async def _call(
        self,
        method: str,
        *arguments: Any,
        silent: Callable[[int], None] = lambda _: None,
        ended_after_s: float | None = SILENT_ENDED_S,
    ) -> Any:
        """Call it, again while the way there is cut. Raises NodeLost, and what the method raises."""
        assert self._creating
        host, now = await asyncio.shield(self._creating), asyncio.get_running_loop().time
        began = now()
        while True:
            answer = asyncio.ensure_future(self._cluster.call(host, method, *arguments))
            try:
                while not (await asyncio.wait([answer], timeout=ANSWER_WITHIN_S))[0]:
                    _check_silence(now() - began, silent, ended_after_s)
                return answer.result()
            except Unreachable:
                _check_silence(now() - began, silent, ended_after_s)
                await asyncio.sleep(RETRY_S)
            finally:
                answer.cancel()


def _check_silence(silent_s: float, silent: Callable[[int], None], ended_after_s: float | None) -> None:
    if ended_after_s is not None and silent_s >= SILENT_REPORTED_S:
        silent(int(silent_s))
        if silent_s >= ended_after_s:
            raise NodeLost
