"""Two servers on one cluster and one database: the one that leads ends in mid-race, and the other one goes on."""

import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from app.config import RunConfig
from app.engine.node_host import ORPHANED_S
from app.events import Evaluation, Frame, LaneEvent, LaneStatus, Parameters, Push
from app.runs.history import Kind
from app.runs.run import Run
from app.storage.database import Database
from app.storage.restore import restore
from app.training.dataset import Dataset
from app.training.kernels import Kernel
from app.training.trainer import train
from tests.cluster.nodes import RayCluster
from tests.engine.racing import fork_servers
from tests.server_process import served
from tests.waiting import TIMEOUT_S, until

RACE = {"epochs": 100, "hidden": [16]}
STEPS = 100 * 31


@pytest.fixture
def start(three_cores: RayCluster, tmp_path: Path, postgres_url: str):
    """Starts a server that takes runs."""
    settings = {**three_cores.settings, "PLAYGROUND_ENGINE": "ray", "RAY_ADDRESS": three_cores.address}
    digits, cache = Path(settings.pop("DATA_DIR")), Path(settings.pop("CACHE_DIR"))

    @contextmanager
    def start() -> Iterator[tuple[Any, str]]:
        with served(digits, cache, stderr=None, DATABASE_URL=postgres_url, **settings) as (process, address):
            until(lambda: httpx.get(f"{address}/readyz", timeout=TIMEOUT_S).status_code == 200, "it takes runs")
            yield process, address

    return start


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_race_whose_server_ends_has_the_rows_of_an_undisturbed_one(start, postgres_url: str, few_digits, end):
    database = Database(postgres_url.replace("postgresql://", "postgresql+psycopg://"), digits="")

    def run() -> Run:
        kept, _ = database.find(run_id)
        return restore(kept, few_digits.test_labels, same_digits=True)

    with start() as (leader, _), start() as (_, other), closing(database):
        started = httpx.post(f"{other}/api/runs?pace=50", json=RACE, timeout=TIMEOUT_S)
        run_id, key = started.json()["id"], {"X-Owner-Key": started.headers["X-Owner-Key"]}
        until(lambda: (found := database.find(run_id)) and found[0].pieces, "some of it is saved")
        leader.send_signal(end)
        leader.wait()
        before = min(run().history.end().steps)
        until(lambda: min(run().history.end().steps) > before + 10, "the other one goes on with it")
        assert before < STEPS, "it was in the middle"
        full_speed = {"json": {"batches_per_s": None}, "headers": key, "timeout": TIMEOUT_S}
        until(lambda: httpx.put(f"{other}/api/runs/{run_id}/pace", **full_speed).is_success, "it obeys")
        until(lambda: run().status.final and run().lanes[0].parameters, "it is over")
        whole = run()
    check_undisturbed(whole, few_digits)


def test_servers_that_end_in_order_give_their_cores_back_at_once(start):
    with start() as (leader, _), start() as (other, _):
        left = fork_servers()
        assert left, "a place for a race is ready"
        other.terminate()
        other.wait()
        assert fork_servers() == left, "the one that leads needs it"
        leader.terminate()
        leader.wait()
        ended_at = time.monotonic()
    until(lambda: not fork_servers(), "they have ended")
    assert time.monotonic() - ended_at < ORPHANED_S / 2, "without waiting to be left alone"


def check_undisturbed(run: Run, digits: Dataset) -> None:
    assert [lane.status for lane in run.lanes] == [LaneStatus.FINISHED] * 3
    assert run.history.end().steps == (STEPS,) * 3
    for number, lane in enumerate(run.lanes):
        alone = list(train(digits, RunConfig.of(RACE), number, kernel=Kernel(run.form)))
        loss, accuracy, _ = run.history.tables(Kind.METRICS)[number]
        np.testing.assert_array_equal(loss, np.concatenate([frame.loss for frame in kind_of(alone, Frame)]))
        np.testing.assert_array_equal(accuracy, np.concatenate([frame.accuracy for frame in kind_of(alone, Frame)]))
        evaluations = [event for event in run.log if isinstance(event, Evaluation) and event.lane == number]
        assert [measured(event) for event in evaluations] == [measured(event) for event in kind_of(alone, Evaluation)]
        np.testing.assert_array_equal(lane.whole_evaluation.answers, kind_of(alone, Evaluation)[-1].answers)
        network = kind_of(alone, Parameters)[-1]
        assert lane.parameters.step == network.step
        np.testing.assert_array_equal(lane.parameters.theta, network.theta.astype(np.float16).astype(np.float32))
        # How often a push is sent depends on the clock.
        steps = run.history.tables(Kind.PUSH)[number][0]
        assert len(np.unique(steps)) == len(steps)
        assert steps[-1] == kind_of(alone, Push)[-1].step


def kind_of(events: list[LaneEvent], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def measured(event: Evaluation) -> tuple[Any, ...]:
    """All but the times."""
    return event.step, event.test_accuracy, event.test_loss, event.train_accuracy, event.train_loss, event.wall
