"""What the simulation is fed with, measured here: how long races take, and what a start takes of the server. And what
it is held to: the waits of a real server's visitors.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import numpy as np
from websockets.exceptions import ConnectionClosedOK
from websockets.sync.client import connect

from app.config import RunConfig
from app.errors import PlaygroundError
from app.settings import Settings
from benchmarks.effort import LIMITS
from benchmarks.processes import own_cpu_seconds
from benchmarks.simulation.arrivals import Times
from benchmarks.simulation.visits import Compared, Visits, compare
from benchmarks.start import post, served

PLACES = 2
AT_ONCE = 10
ANSWERED_WITHIN_S = 60.0
RACED_WITHIN_S = 300.0


class Sample(NamedTuple):
    """How much is measured."""

    race: RunConfig = RunConfig()
    races: int = 8
    starts: int = 300
    """Of a lecture, who wait together."""
    visits: Visits = Visits()


class Measured(NamedTuple):
    race_s: Times
    """Seconds of races one after the other, each with a viewer: from asking for it to the viewer's last message."""
    start_s: float | None
    """Of processor time that the server takes for a race that is asked for and waits, with a viewer, until all others
    wait too; None where no one can tell.
    """
    compared: Compared


def measure(settings: Settings, folder: Path, sample: Sample) -> Measured:
    """`folder` is for what the servers keep, and is empty."""
    race_s = _races(settings, folder, sample)
    start_s = _starts(settings, folder, sample)
    limits = {**LIMITS, "max_running": PLACES, "max_queued": sample.visits.visitors}
    with served(settings, folder, limits) as (_, _, where):
        compared = asyncio.run(compare(where, PLACES, sample.visits))
    return Measured(race_s, start_s, compared)


def _races(settings: Settings, folder: Path, sample: Sample) -> Times:
    with (
        served(settings, folder, {**LIMITS, "max_running": 1}) as (_, _, where),
        closing(HTTPConnection(where)) as http,
    ):
        # One to warm up.
        return np.array([_race(where, http, sample.race) for _ in range(1 + sample.races)][1:])


def _race(where: str, http: HTTPConnection, config: RunConfig) -> float:
    began = time.monotonic()
    # The server closes a connection on which nothing has been asked for some seconds.
    http.close()
    run, _ = post(http, "/api/runs", config)
    with connect(f"ws://{where}/api/runs/{run}/stream") as socket:
        try:
            while (left := began + RACED_WITHIN_S - time.monotonic()) > 0:
                socket.recv(timeout=left)
        except ConnectionClosedOK:
            return time.monotonic() - began
        except TimeoutError:
            pass
    raise PlaygroundError(f"A race was not over within {RACED_WITHIN_S:.0f} s.")


def _starts(settings: Settings, folder: Path, sample: Sample) -> float | None:
    """They wait behind a race that is paused."""
    limits = {**LIMITS, "max_running": 1, "max_queued": sample.starts, "unwatched_pause_s": 0, "max_turn_s": 0}
    with served(settings, folder, limits) as (process, _, where), ExitStack() as viewers:

        def start(path: str = "/api/runs") -> None:
            with closing(HTTPConnection(where, timeout=ANSWERED_WITHIN_S)) as http:
                run, _ = post(http, path, sample.race)
            viewers.enter_context(connect(f"ws://{where}/api/runs/{run}/stream")).recv(timeout=ANSWERED_WITHIN_S)

        start("/api/runs?paused=true")
        before = own_cpu_seconds(process.pid)
        # Several at a time: each is answered only when it is saved, which takes long where the disk is busy.
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(start) for _ in range(sample.starts)]:
                done.result()
        after = own_cpu_seconds(process.pid)
        # With it go all streams.
        process.kill()
    return None if before is None or after is None else (after - before) / sample.starts
