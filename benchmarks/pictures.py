"""What the pictures of why cost a race, and how soon a drawn digit is answered in the middle of one."""

import asyncio
import json
import os
import statistics
import tempfile
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from app.config import RunConfig
from app.engine.base import Emit
from app.engine.commands import CommandQueue
from app.engine.local import LocalEngine
from app.events import Detail
from app.scheduling.manager import Manager
from app.settings import Settings
from app.training.dataset import open_dataset
from app.training.idx import PIXELS
from benchmarks.effort import Effort
from benchmarks.processes import cpu_seconds
from benchmarks.start import served

# As often as a page asks while somebody draws.
ASK_EVERY_S = 0.05


def measure_pictures(settings: Settings, prepared: Path, effort: Effort) -> dict[str, float | None]:
    """By how much a race makes fewer steps a second of CPU time, the server's included, than one whose lanes tell
    neither push nor parameters; and the time from the request to the answer of predict that 95 % stay below.
    """
    with tempfile.TemporaryDirectory() as cache, served(settings, Path(cache)) as (_, _, where):
        waits = [wait for _ in effort.drawn_rounds for wait in _draw(where, effort.race)]
    return {
        "pictures_cost": asyncio.run(_cost(settings, prepared, effort)),
        "predict_p95_ms": sorted(waits)[len(waits) * 95 // 100] * 1e3,
    }


async def _cost(settings: Settings, prepared: Path, effort: Effort) -> float | None:
    """In each round a silent race and one with pictures, the order changing."""
    dataset, workers = open_dataset(prepared), len(effort.race.lanes)
    managers = [Manager(settings, engine(prepared, workers), dataset) for engine in (_WithoutPictures, LocalEngine)]
    try:
        for manager in managers:
            await manager.open()
            await _race(manager, effort.warm_up)
        ratios = []
        for number in effort.picture_rounds:
            first, second = managers[:: 1 if number % 2 else -1]
            seconds = {first: await _race(first, effort.race), second: await _race(second, effort.race)}
            silent, telling = (seconds[manager] for manager in managers)
            if silent is None or telling is None:
                return None
            ratios.append(silent / telling)
        return 1 - statistics.median(ratios)
    finally:
        for manager in managers:
            await manager.close()


class _WithoutPictures(LocalEngine):
    """Its lanes tell neither push nor parameters."""

    async def run(
        self, config: RunConfig, emit: Emit, commands: CommandQueue, detail: Detail = Detail.CURVES, **_: Any
    ) -> None:
        await super().run(config, emit, commands, detail)


async def _race(manager: Manager, config: RunConfig) -> float | None:
    """CPU seconds of this process and its workers; the other's workers idle."""
    before = cpu_seconds(os.getpid())
    await manager.wait(manager.start(config).id)
    after = cpu_seconds(os.getpid())
    return None if before is None or after is None else after - before


def _draw(where: str, config: RunConfig) -> list[float]:
    """Seconds until each answer, from the first network of a race on the server until the race is over."""
    waits = []
    with closing(HTTPConnection(where)) as http:
        http.request("POST", "/api/runs", config.model_dump_json(), {"Content-Type": "application/json"})
        run = json.loads(http.getresponse().read())
        over = False
        while not over:
            over = run["status"] == "finished"
            started = time.monotonic()
            http.request("POST", f"/api/runs/{run['id']}/predict", bytes(PIXELS))
            answer = http.getresponse()
            if answer.read() and answer.status == 200:
                waits.append(time.monotonic() - started)
            http.request("GET", f"/api/runs/{run['id']}")
            run = json.loads(http.getresponse().read())
            time.sleep(max(0, started + ASK_EVERY_S - time.monotonic()))
    return waits
