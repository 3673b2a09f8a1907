"""One server for many tests, since a start takes seconds: idle before each of them, whatever the one before left. The
races on it that are over are shared, too, by all who only look at them.
"""

import json
import subprocess
from contextlib import ExitStack
from pathlib import Path

import httpx

from app.events import RunStatus
from tests.owner import HEADER
from tests.server_process import served
from tests.waiting import TIMEOUT_S, until


class SharedServer:
    """A server process over the digits in `folder`, which starts with the first test that needs it."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self._folder = folder
        self._cache = cache
        self._running = ExitStack()
        self._process: subprocess.Popen | None = None
        self._address = ""
        self._raced: dict[str, str] = {}

    def address(self) -> str:
        if self._process is None:
            # As on a small machine: one race at once, and no more workers than it has lanes. Its log is not read.
            server = served(self._folder, self._cache, stderr=None, MAX_RUNNING="1")
            self._process, self._address = self._running.enter_context(server)
        return self._address

    @property
    def process(self) -> subprocess.Popen:
        self.address()
        assert self._process
        return self._process

    def raced(self, **config: object) -> str:
        """The path of a run with these settings that is over."""
        return self._finished("runs", config)

    def swept(self, axes: dict[str, list], **config: object) -> str:
        """The path of a sweep over these axes that is over."""
        return self._finished("sweeps", {"axes": axes, "config": config})

    def _finished(self, kind: str, asked: object) -> str:
        """The path of a finished run or sweep that was started with this; the same one for every test."""
        all_of_it, wanted = f"{self.address()}/api/{kind}", f"{kind} {json.dumps(asked)}"
        known = self._raced.get(wanted)
        if known is None or httpx.get(f"{all_of_it}/{known}", timeout=TIMEOUT_S).status_code != 200:
            started = httpx.post(all_of_it, json=asked, timeout=TIMEOUT_S).raise_for_status()
            known = self._raced[wanted] = started.json()["id"]
            until(lambda: _over(f"{all_of_it}/{known}"), f"one of the {kind} is over")
        return f"/{kind}/{known}"

    def settle(self, owner_keys: dict[str, str]) -> None:
        """Stop its runs among these, given by their address; if it then still has something to do, replace it."""
        if self._process is None:
            return
        own = {run: key for run, key in owner_keys.items() if run.startswith(f"{self._address}/")}
        for run, key in own.items():
            httpx.post(f"{run}/stop", headers={HEADER: key}, timeout=TIMEOUT_S)
        until(lambda: all(map(_over, own)), "the runs of the test have ended")
        capacity = httpx.get(f"{self._address}/api/capacity", timeout=TIMEOUT_S).json()
        if capacity["running"] or capacity["queued"]:
            self.close()

    def close(self) -> None:
        self._running.close()
        self._process = None
        self._raced.clear()


def _over(run: str) -> bool:
    return RunStatus(httpx.get(run, timeout=TIMEOUT_S).json()["status"]).final
