"""What `make load` measures beside viewers, on a real server, with less of everything; and how it judges."""

import math
from pathlib import Path

import pytest

from app.config import RunConfig
from app.settings import Settings
from benchmarks.effort import Rounds
from benchmarks.one_core import measure_one_core
from benchmarks.starters import measure_starters, well

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(few_idx_files: Path, tmp_path: Path) -> Settings:
    return Settings(data_dir=few_idx_files, cache_dir=tmp_path, runs_dir=tmp_path, max_running=1)


def test_everyone_who_starts_is_answered(settings):
    told = measure_starters(settings, count=60)

    assert sum(told["answers"].values()) == 60
    assert told["answers"]["201 running"] == 1
    assert told["answers"]["201 queued"] > 0
    assert 0 < told["median_s"] <= told["slowest_s"]
    assert told["healthz_ms"] > 0


def test_the_cost_of_viewers_is_a_share(settings):
    assert math.isfinite(cost := measure_one_core(settings, viewers=20, rounds=Rounds(1), race=RunConfig(epochs=3)))
    assert cost < 1


@pytest.mark.parametrize(
    ("figure", "enough"),
    [
        ({}, True),
        ({"slowest_s": 1.1}, False),
        ({"healthz_ms": 101}, False),
        ({"memory_ratio": 1.11}, False),
        ({"memory_ratio": None}, True),
    ],
)
def test_a_crowd_of_starts_is_judged(figure, enough):
    assert well({"slowest_s": 0.9, "healthz_ms": 99, "memory_ratio": 1.09, **figure}) is enough
