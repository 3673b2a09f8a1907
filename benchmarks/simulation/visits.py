"""Visitors of a real server, who come by chance and ask for a race each: how long they wait, and the same ones
simulated.

Their races are held to a pace: those at once on one machine would otherwise take each other's time, which those on
machines of their own don't.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import NamedTuple

import httpx
import numpy as np
from websockets.asyncio.client import connect

from app.config import RunConfig
from app.errors import PlaygroundError
from app.events import RunStatus
from benchmarks.simulation.queueing import simulate

# They ask a little more slowly than the server can race.
LOAD = 0.9
SEED = 42
ANSWERED_WITHIN_S, OVER_WITHIN_S = 60.0, 600.0


# At the pace below for about one, two and four seconds.
RACES = [RunConfig(epochs=1, hidden=[16], batch_size=size) for size in (512, 1024, 2048)]


class Visits(NamedTuple):
    """How many come, and for what: one of the races, drawn by chance, at this pace in batches a second."""

    visitors: int = 60
    races: Sequence[RunConfig] = RACES
    pace: float = 30.0


class Compared(NamedTuple):
    """Waits in seconds of a real server's visitors, and of the same ones simulated."""

    places: int
    real: list[float]
    simulated: list[float]

    @property
    def sentence(self) -> str:
        real, simulated = np.array(self.real), np.array(self.simulated)
        return (
            f"{len(real)} visitors of a real server with {self.places} places waited {real.mean():.2f} s on average "
            f"and {np.percentile(real, 90):.2f} s at p90; simulated {simulated.mean():.2f} and "
            f"{np.percentile(simulated, 90):.2f} s, for one visitor at most {abs(real - simulated).max():.2f} s apart."
        )


async def compare(where: str, places: int, visits: Visits) -> Compared:
    """A server at host:port that has so many places, and nothing to do. Raises PlaygroundError if it takes too long."""
    try:
        async with asyncio.timeout(OVER_WITHIN_S):
            return await _compare(where, places, visits)
    except TimeoutError:
        raise PlaygroundError(f"The visitors' races were not over within {OVER_WITHIN_S:.0f} s.") from None


async def _compare(where: str, places: int, visits: Visits) -> Compared:
    rng = np.random.default_rng(SEED)
    async with httpx.AsyncClient(base_url=f"http://{where}", timeout=ANSWERED_WITHIN_S) as http:
        alone = [await _visit(where, http, race, visits.pace) for race in visits.races]
        mean_s = float(np.mean([took for _, took in alone]))
        asks = rng.exponential(mean_s / places / LOAD, visits.visitors).cumsum()
        races = rng.choice(len(visits.races), visits.visitors)
        began = time.monotonic()

        async def visit(number: int) -> tuple[float, float, float]:
            await asyncio.sleep(max(0.0, began + asks[number] - time.monotonic()))
            asked_s = time.monotonic() - began
            return asked_s, *await _visit(where, http, visits.races[races[number]], visits.pace)

        # On a busy machine some ask a little later than they wanted to.
        asked, waits, took = np.array(sorted(await asyncio.gather(*(visit(each) for each in range(visits.visitors))))).T
    return Compared(places, waits.tolist(), simulate(asked, took, places).waits.tolist())


async def _visit(where: str, http: httpx.AsyncClient, race: RunConfig, pace: float) -> tuple[float, float]:
    """Seconds until it raced, and those it raced, as one sees who watches it."""
    asked = time.monotonic()
    answer = await http.post("/api/runs", params={"pace": pace}, json=race.model_dump())
    run = answer.raise_for_status().json()
    started = asked if run["status"] != RunStatus.QUEUED else 0.0
    async with connect(f"ws://{where}/api/runs/{run['id']}/stream") as socket:
        async for message in socket:
            if not started and isinstance(message, str):
                status = json.loads(message).get("run", {}).get("status", RunStatus.QUEUED)
                started = time.monotonic() if status != RunStatus.QUEUED else 0.0
    return started - asked, time.monotonic() - started
