"""A part of `make bench-cluster`: what `make simulate` takes from a cluster and a PostgreSQL, and is held to there."""

import asyncio
import tempfile
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from app.runs.run import Run
from app.settings import Settings
from app.storage.database import Database
from app.storage.front_page_run import recorded_race
from app.storage.records import changes_since, digits_of
from app.training.dataset import open_dataset, prepare
from benchmarks.effort import LIMITS
from benchmarks.simulation.visits import Visits, compare
from tests.cluster.nodes import ray_cluster
from tests.postgres import postgres_server
from tests.server_process import served

WRITTEN_S = 5.0
NODES = 3
VISITS = Visits()


def written(prepared: Path) -> str:
    """How fast a PostgreSQL on this machine's disk takes default races in."""
    dataset = open_dataset(prepared)
    run = recorded_race(dataset)
    assert run, "the digits are those that are included"
    with postgres_server(fsync="on") as postgres:
        per_s = written_per_s(
            Database(postgres.url, digits_of(dataset.test_labels, dataset.test_images)), run, WRITTEN_S
        )
    return f"PostgreSQL took in {per_s:,.1f} whole races a second."


def written_per_s(database: Database, run: Run, seconds: float) -> float:
    """How often a second it takes in this run, each time under another name; an empty database, which is closed."""
    database.open()
    try:
        records, _ = changes_since(run, None)
        began = time.monotonic()
        for number in count(1):
            database.write([records._replace(run_id=f"written-{number}")])
            if (took := time.monotonic() - began) > seconds:
                return number / took
    finally:
        database.close()
    raise AssertionError("endless")


def waits(digits: Path) -> str:
    """Of visitors of a server and a cluster with a place on each of its nodes."""
    with ExitStack() as stack:
        cluster = stack.enter_context(ray_cluster(digits, *[3] * NODES))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        limits = {name.upper(): str(limit) for name, limit in LIMITS.items()}
        limits |= {"MAX_RUNNING": str(NODES), "MAX_QUEUED": str(VISITS.visitors)}
        _, address = stack.enter_context(served(digits, folder, stderr=None, **limits, **cluster.for_server))
        compared = asyncio.run(compare(address.partition("//")[2], NODES, VISITS))
    return f"On a cluster of {NODES} nodes: {compared.sentence}"


def main() -> None:
    digits = Settings.model_fields["data_dir"].default
    with tempfile.TemporaryDirectory() as cache:
        print(written(prepare(digits, Path(cache))), flush=True)
    print(waits(digits), flush=True)


if __name__ == "__main__":
    main()
