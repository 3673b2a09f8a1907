"""Starts worker processes, by way of a fork server that is replaced when it dies or does not answer.

A worker is known by a socket of its own, so that it goes on, and hears, whatever becomes of the process it was forked
from. Python's own fork server takes every worker for ended when it is itself, blocks whoever asks it while it hangs,
and leaves a folder behind when the server is killed.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import NamedTuple

from app.engine.channel import Exited, Forked, read
from app.errors import PlaygroundError
from app.logs import about

# A fork takes milliseconds, and what comes before the first one as long as Python and NumPy take to be imported.
FORK_TIMEOUT_S, FIRST_FORK_TIMEOUT_S = 5.0, 60.0
ATTEMPTS = 3
EXIT_TIMEOUT_S = 2.0
MAIN = "import sys; sys.path[:] = {path!r}; from app.engine.fork_server import main; main()"

_log = logging.getLogger(__name__)


class WorkerDied(PlaygroundError):
    """The process ended before it was ready, or could not be started."""


class Launched(NamedTuple):
    """A process that has just been started, and the server's end of its socket."""

    pid: int
    sock: socket.socket


class Launcher:
    """Of one engine. `close` ends the fork server, not the workers."""

    def __init__(self, prepared: Path, memory_limit: int) -> None:
        self._arguments = [str(prepared), str(memory_limit)]
        self._server: _ForkServer | None = None
        # Workers whose fork server is gone: children of this process where it is the first of a container.
        self._orphans: set[int] = set()

    async def launch(self) -> Launched:
        """Start a worker. Raises WorkerDied when that can't be done."""
        await self.tend()
        reason = ""
        for _ in range(ATTEMPTS):
            server = None
            try:
                ours, theirs = socket.socketpair()
                with theirs, contextlib.ExitStack() as unless_launched:
                    unless_launched.callback(ours.close)
                    server = self._running()
                    pid = await server.fork(theirs)
                    unless_launched.pop_all()
                return Launched(pid, ours)
            except OSError as error:
                reason = error.strerror or str(error)
                if server:
                    await self._discard(server, reason)
        raise WorkerDied(f"A worker did not start: {reason}.")

    async def exit_code(self, pid: int) -> int | None:
        """How a worker ended that has ended; None if that is unknown."""
        return await self._server.exit_code(pid) if self._server else None

    def forget(self, pid: int) -> None:
        """How this worker ended is of no interest."""
        if self._server:
            self._server.forget(pid)

    async def tend(self) -> None:
        """Start another fork server in place of one that died. To be called now and then."""
        self._reap_orphans()
        if self._server and self._server.gone:
            await self._discard(self._server, "it ended")
            with contextlib.suppress(OSError):
                # Else the next launch says why.
                self._running()

    async def close(self) -> None:
        if self._server:
            await self._discard(self._server)
        self._reap_orphans()

    def _running(self) -> "_ForkServer":
        """The fork server, started if there is none. Raises OSError."""
        if not self._server:
            self._server = _ForkServer(self._arguments)
        return self._server

    async def _discard(self, server: "_ForkServer", reason: str | None = None) -> None:
        if self._server is server:
            self._server = None
            if reason:
                _log.warning("fork server is replaced", extra=about(reason=reason))
            self._orphans |= server.workers
        await server.close()

    def _reap_orphans(self) -> None:
        for pid in list(self._orphans):
            try:
                gone, _ = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                gone = pid
            if gone:
                self._orphans.remove(pid)


class _ForkServer:
    """One such process. All its errors are OSErrors."""

    def __init__(self, arguments: list[str]) -> None:
        self.gone = False
        ours, theirs = socket.socketpair()
        # They may come before the process has begun to ignore them; it lets them in when it has.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", MAIN.format(path=sys.path), str(theirs.fileno()), *arguments],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                )
        except BaseException:
            ours.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        ours.setblocking(False)
        self._sock = ours
        self._answered = False
        self._asked: deque[asyncio.Future[int]] = deque()
        self._exits: dict[int, asyncio.Future[int | None]] = {}
        self._listening = asyncio.create_task(self._listen(), name="fork server")

    @property
    def workers(self) -> set[int]:
        """Those whose end it has not reported."""
        return {pid for pid, code in self._exits.items() if not code.done() or code.result() is None}

    def forget(self, pid: int) -> None:
        self._exits.pop(pid, None)

    async def fork(self, theirs: socket.socket) -> int:
        """The process id of a new worker that speaks through `theirs`. Raises OSError."""
        asked: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        socket.send_fds(self._sock, [b"\0"], [theirs.fileno()])
        self._asked.append(asked)
        try:
            async with asyncio.timeout(FORK_TIMEOUT_S if self._answered else FIRST_FORK_TIMEOUT_S):
                return await asked
        except TimeoutError:
            raise OSError(0, "the process that starts workers does not answer") from None

    async def exit_code(self, pid: int) -> int | None:
        if (code := self._exits.get(pid)) is None:
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EXIT_TIMEOUT_S):
                return await asyncio.shield(code)
        return None

    async def close(self) -> None:
        """It has nothing to lose, and may not listen."""
        self._process.kill()
        # Ends in a moment: a killed process closes its end.
        await self._listening
        while self._process.poll() is None:
            await asyncio.sleep(0.005)

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection(sock=self._sock)
        try:
            while True:
                match await read(reader):
                    case Forked() as forked:
                        self._answered = True
                        self._forked(self._asked.popleft(), forked)
                    case Exited(pid, code) if pid in self._exits:
                        self._exits[pid].set_result(code)
        except (asyncio.IncompleteReadError, OSError):
            pass
        except Exception:
            _log.exception("fork server cannot be understood")
        finally:
            self.gone = True
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            for asked in self._asked:
                if not asked.done():
                    asked.set_exception(ConnectionError("the process that starts workers ended"))
            for exit_code in self._exits.values():
                if not exit_code.done():
                    exit_code.set_result(None)

    def _forked(self, asked: asyncio.Future[int], forked: Forked) -> None:
        if forked.pid is not None:
            self._exits[forked.pid] = asyncio.get_running_loop().create_future()
        if asked.done():
            # Whoever asked has gone, and has closed the worker's socket: it ends.
            return
        if forked.pid is None:
            asked.set_exception(OSError(0, forked.reason))
        else:
            asked.set_result(forked.pid)
