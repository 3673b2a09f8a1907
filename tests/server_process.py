"""`playground` as a process of its own, the way users run it."""

import os
import re
import secrets
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from tests.waiting import TIMEOUT_S, until

ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}
# At full speed a fast machine is through with it in a few seconds, and so it takes a quarter of an hour.
PACE = 200
# Not one that another program could get by chance: the system assigns higher ports.
PORTS = range(20_000, 32_768)


def command(*arguments: str, module: str = "app", first: str = "", **environment: str) -> dict:
    """Arguments for subprocess: `playground …`, or another module of this project, with these settings.

    `first` is Python that the process runs before the module's `main`.
    """
    run = ["-c", f"{first}\nfrom {module}.__main__ import main\nmain()"] if first else ["-m", module]
    return {
        "args": [sys.executable, *run, *arguments],
        "env": {**os.environ, "PORT": "0", "DATABASE_URL": "", **environment},
        "text": True,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        # Its workers are nice to all other processes; Linux gives a session of its own its share of a busy machine.
        "start_new_session": True,
    }


def free_port() -> int:
    """For a server that has to know its port before it starts, or comes back on the same one."""
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def served(
    folder: Path, cache: Path, port: int = 0, stderr: int | None = subprocess.PIPE, first: str = "", **environment: str
) -> Iterator[tuple[subprocess.Popen, str]]:
    """A server process over few digits, and its address; whatever the test did, it is gone afterwards.

    A pipe holds 64 KB of its log: one that goes on for long, or logs much, needs another `stderr`.
    """
    where = {"DATA_DIR": str(folder), "CACHE_DIR": str(cache), "PORT": str(port)}
    started = {**command("serve", first=first, **where, **environment), "stderr": stderr}
    with subprocess.Popen(**started) as process:
        try:
            line = process.stdout.readline()
            yield process, re.search(r"http://\S+", line)[0]
        finally:
            if process.poll() is None:
                process.kill()


def described(address: str, run_id: str, kind: str = "runs") -> dict:
    """A run or sweep of a server that may have started just now: until its database is open, it says it cannot look."""
    answers: list[httpx.Response] = []

    def known() -> bool:
        answers.append(httpx.get(f"{address}/api/{kind}/{run_id}", timeout=TIMEOUT_S))
        return answers[-1].status_code != 503

    until(known, "the server can look for runs")
    return answers[-1].json()


def pieces_saved(sqlite_url: str, run_id: str) -> int | None:
    """How many pieces of a run's curves are in a server's database; None while the run is not."""
    counted = "SELECT count(run_id) FROM runs LEFT JOIN pieces ON run_id = id WHERE id = ? GROUP BY id"
    file = sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as connection, suppress(sqlite3.OperationalError):
        found = connection.execute(counted, [run_id]).fetchone()
        return found and found[0]
    return None


def start_racing(address: str) -> str:
    """A run that goes on until it is stopped; returns its id once all its lanes train."""
    return start_owned(address)[0]


def start_owned(address: str, pace: int = PACE) -> tuple[str, dict[str, str]]:
    """The same; also the headers for its commands."""
    answer = httpx.post(f"{address}/api/runs?pace={pace}", json=ENDLESS, timeout=TIMEOUT_S)
    run_id = answer.json()["id"]
    run = f"{address}/api/runs/{run_id}"

    def all_train() -> bool:
        return all(lane["steps"] for lane in httpx.get(run, timeout=TIMEOUT_S).json()["lanes"])

    until(all_train, "all lanes train")
    return run_id, {"X-Owner-Key": answer.headers["X-Owner-Key"]}


def family(process: subprocess.Popen) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def workers(process: subprocess.Popen) -> list[psutil.Process]:
    """Its worker processes: the children of its fork server."""
    return [worker for child in psutil.Process(process.pid).children() for worker in child.children()]


def idle(process: subprocess.Popen) -> bool:
    """Whether no worker needs the processor; one that is only given none is not asleep."""
    try:
        return all(
            worker.cpu_percent(interval=0.1) < 10 and worker.status() == psutil.STATUS_SLEEPING
            for worker in workers(process)
        )
    except psutil.NoSuchProcess:
        return False
