"""Tests of a cluster: only where `make cluster-test` has installed Ray."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.nodes import CLUSTER_TESTS, RayCluster, ray_cluster
from tests.engine.racing import ELSEWHERE

collect_ignore_glob = [] if CLUSTER_TESTS else ["test_*"]


@pytest.fixture
def cluster(few_idx_files: Path) -> Iterator[RayCluster]:
    """One of a test's own, with room for one race at a time."""
    with ray_cluster(few_idx_files, 3) as cluster:
        ELSEWHERE.append(lambda: [process for node in cluster.nodes for process in node.processes])
        yield cluster
        ELSEWHERE.pop()
