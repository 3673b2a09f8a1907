"""The server's side of a fork server (`fork_server.py`): the process, and the socket over which it is sent requests."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque

from app.engine.channel import Exited, Forked, read

# A fork takes milliseconds, and what comes before the first one as long as Python and NumPy take to be imported.
FORK_TIMEOUT_S, FIRST_FORK_TIMEOUT_S = 5.0, 60.0
EXIT_TIMEOUT_S = 2.0
# glibc returns freed memory to the system from certain sizes on, and getting it anew costs the next evaluation a tenth
# of its time. Arrays of the usual sizes stay with the worker instead. Read when a process starts; in bytes.
KEEPS_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(4 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(16 * 2**20)}
MAIN = "import sys; sys.path[:] = {path!r}; from app.engine.fork_server import main; main()"

_log = logging.getLogger(__name__)


class ForkServerProcess:
    """One fork server. Its methods raise OSError alone."""

    def __init__(self, arguments: list[str]) -> None:
        self.gone = False
        ours, theirs = socket.socketpair()
        # Signals may come before the process has begun to ignore them; then it unblocks them.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", MAIN.format(path=sys.path), str(theirs.fileno()), *arguments],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env=KEEPS_MEMORY | os.environ,
                )
        except BaseException:
            ours.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        ours.setblocking(False)
        self._sock = ours
        self._answered = False
        self._requests: deque[asyncio.Future[int]] = deque()
        self._exits: dict[int, asyncio.Future[int | None]] = {}
        self._listening = asyncio.create_task(self._listen(), name="fork server")

    @property
    def workers(self) -> set[int]:
        """Process ids of the workers whose end it has not reported."""
        return {pid for pid, code in self._exits.items() if not code.done() or code.result() is None}

    def forget(self, pid: int) -> None:
        self._exits.pop(pid, None)

    async def fork(self, theirs: socket.socket) -> int:
        """Start a worker that communicates through `theirs`; returns its process id. Raises OSError."""
        request: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        socket.send_fds(self._sock, [b"\0"], [theirs.fileno()])
        self._requests.append(request)
        try:
            async with asyncio.timeout(FORK_TIMEOUT_S if self._answered else FIRST_FORK_TIMEOUT_S):
                return await request
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
        """Kill it: it may hang, and has nothing to save."""
        self._process.kill()
        try:
            # Ends in a moment: a killed process closes its end.
            await self._listening
            while self._process.poll() is None:
                await asyncio.sleep(0.005)
        finally:
            # Also when this is cancelled: it would stay as a zombie.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(EXIT_TIMEOUT_S)

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection(sock=self._sock)
        try:
            while True:
                match await read(reader):
                    case Forked() as forked:
                        self._answered = True
                        self._forked(self._requests.popleft(), forked)
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
            for request in self._requests:
                if not request.done():
                    request.set_exception(ConnectionError("the process that starts workers ended"))
            for exit_code in self._exits.values():
                if not exit_code.done():
                    exit_code.set_result(None)

    def _forked(self, request: asyncio.Future[int], forked: Forked) -> None:
        if forked.pid is not None:
            self._exits[forked.pid] = asyncio.get_running_loop().create_future()
        if request.done():
            # The request was abandoned, and the worker's socket is closed: the worker ends.
            return
        if forked.pid is None:
            request.set_exception(OSError(0, forked.reason))
        else:
            request.set_result(forked.pid)
