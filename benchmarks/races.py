"""Whole races and a sweep, evaluations included: how fast they are, what many cores give, what one viewer costs."""

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from websockets.sync.client import connect

from app.config import RunConfig
from app.engine.commands import CommandQueue
from app.engine.inline import InlineEngine
from app.engine.local import LocalEngine
from app.machine import cores
from app.main import create_app, local_engine
from app.runs.run import Run
from app.scheduling.cell_queue import train_all
from app.scheduling.manager import Manager
from app.serving import address, listen, server_config
from app.settings import Settings
from app.sweeps.options import grid_of
from app.training.dataset import open_dataset
from app.training.kernels import fastest_kernel
from benchmarks.effort import Effort


def measure_races(settings: Settings, prepared: Path, effort: Effort) -> dict[str, float]:
    """In each round: a race of one process that takes the lanes in turn, one on the server, and one with a viewer."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        in_turn, alone, watched = asyncio.run(_rounds(settings, prepared, effort, process))
    steps = (
        len(effort.race.lanes)
        * effort.race.epochs
        * (len(open_dataset(prepared).train_labels) // effort.race.batch_size)
    )
    # Ratios within the rounds: the machine's speed drifts by more than a viewer costs.
    return {
        "race_s": statistics.median(alone),
        "race_watched_s": statistics.median(watched),
        "race_in_turn_s": statistics.median(in_turn),
        "total_steps_per_s": steps / statistics.median(alone),
        "together_ratio": statistics.median(a / b for a, b in zip(in_turn, alone, strict=True)),
        "viewer_cost": 1 - statistics.median(a / b for a, b in zip(alone, watched, strict=True)),
    }


async def _rounds(
    settings: Settings, prepared: Path, effort: Effort, process: ProcessPoolExecutor
) -> tuple[list[float], list[float], list[float]]:
    """Seconds of the races, each from the press to the end of its last lane. `process` is another one."""
    elsewhere = asyncio.get_running_loop().run_in_executor
    in_turn, alone, watched = [], [], []
    async with _server(settings, prepared) as (manager, where):
        await _race(manager, effort.warm_up)
        for _ in effort.race_rounds:
            in_turn.append(await elsewhere(process, race_in_turn, prepared, effort.race))
            alone.append(await _race(manager, effort.race))
            started = time.monotonic()
            run = manager.start(effort.race)
            viewer = elsewhere(process, _watch, f"{where}/api/runs/{run.id}/stream")
            await manager.wait(run.id)
            watched.append(time.monotonic() - started)
            await viewer
    return in_turn, alone, watched


@asynccontextmanager
async def _server(settings: Settings, prepared: Path) -> AsyncIterator[tuple[Manager, str]]:
    """The real server and its workers, on a free port; its manager, and where its websockets are."""
    app = create_app(settings, local_engine(settings, prepared), open_dataset(prepared))
    with listen("127.0.0.1", 0) as sock:
        server = uvicorn.Server(server_config(app))
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        while not server.started:
            await asyncio.sleep(0.01)
        await app.state.opening
        try:
            yield app.state.manager, address("127.0.0.1", sock).replace("http", "ws")
        finally:
            server.should_exit = True
            await serving


async def _race(manager: Manager, config: RunConfig) -> float:
    started = time.monotonic()
    await manager.wait(manager.start(config).id)
    return time.monotonic() - started


def race_in_turn(prepared: Path, config: RunConfig) -> float:
    """Seconds of the same race in this process alone."""
    engine = InlineEngine(open_dataset(prepared), fastest_kernel())
    started = time.monotonic()
    asyncio.run(engine.run(config, lambda event: None, CommandQueue()))
    return time.monotonic() - started


def _watch(stream: str) -> None:
    """As a browser does: read all that comes, to the end."""
    with connect(stream) as socket:
        for _ in socket:
            pass


def measure_sweep(prepared: Path, effort: Effort) -> dict[str, float]:
    """The time of all cores from the start of a sweep to its end, by the CPU time of its steps alone."""
    return {"sweep_cost": asyncio.run(_sweep_cost(prepared, effort))}


async def _sweep_cost(prepared: Path, effort: Effort) -> float:
    dataset, workers = open_dataset(prepared), cores()
    optimizers = [lane.optimizer for lane in effort.race.lanes]
    grid = grid_of(optimizers, [f"1e-4:1:{effort.sweep_rates}"], 1, [], effort.warm_up.model_dump(exclude={"lanes"}))
    size = len(dataset.train_labels)
    engine = LocalEngine(prepared, workers)
    await engine.open()
    try:
        ratios = []
        for _ in effort.sweep_rounds:
            runs = [
                Run("cell", cell.config, dataset.test_labels, size // cell.config.batch_size)
                for cell in (grid.cells[number] for number in grid.training_order)
            ]
            began = time.monotonic()
            await train_all(engine, runs, workers, lambda _: None)
            whole = (time.monotonic() - began) * workers
            ratios.append(whole / sum(run.lanes[0].seconds for run in runs))
        return statistics.median(ratios)
    finally:
        await engine.close()
