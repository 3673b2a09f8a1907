"""The server of the product in a process of its own, over an engine that notes when each frame comes in."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from app.config import RunConfig
from app.engine.base import Capacity, Emit, Engine
from app.engine.commands import CommandQueue
from app.errors import PlaygroundError
from app.events import Detail, Frame, LaneEvent
from app.main import create_app, local_engine
from app.serving import listen, run_server
from app.settings import Settings
from app.training.dataset import open_dataset, prepare
from benchmarks.effort import LIMITS


class FrameArrival(NamedTuple):
    """When a frame came in from its lane, before any viewer can know of it; by `time.monotonic()`."""

    lane: int
    last_step: int
    at: float


class Race(NamedTuple):
    """What a server process answers after each race."""

    frames: list[FrameArrival]
    seconds: float

    @property
    def steps(self) -> int:
        return sum(self.steps_of(lane) for lane in {frame.lane for frame in self.frames})

    def steps_of(self, lane: int) -> int:
        return max((frame.last_step for frame in self.frames if frame.lane == lane), default=0)


def pin(cores: set[int]) -> None:
    """Keep this process, and those it starts from now on, to these cores; to any if none are given."""
    if cores:
        os.sched_setaffinity(0, cores)


def serve_races(pipe: Connection, settings: Settings, server_cores: set[int], worker_cores: set[int]) -> None:
    """The process: it answers its port, then a Race for every one that is over. SIGTERM ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What it finds out about the machine at its start is to hold for the measurement.
    pin(server_cores | worker_cores)
    prepared = prepare(settings.data_dir, settings.cache_dir)
    engine = _NotingEngine(local_engine(settings, prepared), pipe.send, server_cores, worker_cores)
    app = create_app(settings.model_copy(update=LIMITS), engine, open_dataset(prepared))
    with listen("127.0.0.1", 0) as sock:
        run_server(app, sock, lambda: pipe.send(sock.getsockname()[1]))


class _NotingEngine:
    """Another engine, with its workers on cores of their own; hands over a Race after each."""

    def __init__(
        self, engine: Engine, over: Callable[[Race], None], server_cores: set[int], worker_cores: set[int]
    ) -> None:
        self._engine = engine
        self._over = over
        self._server_cores = server_cores
        self._worker_cores = worker_cores

    @property
    def ready(self) -> bool:
        return self._engine.ready

    @property
    def replaced(self) -> int:
        return self._engine.replaced

    @property
    def capacity(self) -> Capacity:
        return self._engine.capacity

    async def open(self) -> None:
        pin(self._worker_cores)
        await self._engine.open()
        self.kernel = self._engine.kernel
        pin(self._server_cores)

    async def run(
        self,
        config: RunConfig,
        emit: Emit,
        commands: CommandQueue,
        detail: Detail = Detail.EVERYTHING,
        **_: Any,
    ) -> None:
        frames: list[FrameArrival] = []

        def note(event: LaneEvent) -> None:
            if isinstance(event, Frame):
                frames.append(FrameArrival(event.lane, event.first_step + len(event.loss) - 1, time.monotonic()))
            emit(event)

        began = time.monotonic()
        await self._engine.run(config, note, commands)
        self._over(Race(frames, time.monotonic() - began))

    async def attach(self, *_: Any, **__: Any) -> bool:
        return False

    def let_go(self, ready: bool = True) -> bool:
        return self._engine.let_go(ready)

    async def close(self) -> None:
        await self._engine.close()


@contextmanager
def process(target: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """Run `target(pipe, *arguments)` in a new process; yields the other end of the pipe. Ends it afterwards."""
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=target, args=(theirs, *arguments))
    with ours:
        with theirs:
            child.start()
        try:
            yield ours
        finally:
            child.terminate()
            child.join()


def answer(pipe: Connection) -> Any:
    """The next thing a process says. Raises it if it is a problem, and PlaygroundError if the process is gone."""
    try:
        said = pipe.recv()
    except EOFError:
        raise PlaygroundError("A process of the measurement ended before it was done.") from None
    if isinstance(said, PlaygroundError):
        raise said
    return said
