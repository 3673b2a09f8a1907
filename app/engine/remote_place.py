"""A place for a race on some node of a cluster, as the server sees it: it calls the `NodeHost` there."""

import asyncio
import contextlib
import pickle
from collections.abc import Callable
from typing import Any, Protocol

from app.config import RunConfig
from app.engine.base import SILENT_ENDED_S, SILENT_REPORTED_S, Capacity
from app.engine.commands import SentCommand
from app.engine.node_host import LeftHost, TakenOver
from app.engine.race_log import NewEvents, with_ages
from app.errors import NodeLost
from app.events import Detail
from app.training.kernels import Kernel

ANSWER_WITHIN_S = 2.0
RETRY_S = 0.2
# Hosts are ended through the head of the cluster; without it they end by themselves.
END_WITHIN_S = 3.0


class Unreachable(Exception):
    """Whether the call arrived is unknown, and a later one may arrive."""


class Cluster(Protocol):
    """What a server needs of a cluster. All methods raise NodeLost once the connection is lost."""

    connected: bool

    async def connect(self) -> None:
        """Raises CannotStart."""

    async def capacity(self) -> Capacity:
        """The capacity of all nodes, including those about to join."""

    async def create(self, lanes: int, *arguments: Any) -> Any:
        """A new NodeHost with these arguments, as soon as some node has room for so many lanes. Raises NodeLost."""

    async def hosts(self) -> list[Any]:
        """The hosts that servers of the same database created and have not ended."""

    async def call(self, host: Any, method: str, *arguments: Any) -> Any:
        """Call a method of it. Raises Unreachable, NodeLost, and what the method raises."""

    async def kill(self, host: Any) -> None:
        """End it, and all that runs in it."""

    async def disconnect(self) -> None: ...


class RemotePlace:
    """Room for one race of at most `lanes` lanes. Every method may also raise NodeLost."""

    def __init__(
        self, cluster: Cluster, server: str, lanes: int, arguments: tuple[Any, ...] = (), host: Any = None
    ) -> None:
        """On a `host` that another server left, or on a new one with these arguments (see `open`)."""
        self.lanes = lanes
        self.kernel = Kernel.WHOLE
        self._warm = False
        self._cluster, self._server, self._arguments = cluster, server, arguments
        self._host: asyncio.Future[Any] | None = None
        # Of races that are over here: whether the host need not keep them any more.
        self._saved: dict[str, Callable[[], bool]] = {}
        if host is not None:
            self._host = asyncio.get_running_loop().create_future()
            self._host.set_result(host)

    async def open(self) -> None:
        """Returns when a race can start at once. Raises the PlaygroundErrors of `NodeHost.open`."""
        self._host = asyncio.create_task(self._cluster.create(self.lanes, *self._arguments, self._server))
        # Until there is room for it, however long that takes.
        self.kernel = await self._call("open", ended_after_s=None)
        self._warm = True

    async def take_over(self, digits: str) -> LeftHost | None:
        """The races on a host that was left; None if it can't be used."""
        found: LeftHost | None = await self._call("take_over", digits)
        if found:
            self.lanes, self.kernel, self._warm = found.lanes, found.kernel, True
        return found

    async def start(
        self, run: str, config: RunConfig, kernel: Kernel, detail: Detail, given: list[SentCommand]
    ) -> None:
        await self._call("start", run, config, kernel, detail, with_ages(given))

    async def deliver(self, run: str, number: int, commands: list[SentCommand]) -> None:
        await self._call("deliver", run, number, with_ages(commands))

    async def read(self, run: str, cursor: int, saved: int, silent: Callable[[int], None]) -> NewEvents:
        """The events after `cursor`; `silent` gets how long the node has not answered, 0 when it does."""
        answer: NewEvents = pickle.loads(await self._call("read", run, cursor, saved, silent=silent))
        silent(0)
        return answer

    def keep(self, run: str, saved: Callable[[], bool]) -> None:
        """All of this race has been read. The host keeps it until it is `saved`."""
        self._saved[run] = saved

    async def stay(self) -> None:
        """Keep it alive: the server still uses it."""
        saved = [run for run, is_saved in self._saved.items() if is_saved()]
        await self._call("stay", saved)
        for run in saved:
            del self._saved[run]

    async def end(self) -> None:
        """End it, with everything that runs there, unless another server has it."""
        if self._host:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(END_WITHIN_S):
                    host = await self._host
                    if not (self._warm and await self._is_taken_over(host)):
                        await self._cluster.kill(host)

    async def _is_taken_over(self, host: Any) -> bool:
        with contextlib.suppress(Unreachable, NodeLost, TimeoutError):
            async with asyncio.timeout(END_WITHIN_S / 2):
                try:
                    await self._cluster.call(host, "stay", self._server)
                except TakenOver:
                    return True
        return False

    async def _call(
        self,
        method: str,
        *arguments: Any,
        silent: Callable[[int], None] = lambda _: None,
        ended_after_s: float | None = SILENT_ENDED_S,
    ) -> Any:
        """Call it, repeatedly while it is unreachable. Raises NodeLost, and what the method raises."""
        assert self._host
        host, now = await asyncio.shield(self._host), asyncio.get_running_loop().time
        began = now()
        while True:
            answer = asyncio.ensure_future(self._cluster.call(host, method, self._server, *arguments))
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
