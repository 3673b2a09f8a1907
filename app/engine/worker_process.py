"""The server's side of one worker process: starts it, gives it a lane, reads its events, notices silence, ends it."""

import asyncio
import contextlib
import logging
import os
import select
import signal
from collections.abc import AsyncGenerator

from app.config import RunConfig
from app.engine.base import SILENT_ENDED_S, SILENT_REPORTED_S
from app.engine.channel import Ping, Pong, Ready, TrainLane, Unable, pack, read
from app.engine.commands import SentCommand, Stop
from app.engine.launcher import Launcher, WorkerDied
from app.events import Detail, Frame, LaneEnded, LaneEvent, LaneSilent, LaneStatus
from app.training.kernels import Kernel

READY_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0
EXIT_TIMEOUT_S = 1.0

_log = logging.getLogger(__name__)


class WorkerProcess:
    """One warm worker process. Made by `start`; trains one lane at a time; `close` may be called twice.

    It lives as long as its socket is open, even if the process it was forked from ends.
    """

    def __init__(
        self, launcher: Launcher, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.pid = pid
        self.fastest = Kernel.WHOLE
        # How long it has not answered, while this process was awake.
        self.silent_s = 0.0
        self._launcher = launcher
        self._reader, self._writer = reader, writer
        self._hung_up = select.poll()
        self._hung_up.register(writer.get_extra_info("socket"), 0)
        # What it has sent; None is the end of its connection.
        self._messages: asyncio.Queue[Ready | Unable | LaneEvent | None] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._killed = self._closed = self._stop_asked = False
        self._asked = False
        self._lane: int | None = None
        self._kill_timer: asyncio.TimerHandle | None = None
        self._listening = asyncio.create_task(self._listen(), name=f"worker {pid}")

    @classmethod
    async def start(cls, launcher: Launcher) -> "WorkerProcess":
        """Start a process and wait until it is warm. Raises WorkerDied."""
        pid, sock = await launcher.launch()
        child = cls(launcher, pid, *await asyncio.open_connection(sock=sock))
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                match await child._messages.get():
                    case Ready(fastest):
                        child.fastest = fastest
                        return child
                    case Unable(reason):
                        pass
                    case _:
                        reason = f"it {await child._cause_of_death()}"
        except TimeoutError:
            reason = f"it was not ready after {READY_TIMEOUT_S:g} s"
        except BaseException:
            await child.close()
            raise
        await child.close()
        raise WorkerDied(f"A worker did not start: {reason}.")

    @property
    def alive(self) -> bool:
        # The event loop may have yet to notice its end.
        return not self._killed and not self._gone.is_set() and not self._hung_up.poll(0)

    async def train(
        self, config: RunConfig, lane: int, kernel: Kernel, commands: list[SentCommand], detail: Detail
    ) -> AsyncGenerator[LaneEvent]:
        """Train a lane; the last event is a LaneEnded even if the process dies meanwhile."""
        self._lane, self._stop_asked = lane, False
        step = 0
        try:
            self._send(TrainLane(config, lane, kernel, commands, detail))
            self._look_for_stop(commands)
            while (event := await self._messages.get()) is not None:
                assert not isinstance(event, Ready | Unable)
                if isinstance(event, Frame):
                    step = event.first_step + len(event.loss) - 1
                yield event
                if isinstance(event, LaneEnded):
                    return
            if self._stop_asked:
                yield LaneEnded(lane, LaneStatus.STOPPED, step)
            else:
                reason = f"The lane's worker process {await self._cause_of_death()}."
                yield LaneEnded(lane, LaneStatus.FAILED, step, reason)
        finally:
            self._lane = None
            if self._kill_timer:
                self._kill_timer.cancel()
                self._kill_timer = None

    def deliver(self, command: SentCommand) -> None:
        """Pass a command on to the lane, if it is still training."""
        if self._lane is not None:
            self._send(command)
            self._look_for_stop([command])

    def look_after(self, awake_s: float) -> None:
        """Check whether the worker has answered, and ping it again; called after this process was awake for so long.

        Time in which this process was stopped, or the machine asleep, does not count as silence of the worker.
        """
        if not self._asked:
            self._asked = True
            self._send(Ping())
            return
        self.silent_s += awake_s
        if self.silent_s >= SILENT_REPORTED_S and self._lane is not None:
            self._messages.put_nowait(LaneSilent(self._lane, int(self.silent_s)))
        if self.silent_s >= SILENT_ENDED_S:
            self.kill()

    def kill(self) -> None:
        self._killed = True
        # While its socket is open it has not ended, and its process id is not another's.
        if not self._gone.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def close(self) -> None:
        """End the process, gently by closing its socket, then by killing it."""
        if self._closed:
            return
        self._closed = True
        if self._writer.can_write_eof() and not self._gone.is_set():
            self._writer.write_eof()
        if not await self._ended():
            self.kill()
            await self._ended()
        self._listening.cancel()
        await asyncio.wait([self._listening])
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        self._launcher.forget(self.pid)

    def _send(self, message: object) -> None:
        if self.alive:
            self._writer.write(pack(message))

    async def _listen(self) -> None:
        try:
            while True:
                message = await read(self._reader)
                self._asked = False
                if self.silent_s >= SILENT_REPORTED_S and self._lane is not None:
                    self._messages.put_nowait(LaneSilent(self._lane, 0))
                self.silent_s = 0.0
                if not isinstance(message, Pong):
                    self._messages.put_nowait(message)
        except (asyncio.IncompleteReadError, OSError):
            pass
        except Exception:
            _log.exception("worker cannot be understood")
            self.kill()
        finally:
            self._gone.set()
            self._messages.put_nowait(None)

    def _look_for_stop(self, commands: list[SentCommand]) -> None:
        """Kill a lane that takes too long to stop."""
        if not self._stop_asked and any(isinstance(sent.command, Stop) for sent in commands):
            self._stop_asked = True
            self._kill_timer = asyncio.get_running_loop().call_later(STOP_TIMEOUT_S, self.kill)

    async def _cause_of_death(self) -> str:
        if self.silent_s >= SILENT_ENDED_S:
            return f"did not answer for {SILENT_ENDED_S:g} s and was ended"
        code = await self._launcher.exit_code(self.pid)
        if code is None:
            return "ended"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"

    async def _ended(self) -> bool:
        """Wait for the process to end, at most EXIT_TIMEOUT_S; returns whether it has."""
        try:
            async with asyncio.timeout(EXIT_TIMEOUT_S):
                await self._gone.wait()
        except TimeoutError:
            return False
        return True
