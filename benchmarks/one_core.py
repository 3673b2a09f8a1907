"""What a thousand viewers take from the run they watch when server and workers have one core together.

Rounds alone and rounds watched take turns, so that the machine's own drift falls out. The viewers are on other cores.
"""

import statistics
from multiprocessing.connection import Connection

from app.config import RunConfig
from app.settings import Settings
from benchmarks.crowd import Watch, crowd
from benchmarks.effort import Rounds
from benchmarks.server import Race, answer, process, serve_races
from benchmarks.viewers import command, cores, start

VIEWERS = 1_000
RACE = RunConfig(epochs=3)
ROUNDS = Rounds(5, 40, least=2)
MOST_THEY_MAY_COST = 0.10


def measure_one_core(
    settings: Settings, viewers: int = VIEWERS, rounds: Rounds = ROUNDS, race: RunConfig = RACE
) -> float:
    """The share of the steps a second that `viewers` viewers cost a run that they all have joined before it goes on."""
    one, others = cores()
    with process(serve_races, settings, one, one) as server, process(crowd, others) as watching:
        port = answer(server)
        _race(port, server, race)
        ratios = []
        for _ in rounds:
            alone = _race(port, server, race)
            ratios.append(_race(port, server, race, watching, viewers) / alone)
    return 1 - statistics.median(ratios)


def _race(
    port: int, server: Connection, race: RunConfig, watching: Connection | None = None, viewers: int = 0
) -> float:
    """Steps a second of all lanes, from the first batch to the last."""
    run_id, key = start(port, race, paused=True)
    if watching:
        watching.send(Watch("127.0.0.1", port, run_id, len(race.lanes), viewers))
        answer(watching)
    command(port, f"/api/runs/{run_id}/resume", key=key)
    run: Race = answer(server)
    if watching:
        answer(watching)
    return run.steps / (run.frames[-1].at - run.frames[0].at)
