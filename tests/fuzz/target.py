"""What is fuzzed: a server with a run and a sweep that are over and saved, a lesson, and small digits."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np

from app.training.dataset import FILES
from tests.fuzz.page_reader import PageReader, page_reader
from tests.owner import HEADER
from tests.trials.server import TrialServer, trial_server
from tests.waiting import until

HANG_S = 10.0
SETTINGS = {
    # Runs that fuzzed configs describe are over at once.
    "MAX_WORK": "1e8",
    "MAX_STEPS": "200",
    "MAX_QUEUED": "3",
    "MAX_KEPT": "20",
    # All comes from one address, and is to be looked at, not refused.
    "MAX_RUNS_PER_VISITOR": "1000",
    "STARTS_PER_MINUTE": "1000000",
    "MAX_VIEWERS_PER_VISITOR": "3500",
}
TRAINING, TEST = 200, 100
AXES = {"optimizer": ["sgd", "adam"], "learning_rate": [0.01, 0.1]}


class Target(NamedTuple):
    """`http` waits for HANG_S; `operations` are the methods and paths of the server's own description,
    `parameters` what their queries name, and `page` is the page's modules in Node.
    """

    server: TrialServer
    http: httpx.Client
    run_id: str
    sweep_id: str
    lesson_id: str
    owner_key: str
    """Of the lesson."""
    database: Path
    operations: list[tuple[str, str]]
    parameters: list[str]
    page: PageReader

    @property
    def host(self) -> tuple[str, int]:
        url = httpx.URL(self.server.address)
        assert url.port
        return url.host, url.port


def idx_files() -> dict[str, bytes]:
    """A small data set as an operator would bring it: the content of each file by its name."""
    chance = np.random.default_rng(1)
    files = {}
    for name, file in FILES.items():
        count = TRAINING if "train" in name else TEST
        if name.endswith("images"):
            header, values = (2051, count, 28, 28), chance.integers(0, 256, (count, 28, 28))
        else:
            header, values = (2049, count), chance.integers(0, 10, count)
        files[file] = np.array(header, ">u4").tobytes() + values.astype(np.uint8).tobytes()
    return files


@contextmanager
def target(folder: Path) -> Iterator[Target]:
    """Serve in `folder`, and have a run go to its end there."""
    digits = folder / "digits"
    digits.mkdir()
    for name, content in idx_files().items():
        (digits / name).write_bytes(content)
    with (
        trial_server(folder, DATA_DIR=str(digits), **SETTINGS) as server,
        httpx.Client(base_url=server.address, timeout=HANG_S, trust_env=False) as http,
        page_reader() as page,
    ):
        run_id = http.post("/api/runs", json={"epochs": 2, "hidden": [4]}).json()["id"]
        database = folder / "runs.db"
        until(lambda: _saved(database, run_id), "the run is over and saved")
        sweep_id = http.post("/api/sweeps", json={"axes": AXES, "config": {"epochs": 1, "hidden": [4]}}).json()["id"]
        until(lambda: _sweep_saved(database, sweep_id), "the sweep is over and saved")
        lesson = http.post("/api/lessons", json={"experiment": "one-dial"})
        described = http.get("/openapi.json").json()["paths"]
        operations = [(method.upper(), path) for path, methods in described.items() for method in methods]
        asked = [each for methods in described.values() for of in methods.values() for each in of.get("parameters", ())]
        parameters = sorted({each["name"] for each in asked if each["in"] == "query"})
        ids = run_id, sweep_id, lesson.json()["id"], lesson.headers[HEADER]
        yield Target(server, http, *ids, database, operations, parameters, page)


def _sweep_saved(database: Path, sweep_id: str) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT status FROM sweeps WHERE id = ?", [sweep_id]).fetchall()
    return found == [("finished",)]


def _saved(database: Path, run_id: str) -> bool:
    if not database.exists():
        return False
    with closing(sqlite3.connect(database)) as connection:
        try:
            told = connection.execute("SELECT event FROM log WHERE run_id = ?", [run_id]).fetchall()
            networks = connection.execute("SELECT 1 FROM snapshots WHERE kind = 'parameters'").fetchall()
        except sqlite3.OperationalError:
            return False
    ended = [event for (event,) in told if json.loads(event)["event"] == "LaneEnded"]
    return len(ended) == len(networks) == 3
