"""The engines that every promise is held against, over few digits."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from app.engine.base import Engine
from app.engine.inline import InlineEngine
from app.engine.local import LocalEngine
from app.training.dataset import Dataset
from tests.cluster.nodes import CLUSTER_TESTS

# Those whose lanes have processes of their own.
WITH_PROCESSES = [pytest.param("local", marks=pytest.mark.slow), *(["ray"] if CLUSTER_TESTS else [])]
ENGINES = ["inline", *WITH_PROCESSES]


@pytest.fixture
def make_engine(request: pytest.FixtureRequest, few_digits: Dataset, prepared_few: Path) -> Callable[[str], Engine]:
    """Makes one of that name, ready to be opened."""

    def make(name: str) -> Engine:
        if name == "ray":
            return request.getfixturevalue("ray_engine")
        return InlineEngine(few_digits) if name == "inline" else LocalEngine(prepared_few, warm=3)

    return make


@pytest.fixture(params=ENGINES)
def closed_engine(request: pytest.FixtureRequest, make_engine: Callable[[str], Engine]) -> Engine:
    """Any engine, before it is opened."""
    return make_engine(request.param)


@pytest.fixture
async def engine(closed_engine: Engine) -> AsyncIterator[Engine]:
    """Any engine."""
    await closed_engine.open()
    yield closed_engine
    await closed_engine.close()


@pytest.fixture(params=WITH_PROCESSES)
async def process_engine(request: pytest.FixtureRequest, make_engine: Callable[[str], Engine]) -> AsyncIterator[Engine]:
    """Any engine whose lanes have processes of their own: see `workers` in racing.py."""
    engine = make_engine(request.param)
    await engine.open()
    yield engine
    await engine.close()
