"""What many viewers get, and what they cost: a real server, real races, and crowds of viewers, all on this machine.

Where the system lets processes choose their cores, the server has one to itself for the first, and the workers have
their own for the second.
"""

import json
import os
import statistics
import time
from contextlib import closing
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig
from app.errors import PlaygroundError
from app.settings import Settings
from benchmarks.crowd import Watch, Watched, crowd
from benchmarks.effort import Rounds
from benchmarks.server import Race, answer, process, serve_races
from benchmarks.start import post

VIEWERS = 3_000
# Long enough to outlast any measurement; it is stopped when the watching is done.
LIVE = RunConfig(epochs=100)
WATCHED_S = 10.0
MOVES_WITHIN_S, ASKED_EVERY_S = 60.0, 0.1
ANSWERED_WITHIN_S = 30.0
HIGHEST_P99_MS = 100.0

FEW_VIEWERS = 100
RACE = RunConfig(epochs=1)
ROUNDS = Rounds(7, 15, least=3)
MOST_THEY_MAY_COST = 0.02


def measure_viewers(
    settings: Settings, n: int = VIEWERS, watched_s: float = WATCHED_S, live: RunConfig = LIVE
) -> dict[str, Any]:
    """How old each frame of a live run is at each of `n` viewers, in ms, and how many batches were missed.

    The age of a frame is the time from its coming in from the lane to its bytes having been read. `joining_p99_ms` is
    over the frames that came while others were still joining. `live` has to outlast all that. Raises PlaygroundError.
    """
    one, others = cores()
    with process(serve_races, settings, one, others) as server, process(crowd, others) as viewers:
        port = answer(server)
        run_id, key = start(port, live)
        began = time.monotonic()
        viewers.send(Watch("127.0.0.1", port, run_id, len(live.lanes), n))
        joined_s = answer(viewers)
        settled, before = time.monotonic(), _steps(port, run_id)
        time.sleep(watched_s)
        while _steps(port, run_id) == before:
            # The workers give way to everything else on the machine.
            if time.monotonic() > settled + watched_s + MOVES_WITHIN_S:
                raise PlaygroundError(f"The race that is watched has made no step for {MOVES_WITHIN_S:.0f} s.")
            time.sleep(ASKED_EVERY_S)
        ended = time.monotonic()
        command(port, f"/api/runs/{run_id}/stop", key=key)
        race, watched = answer(server), answer(viewers)
    ages = ages_ms(race, watched, settled, ended)
    joining = ages_ms(race, watched, began, settled)
    return {
        "n": n,
        "p50_ms": float(np.percentile(ages, 50)),
        "p99_ms": float(np.percentile(ages, 99)),
        "max_ms": float(ages.max()),
        "missed": missed(race, watched),
        "joined_s": joined_s,
        # A few join between two frames, and then there is nothing to tell.
        "joining_p99_ms": float(np.percentile(joining, 99)) if joining.size else None,
    }


def measure_viewer_cost(settings: Settings, rounds: Rounds = ROUNDS) -> float:
    """The share of the steps a second that FEW_VIEWERS viewers cost, with the workers on cores of their own."""
    one, others = cores()
    with process(serve_races, settings, one, others) as server, process(crowd, one) as viewers:
        port = answer(server)
        _race(port, server)
        ratios = []
        for _ in rounds:
            alone = _race(port, server)
            ratios.append(_race(port, server, viewers) / alone)
    return 1 - statistics.median(ratios)


def _race(port: int, server: Connection, viewers: Connection | None = None) -> float:
    """Steps a second of all lanes of one whole race, watched or not."""
    run_id, _ = start(port, RACE)
    if viewers:
        viewers.send(Watch("127.0.0.1", port, run_id, len(RACE.lanes), FEW_VIEWERS))
    race: Race = answer(server)
    if viewers:
        answer(viewers), answer(viewers)
    return race.steps / race.seconds


def ages_ms(race: Race, watched: Watched, since: float, until: float) -> NDArray[np.float64]:
    """For each frame that came between the two times, and each viewer who saw it live: how old it was by then."""
    ages = [np.empty(0)]
    arrivals = [np.array(sighting.arrivals) for sighting in watched.live]
    for lane in {frame.lane for frame in race.frames}:
        frames = [frame for frame in race.frames if frame.lane == lane]
        last_steps = [frame.last_step for frame in frames]
        for sighting, arrived in zip(watched.live, arrivals, strict=True):
            for piece in sighting.pieces:
                if piece.lane == lane:
                    first, end = np.searchsorted(last_steps, [piece.before, piece.after], side="right")
                    ages += [arrived - frame.at for frame in frames[first:end] if since <= frame.at < until]
    return np.concatenate(ages) * 1e3


def missed(race: Race, watched: Watched) -> int:
    """Batches that a viewer did not get, over all viewers; a gap or a double in what it got counts as one."""
    return watched.gaps + sum(
        abs(race.steps_of(lane) - have) for rows in watched.rows for lane, have in enumerate(rows)
    )


def cores() -> tuple[set[int], set[int]]:
    """One core and the others; none, none where there are no two or the system does not let processes choose."""
    every = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return ({every[-1]}, set(every[:-1])) if len(every) > 1 else (set(), set())


def start(port: int, config: RunConfig, paused: bool = False) -> tuple[str, str]:
    """The id of the run, and the key that commands it."""
    return command(port, f"/api/runs?paused={paused}", config)


def command(port: int, path: str, config: RunConfig | None = None, key: str | None = None) -> tuple[str, str]:
    """The same of any other request; the key is empty where there is no new one."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=ANSWERED_WITHIN_S)) as http:
        run_id, new_key = post(http, path, config, key)
    return run_id, new_key or ""


def _steps(port: int, run_id: str) -> int:
    """Of all lanes, so far."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=ANSWERED_WITHIN_S)) as http:
        http.request("GET", f"/api/runs/{run_id}")
        return sum(lane["steps"] for lane in json.load(http.getresponse())["lanes"])
