"""What a node of a cluster runs: trains one race after another on a local engine, for one server at a time.

It does not know what transports the calls. Races are identified by their run ids, so that another server finds them
when the one that began them is gone. From then on, calls of that one are refused.
"""

import asyncio
import os
import pickle
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from app.config import RunConfig
from app.engine.local import LocalEngine
from app.engine.race_log import AgedCommand, Handover, RaceLog
from app.errors import NodeLost, PlaygroundError
from app.events import Detail
from app.settings import Settings
from app.training.dataset import prepare
from app.training.kernels import Kernel

# A host ends when no server has called it for so long: with all that it has begun, within a minute.
ORPHANED_S = 50.0
# Races that are over are kept until all of them is saved, but no more of them.
MOST_OVER = 20


class WrongDigits(PlaygroundError):
    """A node has other digits than the server."""


class TakenOver(PlaygroundError):
    """Another server has this host now."""

    def __init__(self, message: str = "Another server has taken over this race.") -> None:
        super().__init__(message)


class LeftHost(NamedTuple):
    """A host that another server left, and the races on it. Their kernel has to stay the same."""

    lanes: int
    kernel: Kernel
    races: dict[str, Handover]


class NodeHost:
    """Room for one race at a time. Call `open` first."""

    def __init__(self, lanes: int, lane_memory_mb: int, digits: str, server: str) -> None:
        """`digits` is the name of the server's prepared folder, which is a digest of what is in it."""
        self._lanes, self._lane_memory_mb, self._digits = lanes, lane_memory_mb, digits
        self._server = server
        self._engine: LocalEngine | None = None
        # The newest last.
        self._races: dict[str, RaceLog] = {}
        self._called_at = time.monotonic()
        self._closed = threading.Event()
        # A server may be gone before its first call.
        threading.Thread(target=self._leave_when_orphaned, name="orphaned", daemon=True).start()

    async def open(self, server: str) -> Kernel:
        """Get warm; returns the kernel that is fastest here. Raises PlaygroundError or DatasetError."""
        self._called_by(server)
        settings = Settings()
        prepared = await asyncio.to_thread(prepare, settings.data_dir, settings.cache_dir)
        if prepared.name != self._digits:
            raise WrongDigits(
                f"A node of the cluster has other digits in {settings.data_dir} than the server: set DATA_DIR "
                "to the same files on all nodes."
            )
        engine = LocalEngine(prepared, self._lanes, self._lane_memory_mb)
        try:
            await engine.open()
            if self._closed.is_set():
                raise NodeLost
        except BaseException:
            # No one else knows of it yet.
            await engine.close()
            raise
        self._engine = engine
        self._called_at = time.monotonic()
        return engine.kernel

    async def take_over(self, server: str, digits: str) -> LeftHost | None:
        """Belong to this server from now on. None, without a change, if it has other digits, or before all is warm."""
        if not self._engine or digits != self._digits:
            return None
        self._server = server
        self._called_by(server)
        return LeftHost(self._lanes, self._engine.kernel, {run: race.hand_over() for run, race in self._races.items()})

    async def start(
        self, server: str, run: str, config: RunConfig, kernel: Kernel, detail: Detail, commands: list[AgedCommand]
    ) -> None:
        """Begin the race of this run, under these commands; later ones follow."""
        self._called_by(server)
        if run in self._races:
            return
        assert self._engine
        # One for the whole cluster: else a race had other numbers on another node.
        self._engine.kernel = kernel
        self._races[run] = RaceLog(self._engine, config, detail, commands)
        for old in list(self._races)[:-MOST_OVER]:
            del self._races[old]

    async def deliver(self, server: str, run: str, number: int, commands: list[AgedCommand]) -> None:
        """Commands for the race, of which the first is its `number`-th, counted from 0."""
        self._called_by(server)
        self._races[run].deliver(number, commands)

    async def read(self, server: str, run: str, cursor: int, saved: int) -> bytes:
        """A pickled NewEvents, see RaceLog.

        Pickled here, since what Ray unpacks of a large answer stays in its shared memory.
        """
        self._called_by(server)
        return pickle.dumps(await self._races[run].read(cursor, saved), pickle.HIGHEST_PROTOCOL)

    async def stay(self, server: str, saved: Sequence[str] = ()) -> None:
        """The server still uses this host. It has saved these races, which may be dropped once they are over."""
        self._called_by(server)
        for run in saved:
            if run in self._races and self._races[run].over:
                del self._races[run]

    async def close(self) -> None:
        """End the race, if there is one, and leave nothing running but this process."""
        self._closed.set()
        for race in self._races.values():
            await race.end()
        if self._engine:
            await self._engine.close()

    def _called_by(self, server: str) -> None:
        if server != self._server:
            raise TakenOver
        self._called_at = time.monotonic()

    def _leave_when_orphaned(self) -> None:
        while (left_s := self._called_at + ORPHANED_S - time.monotonic()) > 0:
            if self._closed.wait(left_s):
                return
        # Its workers end as those of a killed server do.
        os._exit(0)
