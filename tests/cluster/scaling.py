"""A part of `make bench-cluster`: steps and sweep cells a second on 1 to 4 nodes, by those on one.

Each node has one core of this machine, which the third and fourth share with the first two: at full speed two cores
show what a second node brings. What all four cost who places, reads and commands them, races held to a pace show: they
leave their core idle most of the time.
"""

import asyncio
import os
import secrets
import statistics
import tempfile
import time
from pathlib import Path

from app.config import RunConfig
from app.engine.base import Engine
from app.engine.cluster import ClusterEngine
from app.engine.commands import CommandQueue, SetPace
from app.engine.ray_cluster import RayCluster as Connection
from app.runs.run import Run
from app.scheduling.cell_queue import train_all
from app.settings import Settings
from app.training.dataset import open_dataset, prepare
from benchmarks.server import pin
from tests.cluster.nodes import RayCluster, ray_cluster

MOST_NODES = 4
ROUNDS = 3
RACE = RunConfig(epochs=1)
PACED, PACE = RunConfig(epochs=1, batch_size=512, hidden=[16]), 20.0
CELL = RunConfig(epochs=1, lanes=[{"optimizer": "sgd"}])
CELLS_OF_A_NODE = 4
DIGITS = 60_000


async def steps_per_s(engine: Engine, config: RunConfig, races: int, pace: float | None) -> float:
    """Of so many races that begin together, until the last of them is over."""
    began = time.monotonic()
    commands = [[SetPace(pace)] if pace else [] for _ in range(races)]
    await asyncio.gather(*(engine.run(config, lambda _: None, CommandQueue(*given)) for given in commands))
    steps = races * len(config.lanes) * config.epochs * (DIGITS // config.batch_size)
    return steps / (time.monotonic() - began)


async def cells_per_s(engine: Engine, prepared: Path, nodes: int) -> float:
    """Of a sweep that has each node train one after the other."""
    labels = open_dataset(prepared).test_labels
    count = nodes * CELLS_OF_A_NODE
    # Never the same id twice: the cluster would have the results already.
    runs = [Run(secrets.token_urlsafe(8), CELL, labels, DIGITS // CELL.batch_size) for _ in range(count)]
    began = time.monotonic()
    await train_all(engine, runs, nodes, lambda _: None)
    return count / (time.monotonic() - began)


async def measure(cluster: RayCluster, prepared: Path, nodes: int) -> dict[str, float]:
    engine = ClusterEngine(Connection(cluster.address), prepared)
    await engine.open()
    figures = {
        "steps/s": lambda: steps_per_s(engine, RACE, nodes, None),
        "steps/s at a pace": lambda: steps_per_s(engine, PACED, nodes, PACE),
        "cells/s": lambda: cells_per_s(engine, prepared, nodes),
    }
    try:
        medians = {}
        for name, figure in figures.items():
            # The first opens the places.
            await figure()
            medians[name] = statistics.median([await figure() for _ in range(ROUNDS)])
        return medians
    finally:
        await engine.close()


def main() -> None:
    digits, cores = Settings.model_fields["data_dir"].default, sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as cache, ray_cluster(digits) as cluster:
        os.environ.update({**cluster.settings, "CACHE_DIR": cache})
        prepared = prepare(digits, Path(cache))
        told = []
        for nodes in range(1, MOST_NODES + 1):
            pin({cores[(nodes - 1) % len(cores)]})
            cluster.add_node(1)
            pin(set(cores))
            told.append(asyncio.run(measure(cluster, prepared, nodes)))
            ratios = [f"{name} {told[-1][name]:,.1f} ({told[-1][name] / one:.2f})" for name, one in told[0].items()]
            print(f"{nodes} nodes on {min(nodes, len(cores))} cores: {', '.join(ratios)}", flush=True)


if __name__ == "__main__":
    main()
