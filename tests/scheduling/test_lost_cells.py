"""A sweep on a cluster that loses machines: what they trained is trained again elsewhere, with the same numbers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.config import RunConfig
from app.engine.cluster import ClusterEngine
from app.engine.inline import InlineEngine
from app.errors import NodeLost
from app.events import LaneStatus, RunStarted, RunStatus
from app.runs.run import Run
from app.scheduling.sweeps import SweepTraining, new_sweep
from app.sweeps.grid import grid
from app.sweeps.sweep import Sweep
from app.training.dataset import Dataset, prepare
from app.training.kernels import Kernel
from tests.engine.hosts_here import HostsHere

pytestmark = pytest.mark.slow

GRID = grid({"optimizer": ["sgd", "adam"], "batch_size": [100, 200]}, {"epochs": 2, "hidden": [16]})


class LosesMachines(HostsHere):
    """Of trainings with this optimizer the machine is lost as soon as they have begun, so many times."""

    optimizer, times = "", 0

    async def call(self, host: int, method: str, *arguments: Any) -> Any:
        answer = await super().call(host, method, *arguments)
        config = arguments[2] if method == "start" else None
        if isinstance(config, RunConfig) and config.lanes[0].optimizer == self.optimizer and self.times:
            self.times -= 1
            await self.kill(host)
        return answer


@pytest.fixture
async def cluster(few_idx_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LosesMachines]:
    monkeypatch.setenv("DATA_DIR", str(few_idx_files))
    monkeypatch.setenv("CACHE_DIR", str(tmp_path))
    cluster = LosesMachines(3)
    yield cluster
    await cluster.close()


async def trained(engine: ClusterEngine | InlineEngine, digits: Dataset, places: int) -> tuple[Sweep, list[Run]]:
    """The sweep, and all runs of it that have begun."""
    runs: list[Run] = []
    sweep = new_sweep(GRID, digits)
    await engine.open()
    sweep.apply(RunStarted(engine.kernel))
    await SweepTraining(sweep, engine, digits, lambda: places, runs.append).run()
    await engine.close()
    return sweep, runs


def results(sweep: Sweep) -> list[tuple[Any, ...]]:
    names = "status", "steps", "test_accuracy", "test_loss", "reason"
    return [tuple(lane[name] for name in names) for lane in sweep.lanes]


async def test_a_training_whose_machine_is_lost_is_trained_on_another(cluster, few_digits, few_idx_files, tmp_path):
    cluster.optimizer, cluster.times = "adam", 2
    sweep, runs = await trained(ClusterEngine(cluster, prepare(few_idx_files, tmp_path)), few_digits, 3)
    undisturbed, _ = await trained(InlineEngine(few_digits, Kernel(runs[0].form)), few_digits, 1)

    assert sweep.status is RunStatus.FINISHED
    assert results(sweep) == results(undisturbed)
    assert len(runs) == 4 + 2
    lost = [run for run in runs if run.status is RunStatus.INTERRUPTED]
    assert [run.lanes[0].reason for run in lost] == [str(NodeLost())] * 2
    assert {run.id for run in lost}.isdisjoint(training.result.run for training in sweep.trainings)


async def test_one_that_loses_each_machine_is_given_up_and_says_so(cluster, few_digits, few_idx_files, tmp_path):
    cluster.optimizer, cluster.times = "adam", 99
    sweep, runs = await trained(ClusterEngine(cluster, prepare(few_idx_files, tmp_path)), few_digits, 3)

    assert sweep.status is RunStatus.FINISHED
    assert [lane["status"] for lane in sweep.lanes] == [LaneStatus.FINISHED] * 2 + [LaneStatus.FAILED] * 2
    assert {lane["reason"] for lane in sweep.lanes[2:]} == {
        "It was given up after 3 machines that trained it were lost."
    }
    assert len(runs) == 2 + 2 * 3
