"""A cluster that tests share, and an engine on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.base import Engine
from tests.cluster.nodes import RayCluster, ray_cluster
from tests.engine.racing import ELSEWHERE, fork_servers
from tests.waiting import until


@pytest.fixture(scope="session")
def three_cores(few_idx_files: Path) -> Iterator[RayCluster]:
    """A cluster over the few digits, with room for one race at a time."""
    with ray_cluster(few_idx_files, 3) as cluster:
        ELSEWHERE.append(lambda: [process for node in cluster.nodes for process in node.processes])
        yield cluster
        ELSEWHERE.pop()


@pytest.fixture
def ray_engine(three_cores: RayCluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """One on that cluster."""
    yield three_cores.engine(monkeypatch)
    until(lambda: not fork_servers(), "its hosts have ended")
