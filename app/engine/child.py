"""The server's side of one worker process: start it, give it a lane, hear its events, end it."""

import asyncio
import contextlib
import multiprocessing
import signal
import socket
from collections.abc import AsyncGenerator
from multiprocessing.context import BaseContext
from pathlib import Path

from app.config import RunConfig
from app.engine.channel import Ready, TrainLane, pack, read
from app.engine.orders import Order, Stop
from app.engine.worker import work
from app.errors import PlaygroundError
from app.events import Frame, LaneEnded, LaneEvent, LaneStatus
from app.training.forms import Form

STOP_TIMEOUT_S = 5.0
EXIT_TIMEOUT_S = 5.0


class WorkerDied(PlaygroundError):
    """The process ended before it was ready."""


class Child:
    """One warm worker process. Made by `start`; trains one lane at a time; `close` may be called twice."""

    def __init__(
        self,
        process: multiprocessing.process.BaseProcess,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.process = process
        self.fastest = Form.WHOLE
        self._reader = reader
        self._writer = writer
        self._killed = self._closed = False
        self._training = self._stop_asked = False
        self._kill_timer: asyncio.TimerHandle | None = None

    @classmethod
    async def start(cls, context: BaseContext, prepared: Path, memory_limit: int) -> "Child":
        """Start a process and wait until it is warm. Raises WorkerDied."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = context.Process(  # type: ignore[attr-defined]  # typeshed has it on subclasses only
                target=work, args=(theirs, prepared, memory_limit), daemon=True
            )
            process.start()
        child = cls(process, *await asyncio.open_connection(sock=ours))
        try:
            ready: Ready = await read(child._reader)
            child.fastest = ready.fastest
        except (asyncio.IncompleteReadError, ConnectionError):
            reason = await child._cause_of_death()
            await child.close()
            raise WorkerDied(f"A worker did not start: {reason}") from None
        return child

    @property
    def alive(self) -> bool:
        return not self._killed and self.process.is_alive() and not self._reader.at_eof()

    async def train(
        self, config: RunConfig, lane: int, form: Form, orders: list[Order], silent: bool
    ) -> AsyncGenerator[LaneEvent]:
        """Train a lane; the last event is a LaneEnded even if the process dies meanwhile."""
        self._training, self._stop_asked = True, False
        step = 0
        try:
            self._writer.write(pack(TrainLane(config, lane, form, orders, silent)))
            self._look_for_stop(orders)
            while True:
                event: LaneEvent = await read(self._reader)
                if isinstance(event, Frame):
                    step = event.first_step + len(event.loss) - 1
                yield event
                if isinstance(event, LaneEnded):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            if self._stop_asked:
                yield LaneEnded(lane, LaneStatus.STOPPED, step)
            else:
                reason = f"The lane's worker process {await self._cause_of_death()}."
                yield LaneEnded(lane, LaneStatus.FAILED, step, reason)
        finally:
            self._training = False
            if self._kill_timer:
                self._kill_timer.cancel()
                self._kill_timer = None

    def hear(self, order: Order) -> None:
        """Pass an order on to the lane, if it is still training."""
        if self._training and self.alive:
            self._writer.write(pack(order))
            self._look_for_stop([order])

    def _look_for_stop(self, orders: list[Order]) -> None:
        """A lane that takes too long to stop is killed."""
        if not self._stop_asked and any(isinstance(order.command, Stop) for order in orders):
            self._stop_asked = True
            self._kill_timer = asyncio.get_running_loop().call_later(STOP_TIMEOUT_S, self.kill)

    def kill(self) -> None:
        self._killed = True
        self.process.kill()

    async def close(self) -> None:
        """End the process, gently by closing its socket, then by killing it."""
        if self._closed:
            return
        self._closed = True
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
        if not await self._exited():
            self.kill()
            await self._exited()
        self.process.close()

    async def _cause_of_death(self) -> str:
        if not await self._exited():
            return "closed its connection"
        code = self.process.exitcode or 0
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"

    async def _exited(self) -> bool:
        """Wait for the end of the process, at most EXIT_TIMEOUT_S; whether it came."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        sentinel = self.process.sentinel
        loop.add_reader(sentinel, ended.set)
        try:
            await asyncio.wait_for(ended.wait(), EXIT_TIMEOUT_S)
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(sentinel)
        self.process.join()
        return True
