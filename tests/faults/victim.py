"""The server that faults are injected into: its processes, and a visitor's requests to it."""

import resource
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import psutil

from tests.trials.server import TrialServer
from tests.waiting import TIMEOUT_S, until

SHORT = {"epochs": 1, "batch_size": 20_000, "hidden": [4]}
LONG = {"epochs": 100, "batch_size": 640, "hidden": [16]}
NOW = "+0"
# Less than any change of the clock, and more than any answer takes.
NEAR = timedelta(minutes=20)
FAKETIME = [*Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), *Path("/usr/lib").glob("faketime/libfaketime.so.1")]


class Victim:
    """`answers` are the status codes of all requests."""

    def __init__(self, server: TrialServer, clock: Path) -> None:
        self.server = server
        self.address = server.address
        self.clock = clock
        self.answers: list[int] = []
        self.http = httpx.Client(
            base_url=server.address, timeout=TIMEOUT_S, trust_env=False, event_hooks={"response": [self._note]}
        )

    def _note(self, response: httpx.Response) -> None:
        self.answers.append(response.status_code)

    @property
    def fork_server(self) -> psutil.Process:
        return psutil.Process(self.server.process.pid).children()[-1]

    @property
    def workers(self) -> list[psutil.Process]:
        """Those of the fork server; none while there is none."""
        found: list[psutil.Process] = []
        for child in psutil.Process(self.server.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                found += child.children()
        return found

    def start(self, config: dict, **query: object) -> tuple[str, dict[str, str]]:
        """A run, and the headers that command it."""
        answer = self.http.post("/api/runs", json=config, params=query)
        return answer.json()["id"], {"X-Owner-Key": answer.headers["X-Owner-Key"]}

    def run(self, run_id: str) -> dict:
        return self.http.get(f"/api/runs/{run_id}").json()

    def race(self) -> tuple[str, dict[str, str]]:
        """One that trains, slowly, until it is stopped."""
        run_id, owner = self.start(LONG, pace=20)
        until(lambda: all(lane["steps"] for lane in self.run(run_id)["lanes"]), "all lanes train")
        return run_id, owner

    def stop(self, run_id: str, owner: dict[str, str]) -> dict:
        """Stop it; what it is when it is over."""
        self.http.post(f"/api/runs/{run_id}/stop", headers=owner)
        until(lambda: self.run(run_id)["status"] in ("stopped", "failed", "finished"), "the run is over")
        return self.run(run_id)

    def races_as_always(self) -> None:
        """Ready, and a race from its start to its end."""
        until(lambda: self.http.get("/readyz").status_code == 200, "it is ready")
        run_id, _ = self.start(SHORT)
        until(lambda: self.run(run_id)["status"] == "finished", "a race finishes")

    def fill_disk(self, full: bool) -> None:
        """As if there were no room for one more byte in any file of the server."""
        most = resource.RLIM_INFINITY
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (0 if full else most, most))

    def set_clock(self, offset: timedelta) -> None:
        """Set the server's time of day, and wait until it has it; the clock that can't be set goes on as it was."""
        self.clock.write_text(f"{offset.total_seconds():+.0f}")

        def set_by_now() -> bool:
            told = parsedate_to_datetime(self.http.get("/healthz").headers["date"])
            return abs(told - datetime.now(UTC) - offset) < NEAR

        until(set_by_now, "the server's answers have the date that was set")
