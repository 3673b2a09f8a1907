"""A server process of its own for a trial, and what it holds while it runs."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil

from tests.server_process import command
from tests.waiting import TIMEOUT_S, until

MB = 1_000_000


class Held(NamedTuple):
    """What a server holds at one moment; memory is private to its processes, in MB."""

    server_mb: float
    workers_mb: float
    descriptors: int
    threads: int


class TrialServer:
    """`log` is the file its standard error goes to."""

    def __init__(self, process: subprocess.Popen, address: str, log: Path) -> None:
        self.process = process
        self.address = address
        self.log = log

    def held(self) -> Held:
        """What it holds now. Raises psutil.NoSuchProcess when it is gone."""
        server = psutil.Process(self.process.pid)
        workers_mb = 0.0
        for worker in server.children(recursive=True):
            try:
                workers_mb += worker.memory_full_info().uss / MB
            except psutil.NoSuchProcess:
                continue
        return Held(server.memory_full_info().uss / MB, workers_mb, server.num_fds(), server.num_threads())

    @property
    def tracebacks(self) -> int:
        """How many its log has so far."""
        return self.log.read_text(encoding="utf-8").count("Traceback (most recent call last)")


@contextmanager
def trial_server(folder: Path, first: str = "", **environment: str) -> Iterator[TrialServer]:
    """Start a server that keeps all it writes in `folder`; it is ended with SIGTERM, at last killed.

    `first` is Python that it runs before it serves.
    """
    log = folder / "server.log"
    where = {"CACHE_DIR": str(folder / "cache"), "DATABASE_URL": f"sqlite:///{folder / 'runs.db'}"}
    with log.open("wb") as errors:
        # To a file: a full pipe would stop the server.
        started = command("serve", first=first, **where, **environment) | {"stderr": errors}
        with subprocess.Popen(**started) as process:
            try:
                line = process.stdout.readline()
                if not (found := re.search(r"http://\S+", line)):
                    raise RuntimeError(f"The server did not start: {log.read_text(encoding='utf-8')[-2000:]}")
                # Until its database is open, it says that it cannot look.
                nobody = f"{found[0]}/api/runs/nobody"
                until(lambda: httpx.get(nobody, timeout=TIMEOUT_S).status_code == 404, "it can look for runs")
                yield TrialServer(process, found[0], log)
                process.terminate()
                process.wait(timeout=TIMEOUT_S)
            finally:
                if process.poll() is None:
                    process.kill()
