"""A manager with little room."""

from collections.abc import AsyncIterator

import pytest

from app.engine.inline import InlineEngine
from app.runs.manager import Manager
from app.settings import Settings
from app.training.dataset import Dataset


@pytest.fixture
async def manager(few_digits: Dataset) -> AsyncIterator[Manager]:
    """Room for one race and two that wait; keeps two that are over."""
    settings = Settings(max_running=1, max_queued=2, max_kept=2, max_lane_memory_mb=8)
    manager = Manager(settings, InlineEngine(few_digits), few_digits)
    await manager.open()
    yield manager
    await manager.close()
