"""The digits that tests train on, all of the real ones or few of them; empty databases of both kinds. In CI no test may
be skipped.
"""

import os
import ssl
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

# As in a worker: before NumPy is imported anywhere.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
# All tests come from one address, and start far more runs than a visitor may.
os.environ.update(MAX_RUNS_PER_VISITOR="100", STARTS_PER_MINUTE="100000")

import numpy as np
import pytest

from app.machine import cores
from app.settings import Settings
from app.training.dataset import Dataset, open_dataset, prepare
from tests.postgres import Postgres, postgres_server
from tests.training.idx import write_dataset
from tests.waiting import TIMEOUT_S

# Each HTTP client reads all certificates that the world trusts, which takes longer than most tests do; none uses them.
ssl.create_default_context = cache(ssl.create_default_context)

# Files whose tests share what takes long to make.
TOGETHER = (
    "tests/browser/race/test_landing.py",
    "tests/browser/pages/test_recorded_experiments.py",
    "tests/test_package.py",
    "tests/training/test_default_race.py",
)

# What ends a wait that would not end by itself, or goes on without somebody who is not heard of. No test comes to these
# bounds where nothing is wrong, however busy the machine is; a test of one of them sets it itself.
BOUNDS = (
    "app.engine.fork_server_process.EXIT_TIMEOUT_S",
    "app.engine.fork_server_process.FIRST_FORK_TIMEOUT_S",
    "app.engine.fork_server_process.FORK_TIMEOUT_S",
    "app.engine.local.SILENT_REPORTED_S",
    "app.engine.node_host.ORPHANED_S",
    "app.engine.ray_cluster.CONNECT_WITHIN_S",
    "app.engine.remote_place.END_WITHIN_S",
    "app.engine.remote_place.SILENT_ENDED_S",
    "app.engine.takeover.ANSWER_WITHIN_S",
    "app.engine.worker_process.READY_TIMEOUT_S",
    "app.engine.worker_process.SILENT_ENDED_S",
    "app.engine.worker_process.SILENT_REPORTED_S",
    "app.scheduling.run_queue.GRACE_S",
    "app.storage.lesson_store.SAVED_WITHIN_S",
    "app.storage.store.CLOSE_WITHIN_S",
    "app.storage.store_writer.FIRST_WITHIN_S",
    "app.storage.store_reader.FIND_WITHIN_S",
    "app.storage.store.LATE_S",
    "app.storage.store_writer.LATE_S",
    "app.web.admission.request_timeout.REQUEST_S",
    "app.web.admission.request_timeout.TAKEN_S",
    "app.web.live.polling.LEAVES_AFTER_S",
)

# Lazy, like all fixtures: without `make cluster-test` no test uses them.
pytest_plugins = ["tests.cluster.fixtures"]

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.fixture(autouse=True)
def long_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers in this process wait as long as the tests do."""
    for bound in BOUNDS:
        monkeypatch.setattr(bound, TIMEOUT_S)


@pytest.fixture(scope="session")
def prepared_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the shipped MNIST files are prepared in."""
    return prepare(Settings.model_fields["data_dir"].default, tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="session")
def digits(prepared_digits: Path) -> Dataset:
    """The real MNIST."""
    return open_dataset(prepared_digits)


@pytest.fixture(scope="session")
def few_digits(digits: Dataset) -> Dataset:
    """Its first 2,000 training and 500 test digits."""
    return Dataset.of(
        digits.train_images[:2000], digits.train_labels[:2000], digits.test_images[:500], digits.test_labels[:500]
    )


@pytest.fixture(scope="session")
def prepared_few(few_digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The few digits in a folder for `open_dataset`, for other processes."""
    folder = tmp_path_factory.mktemp("few")
    for name, array in few_digits._asdict().items():
        np.save(folder / f"{name}.npy", array)
    return folder


@pytest.fixture(scope="session")
def few_idx_files(few_digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The few digits as a folder of plain IDX files, as an operator would bring them."""
    return write_dataset(tmp_path_factory.mktemp("idx"), few_digits)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """Of an empty database."""
    return postgres.new_database(f"runs_{uuid4().hex}")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs' / 'runs.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Of `-n auto`: two for each core that this process may use, since much of a test is waiting."""
    return 2 * cores()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each test goes to the next process that is free, but those of a file in TOGETHER to the same."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file in TOGETHER else nodeid

    return Scheduler(config, log)


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        # One of several worker processes. What it starts is nice to all others of its session, on Linux to them alone.
        os.setsid()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refused_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _refused_if_skipped((yield))


def _refused_if_skipped(report: Report) -> Report:
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome, report.longrepr = "failed", f"In CI nothing may be skipped: {report.longrepr}"
    return report
