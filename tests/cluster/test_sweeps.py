"""A sweep goes over all nodes of a cluster, and loses nothing with one of them."""

import asyncio
from pathlib import Path
from typing import Any

from app.engine.inline import InlineEngine
from app.errors import NodeLost
from app.events import LaneEvent, RunStarted, RunStatus
from app.runs.run import Run
from app.scheduling.sweeps import SweepTraining, new_sweep
from app.sweeps.grid import grid
from app.sweeps.sweep import Sweep
from app.training.dataset import Dataset
from app.training.kernels import Kernel
from tests.cluster.nodes import ray_cluster

# Each takes longer than it takes to lose a node.
GRID = grid({"optimizer": ["sgd"], "seed": [1, 2, 3]}, {"epochs": 10, "batch_size": 1, "hidden": [64]})


def results(sweep: Sweep) -> list[tuple[Any, ...]]:
    names = "status", "steps", "test_accuracy", "test_loss", "reason"
    return [tuple(lane[name] for name in names) for lane in sweep.lanes]


async def test_cells_of_a_lost_node_are_trained_again_elsewhere(few_idx_files: Path, monkeypatch, few_digits: Dataset):
    with ray_cluster(few_idx_files, 1, 1) as cluster:
        engine = cluster.engine(monkeypatch)
        await engine.open()
        assert tuple(engine.capacity) == (2, 2)
        runs: list[Run] = []
        both_train = asyncio.Event()

        def observe(run: Run, event: LaneEvent) -> None:
            # A node with one core trains one at a time.
            if sum(each.history.steps(0) > 0 and not each.status.final for each in runs) == 2:
                both_train.set()

        sweep = new_sweep(GRID, few_digits)
        sweep.apply(RunStarted(engine.kernel))
        places = SweepTraining(sweep, engine, few_digits, lambda: engine.capacity.cores, runs.append, observe=observe)
        training = asyncio.create_task(places.run())
        await both_train.wait()
        await asyncio.to_thread(cluster.nodes[-1].kill)
        await training
        await engine.close()

    assert sweep.status is RunStatus.FINISHED
    assert [run.lanes[0].reason for run in runs if run.status is RunStatus.INTERRUPTED] == [str(NodeLost())]
    alone = new_sweep(GRID, few_digits)
    inline = InlineEngine(few_digits, Kernel(engine.kernel))
    alone.apply(RunStarted(inline.kernel))
    await SweepTraining(alone, inline, few_digits, lambda: 1).run()
    assert results(sweep) == results(alone)
