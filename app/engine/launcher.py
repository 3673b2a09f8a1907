"""Starts worker processes through a fork server, which is replaced when it dies or does not answer.

Each worker has a socket of its own, so it works on and gets commands whatever happens to the process it was forked
from. Python's own fork server reports every worker as ended when it ends itself, blocks its callers while it hangs,
and leaves a folder behind when the server is killed.
"""

import contextlib
import logging
import os
import socket
from pathlib import Path
from typing import NamedTuple

from app.engine.fork_server_process import ForkServerProcess
from app.errors import PlaygroundError
from app.logs import about

ATTEMPTS = 3

_log = logging.getLogger(__name__)


class WorkerDied(PlaygroundError):
    """The process ended before it was ready, or could not be started."""


class Launched(NamedTuple):
    """A process that has just been started, and the server's end of its socket."""

    pid: int
    sock: socket.socket


class Launcher:
    """The launcher of one engine. `close` ends the fork server, not the workers."""

    def __init__(self, prepared: Path, memory_limit: int) -> None:
        self._arguments = [str(prepared), str(memory_limit)]
        self._server: ForkServerProcess | None = None
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
        """The exit code of a worker that has ended; None if it is unknown."""
        return await self._server.exit_code(pid) if self._server else None

    def forget(self, pid: int) -> None:
        """Drop the exit code of this worker."""
        if self._server:
            self._server.forget(pid)

    async def tend(self) -> None:
        """Replace a fork server that died. Call it regularly."""
        self._reap_orphans()
        if self._server and self._server.gone:
            await self._discard(self._server, "it ended")
            with contextlib.suppress(OSError):
                # If it does not start, the next launch raises the reason.
                self._running()

    async def close(self) -> None:
        if self._server:
            await self._discard(self._server)
        self._reap_orphans()

    def _running(self) -> ForkServerProcess:
        """The fork server, started if there is none. Raises OSError."""
        if not self._server:
            self._server = ForkServerProcess(self._arguments)
        return self._server

    async def _discard(self, server: ForkServerProcess, reason: str | None = None) -> None:
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
