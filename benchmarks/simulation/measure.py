"""What the simulation is fed with, measured here: how long races take, what each costs the server, and how fast a
database takes them in. And what it is held to: the waits of a real server's visitors.
"""

import asyncio
import time
from contextlib import closing
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
from websockets.sync.client import connect

from app.config import RunConfig
from app.errors import PlaygroundError
from app.runs.run import Run
from app.settings import Settings
from app.storage.database import Database
from app.storage.records import changes_since, digits_of
from app.storage.run_file import read_run
from app.training.dataset import Dataset, open_dataset
from benchmarks.effort import LIMITS
from benchmarks.processes import own_cpu_seconds
from benchmarks.simulation.queueing import Times
from benchmarks.simulation.visits import Compared, Visits, compare
from benchmarks.start import post, served

PLACES = 2


class Sample(NamedTuple):
    """How much is measured."""

    race: RunConfig = RunConfig()
    races: int = 8
    written_s: float = 3.0
    visits: Visits = Visits()


class Measured(NamedTuple):
    race_s: Times
    """Seconds of races one after the other, each with a viewer: from asking for it to the viewer's last message."""
    server_s: float | None
    """Of processor time that the server's own process takes for each race, its workers not counted; None where no
    one can tell.
    """
    written_per_s: float
    """Whole races that a database in a file takes in a second, one after the other."""
    compared: Compared


def measure(settings: Settings, prepared: Path, folder: Path, sample: Sample) -> Measured:
    """`folder` is for what the servers keep, and is empty."""
    dataset = open_dataset(prepared)
    race_s, server_s, run = _races(settings, dataset, folder, sample)
    database = Database(folder / "simulated.db", digits_of(dataset.test_labels, dataset.test_images))
    written = written_per_s(database, run, sample.written_s)
    return Measured(race_s, server_s, written, _compare(settings, folder, sample.visits))


def _races(settings: Settings, dataset: Dataset, folder: Path, sample: Sample) -> tuple[Times, float | None, Run]:
    """The last of them, too."""
    limits = {**LIMITS, "max_running": 1}
    with served(settings, folder, limits) as (process, _, where), closing(HTTPConnection(where)) as http:
        _race(where, http, sample.race)
        before = own_cpu_seconds(process.pid)
        raced = [_race(where, http, sample.race) for _ in range(sample.races)]
        after = own_cpu_seconds(process.pid)
        process.terminate()
        process.wait()
    server_s = None if before is None or after is None else (after - before) / sample.races
    run = read_run(folder / "runs.db", raced[-1][0], dataset)
    if not run:
        raise PlaygroundError("The server has not kept its last race.")
    return np.array([seconds for _, seconds in raced]), server_s, run


def _race(where: str, http: HTTPConnection, config: RunConfig) -> tuple[str, float]:
    began = time.monotonic()
    # The server closes a connection on which nothing has been asked for some seconds.
    http.close()
    run, _ = post(http, "/api/runs", config)
    with connect(f"ws://{where}/api/runs/{run}/stream") as socket:
        for _ in socket:
            pass
    return run, time.monotonic() - began


def written_per_s(database: Database, run: Run, seconds: float) -> float:
    """How often a second it takes in this run, each time under another name; an empty database, which is closed."""
    database.open()
    try:
        records, _ = changes_since(run, None)
        began = time.monotonic()
        for number in count(1):
            database.write([records._replace(run_id=f"simulated-{number}")])
            if (took := time.monotonic() - began) > seconds:
                return number / took
    finally:
        database.close()
    raise AssertionError("endless")


def _compare(settings: Settings, folder: Path, visits: Visits) -> Compared:
    limits = {**LIMITS, "max_running": PLACES, "max_queued": visits.visitors}
    with served(settings, folder, limits) as (_, _, where):
        return asyncio.run(compare(where, PLACES, visits))
