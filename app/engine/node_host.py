"""What a node of a cluster runs: trains one race after another on a local engine, and keeps their events until read.

It knows nothing of what carries the calls. Each may come twice, since an answer can be lost on its way: events are read
from a cursor, races and commands are numbered.
"""

import asyncio
import os
import pickle
import threading
import time
from typing import NamedTuple

from app.config import RunConfig
from app.engine.commands import Command, CommandQueue, SentCommand
from app.engine.local import LocalEngine
from app.errors import PlaygroundError
from app.events import Detail, LaneEvent
from app.settings import Settings
from app.training.dataset import prepare
from app.training.kernels import Kernel

# A read that finds nothing answers after so long.
READ_S = 2.0
# Events are collected for so long before the next read is answered: an answer costs both sides processor time.
COLLECT_S = 0.04
# A host ends when no server has called it for so long.
ORPHANED_S = 60.0


class WrongDigits(PlaygroundError):
    """A node has other digits than the server."""


class AgedCommand(NamedTuple):
    """A command, and how long ago it was sent: the clocks of two machines differ by hours."""

    age_s: float
    command: Command


class Read(NamedTuple):
    """New events of a race. When it is `over` there will be no more; `failure` is the sentence why, if it failed."""

    events: list[LaneEvent]
    over: bool
    failure: str | None


def with_ages(commands: list[SentCommand]) -> list[AgedCommand]:
    now = time.monotonic()
    return [AgedCommand(now - sent.at, sent.command) for sent in commands]


class NodeHost:
    """Room for one race at a time. `open` comes before all else; nothing is read of the race before the last."""

    def __init__(self, lanes: int, lane_memory_mb: int, digits: str) -> None:
        """`digits` is the name of the server's prepared folder, which is a digest of what is in it."""
        self._lanes, self._lane_memory_mb, self._digits = lanes, lane_memory_mb, digits
        self._engine: LocalEngine | None = None
        self._race = _Race(0)
        self._called_at = time.monotonic()
        self._closed = threading.Event()
        # A server may be gone before its first call.
        threading.Thread(target=self._leave_when_orphaned, name="orphaned", daemon=True).start()

    async def open(self) -> Kernel:
        """Get warm; which kernel is fastest here. Raises PlaygroundError, DatasetError."""
        settings = Settings()
        prepared = await asyncio.to_thread(prepare, settings.data_dir, settings.cache_dir)
        if prepared.name != self._digits:
            raise WrongDigits(
                f"A node of the cluster has other digits in {settings.data_dir} than the server: set DATA_DIR "
                "to the same files on all nodes."
            )
        self._engine = LocalEngine(prepared, self._lanes, self._lane_memory_mb)
        await self._engine.open()
        self._called_at = time.monotonic()
        return self._engine.kernel

    async def start(
        self, race: int, config: RunConfig, kernel: Kernel, detail: Detail, commands: list[AgedCommand]
    ) -> None:
        """Begin with race number `race`, under these commands; later ones follow."""
        self._called_at = time.monotonic()
        if race == self._race.number:
            return
        assert self._engine
        # One for the whole cluster: else a race had other numbers on another node.
        self._engine.kernel = kernel
        self._race = _Race(race)
        self._race.deliver(0, commands)
        self._race.begin(self._engine, config, detail)

    async def deliver(self, number: int, commands: list[AgedCommand]) -> None:
        """Commands for the race, of which the first is its `number`-th, counted from 0."""
        self._called_at = time.monotonic()
        self._race.deliver(number, commands)

    async def read(self, cursor: int) -> bytes:
        """A pickled Read, of the events from number `cursor` on, as soon as there are any. Those before are dropped.

        Pickled here, since what Ray unpacks of a large answer stays in its shared memory.
        """
        self._called_at = time.monotonic()
        return pickle.dumps(await self._race.read(cursor), pickle.HIGHEST_PROTOCOL)

    async def stay(self) -> None:
        """A server has use for this host."""
        self._called_at = time.monotonic()

    async def close(self) -> None:
        """End the race, if there is one, and leave nothing running but this process."""
        self._closed.set()
        self._race.cancel()
        if self._engine:
            await self._engine.close()

    def _leave_when_orphaned(self) -> None:
        while (left_s := self._called_at + ORPHANED_S - time.monotonic()) > 0:
            if self._closed.wait(left_s):
                return
        # Its workers end as those of a killed server do.
        os._exit(0)


class _Race:
    """The log of one race."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._events: list[LaneEvent] = []
        # The number of the first of them.
        self._first = 0
        self._read_at = 0.0
        self._new = asyncio.Event()
        self._commands = CommandQueue()
        self._delivered = 0
        self._training: asyncio.Task[None] | None = None

    def begin(self, engine: LocalEngine, config: RunConfig, detail: Detail) -> None:
        self._training = asyncio.create_task(engine.run(config, self._emit, self._commands, detail), name="race")
        self._training.add_done_callback(lambda _: self._new.set())

    def deliver(self, number: int, commands: list[AgedCommand]) -> None:
        now = time.monotonic()
        for age_s, command in commands[self._delivered - number :]:
            self._commands.put(command, now - age_s)
            self._delivered += 1

    async def read(self, cursor: int) -> Read:
        if not self._done:
            await asyncio.sleep(max(0.0, self._read_at + COLLECT_S - time.monotonic()))
        del self._events[: cursor - self._first]
        self._first = cursor
        if not self._events and not self._done:
            self._new.clear()
            try:
                async with asyncio.timeout(READ_S):
                    await self._new.wait()
            except TimeoutError:
                pass
        self._read_at = time.monotonic()
        return Read(list(self._events), self._done, self._failure)

    def cancel(self) -> None:
        if self._training:
            self._training.cancel()

    @property
    def _done(self) -> bool:
        return bool(self._training and self._training.done())

    @property
    def _failure(self) -> str | None:
        if not self._training or not self._training.done() or self._training.cancelled():
            return None
        if (problem := self._training.exception()) is None:
            return None
        return str(problem) if isinstance(problem, PlaygroundError) else repr(problem)

    def _emit(self, event: LaneEvent) -> None:
        self._events.append(event)
        self._new.set()
