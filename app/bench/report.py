"""`playground bench`: what a step costs, and what a viewer costs, on this machine.

Machines differ and are shared, so what counts are ratios within one run: rounds are interleaved, medians are told.
"""

import asyncio
import json
import multiprocessing
import os
import platform
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from rich.console import Console
from rich.table import Table
from websockets.sync.client import connect

from app.config import RunConfig
from app.engine.local import ONE_BLAS_THREAD
from app.main import create_app, local_engine
from app.runs.manager import Manager
from app.serving import address, listen, server_config
from app.settings import Settings
from app.training.dataset import Dataset, open_dataset, prepare
from app.training.network import Network, as_pixels
from app.training.optimizers import OPTIMIZERS

ROUNDS = 7
STEPS_A_ROUND = 300
RACE = RunConfig(epochs=3)
MOST_A_VIEWER_MAY_COST = 0.05


def bench(settings: Settings, json_file: Path | None) -> bool:
    """Measure, print, and write; whether a viewer costs no more than it may."""
    prepared = prepare(settings.data_dir, settings.cache_dir)
    dataset = open_dataset(prepared)
    os.environ |= ONE_BLAS_THREAD
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        step_us = process.submit(measure_steps, prepared).result()
    races = asyncio.run(measure_races(settings, prepared, dataset))
    result = {
        "machine": {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        "step_us": step_us,
        "ratio_to_floor": {name: us / step_us["floor"] for name, us in step_us.items() if name != "floor"},
        **races,
    }
    _show(result)
    if json_file:
        json_file.write_text(json.dumps(result, indent=2) + "\n")
    return bool(races["viewer_cost"] <= MOST_A_VIEWER_MAY_COST)


def measure_steps(prepared: Path) -> dict[str, float]:
    """Microseconds of one step with each optimizer, and of its five matrix products alone: the floor.

    Runs in a process of its own, as a lane does: only there is NumPy not imported yet, with more threads for BLAS.
    """
    config, dataset = RunConfig(), open_dataset(prepared)
    steps = {"floor": _matrix_products(config)} | {
        choice.optimizer: _step(dataset, config, lane) for lane, choice in enumerate(config.lanes)
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            started = time.perf_counter()
            for _ in range(STEPS_A_ROUND):
                step()
            times[name].append((time.perf_counter() - started) / STEPS_A_ROUND * 1e6)
    return {name: statistics.median(rounds) for name, rounds in times.items()}


def _step(dataset: Dataset, config: RunConfig, lane: int) -> Callable[[], object]:
    """One step of this lane, over and over with the same batch."""
    choice = config.lanes[lane]
    network = Network(config.hidden, np.random.default_rng(config.seed))
    optimizer = OPTIMIZERS[choice.optimizer](network.theta, config.learning_rate_of(lane), **choice.hyperparameters())
    rows = np.random.default_rng(0).permutation(len(dataset.train_labels))[: config.batch_size]

    def step() -> None:
        network.loss_and_gradient(as_pixels(dataset.train_images[rows]), dataset.train_labels[rows])
        optimizer.update(network.theta, network.gradient)

    return step


def _matrix_products(config: RunConfig) -> Callable[[], object]:
    """The products of one forward and backward pass, with nothing between them."""
    rng = np.random.default_rng(0)
    n, (h,) = config.batch_size, config.hidden
    x, W1, a, W2, d = (
        rng.standard_normal(shape).astype(np.float32) for shape in ((n, 784), (784, h), (n, h), (h, 10), (n, 10))
    )
    return lambda: (np.dot(x, W1), np.dot(a, W2), np.dot(a.T, d), np.dot(d, W2.T), np.dot(x.T, a))


async def measure_races(settings: Settings, prepared: Path, dataset: Dataset) -> dict[str, Any]:
    """Whole races on a real server: steps a second of all lanes without and with one viewer, and the first frame."""
    app = create_app(settings, local_engine(settings, prepared), dataset)
    manager: Manager = app.state.manager
    ours, theirs = multiprocessing.Pipe()
    viewer = multiprocessing.get_context("spawn").Process(target=_watch, args=(theirs,), daemon=True)
    viewer.start()
    alone: list[float] = []
    watched: list[float] = []
    first_frame_ms: list[float] = []
    with closing(listen("127.0.0.1", 0)) as sock:
        server = uvicorn.Server(server_config(app))
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        where = address("127.0.0.1", sock).replace("http", "ws")
        await asyncio.to_thread(ours.recv)
        await _race(manager, lambda run_id, at: None)
        for _ in range(ROUNDS):
            alone.append(await _race(manager, lambda run_id, at: None))
            watched.append(
                await _race(manager, lambda run_id, at: ours.send((f"{where}/api/runs/{run_id}/stream", at)))
            )
            first_frame_ms.append(await asyncio.to_thread(ours.recv))
        server.should_exit = True
        await serving
    ours.send(None)
    viewer.join()
    return {
        "total_steps_per_s": statistics.median(alone),
        "total_steps_per_s_with_a_viewer": statistics.median(watched),
        "viewer_cost": 1 - statistics.median(w / a for w, a in zip(watched, alone, strict=True)),
        "first_frame_ms": statistics.median(first_frame_ms),
    }


async def _race(manager: Manager, started: Callable[[str, float], None]) -> float:
    """Steps a second, all lanes together, from the start of the race to its end."""
    before = time.monotonic()
    run = manager.start(RACE)
    started(run.id, before)
    await manager.wait(run.id)
    return sum(run.history.steps(lane) for lane in range(len(run.lanes))) / (time.monotonic() - before)


def _watch(pipe: Connection) -> None:
    """Another process, as a browser is: watches what it is told to, answers the milliseconds to the first frame."""
    pipe.send("ready")
    while task := pipe.recv():
        url, started = task
        first: float | None = None
        with connect(url) as socket:
            for message in socket:
                if first is None and isinstance(message, bytes):
                    first = (time.monotonic() - started) * 1e3
        pipe.send(first)


def _show(result: dict[str, Any]) -> None:
    steps = Table(title="One step: batch 64, 784-128-10, one core (medians)")
    for name in ("", "µs", "to the floor"):
        steps.add_column(name, justify="right")
    for name, us in result["step_us"].items():
        steps.add_row(name, f"{us:.0f}", f"{us / result['step_us']['floor']:.2f}")
    races = Table(title=f"Three lanes, {RACE.epochs} epochs, {result['machine']['cores']} cores (medians)")
    races.add_column("")
    races.add_column("", justify="right")
    races.add_row("steps/s, no viewer", f"{result['total_steps_per_s']:,.0f}")
    races.add_row("steps/s, one viewer", f"{result['total_steps_per_s_with_a_viewer']:,.0f}")
    races.add_row("a viewer costs", f"{result['viewer_cost']:.1%} (at most {MOST_A_VIEWER_MAY_COST:.0%})")
    races.add_row("start to first frame at a viewer", f"{result['first_frame_ms']:.0f} ms")
    Console().print(steps, races)
